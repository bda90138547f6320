//! A run as a document: what was asked for, on what, and everything that came of it.
//!
//! Live runs, recorded runs and exported files are this one type. It leaves out weights (a
//! snapshot has them) and anything that belongs to a viewer.

use serde::{Deserialize, Serialize};

use crate::experiment::{Arm, Experiment, Replica};
use crate::metrics::{Measurement, Metric, ProbeReport, Slice, UpdateReport};
use crate::rater::RaterConfig;

/// One run of an experiment, finished or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// What was run, as it was at update 0.
    pub experiment: Experiment,
    /// What computed it, in words.
    pub engine: String,
    /// The build of the code that computed it.
    pub build: String,
    /// One for each of [`Experiment::replicas`], in their order.
    pub replicas: Vec<ReplicaReport>,
    /// Rewards that were changed on the way, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<RewardChange>,
    /// Why the run ended before its last update, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
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
        RunReport { experiment, engine, build, replicas, changes: Vec::new(), failure: None }
    }

    /// Updates that every replica has done.
    pub fn updates_done(&self) -> u32 {
        let done = |replica: &ReplicaReport| replica.updates.last().map_or(0, |report| report.update);
        self.replicas.iter().map(done).min().unwrap_or(0)
    }

    /// One row for each number: `arm,seed,update,metric,slice,value,count`, rates in 0 … 1 with
    /// the count they are a share of (empty where that makes no sense). `update` counts the
    /// updates that the model has had when the number was taken.
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("arm,seed,update,metric,slice,value,count\n");
        for ReplicaReport { replica, updates, measurements } in &self.replicas {
            let (arm, seed) = (replica.arm.name(), replica.seed);
            let mut row = |update: u32, metric: &str, slice: &str, value: f64, count: &str| {
                csv += &format!("{arm},{seed},{update},{metric},{slice},{value},{count}\n");
            };
            for report in updates {
                let numbers = [
                    ("framing", report.rating.framing),
                    ("content", report.rating.content),
                    ("discomfort", report.rating.discomfort),
                    ("scalar", report.scalar),
                    ("hedging", report.hedging),
                    ("kl_nats_an_answer", report.kl),
                    ("entropy_nats_a_token", report.entropy),
                    ("gradient_norm_before", report.gradient_norm),
                    ("flat_groups", report.flat_groups),
                ];
                // Sampled by the policy that this update then changed.
                for (metric, value) in numbers {
                    row(report.update - 1, metric, "rollouts", f64::from(value), "");
                }
            }
            for measurement in measurements {
                for slice in Slice::ALL {
                    let tally = measurement.tally(slice);
                    for metric in Metric::ALL {
                        if let Some(value) = tally.rate(metric) {
                            row(
                                measurement.update,
                                metric.name(),
                                slice.name(),
                                value,
                                &tally.count(metric).to_string(),
                            );
                        }
                    }
                    if let Some(value) = tally.belief_in_truth() {
                        let count = tally.choices.to_string();
                        row(measurement.update, "belief_in_truth", slice.name(), value, &count);
                    }
                }
                for ProbeReport { layer, frozen, retrained, control } in &measurement.probes {
                    for (fit, accuracy) in [("frozen", frozen), ("retrained", retrained), ("control", control)] {
                        let metric = format!("probe_{fit}_layer_{layer}");
                        row(measurement.update, &metric, Slice::Taught.name(), f64::from(accuracy.taught), "");
                        row(
                            measurement.update,
                            &metric,
                            Slice::Uncomfortable.name(),
                            f64::from(accuracy.uncomfortable),
                            "",
                        );
                    }
                }
            }
        }
        csv
    }
}
