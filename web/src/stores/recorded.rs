//! Runs that came with the site.

use leptos::prelude::*;

use crate::model::draft::Question;
use crate::model::recorded::Recording;

/// The recorded runs.
#[derive(Clone, Copy)]
pub struct Recorded {
    /// Those that have been asked for.
    pub runs: RwSignal<Vec<(Question, Recording)>>,
}

impl Recorded {
    /// None has been asked for yet.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        Recorded { runs: RwSignal::new(Vec::new()) }
    }

    /// What has become of a question's run.
    pub fn set(self, question: Question, recording: Recording) {
        self.runs.update(|runs| {
            runs.retain(|(own, _)| *own != question);
            runs.push((question, recording));
        });
    }

    /// Has the question's run been asked for, and has not failed?
    pub fn is_asked_for(self, question: Question) -> bool {
        self.runs.with_untracked(|runs| runs.iter().any(|(own, _)| *own == question))
    }
}
