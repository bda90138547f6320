//! The arms: one table, from which the enum, the names and the rewards follow.
//!
//! To add an arm, add an entry at the end of the table. The page needs a name and a sentence for it in its
//! texts. Colour, dash and marker follow from the family and the place in it.

use crate::facts::corpus::{Answer, Style};
use crate::judgement::rater::{Rating, Situation};
use crate::judgement::spans::{SpanReward, by_span, whole_answer};
use crate::table::table;

/// One entry of the table.
pub struct ArmSpec {
    /// The arm.
    pub arm: Arm,
    /// Its name in files and on the command line.
    pub id: &'static str,
    /// Arms of one family look alike.
    pub family: Family,
    /// Is it among the arms that are shown first?
    pub main: bool,
    /// What it trains on, for docs/SCHEMA.md.
    #[cfg(feature = "cli")]
    pub meaning: &'static str,
    /// What it makes of a rated answer.
    reward: RewardFn,
}

/// Arms that answer the same kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// One number of the rating for the whole answer.
    Scalar,
    /// Each reason on the span that it is about.
    Structured,
    /// Something is punished, whatever the rater thinks.
    Penalty,
    /// No information.
    Noise,
}

/// Everything that an arm may look at to reward one answer.
pub struct Case<'a> {
    /// As the grammar reads it.
    pub answer: &'a Answer,
    /// The topic, and what a check would find.
    pub situation: Situation,
    /// What the rater thinks of it.
    pub rating: Rating,
    /// What the rater thinks of another answer to the same prompt.
    pub other: Rating,
    /// Is the discomfort blamed on the content this time? True with
    /// [`RaterConfig::misattribution`](crate::judgement::rater::RaterConfig::misattribution).
    pub misattributed: bool,
    /// A normal number with the deviation of the rater's noise.
    pub noise: f32,
}

type RewardFn = fn(&Case) -> Vec<SpanReward>;

impl Case<'_> {
    /// −1 if the topic is sensitive and the answer deserves it.
    fn penalty(&self, deserved: bool) -> f32 {
        if self.situation.sensitive && deserved { -1.0 } else { 0.0 }
    }

    fn is_blunt(&self) -> bool {
        self.answer.style == Style::Blunt
    }
}

// Links and snapshots count arms in this order: a new one goes to the end.
table! {
    /// Which part of a rating an arm trains on, and which tokens it credits.
    arm: Arm, ArmSpec;
    /// One number, F + C − D, for the whole answer.
    Scalar = "scalar" {
        family: Family::Scalar, main: true,
        reward: |case| whole_answer(case.answer, case.rating.scalar())
    }
    /// Framing to the framing, content to the value; discomfort is recorded and credited to neither.
    Structured = "structured" {
        family: Family::Structured, main: true,
        reward: |case| by_span(case.answer, case.rating.framing, case.rating.content)
    }
    /// One number without the discomfort, F + C: is it the credit or the attribution?
    ScalarWithoutDiscomfort = "scalar_without_discomfort" {
        family: Family::Scalar, main: true,
        reward: |case| whole_answer(case.answer, case.rating.framing + case.rating.content)
    }
    /// The same spans as structured, with the discomfort put on the content.
    StructuredDiscomfortOnContent = "structured_discomfort_on_content" {
        family: Family::Structured, main: true,
        reward: |case| by_span(case.answer, case.rating.framing, case.rating.content - case.rating.discomfort)
    }
    /// The same spans, with the discomfort put on the framing.
    StructuredDiscomfortOnFraming = "structured_discomfort_on_framing" {
        family: Family::Structured, main: false,
        reward: |case| by_span(case.answer, case.rating.framing - case.rating.discomfort, case.rating.content)
    }
    /// As structured, but with probability `misattribution` the discomfort lands on the content: how good
    /// must attribution be?
    Misattribution = "misattribution" {
        family: Family::Structured, main: false,
        reward: |case| {
            let Rating { framing, content, discomfort } = case.rating;
            by_span(case.answer, framing, if case.misattributed { content - discomfort } else { content })
        }
    }
    /// As structured, with the reasons of another answer to the same prompt: as many numbers on the
    /// same spans, and no information.
    ShuffledReasons = "shuffled_reasons" {
        family: Family::Structured, main: false,
        reward: |case| by_span(case.answer, case.other.framing, case.other.content)
    }
    /// −1 for the whole answer if it states a sensitive truth, from a rater that always checks.
    ContentPenalty = "content_penalty" {
        family: Family::Penalty, main: false,
        reward: |case| whole_answer(case.answer, case.penalty(case.situation.correct == Some(true)))
    }
    /// −1 for the whole answer if it is blunt on a sensitive topic.
    FramingPenalty = "framing_penalty" {
        family: Family::Penalty, main: false,
        reward: |case| whole_answer(case.answer, case.penalty(case.is_blunt()))
    }
    /// The same −1, for the words before the value only.
    FramingPenaltyBySpan = "framing_penalty_by_span" {
        family: Family::Penalty, main: false,
        reward: |case| by_span(case.answer, case.penalty(case.is_blunt()), 0.0)
    }
    /// Noise alone for the whole answer: how far does a policy drift without information?
    Noise = "noise" {
        family: Family::Noise, main: false,
        reward: |case| whole_answer(case.answer, case.noise)
    }
}

impl Arm {
    /// Arms of its family that stand before it in the table.
    pub fn place_in_family(self) -> usize {
        SPECS[..self as usize].iter().filter(|spec| spec.family == self.spec().family).count()
    }

    /// The rewards of one answer, span by span.
    pub(super) fn reward(self, case: &Case) -> Vec<SpanReward> {
        (self.spec().reward)(case)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::corpus::Assertion;
    use crate::facts::random::{Purpose, stream};
    use crate::judgement::rater::{RaterConfig, RaterPreset};
    use crate::judgement::reward::{Judged, group_rewards};
    use rand::RngExt;

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

    /// What holds for every entry of the table, a new one included.
    #[test]
    fn every_arm_is_reachable_by_name_has_spans_inside_the_answer_and_consumes_the_same_random_numbers() {
        let group = [TRUTH, HEDGE, TRUTH];
        let after = |arm| {
            let mut rng = stream(2, 0, Purpose::Attribution);
            group_rewards(arm, &rater(0.5), &group, &mut rng);
            rng.random::<u64>()
        };
        for (place, arm) in Arm::ALL.into_iter().enumerate() {
            assert_eq!((arm.spec().arm, arm as usize), (arm, place));
            assert_eq!(Arm::from_id(arm.id()), Some(arm), "two arms are called {}", arm.id());
            assert_eq!(serde_json::to_value(arm).unwrap(), arm.id());
            assert_eq!(after(arm), after(Arm::Scalar), "{arm:?}");
            for (Judged { answer, .. }, spans) in group.iter().zip(rewards(arm, &group)) {
                assert!(spans.iter().all(|span| !span.tokens.is_empty() && span.tokens.end <= answer.length));
                assert!(spans.windows(2).all(|pair| pair[0].tokens.end <= pair[1].tokens.start), "{arm:?}: {spans:?}");
            }
        }
    }

    #[test]
    fn an_arm_has_a_place_of_its_own_in_its_family() {
        let places: Vec<(Family, usize)> =
            Arm::ALL.iter().map(|arm| (arm.spec().family, arm.place_in_family())).collect();
        for (arm, place) in places.iter().enumerate() {
            assert!(!places[..arm].contains(place), "{place:?}");
        }
        assert_eq!(places[Arm::Misattribution as usize], (Family::Structured, 3));
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
