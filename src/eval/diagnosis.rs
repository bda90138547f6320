//! Diagnosis: what the numbers of a measurement are worth, once, after a run.
//!
//! Four questions that are too expensive for every measurement. Does the fact probe read the
//! model or memorise its labels (control tasks and an untrained network, on a split by entities
//! and on one within them)? How much effort does it take to read the facts (description length)?
//! Were facts that are not said gone, or hidden ([`crate::documents::metrics::Relearning`])? Does the model
//! use what the probe reads ([`crate::documents::metrics::Steering`])?
//!
//! Nothing here enters training, and nothing is drawn at chance but from its own streams.

use burn::tensor::{Tensor, TensorData, Transaction};

use crate::documents::metrics::{Diagnosis, ProbeControls, ProbeDiagnosis};
use crate::eval::measure::{probe_prompts, read_states};
use crate::eval::probe::{Features, Labels, ProbeTask, Probes, Split};
use crate::eval::relearning::relearn;
use crate::eval::steering::steer;
use crate::facts::corpus::Corpus;
use crate::facts::error::Error;
use crate::network::device::device_error;
use crate::network::model::Policy;

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
        let features = self.features(policy);
        let real = self.task.fit(&features, Labels::Real);
        let probes = self.probes(policy, &features, &real).await?;
        let relearning = relearn(&self.corpora, &self.seeds, policy, base).await?;
        let steering = steer(&self.corpora, &self.seeds, policy, &self.task, &features, &real).await?;
        let parts = probes.into_iter().zip(relearning).zip(steering);
        let diagnosis = |((probes, relearning), steering)| Diagnosis { update, probes, relearning, steering };
        Ok(parts.map(diagnosis).collect())
    }

    /// Controls and description lengths of these probes, `[replica][layer]`.
    async fn probes(
        &self,
        policy: &Policy,
        features: &Features,
        real: &Probes,
    ) -> Result<Vec<Vec<ProbeDiagnosis>>, Error> {
        let random = self.task.fit(features, Labels::Random);
        let untrained_features = self.features(&self.untrained(policy));
        let untrained = self.task.fit(&untrained_features, Labels::Real);
        let mut transaction = Transaction::default();
        for split in [Split::CrossEntity, Split::SameEntity] {
            for (probes, features) in [(real, features), (&random, features), (&untrained, &untrained_features)] {
                transaction = transaction.register(self.task.classify(probes, features, split));
            }
        }
        for labels in [Labels::Real, Labels::Random] {
            transaction = transaction.register(self.task.block_log_likelihoods(features, labels));
        }
        let data = transaction.execute_async().await.map_err(device_error)?;

        let layers = policy.config().layers + 1;
        let prompts = probe_prompts(&self.corpora[0]).len();
        let accuracies = |index: usize, labels: Labels, split: Split| {
            self.task.accuracies(&data[index].iter::<i32>().collect::<Vec<_>>(), labels, split, layers)
        };
        let [cross_entity, same_entity] = [(0, Split::CrossEntity), (3, Split::SameEntity)].map(|(first, split)| {
            let [real, random, untrained] = [(0, Labels::Real), (1, Labels::Random), (2, Labels::Real)]
                .map(|(index, labels)| accuracies(first + index, labels, split));
            move |replica: usize, layer: usize| ProbeControls {
                real: real[replica][layer],
                random: random[replica][layer],
                untrained: untrained[replica][layer],
            }
        });
        let [code, random_code] = [6, 7].map(|index| {
            let log_likelihoods: Vec<f32> = data[index].iter::<f32>().collect();
            self.task.code_lengths(&log_likelihoods, layers, prompts)
        });
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

    fn features(&self, policy: &Policy) -> Features {
        let first = &self.corpora[0];
        Features {
            seen_prompts: read_states(policy, &self.corpora, probe_prompts(first)),
            held_out_prompts: read_states(policy, &self.corpora, &first.world().language.held_out_prompts),
        }
    }

    /// Networks of the same shape with initial weights.
    fn untrained(&self, policy: &Policy) -> Policy {
        let config = policy.config();
        let weights = self.seeds.iter().flat_map(|seed| config.init(*seed)).collect();
        let weights = TensorData::new::<f32, _>(weights, [self.seeds.len(), config.parameters()]);
        Policy::new(config, &Tensor::from_data(weights, &policy.device()))
    }
}
