//! Steering: does the model use what the fact probe reads?
//!
//! A probe can find what the model has and does not use (Elazar et al. 2021). So the residual
//! stream is changed at the position before the value, after a block, and the remaining blocks run
//! on: the coordinates in the subspace that the probe reads are set to their mean, or the probe's
//! direction from the chosen value to another one is added. Each is compared with random subspaces
//! of the same rank and random directions of the same length. Probes are of the entities that are
//! not asked about. The kernels can't be interrupted, so the decoder is the plain one.

use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use crate::documents::metrics::{ProbeAccuracy, Steering};
use crate::eval::measure::{PROBED, taught, token_indices};
use crate::eval::probe::{Features, HALVES, ProbeTask, Probes};
use crate::facts::corpus::{Corpus, Token};
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::network::device::{Handle, ReadBack};
use crate::network::plain::Decoder;
use crate::network::stack::Stack;

/// Random subspaces and directions of each layer.
const DRAWS: usize = 5;
/// What a probe reads, where class means differ, and the draws.
const VARIANTS: usize = 2 + DRAWS;
/// A vector that is this much shorter without what lies in a subspace is taken to lie in it.
const DEPENDENT: f32 = 1e-3;

/// Questions to a stack of models, read up to the value.
struct Scene {
    decoder: Decoder,
    /// Residual stream after the embedding and after each block, `[replica, question, time, width]`.
    streams: Vec<Tensor<4>>,
    values: Tensor<1, Int>,
}

/// What is done to the states of a layer: with what the probe reads, with the class means, and with
/// each random draw.
struct Interventions {
    /// Of the states that the probes were fitted on, `[replica × half, width]`.
    means: Vec<f32>,
    /// Projections that are ablated, `[replica × half, width, width]`.
    subspaces: [Vec<f32>; VARIANTS],
    /// What is added, `[replica, question, width]`.
    directions: [Vec<f32>; VARIANTS],
    /// Where that should lead, `[replica, question]`.
    targets: Vec<i32>,
}

/// What was read back of the probes of every half, layer and replica.
struct Geometry {
    width: usize,
    classes: usize,
    /// Layers with a probe.
    layers: usize,
    /// `[half × layer × replica, width + 1, class]`.
    weights: Vec<f32>,
    /// `[half × layer × replica, width]`.
    mean: Vec<f32>,
    /// `[half × layer × replica, width]`.
    scale: Vec<f32>,
    /// `[half × layer × replica, class, width]`.
    class_means: Vec<f32>,
}

/// Intervenes in every replica, `[replica][layer]`. `probes` are the task's of `features`, which
/// are the stack's.
///
/// # Errors
/// [`Error::Device`] if a read fails.
pub(crate) async fn steer(
    stack @ Stack { policy, corpora, .. }: Stack<'_>,
    task: &ProbeTask,
    features: &Features,
    probes: &Probes,
) -> Result<Vec<Vec<Steering>>, Error> {
    let config = policy.config();
    let all = taught(&corpora[0]);
    let facts: Vec<usize> = task.held_out_facts().concat().into_iter().map(|fact| all[fact]).collect();
    let scene = Scene::new(stack, &facts);
    let unchanged = scene.choices(config.layers, scene.last(config.layers));
    let mut read_back = ReadBack::default();
    let unchanged = read_back.ints(unchanged);
    let weights = read_back.floats(probes.weights.clone());
    let mean = read_back.floats(probes.mean.clone());
    let scale = read_back.floats(probes.scale.clone());
    let class_means = read_back.floats(task.class_means(features));
    let host = read_back.read().await?;
    let chosen: Vec<i32> = host.get(unchanged);
    let geometry = Geometry {
        width: config.width,
        classes: corpora[0].values.len(),
        layers: config.layers + 1,
        weights: host.get(weights),
        mean: host.get(mean),
        scale: host.get(scale),
        class_means: host.get(class_means),
    };
    let interventions: Vec<Interventions> =
        (1..config.layers).map(|layer| Interventions::new(&geometry, layer, stack, &facts, &chosen)).collect();
    let mut read_back = ReadBack::default();
    let choices: Vec<[Vec<Handle<i32>>; 2]> = interventions
        .iter()
        .enumerate()
        .map(|(index, interventions)| {
            scene
                .intervene(index + 1, interventions)
                .map(|choices| choices.into_iter().map(|choices| read_back.ints(choices)).collect())
        })
        .collect();
    let host = read_back.read().await?;

    let report = |replica: usize, corpus: &Corpus| -> Vec<Steering> {
        let own = |choices: &[i32]| choices[replica * facts.len()..(replica + 1) * facts.len()].to_vec();
        let accuracy = |choices: &[i32]| accuracy(corpus, &facts, &own(choices));
        let layers = choices.iter().zip(&interventions).enumerate();
        let layers = layers.map(|(index, (choices, Interventions { targets, .. }))| {
            let [ablated, added]: [Vec<Vec<i32>>; 2] =
                choices.each_ref().map(|choices| choices.iter().map(|choices| host.get(*choices)).collect());
            let moved = |choices: &Vec<i32>| {
                let moved = own(choices).into_iter().zip(own(targets)).filter(|(choice, target)| choice == target);
                moved.count() as f32 / facts.len() as f32
            };
            Steering {
                layer: index + 1,
                unchanged: accuracy(&chosen),
                ablated: accuracy(&ablated[0]),
                ablated_by_means: accuracy(&ablated[1]),
                ablated_randomly: ablated[2..].iter().map(|choices| accuracy(choices)).collect(),
                moved: moved(&added[0]),
                moved_by_means: moved(&added[1]),
                moved_randomly: added[2..].iter().map(moved).collect(),
            }
        });
        layers.collect()
    };
    Ok(corpora.iter().enumerate().map(|(replica, corpus)| report(replica, corpus)).collect())
}

impl Interventions {
    /// Of the states after so many blocks; `chosen` are the choices about these facts without any.
    fn new(
        geometry: &Geometry,
        layer: usize,
        Stack { corpora, seeds, .. }: Stack<'_>,
        facts: &[usize],
        chosen: &[i32],
    ) -> Self {
        let (width, rows) = (geometry.width, chosen.len() / (corpora.len() * HALVES));
        let (mut means, mut targets) = (vec![], vec![]);
        let (mut subspaces, mut directions) = ([const { vec![] }; VARIANTS], [const { vec![] }; VARIANTS]);
        for (replica, (corpus, seed)) in corpora.iter().zip(seeds).enumerate() {
            let mut rng = stream(*seed, layer as u64, Purpose::Diagnosis);
            for half in 0..HALVES {
                let place = (half * geometry.layers + layer) * corpora.len() + replica;
                means.extend_from_slice(geometry.mean(place));
                let others = || 1..geometry.classes;
                let read = orthonormal(others().map(|class| geometry.direction(place, 0, class)).collect());
                let apart = orthonormal(others().map(|class| geometry.means_apart(place, 0, class)).collect());
                let random = (0..DRAWS).map(|_| orthonormal(read.iter().map(|_| normal(&mut rng, width)).collect()));
                for (subspace, basis) in subspaces.iter_mut().zip([read.clone(), apart].into_iter().chain(random)) {
                    subspace.extend(projection(&basis, width));
                }
                let chosen = &chosen[(replica * HALVES + half) * rows..][..rows];
                for (fact, from) in facts[half * rows..].iter().zip(chosen) {
                    let from = *from as usize;
                    let to = corpus.other_value(*fact, from, &mut rng);
                    targets.push(to as i32);
                    let apart = geometry.means_apart(place, from, to);
                    let length = norm(&apart);
                    let read = scaled(geometry.direction(place, from, to), length);
                    let random = (0..DRAWS).map(|_| scaled(normal(&mut rng, width), length));
                    for (all, direction) in directions.iter_mut().zip([read, apart].into_iter().chain(random)) {
                        all.extend(direction);
                    }
                }
            }
        }
        Interventions { means, subspaces, directions, targets }
    }
}

impl Scene {
    /// Asks about these facts with the first held-out prompt.
    fn new(stack: Stack<'_>, facts: &[usize]) -> Self {
        let (policy, first) = (stack.policy, stack.first());
        let template = &first.world().language.held_out_prompts[0];
        let stem = first.answer_stem(PROBED, 0);
        let ask = |corpus: &Corpus| -> Vec<Vec<Token>> {
            facts.iter().map(|fact| [corpus.prompt(*fact, template), stem.clone()].concat()).collect()
        };
        let tokens = stack.upload(ask);
        let decoder = Decoder::new(policy.config(), policy.weights());
        let mut streams = vec![decoder.embed(tokens)];
        for layer in 0..policy.config().layers {
            streams.push(decoder.block(layer, streams[layer].clone()));
        }
        Scene { decoder, streams, values: token_indices(&first.values, &policy.device()) }
    }

    /// The residual stream before the value after so many blocks, `[replica, question, width]`.
    fn last(&self, layer: usize) -> Tensor<3> {
        let time = self.streams[layer].dims()[2];
        self.streams[layer].clone().slice_dim(2, time - 1..time).squeeze_dim(2)
    }

    /// The most probable values `[replica, question]` after each ablation at a layer, and after each addition.
    fn intervene(&self, layer: usize, interventions: &Interventions) -> [Vec<Tensor<2, Int>>; 2] {
        let last = self.last(layer);
        let (shape @ [replicas, _, width], device) = (last.dims(), last.device());
        let means = upload(interventions.means.clone(), [replicas * HALVES, 1, width], &device);
        let ablated = interventions.subspaces.iter().map(|subspace| {
            let subspace = upload(subspace.clone(), [replicas * HALVES, width, width], &device);
            ablate(last.clone(), means.clone(), subspace)
        });
        let choose = |changed: Tensor<3>| self.choices(layer, changed);
        let added =
            interventions.directions.iter().map(|direction| last.clone() + upload(direction.clone(), shape, &device));
        [ablated.map(choose).collect(), added.map(choose).collect()]
    }

    /// The most probable values `[replica, question]` if the residual stream before the value were
    /// `last` after so many blocks.
    fn choices(&self, layer: usize, last: Tensor<3>) -> Tensor<2, Int> {
        let stream = &self.streams[layer];
        let time = stream.dims()[2];
        let mut x = Tensor::cat(vec![stream.clone().slice_dim(2, 0..time - 1), last.unsqueeze_dim(2)], 2);
        for layer in layer..self.streams.len() - 1 {
            x = self.decoder.block(layer, x);
        }
        let log_probs = self.decoder.log_probs(x.slice_dim(2, time - 1..time)).squeeze_dim::<3>(2);
        log_probs.select(2, self.values.clone()).argmax(2).squeeze_dim(2)
    }
}

impl Geometry {
    fn mean(&self, place: usize) -> &[f32] {
        &self.mean[place * self.width..(place + 1) * self.width]
    }

    /// The gradient of a class's logit with respect to the residual stream.
    fn logit_gradient(&self, place: usize, class: usize) -> impl Iterator<Item = f32> {
        let weights = &self.weights[place * (self.width + 1) * self.classes..];
        let scale = &self.scale[place * self.width..(place + 1) * self.width];
        scale.iter().enumerate().map(move |(row, scale)| weights[row * self.classes + class] * scale)
    }

    /// Along which the logit of one class rises and that of another falls. What the probe reads
    /// spans these: the softmax does not see what all logits have in common.
    fn direction(&self, place: usize, from: usize, to: usize) -> Vec<f32> {
        let pairs = self.logit_gradient(place, to).zip(self.logit_gradient(place, from));
        pairs.map(|(to, from)| to - from).collect()
    }

    /// From the mean of one class to that of another.
    fn means_apart(&self, place: usize, from: usize, to: usize) -> Vec<f32> {
        let mean = |class: usize| &self.class_means[(place * self.classes + class) * self.width..][..self.width];
        mean(to).iter().zip(mean(from)).map(|(to, from)| to - from).collect()
    }
}

/// States `[replica, question, width]` with their coordinates in a subspace set to those of the
/// means, both of each replica and half of the questions: projections
/// `[replica × half, width, width]` and means `[replica × half, 1, width]`.
fn ablate(states: Tensor<3>, means: Tensor<3>, subspaces: Tensor<3>) -> Tensor<3> {
    let shape @ [replicas, questions, width] = states.dims();
    let states = states.reshape([replicas * HALVES, questions / HALVES, width]);
    (states.clone() - (states - means).matmul(subspaces)).reshape(shape)
}

/// An orthonormal basis of what these vectors span (Gram–Schmidt).
fn orthonormal(vectors: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    let mut basis: Vec<Vec<f32>> = Vec::new();
    for mut vector in vectors {
        let length = norm(&vector);
        // Twice, for what rounding leaves.
        for unit in basis.iter().chain(&basis) {
            let along: f32 = vector.iter().zip(unit).map(|(one, other)| one * other).sum();
            vector.iter_mut().zip(unit).for_each(|(number, unit)| *number -= along * unit);
        }
        if norm(&vector) > DEPENDENT * length {
            basis.push(scaled(vector, 1.0));
        }
    }
    basis
}

/// The projection onto the span of an orthonormal basis, `[width × width]`.
fn projection(basis: &[Vec<f32>], width: usize) -> Vec<f32> {
    let entry = |row: usize, column: usize| basis.iter().map(|unit| unit[row] * unit[column]).sum();
    (0..width).flat_map(|row| (0..width).map(move |column| entry(row, column))).collect()
}

fn normal(rng: &mut impl Rng, width: usize) -> Vec<f32> {
    (0..width).map(|_| rng.sample::<f32, _>(StandardNormal)).collect()
}

fn norm(vector: &[f32]) -> f32 {
    vector.iter().map(|number| number * number).sum::<f32>().sqrt()
}

/// The vector with this length; zero stays zero.
fn scaled(vector: Vec<f32>, length: f32) -> Vec<f32> {
    let factor = length / norm(&vector).max(f32::MIN_POSITIVE);
    vector.into_iter().map(|number| number * factor).collect()
}

fn upload(numbers: Vec<f32>, shape: [usize; 3], device: &Device) -> Tensor<3> {
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

/// Share of the true values, over all of these facts and over the uncomfortable ones.
fn accuracy(corpus: &Corpus, facts: &[usize], choices: &[i32]) -> ProbeAccuracy {
    let share = |counts: &dyn Fn(usize) -> bool| {
        let counted = facts.iter().zip(choices).filter(|(fact, _)| counts(**fact));
        let right: Vec<bool> = counted.map(|(fact, choice)| *choice as usize == corpus.truth(*fact)).collect();
        right.iter().filter(|right| **right).count() as f32 / right.len().max(1) as f32
    };
    ProbeAccuracy { taught: share(&|_| true), uncomfortable: share(&|fact| corpus.facts[fact].uncomfortable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::measure::read_stem;
    use crate::facts::world::World;
    use crate::kernels::ModelConfig;
    use crate::network::model::{Policy, upload_tokens};

    #[test]
    fn a_projection_keeps_its_span_and_nothing_else() {
        let mut rng = stream(0, 1, Purpose::Diagnosis);
        let mut vectors: Vec<Vec<f32>> = (0..3).map(|_| normal(&mut rng, 8)).collect();
        vectors.push(vectors[0].iter().zip(&vectors[1]).map(|(one, other)| one - 2.0 * other).collect());
        let basis = orthonormal(vectors.clone());
        assert_eq!(basis.len(), 3, "the fourth depends on the others");
        let projection = projection(&basis, 8);
        let trace: f32 = (0..8).map(|at| projection[at * 8 + at]).sum();
        assert!((trace - 3.0).abs() < 1e-5);
        for vector in &vectors {
            for (row, number) in vector.iter().enumerate() {
                let projected: f32 = (0..8).map(|column| projection[row * 8 + column] * vector[column]).sum();
                assert!((projected - number).abs() < 1e-5);
            }
        }
    }

    fn untrained() -> (Corpus, Policy) {
        let corpus = Corpus::new(World::generate(0));
        let config = ModelConfig { width: 16, heads: 2, layers: 2, ..ModelConfig::for_corpus(&corpus) };
        let weights = TensorData::new(config.init(0), [1, config.parameters()]);
        (corpus, Policy::new(config, &Tensor::from_data(weights, &Device::flex())))
    }

    fn stack<'a>(policy: &'a Policy, corpora: &'a [Corpus]) -> Stack<'a> {
        Stack { policy, corpora, seeds: &[0] }
    }

    fn numbers(tensor: Tensor<3>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn ablating_nothing_changes_nothing_and_everything_leaves_the_mean() {
        let (corpus, policy) = untrained();
        let device = policy.device();
        let scene = Scene::new(stack(&policy, &[corpus]), &[0, 1, 5, 6]);
        let last = scene.last(1);
        let means = Tensor::zeros([HALVES, 1, 16], &device) + 0.5;
        let whole = |rank: usize| {
            let basis = orthonormal((0..rank).map(|unit| (0..16).map(|at| f32::from(at == unit)).collect()).collect());
            upload(projection(&basis, 16).repeat(HALVES), [HALVES, 16, 16], &device)
        };
        assert_eq!(numbers(ablate(last.clone(), means.clone(), whole(0))), numbers(last.clone()));
        for number in numbers(ablate(last.clone(), means, whole(16))) {
            assert!((number - 0.5).abs() < 1e-5);
        }
    }

    #[test]
    fn running_on_without_an_intervention_is_what_the_kernels_read() {
        let (corpus, policy) = untrained();
        let facts = [0, 1, 5, 6];
        let scene = Scene::new(stack(&policy, std::slice::from_ref(&corpus)), &facts);
        let template = &corpus.world().language.held_out_prompts[0];
        let questions = facts.map(|fact| corpus.prompt(fact, template)).to_vec();
        let questions = upload_tokens(&[questions], &policy.device());
        let (log_probs, states) = read_stem(&policy, &questions, &corpus.answer_stem(PROBED, 0));
        let values = token_indices(&corpus.values, &policy.device());
        let expected: Vec<i32> = log_probs.select(2, values).argmax(2).into_data().iter::<i32>().collect();
        for layer in 0..3 {
            let read = states.clone().slice_dim(0, layer..layer + 1).squeeze_dim::<3>(0);
            for (own, kernel) in numbers(scene.last(layer)).iter().zip(numbers(read)) {
                assert!((own - kernel).abs() < 1e-5, "layer {layer}: {own} {kernel}");
            }
            let choices = scene.choices(layer, scene.last(layer));
            assert_eq!(choices.into_data().iter::<i32>().collect::<Vec<_>>(), expected, "layer {layer}");
        }
    }
}
