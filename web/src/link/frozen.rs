//! Links of versions 1 to 3, as they were handed out. They are only read.
//!
//! Base64url of a version byte and postcard's bytes, which versions 1 and 2 deflate. A link that was
//! ever handed out has to open for ever: what each version holds is written out here and never
//! changes, whatever the experiment grows into.

use hedgerow::documents::protocol::EnginePreference;
use hedgerow::judgement::experiment::{Algorithm, Arm, Baseline, Experiment, RewardHeads, RewardModelConfig};
use hedgerow::judgement::settings::setting;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::{LinkState, ViewMode};

/// Why an old link cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BadLink {
    /// It was cut, or it is none of ours.
    Unreadable,
    /// It can be read and asks for an experiment that cannot be run.
    Nonsense,
}

/// A link unpacks into some hundred bytes. More than this is an attack or a mistake.
const LARGEST: usize = 16 * 1024;
/// The shortest link that was handed out has about 100 characters; a place on the page has fewer.
const SHORTEST: usize = 40;

/// The part of a fragment that is an old link, without what a program appended. `None` if it is none.
pub(super) fn find(fragment: &str) -> Option<&str> {
    let foreign = |char: char| !(char.is_ascii_alphanumeric() || char == '-' || char == '_');
    let link = fragment.split(foreign).next()?;
    // The first six bits of the version byte make an A, for all three versions.
    (link.starts_with('A') && link.len() >= SHORTEST).then_some(link)
}

/// # Errors
/// [`BadLink`] says what is wrong with it.
pub(super) fn decode(link: &str) -> Result<LinkState, BadLink> {
    let mut state = unpack(link).ok_or(BadLink::Unreadable)?;
    state.experiment.validate().map_err(|_| BadLink::Nonsense)?;
    state.look_at_one();
    Ok(state)
}

fn unpack(link: &str) -> Option<LinkState> {
    let bytes = from_base64(link)?;
    let (version, plain) = bytes.split_first()?;
    let inflated;
    let (format, plain) = match version {
        1 | 2 => {
            inflated = decompress_to_vec_with_limit(plain, LARGEST).ok()?;
            (if *version == 1 { &FIRST } else { &SECOND }, &inflated[..])
        }
        // As the second, not deflated: the code that does it is larger than what it saves.
        3 => (&SECOND, plain),
        _ => return None,
    };
    let mut bytes = Bytes(plain);
    let state = bytes.state(format)?;
    bytes.0.is_empty().then_some(state)
}

/// Of the alphabet for addresses, without padding.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for char in text.bytes() {
        let six = match char {
            b'A'..=b'Z' => char - b'A',
            b'a'..=b'z' => char - b'a' + 26,
            b'0'..=b'9' => char - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        (bits, held) = (bits << 6 | u32::from(six), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

/// How much of the lists below a version has.
struct Format {
    arms: usize,
    rater: usize,
    counts: usize,
    numbers: usize,
    /// Has it a baseline, an algorithm and a reward model?
    choices: bool,
}

const FIRST: Format = Format { arms: 4, rater: 11, counts: 3, numbers: 7, choices: false };
const SECOND: Format = Format { arms: 11, rater: 12, counts: 4, numbers: 9, choices: true };

// Never change one of these lists.

const ARMS: [Arm; 11] = [
    Arm::Scalar,
    Arm::Structured,
    Arm::ScalarWithoutDiscomfort,
    Arm::StructuredDiscomfortOnContent,
    Arm::StructuredDiscomfortOnFraming,
    Arm::Misattribution,
    Arm::ShuffledReasons,
    Arm::ContentPenalty,
    Arm::FramingPenalty,
    Arm::FramingPenaltyBySpan,
    Arm::Noise,
];
const RATER: [&str; 12] = [
    "rater.check_probability",
    "rater.discomfort_value",
    "rater.discomfort_any",
    "rater.context_relief",
    "rater.correctness",
    "rater.usefulness",
    "rater.blunt",
    "rater.contextual",
    "rater.hedge",
    "rater.malformed",
    "rater.noise",
    "rater.misattribution",
];
const COUNTS: [&str; 4] = ["finetune.updates", "finetune.prompts", "finetune.completions", "finetune.epochs"];
const NUMBERS: [&str; 9] = [
    "finetune.sensitive_share",
    "finetune.temperature",
    "finetune.learning_rate",
    "finetune.beta_1",
    "finetune.beta_2",
    "finetune.clip",
    "finetune.kl",
    "finetune.ratio_clip",
    "finetune.dpo_beta",
];
const BASELINES: [Baseline; 3] = [Baseline::GroupMean, Baseline::LeaveOneOut, Baseline::ZScored];
const ALGORITHMS: [Algorithm; 3] = [Algorithm::PolicyGradient, Algorithm::Ppo, Algorithm::Dpo];
const MEASURE: [&str; 3] = ["measure.every", "measure.probe_every", "measure.samples"];
const HEADS: [RewardHeads; 2] = [RewardHeads::Scalar, RewardHeads::Reasons];
const MODES: [ViewMode; 2] = [ViewMode::SideBySide, ViewMode::Single];
const ENGINES: [EnginePreference; 3] = [EnginePreference::Auto, EnginePreference::Cpu, EnginePreference::Gpu];

/// What is still to be read. Each function takes its part off the front; `None` if there is none such.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn state(&mut self, format: &Format) -> Option<LinkState> {
        let mut experiment = Experiment { arms: Vec::new(), seeds: Vec::new(), ..Experiment::default() };
        for _ in 0..self.count()? {
            experiment.arms.push(self.one_of(&ARMS[..format.arms])?);
        }
        for _ in 0..self.count()? {
            experiment.seeds.push(self.count()?);
        }
        for path in &RATER[..format.rater] {
            set(&mut experiment, path, self.number()?);
        }
        for path in &COUNTS[..format.counts] {
            set(&mut experiment, path, self.small_count()?);
        }
        for path in &NUMBERS[..format.numbers] {
            set(&mut experiment, path, self.number()?);
        }
        if format.choices {
            experiment.finetune.baseline = self.one_of(&BASELINES)?;
            experiment.finetune.algorithm = self.one_of(&ALGORITHMS)?;
        }
        for path in MEASURE {
            set(&mut experiment, path, self.small_count()?);
        }
        if format.choices && self.one_of(&[false, true])? {
            let ratings = u32::try_from(self.count()?).ok()?;
            experiment.reward_model = Some(RewardModelConfig { ratings, heads: self.one_of(&HEADS)? });
        }
        Some(LinkState { experiment, mode: self.one_of(&MODES)?, engine: self.one_of(&ENGINES)? })
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Seven bits a byte, the lowest first; all but the last have the eighth bit set.
    fn count(&mut self) -> Option<u64> {
        let mut count = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            count |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(count);
            }
        }
        None
    }

    fn small_count(&mut self) -> Option<f64> {
        u32::try_from(self.count()?).ok().map(f64::from)
    }

    fn number(&mut self) -> Option<f64> {
        let bytes = [self.byte()?, self.byte()?, self.byte()?, self.byte()?];
        Some(f64::from(f32::from_le_bytes(bytes)))
    }

    fn one_of<T: Copy>(&mut self, options: &[T]) -> Option<T> {
        options.get(usize::try_from(self.count()?).ok()?).copied()
    }
}

fn set(experiment: &mut Experiment, path: &str, value: f64) {
    let setting = setting(path).expect("a setting keeps the path that old links know");
    (setting.set)(experiment, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hedgerow::judgement::rater::RaterPreset;
    use miniz_oxide::deflate::compress_to_vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_or_make_a_valid_experiment(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let packed = compress_to_vec(&bytes, 6);
            let versioned = [(1, &packed), (2, &packed), (3, &bytes)].map(|(version, bytes)| [&[version], &bytes[..]].concat());
            for fragment in versioned.into_iter().chain([bytes]).map(|bytes| URL_SAFE_NO_PAD.encode(bytes)) {
                if let Ok(state) = decode(&fragment) {
                    prop_assert_eq!(state.experiment.validate(), Ok(()));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn base64_is_read_as_it_is_written(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            prop_assert_eq!(from_base64(&URL_SAFE_NO_PAD.encode(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn a_cut_link_is_no_link() {
        for link in [FIRST_LINK, SECOND_LINK, THIRD_LINK] {
            for length in 0..link.len() {
                assert!(decode(&link[..length]).is_err(), "{length} characters of {link}");
            }
        }
    }

    #[test]
    fn a_small_fragment_cannot_unpack_into_a_large_memory() {
        let bomb = [&[2], &compress_to_vec(&vec![0; 4 << 20], 9)[..]].concat();
        assert_eq!(decode(&URL_SAFE_NO_PAD.encode(bomb)), Err(BadLink::Unreadable));
    }

    #[test]
    fn what_a_program_appends_is_left_out() {
        for link in [FIRST_LINK, SECOND_LINK, THIRD_LINK] {
            for tail in ["", ".", ")", ",", ">", "\"", "&utm_source=x", "?fbclid=1", "\u{200b}", "%2C", "&at=limits"] {
                assert_eq!(find(&format!("{link}{tail}")), Some(link), "{tail:?}");
            }
        }
        for other in ["", "limits", "what-to-look-for", "s=4&seeds=1", "Appendix"] {
            assert_eq!(find(other), None, "{other}");
        }
    }

    /// Handed out on the day version 1 was frozen.
    #[test]
    fn the_first_links_still_open() {
        let mut experiment = Experiment::preset(RaterPreset::TouchyTopic);
        experiment.arms = Arm::ALL[..4].to_vec();
        experiment.seeds = vec![0, 3];
        experiment.measure.probe_every = 20;
        experiment.finetune.learning_rate = 2.5e-4;
        let state = LinkState { experiment, mode: ViewMode::SideBySide, engine: EnginePreference::Cpu };
        assert_eq!(decode(FIRST_LINK), Ok(state));
    }

    /// Handed out on the days versions 2 and 3 were frozen.
    #[test]
    fn links_of_the_second_and_third_version_still_open() {
        let mut experiment = Experiment::preset(RaterPreset::UncomfortableFacts);
        experiment.arms = Arm::ALL[..11].to_vec();
        experiment.seeds = vec![2, 4];
        experiment.finetune.updates = 100;
        experiment.measure.probe_every = 20;
        experiment.rater.misattribution = 0.4;
        experiment.finetune.baseline = Baseline::LeaveOneOut;
        experiment.finetune.algorithm = Algorithm::Ppo;
        experiment.finetune.epochs = 3;
        experiment.finetune.ratio_clip = 0.25;
        experiment.finetune.dpo_beta = 0.05;
        experiment.reward_model = Some(RewardModelConfig { ratings: 500, heads: RewardHeads::Reasons });
        let state = LinkState { experiment, mode: ViewMode::SideBySide, engine: EnginePreference::Gpu };
        assert_eq!(decode(SECOND_LINK).as_ref(), Ok(&state));
        assert_eq!(decode(THIRD_LINK), Ok(state));
    }

    const FIRST_LINK: &str =
        "AT1LyQmAMBCcTXyILxE72ZcP3QYsQ_brwwYCVhGb0QK0J7MJZGCYi2lAzjv4K8YFGY8wswBBShfuVFZvuvWtzcZ9OCdVTZcj5-9d524k0A8";
    const SECOND_LINK: &str = "Aj2MsQ2AIBBF7wAVsTHGTa4zERZwDENr4QIkToHL6ACwjQN4WHjNu__y8ztAIVVVN7o1QqicFgtwO-AjImZwZ4zswsXq_wtzSnbttSy-9LbhmLz3jmj_Mm_NTFuIaEbERyKIFw";
    const THIRD_LINK: &str = "AwsAAQIDBAUGBwgJCgICBM3MTD4AAMA_AAAAADMzMz8AAIA_mpmZPgAAgL8AAAA_mpmZPgAAgL-amZk-zczMPmQQCAMAAAA_AACAP28SgzpmZmY_MzNzPwAAgD_NzEw9AACAPs3MTD0BAQoUAQH0AwEAAg";
}
