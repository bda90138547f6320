//! Runs that came with the site.

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;

/// The recorded runs.
#[derive(Clone, Copy)]
pub struct Recorded {
    /// Those that have arrived, by the rater of each.
    pub runs: RwSignal<Vec<(RaterPreset, RunReport)>>,
    /// Could one not be fetched?
    pub failed: RwSignal<bool>,
}

impl Recorded {
    /// None has arrived yet.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        Recorded { runs: RwSignal::new(Vec::new()), failed: RwSignal::new(false) }
    }
}
