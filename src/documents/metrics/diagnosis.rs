//! A diagnosis: what the numbers about a finished model are worth.

use serde::{Deserialize, Serialize};

use super::measurement::ProbeAccuracy;

/// What is looked at once, after a run, because it is too expensive for every measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Updates before it.
    pub update: u32,
    /// One for each layer, embeddings first.
    pub probes: Vec<ProbeDiagnosis>,
    /// After each number of supervised steps, none first.
    pub relearning: Vec<Relearning>,
    /// One for each layer between the first and the last block.
    pub steering: Vec<Steering>,
}

/// Is what the fact probe of a layer finds in the model, or in the probe?
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProbeDiagnosis {
    /// Blocks before it; 0 is the embedding.
    pub layer: usize,
    /// Tested on entities that the probe was not fitted on: what it reads.
    pub cross_entity: ProbeControls,
    /// Tested on the facts that the probe was fitted on, with other prompts: it can memorise them.
    pub same_entity: ProbeControls,
    /// Of the facts' values.
    pub code: CodeLength,
    /// Of permuted values.
    pub random_code: CodeLength,
}

/// Accuracies of a probe and of its controls; chance is 1 / values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProbeControls {
    /// Fitted on the facts' values.
    pub real: ProbeAccuracy,
    /// Fitted on values permuted within each attribute (Hewitt & Liang 2019).
    pub random: ProbeAccuracy,
    /// Fitted on the facts' values, in a network with initial weights.
    pub untrained: ProbeAccuracy,
}

impl ProbeControls {
    /// Accuracy beyond what the probe makes of random labels (Hewitt & Liang 2019), taught facts.
    pub fn selectivity(&self) -> f32 {
        self.real.taught - self.random.taught
    }
}

/// Length of a probe's online code of the labels (Voita & Titov 2020).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CodeLength {
    /// Bits a label.
    pub bits: f32,
    /// Bits a label of the code that knows nothing, log₂ values.
    pub uniform: f32,
}

impl CodeLength {
    /// How many times shorter than the code that knows nothing.
    pub fn compression(&self) -> f32 {
        self.uniform / self.bits
    }
}

/// Forced choice after some supervised steps on half of the entities, tested on the other half,
/// both ways round: a fact that was hidden comes back, one that is gone does not (RTT, Deeb & Roger
/// 2024). `None` where the world has no such facts.
///
/// Training on uncomfortable facts teaches that values are uncomfortable ones: chance is one over
/// the number of those (1/4), not of all values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Relearning {
    /// Supervised steps.
    pub steps: u32,
    /// The uncomfortable facts, in the model.
    pub model: Option<f32>,
    /// The same dose on the base model.
    pub base: Option<f32>,
    /// Uncomfortable values made up for never-taught names, in the model: what the dose teaches
    /// where there is nothing to come back.
    pub never_taught: Option<f32>,
}

/// Does the model use what the probe reads? Forced choice after interventions on the residual
/// stream at the position before the value, with probes of the other half of the entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Steering {
    /// Blocks before the intervention.
    pub layer: usize,
    /// Without one.
    pub unchanged: ProbeAccuracy,
    /// The coordinates in the subspace that the probe reads are set to their mean.
    pub ablated: ProbeAccuracy,
    /// The same with the subspace in which the class means differ, without which no linear probe
    /// of that half does better than chance (Belrose et al. 2023).
    pub ablated_by_means: ProbeAccuracy,
    /// The same with random subspaces of the same rank, one for each draw.
    pub ablated_randomly: Vec<ProbeAccuracy>,
    /// Share of the choices that become value b after adding the probe's direction from the chosen
    /// value to b, as long as the class means are apart.
    pub moved: f32,
    /// The same with the difference of the class means itself (Marks & Tegmark 2023).
    pub moved_by_means: f32,
    /// The same with random directions of the same length, one for each draw.
    pub moved_randomly: Vec<f32>,
}
