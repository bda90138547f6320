//! LayerNorm (Ba et al., 2016) and its gradient.

use crate::kernels::NORM_EPSILON;
use crate::kernels::maths::{add, copy_rows, dot, sum, update};

/// The weights of a LayerNorm.
pub(super) struct Norm<'a> {
    pub(super) scale: &'a [f32],
    pub(super) shift: &'a [f32],
    /// First parameter of the scale; those of the shift follow.
    pub(super) offset: usize,
}

/// A normalised stream, and the numbers that its gradient needs.
#[derive(Default)]
pub(super) struct Normed {
    /// Before scale and shift.
    pub(super) hat: Vec<f32>,
    /// Reciprocal deviation of each row.
    pub(super) reciprocal: Vec<f32>,
    pub(super) output: Vec<f32>,
}

impl Normed {
    /// Becomes these rows of another.
    pub(super) fn copy(&mut self, from: &Normed, rows: &[usize], width: usize) {
        copy_rows(&mut self.hat, &from.hat, rows, width);
        copy_rows(&mut self.reciprocal, &from.reciprocal, rows, 1);
        copy_rows(&mut self.output, &from.output, rows, width);
    }
}

impl Norm<'_> {
    pub(super) fn forward(&self, x: &[f32], normed: &mut Normed) {
        let width = self.scale.len();
        let Normed { hat, reciprocal, output } = normed;
        hat.resize(x.len(), 0.0);
        output.resize(x.len(), 0.0);
        reciprocal.clear();
        let rows = hat.chunks_exact_mut(width).zip(output.chunks_exact_mut(width));
        for (x, (hat, output)) in x.chunks_exact(width).zip(rows) {
            let mean = sum(x) / width as f32;
            update(hat, [x], |_, [x]| x - mean);
            let factor = 1.0 / (dot(hat, hat) / width as f32 + NORM_EPSILON).sqrt();
            reciprocal.push(factor);
            update(hat, [], |hat, []| hat * factor);
            update(output, [hat, self.scale, self.shift], |_, [hat, scale, shift]| hat * scale + shift);
        }
    }

    /// Adds the gradient with respect to the input to `down`, and that of scale and shift to `gradient`.
    pub(super) fn backward(&self, normed: &Normed, upstream: &[f32], down: &mut [f32], gradient: &mut [f32]) {
        let width = self.scale.len();
        let (scale, rest) = gradient[self.offset..].split_at_mut(width);
        let shift = &mut rest[..width];
        let mut slope = vec![0.0; width];
        let rows = upstream.chunks_exact(width).zip(normed.hat.chunks_exact(width)).zip(&normed.reciprocal);
        for (((upstream, hat), factor), down) in rows.zip(down.chunks_exact_mut(width)) {
            add(shift, upstream);
            update(scale, [upstream, hat], |scale, [upstream, hat]| scale + upstream * hat);
            update(&mut slope, [upstream, self.scale], |_, [upstream, scale]| upstream * scale);
            let (mean, along) = (sum(&slope) / width as f32, dot(&slope, hat) / width as f32);
            update(down, [&slope, hat], |down, [slope, hat]| down + *factor * (slope - mean - hat * along));
        }
    }
}
