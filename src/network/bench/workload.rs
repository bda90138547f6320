//! The benchmark's work: generated, or read from a manifest and its numbers.

use rand::RngExt;
use serde::Deserialize;

use super::names::lab_name;
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::kernels::ModelConfig;

/// Batches of a generated workload.
const BATCHES: usize = 8;
/// Sequences of a generated batch, and prompts to continue.
const SEQUENCES: usize = 64;
/// Tokens of a generated prompt.
const PROMPT: usize = 8;
/// Tokens that a prompt is continued by.
const CONTINUATION: usize = 16;

/// The work of one replica.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    pub(super) config: ModelConfig,
    /// In the order of [`ModelConfig::tensors`].
    pub(super) weights: Vec<f32>,
    /// `[batch, sequence, context + 1]`, and the sizes.
    pub(super) tokens: (Vec<i32>, [usize; 3]),
    /// Of every prediction's cross-entropy, `[batch, sequence, context]`.
    pub(super) loss_weights: Vec<f32>,
    /// `[prompt, time]`, and the sizes.
    pub(super) prompts: (Vec<i32>, [usize; 2]),
    pub(super) continuation: usize,
}

/// Where an array lies among the numbers of a workload.
#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    dtype: Option<String>,
    shape: Vec<usize>,
    byte_offset: usize,
}

#[derive(Debug, Deserialize)]
struct ManifestConfig {
    #[serde(alias = "vocab", alias = "vocab_size", alias = "n_vocab", alias = "V")]
    vocabulary: usize,
    #[serde(
        alias = "ctx",
        alias = "n_ctx",
        alias = "context_length",
        alias = "block_size",
        alias = "seq",
        alias = "T"
    )]
    context: usize,
    #[serde(alias = "d", alias = "d_model", alias = "dim", alias = "n_embd", alias = "D")]
    width: usize,
    #[serde(alias = "n_layers", alias = "n_layer", alias = "L")]
    layers: usize,
    #[serde(alias = "n_heads", alias = "n_head", alias = "H")]
    heads: usize,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    config: ManifestConfig,
    params: Vec<Entry>,
    train_tokens: Entry,
    train_weights: Entry,
    prompts: Entry,
}

impl Workload {
    /// Configuration `A` (2 blocks of width 64, 256 tokens) or `B` (4 blocks of width 128, 512
    /// tokens); a context of 32, 4 heads, a head of its own.
    ///
    /// # Errors
    /// If there is no configuration of this name.
    pub fn generate(name: &str) -> Result<Self, Error> {
        let (vocabulary, width, layers) = match name {
            "A" => (256, 64, 2),
            "B" => (512, 128, 4),
            other => return Err(Error::Benchmark(format!("there is no configuration {other:?}, there are A and B"))),
        };
        let config = ModelConfig { vocabulary, context: 32, width, heads: 4, layers, tied: false };
        let mut rng = stream(0, 0, Purpose::Corpus);
        let mut draw = |count: usize| (0..count).map(|_| rng.random_range(0..vocabulary as i32)).collect::<Vec<_>>();
        let shape = [BATCHES, SEQUENCES, config.context + 1];
        let (tokens, prompts) = (draw(shape.iter().product()), draw(SEQUENCES * PROMPT));
        Ok(Workload {
            config,
            weights: config.init(0),
            loss_weights: vec![1.0; BATCHES * SEQUENCES * config.context],
            tokens: (tokens, shape),
            prompts: (prompts, [SEQUENCES, PROMPT]),
            continuation: CONTINUATION,
        })
    }

    /// From a manifest in JSON (`config`, `params`, `train_tokens`, `train_weights`, `prompts`) and
    /// the little-endian numbers that it points into.
    ///
    /// # Errors
    /// What is missing or does not fit; parameters of unknown names are all listed.
    pub fn parse(manifest: &str, numbers: &[u8]) -> Result<Self, Error> {
        let wrong = |what: String| Error::Benchmark(what);
        let manifest: Manifest = serde_json::from_str(manifest).map_err(|error| wrong(error.to_string()))?;
        let ManifestConfig { vocabulary, context, width, layers, heads } = manifest.config;
        let config = ModelConfig { vocabulary, context, width, heads, layers, tied: false };
        config.validate().map_err(|error| wrong(error.to_string()))?;
        let words = |entry: &Entry, dtype: &str| {
            let count: usize = entry.shape.iter().product();
            let given = entry.dtype.as_deref().unwrap_or(dtype);
            if !given.starts_with(&dtype[..1]) || !given.ends_with("32") {
                return Err(wrong(format!("{} has the type {given}, not {dtype}", entry.name)));
            }
            let bytes = numbers.get(entry.byte_offset..entry.byte_offset + 4 * count);
            bytes
                .map(|bytes| bytes.as_chunks::<4>().0)
                .ok_or_else(|| wrong(format!("{} ends beyond the file", entry.name)))
        };
        let floats = |entry: &Entry| -> Result<Vec<f32>, Error> {
            Ok(words(entry, "f32")?.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
        };
        let ints = |entry: &Entry| -> Result<Vec<i32>, Error> {
            Ok(words(entry, "i32")?.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect())
        };

        let unknown: Vec<&str> =
            manifest.params.iter().map(|entry| entry.name.as_str()).filter(|name| lab_name(name).is_none()).collect();
        if !unknown.is_empty() {
            return Err(wrong(format!("unknown parameters {}", unknown.join(", "))));
        }
        let mut weights = Vec::with_capacity(config.parameters());
        for spec in config.tensors() {
            let entry = manifest.params.iter().find(|entry| lab_name(&entry.name).as_ref() == Some(&spec.name));
            let entry = entry.ok_or_else(|| wrong(format!("no parameter is {}", spec.name)))?;
            let values: Vec<f32> = floats(entry)?;
            let fits = entry.shape == [spec.rows, spec.columns] || spec.rows == 1 && entry.shape == [spec.columns];
            if !fits {
                return Err(wrong(format!(
                    "{} has the shape {:?}, not [{}, {}]",
                    entry.name, entry.shape, spec.rows, spec.columns
                )));
            }
            weights.extend(values);
        }
        let tokens: Vec<i32> = ints(&manifest.train_tokens)?;
        let prompts: Vec<i32> = ints(&manifest.prompts)?;
        let shape = <[usize; 3]>::try_from(manifest.train_tokens.shape)
            .map_err(|shape| wrong(format!("train_tokens has the shape {shape:?}, not [batch, sequence, time]")))?;
        let asked = <[usize; 2]>::try_from(manifest.prompts.shape)
            .map_err(|shape| wrong(format!("prompts has the shape {shape:?}, not [prompt, time]")))?;
        let loss_weights: Vec<f32> = floats(&manifest.train_weights)?;
        let outside = tokens.iter().chain(&prompts).find(|token| !(0..vocabulary as i32).contains(token));
        if let Some(token) = outside {
            return Err(wrong(format!("token {token} is outside the vocabulary of {vocabulary}")));
        }
        if shape.into_iter().chain(asked).any(|size| size == 0) {
            return Err(wrong(format!("there is nothing in tokens {shape:?} or prompts {asked:?}")));
        }
        let room = (shape[2] - 1).max(asked[1] + CONTINUATION - 1);
        if shape[2] < 2 || room > context || loss_weights.len() != shape[0] * shape[1] * (shape[2] - 1) {
            return Err(wrong(format!("tokens {shape:?} and prompts {asked:?} do not fit a context of {context}")));
        }
        Ok(Workload {
            config,
            weights,
            tokens: (tokens, shape),
            loss_weights,
            prompts: (prompts, asked),
            continuation: CONTINUATION,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parameters_are_all_listed() {
        let entry = r#"{"shape": [1], "byte_offset": 0, "name": "#;
        let manifest = format!(
            r#"{{"config": {{"vocab": 4, "context": 2, "d": 4, "layers": 1, "heads": 1}},
                "params": [{entry}"rotary"}}, {entry}"wte"}}, {entry}"h.0.gate"}}],
                "train_tokens": {entry}""}}, "train_weights": {entry}""}}, "prompts": {entry}""}}}}"#
        );
        let error = Workload::parse(&manifest, &[0; 4]).unwrap_err().to_string();
        assert!(error.contains("unknown parameters rotary, h.0.gate"), "{error}");
    }
}
