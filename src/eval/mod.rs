//! What a model says, knows and represents. Training never sees any of it.

pub mod diagnosis;
pub mod measure;
pub mod probe;
pub(crate) mod relearning;
mod steering;
