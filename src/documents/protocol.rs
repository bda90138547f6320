//! Messages between the page and an engine worker: a closed set, encoded with postcard.
//!
//! The worker says [`Event::Ready`] first; nothing that was sent before it is received. Every
//! later event of a run carries its id, so that a page that has moved on ignores the rest.
//! Progress is granted: the worker trains up to the update it was told, which is how several
//! workers stay in lock-step, how one steps once, and how one pauses and resumes.

use serde::{Deserialize, Serialize};

use crate::documents::metrics::{Measurement, UpdateReport};
use crate::facts::error::Error;
use crate::facts::world::Subject;
use crate::judgement::experiment::{Arm, Experiment, Replica};
use crate::judgement::rater::RaterConfig;

/// Counted by the page.
pub type RunId = u32;

/// What the page asks of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Choose the device and check it. Answered by [`Event::EngineChosen`].
    ChooseEngine {
        /// What the user wants; `Auto` takes the faster correct one.
        preference: EnginePreference,
        /// The largest number of replicas that the worker will train at once.
        replicas: usize,
    },
    /// Begin a run: measure the base models and wait. Replaces the current run.
    Load {
        /// Names the run in all later messages.
        run: RunId,
        /// What to run.
        experiment: Experiment,
        /// The part of the experiment's replicas that this worker trains.
        replicas: Vec<Replica>,
        /// One for each seed among the replicas.
        bases: Vec<Base>,
    },
    /// Go on from a snapshot instead of the base models.
    Restore {
        /// Names the run in all later messages.
        run: RunId,
        /// From [`Event::Snapshot`].
        snapshot: Vec<u8>,
        /// One for each seed among the replicas.
        bases: Vec<Base>,
    },
    /// Train until this many updates are done, then wait. Sent again, it extends the grant.
    Train {
        /// The run.
        run: RunId,
        /// Updates after which to wait.
        until: u32,
    },
    /// Wait after the current update.
    Pause {
        /// The run.
        run: RunId,
    },
    /// Back to the base models and to update 0, same seeds, same prompts.
    Reset {
        /// The run.
        run: RunId,
    },
    /// Change the reward from some update on; the weights stay.
    ChangeReward {
        /// The run.
        run: RunId,
        /// Updates that are still made with the old reward.
        after: u32,
        /// The new rater.
        rater: RaterConfig,
        /// The new arm of each of this worker's replicas, in their order.
        arms: Vec<Arm>,
    },
    /// Ask every replica, and the base model it came from, a question in words.
    Ask {
        /// The run.
        run: RunId,
        /// Names the answer.
        question_id: u32,
        /// Words of the vocabulary.
        question: String,
    },
    /// Send the whole state of the run.
    Snapshot {
        /// The run.
        run: RunId,
    },
}

/// A world and the weights that were trained on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Base {
    /// The seed it stands for.
    pub seed: u64,
    /// The world file.
    pub world: String,
    /// The tokenizer file.
    pub tokenizer: String,
    /// The checkpoint file.
    pub checkpoint: Vec<u8>,
}

/// Which engine the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnginePreference {
    /// The faster one that agrees with the CPU.
    Auto,
    /// The CPU, whatever there is.
    Cpu,
    /// WebGPU, if it is there and agrees with the CPU.
    Gpu,
}

/// Where the tensors live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// burn's flex backend with SIMD, in WebAssembly.
    Cpu,
    /// burn's wgpu backend on WebGPU.
    Gpu,
}

/// What came of checking the engines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngineChoice {
    /// The engine that trains.
    pub kind: EngineKind,
    /// Why this one, in a sentence for the user.
    pub reason: String,
    /// Milliseconds of one update on the CPU, at the real shapes.
    pub cpu_ms: f64,
    /// What the GPU did in the self-check; `None` if there was none to check.
    pub gpu: Option<GpuCheck>,
}

/// A WebGPU adapter in the self-check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GpuCheck {
    /// As far as the browser tells.
    pub adapter: String,
    /// A software renderer.
    pub software: bool,
    /// Milliseconds of one update.
    pub ms: f64,
    /// Largest difference to the CPU over logits, loss and updated weights.
    pub largest_difference: f32,
    /// Within the tolerance and without a logged error.
    pub correct: bool,
}

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
    /// The answers to a question.
    Answered {
        /// The run.
        run: RunId,
        /// From the command.
        question_id: u32,
        /// One for each replica, or why the question cannot be asked.
        answers: Result<Vec<AskedAnswer>, String>,
    },
    /// The state of the run.
    Snapshot {
        /// The run.
        run: RunId,
        /// Updates done.
        update: u32,
        /// For [`Command::Restore`].
        bytes: Vec<u8>,
    },
    /// Something failed; the worker still listens unless `fatal`.
    Failed {
        /// The run, if it was about one.
        run: Option<RunId>,
        /// What went wrong and what to do, for the user.
        message: String,
        /// The worker must be replaced (device lost, panic).
        fatal: bool,
    },
}

/// One replica's answers to a free question, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskedAnswer {
    /// Who answers.
    pub replica: Replica,
    /// Sampled from the base model.
    pub before: Vec<String>,
    /// Sampled from the model as it is now, with the same noise.
    pub now: Vec<String>,
}

/// Bytes of a message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("messages hold only plain data")
}

/// # Errors
/// [`Error::Message`] if the bytes are not such a message.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    postcard::from_bytes(bytes).map_err(|error| Error::Message(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_or_foreign_message_is_an_error_and_not_a_panic() {
        let bytes =
            encode(&Command::Load { run: 1, experiment: Experiment::default(), replicas: vec![], bases: vec![] });
        assert!(matches!(decode::<Command>(&bytes), Ok(Command::Load { run: 1, .. })));
        for length in 0..bytes.len() {
            assert!(decode::<Command>(&bytes[..length]).is_err(), "{length} bytes");
        }
        assert!(decode::<Event>(&[255; 16]).is_err());
    }
}
