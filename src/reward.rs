//! What an arm makes of a rating: rewards on spans of the answer, in one shape for all arms.
//!
//! This is the whole comparison. Nothing downstream knows which arm it serves: it sees spans,
//! each with a reward and with the pool of spans that its baseline is taken from.

use std::ops::Range;

use crate::corpus::Answer;
use crate::experiment::Arm;
use crate::rater::Rating;

/// A reward for some consecutive tokens of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanReward {
    /// Positions in the answer.
    pub tokens: Range<usize>,
    /// The return of each of these tokens.
    pub reward: f32,
    /// Which spans of the group it is compared with.
    pub pool: Pool,
}

/// Spans of one group that share a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Every answer of the group has one span in it.
    Opening,
    /// Only the answers that assert something have one in it.
    Content,
}

/// The rewards of one answer. Tokens in no span get no credit.
///
/// The structured arms follow the spans of Fine-Grained RLHF (Wu et al. 2023): the value token
/// gets the content, the tokens before it get the framing and the content to come (they decide
/// whether there will be any), the tokens after it decide no reason and get nothing. An answer
/// without a value gets its framing on every token.
pub fn span_rewards(arm: Arm, answer: &Answer, rating: Rating) -> Vec<SpanReward> {
    let Rating { framing, content, discomfort } = rating;
    match arm {
        Arm::Scalar => whole_answer(answer, framing + content - discomfort),
        Arm::ScalarWithoutDiscomfort => whole_answer(answer, framing + content),
        Arm::Structured => by_span(answer, framing, content),
        Arm::StructuredDiscomfortOnContent => by_span(answer, framing, content - discomfort),
    }
}

fn whole_answer(answer: &Answer, reward: f32) -> Vec<SpanReward> {
    vec![SpanReward { tokens: 0..answer.length, reward, pool: Pool::Opening }]
}

fn by_span(answer: &Answer, framing: f32, content: f32) -> Vec<SpanReward> {
    match answer.asserted {
        None => whole_answer(answer, framing),
        Some(assertion) => vec![
            SpanReward { tokens: 0..assertion.position, reward: framing + content, pool: Pool::Opening },
            SpanReward { tokens: assertion.position..assertion.position + 1, reward: content, pool: Pool::Content },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Assertion, Style};

    const RATING: Rating = Rating { framing: 0.5, content: 1.25, discomfort: 1.0 };
    const ASSERTION: Answer =
        Answer { style: Style::Contextual, asserted: Some(Assertion { value: 6, position: 5 }), length: 8 };
    const HEDGE: Answer = Answer { style: Style::Hedge, asserted: None, length: 8 };

    fn per_token(arm: Arm, answer: &Answer) -> Vec<f32> {
        let mut rewards = vec![0.0; answer.length];
        for span in span_rewards(arm, answer, RATING) {
            rewards[span.tokens].fill(span.reward);
        }
        rewards
    }

    #[test]
    fn each_arm_credits_the_tokens_it_says() {
        assert_eq!(per_token(Arm::Scalar, &ASSERTION), [0.75; 8]);
        assert_eq!(per_token(Arm::ScalarWithoutDiscomfort, &ASSERTION), [1.75; 8]);
        assert_eq!(per_token(Arm::Structured, &ASSERTION), [1.75, 1.75, 1.75, 1.75, 1.75, 1.25, 0.0, 0.0]);
        assert_eq!(
            per_token(Arm::StructuredDiscomfortOnContent, &ASSERTION),
            [0.75, 0.75, 0.75, 0.75, 0.75, 0.25, 0.0, 0.0]
        );
    }

    #[test]
    fn without_content_the_structured_arms_credit_the_framing_to_the_whole_answer() {
        for arm in [Arm::Structured, Arm::StructuredDiscomfortOnContent] {
            assert_eq!(per_token(arm, &HEDGE), [0.5; 8], "{arm:?}");
        }
    }

    #[test]
    fn discomfort_does_not_reach_the_arms_that_leave_it_out() {
        let uneasy = Rating { discomfort: 50.0, ..RATING };
        for arm in [Arm::Structured, Arm::ScalarWithoutDiscomfort] {
            assert_eq!(span_rewards(arm, &ASSERTION, uneasy), span_rewards(arm, &ASSERTION, RATING), "{arm:?}");
        }
    }
}
