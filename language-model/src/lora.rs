//! Low-rank adapters (Hu et al. 2022) on every projection of the upper blocks: their gradient, their optimiser, and
//! merging them into the weights.
//!
//! The loss is that of a policy gradient with a KL divergence to the decoder without adapters; with weights of 1 and
//! no KL it is that of supervised learning. The part of it that is as wide as the vocabulary is differentiated by
//! hand, a few rows at a time; burn differentiates the blocks. The blocks below the adapters are the same with and
//! without them, and are computed once.

use std::collections::HashMap;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::adapter::{Adapter, BlockAdapters};
use crate::checkpoint::{LlamaConfig, numbers};
use crate::decoder::{Batch, Decoder, Group, HEAD_ROWS, host, rms_norm};
use crate::error::Error;

/// What there is to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoraConfig {
    /// Rank of each adapter.
    pub rank: usize,
    /// The uppermost blocks that have some.
    pub blocks: usize,
}

/// The adapters of a decoder's upper blocks.
#[derive(Debug, Clone)]
pub struct Lora {
    pub(crate) blocks: Vec<BlockAdapters>,
}

/// What a token weighs in the loss, and what the policy is held to.
#[derive(Debug, Clone, Copy)]
pub struct LossWeights<'a> {
    /// `[group][completion][token]`: the loss is −weight · log-probability. For a policy gradient an advantage.
    pub weights: &'a [Vec<Vec<f32>>],
    /// Coefficient of KL(policy ‖ decoder without adapters), exact over the vocabulary and summed over tokens.
    pub kl: f32,
    /// What the sum is multiplied by.
    pub scale: f32,
}

/// What came of a batch. All numbers are of the policy as it was.
pub struct Gradient {
    /// Of each matrix, in the order of [`Lora`]'s.
    matrices: Vec<Tensor<2>>,
    /// Log-probability of each token, `[group][completion][token]`.
    pub log_probs: Vec<Vec<Vec<f32>>>,
    /// KL to the decoder without adapters at each token in nats, likewise; 0 if its coefficient is.
    pub kl: Vec<Vec<Vec<f32>>>,
    /// Entropy at each token in nats, likewise.
    pub entropy: Vec<Vec<Vec<f32>>>,
}

impl Gradient {
    /// Norm over all matrices.
    pub fn norm(&self) -> f32 {
        let squares = self.matrices.iter().map(|matrix| matrix.clone().square().sum());
        squares.reduce(|sum, squares| sum + squares).map_or(0.0, |sum| host(sum)[0].sqrt())
    }
}

impl Lora {
    /// Adapters that change nothing yet. `normal` gives normal numbers.
    pub fn new(config: LoraConfig, decoder: &Decoder, mut normal: impl FnMut() -> f32) -> Self {
        let LlamaConfig { width, mlp, kv_heads, .. } = decoder.config;
        let keys = kv_heads * decoder.config.head_width();
        let mut adapter = |inputs: usize, outputs: usize| {
            let deviation = (inputs as f32).sqrt().recip();
            let numbers: Vec<f32> = (0..inputs * config.rank).map(|_| normal() * deviation).collect();
            Adapter {
                inward: Tensor::from_data(TensorData::new(numbers, [inputs, config.rank]), &decoder.device),
                outward: Tensor::zeros([config.rank, outputs], &decoder.device),
            }
        };
        let blocks = (0..config.blocks.min(decoder.config.layers)).map(|_| BlockAdapters {
            qkv: adapter(width, width + 2 * keys),
            attention_out: adapter(width, width),
            gate_up: adapter(width, 2 * mlp),
            down: adapter(mlp, width),
        });
        Lora { blocks: blocks.collect() }
    }

    /// The decoder with what the adapters add to its weights.
    pub fn merge(&self, decoder: &Decoder) -> Decoder {
        let mut merged = decoder.clone();
        let first = merged.blocks.len() - self.blocks.len();
        for (block, adapters) in merged.blocks[first..].iter_mut().zip(&self.blocks) {
            block.qkv = block.qkv.clone() + adapters.qkv.product();
            block.attention_out = block.attention_out.clone() + adapters.attention_out.product();
            block.gate_up = block.gate_up.clone() + adapters.gate_up.product();
            block.down = block.down.clone() + adapters.down.product();
        }
        merged
    }

    /// The gradient of the loss of these completions, with the adapters on this decoder.
    ///
    /// # Panics
    /// If a token has no weight.
    pub fn gradient(&self, decoder: &Decoder, groups: &[Group], loss: LossWeights<'_>) -> Gradient {
        let LossWeights { weights, kl, scale } = loss;
        assert_eq!(weights.len(), groups.len(), "weights for each group");
        let weighted: Vec<(Group, Vec<Vec<f32>>)> = groups.iter().cloned().zip(weights.iter().cloned()).collect();
        let parts = decoder.side_by_side(&weighted, 1, |part| {
            let (groups, weights): (Vec<Group>, Vec<Vec<Vec<f32>>>) = part.iter().cloned().unzip();
            self.gradient_of_part(decoder, &groups, LossWeights { weights: &weights, kl, scale })
        });
        let sum = |mut sum: Gradient, part: Gradient| {
            sum.matrices = sum.matrices.into_iter().zip(part.matrices).map(|(sum, part)| sum + part).collect();
            sum.log_probs.extend(part.log_probs);
            sum.kl.extend(part.kl);
            sum.entropy.extend(part.entropy);
            sum
        };
        parts.into_iter().reduce(sum).expect("a group to learn from")
    }

    fn gradient_of_part(&self, decoder: &Decoder, groups: &[Group], loss: LossWeights<'_>) -> Gradient {
        let batch = Batch::new(groups, &decoder.config, &decoder.device);
        let layers = decoder.config.layers;
        let (lower, upper) = (0..layers - self.blocks.len(), layers - self.blocks.len()..layers);
        let ends = |rows: Tensor<2>| {
            rms_norm(batch.before_completions(rows), &decoder.final_norm, decoder.config.norm_epsilon)
        };
        let rows = decoder.forward(lower, decoder.embed(&batch), &batch, None);
        let reference = (loss.kl != 0.0).then(|| ends(decoder.forward(upper.clone(), rows.clone(), &batch, None)));
        let leaves = Lora {
            blocks: self.blocks.iter().map(|block| block.map(|matrix| matrix.autodiff().require_grad())).collect(),
        };
        let states = ends(decoder.forward(upper, rows.autodiff(), &batch, Some(&leaves.blocks)));

        let head = head_gradient(decoder, &batch, states.clone().inner(), reference, loss);
        let gradients = (states * head.states.autodiff()).sum().backward();
        let gradient = |matrix: &Tensor<2>| {
            let gradient = matrix.grad(&gradients);
            gradient.unwrap_or_else(|| Tensor::zeros(matrix.dims(), &decoder.device))
        };
        Gradient {
            matrices: leaves.matrices().map(gradient).collect(),
            log_probs: batch.of_completions(groups, &head.log_probs),
            kl: batch.of_completions(groups, &head.kl),
            entropy: batch.of_completions(groups, &head.entropy),
        }
    }

    /// Adapters that are this step against the gradient away: plain descent, for tests.
    #[must_use]
    pub fn moved_along(&self, gradient: &Gradient, step: f32) -> Self {
        let mut moved = self.clone();
        for (matrix, gradient) in moved.matrices_mut().zip(&gradient.matrices) {
            *matrix = matrix.clone() - gradient.clone() * step;
        }
        moved
    }

    fn matrices(&self) -> impl Iterator<Item = &Tensor<2>> {
        self.blocks.iter().flat_map(BlockAdapters::all).flat_map(|adapter| [&adapter.inward, &adapter.outward])
    }

    fn matrices_mut(&mut self) -> impl Iterator<Item = &mut Tensor<2>> {
        self.blocks.iter_mut().flat_map(|block| {
            let BlockAdapters { qkv, attention_out, gate_up, down } = block;
            [qkv, attention_out, gate_up, down]
                .into_iter()
                .flat_map(|adapter| [&mut adapter.inward, &mut adapter.outward])
        })
    }

    /// All numbers, matrix by matrix.
    fn to_host(&self) -> Vec<f32> {
        self.matrices().flat_map(|matrix| host(matrix.clone())).collect()
    }

    /// Puts numbers in the order of [`Lora::to_host`] into matrices of these shapes.
    fn with_numbers(&self, numbers: &[f32], device: &Device) -> Self {
        let mut filled = self.clone();
        let mut rest = numbers;
        for matrix in filled.matrices_mut() {
            let shape = matrix.dims();
            let (taken, others) = rest.split_at(shape[0] * shape[1]);
            rest = others;
            *matrix = Tensor::from_data(TensorData::new(taken.to_vec(), shape), device);
        }
        filled
    }
}

/// The loss's gradient with respect to the normalised states before the head, and numbers of each row.
struct HeadGradient {
    /// `[row, width]`.
    states: Tensor<2>,
    log_probs: Vec<f32>,
    kl: Vec<f32>,
    entropy: Vec<f32>,
}

/// With p the policy's probabilities, the loss of a row is −w log p(token) + c KL(p ‖ r), and its gradient with
/// respect to the logits w (p − onehot) + c p (log p − log r − KL).
fn head_gradient(
    decoder: &Decoder,
    batch: &Batch,
    states: Tensor<2>,
    reference: Option<Tensor<2>>,
    LossWeights { weights, kl, scale }: LossWeights<'_>,
) -> HeadGradient {
    let (time, rows) = (batch.time, states.dims()[0]);
    let padded = |weights: &Vec<f32>, of: &dyn Fn(f32) -> f32| {
        (0..time).map(|place| weights.get(place).map_or(0.0, |weight| of(*weight))).collect::<Vec<_>>()
    };
    let column = |of: &dyn Fn(f32) -> f32| {
        let numbers: Vec<f32> = weights.iter().flatten().flat_map(|weights| padded(weights, of)).collect();
        Tensor::<2>::from_data(TensorData::new(numbers, [rows, 1]), &decoder.device)
    };
    let (weights, coefficients) = (column(&|weight| weight * scale), column(&|_| kl * scale));
    let (mut parts, mut all_log_probs, mut all_kl, mut entropies) = (vec![], vec![], vec![], vec![]);
    for start in (0..rows).step_by(HEAD_ROWS) {
        let range = start..rows.min(start + HEAD_ROWS);
        let of_range = |all: &Tensor<2>| all.clone().slice_dim(0, range.clone());
        let tokens: Tensor<2, Int> = batch.completed.clone().slice_dim(0, range.clone()).unsqueeze_dim(1);
        let log_probs = log_softmax(decoder.logits(of_range(&states)), 1);
        let probs = log_probs.clone().exp();
        let weight = of_range(&weights);
        let mut logits = probs.clone() * weight.clone();
        entropies.extend(host((probs.clone() * log_probs.clone()).sum_dim(1).neg()));
        all_log_probs.extend(host(log_probs.clone().gather(1, tokens.clone())));
        match &reference {
            Some(reference) => {
                let ratio = log_probs - log_softmax(decoder.logits(of_range(reference)), 1);
                let divergence = (probs.clone() * ratio.clone()).sum_dim(1);
                all_kl.extend(host(divergence.clone()));
                logits = logits + probs * (ratio - divergence) * of_range(&coefficients);
            }
            None => all_kl.extend(vec![0.0; range.len()]),
        }
        // The one-hot part is a row of the head.
        let chosen = decoder.head.clone().select(0, tokens.squeeze_dim(1));
        parts.push(logits.matmul(decoder.head.clone()) - chosen * weight);
    }
    HeadGradient { states: Tensor::cat(parts, 0), log_probs: all_log_probs, kl: all_kl, entropy: entropies }
}

/// AdamW (Loshchilov & Hutter 2019) with the gradient's norm clipped, without weight decay.
#[derive(Debug, Clone)]
pub struct AdamW {
    config: AdamWConfig,
    step: i32,
    /// Decaying mean of the gradients, and of their squares; of no step yet, none.
    moments: Option<[Vec<Tensor<2>>; 2]>,
}

/// Numbers of the optimiser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWConfig {
    /// Step size.
    pub learning_rate: f32,
    /// Decay of the mean.
    pub beta_1: f32,
    /// Decay of the squares' mean.
    pub beta_2: f32,
    /// Largest norm of a gradient.
    pub max_grad_norm: f32,
}

impl AdamW {
    /// Before the first step.
    pub fn new(config: AdamWConfig) -> Self {
        AdamW { config, step: 0, moments: None }
    }

    /// Changes the adapters, with this share of the step size, and returns the gradient's norm before clipping. If
    /// that is not finite, nothing is changed.
    pub fn step(&mut self, lora: &mut Lora, gradient: &Gradient, share: f32) -> f32 {
        let AdamWConfig { learning_rate, beta_1, beta_2, max_grad_norm } = self.config;
        let norm = gradient.norm();
        if !norm.is_finite() {
            return norm;
        }
        let clip = (max_grad_norm / (norm + 1e-6)).min(1.0);
        self.step += 1;
        let [mean, square] = self.moments.get_or_insert_with(|| {
            let zeros: Vec<Tensor<2>> = gradient.matrices.iter().map(Tensor::zeros_like).collect();
            [zeros.clone(), zeros]
        });
        let [correction_1, correction_2] = [beta_1, beta_2].map(|beta| 1.0 - beta.powi(self.step));
        for (place, matrix) in lora.matrices_mut().enumerate() {
            let gradient = gradient.matrices[place].clone() * clip;
            mean[place] = mean[place].clone() * beta_1 + gradient.clone() * (1.0 - beta_1);
            square[place] = square[place].clone() * beta_2 + gradient.square() * (1.0 - beta_2);
            let deviation = (square[place].clone() / correction_2).sqrt() + 1e-8;
            *matrix = matrix.clone() - mean[place].clone() / deviation * (learning_rate * share / correction_1);
        }
        norm
    }
}

/// Adapters and their optimiser as a file, so that a run that was killed goes on; `note` travels along.
pub struct Saved;

impl Saved {
    /// The bytes of a file.
    ///
    /// # Errors
    /// [`Error::Container`] if they cannot be laid out.
    pub fn write(lora: &Lora, optimiser: &AdamW, note: &str) -> Result<Vec<u8>, Error> {
        let bytes = |all: Vec<f32>| all.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
        let mut parts = vec![("adapters", bytes(lora.to_host()))];
        if let Some(moments) = &optimiser.moments {
            let flat = |moments: &Vec<Tensor<2>>| moments.iter().flat_map(|matrix| host(matrix.clone())).collect();
            parts.extend(
                ["mean", "square"].into_iter().zip(moments).map(|(name, moments)| (name, bytes(flat(moments)))),
            );
        }
        let views = parts
            .iter()
            .map(|(name, bytes)| TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes).map(|view| (*name, view)));
        let views = views.collect::<Result<Vec<_>, _>>().map_err(Error::container)?;
        let about = HashMap::from([("step".into(), optimiser.step.to_string()), ("note".into(), note.to_owned())]);
        safetensors::serialize(views, Some(about)).map_err(Error::container)
    }

    /// Puts what a file holds into adapters and an optimiser of the same shape, and returns its note.
    ///
    /// # Errors
    /// [`Error::Container`] if the bytes are no such file, or one of adapters of another shape.
    pub fn read(bytes: &[u8], lora: &mut Lora, optimiser: &mut AdamW) -> Result<String, Error> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(Error::container)?;
        let file = SafeTensors::deserialize(bytes).map_err(Error::container)?;
        let about = header.metadata().clone().unwrap_or_default();
        let numbers = |name: &str| numbers(name, &file.tensor(name).map_err(Error::container)?);
        let count: usize = lora.matrices().map(|matrix| matrix.dims().iter().product::<usize>()).sum();
        let device = lora.matrices().next().map(Tensor::device).unwrap_or_else(Device::flex);
        let fill = |numbers: Vec<f32>| match numbers.len() {
            length if length == count => Ok(lora.with_numbers(&numbers, &device)),
            length => Err(Error::Container(format!("it has {length} numbers and not {count}"))),
        };
        let adapters = fill(numbers("adapters")?)?;
        let step = about.get("step").and_then(|step| step.parse().ok());
        let step = step.ok_or_else(|| Error::Container("it has no step".into()))?;
        let moments = if step == 0 {
            None
        } else {
            let moment = |name| Ok::<_, Error>(fill(numbers(name)?)?.matrices().cloned().collect());
            Some([moment("mean")?, moment("square")?])
        };
        (*lora, optimiser.step, optimiser.moments) = (adapters, step, moments);
        Ok(about.get("note").cloned().unwrap_or_default())
    }
}
