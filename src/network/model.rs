//! The policy: a pre-LayerNorm decoder in which every weight has a leading replica dimension.
//!
//! R models (arms × seeds) of the same shape run in the same launches, and R = 1 is the same code.
//! All weights of a replica lie in one row of a `[replica, parameter]` tensor, so that clipping,
//! the optimiser and checkpoints see one vector a replica; [`ModelConfig::tensors`] says where each
//! weight lies. Learned positions, tied embeddings, GELU in the tanh form, biases everywhere.
//! The computations are in [`crate::kernels`].
//!
//! Leaves out dropout and everything that needs more than about 20 tokens of context.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::facts::corpus::{END, Token};
use crate::kernels::{self, LossWeights, ModelConfig, Sampling};
use crate::network::sampler::Draws;

/// Weights of R replicas.
#[derive(Debug, Clone)]
pub struct Policy {
    config: ModelConfig,
    /// `[replica, parameter]`.
    weights: Tensor<2>,
}

/// A policy's outputs on given answers.
#[derive(Debug, Clone)]
pub struct ForwardPass {
    /// Log-probabilities of the next token at each position of an answer,
    /// `[replica, answer, time, vocabulary]`.
    pub log_probs: Tensor<4>,
    /// Residual streams at the position before an answer's last token, after the embedding and
    /// after each block: `[layer + 1, replica, answer, width]`.
    pub states: Tensor<4>,
}

impl Policy {
    /// From a `[replica, parameter]` tensor.
    ///
    /// # Panics
    /// If the number of parameters is not the configuration's.
    pub fn new(config: ModelConfig, weights: &Tensor<2>) -> Self {
        let [_, parameters] = weights.dims();
        assert_eq!(parameters, config.parameters(), "parameters of the weights and of the configuration");
        Policy { config, weights: weights.clone() }
    }

    /// Its shape.
    pub fn config(&self) -> ModelConfig {
        self.config
    }

    /// All weights, `[replica, parameter]`.
    pub fn weights(&self) -> &Tensor<2> {
        &self.weights
    }

    /// Replicas in the stack.
    pub fn replicas(&self) -> usize {
        self.weights.dims()[0]
    }

    /// Where its weights live.
    pub fn device(&self) -> Device {
        self.weights.device()
    }

    /// The forward pass of answers `[replica, answer, time]` to prompts `[replica, prompt, time]`. Consecutive
    /// answers belong to one prompt, whose keys and values they share. An answer's last token is predicted and
    /// not an input.
    pub fn forward(&self, prompts: Tensor<3, Int>, answers: Tensor<3, Int>) -> ForwardPass {
        let [replicas, count, time] = answers.dims();
        self.require_room(&prompts, time);
        let (log_probs, states) = kernels::forward(self.weights.clone(), prompts, answers, self.config);
        ForwardPass { log_probs: log_probs.reshape([replicas, count, time, self.config.vocabulary]), states }
    }

    /// Log-probabilities of the token that follows these `[replica, prompt, time]`:
    /// `[replica, prompt, vocabulary]`.
    pub fn next_log_probs(&self, prompts: Tensor<3, Int>) -> Tensor<3> {
        self.forward_next(prompts).log_probs.squeeze_dim(2)
    }

    /// The forward pass of the token that follows these `[replica, prompt, time]`, as of an answer of one token.
    pub fn forward_next(&self, prompts: Tensor<3, Int>) -> ForwardPass {
        // An answer's last token is not read.
        let anything = prompts.clone().slice_dim(2, 0..1);
        self.forward(prompts, anything)
    }

    /// Samples answers to prompts `[replica, prompt, time]`. The tokens `[replica, answer, time]`, and the
    /// log-probabilities at temperature 1, `[replica, answer, time, vocabulary]`. Behind an answer's end there is
    /// nothing but [`END`], so that answers that are the same are the same in all their slots.
    pub fn sample(&self, prompts: Tensor<3, Int>, draws: Draws, temperature: f32) -> (Tensor<3, Int>, Tensor<4>) {
        self.continued(prompts, draws, temperature, Some(END as i32))
    }

    /// As [`Policy::sample`], of texts with another end, or with none.
    pub fn continued(
        &self,
        prompts: Tensor<3, Int>,
        Draws { numbers, noise }: Draws,
        temperature: f32,
        end: Option<i32>,
    ) -> (Tensor<3, Int>, Tensor<4>) {
        let [replicas, count, length] = numbers.dims();
        let time = length / self.config.vocabulary;
        self.require_room(&prompts, time);
        let sampling = Sampling { temperature, end, noise };
        let (tokens, log_probs) = kernels::sample(self.weights.clone(), prompts, numbers, sampling, self.config);
        (tokens, log_probs.reshape([replicas, count, time, self.config.vocabulary]))
    }

    /// The loss of each replica `[replica]` ([`crate::network::plain::policy_loss`] has the formula) and its gradient with respect
    /// to all weights, `[replica, parameter]`. `advantages` and `mask` are
    /// `[replica, answer, time]`, the reference's log-probabilities as [`ForwardPass::log_probs`].
    pub fn gradient(
        &self,
        prompts: Tensor<3, Int>,
        answers: Tensor<3, Int>,
        advantages: Tensor<3>,
        mask: Tensor<3>,
        reference: Tensor<4>,
        loss: LossWeights,
    ) -> (Tensor<1>, Tensor<2>) {
        let [replicas, count, time] = answers.dims();
        self.require_room(&prompts, time);
        let reference = reference.reshape([replicas, count * time, self.config.vocabulary]);
        kernels::gradient(self.weights.clone(), [prompts, answers], [advantages, mask, reference], loss, self.config)
    }

    /// As [`Policy::gradient`] of `scale · Σ weight · cross-entropy` alone; `weights` are
    /// `[replica, answer, time]`.
    pub fn next_token_gradient(
        &self,
        prompts: Tensor<3, Int>,
        answers: Tensor<3, Int>,
        weights: Tensor<3>,
        scale: f32,
    ) -> (Tensor<1>, Tensor<2>) {
        self.require_room(&prompts, answers.dims()[2]);
        let loss = LossWeights { scale, temperature: 1.0, kl: 0.0 };
        // Without KL, mask and reference are not read.
        kernels::gradient(
            self.weights.clone(),
            [prompts, answers],
            [weights.clone(), weights.clone(), weights],
            loss,
            self.config,
        )
    }

    fn require_room(&self, prompts: &Tensor<3, Int>, time: usize) {
        let length = prompts.dims()[2] + time - 1;
        assert!(length <= self.config.context, "{length} tokens exceed the context {}", self.config.context);
    }
}

/// Token batches, `[replica][batch][time]` with equal lengths, on a device.
pub fn upload_tokens(tokens: &[Vec<Vec<Token>>], device: &Device) -> Tensor<3, Int> {
    let shape = [tokens.len(), tokens[0].len(), tokens[0][0].len()];
    let data: Vec<i32> = tokens.iter().flatten().flatten().map(|token| *token as i32).collect();
    assert_eq!(data.len(), shape.iter().product::<usize>(), "tokens in a batch of shape {shape:?}");
    Tensor::from_data(TensorData::new(data, shape), device)
}
