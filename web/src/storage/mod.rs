//! Where something outlasts the page: the address, the visitor's browser, the visitor's files.

pub mod address;
pub mod codap;
pub mod embed;
pub mod exercises;
pub mod files;
pub mod language;
pub mod local;
pub mod offline;
pub mod pictures;
pub mod predictions;
pub mod ratings;
pub mod runs;
pub mod shelf;
pub mod worlds;
