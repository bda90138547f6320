//! The models: the policy, what trains it on next tokens, what stands in for the rater, and their files.

pub mod bench;
pub mod checkpoint;
pub(crate) mod device;
pub mod model;
pub mod optimiser;
pub mod plain;
pub mod pretrain;
pub mod reward_model;
pub mod sampler;
pub mod stack;
pub mod tokenizer;
