//! Linear layers: products with packed weights, and their gradients.

use super::gemm::{Output, Packed, View, gemm};
use crate::kernels::maths::add;

/// A layer `y = x · weight + bias`.
pub(super) struct Linear<'a> {
    pub(super) forward: Packed,
    /// The transpose, where gradients are wanted.
    pub(super) backward: Option<Packed>,
    pub(super) bias: Option<&'a [f32]>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// First parameter of the weight; those of the bias follow.
    pub(super) offset: usize,
    /// Stored as `[outputs, inputs]`: the tied embedding.
    pub(super) transposed: bool,
}

impl Linear<'_> {
    /// `y = x · weight + bias`.
    pub(super) fn forward(&self, x: &[f32], y: &mut Vec<f32>) {
        let rows = x.len() / self.inputs;
        y.resize(rows * self.outputs, 0.0);
        let Some(bias) = self.bias else {
            gemm(View::rows(x, self.inputs), rows, &self.forward, y, self.outputs, Output::Set);
            return;
        };
        y.chunks_exact_mut(self.outputs).for_each(|row| row.copy_from_slice(bias));
        gemm(View::rows(x, self.inputs), rows, &self.forward, y, self.outputs, Output::Add);
    }

    /// `y += x · weight + bias`.
    pub(super) fn add_to(&self, x: &[f32], y: &mut [f32]) {
        if let Some(bias) = self.bias {
            y.chunks_exact_mut(self.outputs).for_each(|row| add(row, bias));
        }
        gemm(View::rows(x, self.inputs), x.len() / self.inputs, &self.forward, y, self.outputs, Output::Add);
    }

    /// Writes the gradient with respect to the input, and adds that of weight and bias to `gradient`.
    pub(super) fn backward(
        &self,
        x: &[f32],
        upstream: &[f32],
        down: &mut [f32],
        gradient: &mut [f32],
        packed: &mut Packed,
    ) {
        let rows = x.len() / self.inputs;
        let backward = self.backward.as_ref().expect("a decoder that was made with gradients");
        gemm(View::rows(upstream, self.outputs), rows, backward, down, self.inputs, Output::Set);
        let weight = &mut gradient[self.offset..];
        let (left, right) = (View::rows(x, self.inputs).transposed(), View::rows(upstream, self.outputs));
        if self.transposed {
            packed.pack(left.transposed(), rows, self.inputs);
            gemm(right.transposed(), self.outputs, packed, weight, self.inputs, Output::Add);
        } else {
            packed.pack(right, rows, self.outputs);
            gemm(left, self.inputs, packed, weight, self.outputs, Output::Add);
        }
        if self.bias.is_some() {
            let bias = &mut gradient[self.offset + self.inputs * self.outputs..][..self.outputs];
            upstream.chunks_exact(self.outputs).for_each(|row| add(bias, row));
        }
    }
}
