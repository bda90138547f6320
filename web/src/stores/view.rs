//! What is drawn: the user's own run once it has been measured, before that the recorded one with the same settings.

use std::sync::Arc;

use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::questions::RecordedRun;
use hedgerow::documents::report::RunReport;
use hedgerow::facts::world::Choices;
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;

use super::draft::Draft;
use super::recorded::Recorded;
use super::run::RunStore;
use crate::model::draft::preset;
use crate::model::recorded::{self, Recording, Shown};
use crate::model::run::{Part, RunState};
use crate::model::series::{Courses, Drawn, Line};

/// The run that is drawn.
#[derive(Clone, Copy)]
pub struct View {
    run: RunStore,
    recorded: Recorded,
    preset: Memo<Option<RaterPreset>>,
    wanted: Memo<Option<RecordedRun>>,
    shown: Memo<Shown>,
    courses: StoredValue<Courses>,
    /// The seed whose answers were asked for, if one was.
    pub seed: RwSignal<Option<u64>>,
    /// The update that is looked at in the great figure; `None` is the latest.
    pub at: RwSignal<Option<u32>>,
    /// The run of the shelf that is drawn in place of all others, if one was opened.
    pub opened: RwSignal<Option<OffShelf>>,
    /// How often something on the shelf has changed.
    pub shelved: RwSignal<u32>,
    /// Is the report of the exercise open? `None` without an exercise.
    pub reports: RwSignal<Option<bool>>,
}

/// A run of the shelf.
#[derive(Debug, Clone)]
pub struct OffShelf {
    /// Its name there.
    pub id: String,
    /// The run.
    pub report: Arc<RunReport>,
}

impl OffShelf {
    /// Its name as a number: the beginning of a digest.
    fn number(&self) -> u64 {
        self.id.get(..16).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or(0)
    }
}

impl View {
    /// One of these runs, as the draft has it.
    pub fn new(draft: Draft, run: RunStore, recorded: Recorded) -> Self {
        let begun = |state: &RunState| state.run > 0 && state.is_measured();
        let live = Memo::new(move |_| run.started.get() && run.with(&[Part::Measurements], begun));
        let opened = RwSignal::new(None::<OffShelf>);
        let is_opened = Memo::new(move |_| opened.with(Option::is_some));
        let beside = move || draft.experiment.with(|draft| recorded.runs.with(|runs| recorded::shown(draft, runs)));
        View {
            run,
            recorded,
            preset: draft.memo(|draft| preset(&draft.rater)),
            wanted: draft.memo(recorded::wanted),
            shown: Memo::new(move |_| match (is_opened.get(), live.get()) {
                (true, _) => Shown::Opened,
                (false, true) => Shown::Live,
                (false, false) => beside(),
            }),
            courses: StoredValue::new(Courses::default()),
            seed: RwSignal::new(None),
            at: RwSignal::new(None),
            opened,
            shelved: RwSignal::new(0),
            reports: RwSignal::new(None),
        }
    }

    /// What is drawn. Tracks.
    pub fn shown(self) -> Shown {
        self.shown.get()
    }

    /// Is the user's own run what is drawn? Tracks.
    pub fn is_live(self) -> bool {
        self.shown() == Shown::Live
    }

    /// Is what is drawn a recording of the site? Tracks.
    pub fn is_recorded(self) -> bool {
        matches!(self.shown(), Shown::Recording(_))
    }

    /// The recorded run that is wanted. Tracks.
    pub fn wanted(self) -> Option<RecordedRun> {
        self.wanted.get().filter(|_| !self.is_live())
    }

    /// The preset that the draft's rater is, if it is one. Tracks.
    pub fn preset(self) -> Option<RaterPreset> {
        self.preset.get()
    }

    /// How many values a fact can have in the world of the run. Tracks.
    pub fn choices(self) -> Choices {
        let of_own = || self.run.with(&[Part::Subjects], |run| run.report.choices());
        self.with(&[Part::Subjects], |report| report.map(RunReport::choices)).unwrap_or_else(of_own)
    }

    /// Reads from these parts of the run that is drawn; `None` while there is none. Tracks them.
    pub fn with<T>(self, parts: &[Part], read: impl FnOnce(Option<&RunReport>) -> T) -> T {
        match self.shown() {
            Shown::Live => self.run.with(parts, |run| read(Some(&run.report))),
            Shown::Opened => self.opened.with(|opened| read(opened.as_ref().map(|opened| &*opened.report))),
            Shown::Recording(run) => self.recorded.runs.with(|runs| {
                let report = runs.iter().find_map(|(own, recording)| match recording {
                    Recording::Here(report) if *own == run => Some(&**report),
                    Recording::Here(_) | Recording::Loading | Recording::Missing | Recording::Failed(_) => None,
                });
                read(report)
            }),
            Shown::Loading | Shown::Failed | Shown::Nothing => read(None),
        }
    }

    /// A quantity's line for each arm of the run that is drawn, in the run's order. To be called where the run is read.
    pub fn lines(self, report: &RunReport, quantity: Quantity) -> Vec<Line> {
        let drawn = match self.shown() {
            Shown::Recording(run) => Drawn::Recording(run),
            Shown::Opened => Drawn::Opened(self.opened.with(|own| own.as_ref().map_or(0, OffShelf::number))),
            Shown::Live | Shown::Loading | Shown::Failed | Shown::Nothing => self.run.with(&[], Drawn::run),
        };
        self.courses.try_update_value(|courses| courses.lines(drawn, report, quantity)).unwrap_or_default()
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
