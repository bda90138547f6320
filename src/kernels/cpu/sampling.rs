//! Sampling: answers token by token, all answers of a chunk in lock-step.

use std::f32::consts::LN_2;

use bytemuck::cast;
use wide::{f32x4, i32x4};

use super::batch::{Batch, Rows};
use super::decoder::Decoder;
use super::tape::{BlockTape, Scratch};
use crate::kernels::maths::{each, gumbel, maximum, update};
use crate::kernels::{Noise, Sampling};

impl Decoder<'_> {
    /// Samples answers: their tokens, and the log-probabilities at temperature 1 that they were drawn from.
    pub(super) fn sample(
        &self,
        batch: &Batch,
        prompts: &[i32],
        given: &[f32],
        Sampling { temperature, end, noise }: Sampling,
    ) -> (Vec<i32>, Vec<f32>) {
        let Batch { prefix, completions, time, .. } = *batch;
        let vocabulary = self.config.vocabulary;
        let mut tokens = vec![0; batch.answers() * time];
        let mut log_probs = vec![0.0; batch.answers() * time * vocabulary];
        let (mut tape, mut scratch, mut scores) = (BlockTape::default(), Scratch::default(), vec![]);
        for chunk in batch.chunks() {
            let answers = chunk.start * completions..chunk.end * completions;
            let mut caches = vec![vec![]; self.blocks.len()];
            let only_prefixes = Batch { completions: 0, ..*batch };
            let mut rows = Rows::new(&only_prefixes, chunk.clone(), [prompts, &[]], |_| time, true);
            let mut residual = self.embed(&rows.tokens, &rows.positions);
            for ((block, cache), read) in self.blocks.iter().zip(&mut caches).zip(rows.read_after(self.blocks.len())) {
                block.forward(&mut residual, read, &mut tape, &mut scratch);
                cache.clone_from(&tape.qkv);
            }
            let prompt = |answer: usize| answer / completions;
            let mut read: Vec<_> =
                answers.clone().map(|answer| rows.prefixes[prompt(answer) - chunk.start].clone()).collect();
            let mut next: Vec<i32> =
                answers.clone().map(|answer| prompts[prompt(answer) * (prefix + 1) + prefix]).collect();
            for position in 0..time {
                let (first, first_segment) = (rows.tokens.len(), rows.segments.len());
                for (read, next) in read.iter_mut().zip(&next) {
                    *read = rows.follow(std::mem::take(read), &[*next], true);
                }
                // Each new row is a segment.
                let segments = &rows.segments[first_segment..];
                let mut residual = self.embed(&rows.tokens[first..], &rows.positions[first..]);
                for (block, cache) in self.blocks.iter().zip(&mut caches) {
                    block.decode(&mut residual, segments, cache, &mut tape, &mut scratch);
                }
                let distinct = self.log_probs(&residual, &mut tape.attention_input);
                for ((answer, read), next) in answers.clone().zip(&read).zip(&mut next) {
                    let place = (read[prefix + position] - first) * vocabulary;
                    let row = &distinct[place..place + vocabulary];
                    let token = answer * time + position;
                    let numbers = token * vocabulary..(token + 1) * vocabulary;
                    log_probs[numbers.clone()].copy_from_slice(row);
                    tokens[token] = match position > 0 && Some(*next) == end {
                        true => *next,
                        false => match noise {
                            Noise::Given => largest(row, &given[numbers], temperature, &mut scores) as i32,
                            Noise::Gumbel => draw(row, &given[numbers], temperature) as i32,
                        },
                    };
                    *next = tokens[token];
                }
            }
        }
        (tokens, log_probs)
    }
}

/// The smallest index with the largest log-probability / temperature + noise.
fn largest(log_probs: &[f32], noise: &[f32], temperature: f32, scores: &mut Vec<f32>) -> usize {
    scores.resize(log_probs.len(), 0.0);
    update(scores, [log_probs, noise], |_, [number, noise]| number / f32x4::splat(temperature) + noise);
    let largest = maximum(scores);
    scores.iter().position(|score| *score == largest).unwrap_or(0)
}

/// As [`largest`] with the [`gumbel`] noise of uniform numbers, computed for the few tokens that may come first.
fn draw(log_probs: &[f32], uniform: &[f32], temperature: f32) -> usize {
    let scaled = |log_probs: f32x4| log_probs / f32x4::splat(temperature);
    // The most probable token comes higher.
    let (mut best, mut index) = (scaled(f32x4::splat(maximum(log_probs))).to_array()[0] + LEAST_NOISE, 0);
    each([(log_probs, f32::NEG_INFINITY), (uniform, 0.5)], |place, [log_probs, uniform]| {
        let scaled = scaled(log_probs);
        if (scaled + most_noise(uniform)).simd_lt(f32x4::splat(best)).all() {
            return;
        }
        for (lane, score) in (scaled + gumbel(uniform)).to_array().into_iter().enumerate() {
            if score > best {
                (best, index) = (score, place + lane);
            }
        }
    });
    index
}

/// Below the Gumbel noise of any uniform number: the smallest of 24 bits has −2.8.
const LEAST_NOISE: f32 = -3.0;

/// No less than [`gumbel`] of these, and for more than half of all numbers by no more than 0.8.
///
/// −ln u is at least 1 − u, and ln x at least ln 2 times the bits of x as a whole number, less the exponent's bias: a chord
/// between powers of two. The last digits of both computations are far within a ten-thousandth.
fn most_noise(uniform: f32x4) -> f32x4 {
    let bits: i32x4 = cast(f32x4::ONE - uniform);
    f32x4::splat(127.0 * LN_2 + 1e-4) - bits.round_float() * f32x4::splat(LN_2 / 8_388_608.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: u32 = (1 << 23) - 1;

    /// Of the 2²³ numbers that can be drawn.
    fn uniform(step: u32) -> f32 {
        (step as f32 + 0.5) / 8_388_608.0
    }

    #[test]
    fn gumbel_noise_lies_between_its_bounds() {
        let mut close = 0;
        for uniform in (0..LAST).step_by(97).chain([1, LAST - 1, LAST]).map(uniform) {
            let [noise, most] = [gumbel(uniform.into()), most_noise(uniform.into())].map(|vector| vector.to_array()[0]);
            assert!(LEAST_NOISE < noise && noise < most, "{uniform}: {noise}, at most {most}");
            close += u32::from(most < noise + 0.8);
        }
        assert!(close > (1 << 22) / 97, "{close}");
    }

    /// What is left out decides nothing: sharp and flat distributions, at lengths that do not divide by four.
    #[test]
    fn a_draw_is_the_argmax_with_the_noise_of_every_token() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            uniform(state >> 9)
        };
        for length in (1..300).cycle().take(20_000) {
            let sharpness = 30.0 * next();
            let log_probs: Vec<f32> = (0..length).map(|_| -sharpness * next()).collect();
            // Some of the largest, too, which have most noise.
            let uniform: Vec<f32> = (0..length).map(|_| if next() < 0.99 { next() } else { uniform(LAST) }).collect();
            let mut noise = uniform.clone();
            update(&mut noise, [], |uniform, []| gumbel(uniform));
            for temperature in [1.0, 0.7] {
                let expected = largest(&log_probs, &noise, temperature, &mut vec![]);
                assert_eq!(draw(&log_probs, &uniform, temperature), expected, "{length} tokens, {sharpness}");
            }
        }
    }
}
