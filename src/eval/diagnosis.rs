//! Diagnosis: what the numbers of a measurement are worth, once, after a run.
//!
//! Four questions that are too expensive for every measurement. Does the fact probe read the
//! model or memorise its labels (control tasks and an untrained network, on a split by entities
//! and on one within them)? How much effort does it take to read the facts (description length)?
//! Were facts that are not said gone, or hidden ([`crate::documents::metrics::Relearning`])? Does the model
//! use what the probe reads ([`crate::documents::metrics::Steering`])?
//!
//! Nothing here enters training, and nothing is drawn at chance but from its own streams.

use burn::tensor::{Tensor, TensorData};

use crate::documents::metrics::{Diagnosis, ProbeControls, ProbeDiagnosis};
use crate::eval::measure::{probe_prompts, read_states, seen_prompts};
use crate::eval::probe::{Features, Labels, ProbeTask, Probes, Split};
use crate::eval::relearning::relearn;
use crate::eval::steering::steer;
use crate::facts::corpus::Corpus;
use crate::facts::error::Error;
use crate::network::device::{Handle, ReadBack};
use crate::network::model::Policy;
use crate::network::stack::Stack;

/// Diagnoses stacks of models of the same seeds.
pub struct Diagnostician {
    corpora: Vec<Corpus>,
    seeds: Vec<u64>,
    task: ProbeTask,
}

impl Diagnostician {
    /// For models of these seeds, one corpus each.
    ///
    /// # Panics
    /// If the corpora do not stack ([`Corpus::stacks_with`]).
    pub fn new(corpora: Vec<Corpus>, seeds: &[u64]) -> Self {
        assert!(corpora.iter().all(|corpus| corpus.stacks_with(&corpora[0])), "worlds that stack");
        let task = ProbeTask::new(&corpora.iter().collect::<Vec<_>>(), seeds);
        Diagnostician { corpora, seeds: seeds.to_vec(), task }
    }

    /// Diagnoses every replica of a policy after so many updates. `base` is what it started from.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn diagnose(&self, policy: &Policy, base: &Policy, update: u32) -> Result<Vec<Diagnosis>, Error> {
        let stack = Stack { policy, corpora: &self.corpora, seeds: &self.seeds };
        let features = features(stack);
        let real = self.task.fit(&features.seen_prompts, Labels::Real);
        let probes = self.probes(stack, &features, &real).await?;
        let relearning = relearn(stack, base).await?;
        let steering = steer(stack, &self.task, &features, &real).await?;
        let parts = probes.into_iter().zip(relearning).zip(steering);
        let diagnosis = |((probes, relearning), steering)| Diagnosis { update, probes, relearning, steering };
        Ok(parts.map(diagnosis).collect())
    }

    /// Controls and description lengths of these probes, `[replica][layer]`.
    async fn probes(
        &self,
        stack: Stack<'_>,
        features: &Features,
        real: &Probes,
    ) -> Result<Vec<Vec<ProbeDiagnosis>>, Error> {
        let random = self.task.fit(&features.seen_prompts, Labels::Random);
        let untrained_features = self::features(Stack { policy: &untrained(stack), ..stack });
        let untrained = self.task.fit(&untrained_features.seen_prompts, Labels::Real);
        let layers = stack.policy.config().layers + 1;
        let prompts = probe_prompts(stack.first()).len();

        let mut read_back = ReadBack::default();
        let mut classify = |split: Split| Classes {
            split,
            real: read_back.ints(self.task.classify(real, features, split)),
            random: read_back.ints(self.task.classify(&random, features, split)),
            untrained: read_back.ints(self.task.classify(&untrained, &untrained_features, split)),
        };
        let (cross_entity, same_entity) = (classify(Split::CrossEntity), classify(Split::SameEntity));
        let code = read_back.floats(self.task.block_log_likelihoods(features, Labels::Real));
        let random_code = read_back.floats(self.task.block_log_likelihoods(features, Labels::Random));
        let host = read_back.read().await?;

        let controls = |Classes { split, real, random, untrained }: Classes| {
            let accuracies =
                |classes: Handle<i32>, labels: Labels| self.task.accuracies(&host.get(classes), labels, split, layers);
            let real = accuracies(real, Labels::Real);
            let random = accuracies(random, Labels::Random);
            let untrained = accuracies(untrained, Labels::Real);
            move |replica: usize, layer: usize| ProbeControls {
                real: real[replica][layer],
                random: random[replica][layer],
                untrained: untrained[replica][layer],
            }
        };
        let (cross_entity, same_entity) = (controls(cross_entity), controls(same_entity));
        let [code, random_code] =
            [code, random_code].map(|code| self.task.code_lengths(&host.get(code), layers, prompts));
        let diagnosis = |replica: usize, layer: usize| ProbeDiagnosis {
            layer,
            cross_entity: cross_entity(replica, layer),
            same_entity: same_entity(replica, layer),
            code: code[replica][layer],
            random_code: random_code[replica][layer],
        };
        let replicas = 0..self.corpora.len();
        Ok(replicas.map(|replica| (0..layers).map(|layer| diagnosis(replica, layer)).collect()).collect())
    }
}

/// What probes say on one split, to be read back.
struct Classes {
    split: Split,
    real: Handle<i32>,
    random: Handle<i32>,
    untrained: Handle<i32>,
}

fn features(stack: Stack<'_>) -> Features {
    Features {
        seen_prompts: seen_prompts(stack),
        held_out_prompts: read_states(stack, &stack.first().world().language.held_out_prompts),
    }
}

/// Networks of the same shape with initial weights.
fn untrained(Stack { policy, seeds, .. }: Stack<'_>) -> Policy {
    let config = policy.config();
    let weights = seeds.iter().flat_map(|seed| config.init(*seed)).collect();
    let weights = TensorData::new::<f32, _>(weights, [seeds.len(), config.parameters()]);
    Policy::new(config, &Tensor::from_data(weights, &policy.device()))
}
