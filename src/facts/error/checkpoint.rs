//! Weights and saved states that cannot be used.

use serde::{Deserialize, Serialize};

/// What is wrong with weights or a saved state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum CheckpointFault {
    /// It is not a file of a model, or not all of it; holds what its reader says.
    #[error("{0}")]
    Damaged(String),
    /// It states a shape that no model of the laboratory can have; says which size it is.
    #[error("{0}")]
    ImpossibleShape(String),
    /// A weight is not a number.
    #[error("it holds a weight that is not a number")]
    NotFinite,
    /// The base model of another seed.
    #[error("it is of seed {found} and not of seed {wanted}")]
    OtherSeed {
        /// The file's seed.
        found: u64,
        /// The seed that was asked for.
        wanted: u64,
    },
    /// A base model of another world or shape than it is used with.
    #[error("the weights of seed {seed} do not fit its world or the other seeds")]
    OtherWorld {
        /// Whose base model.
        seed: u64,
    },
    /// A saved state of other models than it is to go on with.
    #[error("the saved state does not fit the models")]
    OtherModels,
}
