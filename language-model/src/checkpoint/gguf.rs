//! The GGUF container, as llama.cpp writes it: metadata, vocabulary, packed weights.
//!
//! `gguf-rs-lib` reads the container. Here its blocks are unpacked (F32, F16, Q8_0, Q4_0, Q4_1), and the rows of
//! queries and keys are put back into the order of Hugging Face: llama.cpp rotates neighbouring numbers, and
//! interleaves the rows for it. Leaves out the k-quants.

use std::collections::HashMap;
use std::io::Cursor;

use gguf_rs_lib::format::{Metadata, MetadataValue};
use gguf_rs_lib::reader::GGUFFileReader;
use gguf_rs_lib::tensor::TensorType;
use half::f16;

use super::{Checkpoint, LlamaConfig};
use crate::error::Error;
use crate::tokenizer::{ChatTokenizer, Vocabulary};

/// Numbers in a block of Q8_0, Q4_0 or Q4_1.
const BLOCK: usize = 32;

/// What is in a GGUF file.
pub struct GgufFile {
    /// Shape and weights.
    pub checkpoint: Checkpoint,
    /// Built from the file's vocabulary and merges.
    pub tokenizer: ChatTokenizer,
}

impl GgufFile {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`Error::Container`] if it is no GGUF file, [`Error::Model`] if it holds no Llama, [`Error::Weight`] if
    /// weights are packed in another way, [`Error::Tokenizer`] if the vocabulary cannot be used.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut file = GGUFFileReader::new(Cursor::new(bytes)).map_err(Error::container)?;
        let metadata = file.metadata();
        let config = config(metadata, file.get_tensor_info("token_embd.weight").map(|info| info.shape().dims()))?;
        let tokenizer = ChatTokenizer::from_vocabulary(&vocabulary(metadata)?)?;
        let tensors: Vec<(String, TensorType)> =
            file.tensor_infos().iter().map(|info| (info.name().to_owned(), info.tensor_type())).collect();
        let mut weights = HashMap::new();
        for (name, kind) in tensors {
            let renamed = hugging_face_name(&name).ok_or_else(|| {
                Error::Model(format!("it has the weights {name}, which this decoder does not compute with"))
            })?;
            let packed = file.load_tensor_data(&name).map_err(Error::container)?;
            let packed = packed.ok_or_else(|| Error::Container(format!("{name} has no data")))?;
            let unpacked = unpack(kind, packed.as_slice());
            let unpacked = unpacked.ok_or_else(|| Error::Weight {
                name: renamed.clone(),
                reason: format!("is packed as {}; F32, F16, Q8_0, Q4_0 and Q4_1 can be read", kind.name()),
            })?;
            let ordered = match name.rsplit('.').nth(1) {
                Some("attn_q") => hugging_face_order(&unpacked, config.heads, config.width),
                Some("attn_k") => hugging_face_order(&unpacked, config.kv_heads, config.width),
                _ => unpacked,
            };
            weights.insert(renamed, ordered);
        }
        Ok(GgufFile { checkpoint: Checkpoint { config, weights }, tokenizer })
    }
}

/// The shape, given the embedding's dimensions, of which the last one counts the tokens.
fn config(metadata: &Metadata, embedding: Option<&[u64]>) -> Result<LlamaConfig, Error> {
    let kind = metadata.get_string("general.architecture").unwrap_or("unknown");
    if kind != "llama" {
        return Err(Error::Model(format!("its architecture is {kind} and not llama")));
    }
    let scaling = metadata.get_string("llama.rope.scaling.type").unwrap_or("none");
    if scaling != "none" {
        return Err(Error::Model(format!("its rotary embedding is scaled ({scaling})")));
    }
    let missing = |name: &str| Error::Model(format!("{name} is missing"));
    let count = |name: &str| {
        let value = metadata.get(name).and_then(MetadataValue::as_u64);
        value.and_then(|value| usize::try_from(value).ok()).ok_or_else(|| missing(name))
    };
    let real = |name: &str| metadata.get(name).and_then(MetadataValue::as_f64).ok_or_else(|| missing(name));
    let vocabulary = embedding.and_then(|dims| dims.last()).and_then(|tokens| usize::try_from(*tokens).ok());
    let heads = count("llama.attention.head_count")?;
    let config = LlamaConfig {
        vocabulary: vocabulary.ok_or_else(|| missing("token_embd.weight"))?,
        width: count("llama.embedding_length")?,
        layers: count("llama.block_count")?,
        heads,
        kv_heads: count("llama.attention.head_count_kv").unwrap_or(heads),
        mlp: count("llama.feed_forward_length")?,
        rope_base: real("llama.rope.freq_base").unwrap_or(10_000.0) as f32,
        norm_epsilon: real("llama.attention.layer_norm_rms_epsilon")? as f32,
    };
    config.validate()
}

fn vocabulary(metadata: &Metadata) -> Result<Vocabulary, Error> {
    let missing = |name: &str| Error::Tokenizer(format!("{name} is missing"));
    let texts = |name: &str| match metadata.get(name) {
        Some(MetadataValue::Array(values)) => {
            Ok(values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>())
        }
        _ => Err(missing(name)),
    };
    let kind = metadata.get_string("tokenizer.ggml.model").unwrap_or("unknown");
    if kind != "gpt2" {
        return Err(Error::Tokenizer(format!(
            "its vocabulary is of the kind {kind}; byte-level BPE (gpt2) can be read"
        )));
    }
    let single_digits = match metadata.get_string("tokenizer.ggml.pre").unwrap_or("default") {
        "smollm" => true,
        "gpt-2" | "default" => false,
        other => return Err(Error::Tokenizer(format!("it splits text as {other} does; smollm and gpt-2 can be read"))),
    };
    // Type 3 marks control tokens, type 4 those that a user added.
    let special = match metadata.get("tokenizer.ggml.token_type") {
        Some(MetadataValue::Array(kinds)) => {
            let control = |(token, kind): (usize, &MetadataValue)| {
                let kind = kind.as_i64().or(kind.as_u64().map(|kind| kind as i64));
                matches!(kind, Some(3 | 4)).then_some(token as u32)
            };
            kinds.iter().enumerate().filter_map(control).collect()
        }
        _ => Vec::new(),
    };
    let end = metadata.get("tokenizer.ggml.eos_token_id").and_then(MetadataValue::as_u64);
    Ok(Vocabulary {
        tokens: texts("tokenizer.ggml.tokens")?,
        merges: texts("tokenizer.ggml.merges")?,
        special,
        end: end.ok_or_else(|| missing("tokenizer.ggml.eos_token_id"))? as u32,
        single_digits,
    })
}

/// What Hugging Face calls a weight; `None` for one that no Llama has, or only one that computes more than this decoder:
/// biases, factors of a scaled rotary embedding, experts.
fn hugging_face_name(name: &str) -> Option<String> {
    match name {
        "token_embd.weight" => return Some("model.embed_tokens.weight".into()),
        "output_norm.weight" => return Some("model.norm.weight".into()),
        "output.weight" => return Some("lm_head.weight".into()),
        _ => {}
    }
    let (block, part) = name.strip_prefix("blk.")?.split_once('.')?;
    let part = match part.strip_suffix(".weight")? {
        "attn_norm" => "input_layernorm",
        "attn_q" => "self_attn.q_proj",
        "attn_k" => "self_attn.k_proj",
        "attn_v" => "self_attn.v_proj",
        "attn_output" => "self_attn.o_proj",
        "ffn_norm" => "post_attention_layernorm",
        "ffn_gate" => "mlp.gate_proj",
        "ffn_up" => "mlp.up_proj",
        "ffn_down" => "mlp.down_proj",
        _ => return None,
    };
    Some(format!("model.layers.{block}.{part}.weight"))
}

/// Rows `[head, half, 2]` of llama.cpp as rows `[head, 2, half]`, each `width` long.
fn hugging_face_order(weight: &[f32], heads: usize, width: usize) -> Vec<f32> {
    let half = weight.len() / width / heads / 2;
    let rows = (0..heads).flat_map(|head| (0..2).flat_map(move |part| (0..half).map(move |row| (head, part, row))));
    let from = |(head, part, row): (usize, usize, usize)| (head * half * 2 + row * 2 + part) * width;
    rows.flat_map(|row| &weight[from(row)..from(row) + width]).copied().collect()
}

/// The numbers of a tensor; `None` if they are packed in a way that is not known here.
#[allow(clippy::wildcard_enum_match_arm, reason = "the types are another crate's, and most of them are not read")]
fn unpack(kind: TensorType, bytes: &[u8]) -> Option<Vec<f32>> {
    let half = |bytes: &[u8]| f16::from_le_bytes([bytes[0], bytes[1]]).to_f32();
    // The low halves of 16 bytes are the first 16 numbers of a block, the high halves the others.
    let nibbles = |bytes: &[u8]| -> Vec<f32> {
        let low = bytes.iter().map(|byte| byte & 15);
        low.chain(bytes.iter().map(|byte| byte >> 4)).map(f32::from).collect()
    };
    let blocks = |size: usize, unpack: &dyn Fn(&[u8]) -> Vec<f32>| bytes.chunks_exact(size).flat_map(unpack).collect();
    Some(match kind {
        TensorType::F32 => bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        TensorType::F16 => bytes.chunks_exact(2).map(half).collect(),
        TensorType::Q8_0 => blocks(2 + BLOCK, &|block| {
            block[2..].iter().map(|byte| half(block) * f32::from(byte.cast_signed())).collect()
        }),
        TensorType::Q4_0 => blocks(2 + BLOCK / 2, &|block| {
            nibbles(&block[2..]).into_iter().map(|number| half(block) * (number - 8.0)).collect()
        }),
        TensorType::Q4_1 => blocks(4 + BLOCK / 2, &|block| {
            nibbles(&block[4..]).into_iter().map(|number| half(block) * number + half(&block[2..])).collect()
        }),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scale ½ and, in Q4_1, minimum −1, both as f16; packed by hand after ggml's `block_q4_0` and its kin.
    #[test]
    fn blocks_are_unpacked_as_ggml_packs_them() {
        let scale = f16::from_f32(0.5).to_le_bytes();
        let minimum = f16::from_f32(-1.0).to_le_bytes();
        let packed: Vec<u8> = (0..16).map(|byte| byte | (15 - byte) << 4).collect();
        let q4_0 = unpack(TensorType::Q4_0, &[&scale[..], &packed].concat()).unwrap();
        assert_eq!((q4_0[0], q4_0[15], q4_0[16], q4_0[31]), (-4.0, 3.5, 3.5, -4.0));
        let q4_1 = unpack(TensorType::Q4_1, &[&scale[..], &minimum, &packed].concat()).unwrap();
        assert_eq!((q4_1[0], q4_1[15], q4_1[16], q4_1[31]), (-1.0, 6.5, 6.5, -1.0));
        let signed: Vec<u8> = (-16i8..16).map(i8::cast_unsigned).collect();
        let q8_0 = unpack(TensorType::Q8_0, &[&scale[..], &signed].concat()).unwrap();
        assert_eq!((q8_0.len(), q8_0[0], q8_0[31]), (32, -8.0, 7.5));
        assert_eq!(unpack(TensorType::F16, &scale).unwrap(), [0.5]);
        assert_eq!(unpack(TensorType::Q6_K, &packed), None);
    }

    /// Each was read as a model without it, which says something else.
    #[test]
    fn a_model_that_computes_more_than_this_decoder_is_refused() {
        for name in ["rope_freqs.weight", "blk.0.attn_q.bias", "blk.0.ffn_gate_inp.weight"] {
            assert_eq!(hugging_face_name(name), None, "{name}");
        }
        let with = |more: &[(&str, MetadataValue)]| {
            let mut metadata = Metadata::new();
            let sizes = ["embedding_length", "block_count", "attention.head_count", "feed_forward_length"];
            metadata.insert("general.architecture".into(), MetadataValue::String("llama".into()));
            metadata.insert("llama.attention.layer_norm_rms_epsilon".into(), MetadataValue::F32(1e-5));
            for size in sizes {
                metadata.insert(format!("llama.{size}"), MetadataValue::U32(4));
            }
            for (name, value) in more {
                metadata.insert((*name).into(), value.clone());
            }
            metadata
        };
        let shape = |more: &[(&str, MetadataValue)]| config(&with(more), Some(&[4, 16]));
        let heads = ("llama.attention.head_count", MetadataValue::U32(2));
        assert!(shape(std::slice::from_ref(&heads)).is_ok());
        for refused in [
            ("llama.rope.scaling.type", MetadataValue::String("linear".into())),
            ("llama.embedding_length", MetadataValue::U32(0)),
            ("llama.feed_forward_length", MetadataValue::U32(0)),
        ] {
            assert!(matches!(shape(&[heads.clone(), refused.clone()]), Err(Error::Model(_))), "{refused:?}");
        }
        let split = with(&[
            ("tokenizer.ggml.model", MetadataValue::String("gpt2".into())),
            ("tokenizer.ggml.pre", MetadataValue::String("qwen2".into())),
        ]);
        assert!(matches!(vocabulary(&split), Err(Error::Tokenizer(reason)) if reason.contains("qwen2")));
    }

    /// Two heads of four rows of one number: llama.cpp has the pairs of a rotation side by side.
    #[test]
    fn rows_of_queries_go_back_into_the_order_of_hugging_face() {
        let interleaved = [0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0];
        assert_eq!(hugging_face_order(&interleaved, 2, 1), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    }
}
