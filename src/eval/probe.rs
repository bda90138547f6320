//! The fact probe: can a linear classifier read a fact's value off the residual stream?
//!
//! Multinomial logistic regression on the state just before the value is said, one probe for
//! each layer. It is fitted on one half of the entities with two of the fine-tune's prompts and
//! tested on the other half with held-out prompts, both ways round, so that it can't memorise
//! entities: tested on the facts that it was fitted on, a probe can learn random labels too
//! (Hewitt & Liang 2019 call the difference selectivity). On this split the control task, labels
//! permuted within each attribute, is at or below chance by construction: it shows what guessing
//! from the attribute alone gives. [`Split`] has both. Accuracy says nothing about effort; the
//! description length of the labels does (Voita & Titov 2020). All layers, replicas and halves are
//! fitted in one stack.

use std::collections::BTreeMap;

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Int, Tensor, TensorData};
use rand::seq::SliceRandom;

use crate::documents::metrics::{CodeLength, ProbeAccuracy, ProbeReport};
use crate::facts::corpus::Corpus;
use crate::facts::random::{Purpose, stream};
use crate::facts::world::Fact;
use crate::kernels::{AdamWStep, adamw, no_moments};

const ITERATIONS: u32 = 120;
const OPTIMISER: AdamWStep = AdamWStep {
    learning_rate: 0.05,
    beta_1: 0.9,
    beta_2: 0.999,
    epsilon: 1e-8,
    weight_decay: 0.02,
    max_grad_norm: f32::INFINITY,
};
pub(crate) const HALVES: usize = 2;
/// The online code transmits the labels of one in so many entities, then twice as many, and so on.
const CODE_BLOCKS: [usize; 5] = [16, 8, 4, 2, 1];
/// Iterations after which the code's probes are looked at; 0 is the uniform distribution.
const STOPS: [u32; 5] = [0, 5, 15, 45, ITERATIONS];

/// What the probes see of a stack of models.
#[derive(Debug, Clone)]
pub struct Features {
    /// One row for each taught fact and fine-tune prompt, `[layer × replica, fact × prompt, width]`.
    pub seen_prompts: Tensor<3>,
    /// The same for held-out prompts.
    pub held_out_prompts: Tensor<3>,
}

/// What a probe is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// The facts' values.
    Real,
    /// The values permuted within each attribute: the control task (Hewitt & Liang 2019).
    Random,
}

/// What a probe is tested on, with held-out prompts in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The half of the entities that it was not fitted on.
    CrossEntity,
    /// The facts that it was fitted on.
    SameEntity,
}

impl Split {
    /// For the probes of each half, the half that they are tested on.
    fn tested(self) -> [usize; HALVES] {
        match self {
            Split::CrossEntity => [1, 0],
            Split::SameEntity => [0, 1],
        }
    }
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
    /// `[block]`: facts of the entities that the online code transmits together; the same for all replicas.
    blocks: Vec<Vec<usize>>,
    classes: usize,
}

/// Fitted classifiers, stacked `[half × layer × replica, …]`.
#[derive(Debug, Clone)]
pub struct Probes {
    /// Of the features, `[…, 1, width]`.
    pub(crate) mean: Tensor<3>,
    /// One over their standard deviation, `[…, 1, width]`.
    pub(crate) scale: Tensor<3>,
    /// Of standardised features, `[…, width + 1, class]`; the last row is the bias.
    pub(crate) weights: Tensor<3>,
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
    /// The taught facts of each replica's corpus, in the order of [`Corpus::facts`].
    pub fn new(corpora: &[&Corpus], seeds: &[u64]) -> Self {
        let taught = |corpus: &&Corpus| corpus.facts.iter().filter(|fact| fact.value.is_some()).copied().collect();
        let facts: Vec<Vec<Fact>> = corpora.iter().map(taught).collect();
        let kind = |entity: usize| corpora[0].world().entities[entity].kind.as_str();
        ProbeTask::of(&facts, kind, corpora[0].values.len(), seeds)
    }

    /// The facts of each replica, which all have a value, of so many that there are. The entities of a kind are put
    /// into halves alternately, so that both hold seen and new ones where the world lists one after the other; what one
    /// half has more than the other is left out.
    pub(crate) fn of<'a>(facts: &[Vec<Fact>], kind: impl Fn(usize) -> &'a str, classes: usize, seeds: &[u64]) -> Self {
        let labels: Vec<Vec<usize>> =
            facts.iter().map(|facts| facts.iter().filter_map(|fact| fact.value).collect()).collect();
        let control_labels = labels.iter().zip(facts).zip(seeds).map(|((labels, facts), seed)| {
            let mut control = labels.clone();
            let mut rng = stream(*seed, 0, Purpose::Control);
            let attributes = facts.iter().map(|fact| fact.attribute + 1).max().unwrap_or(0);
            for attribute in 0..attributes {
                let own: Vec<usize> = (0..facts.len()).filter(|fact| facts[*fact].attribute == attribute).collect();
                let mut permuted = own.clone();
                permuted.shuffle(&mut rng);
                for (fact, other) in own.into_iter().zip(permuted) {
                    control[fact] = labels[other];
                }
            }
            control
        });
        let first = &facts[0];
        let indices: Vec<usize> = (0..first.len()).collect();
        let mut entities: Vec<&[usize]> =
            indices.chunk_by(|one, other| first[*one].entity == first[*other].entity).collect();
        let mut halves = [vec![], vec![]];
        let mut met: BTreeMap<&str, usize> = BTreeMap::new();
        for group in &entities {
            let place = met.entry(kind(first[group[0]].entity)).or_default();
            halves[*place % HALVES].extend_from_slice(group);
            *place += 1;
        }
        let rows = halves[0].len().min(halves[1].len());
        halves.iter_mut().for_each(|half| half.truncate(rows));
        // One order for all replicas, whoever is in the stack.
        entities.shuffle(&mut stream(0, 0, Purpose::Diagnosis));
        let ends = CODE_BLOCKS.map(|part| entities.len().div_ceil(part));
        let starts = [0].into_iter().chain(ends);
        let blocks = starts.zip(ends).map(|(start, end)| entities[start..end].concat());
        ProbeTask {
            blocks: blocks.filter(|block| !block.is_empty()).collect(),
            control_labels: control_labels.collect(),
            uncomfortable: facts.iter().map(|facts| facts.iter().map(|fact| fact.uncomfortable).collect()).collect(),
            labels,
            halves,
            classes,
        }
    }

    /// Probes of these models, fitted on the fine-tune's prompts of each half.
    pub fn fit(&self, seen_prompts: &Tensor<3>, labels: Labels) -> Probes {
        let x = self.halves_of(seen_prompts, [0, 1]);
        let [fitted] = fit(x.clone(), self.half_targets(&x, labels), [ITERATIONS]);
        fitted
    }

    /// What the probes say of held-out prompts, `[half × layer × replica, fact × prompt]`.
    pub fn classify(&self, probes: &Probes, features: &Features, split: Split) -> Tensor<2, Int> {
        probes.logits(self.halves_of(&features.held_out_prompts, split.tested())).argmax(2).squeeze_dim(2)
    }

    /// What the probes say of the held-out halves.
    pub fn predict(&self, features: &Features, frozen: Option<&Probes>, retrained: &Probes) -> Predictions {
        let control = self.fit(&features.seen_prompts, Labels::Random);
        let classify = |probes| self.classify(probes, features, Split::CrossEntity);
        Predictions {
            frozen: classify(frozen.unwrap_or(retrained)),
            retrained: classify(retrained),
            control: classify(&control),
        }
    }

    /// Accuracies from the classes that were read back, `[replica][layer]`.
    pub fn reports(&self, [frozen, retrained, control]: [&[i32]; 3], layers: usize) -> Vec<Vec<ProbeReport>> {
        let accuracies = |predicted, labels| self.accuracies(predicted, labels, Split::CrossEntity, layers);
        let [frozen, retrained] = [frozen, retrained].map(|predicted| accuracies(predicted, Labels::Real));
        let control = accuracies(control, Labels::Random);
        let report = |replica: usize, layer: usize| ProbeReport {
            layer,
            frozen: frozen[replica][layer],
            retrained: retrained[replica][layer],
            control: control[replica][layer],
        };
        (0..self.labels.len()).map(|replica| (0..layers).map(|layer| report(replica, layer)).collect()).collect()
    }

    /// Accuracies of [`ProbeTask::classify`]'s classes, `[replica][layer]`.
    pub fn accuracies(
        &self,
        predicted: &[i32],
        labels: Labels,
        split: Split,
        layers: usize,
    ) -> Vec<Vec<ProbeAccuracy>> {
        let accuracy = |replica: usize, layer: usize| {
            let labels = &self.labels(labels)[replica];
            let mut counts = [[0u32; 2]; 2];
            for (fact, class) in self.readings(predicted, split, layers, layer, replica) {
                let right = u32::from(class == labels[fact]);
                counts[0] = [counts[0][0] + right, counts[0][1] + 1];
                if self.uncomfortable[replica][fact] {
                    counts[1] = [counts[1][0] + right, counts[1][1] + 1];
                }
            }
            let rate = |[right, all]: [u32; 2]| right as f32 / all.max(1) as f32;
            ProbeAccuracy { taught: rate(counts[0]), uncomfortable: rate(counts[1]) }
        };
        (0..self.labels.len()).map(|replica| (0..layers).map(|layer| accuracy(replica, layer)).collect()).collect()
    }

    /// Of the taught facts, those that a layer's probes, fitted on the other half of the entities, read rightly
    /// with every held-out prompt, `[replica][taught fact]`; `None` for a fact that no probe is tested on.
    pub fn read_facts(&self, predicted: &[i32], layers: usize, layer: usize) -> Vec<Vec<Option<bool>>> {
        let of_replica = |replica: usize| {
            let labels = &self.labels[replica];
            let mut read = vec![None; labels.len()];
            for (fact, class) in self.readings(predicted, Split::CrossEntity, layers, layer, replica) {
                read[fact] = Some(class == labels[fact] && read[fact] != Some(false));
            }
            read
        };
        (0..self.labels.len()).map(of_replica).collect()
    }

    /// Taught fact and class of each row of [`ProbeTask::classify`]'s classes, of one layer and replica.
    fn readings<'a>(
        &'a self,
        predicted: &'a [i32],
        split: Split,
        layers: usize,
        layer: usize,
        replica: usize,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        let replicas = self.labels.len();
        let rows = predicted.len() / (HALVES * layers * replicas);
        split.tested().into_iter().enumerate().flat_map(move |(half, tested)| {
            let facts = &self.halves[tested];
            let prompts = rows / facts.len();
            let start = ((half * layers + layer) * replicas + replica) * rows;
            let classes = predicted[start..start + rows].iter().enumerate();
            classes.map(move |(row, class)| (facts[row / prompts], *class as usize))
        })
    }

    /// What it takes to transmit the labels of the fine-tune's prompts with probes that are fitted
    /// on what was transmitted before (the online code of Voita & Titov 2020): log-likelihoods of
    /// every block but the first, in nats, for probes stopped after 0, 5, 15, 45 and 120 iterations,
    /// `[block − 1, stop, layer × replica]`.
    pub fn block_log_likelihoods(&self, features: &Features, labels: Labels) -> Tensor<3> {
        let blocks = (1..self.blocks.len()).map(|block| {
            let known = self.blocks[..block].concat();
            let x = rows_of(&features.seen_prompts, &known, self.labels[0].len());
            let next = rows_of(&features.seen_prompts, &self.blocks[block], self.labels[0].len());
            let y = self.targets(&next, &self.blocks[block], labels);
            let probes = fit(x.clone(), self.targets(&x, &known, labels), STOPS);
            let likelihoods = probes.map(|probes| {
                let chosen = log_softmax(probes.logits(next.clone()), 2) * y.clone();
                chosen.sum_dim(2).sum_dim(1).squeeze_dims::<1>(&[1, 2])
            });
            Tensor::stack::<2>(likelihoods.to_vec(), 0)
        });
        Tensor::stack(blocks.collect(), 0)
    }

    /// Bits a label of that code and of the code that gives every value the same length,
    /// `[replica][layer]`, from its log-likelihoods.
    ///
    /// A block is transmitted with the mixture of the probes at all stops, the first of which is
    /// uniform, so that no probe has to be trusted and no labels are held back to choose one.
    pub fn code_lengths(&self, log_likelihoods: &[f32], layers: usize, prompts: usize) -> Vec<Vec<CodeLength>> {
        let replicas = self.labels.len();
        let uniform = (self.classes as f64).log2();
        let length = |replica: usize, layer: usize| {
            let blocks = log_likelihoods.chunks(STOPS.len() * layers * replicas).map(|block| {
                let stops = block.chunks(layers * replicas).map(|stop| f64::from(stop[layer * replicas + replica]));
                let best = stops.clone().fold(f64::NEG_INFINITY, f64::max);
                let mixture = stops.map(|stop| (stop - best).exp()).sum::<f64>() / STOPS.len() as f64;
                -(best + mixture.ln()) / std::f64::consts::LN_2
            });
            let first = (self.blocks[0].len() * prompts) as f64 * uniform;
            let labels = self.blocks.iter().map(Vec::len).sum::<usize>() * prompts;
            CodeLength { bits: ((first + blocks.sum::<f64>()) / labels as f64) as f32, uniform: uniform as f32 }
        };
        (0..replicas).map(|replica| (0..layers).map(|layer| length(replica, layer)).collect()).collect()
    }

    /// Facts of the half that the probes of each half are tested on across entities.
    pub(crate) fn held_out_facts(&self) -> [&[usize]; HALVES] {
        Split::CrossEntity.tested().map(|half| self.halves[half].as_slice())
    }

    /// Mean state of each value among the fine-tune's prompts of each half,
    /// `[half × layer × replica, class, width]`; 0 for a value that the half doesn't have.
    pub(crate) fn class_means(&self, features: &Features) -> Tensor<3> {
        let x = self.halves_of(&features.seen_prompts, [0, 1]);
        let y = self.half_targets(&x, Labels::Real).swap_dims(1, 2);
        let counts = y.clone().sum_dim(2).clamp_min(1.0);
        y.matmul(x) / counts
    }

    fn labels(&self, labels: Labels) -> &[Vec<usize>] {
        match labels {
            Labels::Real => &self.labels,
            Labels::Random => &self.control_labels,
        }
    }

    /// Rows of the facts in these halves, `[half × layer × replica, row, width]`.
    fn halves_of(&self, features: &Tensor<3>, halves: [usize; HALVES]) -> Tensor<3> {
        let part = |half: usize| rows_of(features, &self.halves[half], self.labels[0].len());
        Tensor::cat(halves.map(part).to_vec(), 0)
    }

    /// The labels of [`ProbeTask::halves_of`]'s rows.
    fn half_targets(&self, rows: &Tensor<3>, labels: Labels) -> Tensor<3> {
        let parts = rows.clone().chunk(HALVES, 0).into_iter().zip(&self.halves);
        Tensor::cat(parts.map(|(rows, facts)| self.targets(&rows, facts, labels)).collect(), 0)
    }

    /// The labels of rows `[layer × replica, fact × prompt, width]` of these facts, one-hot.
    fn targets(&self, rows: &Tensor<3>, facts: &[usize], labels: Labels) -> Tensor<3> {
        let [stack, count, _] = rows.dims();
        let prompts = count / facts.len();
        let mut data = vec![0.0f32; stack * count * self.classes];
        for (index, row) in data.chunks_mut(self.classes).enumerate() {
            let (place, fact) = (index / count, facts[index % count / prompts]);
            row[self.labels(labels)[place % self.labels.len()][fact]] = 1.0;
        }
        Tensor::from_data(TensorData::new(data, [stack, count, self.classes]), &rows.device())
    }
}

impl Probes {
    /// Of the classes, `[…, row, class]`.
    fn logits(&self, features: Tensor<3>) -> Tensor<3> {
        let x = with_bias((features - self.mean.clone()) * self.scale.clone());
        x.matmul(self.weights.clone())
    }
}

/// Multinomial logistic regression of one-hot labels `[stack, row, class]` on `[stack, row, width]`
/// by full-batch AdamW, as it is after each of these numbers of iterations.
fn fit<const N: usize>(x: Tensor<3>, y: Tensor<3>, stops: [u32; N]) -> [Probes; N] {
    let ([stack, rows, width], [_, _, classes]) = (x.dims(), y.dims());
    let device = x.device();
    let mean = x.clone().mean_dim(1);
    let centred = x - mean.clone();
    let scale = (centred.clone().square().mean_dim(1) + 1e-6).sqrt().recip();
    let x = with_bias(centred * scale.clone());

    let (parameters, transposed) = ((width + 1) * classes, x.clone().swap_dims(1, 2));
    let mut weights = Tensor::<2>::zeros([stack, parameters], &device);
    let mut moments = no_moments(&weights);
    let mut done = 0;
    stops.map(|stop| {
        while done < stop {
            done += 1;
            let logits = x.clone().matmul(weights.clone().reshape([stack, width + 1, classes]));
            let gradient = transposed.clone().matmul(softmax(logits, 2) - y.clone()) / rows as f32;
            (weights, moments, _) =
                adamw(weights.clone(), gradient.reshape([stack, parameters]), moments.clone(), OPTIMISER);
        }
        let weights = weights.clone().reshape([stack, width + 1, classes]);
        Probes { mean: mean.clone(), scale: scale.clone(), weights }
    })
}

/// Rows of these of `all` facts, `[stack, row, width]`.
fn rows_of(features: &Tensor<3>, facts: &[usize], all: usize) -> Tensor<3> {
    let [stack, rows, width] = features.dims();
    let (prompts, count) = (rows / all, facts.len());
    let facts: Vec<i32> = facts.iter().map(|fact| *fact as i32).collect();
    let facts = Tensor::<1, Int>::from_data(TensorData::new(facts, [count]), &features.device());
    let by_fact = features.clone().reshape([stack, all, prompts * width]);
    by_fact.select(1, facts).reshape([stack, count * prompts, width])
}

fn with_bias(x: Tensor<3>) -> Tensor<3> {
    let [stack, rows, _] = x.dims();
    let ones = Tensor::ones([stack, rows, 1], &x.device());
    Tensor::cat(vec![x, ones], 2)
}
