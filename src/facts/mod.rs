//! What is true in the world, and what is said about it. Plain data: knows no rater and no network.

pub mod corpus;
pub mod error;
pub mod lexicon;
pub mod random;
pub mod world;
