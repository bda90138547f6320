//! What a worker tells the page.

use serde::{Deserialize, Serialize};

use crate::documents::metrics::{Measurement, UpdateReport};
use crate::documents::protocol::{Encoded, EngineChoice, Inspected, RunId};
use crate::facts::error::Error;
use crate::facts::world::{Choices, Subject};
use crate::judgement::experiment::Replica;

/// What a worker tells the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker's code runs and listens.
    Ready {
        /// The build; a page of another build asks for a reload.
        build: String,
    },
    /// The device is chosen and checked.
    EngineChosen(EngineChoice),
    /// The run's base models are loaded; the first measurement follows.
    Loaded {
        /// The run.
        run: RunId,
        /// Updates already done (0, or where the snapshot was taken).
        update: u32,
        /// What can be asked of the worker's first replica.
        subjects: Vec<Subject>,
        /// How many values a fact can have: what guessing is worth.
        choices: Choices,
    },
    /// One update of all the worker's replicas.
    Updated {
        /// The run.
        run: RunId,
        /// Milliseconds it took.
        ms: f64,
        /// One for each replica.
        reports: Vec<UpdateReport>,
    },
    /// The first measurement, or the training of reward models, goes on.
    Progress {
        /// The run.
        run: RunId,
        /// How much of it is done, as a share.
        share: f64,
    },
    /// A measurement of all the worker's replicas.
    Measured {
        /// The run.
        run: RunId,
        /// One for each replica.
        measurements: Vec<(Replica, Measurement)>,
    },
    /// The grant is used up, or a pause was asked for.
    Waiting {
        /// The run.
        run: RunId,
        /// Updates done.
        update: u32,
    },
    /// The weights are the base models' again.
    WasReset {
        /// The run.
        run: RunId,
    },
    /// The new reward holds from the next update on.
    RewardChanged {
        /// The run.
        run: RunId,
        /// Updates done with the old one.
        after: u32,
    },
    /// The run waits for a person's ratings, in [`Command::Rate`](super::Command::Rate).
    ToRate {
        /// The run.
        run: RunId,
        /// Updates done; the ratings belong to the next one.
        update: u32,
        /// [`ToRate`], one for each replica.
        replicas: Vec<Encoded>,
    },
    /// What an inspection found, or why it could not be made; the run goes on in either case.
    Inspected {
        /// The run.
        run: RunId,
        /// From the command.
        id: u32,
        /// The worker's part: one entry for each of its replicas.
        inspected: Result<Inspected, Error>,
    },
    /// The state of the run.
    Snapshot {
        /// The run.
        run: RunId,
        /// Updates done.
        update: u32,
        /// For [`Command::Restore`](super::Command::Restore).
        bytes: Vec<u8>,
    },
    /// How a model's training goes: [`PretrainNews`](crate::documents::own_world::PretrainNews).
    Pretraining(Encoded),
    /// Something failed; the worker still listens unless `fatal`.
    Failed {
        /// The run, if it was about one.
        run: Option<RunId>,
        /// What went wrong.
        error: Error,
        /// The worker must be replaced (device lost, panic).
        fatal: bool,
    },
}

/// What a person is to rate of one replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToRate {
    /// The replica that answered.
    pub replica: Replica,
    /// Each with its group of completions.
    pub prompts: Vec<PromptToRate>,
}

/// A question, and the completions that are compared with one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromptToRate {
    /// In words.
    pub question: String,
    /// The true value, for a person who checks.
    pub truth: String,
    /// In words.
    pub completions: Vec<String>,
}
