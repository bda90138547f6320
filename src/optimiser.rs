//! AdamW on stacked replicas, each with its own gradient norm.

use burn::optim::{AdamW, AdamWConfig, AdamWState, Optimizer};
use burn::tensor::Tensor;

use crate::error::Error;
use crate::pretrain::read;

/// The optimiser of a `[replica, parameter]` tensor. AdamW works element by element, so one
/// step of the stack is one step of each replica.
#[derive(Clone)]
pub struct ReplicaAdamW {
    adamw: AdamW,
    clip: f32,
    state: Option<AdamWState<2>>,
}

impl ReplicaAdamW {
    /// With decoupled weight decay on every parameter, and gradients clipped to this norm.
    pub fn new(beta_1: f32, beta_2: f32, weight_decay: f32, clip: f32) -> Self {
        let config = AdamWConfig::new().with_beta_1(beta_1).with_beta_2(beta_2);
        let adamw = config.with_epsilon(1e-8).with_weight_decay(weight_decay).build();
        ReplicaAdamW { adamw, clip, state: None }
    }

    /// The new weights and the norms before clipping, `[replica]`.
    pub fn step(&mut self, weights: Tensor<2>, gradient: Tensor<2>, learning_rate: f64) -> (Tensor<2>, Tensor<1>) {
        let norm = gradient.clone().square().sum_dim(1).sqrt();
        let scale = (norm.clone() + 1e-6).recip().mul_scalar(self.clip).clamp_max(1.0);
        let (weights, state) = self.adamw.step(learning_rate, weights, gradient * scale, self.state.take());
        self.state = state;
        (weights, norm.squeeze_dim(1))
    }

    /// First and second moments, `[replica × parameter]` each, empty before the first step.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn read_moments(&self) -> Result<[Vec<f32>; 2], Error> {
        match &self.state {
            Some(AdamWState { momentum }) => {
                Ok([read(momentum.moment_1.clone()).await?, read(momentum.moment_2.clone()).await?])
            }
            None => Ok([vec![], vec![]]),
        }
    }

    /// Goes on from these moments.
    pub fn restore(&mut self, time: usize, moment_1: Tensor<2>, moment_2: Tensor<2>) {
        let momentum = burn::optim::AdaptiveMomentumState::new(time, moment_1, moment_2);
        self.state = Some(AdamWState::new(momentum));
    }
}
