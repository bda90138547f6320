//! From a run to the lines of a chart: what every seed does, and the interquartile mean over them with its
//! interval, computed as docs/RESULTS.md has it.
//!
//! A line grows with its run: a new update costs the same however long the run is, and a long line keeps only
//! as many points as can be told apart. Leaves out how lines are drawn (`kit::chart`) and what they mean (the texts).

use std::collections::{BTreeMap, VecDeque};

use hedgerow::documents::metrics::ProbeReport;
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::questions::RecordedRun;
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::documents::statistics::{Estimate, Resamples, interquartile_mean};
use hedgerow::judgement::experiment::{Arm, Replica};

use super::run::{Part, RunState};

/// A line keeps fewer points than this: about as many as a chart has pixels.
const MOST: usize = 512;
/// A noisy quantity is smoothed over so many updates, or over a fiftieth of a long run.
const WINDOW: usize = 10;

/// The parts of a run that a quantity's course is made of.
pub fn parts(quantity: Quantity) -> &'static [Part] {
    match quantity {
        Quantity::Rate(..) | Quantity::Probe(..) => &[Part::Measurements, Part::Changes],
        Quantity::Number(_) => &[Part::Updates, Part::Changes],
        Quantity::Diagnosis(_) => &[],
    }
}

/// Updates that each point of a quantity's line is a mean over; `None` if it is the measured value itself.
pub fn smoothing(quantity: Quantity, updates: u32) -> Option<usize> {
    matches!(quantity, Quantity::Number(_)).then(|| WINDOW.max(updates as usize / 50))
}

/// An arm's course.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Whose.
    pub arm: Arm,
    /// The arm that rewarded its models last: another, if the reward was changed.
    pub later: Arm,
    /// What it shows.
    pub of: Quantity,
    /// In order; only updates that every seed of the arm has reached.
    pub points: Vec<Point>,
}

/// What an arm's models do after some updates.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Updates done.
    pub update: u32,
    /// Of each seed, smoothed if the quantity is noisy; `None` where a rate is over nothing.
    pub seeds: Vec<Option<f64>>,
    /// Over the seeds that have a value; `None` if none has.
    pub estimate: Option<Estimate>,
    /// The mean over the seeds before it was smoothed; only of a noisy quantity.
    pub raw: Option<f64>,
    /// What a rate was counted over, all seeds together.
    pub count: Option<u32>,
}

impl Point {
    /// The bold line's value.
    pub fn mean(&self) -> Option<f64> {
        self.estimate.map(|estimate| estimate.mean)
    }
}

/// Which run is drawn, and how often it went back: its lines only grow as long as this stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// The user's own, by its number and how often a part of it was taken back.
    Run(u32, u32),
    /// A recorded one.
    Recording(RecordedRun),
    /// One of the shelf, by its name there.
    Opened(u64),
}

impl Drawn {
    /// The user's run.
    pub fn run(state: &RunState) -> Self {
        Drawn::Run(state.run, state.rewinds)
    }
}

/// The lines of a run, as far as they have been asked for.
#[derive(Default)]
pub struct Courses {
    drawn: Option<Drawn>,
    courses: Vec<(Quantity, Vec<Course>)>,
    intervals: Intervals,
}

impl Courses {
    /// One line for each arm of the run, in its order.
    pub fn lines(&mut self, drawn: Drawn, report: &RunReport, quantity: Quantity) -> Vec<Line> {
        self.grow(drawn, report, quantity);
        let courses = self.courses.iter().find(|(own, _)| *own == quantity);
        courses.map(|(of, courses)| courses.iter().map(|own| own.line(*of, report)).collect()).unwrap_or_default()
    }

    /// Takes in what is new about a quantity. Returns how many reports of replicas it read for that.
    fn grow(&mut self, drawn: Drawn, report: &RunReport, quantity: Quantity) -> usize {
        if self.drawn != Some(drawn) {
            (self.drawn, self.courses) = (Some(drawn), Vec::new());
        }
        let place = self.courses.iter().position(|(own, _)| *own == quantity).unwrap_or_else(|| {
            let arms = report.experiment.arms.iter();
            self.courses.push((quantity, arms.map(|arm| Course::new(*arm, report, quantity)).collect()));
            self.courses.len() - 1
        });
        let courses = self.courses[place].1.iter_mut();
        courses.map(|course| course.grow(report, quantity, &mut self.intervals)).sum()
    }
}

/// The resamples for every number of seeds that has come up.
#[derive(Default)]
struct Intervals(BTreeMap<usize, Resamples>);

impl Intervals {
    fn estimate(&mut self, values: &[f64]) -> Option<Estimate> {
        self.0.entry(values.len()).or_insert_with(|| Resamples::of(&[values.len()])).estimate(values)
    }
}

/// A line that grows.
struct Course {
    arm: Arm,
    /// Places of its seeds among the replicas.
    replicas: Vec<usize>,
    /// The latest values of each seed, if the quantity is noisy.
    windows: Vec<VecDeque<f64>>,
    /// Values that a window holds; 1 if the quantity is not noisy.
    window: usize,
    /// Reports that were read of each seed.
    read: usize,
    /// Points that were made of them, and that are kept: every so many of them.
    made: usize,
    stride: usize,
    kept: Vec<Point>,
    /// The last one made, where it is not kept.
    latest: Option<Point>,
}

/// What a report says of a quantity.
#[derive(Clone, Copy)]
pub struct Sample {
    /// Updates done.
    pub update: u32,
    /// `None` if it is a rate over nothing, or no finite number.
    pub value: Option<f64>,
    /// What a rate was counted over.
    pub count: Option<u32>,
}

impl Course {
    fn new(arm: Arm, report: &RunReport, quantity: Quantity) -> Self {
        let places = report.replicas.iter().enumerate().filter(|(_, replica)| replica.replica.arm == arm);
        let replicas: Vec<usize> = places.map(|(place, _)| place).collect();
        let window = smoothing(quantity, report.experiment.finetune.updates).unwrap_or(1);
        let windows = vec![VecDeque::new(); replicas.len()];
        Course { arm, replicas, windows, window, read: 0, made: 0, stride: 1, kept: Vec::new(), latest: None }
    }

    fn line(&self, of: Quantity, report: &RunReport) -> Line {
        let points: Vec<Point> = self.kept.iter().chain(&self.latest).cloned().collect();
        let end = self.replicas.first().zip(points.last());
        let later = end.map_or(self.arm, |(replica, last)| report.rewarding_arm(*replica, last.update));
        Line { arm: self.arm, later, of, points }
    }

    fn grow(&mut self, report: &RunReport, quantity: Quantity, intervals: &mut Intervals) -> usize {
        let replicas: Vec<&ReplicaReport> = self.replicas.iter().map(|place| &report.replicas[*place]).collect();
        let reached = replicas.iter().map(|replica| length(replica, quantity)).min().unwrap_or(0);
        let new = reached.saturating_sub(self.read);
        for place in self.read..reached {
            let samples: Option<Vec<Sample>> =
                replicas.iter().map(|replica| sample(replica, quantity, place)).collect();
            if let Some(samples) = samples {
                let point = self.point(&samples, intervals);
                self.keep(point);
            }
        }
        self.read = reached;
        new * replicas.len()
    }

    fn point(&mut self, samples: &[Sample], intervals: &mut Intervals) -> Point {
        let raw: Vec<f64> = samples.iter().filter_map(|sample| sample.value).collect();
        let is_noisy = self.window > 1;
        let raw = (is_noisy && !raw.is_empty()).then(|| raw.iter().sum::<f64>() / raw.len() as f64);
        let seeds: Vec<Option<f64>> = samples
            .iter()
            .zip(&mut self.windows)
            .map(|(sample, window)| if is_noisy { smoothed(window, self.window, sample.value) } else { sample.value })
            .collect();
        let values: Vec<f64> = seeds.iter().flatten().copied().collect();
        let count = samples.iter().map(|sample| sample.count).sum();
        Point { update: samples[0].update, seeds, estimate: intervals.estimate(&values), raw, count }
    }

    fn keep(&mut self, point: Point) {
        if self.made.is_multiple_of(self.stride) {
            self.kept.push(point);
            self.latest = None;
        } else {
            self.latest = Some(point);
        }
        self.made += 1;
        if self.kept.len() >= MOST {
            let mut place = 0;
            self.latest = self.kept.last().cloned();
            self.kept.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.stride *= 2;
        }
    }
}

/// The mean of the latest values, with this one.
fn smoothed(window: &mut VecDeque<f64>, length: usize, value: Option<f64>) -> Option<f64> {
    window.extend(value);
    if window.len() > length {
        window.pop_front();
    }
    (!window.is_empty()).then(|| window.iter().sum::<f64>() / window.len() as f64)
}

/// What a replica's line is at a place: a mean over the latest values up to there, where the quantity is noisy.
pub fn drawn(replica: &ReplicaReport, quantity: Quantity, place: usize, updates: u32) -> Option<Sample> {
    let latest = sample(replica, quantity, place)?;
    let Some(window) = smoothing(quantity, updates) else { return Some(latest) };
    let values = (0..=place).rev().filter_map(|place| sample(replica, quantity, place)?.value).take(window);
    let mut values: VecDeque<f64> = values.collect();
    values.make_contiguous().reverse();
    Some(Sample { value: smoothed(&mut values, window, None), ..latest })
}

/// The value of an arm's line at an update, at the one before it if there is none, or the latest without an update; none
/// of the intervals that a line has, which take a hundred times as long. Of one of the run's seeds, or of all.
pub fn mean_at(
    report: &RunReport,
    arm: usize,
    quantity: Quantity,
    update: Option<u32>,
    seed: Option<u64>,
) -> Option<f64> {
    let arm = report.experiment.arms.get(arm)?;
    let seed = seed.filter(|seed| report.experiment.seeds.contains(seed));
    let is_asked = |Replica { arm: own, seed: of }: Replica| own == *arm && seed.is_none_or(|seed| of == seed);
    let replicas: Vec<&ReplicaReport> = report.replicas.iter().filter(|own| is_asked(own.replica)).collect();
    let reached = replicas.iter().map(|replica| length(replica, quantity)).min()?;
    let is_until = |place: &usize| {
        update.is_none_or(|update| sample(replicas[0], quantity, *place).is_some_and(|own| own.update <= update))
    };
    let place = (0..reached).rev().find(is_until)?;
    let value = |replica: &&ReplicaReport| drawn(replica, quantity, place, report.experiment.finetune.updates)?.value;
    interquartile_mean(&replicas.iter().filter_map(value).collect::<Vec<_>>())
}

/// Reports that a replica has about a quantity.
pub fn length(replica: &ReplicaReport, quantity: Quantity) -> usize {
    match quantity {
        Quantity::Rate(..) | Quantity::Probe(..) => replica.measurements.len(),
        Quantity::Number(_) => replica.updates.len(),
        // Made once, of the finished model.
        Quantity::Diagnosis(_) => 0,
    }
}

/// What one of them says; `None` if nothing was looked for.
pub fn sample(replica: &ReplicaReport, quantity: Quantity, place: usize) -> Option<Sample> {
    match quantity {
        Quantity::Rate(metric, slice) => {
            let measurement = &replica.measurements[place];
            let tally = measurement.tally(slice);
            Some(Sample { update: measurement.update, value: tally.rate(metric), count: Some(tally.count(metric)) })
        }
        Quantity::Probe(fit, facts, layer) => {
            let measurement = &replica.measurements[place];
            let accuracy = probe_of(&measurement.probes, layer)?.accuracy(fit).over(facts);
            Some(Sample { update: measurement.update, value: Some(f64::from(accuracy)), count: None })
        }
        Quantity::Number(number) => {
            let report = &replica.updates[place];
            let value = (number.spec().of)(report).filter(|value| value.is_finite());
            // Of the policy that this update then changed.
            Some(Sample { update: report.update - 1, value: value.map(f64::from), count: None })
        }
        Quantity::Diagnosis(_) => None,
    }
}

fn probe_of(probes: &[ProbeReport], layer: usize) -> Option<&ProbeReport> {
    probes.iter().find(|probe| probe.layer == layer).or(probes.last())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::figures::value_at;
    use hedgerow::documents::metrics::{Cell, Measurement, Metric, Number, Slice, Tally, UpdateReport};
    use hedgerow::documents::statistics::estimate;
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::experiment::Experiment;

    const LIES: Quantity = Quantity::Rate(Metric::Lies, Slice::Far);

    pub(in crate::model) fn measurement(update: u32, asserted: u32, truthful: u32) -> Measurement {
        let cell = Cell { topic: Topic::Far, exposure: Exposure::Seen, uncomfortable: false };
        let tally = Tally { answers: 10, asserted, truthful, hedged: 10 - asserted, ..Tally::default() };
        Measurement { update, cells: vec![(cell, tally)], probes: Vec::new(), answers: Vec::new(), facts: Vec::new() }
    }

    /// A report of an update, as a file once had it, without rated answers.
    pub(crate) fn updated(update: u32, scalar: f32) -> UpdateReport {
        let mut report: UpdateReport =
            serde_json::from_str::<RunReport>(include_str!("../../../tests/data/report.json"))
                .expect("a report")
                .replicas[0]
                .updates[0]
                .clone();
        (report.update, report.scalar) = (update, scalar);
        report.examples.clear();
        report
    }

    pub(in crate::model) fn run_of(seeds: Vec<u64>, updates: u32) -> RunReport {
        let mut experiment = Experiment { arms: vec![Arm::Scalar], seeds, ..Experiment::default() };
        experiment.finetune.updates = updates;
        RunReport::empty(experiment, String::new(), String::new())
    }

    fn lines(report: &RunReport, quantity: Quantity) -> Vec<Line> {
        Courses::default().lines(Drawn::Run(1, 0), report, quantity)
    }

    #[test]
    fn a_point_needs_every_seed_and_has_the_interval_of_the_results() {
        let mut report = run_of(vec![0, 1, 2], 100);
        for (replica, truthful) in report.replicas.iter_mut().zip([10, 8, 3]) {
            replica.measurements = vec![measurement(0, 10, truthful)];
        }
        report.replicas[0].measurements.push(measurement(10, 10, 5));
        let line = &lines(&report, LIES)[0];
        assert_eq!(line.points.len(), 1);
        let point = &line.points[0];
        assert_eq!(point.seeds, [Some(0.0), Some(0.2), Some(0.7)]);
        assert_eq!(point.estimate, estimate(&[vec![0.0, 0.2, 0.7]]));
        assert_eq!(point.count, Some(30));
    }

    #[test]
    fn a_rate_over_nothing_is_a_gap_and_hides_no_other_seed() {
        let mut report = run_of(vec![0, 1], 100);
        report.replicas[0].measurements = vec![measurement(0, 0, 0), measurement(10, 0, 0)];
        report.replicas[1].measurements = vec![measurement(0, 4, 3), measurement(10, 0, 0)];
        let points = &lines(&report, LIES)[0].points;
        assert_eq!((points[0].mean(), points[0].count), (Some(0.25), Some(4)));
        assert_eq!((points[1].mean(), points[1].count), (None, Some(0)), "not the value of update 0");
        assert_eq!(points[0].seeds, [None, Some(0.25)]);
    }

    #[test]
    fn an_update_costs_the_same_however_long_the_run_is() {
        let (updates, score) = (20_000, Quantity::Number(Number::Scalar));
        let mut report = run_of(vec![0, 1], updates);
        let (mut courses, mut longest) = (Courses::default(), 0);
        let template = updated(1, 0.0);
        for update in 1..=updates {
            for replica in &mut report.replicas {
                replica.updates.push(UpdateReport { update, scalar: (update % 7) as f32, ..template.clone() });
            }
            let read = courses.grow(Drawn::Run(1, 0), &report, score);
            assert_eq!(read, 2, "at update {update} only what is new is read, once a seed");
            longest = longest.max(courses.lines(Drawn::Run(1, 0), &report, score)[0].points.len());
        }
        assert!((MOST / 2..=MOST + 1).contains(&longest), "{longest} points");
        let line = &courses.lines(Drawn::Run(1, 0), &report, score)[0];
        assert_eq!(line.points.last().map(|point| point.update), Some(updates - 1), "the latest is among them");
        assert!(line.points.windows(2).all(|pair| pair[0].update < pair[1].update));
    }

    #[test]
    fn a_noisy_quantity_is_smoothed_beside_its_raw_values() {
        let score = Quantity::Number(Number::Scalar);
        let mut report = run_of(vec![0], 100);
        report.replicas[0].updates = (1..=12).map(|update| updated(update, update as f32)).collect();
        let points = &lines(&report, score)[0].points;
        assert_eq!((points[0].update, points[0].raw, points[0].mean()), (0, Some(1.0), Some(1.0)));
        // The mean of 3 … 12.
        assert_eq!((points[11].raw, points[11].mean()), (Some(12.0), Some(7.5)));
        assert_eq!(smoothing(score, 20_000), Some(400));
        assert_eq!(smoothing(LIES, 100), None);
    }

    /// On the recorded run, at every update of every arm: the line's own means.
    #[test]
    fn a_value_alone_is_that_of_the_line() {
        let gz = include_bytes!("../../../public/recorded/everyday/attribution.json.gz");
        let run: RunReport = serde_json::from_reader(flate2::read::GzDecoder::new(gz.as_slice())).unwrap();
        let score = Quantity::Number(Number::Scalar);
        for quantity in [score, LIES] {
            for (place, line) in lines(&run, quantity).iter().enumerate() {
                assert!(line.points.len() > 10);
                for update in (0..=run.experiment.finetune.updates).map(Some).chain([None]) {
                    let expected = value_at(&line.points, update).and_then(Point::mean);
                    assert_eq!(
                        mean_at(&run, place, quantity, update, None),
                        expected,
                        "{quantity:?} {place} {update:?}"
                    );
                }
            }
        }
        let begun = run_of(vec![0], 100);
        assert_eq!(mean_at(&begun, 0, score, None, None), None);
        // Of one seed, the run of that seed alone.
        let of_seed = RunReport {
            experiment: Experiment { seeds: vec![5], ..run.experiment.clone() },
            replicas: run.replicas.iter().filter(|own| own.replica.seed == 5).cloned().collect(),
            ..run.clone()
        };
        for arm in 0..2 {
            let alone = mean_at(&of_seed, arm, score, None, None);
            assert!(alone.is_some() && alone != mean_at(&run, arm, score, None, None));
            assert_eq!(mean_at(&run, arm, score, None, Some(5)), alone);
        }
        assert_eq!(mean_at(&begun, 1, score, None, None), None, "no such arm");
    }

    #[test]
    fn what_was_taken_back_is_read_again() {
        let mut report = run_of(vec![0], 100);
        report.replicas[0].measurements = vec![measurement(0, 10, 10), measurement(10, 10, 5)];
        let mut courses = Courses::default();
        courses.lines(Drawn::Run(1, 0), &report, LIES);
        report.replicas[0].measurements[1] = measurement(10, 10, 1);
        let line = &courses.lines(Drawn::Run(1, 1), &report, LIES)[0];
        assert_eq!(line.points[1].mean(), Some(0.9));
    }
}
