//! The batches that the kernels for GPUs can compute within WebGPU's default limits, which every device keeps.
//!
//! Leaves out memory: a device that has too little of it says so.

use super::ModelConfig;

/// Units of a workgroup.
pub(crate) const UNITS: usize = 256;
/// Bytes of shared memory of a workgroup (`maxComputeWorkgroupStorageSize`).
pub(crate) const SHARED_BYTES: usize = 16_384;
/// Workgroups along a dimension of the grid (`maxComputeWorkgroupsPerDimension`).
const WORKGROUPS: usize = 65_535;

/// The sizes of the largest batch of a run, for each replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSize {
    /// Prompts.
    pub prompts: usize,
    /// Tokens of a prompt.
    pub prompt_length: usize,
    /// Answers to all prompts.
    pub answers: usize,
    /// Tokens of an answer.
    pub answer_length: usize,
}

/// A limit of GPUs that a batch exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// A workgroup that samples an answer holds its activations in shared memory.
    #[error("sampling needs {needed} bytes of a workgroup's shared memory, of {limit}")]
    SharedMemory {
        /// Bytes.
        needed: usize,
        /// Bytes.
        limit: usize,
    },
    /// Each row of a batch is a workgroup of its own.
    #[error("a batch has {needed} rows, and a grid at most {limit} workgroups")]
    Rows {
        /// Rows of a replica.
        needed: usize,
        /// Workgroups.
        limit: usize,
    },
}

/// Can the kernels for GPUs compute this batch?
///
/// # Errors
/// [`TooLarge`] says which limit it exceeds, and by how much.
pub fn fits_gpu(config: &ModelConfig, batch: BatchSize) -> Result<(), TooLarge> {
    let BatchSize { prompts, prompt_length, answers, answer_length } = batch;
    let prefix = prompt_length - 1;
    let needed = sampling_shared_bytes(config.width, config.heads, config.vocabulary, prefix + answer_length);
    if needed > SHARED_BYTES {
        return Err(TooLarge::SharedMemory { needed, limit: SHARED_BYTES });
    }
    let rows = prompts * prefix + answers * answer_length;
    if rows > WORKGROUPS {
        return Err(TooLarge::Rows { needed: rows, limit: WORKGROUPS });
    }
    Ok(())
}

/// The shared memory that sampling declares, in bytes: residual stream, its normalised form, query and the MLP's
/// hidden layer; attention weights of `positions`; logits; and two numbers for each unit.
pub(crate) fn sampling_shared_bytes(width: usize, heads: usize, vocabulary: usize, positions: usize) -> usize {
    4 * (3 * width + 4 * width + heads * positions + vocabulary + 2 * UNITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: ModelConfig = ModelConfig { vocabulary: 128, context: 19, width: 64, heads: 4, layers: 3, tied: true };
    const UPDATE: BatchSize = BatchSize { prompts: 16, prompt_length: 11, answers: 128, answer_length: 8 };

    #[test]
    fn the_lab_fits_and_what_is_just_too_large_is_refused_with_both_numbers() {
        assert_eq!(fits_gpu(&LAB, UPDATE), Ok(()));
        // 7 · 64 activations, 4 · 18 attention weights, 2 · 256 numbers of units: 3,064 logits fill 16,384 bytes.
        let vocabulary = SHARED_BYTES / 4 - 7 * 64 - 4 * 18 - 2 * 256;
        assert_eq!(fits_gpu(&ModelConfig { vocabulary, ..LAB }, UPDATE), Ok(()));
        assert_eq!(
            fits_gpu(&ModelConfig { vocabulary: vocabulary + 1, ..LAB }, UPDATE),
            Err(TooLarge::SharedMemory { needed: 16_388, limit: 16_384 })
        );
        // 65,535 rows are 7 prefixes of 10 rows each, and answers of one token.
        let rows = BatchSize { prompts: 7, prompt_length: 11, answers: 65_465, answer_length: 1 };
        assert_eq!(fits_gpu(&LAB, rows), Ok(()));
        assert_eq!(
            fits_gpu(&LAB, BatchSize { answers: 65_472, ..rows }),
            Err(TooLarge::Rows { needed: 65_542, limit: 65_535 })
        );
    }
}
