//! Checkpoints: safetensors files whose metadata says what the weights are.
//!
//! The file that ships is the file that other tools read: `safetensors.safe_open` in Python
//! shows the tensors under the names of [`ModelConfig::tensors`].

use std::collections::BTreeMap;

use burn::tensor::bf16;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

use crate::facts::error::{CheckpointFault, Error};
use crate::kernels::ModelConfig;

const CONFIG_KEY: &str = "config";
const SEED_KEY: &str = "seed";
const STEPS_KEY: &str = "steps";

/// One replica's weights and what they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Shape of the model.
    pub config: ModelConfig,
    /// Seed of the world and of the pre-training.
    pub seed: u64,
    /// Steps of its pre-training; `None` if the file does not say.
    pub steps: Option<u32>,
    /// In the order of [`ModelConfig::tensors`].
    pub weights: Vec<f32>,
}

impl Checkpoint {
    /// The same with every weight rounded to the nearest bfloat16, whose file has half the bytes.
    #[must_use]
    pub fn rounded(mut self) -> Self {
        self.weights.iter_mut().for_each(|weight| *weight = bf16::from_f32(*weight).to_f32());
        self
    }

    /// The file, little-endian: bfloat16 if that holds every weight, or else f32. The same model is the same bytes:
    /// `safetensors` would write the metadata in an order that is another each time.
    pub fn to_bytes(&self) -> Vec<u8> {
        let fits = self.weights.iter().all(|weight| bf16::from_f32(*weight).to_f32() == *weight);
        let (dtype, size) = if fits { (Dtype::BF16, 2) } else { (Dtype::F32, 4) };
        // A bfloat16 is the upper half of an f32.
        let bytes: Vec<u8> =
            self.weights.iter().flat_map(|weight| weight.to_le_bytes().into_iter().skip(4 - size)).collect();
        let tensors = self.config.tensors().into_iter().map(|tensor| {
            let range = tensor.range();
            let numbers = &bytes[range.start * size..range.end * size];
            let view = TensorView::new(dtype, shape(tensor.rows, tensor.columns), numbers);
            (tensor.name, view.expect("as many bytes as the shape needs"))
        });
        let config = serde_json::to_string(&self.config).expect("a plain structure");
        let steps = self.steps.map(|steps| (STEPS_KEY, steps.to_string()));
        let metadata = [(CONFIG_KEY, config), (SEED_KEY, self.seed.to_string())].into_iter().chain(steps);
        with_metadata(&serialize(tensors, None).expect("consistent tensors"), &metadata.collect())
    }

    /// Reads a file. Nothing of the size that its metadata state is allocated before the metadata are found to be those
    /// of a model that can be computed and that fits into the file.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] says what is missing or does not fit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let fail = |message: String| Error::from(CheckpointFault::Damaged(message));
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| fail(error.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let entry = |key: &str| metadata.get(key).ok_or_else(|| fail(format!("its metadata has no {key:?}")));
        let config: ModelConfig = serde_json::from_str(entry(CONFIG_KEY)?).map_err(|error| fail(error.to_string()))?;
        config.validate().map_err(|shape| CheckpointFault::ImpossibleShape(shape.to_string()))?;
        if config.parameters() > bytes.len() / 2 {
            let parameters = config.parameters();
            return Err(fail(format!("{parameters} parameters do not fit into a file of {} bytes", bytes.len())));
        }
        let seed = entry(SEED_KEY)?.parse().map_err(|_| fail("its seed is not a number".into()))?;
        let steps = metadata.get(STEPS_KEY).map(|steps| steps.parse());
        let steps = steps.transpose().map_err(|_| fail("its steps are not a number".into()))?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| fail(error.to_string()))?;
        let mut weights = Vec::with_capacity(config.parameters());
        for tensor in config.tensors() {
            let view = file.tensor(&tensor.name).map_err(|error| fail(error.to_string()))?;
            let expected = shape(tensor.rows, tensor.columns);
            let (numbers, dtype) = (view.data(), view.dtype());
            if view.shape() == expected && dtype == Dtype::F32 {
                weights.extend(numbers.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            } else if view.shape() == expected && dtype == Dtype::BF16 {
                weights.extend(numbers.as_chunks().0.iter().map(|bytes| bf16::from_le_bytes(*bytes).to_f32()));
            } else {
                let message =
                    format!("{} is {dtype:?} {:?} instead of F32 or BF16 {expected:?}", tensor.name, view.shape());
                return Err(fail(message));
            }
        }
        match weights.iter().all(|weight| weight.is_finite()) {
            true => Ok(Checkpoint { config, seed, steps, weights }),
            false => Err(CheckpointFault::NotFinite.into()),
        }
    }
}

/// A file that has none with metadata, in the order of their names.
fn with_metadata(file: &[u8], metadata: &BTreeMap<&str, String>) -> Vec<u8> {
    let (length, rest) = file.split_first_chunk().expect("a length");
    let (header, numbers) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let metadata = serde_json::to_vec(metadata).expect("plain text");
    let mut header = [br#"{"__metadata__":"#, &metadata[..], b",", &header[1..]].concat();
    // Numbers begin at a multiple of eight bytes.
    header.resize(header.len().next_multiple_of(8), b' ');
    [&(header.len() as u64).to_le_bytes()[..], &header, numbers].concat()
}

fn shape(rows: usize, columns: usize) -> Vec<usize> {
    if rows == 1 { vec![columns] } else { vec![rows, columns] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Checkpoint {
        let config = ModelConfig { vocabulary: 7, context: 5, width: 4, heads: 2, layers: 1, tied: true };
        Checkpoint { config, seed: 3, steps: Some(40), weights: config.init(3) }
    }

    #[test]
    fn weights_come_back_bit_for_bit() {
        let checkpoint = small();
        assert_eq!(Checkpoint::from_bytes(&checkpoint.to_bytes()), Ok(checkpoint));
    }

    #[test]
    fn rounded_weights_come_back_bit_for_bit_from_half_the_bytes() {
        let (whole, rounded) = (small(), small().rounded());
        let differs = |(whole, rounded): (&f32, &f32)| (whole - rounded).abs() > whole.abs() / 256.0;
        assert!(!whole.weights.iter().zip(&rounded.weights).any(differs));
        let bytes = rounded.to_bytes();
        // Headers are filled up to a multiple of eight.
        assert!((whole.to_bytes().len() - bytes.len()).abs_diff(2 * whole.weights.len()) < 8);
        assert_eq!(Checkpoint::from_bytes(&bytes), Ok(rounded));
    }

    /// The order of a hash map is drawn anew for each map.
    #[test]
    fn a_model_is_the_same_bytes_each_time() {
        let first = small().to_bytes();
        assert!((0..20).all(|_| small().to_bytes() == first));
        let (_, header) = SafeTensors::read_metadata(&first).unwrap();
        let names: BTreeMap<_, _> = header.metadata().clone().unwrap().into_iter().collect();
        assert_eq!(names.keys().collect::<Vec<_>>(), [CONFIG_KEY, SEED_KEY, STEPS_KEY]);
    }

    #[test]
    fn damaged_files_are_refused_without_a_panic() {
        let bytes = small().to_bytes();
        for length in (0..bytes.len()).step_by(7) {
            assert!(Checkpoint::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
        let mut broken = small();
        broken.weights[9] = f32::NAN;
        assert!(Checkpoint::from_bytes(&broken.to_bytes()).is_err());
    }

    /// Such files made the engine panic, compute without an end, or compute another model.
    #[test]
    fn metadata_that_state_an_impossible_shape_are_refused_before_anything_is_allocated() {
        let fitting = small().config;
        for (config, reason) in [
            (ModelConfig { heads: 0, ..fitting }, "the number of heads is 0"),
            (ModelConfig { heads: 3, ..fitting }, "not a multiple of the 3 heads"),
            (ModelConfig { layers: 0, ..fitting }, "the number of layers is 0"),
            (ModelConfig { layers: 4_000_000_000, ..fitting }, "the number of layers is 4000000000"),
            (ModelConfig { width: 1 << 60, ..fitting }, "the width is"),
            (ModelConfig { width: 1 << 12, ..fitting }, "do not fit into a file of"),
        ] {
            let header = serde_json::json!({ "__metadata__": {
                CONFIG_KEY: serde_json::to_string(&config).unwrap(),
                SEED_KEY: "0",
            }});
            let header = header.to_string();
            let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
            let error = Checkpoint::from_bytes(&bytes).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
