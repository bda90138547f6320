//! Sampling: answers token by token, all answers of a chunk in lock-step.

use wide::f32x4;

use super::attention::{Beginning, Cache};
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
            let only_prefixes = Batch { completions: 0, ..*batch };
            let rows = Rows::new(&only_prefixes, chunk.clone(), [prompts, &[]], true);
            let mut residual = self.embed(&rows.tokens, &rows.positions);
            for ((block, cache), read) in self.blocks.iter().zip(&mut caches).zip(rows.read_after(self.blocks.len())) {
                block.forward(&mut residual, read, &mut tape, &mut scratch);
                cache.prefix.clone_from(&tape.qkv);
            }
            // Answers that began alike are one until they part.
            let mut beginnings: Vec<Beginning<'_>> =
                rows.prefixes.iter().map(|prefix| Beginning { prefix, answer: vec![] }).collect();
            let mut begins: Vec<usize> = answers.clone().map(|answer| answer / completions - chunk.start).collect();
            let mut next: Vec<usize> =
                answers.clone().map(|answer| prompts[answer / completions * (prefix + 1) + prefix] as usize).collect();
            for position in 0..time {
                // Which beginning goes on with which token.
                let mut distinct: Vec<(usize, usize)> = vec![];
                for (begins, token) in begins.iter_mut().zip(&next) {
                    let place = distinct.iter().position(|known| *known == (*begins, *token));
                    *begins = place.unwrap_or_else(|| {
                        distinct.push((*begins, *token));
                        distinct.len() - 1
                    });
                }
                beginnings = distinct
                    .iter()
                    .enumerate()
                    .map(|(place, (before, _))| {
                        let Beginning { prefix, answer } = &beginnings[*before];
                        Beginning { prefix, answer: answer.iter().copied().chain([place]).collect() }
                    })
                    .collect();
                let read: Vec<usize> = distinct.iter().map(|(_, token)| *token).collect();
                let mut residual = self.embed(&read, &vec![prefix + position; read.len()]);
                for (block, cache) in self.blocks.iter().zip(&mut caches) {
                    block.decode(&mut residual, &beginnings, cache, &mut tape, &mut scratch);
                }
                let rows = self.log_probs(&residual, &mut tape.attention_input);
                for ((answer, begins), next) in answers.clone().zip(&begins).zip(&mut next) {
                    let row = &rows[begins * vocabulary..(begins + 1) * vocabulary];
                    let token = answer * time + position;
                    let numbers = token * vocabulary..(token + 1) * vocabulary;
                    log_probs[numbers.clone()].copy_from_slice(row);
                    *next = draw(row, &noise[numbers], temperature, &mut scores);
                    tokens[token] = *next as i32;
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
