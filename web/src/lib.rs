//! The Hedgerow page.
//!
//! Data go round in one direction: a panel calls an action of [`lab::Lab`], the worker pool in
//! `engine` posts a command, the worker trains and posts events,
//! [`model::run::RunState::apply`] takes them in, and the panels draw the stores. Who may import
//! whom is checked by tests/imports.rs. Nothing of the page computes with tensors; the worker is
//! the package `hedgerow-engine`.

pub mod engine;
pub mod js;
pub mod kit;
pub mod lab;
pub mod link;
pub mod model;
pub mod page;
pub mod panels;
pub mod storage;
pub mod stores;
pub mod text;
pub mod views;
