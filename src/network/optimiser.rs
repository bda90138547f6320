//! AdamW on stacked replicas, each with its own gradient norm.

use burn::tensor::{Tensor, TensorData};

use crate::facts::error::{CheckpointFault, Error};
use crate::kernels::{AdamWStep, adamw, no_moments};
use crate::network::device::to_host;

/// The optimiser of a `[replica, parameter]` tensor. AdamW works element by element, so one
/// step of the stack is one step of each replica.
#[derive(Clone)]
pub struct ReplicaAdamW {
    /// The settings; the step size is given at each step.
    settings: AdamWStep,
    /// `[2, replica, parameter + 1]`, [`no_moments`].
    moments: Option<Tensor<3>>,
}

impl ReplicaAdamW {
    /// No moments yet. Weight decay is decoupled and on every parameter; the gradient of a replica is clipped to
    /// `max_grad_norm`.
    pub fn new(beta_1: f32, beta_2: f32, weight_decay: f32, max_grad_norm: f32) -> Self {
        let settings = AdamWStep { learning_rate: 0.0, beta_1, beta_2, epsilon: 1e-8, weight_decay, max_grad_norm };
        ReplicaAdamW { settings, moments: None }
    }

    /// The new weights and the norms before clipping, `[replica]`.
    pub fn step(&mut self, weights: Tensor<2>, gradient: Tensor<2>, learning_rate: f32) -> (Tensor<2>, Tensor<1>) {
        let moments = self.moments.take().unwrap_or_else(|| no_moments(&weights));
        let step = AdamWStep { learning_rate, ..self.settings };
        let (weights, moments, norms) = adamw(weights, gradient, moments, step);
        self.moments = Some(moments);
        (weights, norms)
    }

    /// The moments, empty before the first step.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn read_moments(&self) -> Result<Vec<f32>, Error> {
        match &self.moments {
            Some(moments) => to_host(moments.clone()).await,
            None => Ok(vec![]),
        }
    }

    /// Goes on from the moments that [`ReplicaAdamW::read_moments`] gave for weights like these.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if there are not as many as such weights have.
    pub fn restore(&mut self, moments: Vec<f32>, weights: &Tensor<2>) -> Result<(), Error> {
        let initial = no_moments(weights);
        self.moments = match moments.len() {
            0 => None,
            length if length == initial.shape().num_elements() => {
                Some(Tensor::from_data(TensorData::new(moments, initial.dims()), &weights.device()))
            }
            _ => return Err(CheckpointFault::OtherModels.into()),
        };
        Ok(())
    }
}
