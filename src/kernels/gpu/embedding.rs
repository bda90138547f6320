//! Embeddings of tokens and positions, their gradients, and the residual streams that a forward pass returns.

use burn::tensor::DType;
use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::UNITS;
use super::batch::{Sizes, position_of, prompt_of};
use super::launcher::{Launcher, empty, row_units};

/// Residual streams `[replica, row, width]` and tokens `[replica, row]`; a workgroup a row.
#[cube(launch)]
fn embed(
    weights: &[f32],
    prompts: &[i32],
    answers: &[i32],
    residual: &mut [f32],
    tokens: &mut [i32],
    #[comptime] s: Sizes,
) {
    let (row, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, prefix) = comptime!((s.width, s.prefix));
    let position = position_of(row, s);
    let prompt = (replica * comptime!(s.prompts) + prompt_of(row, s)) * comptime!(s.prefix + 1);
    let mut token = prompts[prompt + position.min(prefix)];
    if position > prefix {
        // Rows of answers, one token later than what they read.
        token = answers[replica * comptime!(s.answers() * s.time) + row - comptime!(s.first_answer_row()) - 1];
    }
    if UNIT_POS == 0 {
        tokens[replica * comptime!(s.rows()) + row] = token;
    }
    let base = replica * comptime!(s.parameters);
    let mut at = UNIT_POS as usize;
    while at < width {
        residual[(replica * comptime!(s.rows()) + row) * width + at] = weights[base + token as usize * width + at]
            + weights[base + comptime!(s.offsets.position) + position * width + at];
        at += CUBE_DIM as usize;
    }
}

/// The gradients of embeddings and positions: every element looks for the rows that read it. A tied
/// embedding has the head's share already.
#[cube(launch)]
fn embed_backward(residual: &[f32], tokens: &[i32], gradient: &mut [f32], #[comptime] s: Sizes) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, rows, vocabulary) = comptime!((s.width, s.rows(), s.vocabulary));
    if index < comptime!((s.vocabulary + s.context) * s.width) {
        let (wanted, at) = (index / width, index % width);
        let mut sum = 0.0f32;
        for row in 0..rows {
            let mut read = tokens[replica * rows + row] as usize;
            if wanted >= vocabulary {
                read = vocabulary + position_of(row, s);
            }
            if read == wanted {
                sum += residual[(replica * rows + row) * width + at];
            }
        }
        let to = replica * comptime!(s.parameters) + index;
        if comptime!(s.tied) {
            if wanted < vocabulary {
                gradient[to] += sum;
            } else {
                gradient[to] = sum;
            }
        } else {
            gradient[to] = sum;
        }
    }
}

/// Residual streams at the ends of answers, into their layer of `states`.
#[cube(launch)]
fn keep(residual: &[f32], states: &mut [f32], layer: usize, replicas: usize, #[comptime] s: Sizes) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, answers) = comptime!((s.width, s.answers()));
    if index < answers * width {
        let row = comptime!(s.first_answer_row()) + index / width * comptime!(s.time) + comptime!(s.time - 1);
        states[(layer * replicas + replica) * answers * width + index] =
            residual[(replica * comptime!(s.rows()) + row) * width + index % width];
    }
}

impl Launcher<'_> {
    /// Residual streams `[replica, row, width]` and the tokens that the rows read.
    pub(super) fn embed(&self, prompts: &CubeTensor, answers: &CubeTensor) -> (CubeTensor, CubeTensor) {
        let rows = self.s.rows();
        let residual = self.floats(rows * self.s.width);
        let tokens = empty(self.weights, [self.replicas, rows], DType::I32);
        embed::launch(
            &self.weights.client,
            self.grid(rows, 1),
            CubeDim::new_1d(row_units(self.s.width) as u32),
            self.weights.clone().into_buffer_arg(),
            prompts.clone().into_buffer_arg(),
            answers.clone().into_buffer_arg(),
            residual.clone().into_buffer_arg(),
            tokens.clone().into_buffer_arg(),
            self.s,
        );
        (residual, tokens)
    }

    /// Adds the gradients of embeddings and positions.
    pub(super) fn embed_backward(&self, residual: CubeTensor, tokens: CubeTensor, gradient: &CubeTensor) {
        embed_backward::launch(
            &self.weights.client,
            self.grid(((self.s.vocabulary + self.s.context) * self.s.width).div_ceil(UNITS), 1),
            CubeDim::new_1d(UNITS as u32),
            residual.into_buffer_arg(),
            tokens.into_buffer_arg(),
            gradient.clone().into_buffer_arg(),
            self.s,
        );
    }

    /// Writes the residual streams at the ends of answers into their layer of `states`.
    pub(super) fn keep(&self, residual: &CubeTensor, states: &CubeTensor, layer: usize) {
        keep::launch(
            &self.weights.client,
            self.grid((self.s.answers() * self.s.width).div_ceil(UNITS), 1),
            CubeDim::new_1d(UNITS as u32),
            residual.clone().into_buffer_arg(),
            states.clone().into_buffer_arg(),
            layer,
            self.replicas,
            self.s,
        );
    }
}
