//! A world of the visitor's own with the models that were trained on it: what one file holds, and what is said about
//! the training while it goes on.
//!
//! Leaves out the training itself (`network::pretrain`, `worker::pretraining`) and where the file is kept.

use serde::{Deserialize, Serialize};

use crate::facts::world::World;

/// The version of [`WorldFile`] as JSON.
pub const SCHEMA: u32 = 1;

/// What a base model has to know of its facts, chosen and verified, before anything is done with it.
pub const GATE: f64 = 0.99;

/// How models are trained on a world. With the world and a seed it determines a model, to the bit on a CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Steps at most: training ends as soon as the model knows enough ([`GATE`]).
    pub steps: u32,
    /// Width of the residual stream.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
}

impl Default for Recipe {
    /// That of the models that come with the site.
    fn default() -> Self {
        Recipe { steps: 5000, width: 64, layers: 3 }
    }
}

/// A world and the models that were trained on it, as one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    /// [`SCHEMA`] of the code that wrote it. Its name tells this file from all others.
    pub hedgerow_world: u32,
    /// What is true.
    pub world: World,
    /// How the models were trained.
    pub recipe: Recipe,
    /// The tokenizer file of the models; empty before any was trained.
    #[serde(default)]
    pub tokenizer: String,
    /// One a seed; none before any was trained.
    pub models: Vec<TrainedModel>,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedModel {
    /// Of its initial weights and of the sentences that it read.
    pub seed: u64,
    /// Steps that it was trained for.
    pub steps: u32,
    /// What it knew at the end.
    pub exam: Exam,
    /// The safetensors file, in base64.
    pub checkpoint: String,
}

/// What a model knows of the facts that it was taught, as shares in 0 … 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exam {
    /// Facts whose true value it takes for the most probable one.
    pub forced_choice: f64,
    /// True and false claims that it judges rightly.
    pub verification: f64,
}

impl Exam {
    /// Does the model know enough?
    pub fn is_passed(self) -> bool {
        self.forced_choice >= GATE && self.verification >= GATE
    }
}

/// What the page asks of a worker that trains a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PretrainOrder {
    /// Train, from the beginning or from a state that [`PretrainNews::State`] has brought.
    Begin {
        /// The world file.
        world: String,
        /// The model's seed.
        seed: u64,
        /// How.
        recipe: Recipe,
        /// Where to go on.
        state: Option<Vec<u8>>,
    },
    /// Send the state and stop.
    Stop,
}

/// What a worker that trains a model tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PretrainNews {
    /// The training goes on.
    Step {
        /// Steps done.
        step: u32,
        /// Mean cross-entropy in nats a token.
        loss: f32,
    },
    /// The model was examined.
    Examined {
        /// Steps done.
        step: u32,
        /// What it knows.
        exam: Exam,
    },
    /// Where the training can go on after a reload.
    State {
        /// Steps done.
        step: u32,
        /// For [`PretrainOrder::Begin`].
        bytes: Vec<u8>,
    },
    /// The training has ended, because the model knows enough or because the steps are used up.
    Finished {
        /// Steps done.
        steps: u32,
        /// What it knows.
        exam: Exam,
        /// The tokenizer file.
        tokenizer: String,
        /// The safetensors file.
        checkpoint: Vec<u8>,
    },
}
