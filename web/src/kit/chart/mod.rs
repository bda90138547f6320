//! Charts.

pub mod lines;
