//! Charts: lines over updates, layers over updates, squares for many things, and marks in a plane.

pub mod cells;
pub mod expectation;
pub mod lines;
pub mod plane;
pub mod stack;
