//! The policy: a pre-LayerNorm decoder in which every weight has a leading replica dimension.
//!
//! R models (arms × seeds) of the same shape run in the same launches; R = 1 is the same code.
//! All weights of a replica lie in one row of a `[replica, parameter]` tensor, so that clipping,
//! the optimiser and checkpoints see one vector a replica; [`ModelConfig::tensors`] says what
//! lies where. Learned positions, tied embeddings, GELU, biases everywhere.
//!
//! Leaves out dropout and everything that needs more than about 20 tokens of context.

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::module::layer_norm;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use crate::corpus::{Corpus, Token};
use crate::random::{Purpose, stream};

const NORM_EPSILON: f64 = 1e-5;
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

/// Weights of one block, as positions in [`ModelConfig::tensors`].
const BLOCK: usize = 12;

impl ModelConfig {
    /// The model of the lab for this corpus: 3 layers of width 64, 159 k parameters. Two layers
    /// learn the facts and never learn to verify a claim.
    pub fn for_corpus(corpus: &Corpus) -> Self {
        let (vocabulary, context) = (corpus.vocabulary.len(), corpus.layout.context());
        ModelConfig { vocabulary, context, width: 64, heads: 4, layers: 3 }
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

/// Weights of R replicas, ready to compute with.
#[derive(Debug, Clone)]
pub struct Policy {
    config: ModelConfig,
    replicas: usize,
    /// `[replica, rows, columns]` each, in the order of [`ModelConfig::tensors`].
    weights: Vec<Tensor<3>>,
}

/// Keys and values of the tokens read so far, for the tokens that come after them.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    /// Of each block: `[replica × batch, head, time, d_head]`.
    layers: Vec<(Tensor<4>, Tensor<4>)>,
}

impl Cache {
    /// Tokens read.
    pub fn len(&self) -> usize {
        self.layers.first().map_or(0, |(keys, _)| keys.dims()[2])
    }

    /// Nothing read yet?
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Every sequence `times` times in a row, so that several completions share what was
    /// computed for their prompt.
    pub fn repeat(&self, times: usize) -> Cache {
        let repeat = |tensor: &Tensor<4>| repeat_rows(tensor.clone(), times);
        Cache { layers: self.layers.iter().map(|(keys, values)| (repeat(keys), repeat(values))).collect() }
    }
}

impl Policy {
    /// Cuts the `[replica, parameter]` tensor into weights.
    ///
    /// # Panics
    /// If the number of parameters is not the configuration's.
    pub fn new(config: ModelConfig, flat: &Tensor<2>) -> Self {
        let [replicas, parameters] = flat.dims();
        assert_eq!(parameters, config.parameters(), "parameters of the weights and of the configuration");
        let cut = |spec: TensorSpec| {
            let end = spec.offset + spec.rows * spec.columns;
            flat.clone().slice_dim(1, spec.offset..end).reshape([replicas, spec.rows, spec.columns])
        };
        Policy { config, replicas, weights: config.tensors().into_iter().map(cut).collect() }
    }

    /// The same weights as leaves of a new gradient graph.
    pub fn tracked(&self) -> Self {
        let leaf = |weight: &Tensor<3>| weight.clone().autodiff().require_grad();
        Policy { weights: self.weights.iter().map(leaf).collect(), ..*self }
    }

    /// The gradient of a loss with respect to all weights, `[replica, parameter]`.
    ///
    /// # Panics
    /// If the loss does not depend on every weight of this policy.
    pub fn gradient(&self, loss: &Tensor<1>) -> Tensor<2> {
        let mut gradients = loss.backward();
        let flat = self.weights.iter().map(|weight| {
            let [replicas, rows, columns] = weight.dims();
            let gradient = weight.grad_remove(&mut gradients).expect("a loss that depends on every weight");
            gradient.reshape([replicas, rows * columns])
        });
        Tensor::cat(flat.collect(), 1)
    }

    /// Its shape.
    pub fn config(&self) -> ModelConfig {
        self.config
    }

    /// Replicas in the stack.
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    /// Where its weights live, without gradients.
    pub fn device(&self) -> Device {
        self.weights[0].device().without_autodiff()
    }

    /// Reads tokens `[replica, batch, time]` that follow those in the cache, and adds them to it.
    ///
    /// Returns the residual stream `[replica, batch × time, width]` after the embedding and
    /// after each block.
    pub fn residuals(&self, tokens: Tensor<3, Int>, cache: &mut Cache) -> Vec<Tensor<3>> {
        let [replicas, batch, time] = tokens.dims();
        assert_eq!(replicas, self.replicas, "replicas of the tokens and of the policy");
        let start = cache.len();
        assert!(
            start + time <= self.config.context,
            "{} tokens exceed the context {}",
            start + time,
            self.config.context
        );
        let mask = (time > 1).then(|| causal_mask(start, time, &self.weights[0].device()));

        let mut residual = self.embed(tokens, start);
        let mut residuals = Vec::with_capacity(self.config.layers + 1);
        for layer in 0..self.config.layers {
            residuals.push(residual.clone());
            let weights = &self.weights[2 + layer * BLOCK..2 + (layer + 1) * BLOCK];
            residual = residual.clone() + self.attention(residual, weights, batch, layer, mask.as_ref(), cache);
            residual = residual.clone() + mlp(residual, weights);
        }
        residuals.push(residual);
        residuals
    }

    /// Logits over the vocabulary, `[replica, row, vocabulary]`, of final residual streams
    /// `[replica, row, width]`.
    pub fn logits(&self, residual: Tensor<3>) -> Tensor<3> {
        let last = self.weights.len();
        let normed = norm(residual, &self.weights[last - 2], &self.weights[last - 1]);
        normed.matmul(self.weights[0].clone().swap_dims(1, 2))
    }

    /// Log-probabilities of what follows the last of these tokens, `[replica, batch, vocabulary]`.
    pub fn next_log_probs(&self, tokens: Tensor<3, Int>, cache: &mut Cache) -> Tensor<3> {
        let [_, batch, time] = tokens.dims();
        let residual = self.residuals(tokens, cache).pop().expect("a residual stream");
        log_softmax(self.logits(last_position(residual, batch, time)), 2)
    }

    /// `[replica, batch × time, width]`.
    fn embed(&self, tokens: Tensor<3, Int>, start: usize) -> Tensor<3> {
        let [replicas, batch, time] = tokens.dims();
        let ModelConfig { vocabulary, width, .. } = self.config;
        let table = self.weights[0].clone().reshape([replicas * vocabulary, width]);
        let rows = if replicas == 1 {
            tokens.reshape([batch * time])
        } else {
            let offsets = Tensor::<1, Int>::arange(0..replicas as i64, &tokens.device()) * vocabulary as i64;
            (tokens + offsets.reshape([replicas, 1, 1])).reshape([replicas * batch * time])
        };
        let words = table.select(0, rows).reshape([replicas, batch, time * width]);
        let positions = self.weights[1].clone().slice_dim(1, start..start + time).reshape([replicas, 1, time * width]);
        (words + positions).reshape([replicas, batch * time, width])
    }

    fn attention(
        &self,
        residual: Tensor<3>,
        weights: &[Tensor<3>],
        batch: usize,
        layer: usize,
        mask: Option<&Tensor<4>>,
        cache: &mut Cache,
    ) -> Tensor<3> {
        let [replicas, rows, width] = residual.dims();
        let (time, heads) = (rows / batch, self.config.heads);
        let d_head = width / heads;
        let qkv = linear(norm(residual, &weights[0], &weights[1]), &weights[2], &weights[3]);
        let head = |index: usize| {
            let part = qkv.clone().slice_dim(2, index * width..(index + 1) * width);
            part.reshape([replicas * batch, time, heads, d_head]).swap_dims(1, 2)
        };
        let (queries, mut keys, mut values) = (head(0), head(1), head(2));
        match cache.layers.get_mut(layer) {
            Some(read) => {
                keys = Tensor::cat(vec![read.0.clone(), keys], 2);
                values = Tensor::cat(vec![read.1.clone(), values], 2);
                *read = (keys.clone(), values.clone());
            }
            None => cache.layers.push((keys.clone(), values.clone())),
        }
        let scores = queries.matmul(keys.swap_dims(2, 3)) / (d_head as f32).sqrt();
        let scores = match mask {
            Some(mask) => scores + mask.clone(),
            None => scores,
        };
        let mixed = softmax(scores, 3).matmul(values).swap_dims(1, 2).reshape([replicas, rows, width]);
        linear(mixed, &weights[4], &weights[5])
    }
}

/// Rows `[replica, batch, width]` at the last of `time` positions of `[replica, batch × time, width]`.
pub fn last_position(residual: Tensor<3>, batch: usize, time: usize) -> Tensor<3> {
    let [replicas, _, width] = residual.dims();
    let by_position = residual.reshape([replicas, batch, time * width]);
    by_position.slice_dim(2, (time - 1) * width..time * width)
}

/// Every row of the first dimension `times` times in a row.
pub fn repeat_rows<const D: usize>(tensor: Tensor<D>, times: usize) -> Tensor<D> {
    if times == 1 {
        return tensor;
    }
    let mut dims = tensor.dims();
    let [rows, rest] = [dims[0], dims[1..].iter().product()];
    dims[0] = rows * times;
    tensor.reshape([rows, 1, rest]).repeat_dim(1, times).reshape(dims)
}

/// Token batches, `[replica][batch][time]` with equal lengths, on a device.
pub fn upload_tokens(tokens: &[Vec<Vec<Token>>], device: &Device) -> Tensor<3, Int> {
    let shape = [tokens.len(), tokens[0].len(), tokens[0][0].len()];
    let data: Vec<i32> = tokens.iter().flatten().flatten().map(|token| *token as i32).collect();
    assert_eq!(data.len(), shape.iter().product::<usize>(), "tokens in a batch of shape {shape:?}");
    Tensor::from_data(TensorData::new(data, shape), device)
}

fn mlp(residual: Tensor<3>, weights: &[Tensor<3>]) -> Tensor<3> {
    let hidden = gelu(linear(norm(residual, &weights[6], &weights[7]), &weights[8], &weights[9]));
    linear(hidden, &weights[10], &weights[11])
}

/// x · Φ(x), exactly. burn's own `gelu` has a backward pass with x³ as a power, which is not a
/// number for negative x on WebGPU: the self-check found it.
fn gelu(x: Tensor<3>) -> Tensor<3> {
    let cdf = (x.clone() * std::f32::consts::FRAC_1_SQRT_2).erf() + 1.0;
    x * cdf * 0.5
}

fn linear(x: Tensor<3>, weight: &Tensor<3>, bias: &Tensor<3>) -> Tensor<3> {
    x.matmul(weight.clone()) + bias.clone()
}

fn norm(x: Tensor<3>, scale: &Tensor<3>, shift: &Tensor<3>) -> Tensor<3> {
    let ones = Tensor::ones([x.dims()[2]], &x.device());
    layer_norm(x, ones, None, NORM_EPSILON) * scale.clone() + shift.clone()
}

/// 0 where a query may look, a large negative number where not: `[1, 1, time, start + time]`.
fn causal_mask(start: usize, time: usize, device: &Device) -> Tensor<4> {
    let width = start + time;
    let data: Vec<f32> =
        (0..time * width).map(|index| if index % width > start + index / width { -1e9 } else { 0.0 }).collect();
    Tensor::from_data(TensorData::new(data, [1, 1, time, width]), device)
}
