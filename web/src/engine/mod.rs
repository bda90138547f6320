//! The page's side of the engine: a pool of workers in lock-step.
//!
//! `pool` decides and knows no browser; `client` carries out what it decides. Beside it are workers with other work
//! (`trainer`, `assistant`). Leaves out what events mean for the run (`model::run`).

pub mod assistant;
pub mod bases;
pub mod client;
pub mod fetch;
pub mod pool;
pub mod trainer;
pub mod worker;
