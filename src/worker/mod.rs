//! The engine's side of the protocol: commands drive a fine-tune, events say what came of it.

mod cards;
mod engine;
mod host;
mod inspect;
mod pretraining;
pub mod self_check;
pub mod session;
