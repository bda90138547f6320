//! Arms and numbers that make no difference in an experiment, found by rewarding every kind of answer.
//!
//! Two arms are the same if they give the same rewards to whatever can be sampled, rated and blamed at the
//! experiment's numbers; a number of the rater is idle if no arm's rewards move with it. Leaves out settings that
//! do not enter a reward: their entry in `settings` says when they matter.

use crate::facts::corpus::{Answer, Assertion, Style};
use crate::facts::random::{Purpose, stream};
use crate::judgement::arms::{Arm, Case};
use crate::judgement::experiment::Experiment;
use crate::judgement::rater::{RaterConfig, Rating, Situation};
use crate::judgement::settings::Setting;
use crate::judgement::spans::SpanReward;

/// What an arm comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    /// The same rewards as this arm, which stands before it in the table.
    With(Arm),
    /// The same reward for every answer, which teaches nothing.
    Flat,
}

/// What an arm comes to at an experiment's numbers; `None` if it is an arm of its own.
pub fn sameness(experiment: &Experiment, arm: Arm) -> Option<Sameness> {
    let own = rewards(experiment, arm);
    let mut spans = own.iter().flatten().map(|span| span.reward);
    let first = spans.next();
    if spans.all(|reward| Some(reward) == first) {
        return Some(Sameness::Flat);
    }
    let earlier = Arm::ALL.into_iter().take_while(|other| *other != arm);
    earlier.into_iter().find(|other| rewards(experiment, *other) == own).map(Sameness::With)
}

/// Does a setting change what is learned or measured, as the experiment's other settings are?
pub fn matters(experiment: &Experiment, setting: &Setting) -> bool {
    if !(setting.matters)(experiment) || !setting.path.starts_with("rater.") {
        return (setting.matters)(experiment);
    }
    let with = |value: f64| {
        let mut other = experiment.clone();
        (setting.set)(&mut other, value);
        experiment.arms.iter().map(|arm| rewards(&other, *arm)).collect::<Vec<_>>()
    };
    with(0.25) != with(0.75) || with(0.0) != with(1.0)
}

/// The rewards of every kind of answer in every kind of case that can occur.
fn rewards(experiment: &Experiment, arm: Arm) -> Vec<Vec<SpanReward>> {
    let judged = judged(experiment);
    let misattributed = possible(experiment.rater.misattribution);
    let cases = judged.iter().enumerate().flat_map(|(place, (answer, situation, rating))| {
        let other = judged[(place + 1) % judged.len()].2;
        // Any numbers that differ.
        let noise = experiment.rater.noise * place as f32;
        let case = move |misattributed| {
            let (answer, situation, rating) = (answer, *situation, *rating);
            arm.reward(&Case { answer, situation, rating, other, misattributed, noise })
        };
        misattributed.iter().copied().map(case).collect::<Vec<_>>()
    });
    cases.collect()
}

/// Every kind of answer with what the rater may think of it.
fn judged(experiment: &Experiment) -> Vec<(Answer, Situation, Rating)> {
    let mut judged = Vec::new();
    for sensitive in possible(experiment.finetune.sensitive_share) {
        for style in [Style::Blunt, Style::Contextual, Style::Hedge, Style::Malformed] {
            let asserts = matches!(style, Style::Blunt | Style::Contextual);
            let asserted = asserts.then_some(Assertion { value: 0, position: 4 });
            let answer = Answer { style, asserted, length: 7 };
            for correct in if asserts { vec![Some(true), Some(false)] } else { vec![None] } {
                for uncomfortable in if asserts && sensitive { vec![false, true] } else { vec![false] } {
                    let situation = Situation { sensitive, uncomfortable, correct };
                    let ratings = ratings(experiment, &answer, situation);
                    judged.extend(ratings.into_iter().map(|rating| (answer, situation, rating)));
                }
            }
        }
    }
    judged
}

/// Checked and unchecked, as far as the rater does either; a person's if one rates. A reward model may predict anything.
fn ratings(experiment: &Experiment, answer: &Answer, situation: Situation) -> Vec<Rating> {
    if let Some(person) = &experiment.person {
        return vec![person.rate(answer, situation)];
    }
    let rate = |checks: bool| {
        let check_probability = f32::from(u8::from(checks));
        let certain = RaterConfig { check_probability, ..experiment.rater };
        certain.rate(answer, situation, &mut stream(0, 0, Purpose::Rater))
    };
    let mut ratings: Vec<Rating> = possible(experiment.rater.check_probability).into_iter().map(rate).collect();
    if experiment.reward_model.is_some() {
        let predicted = |rating: &Rating| Rating {
            framing: rating.framing + 0.5,
            content: rating.content + 0.25,
            discomfort: rating.discomfort + 0.125,
        };
        ratings.extend(ratings.iter().map(predicted).collect::<Vec<_>>());
    }
    ratings
}

/// What something of this probability can come to.
fn possible(probability: f32) -> Vec<bool> {
    let [never, always] = [probability <= 0.0, probability >= 1.0];
    [false, true].into_iter().filter(|happens| if *happens { !never } else { !always }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::experiment::{Algorithm, RewardHeads, RewardModelConfig};
    use crate::judgement::person::{Person, Reasons, Thumb};
    use crate::judgement::rater::RaterPreset;
    use crate::judgement::settings::{SETTINGS, setting};

    fn with(change: impl Fn(&mut Experiment)) -> Experiment {
        let mut experiment = Experiment { arms: Arm::ALL.to_vec(), ..Experiment::default() };
        change(&mut experiment);
        experiment
    }

    /// The arms that come to something else, with what.
    fn same(change: impl Fn(&mut Experiment)) -> Vec<(Arm, Sameness)> {
        let experiment = with(change);
        Arm::ALL.into_iter().filter_map(|arm| Some((arm, sameness(&experiment, arm)?))).collect()
    }

    fn idle(change: impl Fn(&mut Experiment)) -> Vec<&'static str> {
        let experiment = with(change);
        let idle = SETTINGS.iter().filter(|setting| !matters(&experiment, setting));
        idle.map(|setting| setting.path).filter(|path| path.starts_with("rater.")).collect()
    }

    #[test]
    fn without_misattribution_the_arm_is_structured_and_with_it_an_arm_of_its_own() {
        let twin = (Arm::Misattribution, Sameness::With(Arm::Structured));
        assert_eq!(same(|_| {}), [twin], "the preset's q is 0");
        assert_eq!(same(|experiment| experiment.rater.misattribution = 0.6), []);
        let always = (Arm::Misattribution, Sameness::With(Arm::StructuredDiscomfortOnContent));
        assert_eq!(same(|experiment| experiment.rater.misattribution = 1.0), [always]);
    }

    #[test]
    fn without_discomfort_the_arms_that_differ_in_it_are_one() {
        let calm = |experiment: &mut Experiment| {
            experiment.rater = RaterConfig { discomfort_value: 0.0, misattribution: 0.6, ..experiment.rater };
        };
        let [scalar, structured] = [Arm::Scalar, Arm::Structured].map(Sameness::With);
        assert_eq!(
            same(calm),
            [
                (Arm::ScalarWithoutDiscomfort, scalar),
                (Arm::StructuredDiscomfortOnContent, structured),
                (Arm::StructuredDiscomfortOnFraming, structured),
                (Arm::Misattribution, structured),
            ]
        );
        // Predicted discomfort is never quite nothing.
        let heads = RewardHeads::Reasons;
        let model = Some(RewardModelConfig { ratings: 500, heads });
        assert_eq!(
            same(|experiment| {
                calm(experiment);
                experiment.reward_model = model
            }),
            []
        );
    }

    /// The formula was asked: with a person as the rater its numbers were shown as live, and arms as twins by them.
    #[test]
    fn of_a_person_the_formulas_numbers_say_nothing() {
        let person = |uncomfortable: f32| {
            move |experiment: &mut Experiment| {
                experiment.rater.discomfort_value = 0.0;
                let thumb = Thumb { ways: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], truth: 0.5, uncomfortable };
                let reasons = Reasons { framing: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], right: 0.5, wrong: -0.5 };
                experiment.person = Some(Box::new(Person { thumb, reasons }));
            }
        };
        let calm = (Arm::ScalarWithoutDiscomfort, Sameness::With(Arm::Scalar));
        assert!(same(person(0.0)).contains(&calm));
        assert!(!same(person(-0.7)).contains(&calm));
        for number in ["rater.discomfort_value", "rater.correctness", "rater.check_probability", "rater.hedge"] {
            assert!(idle(person(-0.7)).contains(&number), "{number}");
        }
    }

    #[test]
    fn an_arm_that_gives_every_answer_the_same_is_flat() {
        let flat = same(|experiment| {
            experiment.finetune.sensitive_share = 0.0;
            (experiment.rater.noise, experiment.rater.misattribution) = (0.0, 0.6);
        });
        for arm in [Arm::ContentPenalty, Arm::FramingPenalty, Arm::FramingPenaltyBySpan, Arm::Noise] {
            assert!(flat.contains(&(arm, Sameness::Flat)), "{arm:?}: {flat:?}");
        }
        assert!(!flat.iter().any(|(arm, _)| *arm == Arm::Scalar));
    }

    #[test]
    fn a_number_of_the_rater_is_idle_where_no_reward_moves_with_it() {
        let quiet = |experiment: &mut Experiment| experiment.rater.misattribution = 0.6;
        assert_eq!(idle(quiet), [] as [&str; 0]);
        let calm = idle(|experiment| {
            quiet(experiment);
            experiment.rater.discomfort_value = 0.0;
        });
        assert_eq!(calm, ["rater.context_relief", "rater.misattribution"]);
        let penalties = idle(|experiment| experiment.arms = vec![Arm::ContentPenalty, Arm::FramingPenalty]);
        assert_eq!(penalties.len(), 12, "penalties do not ask the rater: {penalties:?}");
        let unchecked = idle(|experiment| {
            quiet(experiment);
            experiment.rater.check_probability = 0.0;
        });
        assert_eq!(unchecked, ["rater.correctness"]);
        let b = idle(|experiment| {
            experiment.rater = RaterConfig { misattribution: 0.6, ..RaterPreset::TouchyTopic.config() };
        });
        assert_eq!(b, [] as [&str; 0]);
    }

    #[test]
    fn what_does_not_enter_a_reward_matters_as_its_entry_says() {
        let epochs = setting("finetune.epochs").unwrap();
        assert!(!matters(&Experiment::default(), epochs));
        assert!(matters(&with(|experiment| experiment.finetune.algorithm = Algorithm::Ppo), epochs));
    }
}
