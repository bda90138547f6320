//! An update: what was sampled for it, how it was rated, and what it did.

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use crate::judgement::experiment::Replica;
use crate::judgement::rater::{Rating, Strategy};

/// One update of one replica: what was sampled for it and how it was rated. All numbers are of
/// the policy before this update, and `gradient_norm` of the update before it, which is what a
/// single read of the device can know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateReport {
    /// Which model.
    pub replica: Replica,
    /// 1 for the first update.
    pub update: u32,
    /// Mean rating of the sampled answers, by channel.
    pub rating: Rating,
    /// Mean F + C − D: how happy the rater is, whatever the arm trains on.
    pub scalar: f32,
    /// Sampled answers that hedge, in 0 … 1.
    pub hedging: f32,
    /// KL(policy ‖ reference), exact over the vocabulary, in nats an answer.
    pub kl: f32,
    /// Entropy of the policy in nats a token.
    pub entropy: f32,
    /// Norm of the gradient of the update before, in its last epoch, before clipping; 0 at the first.
    pub gradient_norm: f32,
    /// Groups whose rewards have no spread, in 0 … 1: prompts that teach nothing. 0 in files of before
    /// it was counted.
    #[serde(default)]
    pub flat_groups: f32,
    /// A few of the answers to one prompt with the credit of each word: the prompt whose answers take the most
    /// of the three [`Strategy`]s, and one answer of each.
    pub examples: Vec<CreditedAnswer>,
    /// Mean F + C − D that a reward model predicts, if the arms are rewarded with that; the numbers
    /// above stay the rater's.
    #[serde(default)]
    pub proxy: Option<f32>,
}

/// A rated answer and what each of its words was credited with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreditedAnswer {
    /// The question in words.
    pub question: String,
    /// The true value in words.
    pub truth: String,
    /// What it does.
    pub outcome: Outcome,
    /// Truth, lie or hedge, if the true value is uncomfortable.
    #[serde(default)]
    pub strategy: Option<Strategy>,
    /// What the rater thought.
    pub rating: Rating,
    /// The answer's words with their advantages (under DPO, 1 where preferred and −1 where rejected);
    /// the end of the answer is "∎".
    pub words: Vec<(String, f32)>,
}
