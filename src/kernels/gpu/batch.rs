//! The sizes of a batch and of its model, and which rows of a batch belong together. All of it is known when a
//! kernel is compiled.
//!
//! Rows are those of the CPU's kernels: for each replica the prefixes of all prompts, then all answers.

use burn::backend::TensorMetadata;
use burn_cubecl::cubecl;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use crate::kernels::ModelConfig;
use crate::kernels::config::{BlockWeights, NormWeights};

/// The sizes of a batch, known when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sizes {
    pub(super) prompts: usize,
    pub(super) prefix: usize,
    pub(super) completions: usize,
    pub(super) time: usize,
    pub(super) vocabulary: usize,
    pub(super) context: usize,
    pub(super) width: usize,
    pub(super) heads: usize,
    pub(super) layers: usize,
    pub(super) tied: bool,
    /// Parameters of one replica.
    pub(super) parameters: usize,
    pub(super) offsets: Offsets,
}

/// First parameters of the weights, from [`ModelConfig::weights`]. The token embedding is the first, and a bias or
/// a shift follows the weight or the scale that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Offsets {
    pub(super) position: usize,
    /// The weights of the first block; those of block l are l times `block_size` further.
    pub(super) first_block: BlockWeights<usize>,
    /// Parameters of a block.
    pub(super) block_size: usize,
    pub(super) final_norm: NormWeights<usize>,
    /// The embedding if the head is tied to it.
    pub(super) head: usize,
}

impl Offsets {
    pub(super) fn new(config: ModelConfig) -> Self {
        let weights = config.weights().map(|spec| spec.offset);
        let first_block = weights.blocks[0];
        Offsets {
            position: weights.position,
            first_block,
            block_size: (weights.final_norm.scale - first_block.attention_norm.scale) / config.layers,
            final_norm: weights.final_norm,
            head: weights.head.unwrap_or(weights.embedding),
        }
    }

    /// The weights of a block.
    pub(super) fn block(&self, layer: usize) -> BlockWeights<usize> {
        self.first_block.map(|offset| offset + layer * self.block_size)
    }
}

impl Sizes {
    pub(super) fn new(config: ModelConfig, prompts: &CubeTensor, [answers, time]: [usize; 2]) -> Self {
        let [_, count, length] = prompts.shape().dims();
        assert!(length > 0 && time > 0 && answers.is_multiple_of(count), "{answers} answers to {count} prompts");
        let ModelConfig { vocabulary, context, width, heads, layers, tied } = config;
        Sizes {
            prompts: count,
            prefix: length - 1,
            completions: answers / count,
            time,
            vocabulary,
            context,
            width,
            heads,
            layers,
            tied,
            parameters: config.parameters(),
            offsets: Offsets::new(config),
        }
    }

    pub(super) fn answers(&self) -> usize {
        self.prompts * self.completions
    }

    /// The first row of the answers: the number of rows of prefixes.
    pub(super) fn first_answer_row(&self) -> usize {
        self.prompts * self.prefix
    }

    pub(super) fn rows(&self) -> usize {
        self.first_answer_row() + self.answers() * self.time
    }

    /// Positions, the most that an attention sees.
    pub(super) fn span(&self) -> usize {
        self.prefix + self.time
    }
}

/// The prompt that a row belongs to.
#[cube]
pub(super) fn prompt_of(row: usize, #[comptime] s: Sizes) -> usize {
    let first = comptime!(s.first_answer_row());
    let mut prompt = row / comptime!(s.prefix.max(1));
    if row >= first {
        prompt = (row - first) / comptime!(s.time * s.completions);
    }
    prompt
}

/// A row's position in its sequence: it sees this many rows besides itself.
#[cube]
pub(super) fn position_of(row: usize, #[comptime] s: Sizes) -> usize {
    let first = comptime!(s.first_answer_row());
    let mut position = row % comptime!(s.prefix.max(1));
    if row >= first {
        position = comptime!(s.prefix) + (row - first) % comptime!(s.time);
    }
    position
}

/// The row at a position that this row sees.
#[cube]
pub(super) fn seen_row(row: usize, position: usize, #[comptime] s: Sizes) -> usize {
    let mut seen = prompt_of(row, s) * comptime!(s.prefix) + position;
    if position >= comptime!(s.prefix) {
        seen = row - (row - comptime!(s.first_answer_row())) % comptime!(s.time) + position - comptime!(s.prefix);
    }
    seen
}
