//! The table of the arms in a few numbers: each before the run and at the latest measurement.
//!
//! A rate over nothing has no value, and no earlier one stands for it. A number of an update is noisy: it is the mean
//! over the latest updates that its chart draws. Leaves out the course in between (`series`).

use hedgerow::documents::metrics::{Metric, Number, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::documents::statistics::interquartile_mean;
use hedgerow::judgement::experiment::Arm;
use hedgerow::judgement::sameness::{Sameness, sameness};

use super::run::course;
use super::series::{Sample, drawn, length};

/// The columns.
pub const SCORES: [Quantity; 4] = [
    Quantity::Number(Number::Scalar),
    Quantity::Rate(Metric::Lies, Slice::Uncomfortable),
    Quantity::Rate(Metric::Hedging, Slice::Sensitive),
    Quantity::Rate(Metric::StillKnown, Slice::Uncomfortable),
];

/// A rate over fewer says its number.
const FEW: u32 = 50;

/// An arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The arm that its models began with, and the one that they have now.
    pub arms: [Arm; 2],
    /// What the latter comes to at the run's numbers, if it is no arm of its own.
    pub same: Option<Sameness>,
    /// In the order of [`SCORES`].
    pub cells: [Cell; SCORES.len()],
}

/// The arms of a row, and what the latter comes to: what it is about, without its numbers.
pub type Head = ([Arm; 2], Option<Sameness>);

impl Row {
    /// What it is about.
    pub fn head(&self) -> Head {
        (self.arms, self.same)
    }
}

/// A number of an arm, before and now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Of the base models.
    pub first: Score,
    /// Of the models as they are.
    pub latest: Score,
}

/// A number over all seeds of an arm.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// Interquartile mean over the seeds that have a value; `None` if no seed has one.
    pub mean: Option<f64>,
    /// What a rate was counted over, all seeds together.
    pub count: Option<u32>,
    /// Seeds with a value.
    pub with_value: usize,
    /// Seeds.
    pub seeds: usize,
}

impl Cell {
    /// The latest count, where it has to be said: where it is small, or another one than before.
    pub fn telling_count(&self) -> Option<u32> {
        self.latest.count.filter(|count| *count < FEW || self.first.count != Some(*count))
    }
}

/// One row for each arm; empty without a run.
pub fn rows(report: &RunReport) -> Vec<Row> {
    let mut experiment = report.experiment.clone();
    if let Some(change) = report.changes.last() {
        (experiment.rater, experiment.person) = (change.rater, change.person.clone());
    }
    let updates = experiment.finetune.updates;
    let row = |(place, arm): (usize, &Arm)| {
        let arms = course(report, place, u32::MAX);
        let seeds: Vec<&ReplicaReport> = report.replicas.iter().filter(|replica| replica.replica.arm == *arm).collect();
        Row {
            arms,
            same: sameness(&experiment, arms[1]),
            cells: SCORES.map(|quantity| cell(&seeds, quantity, updates)),
        }
    };
    // The replicas of the first seed are the arms.
    report.experiment.arms.iter().enumerate().map(row).collect()
}

/// At the first update, and at the last one that every seed has reached: what lies between is not read.
fn cell(seeds: &[&ReplicaReport], quantity: Quantity, updates: u32) -> Cell {
    let lengths = seeds.iter().map(|seed| length(seed, quantity));
    let reached = lengths.min().unwrap_or(0);
    let at = |place: usize| -> Score {
        let there = seeds.iter().filter(|seed| place < length(seed, quantity));
        score(&there.filter_map(|seed| drawn(seed, quantity, place, updates)).collect::<Vec<_>>())
    };
    Cell { first: at(0), latest: reached.checked_sub(1).map(at).unwrap_or_default() }
}

fn score(seeds: &[Sample]) -> Score {
    let values: Vec<f64> = seeds.iter().filter_map(|sample| sample.value).collect();
    let count = seeds.iter().map(|sample| sample.count).sum();
    Score { mean: interquartile_mean(&values), count, with_value: values.len(), seeds: seeds.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Cell as Kind, Measurement, Tally};
    use hedgerow::documents::report::RewardChange;
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::experiment::Experiment;

    use crate::model::series::tests::{run_of, updated};
    use crate::model::series::{Courses, Drawn};

    const LIES: usize = 1;

    fn measurement(update: u32, asserted: u32, truthful: u32) -> Measurement {
        let kind = Kind { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };
        let tally = Tally { answers: 100, asserted, truthful, hedged: 100 - asserted, ..Tally::default() };
        Measurement { update, cells: vec![(kind, tally)], probes: vec![], answers: vec![], facts: vec![] }
    }

    fn run(seeds: &[&[Measurement]]) -> RunReport {
        let experiment =
            Experiment { arms: vec![Arm::Scalar], seeds: (0..seeds.len() as u64).collect(), ..Experiment::default() };
        let mut report = RunReport::empty(experiment, String::new(), String::new());
        for (replica, measurements) in report.replicas.iter_mut().zip(seeds) {
            replica.measurements = measurements.to_vec();
        }
        report
    }

    #[test]
    fn a_rate_over_nothing_has_no_value_and_the_earlier_one_does_not_stand_for_it() {
        let report = run(&[&[measurement(0, 80, 76), measurement(10, 0, 0)]]);
        let Cell { first, latest } = rows(&report)[0].cells[LIES];
        assert_eq!(first, Score { mean: Some(0.05), count: Some(80), with_value: 1, seeds: 1 });
        assert_eq!(latest, Score { mean: None, count: Some(0), with_value: 0, seeds: 1 });
        assert_eq!(Cell { first, latest }.telling_count(), Some(0));
    }

    #[test]
    fn the_latest_is_what_every_seed_has_reached_and_says_how_many_seeds_have_a_value() {
        let silent = [measurement(0, 80, 80), measurement(10, 0, 0)];
        let lying = [measurement(0, 80, 80), measurement(10, 40, 10), measurement(20, 90, 90)];
        let Cell { latest, .. } = rows(&run(&[&silent, &lying]))[0].cells[LIES];
        assert_eq!(latest, Score { mean: Some(0.75), count: Some(40), with_value: 1, seeds: 2 });
    }

    #[test]
    fn a_noisy_number_is_the_one_that_its_chart_draws() {
        let mut report = run_of(vec![0], 100);
        report.replicas[0].updates = (0..25).map(|update| updated(update, (update as f32).sin())).collect();
        let line = Courses::default().lines(Drawn::Run(1, 0), &report, SCORES[0]).remove(0);
        let Cell { first, latest } = rows(&report)[0].cells[0];
        assert_eq!(first.mean, line.points[0].mean());
        assert_eq!(latest.mean, line.points[24].mean());
        assert_ne!(latest.mean, line.points[24].raw);
    }

    #[test]
    fn a_count_is_told_where_it_is_small_or_has_changed() {
        let score = |count| Score { count, ..Score::default() };
        let told = |first, latest| Cell { first: score(first), latest: score(latest) }.telling_count();
        assert_eq!(told(Some(500), Some(500)), None);
        assert_eq!(told(Some(500), Some(420)), Some(420));
        assert_eq!(told(Some(12), Some(12)), Some(12));
        assert_eq!(told(None, None), None);
    }

    #[test]
    fn a_row_names_the_arm_that_it_began_with_and_the_one_that_it_has_and_what_that_comes_to() {
        let mut report = run(&[&[measurement(0, 80, 80)]]);
        let rater = report.experiment.rater;
        report.changes.push(RewardChange { after: 0, rater, arms: vec![Arm::Misattribution], person: None });
        let Row { arms, same, .. } = rows(&report)[0];
        assert_eq!(arms, [Arm::Scalar, Arm::Misattribution]);
        assert_eq!(same, Some(Sameness::With(Arm::Structured)), "its q is 0");
    }
}
