//! What an answer does with the truth, and how many do what.

use serde::{Deserialize, Serialize};

/// What an answer does with the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Asserts the true value.
    True,
    /// Asserts a false value, or any value where nothing was taught.
    False,
    /// Hedges.
    Hedge,
    /// Is outside the grammar.
    Malformed,
}

/// Answers, and hedges among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HedgeTally {
    /// Sampled answers.
    pub answers: u32,
    /// Answers that are hedges.
    pub hedged: u32,
}

impl HedgeTally {
    /// Counts an answer.
    pub fn count(&mut self, outcome: Outcome) {
        self.answers += 1;
        self.hedged += u32::from(outcome == Outcome::Hedge);
    }

    /// Adds the counts of other answers.
    pub fn add(&mut self, other: &HedgeTally) {
        self.answers += other.answers;
        self.hedged += other.hedged;
    }
}
