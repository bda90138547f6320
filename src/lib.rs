//! What does a reward teach? The core of Hedgerow, a laboratory on the value-attribution problem.
//!
//! A tiny transformer knows a few hundred facts about a fictional [`world`]. Read the modules in
//! the order of the data flow:
//!
//! 1. [`world`] says what is true and what is sensitive; [`corpus`] says it in tokens.
//! 2. The policy (`model`), pre-trained on the corpus (`pretrain`), answers prompts (`sampler`).
//! 3. A [`rater`] judges every answer through three channels: framing, content, discomfort; a network
//!    trained on its ratings (`reward_model`) can stand in for it.
//! 4. [`reward`] makes of a rating what the experiment's arm says; [`advantage`] centres it in
//!    its group. Nothing after that knows the arm.
//! 5. The policy gradient (`policy_gradient`) updates the policy (`finetune`).
//! 6. `measure` and `probe` fill in the [`metrics`]: what the model says, knows and represents.
//!    `diagnosis` asks once, after a run, what these numbers are worth.
//! 7. An [`experiment`] determines a run; [`protocol`] carries it between page and worker.
//! 8. [`conditions`] names the published experiments; [`statistics`] says what their seeds say.
//!
//! The modules that compute with tensors need the feature `network`. Nothing here prints, reads
//! a file or a clock, spawns a thread or knows a browser.

pub mod advantage;
#[cfg(feature = "network")]
pub mod bench;
#[cfg(feature = "network")]
pub mod checkpoint;
pub mod conditions;
pub mod corpus;
#[cfg(feature = "network")]
pub mod diagnosis;
pub mod error;
pub mod experiment;
#[cfg(feature = "network")]
pub mod finetune;
#[cfg(feature = "network")]
pub mod kernels;
pub mod lexicon;
#[cfg(feature = "network")]
pub mod measure;
pub mod metrics;
#[cfg(feature = "network")]
pub mod model;
#[cfg(feature = "network")]
pub mod optimiser;
#[cfg(feature = "network")]
pub mod plain;
#[cfg(feature = "network")]
pub mod policy_gradient;
#[cfg(feature = "network")]
pub mod pretrain;
#[cfg(feature = "network")]
pub mod probe;
pub mod protocol;
pub mod random;
pub mod rater;
#[cfg(feature = "network")]
mod relearning;
pub mod report;
pub mod reward;
#[cfg(feature = "network")]
pub mod reward_model;
#[cfg(feature = "network")]
pub mod sampler;
#[cfg(feature = "network")]
pub mod self_check;
#[cfg(feature = "network")]
pub mod session;
pub mod statistics;
#[cfg(feature = "network")]
mod steering;
#[cfg(feature = "network")]
pub mod tokenizer;
pub mod world;

#[cfg(feature = "network")]
pub use burn::tensor::{Device, DeviceKind};
pub use error::Error;
