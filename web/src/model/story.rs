//! The story: its steps, and what each sets beside its words.
//!
//! Leaves out the words (`text`) and where the question comes from, which is data (`documents::example`).

use hedgerow::judgement::rater::Strategy;

use super::draft::Question;
use super::outcomes::{End, Stack, end};

/// A step of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Three answers, one number each: which will it learn?
    Question,
    /// What is in the number.
    Reasons,
    /// What a real model that was trained on it says.
    Real,
    /// What became of a small one, which can be looked into.
    Run,
    /// What it still knows.
    Knows,
    /// What reasons instead of one number make of the same model.
    Feedback,
    /// Another rater, another outcome.
    Other,
    /// The reader's own run.
    Live,
    /// What came of it.
    End,
    /// What it does not show.
    Limits,
}

impl Step {
    /// In the order of the story.
    pub const ALL: [Step; 10] = [
        Step::Question,
        Step::Reasons,
        Step::Real,
        Step::Run,
        Step::Knows,
        Step::Feedback,
        Step::Other,
        Step::Live,
        Step::End,
        Step::Limits,
    ];

    /// Its name among the texts.
    pub fn id(self) -> &'static str {
        match self {
            Step::Question => "question",
            Step::Reasons => "reasons",
            Step::Real => "real",
            Step::Run => "run",
            Step::Knows => "knows",
            Step::Feedback => "feedback",
            Step::Other => "other",
            Step::Live => "live",
            Step::End => "end",
            Step::Limits => "limits",
        }
    }

    /// Its number, counted from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The step so many after it, if there is one.
    pub fn moved(self, by: isize) -> Option<Step> {
        Step::ALL.get((self as usize).checked_add_signed(by)?).copied()
    }

    /// The question of the laboratory whose run stands beside it.
    pub fn question(self) -> Question {
        if self == Step::Other { Question::Hedging } else { Question::Attribution }
    }

    /// Arms that are shown beside it: only the scalar one until there is talk of the other.
    pub fn arms(self) -> usize {
        match self {
            Step::Run | Step::Knows | Step::Other => 1,
            Step::Feedback | Step::Live | Step::End => 2,
            Step::Question | Step::Reasons | Step::Real | Step::Limits => 0,
        }
    }

    /// Are the models' sentences shown beside it?
    pub fn is_quoted(self) -> bool {
        matches!(self, Step::Run | Step::Feedback | Step::Live)
    }
}

/// What a model has learned to do most often with uncomfortable facts; `None` if two ways come out even.
pub fn learned(stack: &Stack) -> Option<Strategy> {
    let End { right, wrong, silent, .. } = end(stack)?;
    let shares = [right, wrong, silent];
    let most = *shares.iter().max()?;
    let mut ways = Strategy::ALL.into_iter().zip(shares).filter(|(_, share)| *share == most);
    ways.next().filter(|_| ways.next().is_none()).map(|(way, _)| way)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcomes::stacks;
    use crate::model::outcomes::tests::run;

    #[test]
    fn the_steps_follow_one_another_and_end() {
        let mut steps = vec![Step::Question];
        while let Some(next) = steps[steps.len() - 1].moved(1) {
            steps.push(next);
        }
        assert_eq!(steps, Step::ALL);
        assert_eq!(Step::Question.moved(-1), None);
        assert_eq!(Step::Limits.number(), 10);
    }

    /// A prediction is asked for before anything is shown that answers it.
    #[test]
    fn no_run_is_shown_before_the_prediction() {
        let before = Step::ALL.iter().take_while(|step| **step != Step::Run);
        assert!(before.into_iter().all(|step| step.arms() == 0));
    }

    #[test]
    fn what_was_learned_is_what_is_answered_most() {
        let learned = |course: &[(u32, u32, u32)]| learned(&stacks(&run(course), None)[0]);
        assert_eq!(learned(&[(9, 0, 1), (2, 5, 3)]), Some(Strategy::ComfortableLie));
        assert_eq!(learned(&[(9, 0, 1), (2, 3, 5)]), Some(Strategy::Hedge));
        assert_eq!(learned(&[(9, 0, 1), (6, 3, 1)]), Some(Strategy::UncomfortableTruth));
        assert_eq!(learned(&[(9, 0, 1), (4, 4, 2)]), None);
    }
}
