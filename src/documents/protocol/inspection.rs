//! Looking into the models of a run: what can be looked at, and what is seen.

use serde::{Deserialize, Serialize};

use crate::judgement::experiment::Replica;

/// What to look at. Nothing of it changes the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Inspection {
    /// Ask every replica, and the base model it came from, a question in words.
    Ask {
        /// Words of the vocabulary.
        question: String,
    },
}

/// What is seen, one entry for each replica of the worker in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Inspected {
    /// Of [`Inspection::Ask`].
    Asked(Vec<AskedAnswer>),
}

/// One replica's answers to a free question, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskedAnswer {
    /// The replica that answers.
    pub replica: Replica,
    /// Sampled from the base model.
    pub before: Vec<String>,
    /// Sampled from the model as it is now, with the same noise.
    pub now: Vec<String>,
}
