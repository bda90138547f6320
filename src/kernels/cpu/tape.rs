//! What a block keeps of its forward pass, and memory that is used again.

use super::gemm::Packed;
use super::norm::Normed;

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
