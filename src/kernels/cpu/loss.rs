//! The loss of a policy, row by row, and its gradient with respect to the logits.
//!
//! The formula in plain burn operations is [`crate::network::plain::policy_loss`].

use wide::f32x4;

use crate::kernels::LossWeights;
use crate::kernels::maths::{add, dot, exponentials, maximum, sum, update};

/// What the loss of one replica is computed from, `[answer × time]` each.
pub(super) struct Objective<'a> {
    pub(super) advantages: &'a [f32],
    pub(super) mask: &'a [f32],
    /// `[answer × time, vocabulary]`.
    pub(super) reference: &'a [f32],
    pub(super) loss: LossWeights,
}

impl Objective<'_> {
    /// How many of an answer's tokens count: those behind the last one that does add nothing to the gradient.
    pub(super) fn counted(&self, answer: usize, time: usize) -> usize {
        let counts = |row: &usize| self.advantages[*row] != 0.0 || (self.loss.kl != 0.0 && self.mask[*row] != 0.0);
        let start = answer * time;
        (start..start + time).rev().find(counts).map_or(0, |last| last + 1 - start)
    }

    /// The contribution of a row to the loss; its log-probabilities become the gradient with
    /// respect to its logits.
    pub(super) fn differentiate(&self, row: usize, token: usize, log_probs: &mut [f32]) -> f32 {
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
            let differences: Vec<f32> =
                log_probs.iter().zip(reference).map(|(policy, reference)| policy - reference).collect();
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

/// Turns logits into log-probabilities.
pub(super) fn log_softmax(logits: &mut [f32], scratch: &mut Vec<f32>) {
    let largest = maximum(logits);
    scratch.clear();
    scratch.extend_from_slice(logits);
    exponentials(scratch, largest, 1.0);
    // Not the platform's logarithm: WebAssembly has another than the C library.
    let normaliser = f32x4::splat(largest) + f32x4::splat(sum(scratch)).ln();
    update(logits, [], |logit, []| logit - normaliser);
}
