//! The Hedgerow page and its engine worker.
//!
//! Data go round in one direction: a panel calls a method of [`client::Client`], the client
//! posts a command, the worker trains and posts events, [`state::RunState::apply`] takes them
//! in, and the panels draw the state. Nothing of the page computes with tensors; `engine` and
//! `hedgerow::worker::session` are the worker's side.

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "app")]
pub mod assets;
#[cfg(all(feature = "engine", target_arch = "wasm32"))]
mod bench;
#[cfg(feature = "app")]
pub mod charts;
#[cfg(feature = "app")]
pub mod client;
#[cfg(feature = "app")]
pub mod components;
#[cfg(all(feature = "engine", target_arch = "wasm32"))]
pub mod engine;
#[cfg(feature = "app")]
pub mod files;
pub mod glossary;
pub mod link;
pub mod plan;
#[cfg(feature = "app")]
mod pool;
pub mod series;
pub mod state;
#[cfg(feature = "app")]
pub mod theme;
pub mod words;
#[cfg(feature = "app")]
pub mod worker;

/// Names the build; page and engine have to agree on it.
pub const BUILD: &str = match option_env!("HEDGEROW_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};
