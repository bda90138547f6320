//! Pre-training: next-token prediction on the corpus, all seeds stacked.
//!
//! Leaves out any validation set: the corpus is generated, and the question is whether the model
//! knows its facts and can verify claims, which `eval::measure` says.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::facts::corpus::{Corpus, PAD, Token};
use crate::facts::error::{CheckpointFault, Error};
use crate::facts::random::{Purpose, stream};
use crate::facts::world::World;
use crate::kernels::ModelConfig;
use crate::network::device::to_host;
use crate::network::model::{Policy, upload_tokens};
use crate::network::optimiser::ReplicaAdamW;

/// The settings of pre-training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PretrainConfig {
    /// Optimiser steps.
    pub steps: u32,
    /// Sequences a step.
    pub batch: usize,
    /// Peak of the learning rate, after [`PretrainConfig::warm_up`].
    pub learning_rate: f64,
    /// Steps of linear warm-up.
    pub warm_up: u32,
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// Largest norm of a replica's gradient; a longer one is scaled down to it.
    #[serde(rename = "clip")]
    pub max_grad_norm: f32,
}

impl Default for PretrainConfig {
    fn default() -> Self {
        PretrainConfig {
            steps: 5000,
            batch: 96,
            learning_rate: 2e-3,
            warm_up: 50,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
        }
    }
}

impl PretrainConfig {
    /// Linear warm-up, then a cosine to 5 % of the peak.
    fn learning_rate_at(&self, step: u32) -> f64 {
        let warm_up = f64::from(step + 1) / f64::from(self.warm_up.max(1));
        let progress = f64::from(step) / f64::from(self.steps);
        let cosine = 0.05 + 0.95 * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
        self.learning_rate * warm_up.min(1.0) * cosine
    }
}

/// A pre-training run of several seeds at once.
pub struct Pretrain {
    config: PretrainConfig,
    model: ModelConfig,
    seeds: Vec<u64>,
    corpora: Vec<Corpus>,
    weights: Tensor<2>,
    optimiser: ReplicaAdamW,
    losses: Option<Tensor<1>>,
    step: u32,
}

/// The state of a run: with it, a killed run goes on as if it had not been killed, to the bit on the same device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PretrainState {
    /// The settings.
    pub config: PretrainConfig,
    /// The shape of the models.
    pub model: ModelConfig,
    /// The seed of each replica.
    pub seeds: Vec<u64>,
    /// The world file that each seed learns.
    pub worlds: Vec<String>,
    /// Steps done.
    pub step: u32,
    /// `[replica × parameter]`.
    pub weights: Vec<f32>,
    /// AdamW's moments, empty before the first step.
    pub moments: Vec<f32>,
}

impl Pretrain {
    /// Initial weights for every seed. The corpora are those of the seeds, in order, and share
    /// one vocabulary and layout.
    pub fn new(
        config: PretrainConfig,
        model: ModelConfig,
        seeds: Vec<u64>,
        corpora: Vec<Corpus>,
        device: &Device,
    ) -> Self {
        let weights: Vec<f32> = seeds.iter().flat_map(|seed| model.init(*seed)).collect();
        let weights = Tensor::from_data(TensorData::new(weights, [seeds.len(), model.parameters()]), device);
        let optimiser = ReplicaAdamW::new(0.9, 0.99, config.weight_decay, config.max_grad_norm);
        Pretrain { config, model, seeds, corpora, weights, optimiser, losses: None, step: 0 }
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if no model has its shape, or if its weights or moments are not as many as its model
    /// has; [`Error::World`] if a world cannot be read.
    pub fn restore(state: PretrainState, device: &Device) -> Result<Self, Error> {
        let PretrainState { config, model, seeds, worlds, step, weights, moments } = state;
        model.validate().map_err(|shape| CheckpointFault::ImpossibleShape(shape.to_string()))?;
        let shape = [seeds.len(), model.parameters()];
        if weights.len() != shape[0] * shape[1] {
            return Err(CheckpointFault::OtherModels.into());
        }
        let corpora = worlds.iter().map(|world| Ok(Corpus::new(World::from_json(world)?)));
        let corpora = corpora.collect::<Result<_, Error>>()?;
        let mut run = Pretrain::new(config, model, seeds, corpora, device);
        run.weights = Tensor::from_data(TensorData::new(weights, shape), device);
        run.optimiser.restore(moments, &run.weights)?;
        run.step = step;
        Ok(run)
    }

    /// Steps done.
    pub fn steps_done(&self) -> u32 {
        self.step
    }

    /// Are all configured steps done?
    pub fn is_finished(&self) -> bool {
        self.step >= self.config.steps
    }

    /// One step of every replica. Nothing is read back.
    pub fn step(&mut self) {
        let rows: Vec<Vec<Vec<Token>>> = self
            .seeds
            .iter()
            .zip(&self.corpora)
            .map(|(seed, corpus)| {
                let mut rng = stream(*seed, u64::from(self.step), Purpose::Corpus);
                (0..self.config.batch).map(|_| corpus.sentence(&mut rng)).collect()
            })
            .collect();
        let (losses, gradient) = next_token_gradient(&self.policy(), &rows);
        let learning_rate = self.config.learning_rate_at(self.step) as f32;
        (self.weights, _) = self.optimiser.step(self.weights.clone(), gradient, learning_rate);
        self.losses = Some(losses);
        self.step += 1;
    }

    /// The losses of the last step in nats a token, one for each replica; reads the device.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn losses(&self) -> Result<Vec<f32>, Error> {
        match &self.losses {
            Some(losses) => to_host(losses.clone()).await,
            None => Ok(vec![]),
        }
    }

    /// The models as they are.
    pub fn policy(&self) -> Policy {
        Policy::new(self.model, &self.weights)
    }

    /// The state to save; reads the device.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn state(&self) -> Result<PretrainState, Error> {
        let moments = self.optimiser.read_moments().await?;
        let weights = to_host(self.weights.clone()).await?;
        Ok(PretrainState {
            config: self.config,
            model: self.model,
            seeds: self.seeds.clone(),
            worlds: self.corpora.iter().map(|corpus| corpus.world().to_json()).collect(),
            step: self.step,
            weights,
            moments,
        })
    }
}

/// Mean cross-entropy of every replica in nats over the tokens that are not padding, `[replica]`,
/// and its gradient `[replica, parameter]`: the policy's loss with an advantage of 1 / tokens each.
pub fn next_token_gradient(policy: &Policy, rows: &[Vec<Vec<Token>>]) -> (Tensor<1>, Tensor<2>) {
    let (replicas, batch, context) = (rows.len(), rows[0].len(), rows[0][0].len());
    let weights: Vec<f32> = rows
        .iter()
        .flat_map(|rows| {
            let targets = || rows.iter().flat_map(|row| &row[1..]);
            let count = targets().filter(|token| **token != PAD).count() as f32;
            targets().map(move |token| if *token == PAD { 0.0 } else { 1.0 / count }).collect::<Vec<_>>()
        })
        .collect();
    let weights = TensorData::new(weights, [replicas, batch, context - 1]);
    let tokens = upload_tokens(rows, &policy.device());
    let (first, rest) = (tokens.clone().slice_dim(2, 0..1), tokens.slice_dim(2, 1..context));
    policy.next_token_gradient(first, rest, Tensor::from_data(weights, &policy.device()), 1.0)
}
