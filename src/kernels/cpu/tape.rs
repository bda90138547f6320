//! What a block keeps of its forward pass, and memory that is used again.

use super::batch::Read;
use super::gemm::Packed;
use super::norm::Normed;
use crate::kernels::ModelConfig;
use crate::kernels::maths::copy_rows;

/// The activations of a block's forward pass, which its gradient needs.
#[derive(Default)]
pub(super) struct BlockTape {
    pub(super) attention_input: Normed,
    pub(super) qkv: Vec<f32>,
    /// For each segment and head `[queries, keys]`.
    pub(super) attention: Vec<f32>,
    pub(super) mixed: Vec<f32>,
    pub(super) mlp_input: Normed,
    /// Before the GELU.
    pub(super) hidden: Vec<f32>,
    /// GELU(x) = x · gate.
    pub(super) gate: Vec<f32>,
    pub(super) activated: Vec<f32>,
}

impl BlockTape {
    /// Becomes the tape of rows each of which was computed as one of another's: `twins` says which.
    pub(super) fn copy(
        &mut self,
        config: ModelConfig,
        from: &BlockTape,
        [own, others]: [Read<'_>; 2],
        twins: &[usize],
    ) {
        let ModelConfig { width, heads, .. } = config;
        self.attention_input.copy(&from.attention_input, twins, width);
        copy_rows(&mut self.qkv, &from.qkv, twins, 3 * width);
        copy_rows(&mut self.mixed, &from.mixed, twins, width);
        let read: Vec<usize> = twins[own.first..].iter().map(|twin| twin - others.first).collect();
        self.mlp_input.copy(&from.mlp_input, &read, width);
        copy_rows(&mut self.hidden, &from.hidden, &read, 4 * width);
        copy_rows(&mut self.gate, &from.gate, &read, 4 * width);
        copy_rows(&mut self.activated, &from.activated, &read, 4 * width);
        // Where the weights of each row's first head begin, and how far it is from head to head.
        let mut places = vec![(0, 0); from.qkv.len() / (3 * width)];
        let mut start = 0;
        for segment in others.segments {
            let of_head = segment.queries.len() * segment.keys;
            for (query, row) in segment.queries.clone().enumerate() {
                places[row] = (start + query * segment.keys, of_head);
            }
            start += heads * of_head;
        }
        self.attention.clear();
        for segment in own.segments {
            for head in 0..heads {
                for (query, row) in segment.queries.clone().enumerate() {
                    let (place, of_head) = places[twins[row]];
                    let seen = segment.before.len() + query + 1;
                    self.attention.extend_from_slice(&from.attention[place + head * of_head..][..seen]);
                    self.attention.resize(self.attention.len() + segment.keys - seen, 0.0);
                }
            }
        }
    }
}

/// Memory that every block and chunk uses again.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) packed: Packed,
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
    pub(super) scores: Vec<f32>,
    pub(super) spread: Vec<f32>,
    pub(super) hidden: Vec<f32>,
}
