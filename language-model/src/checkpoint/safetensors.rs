//! Hugging Face's two files: `config.json` and `model.safetensors`.

use half::{bf16, f16};
use safetensors::tensor::TensorView;
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
    /// Of transformers before version 5.
    rope_theta: Option<f32>,
    /// Of transformers from version 5 on.
    rope_parameters: Option<Rope>,
    rms_norm_eps: f32,
    // What a decoder may have and this one has not.
    rope_scaling: Option<serde_json::Value>,
    head_dim: Option<usize>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
}

#[derive(Deserialize)]
struct Rope {
    rope_theta: f32,
    #[serde(default = "usual_rope")]
    rope_type: String,
}

fn usual_rope() -> String {
    "default".into()
}

/// The base if the file names none, as in transformers.
const USUAL_ROPE_BASE: f32 = 10_000.0;

impl Config {
    /// # Errors
    /// [`Error::Model`] if it is not of a Llama, or of one that computes something that this decoder does not.
    fn llama(self) -> Result<LlamaConfig, Error> {
        let refuse = |reason: String| Err(Error::Model(reason));
        if self.model_type != "llama" {
            return refuse(format!("its type is {} and not llama", self.model_type));
        }
        if self.attention_bias || self.mlp_bias {
            return refuse("its projections have biases".into());
        }
        if self.head_dim.is_some_and(|width| width * self.num_attention_heads != self.hidden_size) {
            return refuse("its heads are not as wide together as the residual stream".into());
        }
        if self.rope_scaling.is_some() || self.rope_parameters.as_ref().is_some_and(|rope| rope.rope_type != "default")
        {
            return refuse("its rotary embedding is scaled".into());
        }
        let config = LlamaConfig {
            vocabulary: self.vocab_size,
            width: self.hidden_size,
            layers: self.num_hidden_layers,
            heads: self.num_attention_heads,
            kv_heads: self.num_key_value_heads.unwrap_or(self.num_attention_heads),
            mlp: self.intermediate_size,
            rope_base: self.rope_parameters.map(|rope| rope.rope_theta).or(self.rope_theta).unwrap_or(USUAL_ROPE_BASE),
            norm_epsilon: self.rms_norm_eps,
        };
        config.validate()
    }
}

impl Checkpoint {
    /// Reads `config.json` and the bytes of `model.safetensors` (F32, F16 or BF16).
    ///
    /// # Errors
    /// [`Error::Model`] if the configuration is not of a Llama or of one that has more (biases, a scaled rotary
    /// embedding, heads of another width), [`Error::Container`] if the weights cannot be
    /// read, [`Error::Weight`] if they are numbers of another type.
    pub fn from_safetensors(config: &str, bytes: &[u8]) -> Result<Self, Error> {
        let config: Config = serde_json::from_str(config).map_err(|error| Error::Model(error.to_string()))?;
        let file = SafeTensors::deserialize(bytes).map_err(Error::container)?;
        let weight = |(name, tensor): (&str, TensorView<'_>)| Ok((name.to_owned(), numbers(name, &tensor)?));
        let weights = file.iter().map(weight).collect::<Result<_, Error>>()?;
        Ok(Checkpoint { config: config.llama()?, weights })
    }
}

/// A tensor's numbers, row by row.
///
/// # Errors
/// [`Error::Weight`] if they are of another type than F32, F16 and BF16.
#[allow(clippy::wildcard_enum_match_arm, reason = "the types are another crate's, and most of them are not read")]
pub(crate) fn numbers(name: &str, tensor: &TensorView<'_>) -> Result<Vec<f32>, Error> {
    let bytes = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
        Dtype::F16 => Ok(bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()),
        Dtype::BF16 => Ok(bytes.chunks_exact(2).map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect()),
        other => {
            let reason = format!("has numbers of the type {other:?}; F32, F16 and BF16 can be read");
            Err(Error::Weight { name: name.to_owned(), reason })
        }
    }
}
