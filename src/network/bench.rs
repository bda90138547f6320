//! The benchmark: the laboratory's own kernels on work that other libraries can repeat.
//!
//! A workload is a decoder, its initial weights, eight batches of tokens and prompts to continue,
//! either read from a manifest and its numbers or generated. Parameters and tokens are as in any
//! GPT-2-like model, so that the same work is easily written for another library; docs/PERFORMANCE.md
//! has the figures. Leaves out clocks: who calls it takes the time.

use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::RngExt;
use serde::Deserialize;

use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::kernels::ModelConfig;
use crate::network::device::{device_error, to_host};
use crate::network::model::Policy;
use crate::network::optimiser::ReplicaAdamW;
use crate::network::sampler::{gumbel, upload_noise};

/// Batches of a generated workload.
const BATCHES: usize = 8;
/// Sequences of a generated batch, and prompts to continue.
const SEQUENCES: usize = 64;
/// Tokens of a generated prompt.
const PROMPT: usize = 8;
/// Tokens that a prompt is continued by.
const CONTINUATION: usize = 16;
const LEARNING_RATE: f32 = 1e-3;

/// What there is to compute, for one replica.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    config: ModelConfig,
    /// In the order of [`ModelConfig::tensors`].
    weights: Vec<f32>,
    /// `[batch, sequence, context + 1]`, and the sizes.
    tokens: (Vec<i32>, [usize; 3]),
    /// Of every prediction's cross-entropy, `[batch, sequence, context]`.
    loss_weights: Vec<f32>,
    /// `[prompt, time]`, and the sizes.
    prompts: (Vec<i32>, [usize; 2]),
    continuation: usize,
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
            manifest.params.iter().map(|entry| entry.name.as_str()).filter(|name| own_name(name).is_none()).collect();
        if !unknown.is_empty() {
            return Err(wrong(format!("unknown parameters {}", unknown.join(", "))));
        }
        let mut weights = Vec::with_capacity(config.parameters());
        for spec in config.tensors() {
            let entry = manifest.params.iter().find(|entry| own_name(&entry.name).as_ref() == Some(&spec.name));
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

/// What a parameter is called in [`ModelConfig::tensors`], from the names that it goes by in GPT-2,
/// nanoGPT and their kin; separators do not count: `h.0.attn.c_attn.weight`, `blocks.0.qkv_w` and
/// `l0.wqkv` are `blocks.0.attention.qkv.weight`. `None` for one that is not known.
fn own_name(name: &str) -> Option<String> {
    const ATTENTION: &[&str] = &["attention", "attn", "selfattn", ""];
    const MLP: &[&str] = &["mlp", "ffn", "ff", ""];
    const WEIGHTS: &[(&str, &[&str])] = &[("weight", &["weight", "w", "kernel", ""]), ("bias", &["bias", "b"])];
    const NORMS: &[(&str, &[&str])] =
        &[("scale", &["scale", "g", "gamma", "weight", "w"]), ("shift", &["shift", "b", "beta", "bias"])];
    // Own name, what may stand before its stem, stems, endings. The first that fits counts.
    type Names = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        &'static [(&'static str, &'static [&'static str])],
    );
    const WHOLE: [Names; 4] = [
        (
            "embedding",
            &[""],
            &["embedding", "embed", "emb", "wte", "tok", "tokemb", "tokenembedding"],
            &[("", &["", "weight", "w"])],
        ),
        (
            "position",
            &[""],
            &["position", "pos", "wpe", "posemb", "posembed", "positionembedding"],
            &[("", &["", "weight", "w"])],
        ),
        ("final_norm.", &[""], &["finalnorm", "lnf", "normf", "lnfinal", "finalln"], NORMS),
        ("head", &[""], &["head", "lmhead", "unembed", "output", "out"], &[("", &["", "weight", "w"])]),
    ];
    const BLOCK: [Names; 6] = [
        ("attention_norm.", &[""], &["attentionnorm", "attnnorm", "ln1", "norm1"], NORMS),
        ("mlp_norm.", &[""], &["mlpnorm", "ffnnorm", "ln2", "norm2"], NORMS),
        ("attention.qkv.", ATTENTION, &["qkv", "cattn"], WEIGHTS),
        ("attention.out.", ATTENTION, &["out", "o", "proj", "cproj"], WEIGHTS),
        ("mlp.in.", MLP, &["in", "fc", "cfc", "fc1", "up", "1"], WEIGHTS),
        ("mlp.out.", MLP, &["out", "proj", "cproj", "fc2", "down", "2"], WEIGHTS),
    ];
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let letters = letters.strip_prefix("transformer").unwrap_or(&letters);
    let of = |known: &[Names], letters: &str| {
        known.iter().find_map(|(own, groups, stems, endings)| {
            let rest = groups.iter().filter_map(|group| letters.strip_prefix(group));
            rest.flat_map(|rest| stems.iter().map(move |stem| (rest, stem))).find_map(|(rest, stem)| {
                // Behind the stem as in `qkv.weight`, or before it as in `wqkv`.
                let fits = |ending: &&str| {
                    rest.strip_prefix(stem) == Some(ending)
                        || ending.len() == 1 && rest.strip_prefix(ending) == Some(stem)
                };
                let (ending, _) = endings.iter().find(|(_, endings)| endings.iter().any(fits))?;
                Some(format!("{own}{ending}"))
            })
        })
    };
    of(&WHOLE, letters).or_else(|| {
        let rest = ["blocks", "block", "layers", "layer", "h", "l", "b"].iter().find_map(|prefix| {
            letters.strip_prefix(prefix).filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        })?;
        // The number of a block is one digit, so that what follows may begin with one.
        let (layer, part) = rest.split_at(1);
        Some(format!("blocks.{layer}.{}", of(&BLOCK, part)?))
    })
}

/// A workload on a device, the same in every replica.
pub struct Bench {
    workload: Workload,
    replicas: usize,
    device: Device,
    weights: Tensor<2>,
    optimiser: ReplicaAdamW,
    steps: usize,
}

impl Bench {
    /// With the initial weights, no moments, before the first batch.
    pub fn new(workload: Workload, replicas: usize, device: &Device) -> Self {
        let data = TensorData::new(workload.weights.repeat(replicas), [replicas, workload.weights.len()]);
        Bench {
            replicas,
            device: device.clone(),
            weights: Tensor::from_data(data, device),
            optimiser: ReplicaAdamW::new(0.9, 0.999, 0.01, f32::INFINITY),
            steps: 0,
            workload,
        }
    }

    /// Copies of the work that are done at once.
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    /// One step on the next batch: tokens and weights are uploaded, the loss is read only if
    /// wanted, `[replica]`. Mean over a batch's predictions of weight × cross-entropy; AdamW with
    /// step size 1e-3, β 0.9 and 0.999, ε 1e-8, decoupled decay 0.01.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn train(&mut self, wants_loss: bool) -> Result<Option<Vec<f32>>, Error> {
        let Workload { config, tokens: (tokens, [batches, sequences, length]), loss_weights, .. } = &self.workload;
        let (batch, time) = (self.steps % batches, length - 1);
        self.steps += 1;
        let rows = &tokens[batch * sequences * length..(batch + 1) * sequences * length];
        let part = |from: usize, to: usize| {
            let part: Vec<i32> = rows.chunks_exact(*length).flat_map(|row| &row[from..to]).copied().collect();
            self.upload_tokens(&part, [*sequences, to - from])
        };
        let weights = loss_weights[batch * sequences * time..(batch + 1) * sequences * time].repeat(self.replicas);
        let weights = TensorData::new(weights, [self.replicas, *sequences, time]);
        let policy = Policy::new(*config, &self.weights);
        let scale = 1.0 / (sequences * time) as f32;
        let weights = Tensor::from_data(weights, &self.device);
        let (losses, gradient) = policy.next_token_gradient(part(0, 1), part(1, *length), weights, scale);
        let (weights, _) = self.optimiser.step(self.weights.clone(), gradient, LEARNING_RATE);
        self.weights = weights;
        Ok(if wants_loss { Some(to_host(losses).await?) } else { None })
    }

    /// The matrix products of one step of training and nothing else, as burn computes them: what the
    /// rest of a step is measured against.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn products(&self) -> Result<(), Error> {
        let Workload { config: ModelConfig { vocabulary, width, layers, .. }, tokens: (_, [_, count, time]), .. } =
            self.workload;
        let ones = |rows: usize, columns: usize| Tensor::<3>::ones([self.replicas, rows, columns], &self.device);
        let rows = count * (time - 1);
        let block = [(width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)];
        let mut last = ones(1, 1);
        for (inputs, outputs) in std::iter::repeat_n(block, layers).flatten().chain([(width, vocabulary)]) {
            let (x, weight) = (ones(rows, inputs), ones(inputs, outputs));
            let y = x.clone().matmul(weight.clone());
            let down = y.clone().matmul(weight.swap_dims(1, 2));
            let gradient = x.swap_dims(1, 2).matmul(y);
            last = gradient.slice([0..1, 0..1, 0..1]) + down.slice([0..1, 0..1, 0..1]);
        }
        to_host(last).await.map(drop)
    }

    /// Continues every prompt by 16 tokens, at temperature 1 or with the most probable one each:
    /// `[replica, prompt, 16]`. The noise follows from `seed`.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn sample(&self, greedy: bool, seed: u64) -> Result<Vec<i32>, Error> {
        let Workload { config, prompts: (prompts, [count, time]), continuation, .. } = &self.workload;
        let policy = Policy::new(*config, &self.weights);
        let noise = |replica: u64| match greedy {
            true => vec![0.0; count * continuation * config.vocabulary],
            false => gumbel(&mut stream(seed, replica, Purpose::Measurement), *count, *continuation, config.vocabulary),
        };
        let noise = upload_noise(&(0..self.replicas as u64).map(noise).collect::<Vec<_>>(), *count, &policy);
        let (tokens, _) = policy.sample(self.upload_tokens(prompts, [*count, *time]), noise, 1.0);
        let data = tokens.into_data_async().await.map_err(device_error)?;
        Ok(data.iter::<i32>().collect())
    }

    /// Back to the initial weights, no moments, before the first batch.
    pub fn reset(&mut self) {
        *self = Bench::new(self.workload.clone(), self.replicas, &self.device);
    }

    fn upload_tokens(&self, tokens: &[i32], [rows, time]: [usize; 2]) -> Tensor<3, Int> {
        Tensor::from_data(TensorData::new(tokens.repeat(self.replicas), [self.replicas, rows, time]), &self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_under_the_names_of_other_libraries() {
        let own: Vec<String> =
            Workload::generate("A").unwrap().config.tensors().into_iter().map(|spec| spec.name).collect();
        let gpt2 = |block: &str| format!("transformer.h.{block}");
        let short = |block: &str| format!("l{block}");
        let all = |first: [&str; 2], block: &dyn Fn(&str) -> String, parts: [&str; 12], last: [&str; 3]| {
            let blocks = (0..2).flat_map(|layer| parts.map(|part| block(&format!("{layer}.{part}"))));
            let first = first.map(str::to_owned).into_iter();
            first.chain(blocks.collect::<Vec<_>>()).chain(last.map(str::to_owned)).collect::<Vec<String>>()
        };
        let gpt2 = all(
            ["transformer.wte.weight", "transformer.wpe.weight"],
            &gpt2,
            [
                "ln_1.weight",
                "ln_1.bias",
                "attn.c_attn.weight",
                "attn.c_attn.bias",
                "attn.c_proj.weight",
                "attn.c_proj.bias",
                "ln_2.weight",
                "ln_2.bias",
                "mlp.c_fc.weight",
                "mlp.c_fc.bias",
                "mlp.c_proj.weight",
                "mlp.c_proj.bias",
            ],
            ["transformer.ln_f.weight", "transformer.ln_f.bias", "lm_head.weight"],
        );
        let short = all(
            ["tok_emb", "pos_emb"],
            &short,
            ["ln1.g", "ln1.b", "wqkv", "bqkv", "wo", "bo", "ln2.g", "ln2.b", "w1", "b1", "w2", "b2"],
            ["ln_f.g", "ln_f.b", "w_head"],
        );
        for names in [&own, &gpt2, &short] {
            let found: Vec<Option<String>> = names.iter().map(|name| own_name(name)).collect();
            assert_eq!(found, own.iter().cloned().map(Some).collect::<Vec<_>>());
        }
        assert_eq!(own_name("h.0.rotary.inv_freq"), None);
    }

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
