//! What the page asks of a worker.

use serde::{Deserialize, Serialize};

use crate::documents::protocol::{Encoded, EnginePreference, Inspection, RunId};
use crate::judgement::experiment::{Arm, Experiment, Replica};
use crate::judgement::judge::Judge;
use crate::judgement::person::Person;
use crate::judgement::rater::{RaterConfig, Rating};

/// What the page asks of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Choose the device and check it; a worker that is not asked to takes the CPU. Answered by [`Event::EngineChosen`](super::Event::EngineChosen).
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
        /// Whether to measure the base models: no, where another worker measures the same ones.
        measures: bool,
    },
    /// Go on from a snapshot instead of the base models.
    Restore {
        /// Names the run in all later messages.
        run: RunId,
        /// From [`Event::Snapshot`](super::Event::Snapshot).
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
        /// Who rates in the new rater's place, if it is a person.
        person: Option<Box<Person>>,
    },
    /// Choose whose ratings the updates from now on are rewarded with. At first it is the reward model, if
    /// the experiment has one, or else the formula. A new judge rates the completions that wait for a person.
    ChooseJudge {
        /// The run.
        run: RunId,
        /// Who rates.
        judge: Judge,
    },
    /// A person's ratings of the completions of [`Event::ToRate`](super::Event::ToRate): the update goes on.
    /// Ratings that do not fit are refused, and the run waits on.
    Rate {
        /// The run.
        run: RunId,
        /// One for each completion, in the event's order.
        ratings: Vec<Rating>,
    },
    /// Look into the models as they are. Answered by [`Event::Inspected`](super::Event::Inspected).
    Inspect {
        /// The run.
        run: RunId,
        /// Names the answer. What is sampled for it is a function of the seeds and of this number.
        id: u32,
        /// What to look at.
        inspection: Inspection,
    },
    /// Send the whole state of the run.
    Snapshot {
        /// The run.
        run: RunId,
    },
    /// Train a model on a world of the visitor's own, or stop:
    /// [`PretrainOrder`](crate::documents::own_world::PretrainOrder). Answered by
    /// [`Event::Pretraining`](super::Event::Pretraining).
    Pretrain(Encoded),
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
