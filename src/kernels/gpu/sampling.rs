//! Sampling: a whole answer is one workgroup, from the prompt to its last token.

use burn::tensor::DType;
use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::activation::gelu_gate;
use super::batch::Sizes;
use super::launcher::{Launcher, empty};
use super::reduce::{largest, total};
use super::{LEAST, UNITS};
use crate::kernels::limits::{SHARED_BYTES, sampling_shared_bytes};
use crate::kernels::{NORM_EPSILON, Sampling};

/// LayerNorm of a vector in shared memory.
#[cube]
fn normalise_vector(
    x: &Shared<[f32]>,
    output: &mut Shared<[f32]>,
    shared: &mut Shared<[f32]>,
    weights: &[f32],
    scale: usize,
    #[comptime] width: usize,
) {
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        sum += x[i];
        i += UNITS;
    }
    let mean = total(sum, shared, UNITS) / comptime!(width as f32);
    let mut squares = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        squares += (x[i] - mean) * (x[i] - mean);
        i += UNITS;
    }
    let variance = total(squares, shared, UNITS) / comptime!(width as f32);
    let factor = 1.0 / (variance + NORM_EPSILON).sqrt();
    let mut i = UNIT_POS as usize;
    while i < width {
        output[i] = (x[i] - mean) * factor * weights[scale + i] + weights[scale + width + i];
        i += UNITS;
    }
    sync_cube();
}

/// One column of a vector's product with a matrix, which starts at `at`.
#[cube]
fn column(
    x: &Shared<[f32]>,
    weights: &[f32],
    at: usize,
    column: usize,
    #[comptime] depth: usize,
    #[comptime] columns: usize,
) -> f32 {
    let mut sum = 0.0f32;
    for k in 0..depth {
        sum += x[k] * weights[at + k * columns + column];
    }
    sum
}

/// A whole answer in one workgroup, position by position. Keys and values so far are in `cache`,
/// `[replica, answer, layer, position, key and value]`. The shared memory is counted in
/// [`crate::kernels::limits`].
#[cube(launch)]
fn sample(
    weights: &[f32],
    prompts: &[i32],
    noise: &[f32],
    cache: &mut [f32],
    tokens: &mut [i32],
    log_probs: &mut [f32],
    temperature: f32,
    end: i32,
    #[comptime] s: Sizes,
) {
    let (unit, answer, replica) = (UNIT_POS as usize, CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, vocabulary, span) = comptime!((s.width, s.heads, s.vocabulary, s.span()));
    let d_head = comptime!(s.width / s.heads);
    let root = comptime!(1.0 / ((s.width / s.heads) as f32).sqrt());
    let base = replica * comptime!(s.parameters);
    let answer_index = replica * comptime!(s.answers()) + answer;
    let first_block = comptime!(s.offsets.first_block);
    let mut x = Shared::<[f32]>::new_slice(width);
    let mut normed = Shared::<[f32]>::new_slice(width);
    let mut query = Shared::<[f32]>::new_slice(width);
    let mut hidden = Shared::<[f32]>::new_slice(comptime!(4 * s.width));
    let mut scores = Shared::<[f32]>::new_slice(comptime!(s.heads * s.span()));
    let mut logits = Shared::<[f32]>::new_slice(vocabulary);
    let mut shared = Shared::<[f32]>::new_slice(UNITS);
    let mut candidates = Shared::<[u32]>::new_slice(UNITS);
    let prompt = (replica * comptime!(s.prompts) + answer / comptime!(s.completions)) * comptime!(s.prefix + 1);

    for position in 0..span {
        let mut token = candidates[0] as usize;
        if position <= comptime!(s.prefix) {
            token = prompts[prompt + position] as usize;
        }
        let mut i = unit;
        while i < width {
            x[i] = weights[base + token * width + i]
                + weights[base + comptime!(s.offsets.position) + position * width + i];
            i += UNITS;
        }
        sync_cube();
        for layer in 0..comptime!(s.layers) {
            let block = base + layer * comptime!(s.offsets.block_size);
            let attention_norm = block + comptime!(first_block.attention_norm.scale);
            let (qkv, qkv_bias) = (block + comptime!(first_block.qkv.weight), block + comptime!(first_block.qkv.bias));
            let (attention_out, attention_out_bias) = (
                block + comptime!(first_block.attention_out.weight),
                block + comptime!(first_block.attention_out.bias),
            );
            let mlp_norm = block + comptime!(first_block.mlp_norm.scale);
            let (mlp_in, mlp_in_bias) =
                (block + comptime!(first_block.mlp_in.weight), block + comptime!(first_block.mlp_in.bias));
            let (mlp_out, mlp_out_bias) =
                (block + comptime!(first_block.mlp_out.weight), block + comptime!(first_block.mlp_out.bias));
            let cached = (answer_index * comptime!(s.layers) + layer) * span * 2 * width;

            normalise_vector(&x, &mut normed, &mut shared, weights, attention_norm, width);
            let mut i = unit;
            while i < 3 * width {
                let value = column(&normed, weights, qkv, i, width, comptime!(3 * s.width)) + weights[qkv_bias + i];
                if i < width {
                    query[i] = value;
                } else {
                    cache[cached + position * 2 * width + i - width] = value;
                }
                i += UNITS;
            }
            sync_storage();
            sync_cube();
            let mut i = unit;
            while i < heads * (position + 1) {
                let (head, seen) = (i / (position + 1), i % (position + 1));
                let mut score = 0.0f32;
                for k in 0..d_head {
                    score += query[head * d_head + k] * cache[cached + seen * 2 * width + head * d_head + k];
                }
                scores[head * span + seen] = score * root;
                i += UNITS;
            }
            sync_cube();
            if unit < heads {
                let mut most = f32::new(LEAST);
                for seen in 0..position + 1 {
                    if scores[unit * span + seen] > most {
                        most = scores[unit * span + seen];
                    }
                }
                let mut sum = 0.0f32;
                for seen in 0..position + 1 {
                    let weight = (scores[unit * span + seen] - most).exp();
                    scores[unit * span + seen] = weight;
                    sum += weight;
                }
                for seen in 0..position + 1 {
                    scores[unit * span + seen] /= sum;
                }
            }
            sync_cube();
            let mut i = unit;
            while i < width {
                let mut value = 0.0f32;
                for seen in 0..position + 1 {
                    value += scores[i / d_head * span + seen] * cache[cached + seen * 2 * width + width + i];
                }
                normed[i] = value;
                i += UNITS;
            }
            sync_cube();
            let mut i = unit;
            while i < width {
                x[i] += column(&normed, weights, attention_out, i, width, width) + weights[attention_out_bias + i];
                i += UNITS;
            }
            sync_cube();
            normalise_vector(&x, &mut normed, &mut shared, weights, mlp_norm, width);
            let mut i = unit;
            while i < 4 * width {
                let value =
                    column(&normed, weights, mlp_in, i, width, comptime!(4 * s.width)) + weights[mlp_in_bias + i];
                hidden[i] = value * gelu_gate(value);
                i += UNITS;
            }
            sync_cube();
            let mut i = unit;
            while i < width {
                x[i] += column(&hidden, weights, mlp_out, i, comptime!(4 * s.width), width) + weights[mlp_out_bias + i];
                i += UNITS;
            }
            sync_cube();
        }
        if position >= comptime!(s.prefix) {
            let final_norm = base + comptime!(s.offsets.final_norm.scale);
            let head = base + comptime!(s.offsets.head);
            normalise_vector(&x, &mut normed, &mut shared, weights, final_norm, width);
            let row = answer_index * comptime!(s.time) + position - comptime!(s.prefix);
            let mut most = f32::new(LEAST);
            let mut i = unit;
            while i < vocabulary {
                let mut logit = 0.0f32;
                if comptime!(s.tied) {
                    for k in 0..width {
                        logit += normed[k] * weights[head + i * width + k];
                    }
                } else {
                    logit = column(&normed, weights, head, i, width, vocabulary);
                }
                logits[i] = logit;
                if logit > most {
                    most = logit;
                }
                i += UNITS;
            }
            let most = largest(most, &mut shared, UNITS);
            let mut sum = 0.0f32;
            let mut i = unit;
            while i < vocabulary {
                sum += (logits[i] - most).exp();
                i += UNITS;
            }
            let normaliser = most + total(sum, &mut shared, UNITS).ln();
            let mut best = f32::new(LEAST);
            let mut candidate = 0u32;
            let mut i = unit;
            while i < vocabulary {
                let log_prob = logits[i] - normaliser;
                log_probs[row * vocabulary + i] = log_prob;
                let score = log_prob / temperature + noise[row * vocabulary + i];
                if score > best {
                    best = score;
                    candidate = i as u32;
                }
                i += UNITS;
            }
            shared[unit] = best;
            candidates[unit] = candidate;
            sync_cube();
            if unit == 0 {
                for other in 1..UNITS {
                    if shared[other] > best || (shared[other] == best && candidates[other] < candidate) {
                        best = shared[other];
                        candidate = candidates[other];
                    }
                }
                if position > comptime!(s.prefix) && token as i32 == end {
                    candidate = token as u32;
                }
                candidates[0] = candidate;
                tokens[row] = candidate as i32;
            }
            sync_cube();
        }
    }
}

impl Launcher<'_> {
    /// Tokens `[replica, answer, time]` and log-probabilities at temperature 1, `[replica, answer · time, vocabulary]`.
    ///
    /// # Panics
    /// If an answer needs more shared memory than WebGPU promises.
    pub(super) fn sample(
        &self,
        prompts: CubeTensor,
        noise: CubeTensor,
        sampling: Sampling,
    ) -> (CubeTensor, CubeTensor) {
        let Sizes { time, vocabulary, width, heads, layers, .. } = self.s;
        let (answers, replicas) = (self.s.answers(), self.replicas);
        let needed = sampling_shared_bytes(width, heads, vocabulary, self.s.span());
        assert!(needed <= SHARED_BYTES, "sampling needs {needed} bytes of shared memory, of {SHARED_BYTES}");
        let tokens = empty(self.weights, [replicas, answers, time], DType::I32);
        let log_probs = empty(self.weights, [replicas, answers * time, vocabulary], DType::F32);
        let cache = empty(self.weights, [replicas, answers, layers, self.s.span() * 2 * width], DType::F32);
        sample::launch(
            &self.weights.client,
            self.grid(answers, 1),
            CubeDim::new_1d(UNITS as u32),
            self.weights.clone().into_buffer_arg(),
            prompts.into_buffer_arg(),
            noise.into_buffer_arg(),
            cache.into_buffer_arg(),
            tokens.clone().into_buffer_arg(),
            log_probs.clone().into_buffer_arg(),
            sampling.temperature,
            // No token is negative.
            sampling.end.unwrap_or(-1),
            self.s,
        );
        (tokens, log_probs)
    }
}
