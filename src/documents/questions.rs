//! The questions that the lab asks: each a rater and the arms that answer it, and the published condition that has
//! run them. Leaves out their words, which are the page's.

use crate::facts::world::Theme;
use crate::judgement::arms::Arm;
use crate::judgement::experiment::{Experiment, WorldId};
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

/// A question in the worlds of a theme: what is recorded, once for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedRun {
    /// What is asked.
    pub question: Question,
    /// What the worlds are about.
    pub theme: Theme,
}

impl RecordedRun {
    /// Every question in every theme.
    pub fn all() -> impl Iterator<Item = RecordedRun> {
        let in_theme = |theme| Question::ALL.into_iter().map(move |question| RecordedRun { question, theme });
        Theme::ALL.into_iter().flat_map(in_theme)
    }

    /// The name of its file, below the folder of recorded runs.
    pub fn name(self) -> String {
        match self.theme {
            Theme::Groups => self.question.id().to_owned(),
            Theme::Everyday => format!("{}/{}", self.theme.id(), self.question.id()),
        }
    }

    /// The published condition whose runs hold its arms ([`conditions`](super::conditions::conditions)).
    pub fn condition(self) -> String {
        match self.theme {
            Theme::Groups => self.question.condition().to_owned(),
            Theme::Everyday => format!("{}-{}", self.theme.id(), self.question.condition()),
        }
    }

    /// What it runs, on these seeds.
    pub fn experiment(self, seeds: Vec<u64>) -> Experiment {
        Experiment { own_world: WorldId::of(self.theme), ..self.question.experiment(seeds) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::conditions::conditions;

    /// The recordings are cut from the runs of the conditions: these must train what the question trains.
    #[test]
    fn the_condition_of_a_question_trains_its_arms_with_its_settings() {
        for run in RecordedRun::all() {
            let condition = conditions().into_iter().find(|condition| condition.name == run.condition()).unwrap();
            let asked = run.experiment(vec![0]);
            assert!(asked.arms.iter().all(|arm| condition.arms.contains(arm)), "{run:?}");
            let preset = Experiment::preset(condition.rater);
            assert!(condition.changes.is_empty() && condition.bases.is_none() && condition.throughout, "{run:?}");
            assert_eq!((asked.rater, asked.finetune, asked.reward_model), (preset.rater, preset.finetune, None));
            assert_eq!((condition.theme, asked.own_world), (run.theme, WorldId::of(run.theme)));
        }
    }
}
