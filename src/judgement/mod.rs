//! From an answer to a reward on its words: the rater, the arms, the comparison within a group. Sees
//! answers as plain data, and no network.

pub mod advantage;
pub mod arms;
pub mod experiment;
pub mod judge;
pub mod person;
pub mod rater;
pub mod reward;
pub mod sameness;
pub mod settings;
pub mod spans;
