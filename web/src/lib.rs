//! The Hedgerow page.
//!
//! Data go round in one direction: a panel calls a method of [`client::Client`], the client
//! posts a command, the worker trains and posts events, [`state::RunState::apply`] takes them
//! in, and the panels draw the state. Nothing of the page computes with tensors; the
//! worker is the package `hedgerow-engine`.

pub mod address;
pub mod app;
pub mod assets;
pub mod charts;
pub mod client;
pub mod components;
pub mod files;
pub mod glossary;
pub mod link;
pub mod plan;
mod pool;
pub mod series;
pub mod state;
pub mod theme;
pub mod words;
pub mod worker;
