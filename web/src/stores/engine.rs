//! Where the engine stands. The pool writes it.

use hedgerow::documents::protocol::EngineChoice;
use leptos::prelude::*;

use crate::model::phase::Phase;

/// The engine.
#[derive(Clone, Copy)]
pub struct EngineStore {
    /// Where engine and run stand.
    pub phase: RwSignal<Phase>,
    /// The engine that was chosen.
    pub choice: RwSignal<Option<EngineChoice>>,
    /// Of this machine.
    pub cores: RwSignal<usize>,
    /// Workers that share the run.
    pub workers: RwSignal<usize>,
    /// Updates a second.
    pub pace: RwSignal<Option<f64>>,
    /// How much of the first measurement, or of the training of reward models, is done, as a share.
    pub progress: RwSignal<f64>,
    /// How often there was more of the run to keep.
    pub keeps: RwSignal<u32>,
}

impl EngineStore {
    /// Before the first worker.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        EngineStore {
            phase: RwSignal::new(Phase::LoadingEngine { loaded: 0.0, total: 0.0 }),
            choice: RwSignal::new(None),
            cores: RwSignal::new(1),
            workers: RwSignal::new(0),
            pace: RwSignal::new(None),
            progress: RwSignal::new(0.0),
            keeps: RwSignal::new(0),
        }
    }
}
