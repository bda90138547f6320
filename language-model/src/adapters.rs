//! Adapters in a file of 16-bit numbers, for those who only use them: 4.9 MB of the 135M model's, where their
//! state in training has 29.
//!
//! A safetensors file with a tensor for each matrix, `blocks.12.gate_up.inward`, and so without numbers beside the file
//! that say which blocks have some and of what rank.

use burn::tensor::{Tensor, TensorData};
use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::adapter::{Adapter, BlockAdapters};
use crate::checkpoint::numbers;
use crate::decoder::{Decoder, host};
use crate::error::Error;
use crate::lora::Lora;

const PARTS: [&str; 4] = ["qkv", "attention_out", "gate_up", "down"];

/// The bytes of a file with these adapters of this decoder's uppermost blocks, rounded to 16 bits.
///
/// # Errors
/// [`Error::Container`] if they cannot be laid out.
pub fn write(lora: &Lora, decoder: &Decoder) -> Result<Vec<u8>, Error> {
    let first = decoder.blocks.len() - lora.blocks.len();
    let mut tensors = Vec::new();
    for (place, block) in lora.blocks.iter().enumerate() {
        for (part, adapter) in PARTS.iter().zip(block.all()) {
            for (side, matrix) in [("inward", &adapter.inward), ("outward", &adapter.outward)] {
                let bytes = host(matrix.clone()).into_iter().flat_map(|number| f16::from_f32(number).to_le_bytes());
                let name = format!("blocks.{}.{part}.{side}", first + place);
                tensors.push((name, matrix.dims(), bytes.collect::<Vec<u8>>()));
            }
        }
    }
    let views =
        tensors.iter().map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F16, shape.to_vec(), bytes)?)));
    let views =
        views.collect::<Result<Vec<_>, _>>().map_err(|error: safetensors::SafeTensorError| Error::container(error))?;
    safetensors::serialize(views, None).map_err(Error::container)
}

/// Reads such a file for a decoder.
///
/// # Errors
/// [`Error::Container`] if the bytes are no safetensors file, [`Error::Weight`] if a matrix is missing or has another
/// shape than the decoder's.
pub fn read(bytes: &[u8], decoder: &Decoder) -> Result<Lora, Error> {
    let file = SafeTensors::deserialize(bytes).map_err(Error::container)?;
    let adapted = |layer: &usize| file.tensor(&format!("blocks.{layer}.qkv.inward")).is_ok();
    let layers = decoder.blocks.len();
    let first = (0..layers).find(adapted).unwrap_or(layers.saturating_sub(1));
    let matrix = |name: String, fits: &dyn Fn(usize, usize) -> bool| {
        let wrong = |reason: &str| Error::Weight { name: name.clone(), reason: reason.into() };
        let tensor = file.tensor(&name).map_err(|_| wrong("is missing: these are no adapters of this model"))?;
        let &[rows, columns] = tensor.shape() else { return Err(wrong("is no matrix")) };
        if !fits(rows, columns) {
            return Err(wrong("has another shape than this model's"));
        }
        Ok(Tensor::<2>::from_data(TensorData::new(numbers(&name, &tensor)?, [rows, columns]), &decoder.device))
    };
    let block = |layer: usize| {
        let weights = &decoder.blocks[layer];
        let adapter = |part: &str, weight: &Tensor<2>| {
            let [outputs, inputs] = weight.dims();
            let name = |side: &str| format!("blocks.{layer}.{part}.{side}");
            let inward = matrix(name("inward"), &|rows, rank| rows == inputs && rank > 0)?;
            let rank = inward.dims()[1];
            let outward = matrix(name("outward"), &|rows, columns| (rows, columns) == (rank, outputs))?;
            Ok(Adapter { inward, outward })
        };
        let [qkv, attention_out, gate_up, down] = PARTS;
        Ok(BlockAdapters {
            qkv: adapter(qkv, &weights.qkv)?,
            attention_out: adapter(attention_out, &weights.attention_out)?,
            gate_up: adapter(gate_up, &weights.gate_up)?,
            down: adapter(down, &weights.down)?,
        })
    };
    Ok(Lora { blocks: (first..layers).map(block).collect::<Result<_, Error>>()? })
}
