//! The decoder and the loss of a policy in plain burn operations: no cache, no sharing, and the residual
//! stream in between, so that it can be changed.
//!
//! Slow. Its uses are interventions in the residual stream, and the tests of the kernels: with burn's
//! automatic differentiation it is the oracle for their outputs, losses and gradients. Leaves out sampling.

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::module::layer_norm;
use burn::tensor::{Int, Tensor, TensorData};

use crate::kernels::config::{DecoderWeights, LinearWeights, NormWeights};
use crate::kernels::{LossWeights, ModelConfig, NORM_EPSILON};

/// The loss that [`crate::kernels::DecoderOps::decoder_gradient`] differentiates, for each replica:
/// `scale · Σ (−advantage · log π_T(token) + kl · mask · KL(π ‖ reference))`, `[replica]`.
///
/// π_T is the policy at the temperature T of `weights`. Log-probabilities of policy and reference are at
/// temperature 1, `[replica, answer, time, vocabulary]`; the rest is `[replica, answer, time]`.
pub fn policy_loss(
    policy: Tensor<4>,
    reference: Tensor<4>,
    answers: Tensor<3, Int>,
    advantages: Tensor<3>,
    mask: Tensor<3>,
    LossWeights { scale, temperature, kl }: LossWeights,
) -> Tensor<1> {
    let tempered = log_softmax(policy.clone() / temperature, 3);
    let log_prob = tempered.gather(3, answers.unsqueeze_dim(3)).squeeze_dim::<3>(3);
    let divergence = (policy.clone().exp() * (policy - reference)).sum_dim(3).squeeze_dim::<3>(3);
    let terms = divergence * mask * kl - advantages * log_prob;
    terms.sum_dim(2).sum_dim(1).reshape([-1]) * scale
}

/// A stack of decoders.
#[derive(Debug, Clone)]
pub struct Decoder {
    config: ModelConfig,
    /// `[replica, rows, columns]` each.
    weights: DecoderWeights<Tensor<3>>,
}

impl Decoder {
    /// From a `[replica, parameter]` tensor.
    pub fn new(config: ModelConfig, flat: &Tensor<2>) -> Self {
        let replicas = flat.dims()[0];
        let weights = config
            .weights()
            .map(|spec| flat.clone().slice_dim(1, spec.range()).reshape([replicas, spec.rows, spec.columns]));
        Decoder { config, weights }
    }

    /// Log-probabilities of all next tokens `[replica, batch, time, vocabulary]`, and residual streams
    /// `[replica, batch, time, width]` after the embedding and after each block, of tokens
    /// `[replica, batch, time]`.
    pub fn forward(&self, tokens: Tensor<3, Int>) -> (Tensor<4>, Vec<Tensor<4>>) {
        let mut states = vec![self.embed(tokens)];
        for layer in 0..self.config.layers {
            states.push(self.block(layer, states[layer].clone()));
        }
        (self.log_probs(states[self.config.layers].clone()), states)
    }

    /// As [`crate::kernels::DecoderOps::decoder_forward`]: log-probabilities of the tokens of answers
    /// `[replica, answer, time]` to prompts `[replica, prompt, time]`, `[replica, answer, time, vocabulary]`,
    /// and residual streams at each answer's last row, `[replica, answer, width]`.
    pub fn forward_answers(&self, prompts: Tensor<3, Int>, answers: Tensor<3, Int>) -> (Tensor<4>, Vec<Tensor<3>>) {
        let ([replicas, count, length], [_, answer_count, time]) = (prompts.dims(), answers.dims());
        let completions = answer_count / count;
        let prompts = prompts.reshape([replicas, count, 1, length]).repeat_dim(2, completions);
        let prompts = prompts.reshape([replicas, answer_count, length]);
        let end = length + time - 1;
        let (log_probs, states) = self.forward(Tensor::cat(vec![prompts, answers], 2).slice_dim(2, 0..end));
        let states = states.into_iter().map(|state| state.slice_dim(2, end - 1..end).squeeze_dim(2));
        (log_probs.slice_dim(2, length - 1..end), states.collect())
    }

    /// Tokens and positions in the residual stream: `[replica, batch, time, width]` of tokens
    /// `[replica, batch, time]`.
    pub fn embed(&self, tokens: Tensor<3, Int>) -> Tensor<4> {
        let [replicas, batch, time] = tokens.dims();
        let width = self.config.width;
        let embedded = (0..replicas).map(|replica| {
            let table = self.weights.embedding.clone().slice_dim(0, replica..replica + 1).squeeze_dim::<2>(0);
            let tokens = tokens.clone().slice_dim(0, replica..replica + 1).reshape([batch * time]);
            table.select(0, tokens).reshape([1, batch, time, width])
        });
        let positions = self.weights.position.clone().slice_dim(1, 0..time).unsqueeze_dim(1);
        Tensor::cat(embedded.collect(), 0) + positions
    }

    /// The residual stream after a block, of the same before it: `[replica, batch, time, width]`.
    pub fn block(&self, layer: usize, x: Tensor<4>) -> Tensor<4> {
        let [replicas, batch, time, width] = x.dims();
        let ModelConfig { heads, .. } = self.config;
        let (weights, rows, d_head) = (&self.weights.blocks[layer], batch * time, self.config.d_head());
        let mask: Vec<f32> =
            (0..time * time).map(|index| if index % time > index / time { -1e9 } else { 0.0 }).collect();
        let mask = Tensor::<4>::from_data(TensorData::new(mask, [1, 1, time, time]), &x.device());

        let x = x.reshape([replicas, rows, width]);
        let qkv = linear(norm(x.clone(), &weights.attention_norm), &weights.qkv);
        let [q, k, v] = [0, 1, 2].map(|index| {
            let columns = qkv.clone().slice_dim(2, index * width..(index + 1) * width);
            columns.reshape([replicas * batch, time, heads, d_head]).swap_dims(1, 2)
        });
        let scores = q.matmul(k.swap_dims(2, 3)) / (d_head as f32).sqrt() + mask;
        let mixed = softmax(scores, 3).matmul(v).swap_dims(1, 2).reshape([replicas, rows, width]);
        let x = x + linear(mixed, &weights.attention_out);
        let hidden = tanh_gelu(linear(norm(x.clone(), &weights.mlp_norm), &weights.mlp_in));
        (x + linear(hidden, &weights.mlp_out)).reshape([replicas, batch, time, width])
    }

    /// Log-probabilities of the next tokens `[replica, batch, time, vocabulary]`, of the residual
    /// stream after the last block, `[replica, batch, time, width]`.
    pub fn log_probs(&self, x: Tensor<4>) -> Tensor<4> {
        let [replicas, batch, time, width] = x.dims();
        let head = match &self.weights.head {
            Some(head) => head.clone(),
            None => self.weights.embedding.clone().swap_dims(1, 2),
        };
        let logits = norm(x.reshape([replicas, batch * time, width]), &self.weights.final_norm).matmul(head);
        log_softmax(logits, 2).reshape([replicas, batch, time, self.config.vocabulary])
    }
}

fn linear(x: Tensor<3>, weights: &LinearWeights<Tensor<3>>) -> Tensor<3> {
    x.matmul(weights.weight.clone()) + weights.bias.clone()
}

fn norm(x: Tensor<3>, weights: &NormWeights<Tensor<3>>) -> Tensor<3> {
    let ones = Tensor::ones([x.dims()[2]], &x.device());
    let normalised = layer_norm(x, ones, None, f64::from(NORM_EPSILON));
    normalised * weights.scale.clone() + weights.shift.clone()
}

fn tanh_gelu(x: Tensor<3>) -> Tensor<3> {
    let cube = x.clone() * x.clone() * x.clone();
    let inner = (x.clone() + cube * 0.044715) * (2.0 / std::f32::consts::PI).sqrt();
    x * (inner.tanh() + 1.0) * 0.5
}
