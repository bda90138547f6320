//! The operations in plain Rust, on one core for each replica.
//!
//! Prompts are worked through in chunks whose activations stay in the second-level cache. Rows of
//! a chunk are the prefixes of its prompts, then its answers; everything but attention treats
//! them alike. Attention works on *segments*: a prefix, or an answer that also sees its prefix.

use std::ops::Range;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{Shape, TensorData};
use burn_flex::FlexTensor;

use super::gemm::{Output, Packed, View, gemm};
use super::maths::{add, dot, exponentials, maximum, sum, update};
use super::{AdamWStep, DecoderOps, LossWeights, NORM_EPSILON};
use crate::kernels::ModelConfig;
use wide::f32x4;

/// Rows of a chunk, unless a single prompt has more: 160 to 320 do equally well
/// (docs/PERFORMANCE.md).
const CHUNK: usize = 256;

impl DecoderOps for Flex {
    fn decoder_forward(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let batch = Batch::new(&prompts, answers.shape());
        let [weights, prompts, answers] = [weights, prompts, answers].map(|tensor| tensor.to_contiguous());
        let outputs = each_replica(batch.replicas, |replica| {
            let decoder = Decoder::new(config, part(&weights, replica, batch.replicas), false);
            let tokens = [part::<i32>(&prompts, replica, batch.replicas), part(&answers, replica, batch.replicas)];
            decoder.read(&batch, tokens)
        });
        let (rows, states) = (batch.answers() * batch.time, batch.answers() * config.width);
        let layers = config.layers + 1;
        let by_layer = (0..layers).flat_map(|layer| outputs.iter().map(move |(_, own)| (layer, own)));
        let by_layer = by_layer.flat_map(|(layer, own)| own[layer * states..(layer + 1) * states].to_vec()).collect();
        let log_probs = outputs.iter().flat_map(|(log_probs, _)| log_probs).copied().collect();
        (
            tensor(log_probs, [batch.replicas, rows, config.vocabulary]),
            tensor(by_layer, [layers, batch.replicas, batch.answers(), config.width]),
        )
    }

    fn decoder_sample(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        noise: FloatTensor<Self>,
        temperature: f32,
        config: ModelConfig,
    ) -> (IntTensor<Self>, FloatTensor<Self>) {
        let [replicas, answers, noises] = noise.shape().dims();
        let time = noises / config.vocabulary;
        let batch = Batch::new(&prompts, Shape::from([replicas, answers, time]));
        let [weights, prompts, noise] = [weights, prompts, noise].map(|tensor| tensor.to_contiguous());
        let outputs = each_replica(replicas, |replica| {
            let decoder = Decoder::new(config, part(&weights, replica, replicas), false);
            decoder.sample(&batch, part(&prompts, replica, replicas), part(&noise, replica, replicas), temperature)
        });
        let tokens: Vec<i32> = outputs.iter().flat_map(|(tokens, _)| tokens).copied().collect();
        let log_probs = outputs.into_iter().flat_map(|(_, log_probs)| log_probs).collect();
        (
            FlexTensor::from_data(TensorData::new(tokens, [replicas, answers, time])),
            tensor(log_probs, [replicas, answers * time, config.vocabulary]),
        )
    }

    fn decoder_gradient(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        advantages: FloatTensor<Self>,
        mask: FloatTensor<Self>,
        reference: FloatTensor<Self>,
        loss: LossWeights,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let batch = Batch::new(&prompts, answers.shape());
        let [weights, prompts, answers] = [weights, prompts, answers].map(|tensor| tensor.to_contiguous());
        let [advantages, mask, reference] = [advantages, mask, reference].map(|tensor| tensor.to_contiguous());
        let outputs = each_replica(batch.replicas, |replica| {
            let decoder = Decoder::new(config, part(&weights, replica, batch.replicas), true);
            let tokens = [part::<i32>(&prompts, replica, batch.replicas), part(&answers, replica, batch.replicas)];
            let [advantages, mask, reference] =
                [&advantages, &mask, &reference].map(|tensor| part::<f32>(tensor, replica, batch.replicas));
            decoder.gradient(&batch, tokens, &Objective { advantages, mask, reference, loss })
        });
        let losses = outputs.iter().map(|(loss, _)| *loss).collect();
        let gradient = outputs.into_iter().flat_map(|(_, gradient)| gradient).collect();
        (tensor(losses, [batch.replicas]), tensor(gradient, [batch.replicas, config.parameters()]))
    }

    fn adamw_step(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [replicas, parameters] = weights.shape().dims();
        let [mut weights, gradient, mut moments] = [weights, gradient, moments].map(|tensor| tensor.to_contiguous());
        let AdamWStep { learning_rate, beta_1, beta_2, epsilon, weight_decay, clip } = step;
        let keep = 1.0 - learning_rate * weight_decay;
        let gradients = gradient.storage::<f32>().chunks_exact(parameters);
        let norms: Vec<f32> = gradients.clone().map(|gradient| dot(gradient, gradient).sqrt()).collect();
        let columns = parameters + 1;
        let (first, second) = moments.storage_mut::<f32>().split_at_mut(replicas * columns);
        let moments_of = first.chunks_exact_mut(columns).zip(second.chunks_exact_mut(columns));
        let weights_of = weights.storage_mut::<f32>().chunks_exact_mut(parameters);
        for (((weights, gradient), (first, second)), norm) in weights_of.zip(gradients).zip(moments_of).zip(&norms) {
            let scale = (clip / (norm + 1e-6)).min(1.0);
            let (first, first_of_ones) = first.split_at_mut(parameters);
            let (second, second_of_ones) = second.split_at_mut(parameters);
            first_of_ones[0] = beta_1 * first_of_ones[0] + (1.0 - beta_1);
            second_of_ones[0] = beta_2 * second_of_ones[0] + (1.0 - beta_2);
            let (rate, root) = (learning_rate / first_of_ones[0], 1.0 / second_of_ones[0].sqrt());
            update(first, [gradient], |first, [gradient]| beta_1 * first + (1.0 - beta_1) * (gradient * scale));
            update(second, [gradient], |second, [gradient]| {
                let gradient = gradient * scale;
                beta_2 * second + (1.0 - beta_2) * (gradient * gradient)
            });
            update(weights, [first, second], |weight, [first, second]| {
                weight * keep - rate * first / (second.sqrt() * root + epsilon)
            });
        }
        (weights, moments, tensor(norms, [replicas]))
    }
}

fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}

/// The share of one replica of a contiguous tensor whose first dimension is the replica.
fn part<E: burn::tensor::Element + bytemuck::Pod>(tensor: &FlexTensor, replica: usize, replicas: usize) -> &[E] {
    let all = tensor.storage::<E>();
    let length = all.len() / replicas;
    &all[replica * length..(replica + 1) * length]
}

/// Replicas do not interact: one after the other, or side by side where there are threads.
fn each_replica<T: Send>(replicas: usize, work: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..replicas).into_par_iter().map(work).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..replicas).map(work).collect()
}

/// The sizes of a batch.
#[derive(Clone, Copy)]
struct Batch {
    replicas: usize,
    prompts: usize,
    /// Tokens of a prompt without its last.
    prefix: usize,
    /// Answers to a prompt.
    completions: usize,
    /// Tokens of an answer.
    time: usize,
}

impl Batch {
    fn new(prompts: &FlexTensor, answers: Shape) -> Self {
        let [replicas, prompts, length] = prompts.shape().dims();
        let [_, answers, time] = answers.dims();
        assert!(length > 0 && time > 0 && answers.is_multiple_of(prompts), "{answers} answers to {prompts} prompts");
        Batch { replicas, prompts, prefix: length - 1, completions: answers / prompts, time }
    }

    fn answers(&self) -> usize {
        self.prompts * self.completions
    }

    /// Prompts that are worked through at once.
    fn chunks(self) -> impl Iterator<Item = Range<usize>> {
        let size = (CHUNK / (self.prefix + self.completions * self.time)).max(1);
        (0..self.prompts).step_by(size).map(move |start| start..self.prompts.min(start + size))
    }
}

/// Rows that attend to one another: `own` to a prefix and causally to themselves.
#[derive(Clone)]
struct Segment {
    prefix: Range<usize>,
    own: Range<usize>,
}

impl Segment {
    /// Rows of keys.
    fn keys(&self) -> usize {
        self.prefix.len() + self.own.len()
    }
}

/// The rows of a chunk of prompts.
struct Rows {
    tokens: Vec<usize>,
    positions: Vec<usize>,
    segments: Vec<Segment>,
    /// Those of answers.
    answers: Range<usize>,
}

impl Rows {
    /// Of the prompts `chunk`, with `time` rows of each answer; the inputs of an answer are the
    /// prompt's last token and its own tokens.
    fn new(batch: &Batch, chunk: Range<usize>, prompts: &[i32], answers: &[i32], time: usize) -> Self {
        let Batch { prefix, completions, .. } = *batch;
        let (mut tokens, mut positions, mut segments) = (vec![], vec![], vec![]);
        let prompt = |index: usize| &prompts[index * (prefix + 1)..(index + 1) * (prefix + 1)];
        for index in chunk.clone() {
            segments.push(Segment { prefix: 0..0, own: tokens.len()..tokens.len() + prefix });
            tokens.extend(prompt(index)[..prefix].iter().map(|token| *token as usize));
            positions.extend(0..prefix);
        }
        let first = tokens.len();
        for (place, index) in chunk.enumerate() {
            for answer in index * completions..(index + 1) * completions {
                let own = tokens.len()..tokens.len() + time;
                segments.push(Segment { prefix: place * prefix..(place + 1) * prefix, own });
                let answer = &answers[answer * batch.time..][..time - 1];
                tokens.extend(
                    std::iter::once(prompt(index)[prefix]).chain(answer.iter().copied()).map(|token| token as usize),
                );
                positions.extend(prefix..prefix + time);
            }
        }
        segments.retain(|segment| !segment.own.is_empty());
        Rows { answers: first..tokens.len(), tokens, positions, segments }
    }
}

/// What the loss weighs, `[answer × time]` each.
struct Objective<'a> {
    advantages: &'a [f32],
    mask: &'a [f32],
    /// `[answer × time, vocabulary]`.
    reference: &'a [f32],
    loss: LossWeights,
}

/// The weights of one replica, packed for products.
struct Decoder<'a> {
    config: ModelConfig,
    embedding: &'a [f32],
    positions: &'a [f32],
    blocks: Vec<Block<'a>>,
    final_norm: Norm<'a>,
    head: Linear<'a>,
}

struct Block<'a> {
    config: ModelConfig,
    attention_norm: Norm<'a>,
    qkv: Linear<'a>,
    out: Linear<'a>,
    mlp_norm: Norm<'a>,
    up: Linear<'a>,
    down: Linear<'a>,
}

/// LayerNorm's scale, and its shift right after it.
struct Norm<'a> {
    scale: &'a [f32],
    shift: &'a [f32],
    /// Where the scale lies among the parameters.
    at: usize,
}

/// `y = x · weight + bias`, the bias right after the weight.
struct Linear<'a> {
    forward: Packed,
    /// The transpose, where gradients are wanted.
    backward: Option<Packed>,
    bias: Option<&'a [f32]>,
    inputs: usize,
    outputs: usize,
    /// Where the weight lies among the parameters.
    at: usize,
    /// Stored as `[outputs, inputs]`: the tied embedding.
    transposed: bool,
}

/// A normalised stream and what its gradient needs.
#[derive(Default)]
struct Normed {
    /// Before scale and shift.
    hat: Vec<f32>,
    /// Reciprocal deviation of each row.
    reciprocal: Vec<f32>,
    output: Vec<f32>,
}

/// What a block's gradient needs of its forward pass.
#[derive(Default)]
struct BlockTape {
    attention_input: Normed,
    qkv: Vec<f32>,
    /// For each segment and head `[own, keys]`.
    attention: Vec<f32>,
    mixed: Vec<f32>,
    mlp_input: Normed,
    /// Before the GELU.
    hidden: Vec<f32>,
    /// GELU(x) = x · gate.
    gate: Vec<f32>,
    activated: Vec<f32>,
}

/// Memory that is used again and again.
#[derive(Default)]
struct Scratch {
    packed: Packed,
    keys: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
    spread: Vec<f32>,
    hidden: Vec<f32>,
}

impl<'a> Decoder<'a> {
    fn new(config: ModelConfig, weights: &'a [f32], with_gradient: bool) -> Self {
        let specs = config.tensors();
        let values = |index: usize| {
            let spec = &specs[index];
            &weights[spec.offset..spec.offset + spec.rows * spec.columns]
        };
        let norm = |index: usize| Norm { scale: values(index), shift: values(index + 1), at: specs[index].offset };
        let linear = |index: usize, bias: Option<usize>, transposed: bool| {
            let spec = &specs[index];
            let stored = View::rows(values(index), spec.columns);
            let (inputs, outputs, weight) = match transposed {
                true => (spec.columns, spec.rows, stored.transposed()),
                false => (spec.rows, spec.columns, stored),
            };
            Linear {
                forward: Packed::new(weight, inputs, outputs),
                backward: with_gradient.then(|| Packed::new(weight.transposed(), outputs, inputs)),
                bias: bias.map(values),
                inputs,
                outputs,
                at: spec.offset,
                transposed,
            }
        };
        let blocks = (0..config.layers).map(|layer| {
            let first = config.block(layer);
            Block {
                config,
                attention_norm: norm(first),
                qkv: linear(first + 2, Some(first + 3), false),
                out: linear(first + 4, Some(first + 5), false),
                mlp_norm: norm(first + 6),
                up: linear(first + 8, Some(first + 9), false),
                down: linear(first + 10, Some(first + 11), false),
            }
        });
        let last = config.block(config.layers);
        Decoder {
            config,
            embedding: values(0),
            positions: values(1),
            blocks: blocks.collect(),
            final_norm: norm(last),
            head: if config.tied { linear(0, None, true) } else { linear(last + 2, None, false) },
        }
    }

    /// Log-probabilities of answers and the residual streams at their ends, layer by layer.
    fn read(&self, batch: &Batch, [prompts, answers]: [&[i32]; 2]) -> (Vec<f32>, Vec<f32>) {
        let (width, layers) = (self.config.width, self.config.layers + 1);
        let mut log_probs = Vec::with_capacity(batch.answers() * batch.time * self.config.vocabulary);
        let mut states = vec![vec![]; layers];
        let (mut tape, mut scratch) = (BlockTape::default(), Scratch::default());
        for chunk in batch.chunks() {
            let rows = Rows::new(batch, chunk, prompts, answers, batch.time);
            let mut residual = self.embed(&rows.tokens, &rows.positions);
            let mut keep = |layer: usize, residual: &[f32]| {
                for row in rows.answers.clone().skip(batch.time - 1).step_by(batch.time) {
                    states[layer].extend_from_slice(&residual[row * width..(row + 1) * width]);
                }
            };
            keep(0, &residual);
            for (layer, block) in self.blocks.iter().enumerate() {
                block.forward(&mut residual, &rows.segments, &mut tape, &mut scratch);
                keep(layer + 1, &residual);
            }
            log_probs.extend(self.log_probs(&residual[rows.answers.start * width..], &mut Normed::default()));
        }
        (log_probs, states.concat())
    }

    /// Tokens and the log-probabilities that they were drawn from.
    fn sample(&self, batch: &Batch, prompts: &[i32], noise: &[f32], temperature: f32) -> (Vec<i32>, Vec<f32>) {
        let Batch { prefix, completions, time, .. } = *batch;
        let vocabulary = self.config.vocabulary;
        let mut tokens = vec![0; batch.answers() * time];
        let mut log_probs = vec![0.0; batch.answers() * time * vocabulary];
        let (mut tape, mut scratch) = (BlockTape::default(), Scratch::default());
        for chunk in batch.chunks() {
            let places = chunk.start * completions..chunk.end * completions;
            let mut caches = vec![Cache::default(); self.blocks.len()];
            if prefix > 0 {
                let only_prefix = Batch { completions: 0, ..*batch };
                let rows = Rows::new(&only_prefix, chunk.clone(), prompts, &[], time);
                let mut residual = self.embed(&rows.tokens, &rows.positions);
                for (block, cache) in self.blocks.iter().zip(&mut caches) {
                    block.forward(&mut residual, &rows.segments, &mut tape, &mut scratch);
                    cache.prefix = tape.qkv.clone();
                }
            }
            let mut next: Vec<usize> =
                places.clone().map(|answer| prompts[answer / completions * (prefix + 1) + prefix] as usize).collect();
            for position in 0..time {
                let mut residual = self.embed(&next, &vec![prefix + position; next.len()]);
                for (block, cache) in self.blocks.iter().zip(&mut caches) {
                    block.decode(&mut residual, prefix, completions, cache, &mut tape, &mut scratch);
                }
                let rows = self.log_probs(&residual, &mut tape.attention_input);
                for (index, row) in rows.chunks_exact(vocabulary).enumerate() {
                    let place = (places.start + index) * time + position;
                    log_probs[place * vocabulary..(place + 1) * vocabulary].copy_from_slice(row);
                    next[index] = draw(row, &noise[place * vocabulary..(place + 1) * vocabulary], temperature);
                    tokens[place] = next[index] as i32;
                }
            }
        }
        (tokens, log_probs)
    }

    /// The loss and its gradient with respect to all parameters.
    fn gradient(&self, batch: &Batch, [prompts, answers]: [&[i32]; 2], objective: &Objective) -> (f32, Vec<f32>) {
        let ModelConfig { vocabulary, width, .. } = self.config;
        let mut gradient = vec![0.0; self.config.parameters()];
        let mut tapes: Vec<BlockTape> = self.blocks.iter().map(|_| BlockTape::default()).collect();
        let (mut head_input, mut scratch) = (Normed::default(), Scratch::default());
        let mut loss = 0.0;
        for chunk in batch.chunks() {
            let first = chunk.start * batch.completions * batch.time;
            let rows = Rows::new(batch, chunk, prompts, answers, batch.time);
            let mut residual = self.embed(&rows.tokens, &rows.positions);
            for (block, tape) in self.blocks.iter().zip(&mut tapes) {
                block.forward(&mut residual, &rows.segments, tape, &mut scratch);
            }
            let at = rows.answers.start * width;
            let mut logits = self.log_probs(&residual[at..], &mut head_input);
            for (index, row) in logits.chunks_exact_mut(vocabulary).enumerate() {
                loss += objective.differentiate(first + index, answers[first + index] as usize, row);
            }
            // From here on, `residual` is the gradient with respect to the residual stream.
            let mut upstream = vec![0.0; rows.answers.len() * width];
            self.head.backward(&head_input.output, &logits, &mut upstream, &mut gradient, &mut scratch.packed);
            residual.fill(0.0);
            self.final_norm.backward(&head_input, &upstream, &mut residual[at..], &mut gradient);
            for (block, tape) in self.blocks.iter().zip(&tapes).rev() {
                block.backward(tape, &rows.segments, &mut residual, &mut gradient, &mut scratch);
            }
            let (embedding, rest) = gradient.split_at_mut(self.embedding.len());
            for ((token, position), row) in rows.tokens.iter().zip(&rows.positions).zip(residual.chunks_exact(width)) {
                add(&mut embedding[token * width..(token + 1) * width], row);
                add(&mut rest[position * width..(position + 1) * width], row);
            }
        }
        (loss, gradient)
    }

    /// `[row, width]`.
    fn embed(&self, tokens: &[usize], positions: &[usize]) -> Vec<f32> {
        let width = self.config.width;
        let mut residual = Vec::with_capacity(tokens.len() * width);
        for (token, position) in tokens.iter().zip(positions) {
            let word = &self.embedding[token * width..(token + 1) * width];
            let place = &self.positions[position * width..(position + 1) * width];
            residual.extend(word.iter().zip(place).map(|(word, place)| word + place));
        }
        residual
    }

    /// `[row, vocabulary]` from final residual streams.
    fn log_probs(&self, residual: &[f32], normed: &mut Normed) -> Vec<f32> {
        self.final_norm.forward(residual, normed);
        let mut rows = vec![];
        self.head.forward(&normed.output, &mut rows);
        let mut scratch = vec![];
        rows.chunks_exact_mut(self.config.vocabulary).for_each(|row| log_softmax(row, &mut scratch));
        rows
    }
}

impl Objective<'_> {
    /// The contribution of a row to the loss; its log-probabilities become the gradient with
    /// respect to its logits.
    fn differentiate(&self, row: usize, token: usize, log_probs: &mut [f32]) -> f32 {
        let LossWeights { scale, temperature, kl } = self.loss;
        let advantage = scale * self.advantages[row];
        let chosen = log_probs[token];
        let penalty = if kl == 0.0 { 0.0 } else { scale * kl * self.mask[row] };
        if penalty == 0.0 && temperature == 1.0 {
            exponentials(log_probs, 0.0, advantage);
            log_probs[token] -= advantage;
            return -advantage * chosen;
        }
        let mut tempered: Vec<f32> = log_probs.iter().map(|number| number / temperature).collect();
        log_softmax(&mut tempered, &mut vec![]);
        let chosen = tempered[token];
        exponentials(&mut tempered, 0.0, advantage / temperature);
        tempered[token] -= advantage / temperature;
        let mut divergence = 0.0;
        if penalty != 0.0 {
            let reference = &self.reference[row * log_probs.len()..(row + 1) * log_probs.len()];
            let differences: Vec<f32> = log_probs.iter().zip(reference).map(|(own, other)| own - other).collect();
            exponentials(log_probs, 0.0, 1.0);
            divergence = dot(log_probs, &differences);
            for (number, difference) in log_probs.iter_mut().zip(&differences) {
                *number *= penalty * (difference - divergence);
            }
        } else {
            log_probs.fill(0.0);
        }
        add(log_probs, &tempered);
        penalty * divergence - advantage * chosen
    }
}

/// Keys and values of what has been read, `[row, 3 · width]` with unused queries.
#[derive(Clone, Default)]
struct Cache {
    /// `[prompt × prefix]`.
    prefix: Vec<f32>,
    /// `[time][answer]`.
    own: Vec<Vec<f32>>,
}

impl Block<'_> {
    /// Adds what the block has to say to the residual stream.
    fn forward(&self, residual: &mut [f32], segments: &[Segment], tape: &mut BlockTape, scratch: &mut Scratch) {
        self.attention_norm.forward(residual, &mut tape.attention_input);
        self.qkv.forward(&tape.attention_input.output, &mut tape.qkv);
        tape.mixed.resize(residual.len(), 0.0);
        attend(self.config, &tape.qkv, segments, &mut tape.attention, &mut tape.mixed, scratch);
        self.rest(residual, tape);
    }

    /// As [`Block::forward`] for the next token of each answer, `[answer, width]`.
    fn decode(
        &self,
        residual: &mut [f32],
        prefix: usize,
        completions: usize,
        cache: &mut Cache,
        tape: &mut BlockTape,
        scratch: &mut Scratch,
    ) {
        let (width, d_head) = (self.config.width, self.config.d_head());
        self.attention_norm.forward(residual, &mut tape.attention_input);
        self.qkv.forward(&tape.attention_input.output, &mut tape.qkv);
        cache.own.push(tape.qkv.clone());
        tape.mixed.resize(residual.len(), 0.0);
        tape.mixed.fill(0.0);
        let root = 1.0 / (d_head as f32).sqrt();
        let scores = &mut scratch.scores;
        for (answer, mixed) in tape.mixed.chunks_exact_mut(width).enumerate() {
            let prompt = answer / completions;
            let read = cache.prefix[prompt * prefix * 3 * width..(prompt + 1) * prefix * 3 * width]
                .chunks_exact(3 * width)
                .chain(cache.own.iter().map(|rows| &rows[answer * 3 * width..(answer + 1) * 3 * width]));
            let queries = &tape.qkv[answer * 3 * width..][..width];
            for (head, (query, mixed)) in queries.chunks_exact(d_head).zip(mixed.chunks_exact_mut(d_head)).enumerate() {
                let (key, value) = (width + head * d_head, 2 * width + head * d_head);
                scores.clear();
                scores.extend(read.clone().map(|row| root * dot(query, &row[key..key + d_head])));
                softmax(scores);
                for (weight, row) in scores.iter().zip(read.clone()) {
                    let value = &row[value..value + d_head];
                    update(mixed, [value], |mixed, [value]| mixed + *weight * value);
                }
            }
        }
        self.rest(residual, tape);
    }

    /// What follows attention: its projection, and the MLP.
    fn rest(&self, residual: &mut [f32], tape: &mut BlockTape) {
        self.out.add_to(&tape.mixed, residual);
        self.mlp_norm.forward(residual, &mut tape.mlp_input);
        self.up.forward(&tape.mlp_input.output, &mut tape.hidden);
        tape.gate.resize(tape.hidden.len(), 0.0);
        tape.activated.resize(tape.hidden.len(), 0.0);
        update(&mut tape.gate, [&tape.hidden], |_, [x]| gelu_gate(x));
        update(&mut tape.activated, [&tape.hidden, &tape.gate], |_, [x, gate]| x * gate);
        self.down.add_to(&tape.activated, residual);
    }

    /// Turns the gradient after the block into the gradient before it.
    fn backward(
        &self,
        tape: &BlockTape,
        segments: &[Segment],
        residual: &mut [f32],
        gradient: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let mut upstream = vec![0.0; residual.len()];
        let mut hidden = std::mem::take(&mut scratch.hidden);
        hidden.resize(tape.hidden.len(), 0.0);
        self.down.backward(&tape.activated, residual, &mut hidden, gradient, &mut scratch.packed);
        update(&mut hidden, [&tape.hidden, &tape.gate], |slope, [x, gate]| slope * gelu_slope(x, gate));
        self.up.backward(&tape.mlp_input.output, &hidden, &mut upstream, gradient, &mut scratch.packed);
        self.mlp_norm.backward(&tape.mlp_input, &upstream, residual, gradient);

        self.out.backward(&tape.mixed, residual, &mut upstream, gradient, &mut scratch.packed);
        hidden.resize(tape.qkv.len(), 0.0);
        hidden.fill(0.0);
        attend_backward(self.config, tape, segments, &upstream, &mut hidden, scratch);
        self.qkv.backward(&tape.attention_input.output, &hidden, &mut upstream, gradient, &mut scratch.packed);
        self.attention_norm.backward(&tape.attention_input, &upstream, residual, gradient);
        scratch.hidden = hidden;
    }
}

impl Linear<'_> {
    /// `y = x · weight + bias`.
    fn forward(&self, x: &[f32], y: &mut Vec<f32>) {
        let rows = x.len() / self.inputs;
        y.resize(rows * self.outputs, 0.0);
        let Some(bias) = self.bias else {
            gemm(View::rows(x, self.inputs), rows, &self.forward, y, self.outputs, Output::Set);
            return;
        };
        y.chunks_exact_mut(self.outputs).for_each(|row| row.copy_from_slice(bias));
        gemm(View::rows(x, self.inputs), rows, &self.forward, y, self.outputs, Output::Add);
    }

    /// `y += x · weight + bias`.
    fn add_to(&self, x: &[f32], y: &mut [f32]) {
        if let Some(bias) = self.bias {
            y.chunks_exact_mut(self.outputs).for_each(|row| add(row, bias));
        }
        gemm(View::rows(x, self.inputs), x.len() / self.inputs, &self.forward, y, self.outputs, Output::Add);
    }

    /// The gradient with respect to the input, and adds that of weight and bias.
    fn backward(&self, x: &[f32], upstream: &[f32], down: &mut [f32], gradient: &mut [f32], packed: &mut Packed) {
        let rows = x.len() / self.inputs;
        let backward = self.backward.as_ref().expect("a decoder that was made with gradients");
        gemm(View::rows(upstream, self.outputs), rows, backward, down, self.inputs, Output::Set);
        let weight = &mut gradient[self.at..];
        let (left, right) = (View::rows(x, self.inputs).transposed(), View::rows(upstream, self.outputs));
        if self.transposed {
            packed.pack(left.transposed(), rows, self.inputs);
            gemm(right.transposed(), self.outputs, packed, weight, self.inputs, Output::Add);
        } else {
            packed.pack(right, rows, self.outputs);
            gemm(left, self.inputs, packed, weight, self.outputs, Output::Add);
        }
        if self.bias.is_some() {
            let bias = &mut gradient[self.at + self.inputs * self.outputs..][..self.outputs];
            upstream.chunks_exact(self.outputs).for_each(|row| add(bias, row));
        }
    }
}

impl Norm<'_> {
    fn forward(&self, x: &[f32], normed: &mut Normed) {
        let width = self.scale.len();
        let Normed { hat, reciprocal, output } = normed;
        hat.resize(x.len(), 0.0);
        output.resize(x.len(), 0.0);
        reciprocal.clear();
        let rows = hat.chunks_exact_mut(width).zip(output.chunks_exact_mut(width));
        for (x, (hat, output)) in x.chunks_exact(width).zip(rows) {
            let mean = sum(x) / width as f32;
            update(hat, [x], |_, [x]| x - mean);
            let factor = 1.0 / (dot(hat, hat) / width as f32 + NORM_EPSILON).sqrt();
            reciprocal.push(factor);
            update(hat, [], |hat, []| hat * factor);
            update(output, [hat, self.scale, self.shift], |_, [hat, scale, shift]| hat * scale + shift);
        }
    }

    /// Adds the gradient with respect to the input to `down`, and that of scale and shift.
    fn backward(&self, normed: &Normed, upstream: &[f32], down: &mut [f32], gradient: &mut [f32]) {
        let width = self.scale.len();
        let (scale, rest) = gradient[self.at..].split_at_mut(width);
        let shift = &mut rest[..width];
        let mut slope = vec![0.0; width];
        let rows = upstream.chunks_exact(width).zip(normed.hat.chunks_exact(width)).zip(&normed.reciprocal);
        for (((upstream, hat), factor), down) in rows.zip(down.chunks_exact_mut(width)) {
            add(shift, upstream);
            update(scale, [upstream, hat], |scale, [upstream, hat]| scale + upstream * hat);
            update(&mut slope, [upstream, self.scale], |_, [upstream, scale]| upstream * scale);
            let (mean, along) = (sum(&slope) / width as f32, dot(&slope, hat) / width as f32);
            update(down, [&slope, hat], |down, [slope, hat]| down + *factor * (slope - mean - hat * along));
        }
    }
}

/// Attention of every segment and head: keeps the weights, writes the mixed values `[row, width]`.
fn attend(
    config: ModelConfig,
    qkv: &[f32],
    segments: &[Segment],
    attention: &mut Vec<f32>,
    mixed: &mut [f32],
    scratch: &mut Scratch,
) {
    let (width, d_head) = (config.width, config.d_head());
    let root = 1.0 / (d_head as f32).sqrt();
    let weights: usize = segments.iter().map(|segment| config.heads * segment.own.len() * segment.keys()).sum();
    attention.resize(weights, 0.0);
    let mut rest = &mut attention[..];
    for segment in segments {
        let (own, keys) = (segment.own.len(), segment.keys());
        for head in 0..config.heads {
            let weights;
            (weights, rest) = rest.split_at_mut(own * keys);
            gather(qkv, 3 * width, width + head * d_head, d_head, segment, &mut scratch.keys);
            gather(qkv, 3 * width, 2 * width + head * d_head, d_head, segment, &mut scratch.values);
            let packed = scratch.packed.pack(View::rows(&scratch.keys, d_head).transposed(), d_head, keys);
            let queries = View::rows(&qkv[segment.own.start * 3 * width + head * d_head..], 3 * width);
            gemm(queries, own, packed, weights, keys, Output::Set);
            for (row, weights) in weights.chunks_exact_mut(keys).enumerate() {
                let (seen, hidden) = weights.split_at_mut(segment.prefix.len() + row + 1);
                update(seen, [], |score, []| score * root);
                softmax(seen);
                hidden.fill(0.0);
            }
            let packed = scratch.packed.pack(View::rows(&scratch.values, d_head), keys, d_head);
            let mixed = &mut mixed[segment.own.start * width + head * d_head..];
            gemm(View::rows(weights, keys), own, packed, mixed, width, Output::Set);
        }
    }
}

/// From the gradient of the mixed values to that of queries, keys and values, which starts at zero.
fn attend_backward(
    config: ModelConfig,
    tape: &BlockTape,
    segments: &[Segment],
    upstream: &[f32],
    down: &mut [f32],
    scratch: &mut Scratch,
) {
    let (width, d_head) = (config.width, config.d_head());
    let root = 1.0 / (d_head as f32).sqrt();
    let mut rest = &tape.attention[..];
    let Scratch { packed, keys: gathered, scores, spread, .. } = scratch;
    for segment in segments {
        let (own, keys) = (segment.own.len(), segment.keys());
        for head in 0..config.heads {
            let weights;
            (weights, rest) = rest.split_at(own * keys);
            let [query, key, value] = [0, width, 2 * width].map(|part| part + head * d_head);
            let mixed = View::rows(&upstream[segment.own.start * width + head * d_head..], width);
            // With respect to the attention weights, then the scores.
            gather(&tape.qkv, 3 * width, value, d_head, segment, gathered);
            scores.resize(own * keys, 0.0);
            packed.pack(View::rows(gathered, d_head).transposed(), d_head, keys);
            gemm(mixed, own, packed, scores, keys, Output::Set);
            for (slopes, weights) in scores.chunks_exact_mut(keys).zip(weights.chunks_exact(keys)) {
                let mean = dot(slopes, weights);
                update(slopes, [weights], |slope, [weight]| root * weight * (slope - mean));
            }
            // Values.
            spread.resize(keys * d_head, 0.0);
            packed.pack(mixed, own, d_head);
            gemm(View::rows(weights, keys).transposed(), keys, packed, spread, d_head, Output::Set);
            scatter(spread, 3 * width, value, d_head, segment, down);
            // Keys.
            packed.pack(View::rows(&tape.qkv[segment.own.start * 3 * width + query..], 3 * width), own, d_head);
            gemm(View::rows(scores, keys).transposed(), keys, packed, spread, d_head, Output::Set);
            scatter(spread, 3 * width, key, d_head, segment, down);
            // Queries.
            gather(&tape.qkv, 3 * width, key, d_head, segment, gathered);
            packed.pack(View::rows(gathered, d_head), keys, d_head);
            let queries = &mut down[segment.own.start * 3 * width + query..];
            gemm(View::rows(scores, keys), own, packed, queries, 3 * width, Output::Set);
        }
    }
}

/// Columns `at..at + columns` of a segment's rows, its prefix first.
fn gather(from: &[f32], stride: usize, at: usize, columns: usize, segment: &Segment, to: &mut Vec<f32>) {
    to.clear();
    for row in segment.prefix.clone().chain(segment.own.clone()) {
        to.extend_from_slice(&from[row * stride + at..][..columns]);
    }
}

/// Adds rows to where [`gather`] would read them.
fn scatter(from: &[f32], stride: usize, at: usize, columns: usize, segment: &Segment, to: &mut [f32]) {
    let rows = segment.prefix.clone().chain(segment.own.clone());
    for (row, from) in rows.zip(from.chunks_exact(columns)) {
        add(&mut to[row * stride + at..][..columns], from);
    }
}

fn softmax(scores: &mut [f32]) {
    exponentials(scores, maximum(scores), 1.0);
    let factor = f32x4::splat(1.0 / sum(scores));
    update(scores, [], |score, []| score * factor);
}

fn log_softmax(logits: &mut [f32], scratch: &mut Vec<f32>) {
    let largest = maximum(logits);
    scratch.clear();
    scratch.extend_from_slice(logits);
    exponentials(scratch, largest, 1.0);
    // Not the platform's logarithm: WebAssembly has another than the C library.
    let normaliser = f32x4::splat(largest) + f32x4::splat(sum(scratch)).ln();
    update(logits, [], |logit, []| logit - normaliser);
}

/// The smallest index with the largest log-probability / temperature + noise.
fn draw(log_probs: &[f32], noise: &[f32], temperature: f32) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (index, (number, noise)) in log_probs.iter().zip(noise).enumerate() {
        let score = number / temperature + noise;
        if score > best.1 {
            best = (index, score);
        }
    }
    best.0
}

/// √(2 / π), twice: ½ (1 + tanh u) is the logistic function of 2u.
const GELU: f32 = 2.0 * 0.797_884_6;
const GELU_CUBE: f32 = 0.044_715;

/// GELU(x) / x in the tanh form of Hendrycks & Gimpel (2016).
fn gelu_gate(x: f32x4) -> f32x4 {
    1.0 / (1.0 + (-GELU * (x + GELU_CUBE * x * x * x)).exp())
}

/// GELU′(x), given the gate.
fn gelu_slope(x: f32x4, gate: f32x4) -> f32x4 {
    gate + x * gate * (1.0 - gate) * GELU * (1.0 + 3.0 * GELU_CUBE * x * x)
}
