//! The decoder: grouped-query attention, rotary embedding, RMSNorm, SwiGLU (Touvron et al. 2023).
//!
//! A batch is groups of a prompt with its completions. A prompt's rows go through the decoder once, and its
//! completions attend to its keys and values: in an update of the fine-tune that is half of the work. All rows of
//! a batch stand in one matrix, so that everything but attention is a product of two matrices.
//!
//! Frozen weights are plain tensors; which blocks have adapters is for [`crate::lora`] to say. On a CPU the groups
//! of a batch are dealt out to a fixed number of parts, which run side by side: the bits of a result do not depend
//! on the number of threads.

use std::ops::Range;

use burn::tensor::activation::{log_softmax, silu, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rayon::prelude::*;

use crate::adapter::{Adapter, BlockAdapters};
use crate::checkpoint::{Checkpoint, LlamaConfig};
use crate::error::Error;
use crate::tokenizer::Token;

/// Parts of a batch that are computed side by side.
const PARTS: usize = 4;
/// Rows of logits at once: a row has a number for each token of the vocabulary.
pub(crate) const HEAD_ROWS: usize = 96;
/// Takes a key out of a softmax.
const MASKED: f32 = -1e9;

/// A prompt and its completions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The prompt, at least one token.
    pub prompt: Vec<Token>,
    /// As many in each group of a batch; none are empty.
    pub completions: Vec<Vec<Token>>,
}

/// A decoder's weights on a device. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Decoder {
    pub(crate) config: LlamaConfig,
    pub(crate) device: Device,
    /// `[vocabulary, width]`.
    pub(crate) embedding: Tensor<2>,
    pub(crate) blocks: Vec<Block>,
    /// `[width]`.
    pub(crate) final_norm: Tensor<1>,
    /// `[vocabulary, width]`; the embedding if the two are tied.
    pub(crate) head: Tensor<2>,
}

/// The weights of a block, `[out, in]`.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// `[width]`.
    pub(crate) attention_norm: Tensor<1>,
    /// Queries, keys and values below one another.
    pub(crate) qkv: Tensor<2>,
    pub(crate) attention_out: Tensor<2>,
    /// `[width]`.
    pub(crate) mlp_norm: Tensor<1>,
    /// Gate and up below one another.
    pub(crate) gate_up: Tensor<2>,
    pub(crate) down: Tensor<2>,
}

impl Decoder {
    /// Puts the weights of a file on a device.
    ///
    /// # Errors
    /// [`Error::Weight`] if one is missing or has another size.
    pub fn new(mut checkpoint: Checkpoint, device: &Device) -> Result<Self, Error> {
        let config = checkpoint.config;
        let LlamaConfig { vocabulary, width, layers, mlp, .. } = config;
        let keys = config.kv_heads * config.head_width();
        let vector = |numbers: Vec<f32>| {
            let length = numbers.len();
            Tensor::<1>::from_data(TensorData::new(numbers, [length]), device)
        };
        let matrix = |numbers: Vec<f32>, columns: usize| {
            let rows = numbers.len() / columns;
            Tensor::<2>::from_data(TensorData::new(numbers, [rows, columns]), device)
        };
        let block = |layer: usize| {
            let mut take =
                |part: &str, numbers| checkpoint.take(&format!("model.layers.{layer}.{part}.weight"), numbers);
            let projections = [("q", width), ("k", keys), ("v", keys)]
                .map(|(name, rows)| take(&format!("self_attn.{name}_proj"), rows * width));
            let [q, k, v] = projections;
            let [gate, up] = ["gate", "up"].map(|name| take(&format!("mlp.{name}_proj"), mlp * width));
            Ok(Block {
                attention_norm: vector(take("input_layernorm", width)?),
                qkv: matrix([q?, k?, v?].concat(), width),
                attention_out: matrix(take("self_attn.o_proj", width * width)?, width),
                mlp_norm: vector(take("post_attention_layernorm", width)?),
                gate_up: matrix([gate?, up?].concat(), width),
                down: matrix(take("mlp.down_proj", width * mlp)?, mlp),
            })
        };
        let blocks = (0..layers).map(block).collect::<Result<Vec<_>, Error>>()?;
        let embedding = matrix(checkpoint.take("model.embed_tokens.weight", vocabulary * width)?, width);
        let head = match checkpoint.take("lm_head.weight", vocabulary * width) {
            Ok(head) => matrix(head, width),
            Err(_) => embedding.clone(),
        };
        let final_norm = vector(checkpoint.take("model.norm.weight", width)?);
        Ok(Decoder { config, device: device.clone(), embedding, blocks, final_norm, head })
    }

    /// The shape.
    pub fn config(&self) -> &LlamaConfig {
        &self.config
    }

    /// Log-probabilities of the tokens of all completions, `[group][completion][token]`.
    pub fn score(&self, groups: &[Group]) -> Vec<Vec<Vec<f32>>> {
        let parts = self.side_by_side(groups, 1, |groups| {
            let batch = Batch::new(groups, &self.config, &self.device);
            let states = self.forward(0..self.config.layers, self.embed(&batch), &batch, None);
            let states = rms_norm(batch.before_completions(states), &self.final_norm, self.config.norm_epsilon);
            let rows = batch.groups * batch.completions * batch.time;
            let chosen = (0..rows).step_by(HEAD_ROWS).flat_map(|start| {
                let range = start..rows.min(start + HEAD_ROWS);
                let log_probs = log_softmax(self.logits(states.clone().slice_dim(0, range.clone())), 1);
                host(log_probs.gather(1, batch.completed.clone().slice_dim(0, range).unsqueeze_dim(1)))
            });
            batch.of_completions(groups, &chosen.collect::<Vec<_>>())
        });
        parts.into_iter().flatten().collect()
    }

    /// Logits of the token after each prompt, `[prompt][vocabulary]`.
    pub fn next_logits(&self, prompts: &[Vec<Token>]) -> Vec<Vec<f32>> {
        let [states] = self.last_states(prompts, [self.config.layers]);
        let logits = self.side_by_side(&states, 1, |states| {
            let width = self.config.width;
            let states = Tensor::<2>::from_data(TensorData::new(states.concat(), [states.len(), width]), &self.device);
            host(self.logits(rms_norm(states, &self.final_norm, self.config.norm_epsilon)))
        });
        logits.concat().chunks(self.config.vocabulary).map(<[f32]>::to_vec).collect()
    }

    /// The residual stream at the last token of each prompt after so many blocks, for each of these rising numbers,
    /// `[number][prompt][width]`.
    pub fn last_states<const N: usize>(&self, prompts: &[Vec<Token>], blocks: [usize; N]) -> [Vec<Vec<f32>>; N] {
        let prompts: Vec<Group> =
            prompts.iter().map(|prompt| Group { prompt: prompt.clone(), completions: vec![] }).collect();
        let parts = self.side_by_side(&prompts, 1, |groups| {
            let batch = Batch::new(groups, &self.config, &self.device);
            let (mut done, mut rows) = (0, self.embed(&batch));
            blocks.map(|blocks| {
                rows = self.forward(done..blocks, rows.clone(), &batch, None);
                done = blocks;
                host(batch.ends_of_prompts(rows.clone())).chunks(self.config.width).map(<[f32]>::to_vec).collect()
            })
        });
        let mut all = blocks.map(|_| Vec::new());
        for part in parts {
            all.iter_mut().zip(part).for_each(|(all, part): (_, Vec<Vec<f32>>)| all.extend(part));
        }
        all
    }

    /// Applies `compute` to parts of what there is to do, side by side on a CPU, and returns their results in order.
    /// Each but the last has at least `least` of it.
    pub(crate) fn side_by_side<T: Sync, R: Send>(
        &self,
        all: &[T],
        least: usize,
        compute: impl Fn(&[T]) -> R + Send + Sync,
    ) -> Vec<R> {
        if self.device == Device::flex() {
            all.par_chunks(all.len().div_ceil(PARTS).max(least)).map(compute).collect()
        } else {
            vec![compute(all)]
        }
    }

    /// The rows of a batch in the residual stream, `[row, width]`.
    pub(crate) fn embed(&self, batch: &Batch) -> Tensor<2> {
        self.embedding.clone().select(0, batch.tokens.clone())
    }

    /// Logits of normalised states, `[row, vocabulary]`.
    pub(crate) fn logits(&self, states: Tensor<2>) -> Tensor<2> {
        states.matmul(self.head.clone().transpose())
    }

    /// The residual stream after these blocks, of the same before them, `[row, width]`. Adapters are of the last
    /// blocks of the decoder.
    pub(crate) fn forward(
        &self,
        blocks: Range<usize>,
        rows: Tensor<2>,
        batch: &Batch,
        adapters: Option<&[BlockAdapters]>,
    ) -> Tensor<2> {
        blocks.fold(rows, |rows, layer| {
            let adapters = adapters.and_then(|adapters| {
                let first = self.config.layers - adapters.len();
                layer.checked_sub(first).map(|place| &adapters[place])
            });
            self.block(layer, rows, batch, adapters)
        })
    }

    fn block(&self, layer: usize, rows: Tensor<2>, batch: &Batch, adapters: Option<&BlockAdapters>) -> Tensor<2> {
        let Batch { groups, completions, length, time, .. } = *batch;
        let Heads { queries, keys, values } = self.heads(layer, rows.clone(), &batch.rotation, adapters);
        let prompt_rows = groups * length;
        let shape = [groups, 1, length];
        let of_prompts = |heads: &Tensor<3>| heads.clone().slice_dim(0, 0..prompt_rows);
        let (prompt_keys, prompt_values) = (fold_keys(of_prompts(&keys), shape), fold_keys(of_prompts(&values), shape));
        let own = Segment { keys: prompt_keys.clone(), values: prompt_values.clone(), bias: batch.prompt_bias.clone() };
        let mut attended = attend(fold_queries(of_prompts(&queries), shape, &self.config), &[own], shape);
        if completions > 0 && time > 1 {
            let shape = [groups, completions, time - 1];
            let of_completions =
                |heads: Tensor<3>| heads.slice_dim(0, prompt_rows..prompt_rows + shape.iter().product::<usize>());
            let segments = [
                Segment { keys: prompt_keys, values: prompt_values, bias: batch.padding_bias.clone() },
                Segment {
                    keys: fold_keys(of_completions(keys), shape),
                    values: fold_keys(of_completions(values), shape),
                    bias: batch.causal_bias.clone(),
                },
            ];
            let queries = fold_queries(of_completions(queries), shape, &self.config);
            attended = Tensor::cat(vec![attended, attend(queries, &segments, shape)], 0);
        }
        self.after_attention(layer, rows, attended, adapters)
    }

    /// Rotated queries and keys, and values, of rows in the residual stream.
    pub(crate) fn heads(
        &self,
        layer: usize,
        rows: Tensor<2>,
        rotation: &Rotation,
        adapters: Option<&BlockAdapters>,
    ) -> Heads {
        let LlamaConfig { heads, kv_heads, norm_epsilon, .. } = self.config;
        let block = &self.blocks[layer];
        let width = self.config.head_width();
        let count = rows.dims()[0];
        let qkv = project(
            rms_norm(rows, &block.attention_norm, norm_epsilon),
            &block.qkv,
            adapters.map(|adapters| &adapters.qkv),
        );
        let part = |from: usize, heads: usize| {
            qkv.clone().slice_dim(1, from * width..(from + heads) * width).reshape([count, heads, width])
        };
        Heads {
            queries: rotation.apply(part(0, heads)),
            keys: rotation.apply(part(heads, kv_heads)),
            values: part(heads + kv_heads, kv_heads),
        }
    }

    /// The rest of a block: what was attended to, and the SwiGLU layer.
    pub(crate) fn after_attention(
        &self,
        layer: usize,
        rows: Tensor<2>,
        attended: Tensor<2>,
        adapters: Option<&BlockAdapters>,
    ) -> Tensor<2> {
        let LlamaConfig { mlp, norm_epsilon, .. } = self.config;
        let block = &self.blocks[layer];
        let rows = rows + project(attended, &block.attention_out, adapters.map(|adapters| &adapters.attention_out));
        let gate_up = project(
            rms_norm(rows.clone(), &block.mlp_norm, norm_epsilon),
            &block.gate_up,
            adapters.map(|adapters| &adapters.gate_up),
        );
        let [gate, up] = [0, mlp].map(|from| gate_up.clone().slice_dim(1, from..from + mlp));
        rows + project(silu(gate) * up, &block.down, adapters.map(|adapters| &adapters.down))
    }
}

/// `[row, head, width of a head]` each.
pub(crate) struct Heads {
    pub(crate) queries: Tensor<3>,
    pub(crate) keys: Tensor<3>,
    pub(crate) values: Tensor<3>,
}

/// Keys and values that can be attended to.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// `[group, completion or 1, kv head, time, width of a head]`.
    pub(crate) keys: Tensor<5>,
    /// Likewise.
    pub(crate) values: Tensor<5>,
    /// Added to the scores; broadcast to `[group, completion, kv head, query, time]`.
    pub(crate) bias: Tensor<5>,
}

/// Cosines and sines of each row's position, `[row, 1, width of a head]`.
#[derive(Debug, Clone)]
pub(crate) struct Rotation {
    cosines: Tensor<3>,
    sines: Tensor<3>,
}

impl Rotation {
    pub(crate) fn new(positions: &[usize], config: &LlamaConfig, device: &Device) -> Self {
        let width = config.head_width();
        let angle = |position: usize, place: usize| {
            let exponent = (2 * (place % (width / 2))) as f32 / width as f32;
            position as f32 / config.rope_base.powf(exponent)
        };
        let table = |of: fn(f32) -> f32| {
            let numbers =
                positions.iter().flat_map(|position| (0..width).map(move |place| of(angle(*position, place))));
            Tensor::from_data(TensorData::new(numbers.collect::<Vec<_>>(), [positions.len(), 1, width]), device)
        };
        Rotation { cosines: table(f32::cos), sines: table(f32::sin) }
    }

    fn apply(&self, heads: Tensor<3>) -> Tensor<3> {
        let width = heads.dims()[2];
        let [first, second] = [0..width / 2, width / 2..width].map(|half| heads.clone().slice_dim(2, half));
        let turned = Tensor::cat(vec![second.neg(), first], 2);
        heads * self.cosines.clone() + turned * self.sines.clone()
    }
}

/// Groups as the decoder sees them. Rows are the prompts' tokens, padded on the left to one length, and then the
/// completions' but for their last, padded on the right.
pub(crate) struct Batch {
    pub(crate) groups: usize,
    /// In each group.
    pub(crate) completions: usize,
    /// Tokens of the longest prompt.
    pub(crate) length: usize,
    /// Tokens of the longest completion.
    pub(crate) time: usize,
    /// `[row]`.
    tokens: Tensor<1, Int>,
    /// The completions with their last tokens, `[group × completion × time]`.
    pub(crate) completed: Tensor<1, Int>,
    pub(crate) rotation: Rotation,
    /// Causal, and without padding, `[group, 1, 1, heads per kv head × length, length]`.
    prompt_bias: Tensor<5>,
    /// Takes out the prompts' padding, `[group, 1, 1, 1, length]`.
    pub(crate) padding_bias: Tensor<5>,
    /// `[1, 1, 1, heads per kv head × (time − 1), time − 1]`.
    causal_bias: Tensor<5>,
}

impl Batch {
    pub(crate) fn new(groups: &[Group], config: &LlamaConfig, device: &Device) -> Self {
        let length = groups.iter().map(|group| group.prompt.len()).max().unwrap_or(0);
        let completions = groups.first().map_or(0, |group| group.completions.len());
        assert!(length > 0 && groups.iter().all(|group| group.completions.len() == completions), "groups of one size");
        let all = || groups.iter().flat_map(|group| &group.completions);
        let time = all().map(Vec::len).max().unwrap_or(0);
        let (mut tokens, mut positions, mut padding) = (vec![], vec![], vec![]);
        for Group { prompt, .. } in groups {
            let missing = length - prompt.len();
            tokens.extend((0..missing).map(|_| prompt[0]).chain(prompt.iter().copied()));
            positions.extend((0..length).map(|place| place.saturating_sub(missing)));
            padding.extend((0..length).map(|place| if place < missing { MASKED } else { 0.0 }));
        }
        let padded = |completion: &Vec<Token>, time: usize| {
            (0..time).map(|place| *completion.get(place).unwrap_or(&completion[0])).collect::<Vec<_>>()
        };
        for Group { prompt, completions } in groups {
            for completion in completions {
                tokens.extend(padded(completion, time - 1));
                positions.extend((0..time - 1).map(|place| prompt.len() + place));
            }
        }
        let mut completed: Vec<Token> = all().flat_map(|completion| padded(completion, time)).collect();
        if completed.is_empty() {
            // Nothing is completed, and no tensor is empty.
            completed.push(0);
        }
        let (count, repeats) = (groups.len(), config.heads_per_kv());
        let upload =
            |numbers: Vec<f32>, shape: [usize; 5]| Tensor::<5>::from_data(TensorData::new(numbers, shape), device);
        let causal = |length: usize| {
            let rows = (0..repeats).flat_map(move |_| 0..length);
            rows.flat_map(move |query| (0..length).map(move |key| if key > query { MASKED } else { 0.0 }))
        };
        let within = time.saturating_sub(1).max(1);
        let causal_bias = upload(causal(within).collect(), [1, 1, 1, repeats * within, within]);
        let padding_bias = upload(padding, [count, 1, 1, 1, length]);
        let prompt_bias = upload(causal(length).collect(), [1, 1, 1, repeats * length, length]) + padding_bias.clone();
        Batch {
            groups: count,
            completions,
            length,
            time,
            tokens: upload_tokens(tokens, device),
            completed: upload_tokens(completed, device),
            rotation: Rotation::new(&positions, config, device),
            prompt_bias,
            padding_bias,
            causal_bias,
        }
    }

    /// States at the prompts' last tokens, `[group, width]`, of those of all rows.
    pub(crate) fn ends_of_prompts(&self, states: Tensor<2>) -> Tensor<2> {
        let width = states.dims()[1];
        let prompts = states.slice_dim(0, 0..self.groups * self.length);
        prompts.reshape([self.groups, self.length, width]).slice_dim(1, self.length - 1..self.length).squeeze_dim(1)
    }

    /// States from which the completions' tokens are predicted, `[group × completion × time, width]`, of those of
    /// all rows.
    pub(crate) fn before_completions(&self, states: Tensor<2>) -> Tensor<2> {
        let ([rows, width], answers) = (states.dims(), self.groups * self.completions);
        let ends = self.ends_of_prompts(states.clone()).reshape([self.groups, 1, width]);
        let ends = ends.repeat_dim(1, self.completions).reshape([answers, 1, width]);
        if self.time == 1 {
            return ends.reshape([answers, width]);
        }
        let within = states.slice_dim(0, self.groups * self.length..rows).reshape([answers, self.time - 1, width]);
        Tensor::cat(vec![ends, within], 1).reshape([answers * self.time, width])
    }

    /// Numbers `[group × completion × time]` as `[group][completion][token]`, without those of padding.
    pub(crate) fn of_completions(&self, groups: &[Group], numbers: &[f32]) -> Vec<Vec<Vec<f32>>> {
        let mut rows = numbers.chunks(self.time.max(1));
        let mut of_completion = |completion: &Vec<Token>| rows.next().unwrap_or_default()[..completion.len()].to_vec();
        groups.iter().map(|group| group.completions.iter().map(&mut of_completion).collect()).collect()
    }
}

/// `[row, head, width]` as `[group, completion, kv head, heads per kv head × time, width]`.
pub(crate) fn fold_queries(
    heads: Tensor<3>,
    [groups, completions, time]: [usize; 3],
    config: &LlamaConfig,
) -> Tensor<5> {
    let (kv_heads, repeats, width) = (config.kv_heads, config.heads_per_kv(), config.head_width());
    let heads = heads.reshape([groups, completions, time, kv_heads, repeats, width]).permute([0, 1, 3, 4, 2, 5]);
    heads.reshape([groups, completions, kv_heads, repeats * time, width])
}

/// `[row, kv head, width]` as `[group, completion, kv head, time, width]`.
pub(crate) fn fold_keys(heads: Tensor<3>, [groups, completions, time]: [usize; 3]) -> Tensor<5> {
    let [_, kv_heads, width] = heads.dims();
    heads.reshape([groups, completions, time, kv_heads, width]).permute([0, 1, 3, 2, 4])
}

/// What queries (as [`fold_queries`] has them) find in all segments together, `[row, heads × width]`.
pub(crate) fn attend(queries: Tensor<5>, segments: &[Segment], [groups, completions, time]: [usize; 3]) -> Tensor<2> {
    let [_, _, kv_heads, folded, width] = queries.dims();
    let queries = queries / (width as f32).sqrt();
    let scores = segments
        .iter()
        .map(|Segment { keys, bias, .. }| queries.clone().matmul(keys.clone().swap_dims(3, 4)) + bias.clone());
    let shares = softmax(Tensor::cat(scores.collect(), 4), 4);
    let mut from = 0;
    let found = segments.iter().map(|Segment { values, .. }| {
        let length = values.dims()[3];
        from += length;
        shares.clone().slice_dim(4, from - length..from).matmul(values.clone())
    });
    let found = found.reduce(|sum, found| sum + found).expect("a segment to attend to");
    let (repeats, rows) = (folded / time, groups * completions * time);
    let found = found.reshape([groups, completions, kv_heads, repeats, time, width]).permute([0, 1, 4, 2, 3, 5]);
    found.reshape([rows, kv_heads * repeats * width])
}

/// Rows times a weight `[out, in]`, with what an adapter adds.
fn project(rows: Tensor<2>, weight: &Tensor<2>, adapter: Option<&Adapter>) -> Tensor<2> {
    let product = rows.clone().matmul(weight.clone().transpose());
    match adapter {
        Some(adapter) => product + adapter.apply(rows),
        None => product,
    }
}

/// RMSNorm (Zhang & Sennrich 2019).
pub(crate) fn rms_norm(rows: Tensor<2>, scale: &Tensor<1>, epsilon: f32) -> Tensor<2> {
    let inverse = (rows.clone().square().mean_dim(1) + epsilon).sqrt().recip();
    rows * inverse * scale.clone().unsqueeze_dim(0)
}

pub(crate) fn upload_tokens(tokens: Vec<Token>, device: &Device) -> Tensor<1, Int> {
    let tokens: Vec<i32> = tokens.into_iter().map(|token| token as i32).collect();
    let length = tokens.len();
    Tensor::from_data(TensorData::new(tokens, [length]), device)
}

/// A tensor's numbers, row by row.
pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}
