//! What somebody expects of a run before it is made, and how good the expectation was.
//!
//! An expectation is a best guess and an interval that is to hold the result eight times out of ten. It is scored by
//! the weighted interval score of Bracher et al. 2021 (*Evaluating epidemic forecasts in an interval format*), a proper
//! score: on average nobody does better than by naming the quantiles of what they really believe. What lies outside the
//! interval costs ten times as much as the interval's width, so that neither bravado nor *anything may happen* pays.
//! Luck is what a single result leaves in it: over many seeds it averages out. Leaves out where predictions are kept
//! (`storage`).

use hedgerow::documents::metrics::{Measurement, Metric, Slice};
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::{Arm, Experiment};
use serde::{Deserialize, Serialize};

use super::draft::mode_of;
use crate::link::{self, LinkState};

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
}

impl Expected {
    /// Of somebody who knows nothing: any share is as probable as any other.
    pub fn ignorant(arm: Arm) -> Self {
        Expected { arm, low: 0.1, likely: 0.5, high: 0.9 }
    }

    /// With another beginning, guess or end; the two others give way where the order asks for it.
    pub fn with(self, bound: Bound, share: f64) -> Self {
        let share = share.clamp(0.0, 1.0);
        let Expected { arm, low, likely, high } = self;
        match bound {
            Bound::Low => Expected { arm, low: share, likely: likely.max(share), high: high.max(share) },
            Bound::Likely => Expected { arm, low: low.min(share), likely: share, high: high.max(share) },
            Bound::High => Expected { arm, low: low.min(share), likely: likely.min(share), high: share },
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
        0.0 <= self.low && self.low <= self.likely && self.likely <= self.high && self.high <= 1.0
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
    let last = report.replicas.iter().filter_map(|replica| Some((replica, replica.measurements.last()?)));
    let done = last.filter(|(_, measurement)| measurement.update == report.experiment.finetune.updates);
    done.filter_map(|(replica, measurement)| Some((replica.replica.arm, result(measurement)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(low: f64, likely: f64, high: f64) -> Expected {
        Expected { arm: Arm::Scalar, low, likely, high }
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
        let mean = |expected: Expected| {
            let prediction = Prediction {
                hedgerow_prediction: SCHEMA,
                id: String::new(),
                name: String::new(),
                settings: String::new(),
                late: false,
                expected: vec![expected],
            };
            prediction.score(&results).unwrap()
        };
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
        assert!(!file(""));
    }
}
