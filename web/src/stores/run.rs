//! The user's own run, and who is told of a change to which part of it.
//!
//! The run is one plain value with one kind of writer, the functions of [`RunState`]; each says
//! which parts it changed, and only their readers are told.

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Experiment;
use leptos::prelude::*;

use crate::model::run::{Part, RunState};

/// The run.
#[derive(Clone, Copy)]
pub struct RunStore {
    state: StoredValue<RunState>,
    changed: [RwSignal<()>; Part::ALL.len()],
    /// Parts that have changed and whose readers are not told yet.
    untold: StoredValue<Vec<Part>>,
    /// Has the user begun it?
    pub started: RwSignal<bool>,
}

impl RunStore {
    /// A run that has not begun.
    pub fn new(experiment: Experiment) -> Self {
        let report = RunReport::empty(experiment, String::new(), String::new());
        RunStore {
            state: StoredValue::new(RunState::new(0, report, Vec::new())),
            changed: Part::ALL.map(|_| RwSignal::new(())),
            untold: StoredValue::new(Vec::new()),
            started: RwSignal::new(false),
        }
    }

    /// Reads from these parts of the run. Tracks them, and the run being another one.
    pub fn with<T>(self, parts: &[Part], read: impl FnOnce(&RunState) -> T) -> T {
        for part in parts.iter().chain(&[Part::Frame]) {
            self.changed[*part as usize].track();
        }
        self.state.with_value(read)
    }

    /// Something about these parts of the run; its readers are told when it changes.
    pub fn memo<T>(self, parts: &'static [Part], read: impl Fn(&RunState) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.with(parts, &read))
    }

    /// Changes the run; `change` returns the parts that it changed.
    pub fn change(self, change: impl FnOnce(&mut RunState) -> &'static [Part]) {
        self.change_untold(change);
        self.tell();
    }

    /// The same, but the readers are told by [`tell`](Self::tell): once for many changes. Says whether this is the
    /// first change that they are not told of.
    pub fn change_untold(self, change: impl FnOnce(&mut RunState) -> &'static [Part]) -> bool {
        let parts = self.state.try_update_value(change).unwrap_or_default();
        let add = |untold: &mut Vec<Part>| {
            let is_first = untold.is_empty() && !parts.is_empty();
            untold.extend(parts.iter().filter(|part| !untold.contains(part)).copied().collect::<Vec<_>>());
            is_first
        };
        self.untold.try_update_value(add).unwrap_or_default()
    }

    /// Tells the readers of what has changed.
    pub fn tell(self) {
        for part in self.untold.try_update_value(std::mem::take).unwrap_or_default() {
            self.changed[part as usize].notify();
        }
    }

    /// Another run.
    pub fn replace(self, run: RunState) {
        self.change(|state| {
            *state = run;
            &Part::ALL
        });
    }

    /// Has the user's run made an update? Tracks.
    pub fn has_progress(self) -> bool {
        self.started.get() && self.with(&[Part::Updates], RunState::has_progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::protocol::Event;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_reader_is_told_of_its_part_alone() {
        let owner = Owner::new();
        owner.set();
        let run = RunStore::new(Experiment::default());
        let report = RunReport::empty(Experiment::default(), String::new(), String::new());
        run.replace(RunState::new(1, report, vec![vec![0, 1]]));
        let computed = Arc::new(AtomicUsize::new(0));
        let count = computed.clone();
        let measured = run.memo(&[Part::Measurements], move |state| {
            count.fetch_add(1, Ordering::Relaxed);
            state.is_measured()
        });
        let computed = move || {
            measured.get_untracked();
            computed.load(Ordering::Relaxed)
        };
        assert_eq!(computed(), 1);
        run.change(|state| state.apply(0, &Event::Updated { run: 1, ms: 1.0, reports: Vec::new() }));
        run.change(|state| state.apply(0, &Event::Snapshot { run: 1, update: 0, bytes: Vec::new() }));
        run.change(|state| state.asked(1, "what ?".into(), None));
        assert_eq!(computed(), 1, "an update, a snapshot and a question are no measurements");
        run.change(|state| state.apply(0, &Event::Measured { run: 1, measurements: Vec::new() }));
        assert_eq!(computed(), 2);
        run.change(|state| state.apply(0, &Event::Measured { run: 2, measurements: Vec::new() }));
        assert_eq!(computed(), 2, "of another run");
        let measured = Event::Measured { run: 1, measurements: Vec::new() };
        assert!(run.change_untold(|state| state.apply(0, &measured)), "the first of a frame");
        assert!(!run.change_untold(|state| state.apply(0, &measured)));
        assert_eq!(computed(), 2, "not told yet");
        run.tell();
        assert_eq!(computed(), 3, "told once of both");
    }
}
