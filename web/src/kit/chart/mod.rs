//! Charts: lines over updates, and layers over updates.

pub mod lines;
pub mod stack;
