//! AdamW (Loshchilov & Hutter, 2019) on the parameters of stacked replicas.

use crate::kernels::AdamWStep;
use crate::kernels::maths::{dot, update};

/// Changes weights `[replica, parameter]` and moments `[2, replica, parameter + 1]`
/// ([`crate::kernels::no_moments`]) in place. The norm of each replica's gradient before clipping.
pub(super) fn step(
    weights: &mut [f32],
    gradient: &[f32],
    moments: &mut [f32],
    parameters: usize,
    AdamWStep { learning_rate, beta_1, beta_2, epsilon, weight_decay, max_grad_norm }: AdamWStep,
) -> Vec<f32> {
    let keep = 1.0 - learning_rate * weight_decay;
    let gradients = gradient.chunks_exact(parameters);
    let norms: Vec<f32> = gradients.clone().map(|gradient| dot(gradient, gradient).sqrt()).collect();
    let columns = parameters + 1;
    let (first, second) = moments.split_at_mut(norms.len() * columns);
    let moments_of = first.chunks_exact_mut(columns).zip(second.chunks_exact_mut(columns));
    let weights_of = weights.chunks_exact_mut(parameters);
    for (((weights, gradient), (first, second)), norm) in weights_of.zip(gradients).zip(moments_of).zip(&norms) {
        let scale = (max_grad_norm / (norm + 1e-6)).min(1.0);
        let (first, first_of_ones) = first.split_at_mut(parameters);
        let (second, second_of_ones) = second.split_at_mut(parameters);
        first_of_ones[0] = beta_1 * first_of_ones[0] + (1.0 - beta_1);
        second_of_ones[0] = beta_2 * second_of_ones[0] + (1.0 - beta_2);
        let (rate, root) = (learning_rate / first_of_ones[0], 1.0 / second_of_ones[0].sqrt());
        update(first, [gradient], |first, [gradient]| beta_1 * first + (1.0 - beta_1) * (gradient * scale));
        update(second, [gradient], |second, [gradient]| {
            let gradient = gradient * scale;
            beta_2 * second + (1.0 - beta_2) * (gradient * gradient)
        });
        update(weights, [first, second], |weight, [first, second]| {
            weight * keep - rate * first / (second.sqrt() * root + epsilon)
        });
    }
    norms
}
