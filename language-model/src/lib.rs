//! A real language model for the lab: a Llama decoder in burn that answers questions and learns by LoRA.
//!
//! 1. [`checkpoint`]: weights, shape and vocabulary out of a GGUF or a safetensors file.
//! 2. [`tokenizer`]: text to tokens and back, and the frame of a chat.
//! 3. [`decoder`]: the forward pass. Completions of one prompt share its keys and values.
//! 4. [`sampling`]: answers, token by token, with a cache.
//! 5. [`lora`]: adapters, their gradient and their optimiser.
//! 6. [`adapters`]: adapters in a file, for those who only use them.
//!
//! It knows no facts, no rater and no reward, and makes no random numbers: those come in as data. It prints
//! nothing and reads no file.

mod adapter;
pub mod adapters;
pub mod checkpoint;
pub mod decoder;
mod error;
pub mod lora;
pub mod sampling;
pub mod tokenizer;

pub use burn::tensor::Device;
pub use error::Error;
