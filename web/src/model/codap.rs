//! Runs and predictions as cases for CODAP: a model of an arm and a seed, and below it a case for each measurement.
//!
//! A table of another program holds as few columns as can be read, and so not every number of the run (`class::table` has
//! those). Leaves out what the columns are called (`text::codap`).

use hedgerow::documents::metrics::{Metric, Number, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::judgement::experiment::Arm;

use super::class::pool::Pool;
use super::prediction::{Expected, METRIC, SLICE, settings};

/// What a case says of its model. The second one is what is predicted.
pub const QUANTITIES: [Quantity; 7] = [
    Quantity::Number(Number::Scalar),
    Quantity::Rate(METRIC, SLICE),
    Quantity::Rate(Metric::Lies, Slice::Uncomfortable),
    Quantity::Rate(Metric::Hedging, Slice::Sensitive),
    Quantity::Rate(Metric::Hedging, Slice::Far),
    Quantity::Rate(Metric::Informativeness, Slice::Sensitive),
    Quantity::Rate(Metric::StillKnown, Slice::Uncomfortable),
];

/// What a column is called by programs; no other has the name.
pub fn column(quantity: Quantity) -> String {
    match quantity {
        Quantity::Rate(metric, slice) => format!("{}_{}", metric.id(), slice.id()),
        Quantity::Number(number) => number.id().to_owned(),
        Quantity::Probe(..) | Quantity::Diagnosis(_) => panic!("no column of such a quantity"),
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Whose run or prediction it is.
    pub who: String,
    /// The seed; `None` where there is a prediction alone.
    pub seed: Option<u64>,
    /// The arm, as the run began.
    pub arm: Arm,
    /// The arm that rewarded its models last: another, if the reward was changed.
    pub later: Arm,
    /// What was predicted of the arm.
    pub predicted: Option<Expected>,
    /// The updates before the measurement.
    pub update: Option<u32>,
    /// What computed it; empty where nothing was.
    pub engine: String,
    /// The build of the code.
    pub build: String,
    /// The settings, as [`settings`] writes them.
    pub settings: String,
    /// In the order of [`QUANTITIES`]; shares are 0 … 1.
    pub values: [Option<f64>; QUANTITIES.len()],
}

/// The cases of a run. `of` says for each seed whose it is, and what that person predicted of an arm.
pub fn of_run(run: &RunReport, of: impl Fn(u64, Arm) -> (String, Option<Expected>)) -> Vec<Case> {
    let settings = settings(&run.experiment);
    let cases = |(place, replica): (usize, &ReplicaReport)| {
        let (seed, arm) = (replica.replica.seed, replica.replica.arm);
        let (who, predicted) = of(seed, arm);
        let case = |update: u32| Case {
            who: who.clone(),
            seed: Some(seed),
            arm,
            later: run.rewarding_arm(place, run.updates_done()),
            predicted,
            update: Some(update),
            engine: run.engine.clone(),
            build: run.build.clone(),
            settings: settings.clone(),
            values: QUANTITIES.map(|quantity| replica.value(quantity, update)),
        };
        replica.measurements.iter().map(|measurement| case(measurement.update)).collect::<Vec<_>>()
    };
    run.replicas.iter().enumerate().flat_map(cases).collect()
}

/// The cases of a class: its runs, and the predictions of those who sent no run that counts. `names` says who a file is
/// of, by its place.
pub fn of_class(pool: &Pool, names: impl Fn(usize) -> String) -> Vec<Case> {
    let predicted = |place: usize, arm: Arm| {
        pool.predictions.iter().find(|(file, _)| *file == place).and_then(|(_, prediction)| prediction.of(arm))
    };
    let mut cases = Vec::new();
    if let Some(run) = &pool.run {
        let place = |seed: u64| {
            let known = run.experiment.seeds.iter().zip(&pool.sources).find(|(known, _)| **known == seed);
            known.map(|(_, place)| *place)
        };
        cases = of_run(run, |seed, arm| match place(seed) {
            Some(place) => (names(place), predicted(place, arm)),
            None => (String::new(), None),
        });
        for case in &mut cases {
            let of_seed = run.experiment.seeds.iter().zip(&pool.engines).find(|(seed, _)| Some(**seed) == case.seed);
            case.engine = of_seed.map(|(_, engine)| engine.clone()).unwrap_or_default();
        }
    }
    let alone = pool.predictions.iter().filter(|(place, _)| !pool.sources.contains(place));
    cases.extend(alone.flat_map(|(place, prediction)| {
        let who = names(*place);
        prediction.expected.iter().map(move |expected| Case {
            who: who.clone(),
            seed: None,
            arm: expected.arm,
            later: expected.arm,
            predicted: Some(*expected),
            update: None,
            engine: String::new(),
            build: String::new(),
            settings: prediction.settings.clone(),
            values: [None; QUANTITIES.len()],
        })
    }));
    cases
}

/// Why CODAP has no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It did not answer.
    Silent,
    /// It refused them; holds its reason.
    Refused(String),
}
