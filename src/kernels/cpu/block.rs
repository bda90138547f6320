//! A block: attention and MLP, each behind its LayerNorm and added to the residual stream.

use wide::f32x4;

use super::attention::{attend, attend_backward, attend_cached};
use super::batch::{Read, Segment};
use super::linear::Linear;
use super::norm::Norm;
use super::tape::{BlockTape, Scratch};
use crate::kernels::ModelConfig;
use crate::kernels::maths::{exp, update};

/// The weights of a block.
pub(super) struct Block<'a> {
    pub(super) config: ModelConfig,
    pub(super) attention_norm: Norm<'a>,
    pub(super) qkv: Linear<'a>,
    pub(super) attention_out: Linear<'a>,
    pub(super) mlp_norm: Norm<'a>,
    pub(super) mlp_in: Linear<'a>,
    pub(super) mlp_out: Linear<'a>,
}

impl Block<'_> {
    /// Adds the outputs of attention and MLP to the residual stream where that is read.
    pub(super) fn forward(
        &self,
        residual: &mut [f32],
        Read { first, segments }: Read<'_>,
        tape: &mut BlockTape,
        scratch: &mut Scratch,
    ) {
        self.attention_norm.forward(residual, &mut tape.attention_input);
        self.qkv.forward(&tape.attention_input.output, &mut tape.qkv);
        tape.mixed.resize(residual.len(), 0.0);
        attend(self.config, &tape.qkv, segments, &mut tape.attention, &mut tape.mixed, scratch);
        self.after_attention(residual, first, tape);
    }

    /// As [`Block::forward`] for the next rows, each the only query of its segment, `[row, width]`. `cache` has what the
    /// rows before them came to, `[row, 3 · width]`, and then theirs.
    pub(super) fn decode(
        &self,
        residual: &mut [f32],
        segments: &[Segment],
        cache: &mut Vec<f32>,
        tape: &mut BlockTape,
        scratch: &mut Scratch,
    ) {
        self.attention_norm.forward(residual, &mut tape.attention_input);
        self.qkv.forward(&tape.attention_input.output, &mut tape.qkv);
        cache.extend_from_slice(&tape.qkv);
        tape.mixed.resize(residual.len(), 0.0);
        attend_cached(self.config, &tape.qkv, segments, cache, &mut tape.mixed, &mut scratch.scores);
        self.after_attention(residual, 0, tape);
    }

    /// Attention's projection, and the MLP, from this row on.
    fn after_attention(&self, residual: &mut [f32], first: usize, tape: &mut BlockTape) {
        let from = first * self.config.width;
        let residual = &mut residual[from..];
        self.attention_out.add_to(&tape.mixed[from..], residual);
        self.mlp_norm.forward(residual, &mut tape.mlp_input);
        self.mlp_in.forward(&tape.mlp_input.output, &mut tape.hidden);
        tape.gate.resize(tape.hidden.len(), 0.0);
        tape.activated.resize(tape.hidden.len(), 0.0);
        update(&mut tape.gate, [&tape.hidden], |_, [x]| gelu_gate(x));
        update(&mut tape.activated, [&tape.hidden, &tape.gate], |_, [x, gate]| x * gate);
        self.mlp_out.add_to(&tape.activated, residual);
    }

    /// Turns the gradient after the block into the gradient before it.
    pub(super) fn backward(
        &self,
        tape: &BlockTape,
        Read { first, segments }: Read<'_>,
        residual: &mut [f32],
        gradient: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let mut upstream = vec![0.0; residual.len()];
        let from = first * self.config.width;
        let (read, above) = (&mut residual[from..], &mut upstream[from..]);
        let mut hidden = std::mem::take(&mut scratch.hidden);
        hidden.resize(tape.hidden.len(), 0.0);
        self.mlp_out.backward(&tape.activated, read, &mut hidden, gradient, &mut scratch.packed);
        update(&mut hidden, [&tape.hidden, &tape.gate], |slope, [x, gate]| slope * gelu_slope(x, gate));
        self.mlp_in.backward(&tape.mlp_input.output, &hidden, above, gradient, &mut scratch.packed);
        self.mlp_norm.backward(&tape.mlp_input, above, read, gradient);

        self.attention_out.backward(&tape.mixed[from..], read, above, gradient, &mut scratch.packed);
        hidden.resize(tape.qkv.len(), 0.0);
        hidden.fill(0.0);
        attend_backward(self.config, tape, segments, &upstream, &mut hidden, scratch);
        self.qkv.backward(&tape.attention_input.output, &hidden, &mut upstream, gradient, &mut scratch.packed);
        self.attention_norm.backward(&tape.attention_input, &upstream, residual, gradient);
        scratch.hidden = hidden;
    }
}

/// √(2 / π), twice: ½ (1 + tanh u) is the logistic function of 2u.
const GELU: f32 = 2.0 * 0.797_884_6;
const GELU_CUBE: f32 = 0.044_715;

/// GELU(x) / x in the tanh form of Hendrycks & Gimpel (2016).
fn gelu_gate(x: f32x4) -> f32x4 {
    1.0 / (1.0 + exp(-GELU * (x + GELU_CUBE * x * x * x)))
}

/// GELU′(x), given the gate.
fn gelu_slope(x: f32x4, gate: f32x4) -> f32x4 {
    gate + x * gate * (1.0 - gate) * GELU * (1.0 + 3.0 * GELU_CUBE * x * x)
}
