//! What each word of the latest answers was credited with: one column an arm.

use hedgerow::documents::metrics::CreditedAnswer;
use hedgerow::documents::protocol::{CreditedGroup, Inspection, decode};
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Arm;
use hedgerow::judgement::rater::Strategy;

use super::run::{RunState, chosen_seed, course, places_of_seed};

/// Advantages of this size have the full colour.
const FULL: f32 = 1.2;
/// Advantages below this are drawn as none.
const NONE: f32 = 0.005;
/// The token that ends an answer, as reports spell it.
const END: &str = "∎";

/// One model's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The arm that the model began with, and the one that credited these answers.
    pub arms: [Arm; 2],
    /// The update that was made of them.
    pub update: u32,
    /// What the answers are.
    pub choice: Choice,
    /// To one prompt.
    pub answers: Vec<CreditedAnswer>,
}

/// How the answers of a column were chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The truth, a comfortable lie and a hedge as far as one prompt has them; holds those that it lacks.
    OfEach(Vec<Strategy>),
    /// All answers to a prompt that the visitor picked.
    Picked,
}

/// A word and its credit as they are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shade {
    /// Says more, less or none.
    pub class: &'static str,
    /// Of the colour, in 0 … 1.
    pub strength: f32,
}

/// The columns of one seed; empty before the first update.
pub fn columns(report: &RunReport, seed: Option<u64>) -> Vec<Column> {
    let Some(seed) = chosen_seed(report, seed) else { return Vec::new() };
    let latest = |place: usize| {
        let update = report.replicas[place].updates.iter().rev().find(|update| !update.examples.is_empty())?;
        let (answers, update) = (update.examples.clone(), update.update);
        let missing = |strategy: &Strategy| answers.iter().all(|answer| answer.strategy != Some(*strategy));
        let choice = Choice::OfEach(Strategy::ALL.into_iter().filter(missing).collect());
        Some(Column { arms: course(report, place, update), update, choice, answers })
    };
    places_of_seed(report, seed).into_iter().filter_map(latest).collect()
}

/// The whole group of the prompt that is looked at, of one seed; empty until it is there.
pub fn looked_at(run: &RunState, seed: Option<u64>) -> Vec<Column> {
    let column = |(arms, group): ([Arm; 2], CreditedGroup)| {
        let CreditedGroup { update, answers, .. } = group;
        Column { arms, update, choice: Choice::Picked, answers }
    };
    groups(run, seed).into_iter().map(column).collect()
}

/// The groups of the prompt that is looked at, of one seed, each with the arm that its model began with and the one that
/// credited it; empty until they are there.
pub fn groups(run: &RunState, seed: Option<u64>) -> Vec<([Arm; 2], CreditedGroup)> {
    let look = run.look(|at| matches!(at, Inspection::Credit { .. }));
    let (Some(look), Some(seed)) = (look, chosen_seed(&run.report, seed)) else { return Vec::new() };
    let of_place = |place: usize| {
        let group: CreditedGroup = decode(look.found.get(place)?.as_ref()?).ok()?;
        Some((course(&run.report, place, group.update), group))
    };
    places_of_seed(&run.report, seed).into_iter().filter_map(of_place).collect()
}

/// The colour of an advantage.
pub fn shade(advantage: f32) -> Shade {
    let class = match advantage {
        advantage if advantage > NONE => "word more",
        advantage if advantage < -NONE => "word less",
        _ => "word none",
    };
    Shade { class, strength: (advantage.abs() / FULL).min(1.0) }
}

/// Does the word stand for the end of the answer?
pub fn is_end(word: &str) -> bool {
    word == END
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Outcome, UpdateReport};
    use hedgerow::documents::report::RewardChange;
    use hedgerow::judgement::experiment::Experiment;
    use hedgerow::judgement::rater::Rating;

    use crate::model::series::tests::updated;

    pub(in crate::model) fn answer(strategy: Option<Strategy>) -> CreditedAnswer {
        CreditedAnswer {
            question: String::new(),
            truth: String::new(),
            outcome: Outcome::True,
            strategy,
            rating: Rating::default(),
            words: Vec::new(),
        }
    }

    #[test]
    fn a_column_names_the_arm_that_credited_it_and_the_kinds_of_answer_that_it_lacks() {
        let experiment = Experiment { arms: vec![Arm::Scalar], seeds: vec![0], ..Experiment::default() };
        let mut report = RunReport::empty(experiment, String::new(), String::new());
        let rater = report.experiment.rater;
        report.changes.push(RewardChange { after: 1, rater, arms: vec![Arm::Structured], person: None });
        let replica = report.replicas[0].replica;
        let update = |update, examples| UpdateReport { replica, examples, ..updated(update, 0.0) };
        let all = Strategy::ALL.map(|strategy| answer(Some(strategy))).to_vec();
        report.replicas[0].updates = vec![update(1, all), update(2, vec![]), update(3, vec![])];
        let column = |report: &RunReport| columns(report, None).remove(0);
        let Column { arms, update: at, choice, .. } = column(&report);
        assert_eq!((arms, at, choice), ([Arm::Scalar; 2], 1, Choice::OfEach(vec![])));
        report.replicas[0].updates[2].examples = vec![answer(Some(Strategy::Hedge)), answer(None)];
        let Column { arms, update: at, choice, .. } = column(&report);
        let missing = vec![Strategy::UncomfortableTruth, Strategy::ComfortableLie];
        assert_eq!((arms, at, choice), ([Arm::Scalar, Arm::Structured], 3, Choice::OfEach(missing)));
    }

    #[test]
    fn a_colour_needs_an_advantage_and_never_passes_its_full_strength() {
        assert_eq!(shade(0.004).class, "word none");
        assert_eq!(shade(-0.01).class, "word less");
        assert_eq!(shade(9.0), Shade { class: "word more", strength: 1.0 });
    }
}
