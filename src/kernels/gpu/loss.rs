//! Log-probabilities, and the loss of a policy with its gradient with respect to the logits.
//!
//! The formula in plain burn operations is [`crate::network::plain::policy_loss`].

use burn::tensor::DType;
use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::launcher::{Launcher, empty};
use super::reduce::{largest, total};
use super::{LEAST, UNITS};
use crate::kernels::LossWeights;

/// Logits become log-probabilities; a workgroup a row.
#[cube(launch)]
fn log_softmax(logits: &mut [f32], #[comptime] vocabulary: usize, #[comptime] rows: usize) {
    let from = (CUBE_POS_Y as usize * rows + CUBE_POS_X as usize) * vocabulary;
    let mut shared = Shared::new_slice(UNITS);
    let mut most = f32::new(LEAST);
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        if logits[from + i] > most {
            most = logits[from + i];
        }
        i += UNITS;
    }
    let most = largest(most, &mut shared, UNITS);
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        sum += (logits[from + i] - most).exp();
        i += UNITS;
    }
    let normaliser = most + total(sum, &mut shared, UNITS).ln();
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        logits[from + i] -= normaliser;
        i += UNITS;
    }
}

/// A row's share of the loss; its logits become the gradient with respect to them. A workgroup a row.
#[cube(launch)]
fn objective(
    logits: &mut [f32],
    answers: &[i32],
    advantages: &[f32],
    mask: &[f32],
    reference: &[f32],
    losses: &mut [f32],
    scale: f32,
    temperature: f32,
    kl: f32,
    #[comptime] vocabulary: usize,
    #[comptime] rows: usize,
    #[comptime] with_kl: bool,
) {
    let row = CUBE_POS_Y as usize * rows + CUBE_POS_X as usize;
    let from = row * vocabulary;
    let mut shared = Shared::new_slice(UNITS);
    let mut most = f32::new(LEAST);
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        if logits[from + i] > most {
            most = logits[from + i];
        }
        i += UNITS;
    }
    let most = largest(most, &mut shared, UNITS);
    let mut sum = 0.0f32;
    let mut tempered_sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        sum += (logits[from + i] - most).exp();
        tempered_sum += ((logits[from + i] - most) / temperature).exp();
        i += UNITS;
    }
    let normaliser = most + total(sum, &mut shared, UNITS).ln();
    let tempered = total(tempered_sum, &mut shared, UNITS).ln() + most / temperature;
    let mut divergence = 0.0f32;
    if comptime!(with_kl) {
        let mut term_sum = 0.0f32;
        let mut i = UNIT_POS as usize;
        while i < vocabulary {
            let log_prob = logits[from + i] - normaliser;
            term_sum += log_prob.exp() * (log_prob - reference[from + i]);
            i += UNITS;
        }
        divergence = total(term_sum, &mut shared, UNITS);
    }
    let advantage = scale * advantages[row];
    let token = answers[row] as usize;
    if UNIT_POS == 0 {
        let mut loss = -advantage * (logits[from + token] / temperature - tempered);
        if comptime!(with_kl) {
            loss += scale * kl * mask[row] * divergence;
        }
        losses[row] = loss;
    }
    sync_cube();
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        let logit = logits[from + i];
        let mut gradient = (logit / temperature - tempered).exp();
        if i == token {
            gradient -= 1.0;
        }
        gradient *= advantage / temperature;
        if comptime!(with_kl) {
            let log_prob = logit - normaliser;
            gradient += scale * kl * mask[row] * log_prob.exp() * (log_prob - reference[from + i] - divergence);
        }
        logits[from + i] = gradient;
        i += UNITS;
    }
}

/// Sums of rows `[replica, count]`; a workgroup a replica.
#[cube(launch)]
fn sum_rows(rows: &[f32], sums: &mut [f32], #[comptime] count: usize) {
    let replica = CUBE_POS_Z as usize;
    let mut shared = Shared::new_slice(UNITS);
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < count {
        sum += rows[replica * count + i];
        i += UNITS;
    }
    let sum = total(sum, &mut shared, UNITS);
    if UNIT_POS == 0 {
        sums[replica] = sum;
    }
}

impl Launcher<'_> {
    /// Logits of the rows of answers become log-probabilities.
    pub(super) fn log_softmax(&self, logits: &CubeTensor) {
        let rows = self.s.answers() * self.s.time;
        log_softmax::launch(
            &self.weights.client,
            CubeCount::Static(rows as u32, self.replicas as u32, 1),
            CubeDim::new_1d(UNITS as u32),
            logits.clone().into_buffer_arg(),
            self.s.vocabulary,
            rows,
        );
    }

    /// The loss of each replica, `[replica]`; the logits become the gradient with respect to them. Without KL, mask
    /// and reference are not read, and one number a replica may stand for either.
    pub(super) fn objective(
        &self,
        logits: &CubeTensor,
        answers: CubeTensor,
        [advantages, mask, reference]: [CubeTensor; 3],
        loss: LossWeights,
    ) -> CubeTensor {
        let (rows, units) = (self.s.answers() * self.s.time, CubeDim::new_1d(UNITS as u32));
        let row_losses = self.floats(rows);
        objective::launch(
            &self.weights.client,
            CubeCount::Static(rows as u32, self.replicas as u32, 1),
            units,
            logits.clone().into_buffer_arg(),
            answers.into_buffer_arg(),
            advantages.into_buffer_arg(),
            mask.into_buffer_arg(),
            reference.into_buffer_arg(),
            row_losses.clone().into_buffer_arg(),
            loss.scale,
            loss.temperature,
            loss.kl,
            self.s.vocabulary,
            rows,
            loss.kl != 0.0,
        );
        let losses = empty(self.weights, [self.replicas], DType::F32);
        sum_rows::launch(
            &self.weights.client,
            self.grid(1, 1),
            units,
            row_losses.into_buffer_arg(),
            losses.clone().into_buffer_arg(),
            rows,
        );
        losses
    }
}
