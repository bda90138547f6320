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
/// Largest vocabulary, context, width or number of blocks.
const MOST: usize = 1 << 16;
/// Most parameters of one replica: a gibibyte of them.
const MOST_PARAMETERS: usize = 1 << 28;

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

/// A shape that no model can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImpossibleShape {
    /// A size is zero, or so large that it must be a mistake.
    #[error("the {name} is {size}, which is not between 1 and {MOST}")]
    Size {
        /// The size in words.
        name: &'static str,
        /// Its value.
        size: usize,
    },
    /// The heads do not divide the width.
    #[error("the width {width} is not a multiple of the {heads} heads")]
    Heads {
        /// Width of the residual stream.
        width: usize,
        /// Attention heads.
        heads: usize,
    },
    /// Each size is possible, and the model is too large.
    #[error("{parameters} parameters are more than {MOST_PARAMETERS}")]
    Parameters {
        /// Parameters of one replica.
        parameters: u64,
    },
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

impl TensorSpec {
    /// The parameters that it takes.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.rows * self.columns
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Init {
    Zeros,
    Ones,
    Normal,
    /// A projection into the residual stream, scaled down by the number of them (GPT-2).
    Residual,
}

/// A value for each weight of a decoder, such as its specification, its offset or its tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecoderWeights<T> {
    /// `[vocabulary, width]`.
    pub(crate) embedding: T,
    /// `[context, width]`.
    pub(crate) position: T,
    /// From the first block to the last.
    pub(crate) blocks: Vec<BlockWeights<T>>,
    pub(crate) final_norm: NormWeights<T>,
    /// `[width, vocabulary]`; `None` if the head is the embedding.
    pub(crate) head: Option<T>,
}

/// A value for each weight of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BlockWeights<T> {
    pub(crate) attention_norm: NormWeights<T>,
    /// Queries, keys and values side by side, `[width, 3 · width]`.
    pub(crate) qkv: LinearWeights<T>,
    /// `[width, width]`.
    pub(crate) attention_out: LinearWeights<T>,
    pub(crate) mlp_norm: NormWeights<T>,
    /// `[width, 4 · width]`.
    pub(crate) mlp_in: LinearWeights<T>,
    /// `[4 · width, width]`.
    pub(crate) mlp_out: LinearWeights<T>,
}

/// A value for each weight of a LayerNorm; the parameters of the shift follow those of the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NormWeights<T> {
    pub(crate) scale: T,
    pub(crate) shift: T,
}

/// A value for each weight of a linear layer; the parameters of the bias follow those of the weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LinearWeights<T> {
    pub(crate) weight: T,
    pub(crate) bias: T,
}

impl<T> DecoderWeights<T> {
    /// The same for another value of each weight, computed in the order of the parameters.
    pub(crate) fn map<U>(self, mut f: impl FnMut(T) -> U) -> DecoderWeights<U> {
        DecoderWeights {
            embedding: f(self.embedding),
            position: f(self.position),
            blocks: self.blocks.into_iter().map(|block| block.map(&mut f)).collect(),
            final_norm: self.final_norm.map(&mut f),
            head: self.head.map(f),
        }
    }
}

impl<T> BlockWeights<T> {
    /// As [`DecoderWeights::map`].
    pub(crate) fn map<U>(self, mut f: impl FnMut(T) -> U) -> BlockWeights<U> {
        BlockWeights {
            attention_norm: self.attention_norm.map(&mut f),
            qkv: self.qkv.map(&mut f),
            attention_out: self.attention_out.map(&mut f),
            mlp_norm: self.mlp_norm.map(&mut f),
            mlp_in: self.mlp_in.map(&mut f),
            mlp_out: self.mlp_out.map(&mut f),
        }
    }
}

impl<T> NormWeights<T> {
    fn map<U>(self, mut f: impl FnMut(T) -> U) -> NormWeights<U> {
        NormWeights { scale: f(self.scale), shift: f(self.shift) }
    }
}

impl<T> LinearWeights<T> {
    fn map<U>(self, mut f: impl FnMut(T) -> U) -> LinearWeights<U> {
        LinearWeights { weight: f(self.weight), bias: f(self.bias) }
    }
}

/// Lays weights out one after the other.
#[derive(Default)]
struct Layout {
    /// Parameters so far.
    parameters: usize,
}

impl Layout {
    fn tensor(&mut self, name: impl Into<String>, [rows, columns]: [usize; 2], init: Init) -> TensorSpec {
        let offset = self.parameters;
        self.parameters += rows * columns;
        TensorSpec { name: name.into(), rows, columns, offset, init }
    }

    fn norm(&mut self, name: &str, width: usize) -> NormWeights<TensorSpec> {
        NormWeights {
            scale: self.tensor(format!("{name}.scale"), [1, width], Init::Ones),
            shift: self.tensor(format!("{name}.shift"), [1, width], Init::Zeros),
        }
    }

    fn linear(&mut self, name: &str, [inputs, outputs]: [usize; 2], init: Init) -> LinearWeights<TensorSpec> {
        LinearWeights {
            weight: self.tensor(format!("{name}.weight"), [inputs, outputs], init),
            bias: self.tensor(format!("{name}.bias"), [1, outputs], Init::Zeros),
        }
    }
}

impl ModelConfig {
    /// The model of the lab for this corpus: 3 layers of width 64, 159 k parameters. Two layers
    /// learn the facts and never learn to verify a claim.
    pub fn for_corpus(corpus: &Corpus) -> Self {
        let (vocabulary, context) = (corpus.vocabulary.len(), corpus.layout.context());
        ModelConfig { vocabulary, context, width: 64, heads: 4, layers: 3, tied: true }
    }

    /// Is this the shape of a model that can be computed? To be asked of a shape that comes from a file
    /// or a person, before anything of that size is allocated.
    ///
    /// # Errors
    /// [`ImpossibleShape`] says which size is out of range, or that the heads do not divide the width.
    pub fn validate(&self) -> Result<(), ImpossibleShape> {
        let ModelConfig { vocabulary, context, width, heads, layers, .. } = *self;
        let sizes = [
            ("size of the vocabulary", vocabulary),
            ("context", context),
            ("width", width),
            ("number of heads", heads),
            ("number of layers", layers),
        ];
        if let Some((name, size)) = sizes.into_iter().find(|(_, size)| !(1..=MOST).contains(size)) {
            return Err(ImpossibleShape::Size { name, size });
        }
        if !width.is_multiple_of(heads) {
            return Err(ImpossibleShape::Heads { width, heads });
        }
        let parameters = self.parameters_u64();
        if parameters > MOST_PARAMETERS as u64 {
            return Err(ImpossibleShape::Parameters { parameters });
        }
        Ok(())
    }

    /// The weights by name, one after the other in the order of the fields.
    pub(crate) fn weights(&self) -> DecoderWeights<TensorSpec> {
        let (d, mut layout) = (self.width, Layout::default());
        DecoderWeights {
            embedding: layout.tensor("embedding", [self.vocabulary, d], Init::Normal),
            position: layout.tensor("position", [self.context, d], Init::Normal),
            blocks: (0..self.layers)
                .map(|layer| BlockWeights {
                    attention_norm: layout.norm(&format!("blocks.{layer}.attention_norm"), d),
                    qkv: layout.linear(&format!("blocks.{layer}.attention.qkv"), [d, 3 * d], Init::Normal),
                    attention_out: layout.linear(&format!("blocks.{layer}.attention.out"), [d, d], Init::Residual),
                    mlp_norm: layout.norm(&format!("blocks.{layer}.mlp_norm"), d),
                    mlp_in: layout.linear(&format!("blocks.{layer}.mlp.in"), [d, 4 * d], Init::Normal),
                    mlp_out: layout.linear(&format!("blocks.{layer}.mlp.out"), [4 * d, d], Init::Residual),
                })
                .collect(),
            final_norm: layout.norm("final_norm", d),
            head: (!self.tied).then(|| layout.tensor("head", [d, self.vocabulary], Init::Normal)),
        }
    }

    /// All weights in the order of their parameters.
    pub fn tensors(&self) -> Vec<TensorSpec> {
        let mut tensors = vec![];
        self.weights().map(|tensor| tensors.push(tensor));
        tensors
    }

    /// Width of an attention head.
    pub fn d_head(&self) -> usize {
        self.width / self.heads
    }

    /// Parameters of one replica.
    pub fn parameters(&self) -> usize {
        self.parameters_u64() as usize
    }

    /// The same for sizes of which only [`MOST`] is known to hold, on machines whose addresses have 32 bits.
    fn parameters_u64(&self) -> u64 {
        let [vocabulary, context, d, layers] =
            [self.vocabulary, self.context, self.width, self.layers].map(|size| size as u64);
        let vocabulary_matrices = if self.tied { 1 } else { 2 };
        (vocabulary_matrices * vocabulary + context) * d + layers * (12 * d * d + 13 * d) + 2 * d
    }

    /// Initial weights of one replica: normal with deviation 0.09, residual projections divided
    /// by the square root of their number.
    pub fn init(&self, seed: u64) -> Vec<f32> {
        let mut rng = stream(seed, 0, Purpose::Initialisation);
        let residual = INIT_DEVIATION / (2.0 * self.layers as f32).sqrt();
        let mut weights = Vec::with_capacity(self.parameters());
        for tensor in self.tensors() {
            let mut draw = |deviation: f32| deviation * rng.sample::<f32, _>(StandardNormal);
            weights.extend(tensor.range().map(|_| match tensor.init {
                Init::Zeros => 0.0,
                Init::Ones => 1.0,
                Init::Normal => draw(INIT_DEVIATION),
                Init::Residual => draw(residual),
            }));
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: ModelConfig = ModelConfig { vocabulary: 11, context: 9, width: 16, heads: 2, layers: 2, tied: true };

    /// The kernels rely on it: a bias is a further row of its weight's gradient, and a shift lies behind its scale.
    #[test]
    fn weights_follow_one_another_without_a_gap_and_their_number_is_the_formula() {
        for config in [SMALL, ModelConfig { tied: false, layers: 3, ..SMALL }] {
            let mut end = 0;
            for tensor in config.tensors() {
                assert_eq!(tensor.offset, end, "{}", tensor.name);
                end = tensor.range().end;
            }
            assert_eq!(end, config.parameters());
            for block in config.weights().blocks {
                assert_eq!(block.qkv.weight.range().end, block.qkv.bias.offset);
                assert_eq!(block.mlp_norm.scale.range().end, block.mlp_norm.shift.offset);
            }
        }
    }

    #[test]
    fn a_shape_that_cannot_be_computed_is_refused_with_the_reason() {
        assert_eq!(SMALL.validate(), Ok(()));
        for (config, reason) in [
            (ModelConfig { heads: 0, ..SMALL }, "the number of heads is 0"),
            (ModelConfig { heads: 3, ..SMALL }, "the width 16 is not a multiple of the 3 heads"),
            (ModelConfig { layers: 0, ..SMALL }, "the number of layers is 0"),
            (ModelConfig { layers: 4_000_000_000, ..SMALL }, "the number of layers is 4000000000"),
            (ModelConfig { width: 1 << 60, ..SMALL }, "the width is 1152921504606846976"),
            (ModelConfig { vocabulary: 0, ..SMALL }, "the size of the vocabulary is 0"),
            (ModelConfig { context: usize::MAX, ..SMALL }, "the context is"),
            (ModelConfig { width: 8192, layers: 8, ..SMALL }, "parameters are more than 268435456"),
            (ModelConfig { width: 1 << 16, layers: 1 << 16, ..SMALL }, "parameters are more than"),
        ] {
            let error = config.validate().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}: {reason}");
        }
    }
}
