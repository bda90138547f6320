//! The shape of a model: which weights it has, where each lies in a replica's parameter vector, and
//! how it starts.
//!
//! Leaves out what is computed with them, which is in the kernels.

use rand::RngExt;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

use crate::facts::corpus::Corpus;
use crate::facts::random::{Purpose, stream};

/// Standard deviation of the initial weights, about 0.7/√width at width 64 (LOG.md, 2026-11-23).
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
