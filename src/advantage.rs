//! Advantages: how much better a span was than the same kind of span in its group.
//!
//! The baseline is the mean of the group (GRPO, Shao et al. 2024) without the division by the
//! standard deviation (Dr. GRPO, Liu et al. 2025): centring is linear, so that centring each
//! reason and adding up equals centring the sum, and the arms differ only in where the credit
//! goes.

use crate::reward::{Pool, SpanReward};

/// Token advantages, `[answer][token]`, of consecutive groups of `group` answers.
///
/// Within a group and a pool the spans' advantages add up to 0. Tokens in no span have 0.
///
/// # Panics
/// If the answers do not divide into groups, or a span exceeds `tokens`.
pub fn group_relative(rewards: &[Vec<SpanReward>], group: usize, tokens: usize) -> Vec<Vec<f32>> {
    assert!(rewards.len().is_multiple_of(group), "{} answers do not divide into groups of {group}", rewards.len());
    let mut advantages = Vec::with_capacity(rewards.len());
    for answers in rewards.chunks(group) {
        let baseline = |pool: Pool| {
            let spans = answers.iter().flatten().filter(|span| span.pool == pool);
            let (sum, count) = spans.fold((0.0, 0.0), |(sum, count), span| (sum + span.reward, count + 1.0));
            if count > 0.0 { sum / count } else { 0.0 }
        };
        let (opening, content) = (baseline(Pool::Opening), baseline(Pool::Content));
        for spans in answers {
            let mut answer = vec![0.0; tokens];
            for span in spans {
                let baseline = match span.pool {
                    Pool::Opening => opening,
                    Pool::Content => content,
                };
                answer[span.tokens.clone()].fill(span.reward - baseline);
            }
            advantages.push(answer);
        }
    }
    advantages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Answer, Assertion, Style};
    use crate::experiment::Arm;
    use crate::rater::Rating;
    use crate::reward::span_rewards;
    use proptest::prelude::*;

    fn any_answer() -> impl Strategy<Value = (Answer, Rating)> {
        let rating = (-2.0f32..2.0, -2.0f32..2.0, 0.0f32..2.0);
        (any::<bool>(), 0usize..6, rating).prop_map(|(asserts, position, (framing, content, discomfort))| {
            let asserted = asserts.then_some(Assertion { value: 0, position });
            let style = if asserts { Style::Blunt } else { Style::Hedge };
            let content = if asserts { content } else { 0.0 };
            (Answer { style, asserted, length: 8 }, Rating { framing, content, discomfort })
        })
    }

    proptest! {
        #[test]
        fn advantages_sum_to_zero_in_every_group_and_pool(answers in prop::collection::vec(any_answer(), 12)) {
            for arm in Arm::ALL {
                let rewards: Vec<_> = answers.iter().map(|(answer, rating)| span_rewards(arm, answer, *rating)).collect();
                let advantages = group_relative(&rewards, 4, 9);
                for (spans, advantages) in rewards.chunks(4).zip(advantages.chunks(4)) {
                    for pool in [Pool::Opening, Pool::Content] {
                        let sum: f32 = spans.iter().zip(advantages).flat_map(|(spans, tokens)| {
                            spans.iter().filter(|span| span.pool == pool && !span.tokens.is_empty()).map(|span| tokens[span.tokens.start])
                        }).sum();
                        let empty = spans.iter().flatten().any(|span| span.tokens.is_empty());
                        prop_assert!(empty || sum.abs() < 1e-4, "{arm:?} {pool:?} {sum}");
                    }
                }
            }
        }

        /// The reason there is no division by the standard deviation.
        #[test]
        fn centring_the_reasons_one_by_one_equals_centring_their_sum(answers in prop::collection::vec(any_answer(), 8)) {
            let centred = |channel: fn(&Rating) -> f32| {
                let rewards: Vec<_> = answers.iter().map(|(answer, rating)| vec![SpanReward { tokens: 0..answer.length, reward: channel(rating), pool: Pool::Opening }]).collect();
                group_relative(&rewards, 8, 8)
            };
            let (framing, content, sum) = (centred(|r| r.framing), centred(|r| r.content), centred(|r| r.framing + r.content));
            for answer in 0..8 {
                prop_assert!((framing[answer][0] + content[answer][0] - sum[answer][0]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_group_without_spread_has_no_advantage() {
        let spans = vec![vec![SpanReward { tokens: 0..3, reward: 0.7, pool: Pool::Opening }]; 4];
        assert_eq!(group_relative(&spans, 4, 5), vec![vec![0.0; 5]; 4]);
    }
}
