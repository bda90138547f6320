//! The questions that the lab asks: each a rater and the arms that answer it, and the published condition that has
//! run them. Leaves out their words, which are the page's.

use crate::judgement::arms::Arm;
use crate::judgement::experiment::Experiment;
use crate::judgement::rater::RaterPreset;

/// A rater and the arms to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Does feedback with reasons keep the facts that a single number loses?
    Attribution,
    /// Does hedging spread?
    Hedging,
    /// Are facts forgotten if stating them is punished?
    Retention,
    /// Is it how fine the credit is, or where the discomfort goes?
    Controls,
}

impl Question {
    /// In the lab's order.
    pub const ALL: [Question; 4] = [Question::Attribution, Question::Hedging, Question::Retention, Question::Controls];

    /// The name in files.
    pub fn id(self) -> &'static str {
        match self {
            Question::Attribution => "attribution",
            Question::Hedging => "hedging",
            Question::Retention => "retention",
            Question::Controls => "controls",
        }
    }

    /// The published condition whose runs hold its arms ([`conditions`](super::conditions::conditions)).
    pub fn condition(self) -> &'static str {
        match self {
            Question::Attribution | Question::Controls => "attribution",
            Question::Hedging => "hedging",
            Question::Retention => "retention",
        }
    }

    /// What it runs, on these seeds.
    pub fn experiment(self, seeds: Vec<u64>) -> Experiment {
        let (rater, arms): (_, &[Arm]) = match self {
            Question::Attribution => (RaterPreset::UncomfortableFacts, &[Arm::Scalar, Arm::Structured]),
            Question::Hedging => (RaterPreset::TouchyTopic, &[Arm::Scalar, Arm::Structured]),
            Question::Retention => {
                (RaterPreset::UncomfortableFacts, &[Arm::ContentPenalty, Arm::FramingPenalty, Arm::Noise])
            }
            Question::Controls => (
                RaterPreset::UncomfortableFacts,
                &[Arm::Scalar, Arm::Structured, Arm::ScalarWithoutDiscomfort, Arm::StructuredDiscomfortOnContent],
            ),
        };
        Experiment { arms: arms.to_vec(), seeds, ..Experiment::preset(rater) }
    }

    /// The question that an experiment asks, if it is one of the lab's.
    pub fn of(experiment: &Experiment) -> Option<Question> {
        Question::ALL.into_iter().find(|question| question.experiment(experiment.seeds.clone()) == *experiment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::conditions::conditions;

    /// The recordings are cut from the runs of the conditions: these must train what the question trains.
    #[test]
    fn the_condition_of_a_question_trains_its_arms_with_its_settings() {
        for question in Question::ALL {
            let condition = conditions().into_iter().find(|condition| condition.name == question.condition()).unwrap();
            let asked = question.experiment(vec![0]);
            assert!(asked.arms.iter().all(|arm| condition.arms.contains(arm)), "{question:?}");
            let preset = Experiment::preset(condition.rater);
            assert!(condition.changes.is_empty() && condition.bases.is_none() && condition.throughout, "{question:?}");
            assert_eq!((asked.rater, asked.finetune, asked.reward_model), (preset.rater, preset.finetune, None));
        }
    }
}
