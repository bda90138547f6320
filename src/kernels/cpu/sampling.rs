//! Sampling: answers token by token, all answers of a chunk in lock-step.

use wide::f32x4;

use super::attention::Cache;
use super::batch::{Batch, Rows};
use super::decoder::Decoder;
use super::tape::{BlockTape, Scratch};
use crate::kernels::maths::{maximum, update};

impl Decoder<'_> {
    /// Samples answers: their tokens, and the log-probabilities at temperature 1 that they were drawn from.
    pub(super) fn sample(
        &self,
        batch: &Batch,
        prompts: &[i32],
        noise: &[f32],
        temperature: f32,
    ) -> (Vec<i32>, Vec<f32>) {
        let Batch { prefix, completions, time, .. } = *batch;
        let vocabulary = self.config.vocabulary;
        let mut tokens = vec![0; batch.answers() * time];
        let mut log_probs = vec![0.0; batch.answers() * time * vocabulary];
        let (mut tape, mut scratch, mut scores) = (BlockTape::default(), Scratch::default(), vec![]);
        for chunk in batch.chunks() {
            let answers = chunk.start * completions..chunk.end * completions;
            let mut caches = vec![Cache::default(); self.blocks.len()];
            if prefix > 0 {
                let only_prefix = Batch { completions: 0, ..*batch };
                let rows = Rows::new(&only_prefix, chunk.clone(), prompts, &[], time);
                let mut residual = self.embed(&rows.tokens, &rows.positions);
                for ((block, cache), read) in
                    self.blocks.iter().zip(&mut caches).zip(rows.read_after(self.blocks.len()))
                {
                    block.forward(&mut residual, read, &mut tape, &mut scratch);
                    cache.prefix = tape.qkv.clone();
                }
            }
            let mut next: Vec<usize> =
                answers.clone().map(|answer| prompts[answer / completions * (prefix + 1) + prefix] as usize).collect();
            for position in 0..time {
                let mut residual = self.embed(&next, &vec![prefix + position; next.len()]);
                for (block, cache) in self.blocks.iter().zip(&mut caches) {
                    block.decode(&mut residual, prefix, completions, cache, &mut tape, &mut scratch);
                }
                let rows = self.log_probs(&residual, &mut tape.attention_input);
                for (index, row) in rows.chunks_exact(vocabulary).enumerate() {
                    let token = (answers.start + index) * time + position;
                    log_probs[token * vocabulary..(token + 1) * vocabulary].copy_from_slice(row);
                    next[index] =
                        draw(row, &noise[token * vocabulary..(token + 1) * vocabulary], temperature, &mut scores);
                    tokens[token] = next[index] as i32;
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
