//! Share links: what the user chose, in the part of the address that no server sees.
//!
//! `#` + base64url(version byte, postcard(state)). A link that was ever handed out has to open for
//! ever: the types of each version are frozen here and converted, so that the experiment may grow
//! without breaking them. It leaves out results: a link says what to run.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hedgerow::documents::protocol::EnginePreference;
use hedgerow::judgement::experiment::Experiment;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
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

const VERSION: u8 = 3;
/// A link of this version takes some hundred bytes; more than this is an attack or a mistake.
const LARGEST: usize = 16 * 1024;

/// The fragment, without its `#`.
pub fn encode(state: &LinkState) -> String {
    let plain = postcard::to_stdvec(&v2::State::from(state)).expect("a link holds only plain data");
    URL_SAFE_NO_PAD.encode([&[VERSION], &plain[..]].concat())
}

/// # Errors
/// [`BadLink`] says what is wrong with it.
pub fn decode(fragment: &str) -> Result<LinkState, BadLink> {
    if fragment.len() > LARGEST {
        return Err(BadLink::Unreadable);
    }
    let bytes = URL_SAFE_NO_PAD.decode(fragment.trim()).map_err(|_| BadLink::Unreadable)?;
    let (version, plain) = bytes.split_first().ok_or(BadLink::Unreadable)?;
    let inflate = || decompress_to_vec_with_limit(plain, LARGEST).map_err(|_| BadLink::Unreadable);
    let mut state: LinkState = match version {
        0 => return Err(BadLink::Unreadable),
        1 => unpack::<v1::State>(&inflate()?)?.into(),
        2 => unpack::<v2::State>(&inflate()?)?.into(),
        // As the second, not deflated: the code that does it is larger than what it saves.
        3 => unpack::<v2::State>(plain)?.into(),
        newer => return Err(BadLink::Newer(*newer)),
    };
    state.experiment.validate().map_err(|error| BadLink::Nonsense(error.to_string()))?;
    if state.mode == ViewMode::Single {
        state.experiment.arms.truncate(1);
    }
    Ok(state)
}

/// All of the bytes as one version's state.
fn unpack<'a, T: Deserialize<'a>>(plain: &'a [u8]) -> Result<T, BadLink> {
    match postcard::take_from_bytes(plain) {
        Ok((state, [])) => Ok(state),
        Ok(_) | Err(_) => Err(BadLink::Unreadable),
    }
}

/// The first version, which is only read. Frozen: never change a field of it.
mod v1 {
    use super::{LinkState, ViewMode};
    use hedgerow::documents::protocol::EnginePreference;
    use hedgerow::judgement::experiment::{Algorithm, Arm, Baseline, Experiment, FinetuneConfig, MeasureConfig};
    use hedgerow::judgement::rater::RaterConfig;
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct State {
        arms: Vec<ArmV1>,
        seeds: Vec<u64>,
        rater: [f32; 11],
        finetune: FinetuneV1,
        measure: (u32, u32, u32),
        single: bool,
        engine: EngineV1,
    }

    #[derive(Deserialize)]
    enum ArmV1 {
        Scalar,
        Structured,
        ScalarWithoutDiscomfort,
        StructuredDiscomfortOnContent,
    }

    #[derive(Deserialize)]
    enum EngineV1 {
        Auto,
        Cpu,
        Gpu,
    }

    #[derive(Deserialize)]
    struct FinetuneV1 {
        updates: u32,
        prompts: u32,
        completions: u32,
        numbers: [f32; 7],
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
                        misattribution: 0.0,
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
                        baseline: Baseline::GroupMean,
                        algorithm: Algorithm::PolicyGradient,
                        epochs: 1,
                        ratio_clip: 0.2,
                        dpo_beta: 0.1,
                    },
                    measure: MeasureConfig { every, probe_every, samples: samples as usize },
                    reward_model: None,
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

/// The second version: more arms, baselines, algorithms, a reward model. Frozen: never change a field
/// of it.
mod v2 {
    use super::{LinkState, ViewMode};
    use hedgerow::documents::protocol::EnginePreference;
    use hedgerow::judgement::experiment::{
        Algorithm, Arm, Baseline, Experiment, FinetuneConfig, MeasureConfig, RewardHeads, RewardModelConfig,
    };
    use hedgerow::judgement::rater::RaterConfig;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct State {
        arms: Vec<ArmV2>,
        seeds: Vec<u64>,
        rater: [f32; 12],
        finetune: FinetuneV2,
        measure: (u32, u32, u32),
        reward_model: Option<(u32, HeadsV2)>,
        single: bool,
        engine: EngineV2,
    }

    #[derive(Serialize, Deserialize)]
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

    #[derive(Serialize, Deserialize)]
    enum EngineV2 {
        Auto,
        Cpu,
        Gpu,
    }

    #[derive(Serialize, Deserialize)]
    enum BaselineV2 {
        GroupMean,
        LeaveOneOut,
        ZScored,
    }

    #[derive(Serialize, Deserialize)]
    enum AlgorithmV2 {
        PolicyGradient,
        Ppo,
        Dpo,
    }

    #[derive(Serialize, Deserialize)]
    enum HeadsV2 {
        Scalar,
        Reasons,
    }

    #[derive(Serialize, Deserialize)]
    struct FinetuneV2 {
        updates: u32,
        prompts: u32,
        completions: u32,
        epochs: u32,
        numbers: [f32; 9],
        baseline: BaselineV2,
        algorithm: AlgorithmV2,
    }

    impl From<&LinkState> for State {
        fn from(state: &LinkState) -> Self {
            let Experiment { arms, seeds, rater, finetune, measure, reward_model } = &state.experiment;
            let arm = |arm: &Arm| match arm {
                Arm::Scalar => ArmV2::Scalar,
                Arm::Structured => ArmV2::Structured,
                Arm::ScalarWithoutDiscomfort => ArmV2::ScalarWithoutDiscomfort,
                Arm::StructuredDiscomfortOnContent => ArmV2::StructuredDiscomfortOnContent,
                Arm::StructuredDiscomfortOnFraming => ArmV2::StructuredDiscomfortOnFraming,
                Arm::Misattribution => ArmV2::Misattribution,
                Arm::ShuffledReasons => ArmV2::ShuffledReasons,
                Arm::ContentPenalty => ArmV2::ContentPenalty,
                Arm::FramingPenalty => ArmV2::FramingPenalty,
                Arm::FramingPenaltyBySpan => ArmV2::FramingPenaltyBySpan,
                Arm::Noise => ArmV2::Noise,
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
                    rater.misattribution,
                ],
                finetune: FinetuneV2 {
                    updates: finetune.updates,
                    prompts: u32::try_from(finetune.prompts).unwrap_or(u32::MAX),
                    completions: u32::try_from(finetune.completions).unwrap_or(u32::MAX),
                    epochs: finetune.epochs,
                    numbers: [
                        finetune.sensitive_share,
                        finetune.temperature,
                        finetune.learning_rate,
                        finetune.beta_1,
                        finetune.beta_2,
                        finetune.clip,
                        finetune.kl,
                        finetune.ratio_clip,
                        finetune.dpo_beta,
                    ],
                    baseline: match finetune.baseline {
                        Baseline::GroupMean => BaselineV2::GroupMean,
                        Baseline::LeaveOneOut => BaselineV2::LeaveOneOut,
                        Baseline::ZScored => BaselineV2::ZScored,
                    },
                    algorithm: match finetune.algorithm {
                        Algorithm::PolicyGradient => AlgorithmV2::PolicyGradient,
                        Algorithm::Ppo => AlgorithmV2::Ppo,
                        Algorithm::Dpo => AlgorithmV2::Dpo,
                    },
                },
                measure: (measure.every, measure.probe_every, u32::try_from(measure.samples).unwrap_or(u32::MAX)),
                reward_model: reward_model.map(|RewardModelConfig { ratings, heads }| match heads {
                    RewardHeads::Scalar => (ratings, HeadsV2::Scalar),
                    RewardHeads::Reasons => (ratings, HeadsV2::Reasons),
                }),
                single: state.mode == ViewMode::Single,
                engine: match state.engine {
                    EnginePreference::Auto => EngineV2::Auto,
                    EnginePreference::Cpu => EngineV2::Cpu,
                    EnginePreference::Gpu => EngineV2::Gpu,
                },
            }
        }
    }

    impl From<State> for LinkState {
        fn from(state: State) -> Self {
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
                misattribution,
            ] = state.rater;
            let FinetuneV2 { updates, prompts, completions, epochs, numbers, baseline, algorithm } = state.finetune;
            let [sensitive_share, temperature, learning_rate, beta_1, beta_2, clip, kl, ratio_clip, dpo_beta] = numbers;
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
                        misattribution,
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
                        baseline: match baseline {
                            BaselineV2::GroupMean => Baseline::GroupMean,
                            BaselineV2::LeaveOneOut => Baseline::LeaveOneOut,
                            BaselineV2::ZScored => Baseline::ZScored,
                        },
                        algorithm: match algorithm {
                            AlgorithmV2::PolicyGradient => Algorithm::PolicyGradient,
                            AlgorithmV2::Ppo => Algorithm::Ppo,
                            AlgorithmV2::Dpo => Algorithm::Dpo,
                        },
                        epochs,
                        ratio_clip,
                        dpo_beta,
                    },
                    measure: MeasureConfig { every, probe_every, samples: samples as usize },
                    reward_model: state.reward_model.map(|(ratings, heads)| RewardModelConfig {
                        ratings,
                        heads: match heads {
                            HeadsV2::Scalar => RewardHeads::Scalar,
                            HeadsV2::Reasons => RewardHeads::Reasons,
                        },
                    }),
                },
                mode: if state.single { ViewMode::Single } else { ViewMode::SideBySide },
                engine: match state.engine {
                    EngineV2::Auto => EnginePreference::Auto,
                    EngineV2::Cpu => EnginePreference::Cpu,
                    EngineV2::Gpu => EnginePreference::Gpu,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::judgement::experiment::{
        Algorithm, Arm, Baseline, FinetuneConfig, MeasureConfig, RewardHeads, RewardModelConfig,
    };
    use hedgerow::judgement::rater::{RaterConfig, RaterPreset};
    use miniz_oxide::deflate::compress_to_vec;
    use proptest::prelude::*;

    fn any_rater() -> impl Strategy<Value = RaterConfig> {
        (
            prop::array::uniform2(0.0f32..=1.0),
            prop::array::uniform4(0.0f32..50.0),
            prop::array::uniform6(-50.0f32..50.0),
        )
            .prop_map(
                |(
                    [check_probability, misattribution],
                    [discomfort_value, discomfort_any, context_relief, noise],
                    signed,
                )| {
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
                        misattribution,
                    }
                },
            )
    }

    fn any_finetune() -> impl Strategy<Value = FinetuneConfig> {
        let counts = (1u32..=5000, 1usize..=256, 2usize..=64);
        let numbers =
            (0.0f32..=1.0, 0.05f32..10.0, 0.0f32..1.0, 0.0f32..0.999, 0.0f32..0.999, 0.01f32..100.0, 0.0f32..9.0);
        let baseline = prop::sample::select(vec![Baseline::GroupMean, Baseline::LeaveOneOut, Baseline::ZScored]);
        let algorithm = prop_oneof![
            Just((Algorithm::PolicyGradient, 1)),
            (1u32..=64).prop_map(|epochs| (Algorithm::Ppo, epochs)),
            (1u32..=64).prop_map(|epochs| (Algorithm::Dpo, epochs)),
        ];
        let how = (baseline, algorithm, 0.001f32..=1.0, 0.001f32..=100.0);
        (counts, numbers, how).prop_map(|((updates, prompts, completions), numbers, how)| {
            let (baseline, (algorithm, epochs), ratio_clip, dpo_beta) = how;
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
                baseline,
                algorithm,
                epochs,
                ratio_clip,
                dpo_beta,
            }
        })
    }

    fn any_state() -> impl Strategy<Value = LinkState> {
        let arms = prop::sample::subsequence(Arm::ALL.to_vec(), 1..=Arm::ALL.len()).prop_shuffle();
        let seeds = prop::collection::btree_set(any::<u64>(), 1..5);
        let measure = (1u32..50, 1u32..6, 1usize..=16);
        let heads = prop::sample::select(vec![RewardHeads::Scalar, RewardHeads::Reasons]);
        let reward_model = prop::option::of(
            (10u32..=100_000, heads).prop_map(|(ratings, heads)| RewardModelConfig { ratings, heads }),
        );
        let engine = prop::sample::select(vec![EnginePreference::Auto, EnginePreference::Cpu, EnginePreference::Gpu]);
        (arms, seeds, any_rater(), any_finetune(), measure, reward_model, engine, any::<bool>()).prop_map(
            |(mut arms, seeds, rater, finetune, (every, multiple, samples), reward_model, engine, single)| {
                if single {
                    arms.truncate(1);
                }
                let measure = MeasureConfig { every, probe_every: every * multiple, samples };
                let seeds = seeds.into_iter().collect();
                let mut experiment = Experiment { arms: vec![], seeds, rater, finetune, measure, reward_model };
                experiment.set_arms(arms);
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
            let packed = compress_to_vec(&bytes, 6);
            let versioned = [(1, &packed), (2, &packed), (3, &bytes)].map(|(version, bytes)| [&[version], &bytes[..]].concat());
            for fragment in versioned.into_iter().chain([bytes]).map(|bytes| URL_SAFE_NO_PAD.encode(bytes)) {
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
        let bomb = [&[2], &compress_to_vec(&vec![0; 4 << 20], 9)[..]].concat();
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
        experiment.arms = Arm::ALL[..4].to_vec();
        experiment.seeds = vec![0, 3];
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
