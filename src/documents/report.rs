//! A run as a document: what was asked for, on what, and everything that came of it.
//!
//! Live runs, recorded runs and exported files are this one type. It leaves out weights (a
//! snapshot has them) and anything that belongs to a viewer.

use serde::{Deserialize, Serialize};

use crate::documents::metrics::{
    Diagnosis, Fit, Measurement, Metric, Number, NumberSpec, ProbeFacts, Slice, UpdateReport,
};
use crate::judgement::experiment::{Arm, Experiment, Replica};
use crate::judgement::rater::RaterConfig;

/// The version of this type as JSON; docs/SCHEMA.md says what each number of it means.
pub const SCHEMA: u32 = 2;

/// One run of an experiment, finished or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`SCHEMA`] of the code that wrote it; files from before there was a number are of 1.
    #[serde(default = "first_schema")]
    pub schema: u32,
    /// What was run, as it was at update 0.
    pub experiment: Experiment,
    /// What computed it, in words.
    pub engine: String,
    /// The build of the code that computed it.
    pub build: String,
    /// One for each of [`Experiment::replicas`], in their order.
    pub replicas: Vec<ReplicaReport>,
    /// Rewards that were changed on the way, in order.
    #[serde(default)]
    pub changes: Vec<RewardChange>,
    /// What the numbers about the finished models are worth, one for each replica; empty if nobody looked.
    #[serde(default)]
    pub diagnoses: Vec<Diagnosis>,
    /// Why the run ended before its last update, if it did.
    #[serde(default)]
    pub failure: Option<String>,
}

fn first_schema() -> u32 {
    1
}

/// What became of one replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaReport {
    /// Which one, by the arm that it began with.
    pub replica: Replica,
    /// Its updates in order.
    pub updates: Vec<UpdateReport>,
    /// Its measurements in order; the first is of the base model.
    pub measurements: Vec<Measurement>,
}

/// A reward that was changed while the run went on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RewardChange {
    /// Updates that were made with the old reward.
    pub after: u32,
    /// The rater from then on.
    pub rater: RaterConfig,
    /// The arm of each replica from then on, in the order of [`RunReport::replicas`].
    pub arms: Vec<Arm>,
}

impl RunReport {
    /// A run of which nothing has happened yet.
    pub fn empty(experiment: Experiment, engine: String, build: String) -> Self {
        let replicas = experiment.replicas().into_iter();
        let replicas =
            replicas.map(|replica| ReplicaReport { replica, updates: Vec::new(), measurements: Vec::new() }).collect();
        RunReport {
            schema: SCHEMA,
            experiment,
            engine,
            build,
            replicas,
            changes: Vec::new(),
            diagnoses: Vec::new(),
            failure: None,
        }
    }

    /// Updates that every replica has done.
    pub fn updates_done(&self) -> u32 {
        let done = |replica: &ReplicaReport| replica.updates.last().map_or(0, |report| report.update);
        self.replicas.iter().map(done).min().unwrap_or(0)
    }

    /// Every number with what it is a number of.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for ReplicaReport { replica, updates, measurements } in &self.replicas {
            let Replica { arm, seed } = *replica;
            let mut row = |update: u32, metric: String, slice: &'static str, value: f64, count: Option<u32>| {
                rows.push(Row { arm, seed, update, metric, slice, value, count });
            };
            for report in updates {
                for NumberSpec { id, of, .. } in Number::ALL.map(Number::spec) {
                    // Sampled by the policy that this update then changed.
                    if let Some(value) = of(report) {
                        row(report.update - 1, (*id).into(), "rollouts", f64::from(value), None);
                    }
                }
            }
            for measurement in measurements {
                let update = measurement.update;
                for slice in Slice::ALL {
                    let tally = measurement.tally(slice);
                    for metric in Metric::ALL {
                        if let Some(value) = tally.rate(metric) {
                            row(update, metric.id().into(), slice.id(), value, Some(tally.count(metric)));
                        }
                    }
                }
                for probe in &measurement.probes {
                    for (fit, facts) in Fit::ALL.into_iter().flat_map(|fit| ProbeFacts::ALL.map(|facts| (fit, facts))) {
                        let metric = format!("probe_{}_layer_{}", fit.id(), probe.layer);
                        row(update, metric, facts.slice().id(), f64::from(probe.accuracy(fit).over(facts)), None);
                    }
                }
            }
        }
        for (ReplicaReport { replica, .. }, diagnosis) in self.replicas.iter().zip(&self.diagnoses) {
            let (Replica { arm, seed }, update) = (*replica, self.experiment.finetune.updates);
            let diagnosis = serde_json::to_value(diagnosis).expect("a diagnosis holds only plain data");
            numbers("diagnosis".into(), &diagnosis, &mut |metric, value| {
                rows.push(Row { arm, seed, update, metric, slice: "", value, count: None });
            });
        }
        rows
    }

    /// [`RunReport::rows`] as `arm,seed,update,metric,slice,value,count`.
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("arm,seed,update,metric,slice,value,count\n");
        for Row { arm, seed, update, metric, slice, value, count } in self.rows() {
            let count = count.map_or(String::new(), |count| count.to_string());
            let arm = arm.id();
            csv += &format!("{arm},{seed},{update},{metric},{slice},{value},{count}\n");
        }
        csv
    }
}

/// Every number in a value with the path to it, `diagnosis.name.0`.
fn numbers(path: String, value: &serde_json::Value, found: &mut impl FnMut(String, f64)) {
    use serde_json::Value;
    match value {
        Value::Number(number) => found(path, number.as_f64().unwrap_or(f64::NAN)),
        Value::Bool(flag) => found(path, f64::from(u8::from(*flag))),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(place, value)| numbers(format!("{path}.{place}"), value, found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| numbers(format!("{path}.{name}"), value, found));
        }
        Value::Null | Value::String(_) => {}
    }
}

/// One number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The arm that the replica began with.
    pub arm: Arm,
    /// The seed.
    pub seed: u64,
    /// Updates that the model had had when the number was taken.
    pub update: u32,
    /// What was measured.
    pub metric: String,
    /// Of which questions; `rollouts` are the fine-tune's own, and a diagnosis has none.
    pub slice: &'static str,
    /// Rates in 0 … 1.
    pub value: f64,
    /// What a rate is a share of; `None` where that makes no sense.
    pub count: Option<u32>,
}
