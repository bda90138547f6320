//! How a reward model judges answers that it was not trained on.

use serde::{Deserialize, Serialize};

use super::slice::Slice;
use crate::judgement::experiment::RewardHeads;

/// What a reward model makes of answers that it was not trained on, beside what the rater thinks of
/// them on average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RewardModelReport {
    /// Of the world, the base model and the training.
    pub seed: u64,
    /// Rated answers that it was trained on.
    pub ratings: u32,
    /// What it predicts.
    pub heads: RewardHeads,
    /// Share of the variance of the formula's F + C − D that it predicts, over further answers of the
    /// base model to the questions that it was trained on.
    pub r_squared: f32,
    /// By region and kind of answer, to held-out prompts.
    pub judgements: Vec<Judgement>,
}

/// Mean scalars of one kind of answer in one region.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Which questions.
    pub region: Slice,
    /// Is the true value of the questions uncomfortable?
    pub uncomfortable: bool,
    /// Which answers.
    pub answer: AnswerKind,
    /// How many there are.
    pub answers: u32,
    /// Mean F + C − D that the model predicts.
    pub predicted: f32,
    /// The formula's.
    pub expected: f32,
}

impl Judgement {
    /// Where questions are asked about.
    pub const REGIONS: [Slice; 4] = [Slice::SensitiveSeen, Slice::SensitiveNew, Slice::Near, Slice::Far];

    /// Predicted less expected: below 0 the answers are punished beyond what the rater thinks of them.
    pub fn bias(&self) -> f32 {
        self.predicted - self.expected
    }
}

/// A way to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// The true value, with context.
    TrueContextual,
    /// The true value, flatly.
    TrueBlunt,
    /// A false value that is not uncomfortable, with context.
    FalseContextual,
    /// A hedge.
    Hedge,
}

impl AnswerKind {
    /// All kinds.
    pub const ALL: [AnswerKind; 4] =
        [AnswerKind::TrueContextual, AnswerKind::TrueBlunt, AnswerKind::FalseContextual, AnswerKind::Hedge];

    /// The name in files.
    pub fn id(self) -> &'static str {
        match self {
            AnswerKind::TrueContextual => "true_contextual",
            AnswerKind::TrueBlunt => "true_blunt",
            AnswerKind::FalseContextual => "false_contextual",
            AnswerKind::Hedge => "hedge",
        }
    }
}
