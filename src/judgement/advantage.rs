//! Advantages: how much better a span was than the same kind of span in its group.
//!
//! The default baseline is the mean of the group (GRPO, Shao et al. 2024) without the division by
//! the standard deviation (Dr. GRPO, Liu et al. 2025): centring is linear, so that centring each
//! reason and adding up equals centring the sum, and the arms differ only in where the credit
//! goes.

use crate::judgement::experiment::Baseline;
use crate::judgement::reward::{Pool, SpanReward};

/// Token advantages, `[answer][token]`, of consecutive groups of `group` answers.
///
/// Within a group and a pool the spans' advantages add up to 0, whatever the baseline, and all are 0
/// with [`Baseline::ZScored`] where the rewards have no spread. Tokens in no span have 0.
///
/// # Panics
/// If the answers do not divide into groups, or a span exceeds `tokens`.
pub fn group_relative(rewards: &[Vec<SpanReward>], group: usize, tokens: usize, baseline: Baseline) -> Vec<Vec<f32>> {
    assert!(rewards.len().is_multiple_of(group), "{} answers do not divide into groups of {group}", rewards.len());
    let mut advantages = Vec::with_capacity(rewards.len());
    for answers in rewards.chunks(group) {
        let (opening, content) = (Spread::of(answers, Pool::Opening), Spread::of(answers, Pool::Content));
        for spans in answers {
            let mut answer = vec![0.0; tokens];
            for span in spans {
                let spread = match span.pool {
                    Pool::Opening => &opening,
                    Pool::Content => &content,
                };
                answer[span.tokens.clone()].fill(spread.advantage(span.reward, baseline));
            }
            advantages.push(answer);
        }
    }
    advantages
}

/// Preferences, `[answer][token]`: in each group, 1 on the best span of the pool and −1 on the worst,
/// 0 elsewhere; 0 everywhere where all spans of the pool are equally good. Of several that are
/// equally good the first counts.
///
/// # Panics
/// If the answers do not divide into groups, or a span exceeds `tokens`.
pub fn preferences(rewards: &[Vec<SpanReward>], group: usize, tokens: usize, pool: Pool) -> Vec<Vec<f32>> {
    assert!(rewards.len().is_multiple_of(group), "{} answers do not divide into groups of {group}", rewards.len());
    let mut preferences = vec![vec![0.0; tokens]; rewards.len()];
    for (answers, preferences) in rewards.chunks(group).zip(preferences.chunks_mut(group)) {
        let spread = Spread::of(answers, pool);
        if spread.is_flat() {
            continue;
        }
        for (sign, sought) in [(1.0, spread.highest), (-1.0, spread.lowest)] {
            let mut spans =
                answers.iter().enumerate().flat_map(|(index, spans)| spans.iter().map(move |span| (index, span)));
            if let Some((index, span)) = spans.find(|(_, span)| span.pool == pool && span.reward == sought) {
                preferences[index][span.tokens.clone()].fill(sign);
            }
        }
    }
    preferences
}

/// Share of the groups, in 0 … 1, in which every pool's rewards are equal: nothing to learn from.
///
/// # Panics
/// If the answers do not divide into groups.
pub fn flat_groups(rewards: &[Vec<SpanReward>], group: usize) -> f32 {
    assert!(rewards.len().is_multiple_of(group), "{} answers do not divide into groups of {group}", rewards.len());
    let is_flat = |answers: &&[Vec<SpanReward>]| {
        [Pool::Opening, Pool::Content].into_iter().all(|pool| Spread::of(answers, pool).is_flat())
    };
    rewards.chunks(group).filter(is_flat).count() as f32 / (rewards.len() / group) as f32
}

/// The mean reward of the spans of one group and pool; 0 if there are none.
pub fn mean_reward(answers: &[Vec<SpanReward>], pool: Pool) -> f32 {
    Spread::of(answers, pool).mean
}

/// The rewards of the spans of one group and pool.
struct Spread {
    count: f32,
    mean: f32,
    deviation: f32,
    lowest: f32,
    highest: f32,
}

impl Spread {
    fn of(answers: &[Vec<SpanReward>], pool: Pool) -> Self {
        let rewards = || answers.iter().flatten().filter(|span| span.pool == pool).map(|span| span.reward);
        let (sum, count) = rewards().fold((0.0, 0.0), |(sum, count), reward| (sum + reward, count + 1.0));
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        let squares: f32 = rewards().map(|reward| (reward - mean).powi(2)).sum();
        Spread {
            count,
            mean,
            deviation: if count > 0.0 { (squares / count).sqrt() } else { 0.0 },
            lowest: rewards().fold(f32::INFINITY, f32::min),
            highest: rewards().fold(f32::NEG_INFINITY, f32::max),
        }
    }

    fn is_flat(&self) -> bool {
        self.lowest >= self.highest
    }

    fn advantage(&self, reward: f32, baseline: Baseline) -> f32 {
        let centred = reward - self.mean;
        match baseline {
            Baseline::GroupMean => centred,
            // reward − mean of the others; alone, a span has nothing to be compared with.
            Baseline::LeaveOneOut if self.count > 1.0 => centred * self.count / (self.count - 1.0),
            // Equal rewards differ from their rounded mean by a rounding, which must not be blown up.
            Baseline::ZScored if !self.is_flat() => centred / self.deviation,
            Baseline::LeaveOneOut | Baseline::ZScored => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::corpus::{Answer, Assertion, Style};
    use crate::facts::random::{Purpose, stream};
    use crate::judgement::experiment::Arm;
    use crate::judgement::rater::{RaterPreset, Rating, Situation};
    use crate::judgement::reward::{Judged, group_rewards};
    use proptest::prelude::*;

    const BASELINES: [Baseline; 3] = [Baseline::GroupMean, Baseline::LeaveOneOut, Baseline::ZScored];

    /// Whose value stands at this position or later.
    fn any_judged(first: usize) -> impl Strategy<Value = Judged> {
        let rating = (-2.0f32..2.0, -2.0f32..2.0, 0.0f32..2.0);
        let flags = (any::<bool>(), any::<bool>(), any::<bool>());
        (flags, first..6, rating).prop_map(
            |((asserts, sensitive, correct), position, (framing, content, discomfort))| {
                let asserted = asserts.then_some(Assertion { value: 0, position });
                let style = if asserts { Style::Blunt } else { Style::Hedge };
                let content = if asserts { content } else { 0.0 };
                let correct = asserts.then_some(correct);
                Judged {
                    answer: Answer { style, asserted, length: 8 },
                    situation: Situation { sensitive, uncomfortable: asserts && sensitive, correct },
                    rating: Rating { framing, content, discomfort },
                }
            },
        )
    }

    fn whole(rewards: &[f32]) -> Vec<Vec<SpanReward>> {
        rewards.iter().map(|reward| vec![SpanReward { tokens: 0..3, reward: *reward, pool: Pool::Opening }]).collect()
    }

    /// Of groups of 4 with 9 tokens.
    fn rewards(arm: Arm, judged: &[Judged]) -> Vec<Vec<SpanReward>> {
        let rater = RaterPreset::UncomfortableFacts.config();
        let mut rng = stream(0, 0, Purpose::Attribution);
        judged.chunks(4).flat_map(|group| group_rewards(arm, &rater, group, &mut rng)).collect()
    }

    proptest! {
        #[test]
        fn advantages_sum_to_zero_in_every_group_and_pool(judged in prop::collection::vec(any_judged(0), 12)) {
            for (arm, baseline) in Arm::ALL.into_iter().flat_map(|arm| BASELINES.map(|baseline| (arm, baseline))) {
                let rewards = rewards(arm, &judged);
                let advantages = group_relative(&rewards, 4, 9, baseline);
                for (spans, advantages) in rewards.chunks(4).zip(advantages.chunks(4)) {
                    for pool in [Pool::Opening, Pool::Content] {
                        let sum: f32 = spans.iter().zip(advantages).flat_map(|(spans, tokens)| {
                            spans.iter().filter(|span| span.pool == pool && !span.tokens.is_empty()).map(|span| tokens[span.tokens.start])
                        }).sum();
                        let empty = spans.iter().flatten().any(|span| span.tokens.is_empty());
                        // Division by a small spread magnifies the rounding of the mean.
                        let Spread { lowest, highest, .. } = Spread::of(spans, pool);
                        let rounding = match baseline {
                            Baseline::ZScored if lowest < highest => 2e-5 / (highest - lowest),
                            Baseline::GroupMean | Baseline::LeaveOneOut | Baseline::ZScored => 0.0,
                        };
                        prop_assert!(empty || sum.abs() < 1e-4 + rounding, "{arm:?} {baseline:?} {pool:?} {sum}");
                    }
                }
            }
        }

        #[test]
        fn leave_one_out_is_the_reward_less_the_mean_of_the_others(rewards in prop::collection::vec(-2.0f32..2.0, 2..9)) {
            let count = rewards.len();
            let of = |baseline| group_relative(&whole(&rewards), count, 3, baseline);
            let (left_out, centred) = (of(Baseline::LeaveOneOut), of(Baseline::GroupMean));
            let sum: f32 = rewards.iter().sum();
            for index in 0..count {
                let others = (sum - rewards[index]) / (count - 1) as f32;
                prop_assert!((left_out[index][0] - (rewards[index] - others)).abs() < 1e-4);
                let scaled = centred[index][0] * count as f32 / (count - 1) as f32;
                prop_assert!((left_out[index][0] - scaled).abs() < 1e-4);
            }
        }

        #[test]
        fn z_scores_have_unit_spread(rewards in prop::collection::vec(-2.0f32..2.0, 2..9)) {
            prop_assume!(rewards.iter().any(|reward| (reward - rewards[0]).abs() > 0.01));
            let scores = group_relative(&whole(&rewards), rewards.len(), 3, Baseline::ZScored);
            let variance = scores.iter().map(|tokens| tokens[0].powi(2)).sum::<f32>() / rewards.len() as f32;
            prop_assert!((variance - 1.0).abs() < 1e-3, "{variance}");
        }

        #[test]
        fn a_pair_is_the_best_and_the_worst_of_its_pool(judged in prop::collection::vec(any_judged(1), 8)) {
            for (arm, pool) in Arm::ALL.into_iter().flat_map(|arm| [(arm, Pool::Opening), (arm, Pool::Content)]) {
                let rewards = rewards(arm, &judged);
                let preferences = preferences(&rewards, 4, 9, pool);
                for (answers, preferences) in rewards.chunks(4).zip(preferences.chunks(4)) {
                    let spans = || answers.iter().enumerate().flat_map(|(index, spans)| {
                        spans.iter().filter(|span| span.pool == pool).map(move |span| (index, span))
                    });
                    let with = |sign: f32| spans().filter(|(index, span)| preferences[*index][span.tokens.start] == sign).collect::<Vec<_>>();
                    let (best, worst) = (with(1.0), with(-1.0));
                    let flat = spans().all(|(_, span)| spans().all(|(_, other)| span.reward == other.reward));
                    prop_assert_eq!([best.len(), worst.len()], [usize::from(!flat); 2], "{:?} {:?}", arm, pool);
                    for ((_, best), (_, worst)) in best.iter().zip(&worst) {
                        prop_assert!(spans().all(|(_, span)| best.reward >= span.reward && span.reward >= worst.reward));
                    }
                    let marked = preferences.iter().flatten().filter(|sign| **sign != 0.0).count();
                    let tokens = best.iter().chain(&worst).map(|(_, span)| span.tokens.len()).sum::<usize>();
                    prop_assert_eq!(marked, tokens, "no token outside of the pair");
                }
            }
        }

        /// The reason there is no division by the standard deviation.
        #[test]
        fn centring_the_reasons_one_by_one_equals_centring_their_sum(judged in prop::collection::vec(any_judged(0), 8)) {
            let centred = |channel: fn(&Rating) -> f32| {
                let rewards: Vec<f32> = judged.iter().map(|judged| channel(&judged.rating)).collect();
                group_relative(&whole(&rewards), 8, 8, Baseline::GroupMean)
            };
            let (framing, content, sum) = (centred(|r| r.framing), centred(|r| r.content), centred(|r| r.framing + r.content));
            for answer in 0..8 {
                prop_assert!((framing[answer][0] + content[answer][0] - sum[answer][0]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_group_without_spread_has_no_advantage_and_is_counted() {
        // Eight times 0.1 is not 0.8 in f32: the rounded mean must not become a spread of one.
        for (reward, baseline) in [(0.7, Baseline::GroupMean), (0.1, Baseline::ZScored)] {
            assert_eq!(group_relative(&whole(&[reward; 8]), 4, 5, baseline), vec![vec![0.0; 5]; 8], "{baseline:?}");
        }
        assert_eq!(flat_groups(&whole(&[0.1, 0.1, 0.1, 0.2]), 2), 0.5);
    }

    /// A structured answer whose value differs is not flat although its opening is.
    #[test]
    fn a_group_with_spread_in_one_pool_is_not_flat() {
        let spans = |content: f32| {
            vec![
                SpanReward { tokens: 0..2, reward: 0.5, pool: Pool::Opening },
                SpanReward { tokens: 2..3, reward: content, pool: Pool::Content },
            ]
        };
        assert_eq!(flat_groups(&[spans(0.1), spans(0.2)], 2), 0.0);
        assert_eq!(flat_groups(&[spans(0.1), spans(0.1)], 2), 1.0);
    }
}
