//! A model as it is in files: its shape and its weights as f32 on the host, under Hugging Face's names.
//!
//! `gguf` and `safetensors` read the two containers. Quantised weights are unpacked: 135 million parameters
//! take 540 MB at run time, whatever the file takes.

mod gguf;
mod safetensors;

use std::collections::HashMap;

use crate::error::Error;

pub use self::gguf::GgufFile;
pub(crate) use self::safetensors::numbers;

/// Shape of a Llama decoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LlamaConfig {
    /// Tokens that there are.
    pub vocabulary: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; each serves `heads / kv_heads` query heads.
    pub kv_heads: usize,
    /// Width of the SwiGLU layer.
    pub mlp: usize,
    /// Base of the rotary embedding's wavelengths.
    pub rope_base: f32,
    /// ε of RMSNorm.
    pub norm_epsilon: f32,
}

impl LlamaConfig {
    /// Width of a head.
    pub fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// Query heads that share a key and value head.
    pub fn heads_per_kv(&self) -> usize {
        self.heads / self.kv_heads
    }

    /// # Errors
    /// [`Error::Model`] if something is of no size, the heads do not divide the width, or the key and value heads the heads.
    fn validate(self) -> Result<Self, Error> {
        let divides = |part: usize, whole: usize| part > 0 && whole.is_multiple_of(part);
        let even = |heads: usize| divides(heads, self.width) && (self.width / heads).is_multiple_of(2);
        let sizes = [self.vocabulary, self.width, self.layers, self.mlp];
        if sizes.into_iter().all(|size| size > 0) && even(self.heads) && divides(self.kv_heads, self.heads) {
            Ok(self)
        } else {
            Err(Error::Model(format!("no decoder has the shape {self:?}")))
        }
    }
}

/// Shape and weights.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The shape.
    pub config: LlamaConfig,
    /// Row by row, `[out, in]`, under the names of Hugging Face's `LlamaForCausalLM`.
    pub weights: HashMap<String, Vec<f32>>,
}

impl Checkpoint {
    /// Takes a weight of this many numbers out.
    ///
    /// # Errors
    /// [`Error::Weight`] if it is missing or has another size.
    pub(crate) fn take(&mut self, name: &str, numbers: usize) -> Result<Vec<f32>, Error> {
        let wrong = |reason: String| Error::Weight { name: name.to_owned(), reason };
        let weight = self.weights.remove(name).ok_or_else(|| wrong("is missing".into()))?;
        match weight.len() {
            length if length == numbers => Ok(weight),
            length => Err(wrong(format!("has {length} numbers and not {numbers}"))),
        }
    }
}
