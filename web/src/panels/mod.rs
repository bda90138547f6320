//! The panels, one file or folder each.
//!
//! A panel reads the stores and calls actions of the lab. It imports no other panel; their order
//! on the page is in `page`.

pub mod answers;
pub mod ask;
pub mod class;
pub mod controls;
pub mod credit;
pub mod exercise;
pub mod experiments;
pub mod facts;
pub mod figures;
pub mod header;
pub mod hidden;
pub mod keys;
pub mod lessons;
pub mod limits;
pub mod method;
pub mod notices;
pub mod offline;
pub mod outcomes;
pub mod predict;
pub mod rate;
pub mod rater;
pub mod real;
pub mod scores;
pub mod sent;
pub mod settings;
pub mod shelf;
pub mod states;
pub mod story;
pub mod world;
