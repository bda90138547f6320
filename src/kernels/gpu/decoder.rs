//! The decoder of a batch: launches for its blocks and its head, forward and backward.

use burn::tensor::DType;
use burn_cubecl::tensor::CubeTensor;

use super::batch::Sizes;
use super::launcher::{Launcher, empty};
use super::norm::Normed;
use super::product::{End, Matrix, Product};

/// The activations of a block's forward pass, which its gradient needs.
pub(super) struct BlockTape {
    pub(super) attention_input: Normed,
    pub(super) qkv: CubeTensor,
    pub(super) attention: CubeTensor,
    pub(super) mixed: CubeTensor,
    pub(super) mlp_input: Normed,
    /// Before the GELU.
    pub(super) hidden: CubeTensor,
}

impl Launcher<'_> {
    /// Adds the outputs of a block's attention and MLP to the residual stream.
    pub(super) fn block(&self, layer: usize, residual: &CubeTensor) -> BlockTape {
        let (rows, width, block) = (self.s.rows(), self.s.width, self.s.offsets.block(layer));
        let attention_input = self.normalise(residual, block.attention_norm);
        let [qkv, hidden] = [3 * width, 4 * width].map(|columns| self.floats(rows * columns));
        let thin = self.rows(0, width);
        self.linear((&attention_input.output, thin), block.qkv, (&qkv, 3 * width), End::Bias);
        let (attention, mixed) = self.attend(&qkv);
        self.linear((&mixed, thin), block.attention_out, (residual, width), End::AddBias);
        let mlp_input = self.normalise(residual, block.mlp_norm);
        self.linear((&mlp_input.output, thin), block.mlp_in, (&hidden, 4 * width), End::Bias);
        let activated = Matrix { gelu: true, ..self.rows(0, 4 * width) };
        self.linear((&hidden, activated), block.mlp_out, (residual, width), End::AddBias);
        BlockTape { attention_input, qkv, attention, mixed, mlp_input, hidden }
    }

    /// Turns the gradient after a block into the gradient before it.
    pub(super) fn block_backward(&self, layer: usize, tape: &BlockTape, residual: &CubeTensor, gradient: &CubeTensor) {
        let (rows, width, block) = (self.s.rows(), self.s.width, self.s.offsets.block(layer));
        let thin = self.rows(0, width);
        let [hidden, upstream, down] = [4 * width, width, 3 * width].map(|columns| self.floats(rows * columns));
        let activated = Matrix { gelu: true, ..self.rows(0, 4 * width) };
        let input = (&tape.hidden, activated);
        self.linear_backward(input, block.mlp_out, (residual, width), gradient, &hidden);
        let input = (&tape.mlp_input.output, thin);
        self.linear_backward(input, block.mlp_in, (&hidden, 4 * width), gradient, &upstream);
        self.normalise_backward(&tape.mlp_input, block.mlp_norm, &upstream, gradient, residual);

        let input = (&tape.mixed, thin);
        self.linear_backward(input, block.attention_out, (residual, width), gradient, &upstream);
        self.attend_backward(&tape.qkv, &tape.attention, &upstream, &down);
        let input = (&tape.attention_input.output, thin);
        self.linear_backward(input, block.qkv, (&down, 3 * width), gradient, &upstream);
        let norm = &tape.attention_input;
        self.normalise_backward(norm, block.attention_norm, &upstream, gradient, residual);
    }

    /// The final norm of the rows of answers, and their logits `[replica, answer × time, vocabulary]`.
    pub(super) fn head(&self, residual: &CubeTensor) -> (Normed, CubeTensor) {
        let Sizes { vocabulary, width, .. } = self.s;
        let normed = self.normalise(residual, self.s.offsets.final_norm);
        let rows = self.s.rows() - self.s.first_answer_row();
        let logits = empty(self.weights, [self.replicas, rows, vocabulary], DType::F32);
        let (left, right) = (Matrix { replica: rows * width, ..self.rows(0, width) }, self.head_weight());
        let replica = rows * vocabulary;
        let p = Product { rows, columns: vocabulary, depth: width, left, right, replica, offset: 0, end: End::Set };
        self.product(&normed.output, self.weights, None, &logits, p);
        (normed, logits)
    }

    /// The head's weight as the right factor of a product.
    fn head_weight(&self) -> Matrix {
        let Sizes { vocabulary, width, tied, offsets, .. } = self.s;
        match tied {
            true => Matrix { transposed: true, ..self.weight(offsets.head, width) },
            false => self.weight(offsets.head, vocabulary),
        }
    }

    /// Writes the gradient of the head's weight; the gradient with respect to its input.
    pub(super) fn head_backward(&self, input: &CubeTensor, slopes: &CubeTensor, gradient: &CubeTensor) -> CubeTensor {
        let Sizes { vocabulary, width, tied, parameters, .. } = self.s;
        let rows = self.s.rows() - self.s.first_answer_row();
        let matrix = |columns: usize| Matrix { replica: rows * columns, ..self.rows(0, columns) };
        let (x, slope) = (matrix(width), matrix(vocabulary));
        let weight = self.head_weight();
        let turned = |matrix: Matrix| Matrix { transposed: !matrix.transposed, ..matrix };
        let p = Product {
            rows: if tied { vocabulary } else { width },
            columns: if tied { width } else { vocabulary },
            depth: rows,
            left: turned(if tied { slope } else { x }),
            right: if tied { x } else { slope },
            replica: parameters,
            offset: weight.offset,
            end: End::Set,
        };
        let (left, right) = if tied { (slopes, input) } else { (input, slopes) };
        self.product(left, right, None, gradient, p);
        let upstream = self.floats(rows * width);
        let p = Product {
            rows,
            columns: width,
            depth: vocabulary,
            left: slope,
            right: turned(weight),
            replica: rows * width,
            offset: 0,
            end: End::Set,
        };
        self.product(slopes, self.weights, None, &upstream, p);
        upstream
    }
}
