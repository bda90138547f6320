//! Quantities: whatever can be asked of a model after some updates, as one type.
//!
//! Tables of results and the page's charts name what they show with it. Leaves out words and units.

use crate::documents::metrics::{
    Chance, CodeLength, Diagnosis, Fit, Measurement, Metric, Number, ProbeAccuracy, ProbeControls, ProbeDiagnosis,
    ProbeFacts, ProbeReport, Relearning, Slice, Steering,
};
use crate::documents::report::{ReplicaReport, RunReport};
use crate::facts::world::Choices;

/// Something that a model has after some updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// A rate over a slice of the questions.
    Rate(Metric, Slice),
    /// Accuracy of the fact probe of a layer.
    Probe(Fit, ProbeFacts, usize),
    /// A number of the update that follows.
    Number(Number),
    /// Something that was looked at once, after the run.
    Diagnosis(Finding),
}

/// A number of a diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Accuracy of a probe or of a control of it: layer, split, what it was fitted on, tested on.
    Probe(usize, Split, Labels, ProbeFacts),
    /// Bits a label of the online code of a layer: of the facts' values, or of permuted ones.
    Bits(usize, Labels),
    /// Bits a label of the code that knows nothing.
    UniformBits(usize),
    /// Forced choice after so many supervised steps on other facts.
    Relearned(u32, Relearner),
    /// Forced choice after an intervention on a layer.
    Ablated(usize, Subspace, ProbeFacts),
    /// Share of the choices that an added direction on a layer moves to the value that it points to.
    Moved(usize, Subspace),
}

/// Which entities a probe is tested on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Split {
    /// Others than those that it was fitted on.
    OtherEntities,
    /// The same, with other prompts.
    SameEntities,
}

/// What a probe was fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Labels {
    /// The facts' values.
    Real,
    /// Values permuted within each attribute.
    Permuted,
    /// The facts' values, in a network with initial weights.
    Untrained,
}

/// Whose forced choice is looked at after supervised steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relearner {
    /// The model.
    Model,
    /// The base model, after the same steps.
    Base,
    /// The model, about names that it was never taught anything about.
    NeverTaught,
}

/// Where an intervention on the residual stream acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subspace {
    /// Nowhere.
    Nothing,
    /// What the probe reads.
    Probe,
    /// Where the class means differ.
    Means,
    /// The random one of this draw.
    Random(usize),
}

impl Quantity {
    /// Is it a share of one, which is written in per cent?
    pub const fn is_share(self) -> bool {
        match self {
            Quantity::Rate(metric, _) => metric.is_share(),
            Quantity::Probe(..) | Quantity::Number(Number::FlatGroups | Number::Hedging) => true,
            Quantity::Number(_) | Quantity::Diagnosis(_) => false,
        }
    }

    /// What guessing would give. Where topics differ in how many values their facts can have, that is known of facts about
    /// sensitive topics alone.
    pub fn chance(self, Choices { values, mixed }: Choices) -> Option<f64> {
        let (chance, is_sensitive) = match self {
            Quantity::Rate(metric, slice) => (metric.spec().chance, slice.is_sensitive()),
            // A probe guesses one of the values.
            Quantity::Probe(_, facts, _) => (Chance::OneValue, facts == ProbeFacts::Uncomfortable),
            Quantity::Number(_) | Quantity::Diagnosis(_) => return None,
        };
        chance.level(values).filter(|_| !mixed || is_sensitive || chance == Chance::Half)
    }
}

impl RunReport {
    /// A quantity of a replica after some updates; `None` if it was not measured then or has a zero
    /// denominator. A diagnosis is of the finished model, whatever `update` says.
    pub fn value(&self, replica: usize, quantity: Quantity, update: u32) -> Option<f64> {
        match quantity {
            Quantity::Diagnosis(finding) => finding.of(self.diagnoses.get(replica)?),
            Quantity::Rate(..) | Quantity::Probe(..) | Quantity::Number(_) => {
                self.replicas[replica].value(quantity, update)
            }
        }
    }
}

impl ReplicaReport {
    /// As [`RunReport::value`]; a replica alone has no diagnosis.
    pub fn value(&self, quantity: Quantity, update: u32) -> Option<f64> {
        let measured = || self.measurements.iter().find(|measurement| measurement.update == update);
        match quantity {
            Quantity::Rate(metric, slice) => measured()?.rate(metric, slice),
            Quantity::Probe(fit, facts, layer) => {
                let Measurement { probes, .. } = measured()?;
                let probe = probes.iter().find(|ProbeReport { layer: own, .. }| *own == layer)?;
                Some(f64::from(probe.accuracy(fit).over(facts)))
            }
            // Rollouts are sampled before their update.
            Quantity::Number(number) => {
                let report = self.updates.iter().find(|report| report.update == update + 1)?;
                (number.spec().of)(report).map(f64::from)
            }
            Quantity::Diagnosis(_) => None,
        }
    }
}

impl Finding {
    /// Its value; `None` if the diagnosis does not hold it.
    pub fn of(self, diagnosis: &Diagnosis) -> Option<f64> {
        let probe = |layer| diagnosis.probes.iter().find(|ProbeDiagnosis { layer: own, .. }| *own == layer);
        let steering = |layer| diagnosis.steering.iter().find(|Steering { layer: own, .. }| *own == layer);
        let value = match self {
            Finding::Probe(layer, split, labels, facts) => {
                let ProbeControls { real, random, untrained } = match split {
                    Split::OtherEntities => probe(layer)?.cross_entity,
                    Split::SameEntities => probe(layer)?.same_entity,
                };
                let accuracy: ProbeAccuracy = match labels {
                    Labels::Real => real,
                    Labels::Permuted => random,
                    Labels::Untrained => untrained,
                };
                accuracy.over(facts)
            }
            Finding::Bits(layer, labels) => {
                let CodeLength { bits, .. } = match labels {
                    Labels::Real => probe(layer)?.code,
                    Labels::Permuted => probe(layer)?.random_code,
                    Labels::Untrained => return None,
                };
                bits
            }
            Finding::UniformBits(layer) => probe(layer)?.code.uniform,
            Finding::Relearned(steps, relearner) => {
                let Relearning { model, base, never_taught, .. } =
                    diagnosis.relearning.iter().find(|relearning| relearning.steps == steps)?;
                match relearner {
                    Relearner::Model => *model,
                    Relearner::Base => *base,
                    Relearner::NeverTaught => *never_taught,
                }?
            }
            Finding::Ablated(layer, subspace, facts) => {
                let Steering { unchanged, ablated, ablated_by_means, ablated_randomly, .. } = steering(layer)?;
                let accuracy = match subspace {
                    Subspace::Nothing => unchanged,
                    Subspace::Probe => ablated,
                    Subspace::Means => ablated_by_means,
                    Subspace::Random(draw) => ablated_randomly.get(draw)?,
                };
                accuracy.over(facts)
            }
            Finding::Moved(layer, subspace) => {
                let Steering { moved, moved_by_means, moved_randomly, .. } = steering(layer)?;
                match subspace {
                    Subspace::Nothing => return None,
                    Subspace::Probe => *moved,
                    Subspace::Means => *moved_by_means,
                    Subspace::Random(draw) => *moved_randomly.get(draw)?,
                }
            }
        };
        Some(f64::from(value))
    }
}
