//! Low-rank adapters of single weights (Hu et al. 2022), and what they add.
//!
//! Leaves out which blocks have some and how they learn (`lora`).

use burn::tensor::Tensor;

/// What an adapter's product is multiplied by, over its rank: α of Hu et al.
const ALPHA: f32 = 32.0;

/// Two thin matrices whose product is added to a weight.
#[derive(Debug, Clone)]
pub(crate) struct Adapter {
    /// `[in, rank]`.
    pub(crate) inward: Tensor<2>,
    /// `[rank, out]`; zero at first, so that nothing is changed.
    pub(crate) outward: Tensor<2>,
}

impl Adapter {
    /// What it adds, `[row, out]`, to the product of rows `[row, in]` with its weight.
    pub(crate) fn apply(&self, rows: Tensor<2>) -> Tensor<2> {
        let scale = ALPHA / self.inward.dims()[1] as f32;
        rows.matmul(self.inward.clone()).matmul(self.outward.clone()) * scale
    }

    /// What it adds to its weight, `[out, in]`.
    pub(crate) fn product(&self) -> Tensor<2> {
        let scale = ALPHA / self.inward.dims()[1] as f32;
        self.inward.clone().matmul(self.outward.clone()).transpose() * scale
    }
}

/// The adapters of a block.
#[derive(Debug, Clone)]
pub(crate) struct BlockAdapters {
    pub(crate) qkv: Adapter,
    pub(crate) attention_out: Adapter,
    pub(crate) gate_up: Adapter,
    pub(crate) down: Adapter,
}

impl BlockAdapters {
    pub(crate) fn all(&self) -> [&Adapter; 4] {
        [&self.qkv, &self.attention_out, &self.gate_up, &self.down]
    }

    pub(crate) fn map(&self, change: impl Fn(Tensor<2>) -> Tensor<2>) -> Self {
        let [qkv, attention_out, gate_up, down] = self.all().map(|Adapter { inward, outward }| Adapter {
            inward: change(inward.clone()),
            outward: change(outward.clone()),
        });
        BlockAdapters { qkv, attention_out, gate_up, down }
    }
}
