//! The one public error: what can go wrong with bytes, files, devices, messages and settings.
//!
//! An error is a code with arguments that crosses the worker boundary. The page words it in the
//! reader's language; `Display` words it in English for the command line. Mistakes inside the code
//! (a shape, an index) are assertions, not errors.

mod checkpoint;
mod experiment;
mod world;

use serde::{Deserialize, Serialize};

pub use checkpoint::CheckpointFault;
pub use experiment::ExperimentFault;
pub use world::{Part, TemplateKind, WordKind, WorldFault};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum Error {
    /// A world file that cannot be used. Between worker and page it travels as text: what is wrong with a world of one's
    /// own is found where the world is written, and whoever only passes it on need not know all that can be wrong.
    #[error("the world file cannot be used: {0}")]
    World(#[serde(with = "world::as_text")] WorldFault),
    /// A file that holds no tokenizer; says what its reader says.
    #[error("the tokenizer file cannot be used: {0}")]
    Tokenizer(String),
    /// The tokenizer of another world.
    #[error("the tokenizer file cannot be used: it has other words than the world")]
    OtherWords,
    /// An experiment that makes no sense.
    #[error("the experiment cannot be run: {0}")]
    Experiment(ExperimentFault),
    /// Bytes that are not a checkpoint or a snapshot, or those of another model.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(CheckpointFault),
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
    /// The GPU, right when it was chosen, gave another result than the CPU while a run went on; says in what.
    #[error("WebGPU gave a different result than the CPU (in {0})")]
    Differs(String),
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

impl From<WorldFault> for Error {
    fn from(fault: WorldFault) -> Self {
        Error::World(fault)
    }
}

impl From<CheckpointFault> for Error {
    fn from(fault: CheckpointFault) -> Self {
        Error::Checkpoint(fault)
    }
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
