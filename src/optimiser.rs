//! AdamW on stacked replicas, each with its own gradient norm.

use burn::tensor::{Tensor, TensorData};

use crate::error::Error;
use crate::kernels::{AdamWStep, adamw};
use crate::pretrain::read;

/// The optimiser of a `[replica, parameter]` tensor. AdamW works element by element, so one
/// step of the stack is one step of each replica.
#[derive(Clone)]
pub struct ReplicaAdamW {
    /// But for the step size and the time.
    numbers: AdamWStep,
    time: u32,
    /// `[2, replica, parameter]`: mean of the gradients, mean of their squares.
    moments: Option<Tensor<3>>,
}

impl ReplicaAdamW {
    /// With decoupled weight decay on every parameter, and gradients clipped to this norm.
    pub fn new(beta_1: f32, beta_2: f32, weight_decay: f32, clip: f32) -> Self {
        let numbers = AdamWStep { learning_rate: 0.0, beta_1, beta_2, epsilon: 1e-8, weight_decay, clip, time: 0 };
        ReplicaAdamW { numbers, time: 0, moments: None }
    }

    /// The new weights and the norms before clipping, `[replica]`.
    pub fn step(&mut self, weights: Tensor<2>, gradient: Tensor<2>, learning_rate: f32) -> (Tensor<2>, Tensor<1>) {
        let [replicas, parameters] = weights.dims();
        let zeros = || Tensor::zeros([2, replicas, parameters], &weights.device());
        let moments = self.moments.take().unwrap_or_else(zeros);
        self.time += 1;
        let step = AdamWStep { learning_rate, time: self.time, ..self.numbers };
        let (weights, moments, norms) = adamw(weights, gradient, moments, step);
        self.moments = Some(moments);
        (weights, norms)
    }

    /// First and second moments, `[replica × parameter]` each, empty before the first step.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn read_moments(&self) -> Result<[Vec<f32>; 2], Error> {
        let Some(moments) = &self.moments else {
            return Ok([vec![], vec![]]);
        };
        let mut first = read(moments.clone()).await?;
        let second = first.split_off(first.len() / 2);
        Ok([first, second])
    }

    /// Goes on after `time` steps, from these moments of weights like `weights`.
    ///
    /// # Panics
    /// If there are not as many of each as there are weights.
    pub fn restore(&mut self, time: u32, moments: [Vec<f32>; 2], weights: &Tensor<2>) {
        let [replicas, parameters] = weights.dims();
        let data = TensorData::new(moments.concat(), [2, replicas, parameters]);
        (self.time, self.moments) = (time, Some(Tensor::from_data(data, &weights.device())));
    }
}
