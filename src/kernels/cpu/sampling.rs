//! Sampling: answers token by token, all answers of a chunk in lock-step.

use wide::f32x4;

use super::batch::{Batch, Rows};
use super::decoder::Decoder;
use super::tape::{BlockTape, Scratch};
use crate::kernels::Sampling;
use crate::kernels::maths::{maximum, update};

impl Decoder<'_> {
    /// Samples answers: their tokens, and the log-probabilities at temperature 1 that they were drawn from.
    pub(super) fn sample(
        &self,
        batch: &Batch,
        prompts: &[i32],
        noise: &[f32],
        Sampling { temperature, end }: Sampling,
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
                        false => draw(row, &noise[numbers], temperature, &mut scores) as i32,
                    };
                    *next = tokens[token];
                }
            }
        }
        (tokens, log_probs)
    }
}

/// The smallest index with the largest log-probability / temperature + noise.
fn draw(log_probs: &[f32], noise: &[f32], temperature: f32, scores: &mut Vec<f32>) -> usize {
    scores.resize(log_probs.len(), 0.0);
    update(scores, [log_probs, noise], |_, [number, noise]| number / f32x4::splat(temperature) + noise);
    let largest = maximum(scores);
    scores.iter().position(|score| *score == largest).unwrap_or(0)
}
