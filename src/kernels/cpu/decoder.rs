//! The decoder of one replica: its weights, packed for products, and the forward pass with its gradient.
//!
//! Leaves out sampling, which is in `sampling`, and what a layer computes, which is in its own file.

use super::batch::{Batch, Rows};
use super::block::Block;
use super::gemm::{Packed, View};
use super::linear::Linear;
use super::loss::{Objective, log_softmax};
use super::norm::{Norm, Normed};
use super::tape::{BlockTape, Scratch};
use crate::kernels::config::{LinearWeights, NormWeights};
use crate::kernels::maths::{add, copy_rows};
use crate::kernels::{ModelConfig, TensorSpec};

/// The weights of one replica, packed for products.
pub(super) struct Decoder<'a> {
    pub(super) config: ModelConfig,
    pub(super) embedding: &'a [f32],
    pub(super) positions: &'a [f32],
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) final_norm: Norm<'a>,
    pub(super) head: Linear<'a>,
}

impl<'a> Decoder<'a> {
    /// `weights` are the parameters of one replica. Without `with_gradient` there is no backward pass.
    pub(super) fn new(config: ModelConfig, weights: &'a [f32], with_gradient: bool) -> Self {
        let values = |spec: &TensorSpec| &weights[spec.range()];
        let norm = |specs: &NormWeights<TensorSpec>| Norm {
            scale: values(&specs.scale),
            shift: values(&specs.shift),
            offset: specs.scale.offset,
        };
        // A tied head is the embedding, which is stored as `[outputs, inputs]`.
        let matrix = |spec: &TensorSpec, bias: Option<&TensorSpec>, transposed: bool| {
            let stored = View::rows(values(spec), spec.columns);
            let (inputs, outputs, weight) = match transposed {
                true => (spec.columns, spec.rows, stored.transposed()),
                false => (spec.rows, spec.columns, stored),
            };
            Linear {
                forward: Packed::new(weight, inputs, outputs),
                backward: with_gradient.then(|| Packed::new(weight.transposed(), outputs, inputs)),
                bias: bias.map(values),
                inputs,
                outputs,
                offset: spec.offset,
                transposed,
            }
        };
        let linear = |specs: &LinearWeights<TensorSpec>| matrix(&specs.weight, Some(&specs.bias), false);
        let specs = config.weights();
        let blocks = specs.blocks.iter().map(|block| Block {
            config,
            attention_norm: norm(&block.attention_norm),
            qkv: linear(&block.qkv),
            attention_out: linear(&block.attention_out),
            mlp_norm: norm(&block.mlp_norm),
            mlp_in: linear(&block.mlp_in),
            mlp_out: linear(&block.mlp_out),
        });
        Decoder {
            config,
            embedding: values(&specs.embedding),
            positions: values(&specs.position),
            blocks: blocks.collect(),
            final_norm: norm(&specs.final_norm),
            head: match &specs.head {
                Some(head) => matrix(head, None, false),
                None => matrix(&specs.embedding, None, true),
            },
        }
    }

    /// Log-probabilities of answers, and the residual streams at their last rows, layer by layer.
    pub(super) fn forward(&self, batch: &Batch, [prompts, answers]: [&[i32]; 2]) -> (Vec<f32>, Vec<f32>) {
        let (ModelConfig { width, vocabulary, .. }, layers) = (self.config, self.config.layers + 1);
        let mut log_probs = Vec::with_capacity(batch.answers() * batch.time * vocabulary);
        let mut states = vec![vec![]; layers];
        let (mut tape, mut scratch) = (BlockTape::default(), Scratch::default());
        for chunk in batch.chunks() {
            let rows = Rows::new(batch, chunk, [prompts, answers], |_| batch.time, true);
            let mut residual = self.embed(&rows.tokens, &rows.positions);
            let mut keep = |layer: usize, residual: &[f32]| {
                for row in rows.of_answers.iter().skip(batch.time - 1).step_by(batch.time) {
                    states[layer].extend_from_slice(&residual[row * width..(row + 1) * width]);
                }
            };
            keep(0, &residual);
            for ((layer, block), read) in self.blocks.iter().enumerate().zip(rows.read_after(self.blocks.len())) {
                block.forward(&mut residual, read, &mut tape, &mut scratch);
                keep(layer + 1, &residual);
            }
            let distinct = self.log_probs(&residual[rows.first_of_answers * width..], &mut Normed::default());
            for row in &rows.of_answers {
                let place = (row - rows.first_of_answers) * vocabulary;
                log_probs.extend_from_slice(&distinct[place..place + vocabulary]);
            }
        }
        (log_probs, states.concat())
    }

    /// The loss and its gradient with respect to all parameters.
    pub(super) fn gradient(
        &self,
        batch: &Batch,
        [prompts, answers]: [&[i32]; 2],
        objective: &Objective,
    ) -> (f32, Vec<f32>) {
        let ModelConfig { vocabulary, width, .. } = self.config;
        let mut gradient = vec![0.0; self.config.parameters()];
        let mut tapes: Vec<BlockTape> = self.blocks.iter().map(|_| BlockTape::default()).collect();
        let (mut of_distinct, mut scratch) = (BlockTape::default(), Scratch::default());
        let mut head_input = Normed::default();
        let mut loss = 0.0;
        for chunk in batch.chunks() {
            let own_answers = chunk.start * batch.completions..chunk.end * batch.completions;
            let counted = |answer| objective.counted(answer, batch.time);
            let [rows, distinct] =
                [false, true].map(|shared| Rows::new(batch, chunk.clone(), [prompts, answers], counted, shared));
            if rows.of_answers.is_empty() {
                continue;
            }
            let mut logits =
                self.record([&rows, &distinct], &mut tapes, &mut of_distinct, &mut head_input, &mut scratch);
            let tokens = own_answers.flat_map(|answer| {
                let first = answer * batch.time;
                first..first + counted(answer)
            });
            for (token, row) in tokens.zip(logits.chunks_exact_mut(vocabulary)) {
                loss += objective.differentiate(token, answers[token] as usize, row);
            }
            // The gradient with respect to the residual stream.
            let mut residual = vec![0.0; rows.tokens.len() * width];
            let mut upstream = vec![0.0; rows.of_answers.len() * width];
            self.head.backward(&head_input.output, &logits, &mut upstream, &mut gradient, &mut scratch.packed);
            let answers_start = rows.first_of_answers * width;
            self.final_norm.backward(&head_input, &upstream, &mut residual[answers_start..], &mut gradient);
            let blocks = self.blocks.iter().zip(&tapes).rev();
            for ((block, tape), read) in blocks.zip(rows.read_after(self.blocks.len()).rev()) {
                block.backward(tape, read, &mut residual, &mut gradient, &mut scratch);
            }
            let (embedding, later) = gradient.split_at_mut(self.embedding.len());
            for ((token, position), row) in rows.tokens.iter().zip(&rows.positions).zip(residual.chunks_exact(width)) {
                add(&mut embedding[token * width..(token + 1) * width], row);
                add(&mut later[position * width..(position + 1) * width], row);
            }
        }
        (loss, gradient)
    }

    /// Log-probabilities at the rows of answers, with what the gradient needs of all `rows`.
    ///
    /// What texts begin with is computed once, as `distinct` has it. Its gradient is not: that of each text is added in its
    /// turn, because in another order the sum has other digits.
    fn record(
        &self,
        [rows, distinct]: [&Rows; 2],
        tapes: &mut [BlockTape],
        of_distinct: &mut BlockTape,
        head_input: &mut Normed,
        scratch: &mut Scratch,
    ) -> Vec<f32> {
        let (ModelConfig { width, vocabulary, .. }, blocks) = (self.config, self.blocks.len());
        if distinct.tokens.len() == rows.tokens.len() {
            let mut residual = self.embed(&rows.tokens, &rows.positions);
            for ((block, tape), read) in self.blocks.iter().zip(tapes).zip(rows.read_after(blocks)) {
                block.forward(&mut residual, read, tape, scratch);
            }
            return self.log_probs(&residual[rows.first_of_answers * width..], head_input);
        }
        let twins = rows.twins(distinct);
        let mut residual = self.embed(&distinct.tokens, &distinct.positions);
        let read = rows.read_after(blocks).zip(distinct.read_after(blocks));
        for ((block, tape), (own, others)) in self.blocks.iter().zip(tapes).zip(read) {
            block.forward(&mut residual, others, of_distinct, scratch);
            tape.copy(self.config, of_distinct, [own, others], &twins);
        }
        let normed = &mut of_distinct.attention_input;
        let log_probs = self.log_probs(&residual[distinct.first_of_answers * width..], normed);
        let of_answers = &twins[rows.first_of_answers..];
        let read: Vec<usize> = of_answers.iter().map(|twin| twin - distinct.first_of_answers).collect();
        head_input.copy(normed, &read, width);
        let mut copies = vec![];
        copy_rows(&mut copies, &log_probs, &read, vocabulary);
        copies
    }

    /// `[row, width]`.
    pub(super) fn embed(&self, tokens: &[usize], positions: &[usize]) -> Vec<f32> {
        let width = self.config.width;
        let mut residual = Vec::with_capacity(tokens.len() * width);
        for (token, position) in tokens.iter().zip(positions) {
            let embedding = &self.embedding[token * width..(token + 1) * width];
            let position = &self.positions[position * width..(position + 1) * width];
            residual.extend(embedding.iter().zip(position).map(|(embedding, position)| embedding + position));
        }
        residual
    }

    /// `[row, vocabulary]` from final residual streams.
    pub(super) fn log_probs(&self, residual: &[f32], normed: &mut Normed) -> Vec<f32> {
        self.final_norm.forward(residual, normed);
        let mut rows = vec![];
        self.head.forward(&normed.output, &mut rows);
        let mut scratch = vec![];
        rows.chunks_exact_mut(self.config.vocabulary).for_each(|row| log_softmax(row, &mut scratch));
        rows
    }
}
