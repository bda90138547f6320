//! Causal attention of a batch's rows and its gradients.
//!
//! Leaves out attention with a cache, which is part of the kernel in `sampling`.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::batch::{Sizes, position_of, prompt_of, seen_row};
use super::launcher::Launcher;
use super::{LEAST, UNITS};

/// Attention of a row and a head: its weights `[replica, row, head, span]`, and the mixed values.
#[cube(launch)]
fn attend(qkv: &[f32], attention: &mut [f32], mixed: &mut [f32], #[comptime] s: Sizes) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, rows) = comptime!((s.width, s.heads, s.rows()));
    let d_head = comptime!(s.width / s.heads);
    if index < rows * heads {
        let (row, head) = (index / heads, index % heads);
        let query = (replica * rows + row) * 3 * width + head * d_head;
        let weights = (replica * rows * heads + index) * comptime!(s.span());
        let position = position_of(row, s);
        let root = comptime!(1.0 / ((s.width / s.heads) as f32).sqrt());
        let mut most = f32::new(LEAST);
        for seen in 0..position + 1 {
            let key = (replica * rows + seen_row(row, seen, s)) * 3 * width + width + head * d_head;
            let mut score = 0.0f32;
            for i in 0..d_head {
                score += qkv[query + i] * qkv[key + i];
            }
            score *= root;
            attention[weights + seen] = score;
            if score > most {
                most = score;
            }
        }
        let mut sum = 0.0f32;
        for seen in 0..position + 1 {
            let weight = (attention[weights + seen] - most).exp();
            attention[weights + seen] = weight;
            sum += weight;
        }
        for seen in 0..position + 1 {
            attention[weights + seen] /= sum;
        }
        for i in 0..d_head {
            let mut value = 0.0f32;
            for seen in 0..position + 1 {
                let at = (replica * rows + seen_row(row, seen, s)) * 3 * width + 2 * width + head * d_head;
                value += attention[weights + seen] * qkv[at + i];
            }
            mixed[(replica * rows + row) * width + head * d_head + i] = value;
        }
    }
}

/// From the gradient of a row's mixed values to those of its scores and its query.
#[cube(launch)]
fn attend_backward(
    qkv: &[f32],
    attention: &[f32],
    upstream: &[f32],
    scores: &mut [f32],
    down: &mut [f32],
    #[comptime] s: Sizes,
) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, rows) = comptime!((s.width, s.heads, s.rows()));
    let d_head = comptime!(s.width / s.heads);
    if index < rows * heads {
        let (row, head) = (index / heads, index % heads);
        let weights = (replica * rows * heads + index) * comptime!(s.span());
        let position = position_of(row, s);
        let root = comptime!(1.0 / ((s.width / s.heads) as f32).sqrt());
        let mixed = (replica * rows + row) * width + head * d_head;
        let mut mean = 0.0f32;
        for seen in 0..position + 1 {
            let value = (replica * rows + seen_row(row, seen, s)) * 3 * width + 2 * width + head * d_head;
            let mut slope = 0.0f32;
            for i in 0..d_head {
                slope += upstream[mixed + i] * qkv[value + i];
            }
            scores[weights + seen] = slope;
            mean += slope * attention[weights + seen];
        }
        for seen in 0..position + 1 {
            let slope = root * attention[weights + seen] * (scores[weights + seen] - mean);
            scores[weights + seen] = slope;
        }
        for i in 0..d_head {
            let mut query = 0.0f32;
            for seen in 0..position + 1 {
                let key = (replica * rows + seen_row(row, seen, s)) * 3 * width + width + head * d_head;
                query += scores[weights + seen] * qkv[key + i];
            }
            down[(replica * rows + row) * 3 * width + head * d_head + i] = query;
        }
    }
}

/// The gradients of a row's key and value, from all rows that see it; a unit an element.
#[cube(launch)]
fn attend_backward_keys(
    qkv: &[f32],
    attention: &[f32],
    scores: &[f32],
    upstream: &[f32],
    down: &mut [f32],
    #[comptime] s: Sizes,
) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, rows, first) = comptime!((s.width, s.heads, s.rows(), s.first_answer_row()));
    if index < rows * width {
        let (row, at) = (index / width, index % width);
        let head = at / comptime!(s.width / s.heads);
        let position = position_of(row, s);
        let mut key = 0.0f32;
        let mut value = 0.0f32;
        // The rest of the row's own segment: a prefix, or an answer.
        let mut rest = comptime!(s.prefix) - position;
        if row >= first {
            rest = comptime!(s.prefix + s.time) - position;
        }
        for step in 0..rest {
            let query = replica * rows + row + step;
            let weight = (query * heads + head) * comptime!(s.span()) + position;
            value += attention[weight] * upstream[query * width + at];
            key += scores[weight] * qkv[query * 3 * width + at];
        }
        if row < first {
            let answers = comptime!(s.completions * s.time);
            let start = first + prompt_of(row, s) * answers;
            for step in 0..answers {
                let query = replica * rows + start + step;
                let weight = (query * heads + head) * comptime!(s.span()) + position;
                value += attention[weight] * upstream[query * width + at];
                key += scores[weight] * qkv[query * 3 * width + at];
            }
        }
        down[(replica * rows + row) * 3 * width + width + at] = key;
        down[(replica * rows + row) * 3 * width + 2 * width + at] = value;
    }
}

impl Launcher<'_> {
    /// Attention weights `[replica, row, head, span]` and mixed values `[replica, row, width]`.
    pub(super) fn attend(&self, qkv: &CubeTensor) -> (CubeTensor, CubeTensor) {
        let (rows, heads) = (self.s.rows(), self.s.heads);
        let attention = self.floats(rows * heads * self.s.span());
        let mixed = self.floats(rows * self.s.width);
        attend::launch(
            &self.weights.client,
            self.grid((rows * heads).div_ceil(UNITS), 1),
            CubeDim::new_1d(UNITS as u32),
            qkv.clone().into_buffer_arg(),
            attention.clone().into_buffer_arg(),
            mixed.clone().into_buffer_arg(),
            self.s,
        );
        (attention, mixed)
    }

    /// Writes the gradient with respect to queries, keys and values into `down`.
    pub(super) fn attend_backward(
        &self,
        qkv: &CubeTensor,
        attention: &CubeTensor,
        upstream: &CubeTensor,
        down: &CubeTensor,
    ) {
        let (rows, heads, units) = (self.s.rows(), self.s.heads, CubeDim::new_1d(UNITS as u32));
        let scores = self.floats(rows * heads * self.s.span());
        attend_backward::launch(
            &self.weights.client,
            self.grid((rows * heads).div_ceil(UNITS), 1),
            units,
            qkv.clone().into_buffer_arg(),
            attention.clone().into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            scores.clone().into_buffer_arg(),
            down.clone().into_buffer_arg(),
            self.s,
        );
        attend_backward_keys::launch(
            &self.weights.client,
            self.grid((rows * self.s.width).div_ceil(UNITS), 1),
            units,
            qkv.clone().into_buffer_arg(),
            attention.clone().into_buffer_arg(),
            scores.into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            down.clone().into_buffer_arg(),
            self.s,
        );
    }
}
