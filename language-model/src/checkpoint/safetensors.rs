//! Hugging Face's two files: `config.json` and `model.safetensors`.

use std::collections::HashMap;

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use super::{Checkpoint, LlamaConfig};
use crate::error::Error;

/// What is read of `config.json`.
#[derive(Deserialize)]
struct Config {
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    intermediate_size: usize,
    #[serde(default = "usual_rope_base")]
    rope_theta: f32,
    rms_norm_eps: f32,
}

fn usual_rope_base() -> f32 {
    10_000.0
}

impl Checkpoint {
    /// Reads `config.json` and the bytes of `model.safetensors` (F32, F16 or BF16).
    ///
    /// # Errors
    /// [`Error::Model`] if the configuration is not of a Llama, [`Error::Container`] if the weights cannot be
    /// read, [`Error::Weight`] if they are numbers of another type.
    #[allow(clippy::wildcard_enum_match_arm, reason = "the types are another crate's, and most of them are not read")]
    pub fn from_safetensors(config: &str, bytes: &[u8]) -> Result<Self, Error> {
        let config: Config = serde_json::from_str(config).map_err(|error| Error::Model(error.to_string()))?;
        if config.model_type != "llama" {
            return Err(Error::Model(format!("its type is {} and not llama", config.model_type)));
        }
        let config = LlamaConfig {
            vocabulary: config.vocab_size,
            width: config.hidden_size,
            layers: config.num_hidden_layers,
            heads: config.num_attention_heads,
            kv_heads: config.num_key_value_heads.unwrap_or(config.num_attention_heads),
            mlp: config.intermediate_size,
            rope_base: config.rope_theta,
            norm_epsilon: config.rms_norm_eps,
        };
        let file = SafeTensors::deserialize(bytes).map_err(Error::container)?;
        let mut weights = HashMap::new();
        for (name, tensor) in file.iter() {
            let bytes = tensor.data();
            let numbers = match tensor.dtype() {
                Dtype::F32 => bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
                Dtype::F16 => bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
                Dtype::BF16 => bytes.chunks_exact(2).map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
                other => {
                    let reason = format!("has numbers of the type {other:?}; F32, F16 and BF16 can be read");
                    return Err(Error::Weight { name: name.to_owned(), reason });
                }
            };
            weights.insert(name.to_owned(), numbers);
        }
        Ok(Checkpoint { config: config.validate()?, weights })
    }
}
