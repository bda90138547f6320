//! Matrix products with what goes before and after them: GELU, biases, additions.

use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::UNITS;
use super::activation::{gelu_gate, gelu_slope};
use super::launcher::Launcher;
use crate::kernels::config::LinearWeights;

/// Rows and columns of a product's output that a workgroup computes, 2 × 2 a unit.
const TILE: usize = 32;
/// Terms of a product that are in shared memory at once.
const DEPTH: usize = 16;

/// A matrix in a buffer: element (i, j) of replica r is at `r · replica + offset + i · width + j`. Beyond its
/// width there are ones: their products with a gradient are the gradient of a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Matrix {
    pub(super) replica: usize,
    pub(super) offset: usize,
    pub(super) width: usize,
    /// The factor is the transpose of this matrix.
    pub(super) transposed: bool,
    /// The GELU of every element.
    pub(super) gelu: bool,
}

/// The use that is made of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// It is the output.
    Set,
    /// It is the output with a bias, which follows the right matrix.
    Bias,
    /// It is added to the output, with a bias, which follows the right matrix.
    AddBias,
    /// It is multiplied with GELU's derivative at another matrix, of the output's shape.
    GeluSlope,
}

/// One product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Product {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) depth: usize,
    pub(super) left: Matrix,
    pub(super) right: Matrix,
    /// Numbers of a replica in the output.
    pub(super) replica: usize,
    /// First of them that the product is written to.
    pub(super) offset: usize,
    pub(super) end: End,
}

/// An element of a factor, (i, j) of the transpose if it is one.
#[cube]
fn element(data: &[f32], i: usize, j: usize, replica: usize, #[comptime] m: Matrix) -> f32 {
    let base = replica * comptime!(m.replica) + comptime!(m.offset);
    let mut row = i;
    let mut column = j;
    if comptime!(m.transposed) {
        row = j;
        column = i;
    }
    let mut value = 1.0f32;
    if column < comptime!(m.width) {
        value = data[base + row * comptime!(m.width) + column];
        if comptime!(m.gelu) {
            value *= gelu_gate(value);
        }
    }
    value
}

/// A product of matrices, tile by tile.
#[cube(launch)]
fn multiply(left: &[f32], right: &[f32], slopes: &[f32], output: &mut [f32], #[comptime] p: Product) {
    let (unit, replica) = (UNIT_POS as usize, CUBE_POS_Z as usize);
    let (rows, columns, depth) = comptime!((p.rows, p.columns, p.depth));
    let (tile_row, tile_column) = (CUBE_POS_Y as usize * TILE, CUBE_POS_X as usize * TILE);
    let mut lefts = Shared::<[f32]>::new_slice(TILE * DEPTH);
    let mut rights = Shared::<[f32]>::new_slice(TILE * DEPTH);
    // The unit's outputs: two rows and two columns, half a tile apart.
    let (row, column) = (unit / 16, unit % 16);
    let mut a = 0.0f32;
    let mut b = 0.0f32;
    let mut c = 0.0f32;
    let mut d = 0.0f32;
    let mut from = 0usize;
    while from < depth {
        #[unroll]
        for half in 0..2usize {
            let at = unit + half * UNITS;
            // Neighbouring units read neighbouring numbers, whichever way the matrix lies.
            let mut i = at / DEPTH;
            let mut k = at % DEPTH;
            if comptime!(p.left.transposed) {
                i = at % TILE;
                k = at / TILE;
            }
            let mut value = 0.0f32;
            if tile_row + i < rows && from + k < depth {
                value = element(left, tile_row + i, from + k, replica, comptime!(p.left));
            }
            lefts[k * TILE + i] = value;
            let mut j = at % TILE;
            let mut k = at / TILE;
            if comptime!(p.right.transposed) {
                j = at / DEPTH;
                k = at % DEPTH;
            }
            let mut value = 0.0f32;
            if tile_column + j < columns && from + k < depth {
                value = element(right, from + k, tile_column + j, replica, comptime!(p.right));
            }
            rights[k * TILE + j] = value;
        }
        sync_cube();
        for k in 0..DEPTH {
            let (upper, lower) = (lefts[k * TILE + row], lefts[k * TILE + row + 16]);
            let (near, far) = (rights[k * TILE + column], rights[k * TILE + column + 16]);
            a += upper * near;
            b += upper * far;
            c += lower * near;
            d += lower * far;
        }
        sync_cube();
        from += DEPTH;
    }
    let (i, j) = (tile_row + row, tile_column + column);
    finish(a, i, j, replica, right, slopes, output, p);
    finish(b, i, j + 16, replica, right, slopes, output, p);
    finish(c, i + 16, j, replica, right, slopes, output, p);
    finish(d, i + 16, j + 16, replica, right, slopes, output, p);
}

/// Writes one number of a product.
#[cube]
#[allow(clippy::too_many_arguments, reason = "a kernel's arguments do not group")]
fn finish(
    sum: f32,
    i: usize,
    j: usize,
    replica: usize,
    right: &[f32],
    slopes: &[f32],
    output: &mut [f32],
    #[comptime] p: Product,
) {
    if i < comptime!(p.rows) && j < comptime!(p.columns) {
        let to = replica * comptime!(p.replica) + comptime!(p.offset) + i * comptime!(p.columns) + j;
        let bias = replica * comptime!(p.right.replica) + comptime!(p.right.offset + p.depth * p.columns) + j;
        if comptime!(p.end == End::Set) {
            output[to] = sum;
        } else if comptime!(p.end == End::Bias) {
            output[to] = sum + right[bias];
        } else if comptime!(p.end == End::AddBias) {
            output[to] += sum + right[bias];
        } else {
            output[to] = sum * gelu_slope(slopes[to]);
        }
    }
}

impl Launcher<'_> {
    /// The activations of all rows but the first, of this width.
    pub(super) fn rows(&self, first: usize, width: usize) -> Matrix {
        let replica = self.s.rows() * width;
        Matrix { replica, offset: first * width, width, transposed: false, gelu: false }
    }

    /// A weight with so many columns among the parameters.
    pub(super) fn weight(&self, offset: usize, columns: usize) -> Matrix {
        let replica = self.s.parameters;
        Matrix { replica, offset, width: columns, transposed: false, gelu: false }
    }

    /// Launches a product. `slopes` is the matrix of [`End::GeluSlope`].
    pub(super) fn product(
        &self,
        left: &CubeTensor,
        right: &CubeTensor,
        slopes: Option<&CubeTensor>,
        output: &CubeTensor,
        p: Product,
    ) {
        let slopes = slopes.cloned().unwrap_or_else(|| self.floats(1));
        multiply::launch(
            &self.weights.client,
            self.grid(p.columns.div_ceil(TILE), p.rows.div_ceil(TILE)),
            CubeDim::new_1d(UNITS as u32),
            left.clone().into_buffer_arg(),
            right.clone().into_buffer_arg(),
            slopes.into_buffer_arg(),
            output.clone().into_buffer_arg(),
            p,
        );
    }

    /// `output = left · weight + bias` or `output += …`, for all rows.
    pub(super) fn linear(
        &self,
        left: (&CubeTensor, Matrix),
        layer: LinearWeights<usize>,
        output: (&CubeTensor, usize),
        end: End,
    ) {
        let (rows, columns) = (self.s.rows(), output.1);
        let right = self.weight(layer.weight, columns);
        let (depth, replica) = (left.1.width, rows * columns);
        let p = Product { rows, columns, depth, left: left.1, right, replica, offset: 0, end };
        self.product(left.0, self.weights, None, output.0, p);
    }

    /// Writes the gradients of weight and bias of a linear layer of all rows, and that with respect to the input:
    /// before the GELU if the layer takes the GELU of it.
    pub(super) fn linear_backward(
        &self,
        input: (&CubeTensor, Matrix),
        layer: LinearWeights<usize>,
        upstream: (&CubeTensor, usize),
        gradient: &CubeTensor,
        down: &CubeTensor,
    ) {
        let (rows, inputs, outputs) = (self.s.rows(), input.1.width, upstream.1);
        let right = self.rows(0, outputs);
        let left = Matrix { transposed: true, ..input.1 };
        let replica = self.s.parameters;
        let p = Product {
            rows: inputs + 1,
            columns: outputs,
            depth: rows,
            left,
            right,
            replica,
            offset: layer.weight,
            end: End::Set,
        };
        self.product(input.0, upstream.0, None, gradient, p);
        let weight = Matrix { transposed: true, ..self.weight(layer.weight, outputs) };
        let (end, slopes) = if input.1.gelu { (End::GeluSlope, Some(input.0)) } else { (End::Set, None) };
        let p = Product {
            rows,
            columns: inputs,
            depth: outputs,
            left: right,
            right: weight,
            replica: rows * inputs,
            offset: 0,
            end,
        };
        self.product(upstream.0, self.weights, slopes, down, p);
    }
}
