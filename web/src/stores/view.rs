//! What is drawn: the user's own run once it has been measured, a recorded one before.

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;

use super::draft::Draft;
use super::recorded::Recorded;
use super::run::RunStore;
use crate::model::draft::preset;
use crate::model::run::{Part, RunState, SHIPPED_VALUES};

/// The run that is drawn.
#[derive(Clone, Copy)]
pub struct View {
    run: RunStore,
    recorded: Recorded,
    preset: Memo<Option<RaterPreset>>,
    live: Memo<bool>,
    /// The seed whose answers were asked for, if one was.
    pub seed: RwSignal<Option<u64>>,
}

impl View {
    /// One of these runs, as the draft has it.
    pub fn new(draft: Draft, run: RunStore, recorded: Recorded) -> Self {
        let begun = |state: &RunState| state.run > 0 && state.is_measured();
        View {
            run,
            recorded,
            preset: draft.memo(|draft| preset(&draft.rater)),
            live: Memo::new(move |_| run.started.get() && run.with(&[Part::Measurements], begun)),
            seed: RwSignal::new(None),
        }
    }

    /// Is the user's own run what is drawn? Tracks.
    pub fn is_live(self) -> bool {
        self.live.get()
    }

    /// The preset that the draft's rater is, if it is one. Tracks.
    pub fn preset(self) -> Option<RaterPreset> {
        self.preset.get()
    }

    /// Values that a fact can have in the world of the run. Tracks.
    pub fn values(self) -> usize {
        if self.is_live() { self.run.with(&[Part::Subjects], |run| run.values) } else { SHIPPED_VALUES }
    }

    /// Reads from these parts of the run that is drawn; `None` while there is none. Tracks them.
    pub fn with<T>(self, parts: &[Part], read: impl FnOnce(Option<&RunReport>) -> T) -> T {
        if self.is_live() {
            return self.run.with(parts, |run| read(Some(&run.report)));
        }
        let preset = self.preset().unwrap_or(RaterPreset::UncomfortableFacts);
        self.recorded.runs.with(|runs| {
            let of_preset = runs.iter().find(|(rater, _)| *rater == preset);
            read(of_preset.or(runs.first()).map(|(_, report)| report))
        })
    }

    /// Something about these parts of the run; its readers are told when it changes.
    pub fn memo<T>(
        self,
        parts: &'static [Part],
        read: impl Fn(Option<&RunReport>) -> T + Send + Sync + 'static,
    ) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.with(parts, &read))
    }
}
