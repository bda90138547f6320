//! The one public error: what can go wrong with bytes, files, devices and messages.
//!
//! Mistakes inside the code (a shape, an index) are assertions, not errors.

/// What went wrong, in words for the person who can do something about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A world file that cannot be used; says which entry and why.
    #[error("the world file cannot be used: {0}")]
    World(String),
    /// An experiment whose numbers make no sense; says which one.
    #[error("the experiment cannot be run: {0}")]
    Experiment(String),
    /// Bytes that are not a checkpoint, or one of another architecture.
    #[error("the checkpoint cannot be read: {0}")]
    Checkpoint(String),
    /// Text with words outside the closed vocabulary.
    #[error("the model does not know the word{} {}", if .0.len() == 1 { "" } else { "s" }, .0.join(", "))]
    UnknownWords(Vec<String>),
    /// Text that does not fit into the context.
    #[error("the question has {tokens} words and marks, the model reads at most {limit}")]
    TooLong {
        /// Tokens in the text.
        tokens: usize,
        /// Tokens that fit.
        limit: usize,
    },
    /// The compute device failed, or there is none.
    #[error("the compute device failed: {0}")]
    Device(String),
    /// A loss, gradient or weight stopped being a number.
    #[error(
        "update {update} of {replica} produced a value that is not a number; \
         a lower learning rate usually helps"
    )]
    NotFinite {
        /// The update that failed; the weights before it are kept.
        update: u32,
        /// Arm and seed.
        replica: String,
    },
    /// A message across the worker boundary that does not decode.
    #[error("a message could not be decoded: {0}")]
    Message(String),
}
