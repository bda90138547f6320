//! AdamW (Loshchilov & Hutter, 2019): the norm of a gradient in partial sums, and the step.

use burn::backend::TensorMetadata;
use burn::tensor::DType;
use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::UNITS;
use super::launcher::empty;
use super::reduce::total;
use crate::kernels::AdamWStep;

/// Partial sums of a gradient's squares, for each replica.
const PARTIAL_SUMS: usize = 64;

/// Partial sums of a gradient's squares, `[replica, PARTIAL_SUMS]`; a workgroup a sum.
#[cube(launch)]
fn squares(gradient: &[f32], partial_sums: &mut [f32], #[comptime] parameters: usize) {
    let (index, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let mut shared = Shared::new_slice(UNITS);
    let mut sum = 0.0f32;
    let mut i = index * UNITS + UNIT_POS as usize;
    while i < parameters {
        let number = gradient[replica * parameters + i];
        sum += number * number;
        i += PARTIAL_SUMS * UNITS;
    }
    let sum = total(sum, &mut shared, UNITS);
    if UNIT_POS == 0 {
        partial_sums[replica * PARTIAL_SUMS + index] = sum;
    }
}

/// An [`AdamWStep`] as the kernel takes it.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
struct AdamWNumbers {
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    max_grad_norm: f32,
    learning_rate: f32,
    /// The share of a weight that decay leaves.
    keep: f32,
}

/// The step of one parameter; a unit a parameter, and one more for the moments of ones.
#[cube(launch)]
fn adamw(
    weights: &[f32],
    gradient: &[f32],
    moments: &[f32],
    partial_sums: &[f32],
    new_weights: &mut [f32],
    new_moments: &mut [f32],
    norms: &mut [f32],
    n: AdamWNumbers,
    replicas: usize,
    #[comptime] parameters: usize,
) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let mut sum = 0.0f32;
    for i in 0..PARTIAL_SUMS {
        sum += partial_sums[replica * PARTIAL_SUMS + i];
    }
    let norm = sum.sqrt();
    if index == 0 {
        norms[replica] = norm;
    }
    let columns = comptime!(parameters + 1);
    if index < columns {
        let row = replica * columns;
        let second_row = row + replicas * columns;
        let first_of_ones = n.beta_1 * moments[row + parameters] + (1.0 - n.beta_1);
        let second_of_ones = n.beta_2 * moments[second_row + parameters] + (1.0 - n.beta_2);
        if index == parameters {
            new_moments[row + index] = first_of_ones;
            new_moments[second_row + index] = second_of_ones;
        } else {
            let mut scale = n.max_grad_norm / (norm + 1e-6);
            if scale > 1.0 {
                scale = f32::new(1.0);
            }
            let at = replica * parameters + index;
            let slope = gradient[at] * scale;
            let first = n.beta_1 * moments[row + index] + (1.0 - n.beta_1) * slope;
            let second = n.beta_2 * moments[second_row + index] + (1.0 - n.beta_2) * slope * slope;
            new_moments[row + index] = first;
            new_moments[second_row + index] = second;
            let step = n.learning_rate / first_of_ones * first;
            new_weights[at] = weights[at] * n.keep - step / ((second / second_of_ones).sqrt() + n.epsilon);
        }
    }
}

/// New weights `[R, N]`, new moments `[2, R, N + 1]` and the gradient's norm before clipping, `[R]`.
pub(super) fn step(
    weights: &CubeTensor,
    gradient: CubeTensor,
    moments: CubeTensor,
    step: AdamWStep,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let [replicas, parameters] = weights.shape().dims();
    let partial_sums = empty(weights, [replicas, PARTIAL_SUMS], DType::F32);
    let units = CubeDim::new_1d(UNITS as u32);
    squares::launch(
        &weights.client,
        CubeCount::Static(PARTIAL_SUMS as u32, 1, replicas as u32),
        units,
        gradient.clone().into_buffer_arg(),
        partial_sums.clone().into_buffer_arg(),
        parameters,
    );
    let numbers = AdamWNumbersLaunch::new(
        step.beta_1,
        step.beta_2,
        step.epsilon,
        step.max_grad_norm.min(f32::MAX),
        step.learning_rate,
        1.0 - step.learning_rate * step.weight_decay,
    );
    let new_weights = empty(weights, [replicas, parameters], DType::F32);
    let new_moments = empty(weights, [2, replicas, parameters + 1], DType::F32);
    let norms = empty(weights, [replicas], DType::F32);
    adamw::launch(
        &weights.client,
        CubeCount::Static((parameters + 1).div_ceil(UNITS) as u32, 1, replicas as u32),
        units,
        weights.clone().into_buffer_arg(),
        gradient.into_buffer_arg(),
        moments.into_buffer_arg(),
        partial_sums.into_buffer_arg(),
        new_weights.clone().into_buffer_arg(),
        new_moments.clone().into_buffer_arg(),
        norms.clone().into_buffer_arg(),
        numbers,
        replicas,
        parameters,
    );
    (new_weights, new_moments, norms)
}
