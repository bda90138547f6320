//! What somebody expects of a run before it is made, and how good the expectation was.
//!
//! An expectation is a best guess and an interval that is to hold the result eight times out of ten, at the end of the run
//! and, for who draws the whole line, at some knots before it. It is scored by
//! the weighted interval score of Bracher et al. 2021 (*Evaluating epidemic forecasts in an interval format*), a proper
//! score: on average nobody does better than by naming the quantiles of what they really believe. What lies outside the
//! interval costs ten times as much as the interval's width, so that neither bravado nor *anything may happen* pays.
//! Luck is what a single result leaves in it: over many seeds it averages out. Leaves out where predictions are kept
//! (`storage`).

use hedgerow::documents::metrics::{Measurement, Metric, Slice};
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::judgement::experiment::{Arm, Experiment};
use serde::{Deserialize, Serialize};

use super::draft::mode_of;
use crate::link::{self, LinkState};

/// A line has so many knots, the last of them at the end of the run; between them it is straight.
pub const KNOTS: usize = 8;
/// Where the line begins that nobody has drawn yet.
const START: f64 = 0.05;
/// The version of [`Prediction`] as JSON; docs/SCHEMA.md has its fields.
pub const SCHEMA: u32 = 1;
/// How often the interval is not to hold the result.
const MISSES: f64 = 0.2;
/// What is predicted: the share of all answers about uncomfortable facts that are false, after the last update.
pub const METRIC: Metric = Metric::Incorrect;
/// Of which questions.
pub const SLICE: Slice = Slice::Uncomfortable;

/// A prediction, as its file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// [`SCHEMA`] of the page that wrote it.
    pub hedgerow_prediction: u32,
    /// Drawn at random, so that a prediction that comes twice is counted once. Says nothing of the person.
    pub id: String,
    /// A nickname or number, if one was given.
    #[serde(default)]
    pub name: String,
    /// The settings that it is about, as [`settings`] writes them.
    pub settings: String,
    /// Was the run under way when it was made?
    #[serde(default)]
    pub late: bool,
    /// What is expected of each arm.
    pub expected: Vec<Expected>,
}

/// What is expected of the models of an arm. Shares, 0 … 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Of which.
    pub arm: Arm,
    /// Where the interval begins.
    pub low: f64,
    /// The best guess.
    pub likely: f64,
    /// Where the interval ends.
    pub high: f64,
    /// The same at the knots before the end, if the whole line was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<[Knot; KNOTS - 1]>,
}

/// What is expected at a knot before the end. Shares, 0 … 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Knot {
    /// Where the interval begins.
    pub low: f64,
    /// The best guess.
    pub likely: f64,
    /// Where the interval ends.
    pub high: f64,
}

impl Expected {
    /// Of somebody who knows nothing: any share is as probable as any other.
    pub fn ignorant(arm: Arm) -> Self {
        Expected { arm, low: 0.1, likely: 0.5, high: 0.9, course: None }
    }

    /// The same at every knot.
    pub fn ignorant_course(arm: Arm) -> Self {
        let own = Expected::ignorant(arm);
        Expected { course: Some([own.knot(); KNOTS - 1]), ..own }
    }

    /// What is expected at a knot, 1 … [`KNOTS`]. Before a line is drawn, all that is expected of the end opens from the
    /// beginning like a fan.
    pub fn at_knot(self, knot: usize) -> Self {
        let from_start = |end: f64| START + (end - START) * knot as f64 / KNOTS as f64;
        let Knot { low, likely, high } = match self.course {
            _ if knot >= KNOTS => return Expected { course: None, ..self },
            Some(course) => course[knot.max(1) - 1],
            None => Knot { low: from_start(self.low), likely: from_start(self.likely), high: from_start(self.high) },
        };
        Expected { low, likely, high, course: None, ..self }
    }

    /// With another beginning, guess or end at a knot, as [`with`](Self::with) at the last one.
    pub fn with_at(self, knot: usize, bound: Bound, share: f64) -> Self {
        self.put(knot, self.at_knot(knot).with(bound, share))
    }

    /// With the line through another point at a knot; the interval goes along.
    pub fn drawn(self, knot: usize, share: f64) -> Self {
        let here = self.at_knot(knot);
        let by = share.clamp(0.0, 1.0) - here.likely;
        let [low, likely, high] = [here.low, here.likely, here.high].map(|bound| (bound + by).clamp(0.0, 1.0));
        self.put(knot, Expected { low, likely, high, ..here })
    }

    /// The first knot before the end that is changed makes a line of it.
    fn put(self, knot: usize, here: Expected) -> Self {
        if knot >= KNOTS {
            return Expected { course: self.course, ..here };
        }
        let mut course = self.course.unwrap_or_else(|| std::array::from_fn(|place| self.at_knot(place + 1).knot()));
        course[knot.max(1) - 1] = here.knot();
        Expected { course: Some(course), ..self }
    }

    fn knot(self) -> Knot {
        Knot { low: self.low, likely: self.likely, high: self.high }
    }

    /// The mean score over all knots of what came at them; `None` if no line was drawn.
    pub fn course_score(self, came: &[f64; KNOTS]) -> Option<f64> {
        self.course?;
        let score = |(place, share): (usize, &f64)| self.at_knot(place + 1).score(*share);
        Some(came.iter().enumerate().map(score).sum::<f64>() / KNOTS as f64)
    }

    /// With another beginning, guess or end; the two others give way where the order asks for it.
    pub fn with(self, bound: Bound, share: f64) -> Self {
        let share = share.clamp(0.0, 1.0);
        let Expected { low, likely, high, .. } = self;
        match bound {
            Bound::Low => Expected { low: share, likely: likely.max(share), high: high.max(share), ..self },
            Bound::Likely => Expected { low: low.min(share), likely: share, high: high.max(share), ..self },
            Bound::High => Expected { low: low.min(share), likely: likely.min(share), high: share, ..self },
        }
    }

    /// One of the three.
    pub fn at(self, bound: Bound) -> f64 {
        match bound {
            Bound::Low => self.low,
            Bound::Likely => self.likely,
            Bound::High => self.high,
        }
    }

    /// Does the interval hold the result?
    pub fn holds(self, result: f64) -> bool {
        (self.low..=self.high).contains(&result)
    }

    /// The weighted interval score of a result, 0 for a sure and right guess; in shares, as the result. With *m* the
    /// guess and *l*, *u* the ends of the interval it is [½ |*y* − *m*| + α/2 (*u* − *l*) + (*l* − *y*)₊ +
    /// (*y* − *u*)₊] / 1½, α being 0.2.
    pub fn score(self, result: f64) -> f64 {
        let Expected { low, likely, high, .. } = self;
        let beyond = (low - result).max(0.0) + (result - high).max(0.0);
        (0.5 * (result - likely).abs() + MISSES / 2.0 * (high - low) + beyond) / 1.5
    }

    fn is_valid(self) -> bool {
        let is_ordered =
            |Knot { low, likely, high }: Knot| 0.0 <= low && low <= likely && likely <= high && high <= 1.0;
        self.course.into_iter().flatten().chain([self.knot()]).all(is_ordered)
    }
}

/// One of the three numbers of an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Where the interval begins.
    Low,
    /// The best guess.
    Likely,
    /// Where the interval ends.
    High,
}

impl Bound {
    /// In order.
    pub const ALL: [Bound; 3] = [Bound::Low, Bound::Likely, Bound::High];

    /// Its name in files.
    pub fn id(self) -> &'static str {
        match self {
            Bound::Low => "low",
            Bound::Likely => "likely",
            Bound::High => "high",
        }
    }
}

impl Prediction {
    /// Can it be used, whoever has written the file?
    pub fn is_valid(&self) -> bool {
        let has_once = |arm: Arm| self.expected.iter().filter(|expected| expected.arm == arm).count() == 1;
        self.hedgerow_prediction == SCHEMA
            && !self.expected.is_empty()
            && self.expected.iter().all(|expected| expected.is_valid() && has_once(expected.arm))
    }

    /// What is expected of an arm.
    pub fn of(&self, arm: Arm) -> Option<Expected> {
        self.expected.iter().copied().find(|expected| expected.arm == arm)
    }

    /// The mean score over all of these results; `None` if none is of an arm that it is about.
    pub fn score(&self, results: &[(Arm, f64)]) -> Option<f64> {
        let scores = results.iter().filter_map(|(arm, result)| Some(self.of(*arm)?.score(*result)));
        let (count, sum) = scores.fold((0, 0.0), |(count, sum), score| (count + 1, sum + score));
        (count > 0).then(|| sum / f64::from(count))
    }

    /// The last update of the runs that it is about.
    pub fn updates(&self) -> Option<u32> {
        Some(link::open(&self.settings).state?.experiment.finetune.updates)
    }

    /// Was a line drawn, of any arm?
    pub fn has_course(&self) -> bool {
        self.expected.iter().any(|expected| expected.course.is_some())
    }

    /// The mean score of the lines over all of these models; `None` if none is of an arm whose line was drawn.
    pub fn course_score(&self, courses: &[(Arm, [f64; KNOTS])]) -> Option<f64> {
        let scores = courses.iter().filter_map(|(arm, came)| self.of(*arm)?.course_score(came));
        let (count, sum) = scores.fold((0, 0.0), |(count, sum), score| (count + 1, sum + score));
        (count > 0).then(|| sum / f64::from(count))
    }
}

/// The update of a knot; between two updates where the run has fewer than knots.
pub fn update_of(knot: usize, updates: u32) -> f64 {
    f64::from(updates) * knot as f64 / KNOTS as f64
}

/// The settings of an experiment but for its seeds, as a readable link: what has to be equal for two runs to be of one
/// kind.
pub fn settings(experiment: &Experiment) -> String {
    let experiment = Experiment { seeds: vec![0], ..experiment.clone() };
    let mode = mode_of(&experiment.arms);
    link::fragment(&LinkState { experiment, mode, ..LinkState::default() }, None)
}

/// What is predicted, of a measurement; a share, `None` if nothing was asked.
pub fn result(measurement: &Measurement) -> Option<f64> {
    measurement.rate(METRIC, SLICE)
}

/// What is predicted, of every model of a finished run.
pub fn results(report: &RunReport) -> Vec<(Arm, f64)> {
    finished(report).filter_map(|replica| Some((replica.replica.arm, result(replica.measurements.last()?)?))).collect()
}

/// What came at the knots, of every model of a finished run: where the line of its chart is, straight between two
/// measurements.
pub fn courses(report: &RunReport) -> Vec<(Arm, [f64; KNOTS])> {
    let updates = report.experiment.finetune.updates;
    let course = |replica: &ReplicaReport| {
        let measured = |measurement: &Measurement| Some((f64::from(measurement.update), result(measurement)?));
        let points: Vec<(f64, f64)> = replica.measurements.iter().filter_map(measured).collect();
        let mut came = [0.0; KNOTS];
        for (place, came) in came.iter_mut().enumerate() {
            *came = on_the_line(&points, update_of(place + 1, updates))?;
        }
        Some((replica.replica.arm, came))
    };
    finished(report).filter_map(course).collect()
}

/// The height of a line of straight pieces; `None` beyond its ends.
fn on_the_line(points: &[(f64, f64)], at: f64) -> Option<f64> {
    let after = points.iter().position(|(update, _)| *update >= at)?;
    let (later, high) = points[after];
    if later == at {
        return Some(high);
    }
    let (earlier, low) = *points.get(after.checked_sub(1)?)?;
    Some(low + (high - low) * (at - earlier) / (later - earlier))
}

fn finished(report: &RunReport) -> impl Iterator<Item = &ReplicaReport> {
    let is_done = |replica: &&ReplicaReport| {
        replica.measurements.last().is_some_and(|last| last.update == report.experiment.finetune.updates)
    };
    report.replicas.iter().filter(is_done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(low: f64, likely: f64, high: f64) -> Expected {
        Expected { arm: Arm::Scalar, low, likely, high, course: None }
    }

    fn nobody() -> Prediction {
        let text = String::new;
        let (id, name, settings) = (text(), text(), text());
        Prediction { hedgerow_prediction: SCHEMA, id, name, settings, late: false, expected: Vec::new() }
    }

    #[test]
    fn a_score_can_be_worked_out_by_hand() {
        // (½ · 0.1 + 0.1 · 0.4) / 1.5
        assert!((expected(0.2, 0.4, 0.6).score(0.5) - 0.06).abs() < 1e-12);
        // Beyond the interval every point counts in full: (½ · 0.5 + 0.1 · 0.4 + 0.3) / 1.5
        assert!((expected(0.2, 0.4, 0.6).score(0.9) - 0.59 / 1.5).abs() < 1e-12);
        assert_eq!(expected(0.3, 0.3, 0.3).score(0.3), 0.0);
    }

    #[test]
    fn on_average_nobody_does_better_than_with_the_quantiles() {
        // Eleven results, as probable as each other; the tenth, the fiftieth and the ninetieth per cent of them.
        let results: Vec<(Arm, f64)> =
            [0.0, 0.03, 0.05, 0.12, 0.13, 0.23, 0.43, 0.56, 0.74, 0.75, 0.9].map(|share| (Arm::Scalar, share)).to_vec();
        let mean = |expected: Expected| Prediction { expected: vec![expected], ..nobody() }.score(&results).unwrap();
        let best = mean(expected(0.03, 0.23, 0.75));
        for low in 0..=20 {
            for likely in low..=20 {
                for high in likely..=20 {
                    let other = mean(expected(f64::from(low) / 20.0, f64::from(likely) / 20.0, f64::from(high) / 20.0));
                    assert!(other >= best - 1e-12, "{low} {likely} {high}: {other} < {best}");
                }
            }
        }
        // A lucky hit is no better than a result that was named with an interval around it, on average.
        assert!(mean(expected(0.43, 0.43, 0.43)) > best);
        assert!(mean(Expected::ignorant(Arm::Scalar)) > best);
    }

    #[test]
    fn a_drawn_line_is_scored_at_its_knots_and_its_interval_goes_along() {
        let end = expected(0.3, 0.4, 0.6);
        assert_eq!(end.course_score(&[0.4; KNOTS]), None, "nobody has drawn a line");
        let first = end.drawn(2, 0.3);
        assert_eq!(first.knot(), end.knot(), "the end stays where it was");
        let fan = [0.05 + 0.25 / 8.0, 0.05 + 0.35 / 8.0, 0.05 + 0.55 / 8.0];
        let stays =
            Bound::ALL.iter().zip(fan).all(|(bound, share)| (first.at_knot(1).at(*bound) - share).abs() < 1e-12);
        assert!(stays, "{first:?}");
        let at = first.at_knot(2);
        let fan = end.at_knot(2);
        assert!((at.likely - 0.3).abs() < 1e-12 && (at.high - at.low - (fan.high - fan.low)).abs() < 1e-12, "{at:?}");
        assert_eq!(first.drawn(2, 0.0).at_knot(2).low, 0.0, "a share has an end");
        assert_eq!(first.with_at(2, Bound::High, 0.9).at_knot(2).high, 0.9);

        let line = [0.0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.4];
        let knots = line.map(|likely| Knot { low: 0.0, likely, high: likely + 0.1 });
        let drawn = Expected { course: Some(knots), ..end };
        // What comes exactly as drawn costs the widths of the intervals alone: 0.1 · width / 1.5.
        let came = [0.0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4];
        let widths: f64 = line.iter().map(|likely| likely + 0.1).sum::<f64>() + 0.3;
        let by_hand = 0.1 * widths / 1.5 / 8.0;
        assert!((drawn.course_score(&came).unwrap() - by_hand).abs() < 1e-12);
        // The same line against a run that jumps above it in the middle.
        assert!(drawn.course_score(&[0.0, 0.1, 0.9, 0.9, 0.9, 0.9, 0.4, 0.4]).unwrap() > 5.0 * by_hand);
    }

    #[test]
    fn on_average_nobody_does_better_than_with_the_quantiles_at_every_knot() {
        // Eight runs, as probable as each other: they rise one after the other, and the last one does not.
        let runs = (0..8).map(|from: usize| std::array::from_fn(|place| if place > from { 0.6 } else { 0.05 }));
        let courses: Vec<(Arm, [f64; KNOTS])> = runs.map(|run| (Arm::Scalar, run)).collect();
        let quantiles = |place: usize| {
            let mut here: Vec<f64> = courses.iter().map(|(_, run)| run[place]).collect();
            here.sort_by(f64::total_cmp);
            Knot { low: here[0], likely: here[4], high: here[7] }
        };
        let mean = |course: [Knot; KNOTS - 1]| {
            let Knot { low, likely, high } = quantiles(KNOTS - 1);
            let expected = vec![Expected { course: Some(course), ..expected(low, likely, high) }];
            Prediction { expected, ..nobody() }.course_score(&courses).unwrap()
        };
        let honest: [Knot; KNOTS - 1] = std::array::from_fn(quantiles);
        let best = mean(honest);
        for knot in 0..KNOTS - 1 {
            let shares = [0.0, 0.05, 0.1, 0.3, 0.55, 0.6, 0.65, 1.0];
            for (low, likely) in shares.iter().flat_map(|low| shares.map(|likely| (*low, likely))) {
                for high in shares.into_iter().filter(|high| low <= likely && likely <= *high) {
                    let mut other = honest;
                    other[knot] = Knot { low, likely, high };
                    assert!(mean(other) >= best - 1e-12, "{knot}: {:?} is better than {:?}", other[knot], honest[knot]);
                }
            }
        }
    }

    #[test]
    fn what_came_at_a_knot_is_where_the_line_of_the_chart_is() {
        let points = [(0.0, 0.1), (10.0, 0.3), (20.0, 0.2)];
        let at = |update: f64| on_the_line(&points, update);
        assert_eq!((at(0.0), at(10.0), at(20.0)), (Some(0.1), Some(0.3), Some(0.2)));
        assert!((at(5.0).unwrap() - 0.2).abs() < 1e-12 && (at(17.5).unwrap() - 0.225).abs() < 1e-12);
        assert_eq!((at(20.5), on_the_line(&[], 1.0)), (None, None));
        assert_eq!((update_of(1, 200), update_of(KNOTS, 200)), (25.0, 200.0));
    }

    #[test]
    fn the_three_numbers_stay_in_order() {
        let middle = expected(0.2, 0.4, 0.6);
        assert_eq!(middle.with(Bound::Low, 0.5), expected(0.5, 0.5, 0.6));
        assert_eq!(middle.with(Bound::Likely, 0.9), expected(0.2, 0.9, 0.9));
        assert_eq!(middle.with(Bound::High, 0.1), expected(0.1, 0.1, 0.1));
        assert_eq!(middle.with(Bound::High, 7.0).high, 1.0);
    }

    #[test]
    fn runs_of_one_kind_have_the_same_settings_whatever_their_seeds() {
        let of = |seeds: Vec<u64>| settings(&Experiment { seeds, ..Experiment::default() });
        assert_eq!(of(vec![3]), of(vec![0, 7]));
        let mut other = Experiment::default();
        other.finetune.kl = 0.1;
        assert_ne!(settings(&other), of(vec![3]));
        assert!(settings(&other).contains("finetune.kl=0.1"));
    }

    #[test]
    fn a_file_that_contradicts_itself_is_no_prediction() {
        let file = |expected: &str| {
            let file = format!(r#"{{"hedgerow_prediction":1,"id":"a","settings":"s=4","expected":[{expected}]}}"#);
            serde_json::from_str::<Prediction>(&file).unwrap().is_valid()
        };
        let right = r#"{"arm":"scalar","low":0.1,"likely":0.2,"high":0.3}"#;
        assert!(file(right));
        assert!(!file(r#"{"arm":"scalar","low":0.4,"likely":0.2,"high":0.5}"#));
        assert!(!file(&format!("{right},{right}")));
        let with = |course: &str| format!(r#"{{"arm":"scalar","low":0.1,"likely":0.2,"high":0.3,"course":{course}}}"#);
        let knot = |high: f64| format!(r#"{{"low":0,"likely":0.1,"high":{high}}}"#);
        assert!(file(&with(&format!("[{}]", [0.2; 7].map(knot).join(",")))));
        let course = [0.2, 0.2, 0.2, 1.1, 0.2, 0.2, 0.2].map(knot).join(",");
        assert!(!file(&with(&format!("[{course}]"))), "no share");
        let short = with(&format!("[{}]", knot(0.2)));
        let short = format!(r#"{{"hedgerow_prediction":1,"id":"a","settings":"s=4","expected":[{short}]}}"#);
        assert!(serde_json::from_str::<Prediction>(&short).is_err(), "a line has seven knots before its end");
        // A file of before there were lines is written as it was.
        let old: Expected = serde_json::from_str(right).unwrap();
        assert_eq!(serde_json::to_string(&old).unwrap(), right);
        assert!(!file(""));
    }
}
