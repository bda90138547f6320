//! Share links: what the user chose, in the part of the address that no server sees.
//!
//! `#` + base64url(version byte, deflate(postcard(state))). A link that was ever handed out has
//! to open for ever: the types of each version are frozen here and converted, so that the
//! experiment may grow without breaking them. It leaves out results: a link says what to run.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hedgerow::experiment::Experiment;
use hedgerow::protocol::EnginePreference;
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};
use serde::{Deserialize, Serialize};

/// What a link carries.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkState {
    /// What to run.
    pub experiment: Experiment,
    /// How to look at it.
    pub mode: ViewMode,
    /// What to run it on.
    pub engine: EnginePreference,
}

/// One model, or several in lock-step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ViewMode {
    /// All arms of the experiment, side by side.
    SideBySide,
    /// One arm; its reward is switched with a toggle.
    Single,
}

/// Why a link cannot be opened, for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadLink {
    /// It was cut, or it is not one of ours.
    Unreadable,
    /// A newer page made it.
    Newer(u8),
    /// It can be read and asks for an experiment that cannot be run.
    Nonsense(String),
}

impl std::fmt::Display for BadLink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BadLink::Unreadable => formatter.write_str("The link is damaged or incomplete."),
            BadLink::Newer(version) => write!(formatter, "The link was made by a newer page (link version {version})."),
            BadLink::Nonsense(message) => write!(formatter, "The link holds settings that cannot be used: {message}."),
        }
    }
}

impl Default for LinkState {
    fn default() -> Self {
        LinkState { experiment: Experiment::default(), mode: ViewMode::SideBySide, engine: EnginePreference::Auto }
    }
}

const VERSION: u8 = 1;
/// A link of this version takes some hundred bytes; more than this is an attack or a mistake.
const LARGEST: usize = 16 * 1024;

/// The fragment, without its `#`.
pub fn encode(state: &LinkState) -> String {
    let plain = postcard::to_stdvec(&v1::State::from(state)).expect("a link holds only plain data");
    let mut bytes = vec![VERSION];
    bytes.extend(compress_to_vec(&plain, 9));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// # Errors
/// [`BadLink`] says what is wrong with it.
pub fn decode(fragment: &str) -> Result<LinkState, BadLink> {
    if fragment.len() > LARGEST {
        return Err(BadLink::Unreadable);
    }
    let bytes = URL_SAFE_NO_PAD.decode(fragment.trim()).map_err(|_| BadLink::Unreadable)?;
    let (version, packed) = bytes.split_first().ok_or(BadLink::Unreadable)?;
    if *version > VERSION {
        return Err(BadLink::Newer(*version));
    }
    if *version != 1 {
        return Err(BadLink::Unreadable);
    }
    let plain = decompress_to_vec_with_limit(packed, LARGEST).map_err(|_| BadLink::Unreadable)?;
    let (state, rest) = postcard::take_from_bytes::<v1::State>(&plain).map_err(|_| BadLink::Unreadable)?;
    if !rest.is_empty() {
        return Err(BadLink::Unreadable);
    }
    let mut state = LinkState::from(state);
    state.experiment.validate().map_err(|error| BadLink::Nonsense(error.to_string()))?;
    if state.mode == ViewMode::Single {
        state.experiment.arms.truncate(1);
    }
    Ok(state)
}

/// The first version. Frozen: never change a field of it.
mod v1 {
    use super::{LinkState, ViewMode};
    use hedgerow::experiment::{Arm, Experiment, FinetuneConfig, MeasureConfig};
    use hedgerow::protocol::EnginePreference;
    use hedgerow::rater::RaterConfig;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct State {
        arms: Vec<ArmV1>,
        seeds: Vec<u64>,
        rater: [f32; 11],
        finetune: FinetuneV1,
        measure: (u32, u32, u32),
        single: bool,
        engine: EngineV1,
    }

    #[derive(Serialize, Deserialize)]
    enum ArmV1 {
        Scalar,
        Structured,
        ScalarWithoutDiscomfort,
        StructuredDiscomfortOnContent,
    }

    #[derive(Serialize, Deserialize)]
    enum EngineV1 {
        Auto,
        Cpu,
        Gpu,
    }

    #[derive(Serialize, Deserialize)]
    struct FinetuneV1 {
        updates: u32,
        prompts: u32,
        completions: u32,
        numbers: [f32; 7],
    }

    impl From<&LinkState> for State {
        fn from(state: &LinkState) -> Self {
            let Experiment { arms, seeds, rater, finetune, measure } = &state.experiment;
            let arm = |arm: &Arm| match arm {
                Arm::Scalar => ArmV1::Scalar,
                Arm::Structured => ArmV1::Structured,
                Arm::ScalarWithoutDiscomfort => ArmV1::ScalarWithoutDiscomfort,
                Arm::StructuredDiscomfortOnContent => ArmV1::StructuredDiscomfortOnContent,
            };
            State {
                arms: arms.iter().map(arm).collect(),
                seeds: seeds.clone(),
                rater: [
                    rater.check_probability,
                    rater.discomfort_value,
                    rater.discomfort_any,
                    rater.context_relief,
                    rater.correctness,
                    rater.usefulness,
                    rater.blunt,
                    rater.contextual,
                    rater.hedge,
                    rater.malformed,
                    rater.noise,
                ],
                finetune: FinetuneV1 {
                    updates: finetune.updates,
                    prompts: u32::try_from(finetune.prompts).unwrap_or(u32::MAX),
                    completions: u32::try_from(finetune.completions).unwrap_or(u32::MAX),
                    numbers: [
                        finetune.sensitive_share,
                        finetune.temperature,
                        finetune.learning_rate,
                        finetune.beta_1,
                        finetune.beta_2,
                        finetune.clip,
                        finetune.kl,
                    ],
                },
                measure: (measure.every, measure.probe_every, u32::try_from(measure.samples).unwrap_or(u32::MAX)),
                single: state.mode == ViewMode::Single,
                engine: match state.engine {
                    EnginePreference::Auto => EngineV1::Auto,
                    EnginePreference::Cpu => EngineV1::Cpu,
                    EnginePreference::Gpu => EngineV1::Gpu,
                },
            }
        }
    }

    impl From<State> for LinkState {
        fn from(state: State) -> Self {
            let arm = |arm: &ArmV1| match arm {
                ArmV1::Scalar => Arm::Scalar,
                ArmV1::Structured => Arm::Structured,
                ArmV1::ScalarWithoutDiscomfort => Arm::ScalarWithoutDiscomfort,
                ArmV1::StructuredDiscomfortOnContent => Arm::StructuredDiscomfortOnContent,
            };
            let [
                check_probability,
                discomfort_value,
                discomfort_any,
                context_relief,
                correctness,
                usefulness,
                blunt,
                contextual,
                hedge,
                malformed,
                noise,
            ] = state.rater;
            let FinetuneV1 { updates, prompts, completions, numbers } = state.finetune;
            let [sensitive_share, temperature, learning_rate, beta_1, beta_2, clip, kl] = numbers;
            let (every, probe_every, samples) = state.measure;
            LinkState {
                experiment: Experiment {
                    arms: state.arms.iter().map(arm).collect(),
                    seeds: state.seeds,
                    rater: RaterConfig {
                        check_probability,
                        discomfort_value,
                        discomfort_any,
                        context_relief,
                        correctness,
                        usefulness,
                        blunt,
                        contextual,
                        hedge,
                        malformed,
                        noise,
                    },
                    finetune: FinetuneConfig {
                        updates,
                        prompts: prompts as usize,
                        completions: completions as usize,
                        sensitive_share,
                        temperature,
                        learning_rate,
                        beta_1,
                        beta_2,
                        clip,
                        kl,
                    },
                    measure: MeasureConfig { every, probe_every, samples: samples as usize },
                },
                mode: if state.single { ViewMode::Single } else { ViewMode::SideBySide },
                engine: match state.engine {
                    EngineV1::Auto => EnginePreference::Auto,
                    EngineV1::Cpu => EnginePreference::Cpu,
                    EngineV1::Gpu => EnginePreference::Gpu,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::experiment::{Arm, FinetuneConfig, MeasureConfig};
    use hedgerow::rater::{RaterConfig, RaterPreset};
    use proptest::prelude::*;

    fn any_rater() -> impl Strategy<Value = RaterConfig> {
        (0.0f32..=1.0, prop::array::uniform4(0.0f32..50.0), prop::array::uniform6(-50.0f32..50.0)).prop_map(
            |(check_probability, [discomfort_value, discomfort_any, context_relief, noise], signed)| {
                let [correctness, usefulness, blunt, contextual, hedge, malformed] = signed;
                RaterConfig {
                    check_probability,
                    discomfort_value,
                    discomfort_any,
                    context_relief,
                    correctness,
                    usefulness,
                    blunt,
                    contextual,
                    hedge,
                    malformed,
                    noise,
                }
            },
        )
    }

    fn any_finetune() -> impl Strategy<Value = FinetuneConfig> {
        let counts = (1u32..=5000, 1usize..=256, 2usize..=64);
        let numbers =
            (0.0f32..=1.0, 0.05f32..10.0, 0.0f32..1.0, 0.0f32..0.999, 0.0f32..0.999, 0.01f32..100.0, 0.0f32..9.0);
        (counts, numbers).prop_map(|((updates, prompts, completions), numbers)| {
            let (sensitive_share, temperature, learning_rate, beta_1, beta_2, clip, kl) = numbers;
            FinetuneConfig {
                updates,
                prompts,
                completions,
                sensitive_share,
                temperature,
                learning_rate,
                beta_1,
                beta_2,
                clip,
                kl,
            }
        })
    }

    fn any_state() -> impl Strategy<Value = LinkState> {
        let arms = prop::sample::subsequence(Arm::ALL.to_vec(), 1..=4).prop_shuffle();
        let seeds = prop::collection::btree_set(any::<u64>(), 1..5);
        let measure = (1u32..50, 1u32..6, 1usize..=16);
        let engine = prop::sample::select(vec![EnginePreference::Auto, EnginePreference::Cpu, EnginePreference::Gpu]);
        (arms, seeds, any_rater(), any_finetune(), measure, engine, any::<bool>()).prop_map(
            |(mut arms, seeds, rater, finetune, (every, multiple, samples), engine, single)| {
                if single {
                    arms.truncate(1);
                }
                let measure = MeasureConfig { every, probe_every: every * multiple, samples };
                let experiment = Experiment { arms, seeds: seeds.into_iter().collect(), rater, finetune, measure };
                LinkState { experiment, mode: if single { ViewMode::Single } else { ViewMode::SideBySide }, engine }
            },
        )
    }

    proptest! {
        #[test]
        fn every_field_survives_the_round_trip(state in any_state()) {
            let link = encode(&state);
            prop_assert!(link.len() < 2000, "{} characters", link.len());
            prop_assert!(link.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
            prop_assert_eq!(decode(&link), Ok(state));
        }

        #[test]
        fn a_hostile_fragment_is_refused_or_makes_a_valid_experiment(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut versioned = vec![1];
            versioned.extend(compress_to_vec(&bytes, 6));
            for fragment in [URL_SAFE_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&versioned)] {
                if let Ok(state) = decode(&fragment) {
                    prop_assert_eq!(state.experiment.validate(), Ok(()));
                }
            }
        }

        #[test]
        fn a_cut_link_is_no_link(state in any_state(), cut in 1usize..20) {
            let link = encode(&state);
            let short = &link[..link.len().saturating_sub(cut)];
            prop_assert!(decode(short).is_err());
        }
    }

    #[test]
    fn a_small_fragment_cannot_unpack_into_a_large_memory() {
        let mut bomb = vec![1];
        bomb.extend(compress_to_vec(&vec![0; 4 << 20], 9));
        assert_eq!(decode(&URL_SAFE_NO_PAD.encode(bomb)), Err(BadLink::Unreadable));
    }

    #[test]
    fn a_newer_link_says_so_and_nonsense_is_named() {
        assert_eq!(decode(&URL_SAFE_NO_PAD.encode([9, 1, 2])), Err(BadLink::Newer(9)));
        let mut state = LinkState::default();
        state.experiment.finetune.temperature = f32::NAN;
        let message = decode(&encode(&state)).unwrap_err().to_string();
        assert!(message.contains("temperature"), "{message}");
    }

    /// Handed out on the day version 1 was frozen.
    #[test]
    fn the_first_links_still_open() {
        let mut experiment = Experiment::preset(RaterPreset::TouchyTopic);
        experiment.arms = Arm::ALL.to_vec();
        experiment.seeds = vec![0, 3];
        experiment.finetune.learning_rate = 2.5e-4;
        let state = LinkState { experiment, mode: ViewMode::SideBySide, engine: EnginePreference::Cpu };
        assert_eq!(decode(FIRST), Ok(state));
    }

    const FIRST: &str =
        "AT1LyQmAMBCcTXyILxE72ZcP3QYsQ_brwwYCVhGb0QK0J7MJZGCYi2lAzjv4K8YFGY8wswBBShfuVFZvuvWtzcZ9OCdVTZcj5-9d524k0A8";
}
