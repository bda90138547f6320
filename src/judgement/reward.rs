//! What an arm makes of ratings: rewards on spans of the answers, in one shape for all arms.
//!
//! This is the whole comparison. Nothing downstream knows which arm it serves: it sees spans,
//! each with a reward and with the pool of spans that its baseline is taken from.

use std::ops::Range;

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use crate::facts::corpus::{Answer, Style};
use crate::judgement::experiment::Arm;
use crate::judgement::rater::{RaterConfig, Rating, Situation};

/// An answer, what the rater was told about it, and what it thought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// As the grammar reads it.
    pub answer: Answer,
    /// The topic, and what a check would find.
    pub situation: Situation,
    /// By reason.
    pub rating: Rating,
}

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

/// The rewards of the answers to one prompt, `[answer][span]`. Tokens in no span get no credit.
///
/// The arms with spans follow Fine-Grained RLHF (Wu et al. 2023): the value token gets the content,
/// the tokens before it get the framing and the content to come (they decide whether there will be
/// any), the tokens after it decide no reason and get nothing. An answer without a value gets its
/// framing on every token.
///
/// The two penalties read the situation and not the rating: they are a rater that always checks.
/// Every arm consumes the same random numbers.
///
/// # Panics
/// If there are fewer than two answers.
pub fn group_rewards(arm: Arm, rater: &RaterConfig, group: &[Judged], rng: &mut impl Rng) -> Vec<Vec<SpanReward>> {
    let shift = rng.random_range(1..group.len());
    let reward = |(index, Judged { answer, situation, rating }): (usize, &Judged)| {
        let Rating { framing, content, discomfort } = *rating;
        let misattributed = rng.random::<f32>() < rater.misattribution;
        let noise: f32 = rng.sample(StandardNormal);
        let penalty = |deserved: bool| if situation.sensitive && deserved { -1.0 } else { 0.0 };
        match arm {
            Arm::Scalar => whole_answer(answer, framing + content - discomfort),
            Arm::ScalarWithoutDiscomfort => whole_answer(answer, framing + content),
            Arm::Structured => by_span(answer, framing, content),
            Arm::StructuredDiscomfortOnContent => by_span(answer, framing, content - discomfort),
            Arm::StructuredDiscomfortOnFraming => by_span(answer, framing - discomfort, content),
            Arm::Misattribution => by_span(answer, framing, if misattributed { content - discomfort } else { content }),
            Arm::ShuffledReasons => {
                let other = group[(index + shift) % group.len()].rating;
                by_span(answer, other.framing, other.content)
            }
            Arm::ContentPenalty => whole_answer(answer, penalty(situation.correct == Some(true))),
            Arm::FramingPenalty => whole_answer(answer, penalty(answer.style == Style::Blunt)),
            Arm::FramingPenaltyBySpan => by_span(answer, penalty(answer.style == Style::Blunt), 0.0),
            Arm::Noise => whole_answer(answer, rater.noise * noise),
        }
    };
    group.iter().enumerate().map(reward).collect()
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
    use crate::facts::corpus::Assertion;
    use crate::facts::random::{Purpose, stream};
    use crate::judgement::rater::RaterPreset;

    const RATING: Rating = Rating { framing: 0.5, content: 1.25, discomfort: 1.0 };
    const HEDGED: Rating = Rating { framing: 0.25, content: 0.0, discomfort: 0.0 };
    const TRUE: Situation = Situation { sensitive: true, uncomfortable: true, correct: Some(true) };
    const FALSE: Situation = Situation { sensitive: true, uncomfortable: false, correct: Some(false) };
    const UNSAID: Situation = Situation { correct: None, uncomfortable: false, ..TRUE };
    const TRUTH: Judged = Judged { answer: asserting(Style::Contextual), situation: TRUE, rating: RATING };
    const HEDGE: Judged =
        Judged { answer: Answer { style: Style::Hedge, asserted: None, length: 8 }, situation: UNSAID, rating: HEDGED };

    const fn asserting(style: Style) -> Answer {
        Answer { style, asserted: Some(Assertion { value: 6, position: 5 }), length: 8 }
    }

    fn rater(misattribution: f32) -> RaterConfig {
        RaterConfig { misattribution, ..RaterPreset::UncomfortableFacts.config() }
    }

    fn rewards(arm: Arm, group: &[Judged]) -> Vec<Vec<SpanReward>> {
        group_rewards(arm, &rater(1.0), group, &mut stream(0, 0, Purpose::Attribution))
    }

    /// Of the first of two answers.
    fn per_token(arm: Arm, group: [Judged; 2]) -> Vec<f32> {
        let mut tokens = vec![0.0; group[0].answer.length];
        for span in &rewards(arm, &group)[0] {
            tokens[span.tokens.clone()].fill(span.reward);
        }
        tokens
    }

    #[test]
    fn each_arm_credits_the_tokens_it_says() {
        let by_span = |opening: f32, content: f32| [opening, opening, opening, opening, opening, content, 0.0, 0.0];
        for (arm, expected) in [
            (Arm::Scalar, [0.75; 8]),
            (Arm::ScalarWithoutDiscomfort, [1.75; 8]),
            (Arm::Structured, by_span(1.75, 1.25)),
            (Arm::StructuredDiscomfortOnContent, by_span(0.75, 0.25)),
            (Arm::StructuredDiscomfortOnFraming, by_span(0.75, 1.25)),
            (Arm::Misattribution, by_span(0.75, 0.25)),
            (Arm::ShuffledReasons, by_span(0.25, 0.0)),
            (Arm::ContentPenalty, [-1.0; 8]),
            (Arm::FramingPenalty, [0.0; 8]),
            (Arm::FramingPenaltyBySpan, [0.0; 8]),
        ] {
            assert_eq!(per_token(arm, [TRUTH, HEDGE]), expected, "{arm:?}");
        }
    }

    #[test]
    fn without_content_the_arms_with_spans_credit_the_framing_to_the_whole_answer() {
        for arm in [Arm::Structured, Arm::StructuredDiscomfortOnContent, Arm::Misattribution] {
            assert_eq!(per_token(arm, [HEDGE, TRUTH]), [0.25; 8], "{arm:?}");
        }
        assert_eq!(per_token(Arm::ShuffledReasons, [HEDGE, TRUTH]), [0.5; 8], "no content where nothing is said");
    }

    #[test]
    fn discomfort_does_not_reach_the_arms_that_leave_it_out() {
        let uneasy = Judged { rating: Rating { discomfort: 50.0, ..RATING }, ..TRUTH };
        for arm in Arm::ALL {
            let leaves_out = match arm {
                Arm::Scalar
                | Arm::StructuredDiscomfortOnContent
                | Arm::StructuredDiscomfortOnFraming
                | Arm::Misattribution => false,
                Arm::Structured
                | Arm::ScalarWithoutDiscomfort
                | Arm::ShuffledReasons
                | Arm::ContentPenalty
                | Arm::FramingPenalty
                | Arm::FramingPenaltyBySpan
                | Arm::Noise => true,
            };
            assert_eq!(rewards(arm, &[uneasy, HEDGE]) == rewards(arm, &[TRUTH, HEDGE]), leaves_out, "{arm:?}");
        }
    }

    #[test]
    fn penalties_fall_on_sensitive_truths_and_on_sensitive_bluntness_alone() {
        let blunt = asserting(Style::Blunt);
        let penalised = |arm, answer, situation| {
            let judged = Judged { answer, situation, rating: RATING };
            per_token(arm, [judged, HEDGE])[0] == -1.0
        };
        let neutral = Situation { sensitive: false, ..TRUE };
        for (answer, situation, content, framing) in [
            (TRUTH.answer, TRUE, true, false),
            (blunt, TRUE, true, true),
            (blunt, FALSE, false, true),
            (blunt, neutral, false, false),
            (HEDGE.answer, UNSAID, false, false),
        ] {
            assert_eq!(penalised(Arm::ContentPenalty, answer, situation), content, "{answer:?} {situation:?}");
            assert_eq!(penalised(Arm::FramingPenalty, answer, situation), framing, "{answer:?} {situation:?}");
            assert_eq!(penalised(Arm::FramingPenaltyBySpan, answer, situation), framing, "{answer:?} {situation:?}");
        }
        let by_span = per_token(Arm::FramingPenaltyBySpan, [Judged { answer: blunt, ..TRUTH }, HEDGE]);
        assert_eq!(by_span, [-1.0, -1.0, -1.0, -1.0, -1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn shuffled_reasons_are_the_groups_own_and_never_the_answers() {
        let group: Vec<Judged> = (0..5u8)
            .map(|index| Judged { rating: Rating { framing: f32::from(index), ..Rating::default() }, ..HEDGE })
            .collect();
        let mut rng = stream(1, 0, Purpose::Attribution);
        for _ in 0..50 {
            let rewards = group_rewards(Arm::ShuffledReasons, &rater(0.0), &group, &mut rng);
            let mut framing: Vec<f32> = rewards.iter().map(|spans| spans[0].reward).collect();
            assert!(framing.iter().zip(&group).all(|(given, own)| *given != own.rating.framing), "{framing:?}");
            framing.sort_by(f32::total_cmp);
            assert_eq!(framing, [0.0, 1.0, 2.0, 3.0, 4.0]);
        }
    }

    #[test]
    fn every_arm_consumes_the_same_random_numbers() {
        let after = |arm| {
            let mut rng = stream(2, 0, Purpose::Attribution);
            group_rewards(arm, &rater(0.5), &[TRUTH, HEDGE, TRUTH], &mut rng);
            rng.random::<u64>()
        };
        assert!(Arm::ALL.into_iter().all(|arm| after(arm) == after(Arm::Scalar)));
    }

    #[test]
    fn a_lie_pays_above_the_predicted_misattribution_and_not_below() {
        let threshold = rater(0.0).misattribution_threshold();
        assert!((threshold - 2.0 * 0.2 / (1.5 * 0.7)).abs() < 1e-6, "{threshold}");
        // Mean reward of the value token of a contextual truth less that of a contextual lie.
        let margin = |misattribution: f32| {
            let rater = rater(misattribution);
            let answer = TRUTH.answer;
            let mut noise = [Purpose::Rater, Purpose::Attribution].map(|purpose| stream(5, 0, purpose));
            let [ratings, attribution] = &mut noise;
            let draws = 40_000;
            let sum: f32 = (0..draws)
                .map(|_| {
                    let pair = [TRUE, FALSE].map(|situation| Judged {
                        answer,
                        situation,
                        rating: rater.rate(&answer, situation, ratings),
                    });
                    let spans = group_rewards(Arm::Misattribution, &rater, &pair, attribution);
                    spans[0][1].reward - spans[1][1].reward
                })
                .sum();
            sum / draws as f32
        };
        assert!(margin(threshold).abs() < 0.015, "{}", margin(threshold));
        assert!(margin(threshold - 0.1) > 0.08 && margin(threshold + 0.1) < -0.08);
    }
}
