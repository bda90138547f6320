//! Experiments that cannot be run.

use serde::{Deserialize, Serialize};

/// What makes no sense about an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum ExperimentFault {
    /// It compares nothing.
    #[error("it needs at least one arm")]
    NoArms,
    /// It runs nothing.
    #[error("it needs at least one seed")]
    NoSeeds,
    /// It runs more than any machine could.
    #[error("{models} models are more than {most}")]
    TooManyModels {
        /// Arms times seeds.
        models: usize,
        /// The most that are run.
        most: usize,
    },
    /// The same arm and seed would run twice.
    #[error("an arm or a seed is named twice")]
    Repeated,
    /// A setting that is not a number between its bounds.
    #[error("{path} must lie between {low} and {high}, and is {value}")]
    OutOfRange {
        /// Names the setting: its place in the experiment's file, joined with dots.
        path: String,
        /// What it is.
        value: f64,
        /// The least that it may be.
        low: f64,
        /// The most that it may be.
        high: f64,
    },
    /// A count with a fraction.
    #[error("{path} must be a whole number, and is {value}")]
    NotWhole {
        /// Names the setting.
        path: String,
        /// What it is.
        value: f64,
    },
    /// Text where a number is needed.
    #[error("{path} must be a number, and is {text:?}")]
    NotANumber {
        /// Names the setting.
        path: String,
        /// What it is.
        text: String,
    },
    /// A choice that there is not.
    #[error("{path} must be one of {}, and is {text:?}", quoted(options))]
    NoSuchOption {
        /// Names the choice.
        path: String,
        /// What it is.
        text: String,
        /// What there is to choose from.
        options: Vec<String>,
    },
    /// Text that should be a part of an experiment as JSON.
    #[error("{path} must be JSON, and is {text:?}: {reason}")]
    NotJson {
        /// Names the part.
        path: String,
        /// What it is.
        text: String,
        /// What the parser says.
        reason: String,
    },
    /// A path that leads to nothing.
    #[error("there is no setting {path}")]
    NoSuchSetting {
        /// As it was given.
        path: String,
    },
    /// More than one epoch without a probability ratio to correct for it.
    #[error("the policy gradient takes one epoch: its second step would be off-policy and it has no ratio; PPO has")]
    OffPolicyEpochs,
    /// A reward model is trained on the formula's ratings, which a person has taken the place of.
    #[error("a reward model learns from the rater's formula, not from a person: leave out `reward_model` or `person`")]
    TwoJudges,
    /// Probes that would be due between two measurements.
    #[error("probes are fitted at measurements: measure.probe_every must be a multiple of measure.every")]
    ProbeInterval,
    /// An arm that credits reasons, with a reward model that predicts one number. Holds the arm's name in
    /// files.
    #[error("the arm {0} needs a reward model with reasons, not with one number")]
    ArmNeedsReasons(String),
    /// A change of the reward with too few or too many arms.
    #[error("{arms} arms were given for {replicas} replicas")]
    ArmCount {
        /// Arms given.
        arms: usize,
        /// Replicas that need one each.
        replicas: usize,
    },
    /// The reward model is to rate, and the experiment has none.
    #[error("it has no reward model")]
    NoRewardModel,
    /// The files of a seed were not given.
    #[error("there is no base model for seed {seed}")]
    NoBaseModel {
        /// The seed.
        seed: u64,
    },
    /// A stack without a model in it.
    #[error("it needs at least one replica")]
    NoReplica,
    /// More than the memory of a page.
    #[error(
        "it would need about {:.1} GB of memory, and there are at most {:.1}: \
         take fewer seeds or arms, fewer answers an update, or a smaller model",
        gigabytes(*bytes), gigabytes(*most)
    )]
    TooMuchMemory {
        /// What it would need at most.
        bytes: u64,
        /// What there is.
        most: u64,
    },
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
