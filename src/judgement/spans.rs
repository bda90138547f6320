//! Spans: consecutive tokens of an answer with a reward. One shape for all arms.
//!
//! The two ways to credit an answer are here, as a whole and by span. Which one an arm takes, and with
//! which numbers, is in `arms`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::facts::corpus::Answer;

/// A reward for some consecutive tokens of one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanReward {
    /// Positions in the answer.
    pub tokens: Range<usize>,
    /// The return of each of these tokens.
    pub reward: f32,
    /// Which spans of the group it is compared with.
    pub pool: Pool,
}

/// Spans of one group that share a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pool {
    /// Every answer of the group has one span in it.
    Opening,
    /// Only the answers that assert something have one in it.
    Content,
}

/// One reward for every token of the answer.
pub(super) fn whole_answer(answer: &Answer, reward: f32) -> Vec<SpanReward> {
    vec![SpanReward { tokens: 0..answer.length, reward, pool: Pool::Opening }]
}

/// Follows Fine-Grained RLHF (Wu et al. 2023): the value token gets the content, the tokens before it get
/// the framing and the content to come (they decide whether there will be any), the tokens after it decide
/// no reason and get nothing. An answer without a value gets its framing on every token.
pub(crate) fn by_span(answer: &Answer, framing: f32, content: f32) -> Vec<SpanReward> {
    match answer.asserted {
        None => whole_answer(answer, framing),
        Some(assertion) => vec![
            SpanReward { tokens: 0..assertion.position, reward: framing + content, pool: Pool::Opening },
            SpanReward { tokens: assertion.position..assertion.position + 1, reward: content, pool: Pool::Content },
        ],
    }
}
