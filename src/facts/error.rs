//! The one public error: what can go wrong with bytes, files, devices, messages and settings.
//!
//! An error is a code with arguments that crosses the worker boundary. The page words it in the
//! reader's language; `Display` words it in English for the command line. Mistakes inside the code
//! (a shape, an index) are assertions, not errors.

use serde::{Deserialize, Serialize};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum Error {
    /// A world file that cannot be used; says which entry and why.
    #[error("the world file cannot be used: {0}")]
    World(String),
    /// A tokenizer file that cannot be used; says why.
    #[error("the tokenizer file cannot be used: {0}")]
    Tokenizer(String),
    /// An experiment that makes no sense.
    #[error("the experiment cannot be run: {0}")]
    Experiment(ExperimentFault),
    /// Bytes that are not a checkpoint or a snapshot, or those of another model.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(String),
    /// A benchmark that does not exist, or whose data do not fit together.
    #[error("the benchmark cannot be run: {0}")]
    Benchmark(String),
    /// Text with words outside the closed vocabulary.
    #[error("the model does not know the word{} {}", if .0.len() == 1 { "" } else { "s" }, .0.join(", "))]
    UnknownWords(Vec<String>),
    /// Text that does not fit into the context.
    #[error("the question has {tokens} words and marks, the model reads at most {limit}")]
    TooLong {
        /// Tokens in the text.
        tokens: usize,
        /// Tokens that fit.
        limit: usize,
    },
    /// The compute device failed, or there is none.
    #[error("the compute device failed: {0}")]
    Device(String),
    /// A loss, gradient or weight stopped being a number.
    #[error(
        "update {update} of {arm} (seed {seed}) produced a value that is not a number; \
         a lower learning rate usually helps"
    )]
    NotFinite {
        /// The update that failed; the weights before it are kept.
        update: u32,
        /// The arm's name in files.
        arm: String,
        /// The replica's seed.
        seed: u64,
    },
    /// A message across the worker boundary that does not decode.
    #[error("a message could not be decoded: {0}")]
    Message(String),
    /// A command about a run that this worker does not have.
    #[error("run {run} is not loaded")]
    RunNotLoaded {
        /// The run of the command.
        run: u32,
    },
    /// Something that cannot be looked at.
    #[error("there is nothing to look at: {0}")]
    Inspection(InspectionFault),
    /// Ratings of a person that do not fit what they were asked for.
    #[error("the ratings cannot be used: {0}")]
    Ratings(RatingsFault),
    /// The worker's code panicked.
    #[error("the engine stopped because of an error in its code ({place})")]
    Panicked {
        /// File, line and column.
        place: String,
    },
}

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
}

/// Why something cannot be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum InspectionFault {
    /// No update has been made since the run was loaded or reset.
    #[error("no update has been made yet")]
    NoUpdate,
    /// A prompt that the last update does not have.
    #[error("prompt {prompt} is not one of the {prompts} of the last update, which count from 0")]
    NoPrompt {
        /// The prompt asked for.
        prompt: usize,
        /// Prompts that there are.
        prompts: usize,
    },
    /// States after more blocks than the model has.
    #[error("the model has {blocks} blocks, and not {layer}")]
    NoLayer {
        /// The blocks asked for.
        layer: usize,
        /// Blocks that there are.
        blocks: usize,
    },
}

/// What does not fit about a person's ratings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum RatingsFault {
    /// No completions wait for them.
    #[error("no completions wait for ratings")]
    NothingToRate,
    /// There is not one for each completion.
    #[error("{given} were given for {completions} completions")]
    Count {
        /// Ratings given.
        given: usize,
        /// Completions that wait.
        completions: usize,
    },
    /// A rating with a value that is not a finite number.
    #[error("number {place} of them, counted from 0, has a value that is not a finite number")]
    NotFinite {
        /// Which one.
        place: usize,
    },
}

impl From<InspectionFault> for Error {
    fn from(fault: InspectionFault) -> Self {
        Error::Inspection(fault)
    }
}

impl From<RatingsFault> for Error {
    fn from(fault: RatingsFault) -> Self {
        Error::Ratings(fault)
    }
}

impl From<ExperimentFault> for Error {
    fn from(fault: ExperimentFault) -> Self {
        Error::Experiment(fault)
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
