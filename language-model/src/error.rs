//! What can be wrong with the files of a model.

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The container cannot be read.
    #[error("the model's file cannot be read: {0}")]
    Container(String),
    /// It is another kind of model, or a number of its shape is missing.
    #[error("the model cannot be used: {0}")]
    Model(String),
    /// A weight is missing or has another shape.
    #[error("the weight {name} {reason}")]
    Weight {
        /// As Hugging Face calls it.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The vocabulary or `tokenizer.json` cannot be used.
    #[error("the tokenizer cannot be used: {0}")]
    Tokenizer(String),
}

impl Error {
    pub(crate) fn container(error: impl std::fmt::Display) -> Self {
        Error::Container(error.to_string())
    }

    pub(crate) fn tokenizer(error: impl std::fmt::Display) -> Self {
        Error::Tokenizer(error.to_string())
    }
}
