//! A worker as the pool knows it: plain data, and how long it may be silent.

use hedgerow::documents::protocol::{EngineChoice, EngineKind, EnginePreference};
use hedgerow::judgement::experiment::Experiment;

use super::messages::{EngineFile, WorkerId};
use crate::model::plan;

/// Milliseconds in which a worker's script and its engine have to speak.
const START_GRACE: f64 = 20_000.0;
/// The same for the check of the engine, which compiles kernels, and for whatever else is asked, beyond the work itself.
const GRACE: f64 = 20_000.0;
/// The same where the user insists on WebGPU, which may be a software renderer.
const PATIENT_GRACE: f64 = 300_000.0;
/// How many times as long as expected work may take.
const SLACK: f64 = 10.0;
/// Milliseconds for a rating that a reward model is trained on.
const RATING: f64 = 1.0;

/// A worker, and what it is known to have done.
pub(super) struct Slot {
    pub(super) id: WorkerId,
    pub(super) file: EngineFile,
    /// Was its worker ended, and has none taken its place?
    pub(super) gone: bool,
    /// The engine that it asked for.
    pub(super) wants: Option<EngineKind>,
    /// Was the engine given to it?
    pub(super) handed: bool,
    pub(super) ready: bool,
    /// Was it told to choose an engine?
    pub(super) asked: bool,
    pub(super) choice: Option<EngineChoice>,
    /// Was the current run sent to it?
    pub(super) sent: bool,
    pub(super) loaded: bool,
    /// Was it sent back to the base models and has not answered? Until then it speaks of what was.
    pub(super) resetting: bool,
    /// How much is done of what it was last heard to be at, as a share.
    pub(super) progress: f64,
    /// Was it told to measure its base models?
    pub(super) measures: bool,
    /// Are its base models measured, by itself or by another?
    pub(super) measured: bool,
    pub(super) done: u32,
    /// The most that it has done in this run; after a crash it does again what is missing.
    pub(super) reached: u32,
    pub(super) granted: u32,
    /// The update that it last said to wait at, everything that is due there done.
    pub(super) waited: u32,
    /// Looks into the run that it has not answered.
    pub(super) looks: u32,
    /// Updates done, and the state.
    pub(super) snapshot: Option<(u32, Vec<u8>)>,
    /// Crashes since the last progress, and the update that counts as progress.
    pub(super) crashes: u32,
    pub(super) crashed_at: u32,
    /// Milliseconds in which it said nothing although it owes an answer.
    pub(super) silent: f64,
    /// Milliseconds in which it owed none.
    pub(super) calm: f64,
    /// Milliseconds of its slowest update.
    pub(super) slowest: f64,
}

impl Slot {
    pub(super) fn new(id: WorkerId, file: EngineFile) -> Self {
        Slot {
            id,
            file,
            gone: false,
            wants: None,
            handed: false,
            ready: false,
            asked: false,
            choice: None,
            sent: false,
            loaded: false,
            resetting: false,
            progress: 0.0,
            measures: false,
            measured: false,
            done: 0,
            reached: 0,
            granted: 0,
            waited: 0,
            looks: 0,
            snapshot: None,
            crashes: 0,
            crashed_at: 0,
            silent: 0.0,
            calm: 0.0,
            slowest: 0.0,
        }
    }

    /// Updates that it has to do again.
    pub(super) fn missing(&self) -> u32 {
        self.reached.saturating_sub(self.done)
    }

    /// Does it have to say something, sooner or later?
    pub(super) fn owes_an_answer(&self) -> bool {
        if self.gone {
            return false;
        }
        match (self.wants, self.ready) {
            (None, _) => true,
            (Some(_), false) => self.handed,
            (Some(_), true) => {
                let chooses = self.asked && self.choice.is_none();
                let loads = self.sent && !(self.loaded && (self.measured || !self.measures));
                let trains = self.loaded && self.granted > self.done.min(self.waited);
                chooses || loads || trains || self.resetting || self.looks > 0
            }
        }
    }

    /// Milliseconds that it may be silent for.
    pub(super) fn grace(&self, preference: EnginePreference, experiment: &Experiment, replicas: usize) -> f64 {
        if !self.ready {
            return START_GRACE;
        }
        let insists = preference == EnginePreference::Gpu && self.wants == Some(EngineKind::Gpu);
        let grace = if insists { PATIENT_GRACE } else { GRACE };
        let Some(choice) = &self.choice else { return grace };
        let expected = choice.cpu_model_ms * replicas as f64 * plan::timed_updates(&experiment.finetune).max(1.0);
        let ratings = experiment.reward_model.map_or(0.0, |model| f64::from(model.ratings) * RATING);
        let measurement = plan::MEASUREMENT * experiment.measure.samples as f64;
        grace + SLACK * (expected.max(self.slowest) * (1.0 + measurement) + ratings * replicas as f64)
    }
}
