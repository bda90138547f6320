//! The fact probe: can a linear classifier read a fact's value off the residual stream?
//!
//! Multinomial logistic regression on the state just before the value is said, one probe for
//! each layer. It is fitted on one half of the entities with two of the fine-tune's prompts and
//! tested on the other half with held-out prompts, both ways round, so that it can't memorise
//! entities: tested on the facts that it was fitted on, a probe can learn random labels too
//! (Hewitt & Liang 2019 call the difference selectivity). On this split the control task, labels
//! permuted within each attribute, is at or below chance by construction: it shows what guessing
//! from the attribute alone gives. All layers, replicas, halves and the control task are fitted
//! in one stack.

use std::collections::BTreeMap;

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::seq::SliceRandom;

use crate::corpus::Corpus;
use crate::kernels::{AdamWStep, adamw};
use crate::metrics::{ProbeAccuracy, ProbeReport};
use crate::random::{Purpose, stream};

const ITERATIONS: u32 = 120;
const OPTIMISER: AdamWStep = AdamWStep {
    learning_rate: 0.05,
    beta_1: 0.9,
    beta_2: 0.999,
    epsilon: 1e-8,
    weight_decay: 0.02,
    clip: f32::INFINITY,
    time: 0,
};
const HALVES: usize = 2;

/// What the probes see of a stack of models.
#[derive(Debug, Clone)]
pub struct Features {
    /// One row for each taught fact and fine-tune prompt, `[layer × replica, fact × prompt, width]`.
    pub seen_prompts: Tensor<3>,
    /// The same for held-out prompts.
    pub held_out_prompts: Tensor<3>,
}

/// Which facts there are to read, for each replica.
#[derive(Debug, Clone)]
pub struct ProbeTask {
    /// `[replica][fact]`: index of the value.
    labels: Vec<Vec<usize>>,
    /// `[replica][fact]`: a permutation of the labels.
    control_labels: Vec<Vec<usize>>,
    /// `[replica][fact]`.
    uncomfortable: Vec<Vec<bool>>,
    /// `[half]`: facts of the entities in it; the same for all replicas.
    halves: [Vec<usize>; HALVES],
    classes: usize,
}

/// Fitted classifiers, stacked `[half × layer × replica, …]`.
#[derive(Debug, Clone)]
pub struct Probes {
    mean: Tensor<3>,
    scale: Tensor<3>,
    /// `[…, width + 1, class]`; the last row is the bias.
    weights: Tensor<3>,
}

/// Predicted classes, still on the device: `[half × layer × replica, fact × prompt]`.
#[derive(Debug, Clone)]
pub struct Predictions {
    /// Of the probes fitted on the base models.
    pub frozen: Tensor<2, Int>,
    /// Of probes fitted on the present models.
    pub retrained: Tensor<2, Int>,
    /// Of probes fitted on the present models with permuted labels.
    pub control: Tensor<2, Int>,
}

impl ProbeTask {
    /// The taught facts of each replica's corpus, in the order of [`Corpus::facts`]. The taught
    /// entities of a kind are put into halves alternately, so that both hold seen and new ones;
    /// what one half has more than the other is left out.
    pub fn new(corpora: &[&Corpus], seeds: &[u64]) -> Self {
        let taught =
            |corpus: &Corpus| corpus.facts.iter().filter(|fact| fact.value.is_some()).copied().collect::<Vec<_>>();
        let labels: Vec<Vec<usize>> =
            corpora.iter().map(|corpus| taught(corpus).iter().filter_map(|fact| fact.value).collect()).collect();
        let control_labels = labels.iter().zip(corpora).zip(seeds).map(|((labels, corpus), seed)| {
            let (mut control, facts) = (labels.clone(), taught(corpus));
            let mut rng = stream(*seed, 0, Purpose::Control);
            for attribute in 0..corpus.world().attributes.len() {
                let own: Vec<usize> = (0..facts.len()).filter(|fact| facts[*fact].attribute == attribute).collect();
                let mut permuted = own.clone();
                permuted.shuffle(&mut rng);
                for (fact, other) in own.into_iter().zip(permuted) {
                    control[fact] = labels[other];
                }
            }
            control
        });
        let facts = taught(corpora[0]);
        let mut halves = [vec![], vec![]];
        let mut met: BTreeMap<&str, usize> = BTreeMap::new();
        for group in
            (0..facts.len()).collect::<Vec<_>>().chunk_by(|one, other| facts[*one].entity == facts[*other].entity)
        {
            let kind = &corpora[0].world().entities[facts[group[0]].entity].kind;
            let place = met.entry(kind).or_default();
            halves[*place % HALVES].extend_from_slice(group);
            *place += 1;
        }
        let rows = halves[0].len().min(halves[1].len());
        halves.iter_mut().for_each(|half| half.truncate(rows));
        ProbeTask {
            control_labels: control_labels.collect(),
            uncomfortable: corpora
                .iter()
                .map(|corpus| taught(corpus).iter().map(|fact| fact.uncomfortable).collect())
                .collect(),
            labels,
            halves,
            classes: corpora[0].values.len(),
        }
    }

    /// Probes of these models.
    pub fn fit(&self, features: &Features) -> Probes {
        self.fit_labels(features, &self.labels)
    }

    /// What the probes say of the held-out halves.
    pub fn predict(&self, features: &Features, frozen: Option<&Probes>, retrained: &Probes) -> Predictions {
        let control = self.fit_labels(features, &self.control_labels);
        let held_out = self.halves_of(&features.held_out_prompts, [1, 0]);
        Predictions {
            frozen: frozen.unwrap_or(retrained).predict(held_out.clone()),
            retrained: retrained.predict(held_out.clone()),
            control: control.predict(held_out),
        }
    }

    /// Accuracies from the classes that were read back, `[replica][layer]`.
    pub fn reports(&self, [frozen, retrained, control]: [&[i32]; 3], layers: usize) -> Vec<Vec<ProbeReport>> {
        let replicas = self.labels.len();
        let accuracy = |predicted: &[i32], labels: &[usize], replica: usize, layer: usize| {
            let rows = predicted.len() / (HALVES * layers * replicas);
            let mut counts = [[0u32; 2]; 2];
            for (half, facts) in [(0, &self.halves[1]), (1, &self.halves[0])] {
                let prompts = rows / facts.len();
                let start = ((half * layers + layer) * replicas + replica) * rows;
                for (row, class) in predicted[start..start + rows].iter().enumerate() {
                    let fact = facts[row / prompts];
                    let right = u32::from(*class as usize == labels[fact]);
                    counts[0] = [counts[0][0] + right, counts[0][1] + 1];
                    if self.uncomfortable[replica][fact] {
                        counts[1] = [counts[1][0] + right, counts[1][1] + 1];
                    }
                }
            }
            let rate = |[right, all]: [u32; 2]| right as f32 / all.max(1) as f32;
            ProbeAccuracy { taught: rate(counts[0]), uncomfortable: rate(counts[1]) }
        };
        let report = |replica: usize, layer: usize| ProbeReport {
            layer,
            frozen: accuracy(frozen, &self.labels[replica], replica, layer),
            retrained: accuracy(retrained, &self.labels[replica], replica, layer),
            control: accuracy(control, &self.control_labels[replica], replica, layer),
        };
        (0..replicas).map(|replica| (0..layers).map(|layer| report(replica, layer)).collect()).collect()
    }

    fn fit_labels(&self, features: &Features, labels: &[Vec<usize>]) -> Probes {
        let x = self.halves_of(&features.seen_prompts, [0, 1]);
        let [stack, rows, width] = x.dims();
        let device = x.device();
        let mean = x.clone().mean_dim(1);
        let centred = x - mean.clone();
        let scale = (centred.clone().square().mean_dim(1) + 1e-6).sqrt().recip();
        let x = with_bias(centred * scale.clone());
        let y = self.one_hot(labels, stack, rows, &device);

        let (parameters, transposed) = ((width + 1) * self.classes, x.clone().swap_dims(1, 2));
        let mut weights = Tensor::<2>::zeros([stack, parameters], &device);
        let mut moments = Tensor::<3>::zeros([2, stack, parameters], &device);
        for time in 1..=ITERATIONS {
            let logits = x.clone().matmul(weights.clone().reshape([stack, width + 1, self.classes]));
            let gradient = transposed.clone().matmul(softmax(logits, 2) - y.clone()) / rows as f32;
            let step = AdamWStep { time, ..OPTIMISER };
            (weights, moments, _) = adamw(weights, gradient.reshape([stack, parameters]), moments, step);
        }
        let weights = weights.reshape([stack, width + 1, self.classes]);
        Probes { mean, scale, weights }
    }

    /// Rows of the facts in these halves, `[half × layer × replica, row, width]`.
    fn halves_of(&self, features: &Tensor<3>, halves: [usize; HALVES]) -> Tensor<3> {
        let [stack, rows, width] = features.dims();
        let prompts = rows / self.labels[0].len();
        let part = |half: usize| {
            let facts: Vec<i32> = self.halves[half].iter().map(|fact| *fact as i32).collect();
            let count = facts.len();
            let facts = Tensor::<1, Int>::from_data(TensorData::new(facts, [count]), &features.device());
            let by_fact = features.clone().reshape([stack, rows / prompts, prompts * width]);
            by_fact.select(1, facts).reshape([stack, count * prompts, width])
        };
        Tensor::cat(halves.map(part).to_vec(), 0)
    }

    fn one_hot(&self, labels: &[Vec<usize>], stack: usize, rows: usize, device: &Device) -> Tensor<3> {
        let replicas = labels.len();
        let layers = stack / (HALVES * replicas);
        let mut data = vec![0.0f32; stack * rows * self.classes];
        for half in 0..HALVES {
            let facts = &self.halves[half];
            let prompts = rows / facts.len();
            for (layer, (replica, labels)) in
                (0..layers).flat_map(|layer| labels.iter().enumerate().map(move |labels| (layer, labels)))
            {
                let start = ((half * layers + layer) * replicas + replica) * rows;
                for row in 0..rows {
                    data[(start + row) * self.classes + labels[facts[row / prompts]]] = 1.0;
                }
            }
        }
        Tensor::from_data(TensorData::new(data, [stack, rows, self.classes]), device)
    }
}

impl Probes {
    fn predict(&self, features: Tensor<3>) -> Tensor<2, Int> {
        let x = with_bias((features - self.mean.clone()) * self.scale.clone());
        x.matmul(self.weights.clone()).argmax(2).squeeze_dim(2)
    }
}

fn with_bias(x: Tensor<3>) -> Tensor<3> {
    let [stack, rows, _] = x.dims();
    let ones = Tensor::ones([stack, rows, 1], &x.device());
    Tensor::cat(vec![x, ones], 2)
}
