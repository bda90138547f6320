//! The policy: a pre-LayerNorm decoder in which every weight has a leading replica dimension.
//!
//! R models (arms × seeds) of the same shape run in the same launches; R = 1 is the same code.
//! All weights of a replica lie in one row of a `[replica, parameter]` tensor, so that clipping,
//! the optimiser and checkpoints see one vector a replica; [`ModelConfig::tensors`] says what
//! lies where. Learned positions, tied embeddings, GELU in the tanh form, biases everywhere.
//! What is computed with them is in [`crate::kernels`].
//!
//! Leaves out dropout and everything that needs more than about 20 tokens of context.

use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use crate::corpus::{Corpus, Token};
use crate::kernels::{self, LossWeights};
use crate::random::{Purpose, stream};

const INIT_DEVIATION: f32 = 0.09;

/// The shape of one replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// Tokens of the vocabulary.
    pub vocabulary: usize,
    /// Longest sequence.
    pub context: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Attention heads; they divide the width.
    pub heads: usize,
    /// Blocks.
    pub layers: usize,
    /// Is the output head the embedding, or a matrix of its own?
    #[serde(default = "yes")]
    pub tied: bool,
}

fn yes() -> bool {
    true
}

/// Where a weight lies in a replica's parameter vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorSpec {
    /// As in the exported files.
    pub name: String,
    /// 1 for a vector.
    pub rows: usize,
    /// Outputs.
    pub columns: usize,
    /// First parameter.
    pub offset: usize,
    /// How it starts.
    init: Init,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Init {
    Zeros,
    Ones,
    Normal,
    /// A projection into the residual stream, scaled down by the number of them (GPT-2).
    Residual,
}

/// Weights of one block.
const BLOCK: usize = 12;

impl ModelConfig {
    /// The model of the lab for this corpus: 3 layers of width 64, 159 k parameters. Two layers
    /// learn the facts and never learn to verify a claim.
    pub fn for_corpus(corpus: &Corpus) -> Self {
        let (vocabulary, context) = (corpus.vocabulary.len(), corpus.layout.context());
        ModelConfig { vocabulary, context, width: 64, heads: 4, layers: 3, tied: true }
    }

    /// All weights in order.
    pub fn tensors(&self) -> Vec<TensorSpec> {
        let d = self.width;
        let mut shapes = vec![
            ("embedding".to_owned(), self.vocabulary, d, Init::Normal),
            ("position".to_owned(), self.context, d, Init::Normal),
        ];
        for layer in 0..self.layers {
            let block: [(&str, usize, usize, Init); BLOCK] = [
                ("attention_norm.scale", 1, d, Init::Ones),
                ("attention_norm.shift", 1, d, Init::Zeros),
                ("attention.qkv.weight", d, 3 * d, Init::Normal),
                ("attention.qkv.bias", 1, 3 * d, Init::Zeros),
                ("attention.out.weight", d, d, Init::Residual),
                ("attention.out.bias", 1, d, Init::Zeros),
                ("mlp_norm.scale", 1, d, Init::Ones),
                ("mlp_norm.shift", 1, d, Init::Zeros),
                ("mlp.in.weight", d, 4 * d, Init::Normal),
                ("mlp.in.bias", 1, 4 * d, Init::Zeros),
                ("mlp.out.weight", 4 * d, d, Init::Residual),
                ("mlp.out.bias", 1, d, Init::Zeros),
            ];
            shapes.extend(
                block.map(|(name, rows, columns, init)| (format!("blocks.{layer}.{name}"), rows, columns, init)),
            );
        }
        shapes.push(("final_norm.scale".to_owned(), 1, d, Init::Ones));
        shapes.push(("final_norm.shift".to_owned(), 1, d, Init::Zeros));
        if !self.tied {
            shapes.push(("head".to_owned(), d, self.vocabulary, Init::Normal));
        }
        let mut offset = 0;
        shapes
            .into_iter()
            .map(|(name, rows, columns, init)| {
                let spec = TensorSpec { name, rows, columns, offset, init };
                offset += rows * columns;
                spec
            })
            .collect()
    }

    /// Width of an attention head.
    pub fn d_head(&self) -> usize {
        self.width / self.heads
    }

    /// Place in [`ModelConfig::tensors`] of a block's first weight; of the final norm's scale
    /// after the last block.
    pub(crate) fn block(&self, layer: usize) -> usize {
        2 + layer * BLOCK
    }

    /// Parameters of one replica.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|tensor| tensor.rows * tensor.columns).sum()
    }

    /// Initial weights of one replica: normal with deviation 0.09, residual projections divided
    /// by the square root of their number.
    pub fn init(&self, seed: u64) -> Vec<f32> {
        let mut rng = stream(seed, 0, Purpose::Initialisation);
        let residual = INIT_DEVIATION / (2.0 * self.layers as f32).sqrt();
        let mut weights = Vec::with_capacity(self.parameters());
        for tensor in self.tensors() {
            let mut draw = |deviation: f32| deviation * rng.sample::<f32, _>(StandardNormal);
            weights.extend((0..tensor.rows * tensor.columns).map(|_| match tensor.init {
                Init::Zeros => 0.0,
                Init::Ones => 1.0,
                Init::Normal => draw(INIT_DEVIATION),
                Init::Residual => draw(residual),
            }));
        }
        weights
    }
}

/// Weights of R replicas.
#[derive(Debug, Clone)]
pub struct Policy {
    config: ModelConfig,
    /// `[replica, parameter]`.
    weights: Tensor<2>,
}

/// What a policy makes of given answers.
#[derive(Debug, Clone)]
pub struct Reading {
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

    /// Reads answers `[replica, answer, time]` to prompts `[replica, prompt, time]`. Consecutive
    /// answers belong to one prompt, which is read once for all of them. An answer's last token
    /// is not read.
    pub fn read(&self, prompts: Tensor<3, Int>, answers: Tensor<3, Int>) -> Reading {
        let [replicas, count, time] = answers.dims();
        self.require_room(&prompts, time);
        let (log_probs, states) = kernels::forward(self.weights.clone(), prompts, answers, self.config);
        Reading { log_probs: log_probs.reshape([replicas, count, time, self.config.vocabulary]), states }
    }

    /// Log-probabilities of what follows the last of these tokens `[replica, prompt, time]`:
    /// `[replica, prompt, vocabulary]`.
    pub fn next_log_probs(&self, prompts: Tensor<3, Int>) -> Tensor<3> {
        let anything = prompts.clone().slice_dim(2, 0..1);
        self.read(prompts, anything).log_probs.squeeze_dim(2)
    }

    /// Samples answers to prompts `[replica, prompt, time]`; `noise` is
    /// `[replica, answer, time × vocabulary]`. The tokens `[replica, answer, time]`, and the
    /// log-probabilities at temperature 1, `[replica, answer, time, vocabulary]`.
    pub fn sample(&self, prompts: Tensor<3, Int>, noise: Tensor<3>, temperature: f32) -> (Tensor<3, Int>, Tensor<4>) {
        let [replicas, count, numbers] = noise.dims();
        let time = numbers / self.config.vocabulary;
        self.require_room(&prompts, time);
        let (tokens, log_probs) = kernels::sample(self.weights.clone(), prompts, noise, temperature, self.config);
        (tokens, log_probs.reshape([replicas, count, time, self.config.vocabulary]))
    }

    /// The loss of each replica `[replica]` (see [`LossWeights`]) and its gradient with respect
    /// to all weights, `[replica, parameter]`. `advantages` and `mask` are
    /// `[replica, answer, time]`, the reference's log-probabilities as [`Reading::log_probs`].
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
