//! Where engine and run stand, and why they stand still: codes with arguments, no sentence.

use hedgerow::Error;
use hedgerow::documents::protocol::EngineKind;

use super::site_files::FileFault;

/// Where engine and run stand.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// The engine's file is on its way.
    LoadingEngine {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all; 0 if unknown.
        total: f64,
    },
    /// The engine checks itself against the CPU and times itself.
    CheckingEngine,
    /// The base models are on their way.
    LoadingModels {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all; 0 if unknown.
        total: f64,
    },
    /// The first measurement is being made.
    Measuring,
    /// A worker that was started again makes the updates again that it had done.
    Restoring {
        /// Updates that it has done.
        done: u32,
        /// Updates that it had done.
        of: u32,
    },
    /// Waits for the user.
    Paused,
    /// Trains.
    Training,
    /// Ends what was granted, so that all workers wait at the same update.
    Pausing,
    /// All updates are done.
    Finished,
    /// Something could not be fetched; it can be tried again.
    DownloadFailed(DownloadFault),
    /// The run cannot go on; its data stay.
    Stopped(StopReason),
}

/// What could not be fetched, and why.
#[derive(Debug, Clone, PartialEq)]
pub enum DownloadFault {
    /// The engine.
    Engine(FileFault),
    /// A base model.
    Base(FileFault),
}

/// Why a run cannot go on.
#[derive(Debug, Clone, PartialEq)]
pub enum StopReason {
    /// The engine said so.
    Failed(Error),
    /// The browser starts no worker; holds its reason, if it gives one.
    NoWorker(Option<String>),
    /// A worker crashed, was started again and crashed before its next update.
    CrashedTwice {
        /// The second time.
        why: Crash,
        /// What it computed on.
        kind: EngineKind,
    },
}

/// Why a worker is gone.
#[derive(Debug, Clone, PartialEq)]
pub enum Crash {
    /// In the browser's words.
    Browser(String),
    /// The engine said so before it ended.
    Engine(Error),
    /// It did not answer.
    Silent,
}

/// What the user can do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayOut {
    /// Once more, and the run stays.
    TryAgain,
    /// With the base models.
    StartOver,
    /// With the engine that every browser has.
    UseCpu,
}

impl Phase {
    /// Is something on its way that has to arrive before training?
    pub fn is_loading(&self) -> bool {
        matches!(
            self,
            Phase::LoadingEngine { .. }
                | Phase::CheckingEngine
                | Phase::LoadingModels { .. }
                | Phase::Measuring
                | Phase::Restoring { .. }
        )
    }

    /// Can the models be asked?
    pub fn can_ask(&self) -> bool {
        matches!(self, Phase::Paused | Phase::Training | Phase::Pausing | Phase::Finished)
    }

    /// Do the models stand still?
    pub fn waits(&self) -> bool {
        matches!(self, Phase::Paused | Phase::Finished)
    }

    /// Is there nothing to train, or no engine to train with?
    pub fn cannot_train(&self) -> bool {
        matches!(self, Phase::Finished | Phase::Pausing | Phase::Stopped(_) | Phase::DownloadFailed(_))
    }
    /// What the user can do, the most promising first; nothing if nothing has failed.
    pub fn ways_out(&self) -> &'static [WayOut] {
        match self {
            Phase::DownloadFailed(DownloadFault::Engine(_)) | Phase::Stopped(StopReason::NoWorker(_)) => {
                &[WayOut::TryAgain, WayOut::UseCpu]
            }
            Phase::DownloadFailed(DownloadFault::Base(_)) => &[WayOut::TryAgain],
            Phase::Stopped(StopReason::CrashedTwice { kind: EngineKind::Gpu, .. }) => {
                &[WayOut::TryAgain, WayOut::UseCpu, WayOut::StartOver]
            }
            Phase::Stopped(StopReason::CrashedTwice { kind: EngineKind::Cpu, .. }) => {
                &[WayOut::TryAgain, WayOut::StartOver]
            }
            Phase::Stopped(StopReason::Failed(_)) => &[WayOut::StartOver],
            Phase::LoadingEngine { .. }
            | Phase::CheckingEngine
            | Phase::LoadingModels { .. }
            | Phase::Measuring
            | Phase::Restoring { .. }
            | Phase::Paused
            | Phase::Training
            | Phase::Pausing
            | Phase::Finished => &[],
        }
    }
}
