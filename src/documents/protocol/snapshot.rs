//! A run's state in bytes, as an engine hands it out and takes it back.

use serde::{Deserialize, Serialize};

use crate::judgement::experiment::{Arm, Experiment, Replica};
use crate::judgement::judge::Judge;
use crate::judgement::person::Person;
use crate::judgement::rater::RaterConfig;

/// A run's state, without the base models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The experiment.
    pub experiment: Experiment,
    /// The replicas of this stack.
    pub replicas: Vec<Replica>,
    /// Their rewards at the moment.
    pub arms: Vec<Arm>,
    /// The rater at the moment.
    pub rater: RaterConfig,
    /// The person in its place at the moment, if there is one.
    pub person: Option<Box<Person>>,
    /// Who rates at the moment.
    pub judge: Judge,
    /// Updates done.
    pub update: u32,
    /// `[replica × parameter]`.
    pub weights: Vec<f32>,
    /// AdamW's moments, empty before the first update.
    pub moments: Vec<f32>,
    /// Gradient norms of the last update, `[replica]`; the next report has them.
    pub gradient_norms: Vec<f32>,
}
