//! The decoder in plain burn operations: no cache, no sharing, and the residual stream in between
//! for whoever wants to change it. Slow; what the kernels are held to, with burn's own
//! differentiation, and what interventions are made with.

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::module::layer_norm;
use burn::tensor::{Int, Tensor, TensorData};

use crate::kernels::ModelConfig;
use crate::kernels::NORM_EPSILON;

/// A stack of decoders.
#[derive(Debug, Clone)]
pub struct Decoder {
    config: ModelConfig,
    /// In the order of [`ModelConfig::tensors`], `[replica, rows, columns]` each.
    weights: Vec<Tensor<3>>,
}

impl Decoder {
    /// From a `[replica, parameter]` tensor.
    pub fn new(config: ModelConfig, flat: &Tensor<2>) -> Self {
        let replicas = flat.dims()[0];
        let cut = config.tensors().into_iter().map(|spec| {
            let end = spec.offset + spec.rows * spec.columns;
            flat.clone().slice_dim(1, spec.offset..end).reshape([replicas, spec.rows, spec.columns])
        });
        Decoder { config, weights: cut.collect() }
    }

    /// Tokens and positions in the residual stream: `[replica, batch, time, width]` of tokens
    /// `[replica, batch, time]`.
    pub fn embed(&self, tokens: Tensor<3, Int>) -> Tensor<4> {
        let [replicas, batch, time] = tokens.dims();
        let width = self.config.width;
        let own = (0..replicas).map(|replica| {
            let table = self.weights[0].clone().slice_dim(0, replica..replica + 1).squeeze_dim::<2>(0);
            let own = tokens.clone().slice_dim(0, replica..replica + 1).reshape([batch * time]);
            table.select(0, own).reshape([1, batch, time, width])
        });
        let positions = self.weights[1].clone().slice_dim(1, 0..time).unsqueeze_dim(1);
        Tensor::cat(own.collect(), 0) + positions
    }

    /// The residual stream after a block, of the same before it: `[replica, batch, time, width]`.
    pub fn block(&self, layer: usize, x: Tensor<4>) -> Tensor<4> {
        let [replicas, batch, time, width] = x.dims();
        let ModelConfig { heads, .. } = self.config;
        let (first, rows, d_head) = (self.config.block(layer), batch * time, self.config.d_head());
        let mask: Vec<f32> = (0..time * time).map(|at| if at % time > at / time { -1e9 } else { 0.0 }).collect();
        let mask = Tensor::<4>::from_data(TensorData::new(mask, [1, 1, time, time]), &x.device());

        let x = x.reshape([replicas, rows, width]);
        let qkv = self.linear(self.norm(x.clone(), first), first + 2);
        let [q, k, v] = [0, 1, 2].map(|part| {
            let part = qkv.clone().slice_dim(2, part * width..(part + 1) * width);
            part.reshape([replicas * batch, time, heads, d_head]).swap_dims(1, 2)
        });
        let scores = q.matmul(k.swap_dims(2, 3)) / (d_head as f32).sqrt() + mask;
        let mixed = softmax(scores, 3).matmul(v).swap_dims(1, 2).reshape([replicas, rows, width]);
        let x = x + self.linear(mixed, first + 4);
        let hidden = tanh_gelu(self.linear(self.norm(x.clone(), first + 6), first + 8));
        (x + self.linear(hidden, first + 10)).reshape([replicas, batch, time, width])
    }

    /// Log-probabilities of the next tokens `[replica, batch, time, vocabulary]`, of the residual
    /// stream after the last block, `[replica, batch, time, width]`.
    pub fn log_probs(&self, x: Tensor<4>) -> Tensor<4> {
        let [replicas, batch, time, width] = x.dims();
        let last = self.config.block(self.config.layers);
        let head =
            if self.config.tied { self.weights[0].clone().swap_dims(1, 2) } else { self.weights[last + 2].clone() };
        let logits = self.norm(x.reshape([replicas, batch * time, width]), last).matmul(head);
        log_softmax(logits, 2).reshape([replicas, batch, time, self.config.vocabulary])
    }

    fn linear(&self, x: Tensor<3>, at: usize) -> Tensor<3> {
        x.matmul(self.weights[at].clone()) + self.weights[at + 1].clone()
    }

    fn norm(&self, x: Tensor<3>, at: usize) -> Tensor<3> {
        let ones = Tensor::ones([self.config.width], &x.device());
        let normalised = layer_norm(x, ones, None, f64::from(NORM_EPSILON));
        normalised * self.weights[at].clone() + self.weights[at + 1].clone()
    }
}

fn tanh_gelu(x: Tensor<3>) -> Tensor<3> {
    let cube = x.clone() * x.clone() * x.clone();
    let inner = (x.clone() + cube * 0.044715) * (2.0 / std::f32::consts::PI).sqrt();
    x * (inner.tanh() + 1.0) * 0.5
}
