//! From a run to the lines of a chart: one line an arm, mean and range over its seeds.
//!
//! Leaves out how lines are drawn (`kit::chart`) and what they mean (the texts).

use hedgerow::documents::metrics::{Measurement, Metric, ProbeReport, UpdateReport};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::judgement::experiment::Arm;

use super::run::Part;

/// The parts of a run that a quantity's course is made of.
pub fn parts(quantity: Quantity) -> &'static [Part] {
    match quantity {
        Quantity::Rate(..) | Quantity::Probe(..) => &[Part::Measurements, Part::Changes],
        Quantity::Number(_) => &[Part::Updates, Part::Changes],
        Quantity::Diagnosis(_) => &[],
    }
}

/// An arm's course.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Whose.
    pub arm: Arm,
    /// In order; only updates that every seed of the arm has reached.
    pub points: Vec<Point>,
}

/// A value after some updates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Updates done.
    pub update: u32,
    /// Mean over the seeds that have a value.
    pub mean: f64,
    /// Smallest over the seeds.
    pub low: f64,
    /// Largest over the seeds.
    pub high: f64,
    /// What the rate was counted over, all seeds together.
    pub count: Option<u32>,
}

/// One line for each arm of the run, in its order.
pub fn lines(report: &RunReport, quantity: Quantity) -> Vec<Line> {
    let arms = report.experiment.arms.iter();
    arms.map(|arm| {
        let seeds: Vec<&ReplicaReport> = report.replicas.iter().filter(|replica| replica.replica.arm == *arm).collect();
        Line { arm: *arm, points: points(&seeds, quantity) }
    })
    .collect()
}

fn points(seeds: &[&ReplicaReport], quantity: Quantity) -> Vec<Point> {
    let courses: Vec<Vec<Sample>> = seeds.iter().map(|seed| course(seed, quantity)).collect();
    let Some(first) = courses.first() else { return Vec::new() };
    let mut points = Vec::new();
    for Sample { update, .. } in first {
        let at = |course: &Vec<Sample>| course.iter().find(|sample| sample.update == *update).copied();
        let samples: Vec<Sample> = courses.iter().filter_map(at).collect();
        let values: Vec<f64> = samples.iter().filter_map(|sample| sample.value).collect();
        if samples.len() < courses.len() || values.is_empty() {
            continue;
        }
        points.push(Point {
            update: *update,
            mean: values.iter().sum::<f64>() / values.len() as f64,
            low: values.iter().copied().fold(f64::INFINITY, f64::min),
            high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            count: samples.iter().map(|sample| sample.count).sum(),
        });
    }
    points
}

#[derive(Clone, Copy)]
struct Sample {
    update: u32,
    value: Option<f64>,
    count: Option<u32>,
}

fn course(replica: &ReplicaReport, quantity: Quantity) -> Vec<Sample> {
    match quantity {
        Quantity::Rate(metric, slice) => {
            let sample = |measurement: &Measurement| {
                let tally = measurement.tally(slice);
                let count = matches!(metric, Metric::Lies | Metric::AgainstChoice).then(|| tally.count(metric));
                Sample { update: measurement.update, value: tally.rate(metric), count }
            };
            replica.measurements.iter().map(sample).collect()
        }
        Quantity::Probe(fit, facts, layer) => {
            let sample = |measurement: &Measurement| {
                let accuracy = probe_of(&measurement.probes, layer)?.accuracy(fit).over(facts);
                Some(Sample { update: measurement.update, value: Some(f64::from(accuracy)), count: None })
            };
            replica.measurements.iter().filter_map(sample).collect()
        }
        Quantity::Number(number) => {
            let sample = |report: &UpdateReport| {
                let value = (number.spec().of)(report).filter(|value| value.is_finite());
                Sample { update: report.update, value: value.map(f64::from), count: None }
            };
            replica.updates.iter().map(sample).collect()
        }
        // Made once, of the finished model.
        Quantity::Diagnosis(_) => Vec::new(),
    }
}

fn probe_of(probes: &[ProbeReport], layer: usize) -> Option<&ProbeReport> {
    probes.iter().find(|probe| probe.layer == layer).or(probes.last())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Cell, Slice, Tally};
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::experiment::Experiment;

    fn measurement(update: u32, asserted: u32, truthful: u32) -> Measurement {
        let cell = Cell { topic: Topic::Far, exposure: Exposure::Seen, uncomfortable: false };
        let tally = Tally { answers: 10, asserted, truthful, ..Tally::default() };
        Measurement { update, cells: vec![(cell, tally)], probes: Vec::new(), answers: Vec::new(), facts: Vec::new() }
    }

    fn two_seeds() -> RunReport {
        let experiment = Experiment { arms: vec![Arm::Scalar], seeds: vec![0, 1], ..Experiment::default() };
        RunReport::empty(experiment, String::new(), String::new())
    }

    #[test]
    fn a_point_needs_every_seed_and_carries_their_range() {
        let mut report = two_seeds();
        report.replicas[0].measurements = vec![measurement(0, 10, 10), measurement(10, 10, 5)];
        report.replicas[1].measurements = vec![measurement(0, 10, 8)];
        let lines = lines(&report, Quantity::Rate(Metric::Lies, Slice::Far));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].points.len(), 1);
        let point = lines[0].points[0];
        assert!((point.mean - 0.1).abs() < 1e-9 && point.low == 0.0 && (point.high - 0.2).abs() < 1e-9);
        assert_eq!(point.count, Some(20));
    }

    #[test]
    fn a_seed_that_asserts_nothing_has_no_lie_rate_and_hides_no_other_seed() {
        let mut report = two_seeds();
        report.replicas[0].measurements = vec![measurement(0, 0, 0)];
        report.replicas[1].measurements = vec![measurement(0, 4, 3)];
        let line = &lines(&report, Quantity::Rate(Metric::Lies, Slice::Far))[0];
        assert_eq!(line.points[0].mean, 0.25);
        report.replicas[1].measurements = vec![measurement(0, 0, 0)];
        assert!(lines(&report, Quantity::Rate(Metric::Lies, Slice::Far))[0].points.is_empty());
    }
}
