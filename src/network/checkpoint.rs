//! Checkpoints: safetensors files whose metadata says what the weights are.
//!
//! The file that ships is the file that other tools read: `safetensors.safe_open` in Python
//! shows the tensors under the names of [`ModelConfig::tensors`].

use std::collections::HashMap;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

use crate::facts::error::Error;
use crate::kernels::ModelConfig;

const CONFIG_KEY: &str = "config";
const SEED_KEY: &str = "seed";

/// One replica's weights and what they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Shape of the model.
    pub config: ModelConfig,
    /// Seed of the world and of the pre-training.
    pub seed: u64,
    /// In the order of [`ModelConfig::tensors`].
    pub weights: Vec<f32>,
}

impl Checkpoint {
    /// The file, little-endian f32.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes: Vec<u8> = self.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let tensors = self.config.tensors().into_iter().map(|tensor| {
            let (start, end) = (tensor.offset, tensor.offset + tensor.rows * tensor.columns);
            let view = TensorView::new(Dtype::F32, shape(tensor.rows, tensor.columns), &bytes[start * 4..end * 4]);
            (tensor.name, view.expect("as many bytes as the shape needs"))
        });
        let config = serde_json::to_string(&self.config).expect("a plain structure");
        let metadata = HashMap::from([(CONFIG_KEY.into(), config), (SEED_KEY.into(), self.seed.to_string())]);
        serialize(tensors, Some(metadata)).expect("consistent tensors")
    }

    /// # Errors
    /// [`Error::Checkpoint`] says what is missing or does not fit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let fail = |message: String| Error::Checkpoint(message);
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| fail(error.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let entry = |key: &str| metadata.get(key).ok_or_else(|| fail(format!("its metadata has no {key:?}")));
        let config: ModelConfig = serde_json::from_str(entry(CONFIG_KEY)?).map_err(|error| fail(error.to_string()))?;
        let seed = entry(SEED_KEY)?.parse().map_err(|_| fail("its seed is not a number".into()))?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| fail(error.to_string()))?;
        let mut weights = Vec::with_capacity(config.parameters());
        for tensor in config.tensors() {
            let view = file.tensor(&tensor.name).map_err(|error| fail(error.to_string()))?;
            let expected = shape(tensor.rows, tensor.columns);
            if view.dtype() != Dtype::F32 || view.shape() != expected {
                let message =
                    format!("{} is {:?} {:?} instead of F32 {expected:?}", tensor.name, view.dtype(), view.shape());
                return Err(fail(message));
            }
            weights.extend(view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        }
        match weights.iter().all(|weight| weight.is_finite()) {
            true => Ok(Checkpoint { config, seed, weights }),
            false => Err(fail("it holds a weight that is not a number".into())),
        }
    }
}

fn shape(rows: usize, columns: usize) -> Vec<usize> {
    if rows == 1 { vec![columns] } else { vec![rows, columns] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Checkpoint {
        let config = ModelConfig { vocabulary: 7, context: 5, width: 4, heads: 2, layers: 1, tied: true };
        Checkpoint { config, seed: 3, weights: config.init(3) }
    }

    #[test]
    fn weights_come_back_bit_for_bit() {
        let checkpoint = small();
        assert_eq!(Checkpoint::from_bytes(&checkpoint.to_bytes()), Ok(checkpoint));
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
}
