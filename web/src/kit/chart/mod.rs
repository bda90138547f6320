//! Charts: lines over updates, layers over updates, and squares for many things.

pub mod cells;
pub mod lines;
pub mod stack;
