//! LayerNorm of rows and its gradients.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::UNITS;
use super::batch::Sizes;
use super::launcher::{Launcher, row_units};
use super::reduce::total;
use crate::kernels::NORM_EPSILON;
use crate::kernels::config::NormWeights;

/// Columns of a LayerNorm's parameters that a workgroup sums, each with as many units.
const LANES: usize = 16;

/// LayerNorm of rows: the stream before scale and shift, the reciprocal deviation, and the output.
/// A workgroup a row. `first` rows of the input are left out.
#[cube(launch)]
fn normalise(
    x: &[f32],
    weights: &[f32],
    hat: &mut [f32],
    reciprocal: &mut [f32],
    output: &mut [f32],
    at: usize,
    #[comptime] first: usize,
    #[comptime] units: usize,
    #[comptime] s: Sizes,
) {
    let (row, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let width = comptime!(s.width);
    let mut shared = Shared::new_slice(units);
    let from = (replica * comptime!(s.rows()) + first + row) * width;
    let to = (replica * comptime!(s.rows() - first) + row) * width;
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        sum += x[from + i];
        i += units;
    }
    let mean = total(sum, &mut shared, units) / comptime!(s.width as f32);
    let mut squares = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        let difference = x[from + i] - mean;
        squares += difference * difference;
        i += units;
    }
    let variance = total(squares, &mut shared, units) / comptime!(s.width as f32);
    let factor = 1.0 / (variance + NORM_EPSILON).sqrt();
    let scale = replica * comptime!(s.parameters) + at;
    let mut i = UNIT_POS as usize;
    while i < width {
        let normal = (x[from + i] - mean) * factor;
        hat[to + i] = normal;
        output[to + i] = normal * weights[scale + i] + weights[scale + width + i];
        i += units;
    }
    if UNIT_POS == 0 {
        reciprocal[replica * comptime!(s.rows() - first) + row] = factor;
    }
}

/// Adds the gradient with respect to a LayerNorm's input to `down`, whose `first` rows are not in it.
/// If `fresh`, what `down` held does not count, and its first rows become zero. A workgroup a row of `down`.
#[cube(launch)]
fn normalise_backward(
    hat: &[f32],
    reciprocal: &[f32],
    weights: &[f32],
    upstream: &[f32],
    down: &mut [f32],
    at: usize,
    #[comptime] first: usize,
    #[comptime] fresh: bool,
    #[comptime] units: usize,
    #[comptime] s: Sizes,
) {
    let (row, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let width = comptime!(s.width);
    let mut shared = Shared::new_slice(units);
    let to = (replica * comptime!(s.rows()) + row) * width;
    // The rows that are left out compute something, so that all units meet at the barriers.
    let mut normed_row = 0usize;
    if row >= first {
        normed_row = row - first;
    }
    let normed = replica * comptime!(s.rows() - first) + normed_row;
    let scale = replica * comptime!(s.parameters) + at;
    let mut sum = 0.0f32;
    let mut along = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        let slope = upstream[normed * width + i] * weights[scale + i];
        sum += slope;
        along += slope * hat[normed * width + i];
        i += units;
    }
    let mean = total(sum, &mut shared, units) / comptime!(s.width as f32);
    let along = total(along, &mut shared, units) / comptime!(s.width as f32);
    let mut i = UNIT_POS as usize;
    while i < width {
        let slope = upstream[normed * width + i] * weights[scale + i];
        let mut gradient = reciprocal[normed] * (slope - mean - hat[normed * width + i] * along);
        if row < first {
            gradient = f32::new(0.0);
        }
        if comptime!(fresh) {
            down[to + i] = gradient;
        } else {
            down[to + i] += gradient;
        }
        i += units;
    }
}

/// The gradients of a LayerNorm's scale and shift; a workgroup for some of the columns.
#[cube(launch)]
fn normalise_parameters(
    hat: &[f32],
    upstream: &[f32],
    gradient: &mut [f32],
    at: usize,
    #[comptime] rows: usize,
    #[comptime] s: Sizes,
) {
    let (lane, replica) = (UNIT_POS as usize / LANES, CUBE_POS_Z as usize);
    let column = CUBE_POS_X as usize * LANES + UNIT_POS as usize % LANES;
    let width = comptime!(s.width);
    let mut scales = Shared::<[f32]>::new_slice(UNITS);
    let mut shifts = Shared::<[f32]>::new_slice(UNITS);
    let mut scale = 0.0f32;
    let mut shift = 0.0f32;
    if column < width {
        let mut row = lane;
        while row < rows {
            let from = (replica * rows + row) * width + column;
            scale += upstream[from] * hat[from];
            shift += upstream[from];
            row += LANES;
        }
    }
    scales[UNIT_POS as usize] = scale;
    shifts[UNIT_POS as usize] = shift;
    sync_cube();
    if lane == 0 && column < width {
        for other in 1..LANES {
            scale += scales[other * LANES + UNIT_POS as usize];
            shift += shifts[other * LANES + UNIT_POS as usize];
        }
        let to = replica * comptime!(s.parameters) + at + column;
        gradient[to] = scale;
        gradient[to + width] = shift;
    }
}

/// A normalised stream, and the numbers that its gradient needs.
pub(super) struct Normed {
    pub(super) hat: CubeTensor,
    pub(super) reciprocal: CubeTensor,
    pub(super) output: CubeTensor,
}

impl Launcher<'_> {
    /// LayerNorm of all rows of `x`, with the weights at these offsets; the final one is of the rows of answers.
    pub(super) fn normalise(&self, x: &CubeTensor, offsets: NormWeights<usize>) -> Normed {
        let first = self.first_row(offsets);
        let rows = self.s.rows() - first;
        let numbers = rows * self.s.width;
        let normed = Normed { hat: self.floats(numbers), reciprocal: self.floats(rows), output: self.floats(numbers) };
        let units = row_units(self.s.width);
        normalise::launch(
            &self.weights.client,
            self.grid(rows, 1),
            CubeDim::new_1d(units as u32),
            x.clone().into_buffer_arg(),
            self.weights.clone().into_buffer_arg(),
            normed.hat.clone().into_buffer_arg(),
            normed.reciprocal.clone().into_buffer_arg(),
            normed.output.clone().into_buffer_arg(),
            offsets.scale,
            first,
            units,
            self.s,
        );
        normed
    }

    /// Writes the gradients of scale and shift, and adds that with respect to the input to `down`.
    pub(super) fn normalise_backward(
        &self,
        normed: &Normed,
        offsets: NormWeights<usize>,
        upstream: &CubeTensor,
        gradient: &CubeTensor,
        down: &CubeTensor,
    ) {
        let (rows, first) = (self.s.rows(), self.first_row(offsets));
        let units = row_units(self.s.width);
        // The final norm is the first whose gradient goes into the residual stream's.
        let fresh = offsets == self.s.offsets.final_norm;
        normalise_backward::launch(
            &self.weights.client,
            self.grid(rows, 1),
            CubeDim::new_1d(units as u32),
            normed.hat.clone().into_buffer_arg(),
            normed.reciprocal.clone().into_buffer_arg(),
            self.weights.clone().into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            down.clone().into_buffer_arg(),
            offsets.scale,
            first,
            fresh,
            units,
            self.s,
        );
        normalise_parameters::launch(
            &self.weights.client,
            self.grid(self.s.width.div_ceil(LANES), 1),
            CubeDim::new_1d(UNITS as u32),
            normed.hat.clone().into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            gradient.clone().into_buffer_arg(),
            offsets.scale,
            rows - first,
            self.s,
        );
    }

    /// The first row that a LayerNorm is of.
    fn first_row(&self, offsets: NormWeights<usize>) -> usize {
        if offsets == self.s.offsets.final_norm { self.s.first_answer_row() } else { 0 }
    }
}
