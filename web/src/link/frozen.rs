//! Links of versions 1 to 3, as they were handed out. They are only read.
//!
//! Base64url of a version byte and postcard's bytes, which versions 1 and 2 deflate. A link that was
//! ever handed out has to open for ever: the types of each version are written out here and never
//! change, whatever the experiment grows into.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hedgerow::documents::protocol::EnginePreference;
use hedgerow::judgement::experiment::Experiment;
use hedgerow::judgement::settings::setting;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::Deserialize;

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
    let bytes = URL_SAFE_NO_PAD.decode(link).map_err(|_| BadLink::Unreadable)?;
    let (version, plain) = bytes.split_first().ok_or(BadLink::Unreadable)?;
    let inflate = || decompress_to_vec_with_limit(plain, LARGEST).map_err(|_| BadLink::Unreadable);
    let mut state: LinkState = match version {
        1 => unpack::<v1::State>(&inflate()?)?.into(),
        2 => unpack::<v2::State>(&inflate()?)?.into(),
        // As the second, not deflated: the code that does it is larger than what it saves.
        3 => unpack::<v2::State>(plain)?.into(),
        _ => return Err(BadLink::Unreadable),
    };
    state.experiment.validate().map_err(|_| BadLink::Nonsense)?;
    state.look_at_one();
    Ok(state)
}

/// All of the bytes as one version's state.
fn unpack<'a, T: Deserialize<'a>>(plain: &'a [u8]) -> Result<T, BadLink> {
    match postcard::take_from_bytes(plain) {
        Ok((state, [])) => Ok(state),
        Ok(_) | Err(_) => Err(BadLink::Unreadable),
    }
}

/// The numbers of the rater, in the order of both versions; the first ends before the last of them.
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
/// The counts of the fine-tune, likewise.
const COUNTS: [&str; 4] = ["finetune.updates", "finetune.prompts", "finetune.completions", "finetune.epochs"];
/// The other numbers of the fine-tune, likewise.
const FINETUNE: [&str; 9] = [
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
const MEASURE: [&str; 3] = ["measure.every", "measure.probe_every", "measure.samples"];

/// Sets the first of these settings to these numbers.
fn set<T: Into<f64> + Copy>(experiment: &mut Experiment, paths: &[&str], numbers: &[T]) {
    for (path, number) in paths.iter().zip(numbers) {
        let setting = setting(path).expect("a setting keeps the path that old links know");
        (setting.set)(experiment, (*number).into());
    }
}

#[derive(Deserialize)]
enum Engine {
    Auto,
    Cpu,
    Gpu,
}

fn state(experiment: Experiment, single: bool, engine: Engine) -> LinkState {
    LinkState {
        experiment,
        mode: if single { ViewMode::Single } else { ViewMode::SideBySide },
        engine: match engine {
            Engine::Auto => EnginePreference::Auto,
            Engine::Cpu => EnginePreference::Cpu,
            Engine::Gpu => EnginePreference::Gpu,
        },
    }
}

/// The first version. Never change a field of it.
mod v1 {
    use super::{COUNTS, Engine, FINETUNE, LinkState, MEASURE, RATER, set, state};
    use hedgerow::judgement::experiment::{Arm, Experiment};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct State {
        arms: Vec<ArmV1>,
        seeds: Vec<u64>,
        rater: [f32; 11],
        finetune: FinetuneV1,
        measure: [u32; 3],
        single: bool,
        engine: Engine,
    }

    #[derive(Deserialize)]
    enum ArmV1 {
        Scalar,
        Structured,
        ScalarWithoutDiscomfort,
        StructuredDiscomfortOnContent,
    }

    #[derive(Deserialize)]
    struct FinetuneV1 {
        counts: [u32; 3],
        numbers: [f32; 7],
    }

    impl From<State> for LinkState {
        fn from(link: State) -> Self {
            let arm = |arm: &ArmV1| match arm {
                ArmV1::Scalar => Arm::Scalar,
                ArmV1::Structured => Arm::Structured,
                ArmV1::ScalarWithoutDiscomfort => Arm::ScalarWithoutDiscomfort,
                ArmV1::StructuredDiscomfortOnContent => Arm::StructuredDiscomfortOnContent,
            };
            let arms = link.arms.iter().map(arm).collect();
            let mut experiment = Experiment { arms, seeds: link.seeds, ..Experiment::default() };
            set(&mut experiment, &RATER, &link.rater);
            set(&mut experiment, &COUNTS, &link.finetune.counts);
            set(&mut experiment, &FINETUNE, &link.finetune.numbers);
            set(&mut experiment, &MEASURE, &link.measure);
            state(experiment, link.single, link.engine)
        }
    }
}

/// The second and the third version: more arms, baselines, algorithms, a reward model. Never change a
/// field of it.
mod v2 {
    use super::{COUNTS, Engine, FINETUNE, LinkState, MEASURE, RATER, set, state};
    use hedgerow::judgement::experiment::{Algorithm, Arm, Baseline, Experiment, RewardHeads, RewardModelConfig};
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct State {
        arms: Vec<ArmV2>,
        seeds: Vec<u64>,
        rater: [f32; 12],
        finetune: FinetuneV2,
        measure: [u32; 3],
        reward_model: Option<(u32, HeadsV2)>,
        single: bool,
        engine: Engine,
    }

    #[derive(Deserialize)]
    enum ArmV2 {
        Scalar,
        Structured,
        ScalarWithoutDiscomfort,
        StructuredDiscomfortOnContent,
        StructuredDiscomfortOnFraming,
        Misattribution,
        ShuffledReasons,
        ContentPenalty,
        FramingPenalty,
        FramingPenaltyBySpan,
        Noise,
    }

    #[derive(Deserialize)]
    enum BaselineV2 {
        GroupMean,
        LeaveOneOut,
        ZScored,
    }

    #[derive(Deserialize)]
    enum AlgorithmV2 {
        PolicyGradient,
        Ppo,
        Dpo,
    }

    #[derive(Deserialize)]
    enum HeadsV2 {
        Scalar,
        Reasons,
    }

    #[derive(Deserialize)]
    struct FinetuneV2 {
        counts: [u32; 4],
        numbers: [f32; 9],
        baseline: BaselineV2,
        algorithm: AlgorithmV2,
    }

    impl From<State> for LinkState {
        fn from(link: State) -> Self {
            let arm = |arm: &ArmV2| match arm {
                ArmV2::Scalar => Arm::Scalar,
                ArmV2::Structured => Arm::Structured,
                ArmV2::ScalarWithoutDiscomfort => Arm::ScalarWithoutDiscomfort,
                ArmV2::StructuredDiscomfortOnContent => Arm::StructuredDiscomfortOnContent,
                ArmV2::StructuredDiscomfortOnFraming => Arm::StructuredDiscomfortOnFraming,
                ArmV2::Misattribution => Arm::Misattribution,
                ArmV2::ShuffledReasons => Arm::ShuffledReasons,
                ArmV2::ContentPenalty => Arm::ContentPenalty,
                ArmV2::FramingPenalty => Arm::FramingPenalty,
                ArmV2::FramingPenaltyBySpan => Arm::FramingPenaltyBySpan,
                ArmV2::Noise => Arm::Noise,
            };
            let arms = link.arms.iter().map(arm).collect();
            let mut experiment = Experiment { arms, seeds: link.seeds, ..Experiment::default() };
            experiment.finetune.baseline = match link.finetune.baseline {
                BaselineV2::GroupMean => Baseline::GroupMean,
                BaselineV2::LeaveOneOut => Baseline::LeaveOneOut,
                BaselineV2::ZScored => Baseline::ZScored,
            };
            experiment.finetune.algorithm = match link.finetune.algorithm {
                AlgorithmV2::PolicyGradient => Algorithm::PolicyGradient,
                AlgorithmV2::Ppo => Algorithm::Ppo,
                AlgorithmV2::Dpo => Algorithm::Dpo,
            };
            experiment.reward_model = link.reward_model.map(|(ratings, heads)| RewardModelConfig {
                ratings,
                heads: match heads {
                    HeadsV2::Scalar => RewardHeads::Scalar,
                    HeadsV2::Reasons => RewardHeads::Reasons,
                },
            });
            set(&mut experiment, &RATER, &link.rater);
            set(&mut experiment, &COUNTS, &link.finetune.counts);
            set(&mut experiment, &FINETUNE, &link.finetune.numbers);
            set(&mut experiment, &MEASURE, &link.measure);
            state(experiment, link.single, link.engine)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::judgement::experiment::{Algorithm, Arm, Baseline, RewardHeads, RewardModelConfig};
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

    #[test]
    fn a_cut_link_is_no_link() {
        for link in [FIRST, SECOND, THIRD] {
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
        for link in [FIRST, SECOND, THIRD] {
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
        assert_eq!(decode(FIRST), Ok(state));
    }

    /// Handed out on the days versions 2 and 3 were frozen.
    #[test]
    fn links_of_the_second_and_third_version_still_open() {
        let mut experiment = Experiment::preset(RaterPreset::UncomfortableFacts);
        experiment.arms = Arm::ALL[..11].to_vec();
        experiment.seeds = vec![2, 4];
        experiment.measure.probe_every = 20;
        experiment.rater.misattribution = 0.4;
        experiment.finetune.baseline = Baseline::LeaveOneOut;
        experiment.finetune.algorithm = Algorithm::Ppo;
        experiment.finetune.epochs = 3;
        experiment.finetune.ratio_clip = 0.25;
        experiment.finetune.dpo_beta = 0.05;
        experiment.reward_model = Some(RewardModelConfig { ratings: 500, heads: RewardHeads::Reasons });
        let state = LinkState { experiment, mode: ViewMode::SideBySide, engine: EnginePreference::Gpu };
        assert_eq!(decode(SECOND).as_ref(), Ok(&state));
        assert_eq!(decode(THIRD), Ok(state));
    }

    const FIRST: &str =
        "AT1LyQmAMBCcTXyILxE72ZcP3QYsQ_brwwYCVhGb0QK0J7MJZGCYi2lAzjv4K8YFGY8wswBBShfuVFZvuvWtzcZ9OCdVTZcj5-9d524k0A8";
    const SECOND: &str = "Aj2MsQ2AIBBF7wAVsTHGTa4zERZwDENr4QIkToHL6ACwjQN4WHjNu__y8ztAIVVVN7o1QqicFgtwO-AjImZwZ4zswsXq_wtzSnbttSy-9LbhmLz3jmj_Mm_NTFuIaEbERyKIFw";
    const THIRD: &str = "AwsAAQIDBAUGBwgJCgICBM3MTD4AAMA_AAAAADMzMz8AAIA_mpmZPgAAgL8AAAA_mpmZPgAAgL-amZk-zczMPmQQCAMAAAA_AACAP28SgzpmZmY_MzNzPwAAgD_NzEw9AACAPs3MTD0BAQoUAQH0AwEAAg";
}
