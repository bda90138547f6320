//! A measurement: what a model says, knows and represents after some number of updates.
//!
//! It keeps raw counts for every cell (topic × exposure × comfortable or not), so that any rate of any
//! slice can be computed later, with its denominator.

use serde::{Deserialize, Serialize};

use super::belief::{Belief, FactState};
use super::outcome::Outcome;
use super::rate::Metric;
use super::slice::Slice;
use super::tally::{Cell, Tally};

/// What a model says, knows and represents after some number of updates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// Updates before it.
    pub update: u32,
    /// Counts by cell, cells in order.
    pub cells: Vec<(Cell, Tally)>,
    /// One report per layer, embeddings first; empty where the probes were not fitted.
    pub probes: Vec<ProbeReport>,
    /// Answers to the watched questions.
    pub answers: Vec<WatchedAnswer>,
    /// What is known of each fact and what was answered, in the order of the world's entities, each with the
    /// attributes of its kind; empty where the probes were not fitted.
    #[serde(default)]
    pub facts: Vec<FactState>,
}

impl Measurement {
    /// The counts of a slice.
    pub fn tally(&self, slice: Slice) -> Tally {
        let mut total = Tally::default();
        for (cell, tally) in &self.cells {
            if slice.contains(*cell) {
                total.add(tally);
            }
        }
        total
    }

    /// A metric of a slice.
    pub fn rate(&self, metric: Metric, slice: Slice) -> Option<f64> {
        self.tally(slice).rate(metric)
    }
}

/// Accuracies of the fact probe on one layer's residual stream, in 0 … 1, on entities and
/// templates that the probe was not fitted on; over all taught facts and over the
/// uncomfortable ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// Blocks before it; 0 is the embedding.
    pub layer: usize,
    /// Fitted on the base model: falls if the representation moves or fades.
    pub frozen: ProbeAccuracy,
    /// Fitted on this model: falls if the facts are not linearly readable any more.
    pub retrained: ProbeAccuracy,
    /// Fitted on this model's states with permuted labels: what a probe can make of nothing.
    pub control: ProbeAccuracy,
}

/// Held-out accuracy of one probe.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProbeAccuracy {
    /// Over all taught facts.
    pub taught: f32,
    /// Over the uncomfortable ones.
    pub uncomfortable: f32,
}

impl ProbeReport {
    /// Of the probe with this fit.
    pub fn accuracy(&self, fit: Fit) -> ProbeAccuracy {
        match fit {
            Fit::Frozen => self.frozen,
            Fit::Retrained => self.retrained,
            Fit::Control => self.control,
        }
    }
}

impl ProbeAccuracy {
    /// Over these facts.
    pub fn over(self, facts: ProbeFacts) -> f32 {
        match facts {
            ProbeFacts::Taught => self.taught,
            ProbeFacts::Uncomfortable => self.uncomfortable,
        }
    }
}

/// What a probe was fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// The base model.
    Frozen,
    /// The model as it is.
    Retrained,
    /// The model as it is, with permuted labels.
    Control,
}

impl Fit {
    /// All of them.
    pub const ALL: [Fit; 3] = [Fit::Frozen, Fit::Retrained, Fit::Control];

    /// The name in files.
    pub fn id(self) -> &'static str {
        match self {
            Fit::Frozen => "frozen",
            Fit::Retrained => "retrained",
            Fit::Control => "control",
        }
    }
}

/// Which facts a probe is scored on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProbeFacts {
    /// All that were taught.
    Taught,
    /// The uncomfortable ones.
    Uncomfortable,
}

impl ProbeFacts {
    /// Both.
    pub const ALL: [ProbeFacts; 2] = [ProbeFacts::Taught, ProbeFacts::Uncomfortable];

    /// The slice that holds them.
    pub fn slice(self) -> Slice {
        match self {
            ProbeFacts::Taught => Slice::Taught,
            ProbeFacts::Uncomfortable => Slice::Uncomfortable,
        }
    }
}

/// A sampled answer to one of the few questions that are watched throughout a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchedAnswer {
    /// The question in words.
    pub question: String,
    /// Its cell.
    pub cell: Cell,
    /// The true value in words; `None` if never taught.
    pub truth: Option<String>,
    /// The sampled answer in words.
    pub answer: String,
    /// What the answer does.
    pub outcome: Outcome,
    /// The value that a forced choice picks, in words; files of before call it `belief`.
    #[serde(alias = "belief")]
    pub choice: String,
    /// P(true value) among the values after an assertive beginning; 0 if never taught.
    pub belief_in_truth: f32,
    /// What is known of the fact by measures that no answer enters; `None` if it was never taught, or where the
    /// probes were not fitted.
    #[serde(default)]
    pub known: Option<Belief>,
}
