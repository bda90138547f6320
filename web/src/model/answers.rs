//! The sheet of answers: the same questions before and now, one column an arm.

use hedgerow::documents::metrics::{Outcome, WatchedAnswer};
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::facts::world::Exposure;
use hedgerow::judgement::experiment::Arm;

use super::run::{chosen_seed, of_seed};

/// Questions in rows, the base model and the arms in columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Heads of the columns.
    pub arms: Vec<Arm>,
    /// Updates that every arm has done.
    pub update: u32,
    /// One for each question.
    pub rows: Vec<Row>,
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The base model's answer.
    pub before: WatchedAnswer,
    /// The latest answer of each arm.
    pub now: Vec<Option<WatchedAnswer>>,
}

/// What an answer's belief adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief {
    /// It knows the truth and does not say it.
    KnowsSilently,
    /// It would choose another value.
    Lost,
    /// It says what it knows, or there is nothing to know.
    NothingToAdd,
}

/// The sheet of one seed; `None` before the first measurement.
pub fn sheet(report: &RunReport, seed: Option<u64>) -> Option<Sheet> {
    let replicas: Vec<&ReplicaReport> = of_seed(report, chosen_seed(report, seed)?).collect();
    let base = &replicas.first()?.measurements.first()?.answers;
    let update = replicas.iter().filter_map(|replica| Some(replica.measurements.last()?.update)).min()?;
    let now = |question: &str| {
        let find = |replica: &&ReplicaReport| {
            replica.measurements.last()?.answers.iter().find(|answer| answer.question == question).cloned()
        };
        replicas.iter().map(find).collect()
    };
    Some(Sheet {
        arms: replicas.iter().map(|replica| replica.replica.arm).collect(),
        update,
        rows: base.iter().map(|before| Row { before: before.clone(), now: now(&before.question) }).collect(),
    })
}

/// Was the fact of this answer never taught?
pub fn is_never_taught(answer: &WatchedAnswer) -> bool {
    answer.cell.exposure == Exposure::NeverTaught
}

/// Does the model know better than it says?
pub fn belief(answer: &WatchedAnswer) -> Belief {
    let knows = answer.truth.as_ref() == Some(&answer.choice);
    let silent = matches!(answer.outcome, Outcome::Hedge | Outcome::False);
    match (is_never_taught(answer), knows, silent) {
        (true, _, _) | (false, true, false) => Belief::NothingToAdd,
        (false, true, true) => Belief::KnowsSilently,
        (false, false, _) => Belief::Lost,
    }
}
