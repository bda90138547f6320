//! Runs that came with the site.

use hedgerow::documents::questions::RecordedRun;
use leptos::prelude::*;

use crate::model::recorded::Recording;

/// The recorded runs.
#[derive(Clone, Copy)]
pub struct Recorded {
    /// Those that have been asked for.
    pub runs: RwSignal<Vec<(RecordedRun, Recording)>>,
}

impl Recorded {
    /// None has been asked for yet.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        Recorded { runs: RwSignal::new(Vec::new()) }
    }

    /// What has become of a run.
    pub fn set(self, run: RecordedRun, recording: Recording) {
        self.runs.update(|runs| {
            runs.retain(|(own, _)| *own != run);
            runs.push((run, recording));
        });
    }

    /// Has the run been asked for?
    pub fn is_asked_for(self, run: RecordedRun) -> bool {
        self.runs.with_untracked(|runs| runs.iter().any(|(own, _)| *own == run))
    }
}
