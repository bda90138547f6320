//! Messages to the user as codes with arguments; the words are in the texts.

use super::phase::Crash;
use super::site_files::FileFault;
use crate::link::Problem;

/// A message to the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Tells notices apart.
    pub id: usize,
    /// What happened.
    pub code: NoticeCode,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum NoticeCode {
    /// The engine is of another build than the page.
    OtherBuild,
    /// A worker crashed and was started again.
    Restarted {
        /// Why it crashed.
        why: Crash,
        /// Updates that it makes again to be where it was.
        again: u32,
    },
    /// WebGPU did not answer, and the CPU computes.
    GpuSilent,
    /// The engine with WebGPU could not be fetched, and the CPU computes.
    GpuNotFetched(FileFault),
    /// The changed reward holds from this update on.
    RewardHolds {
        /// The first update with it.
        from: u32,
    },
    /// The run of this tab is there again.
    RunBack,
    /// A run of a tab that was closed can be gone on with.
    RunLeft {
        /// Updates that it has done.
        done: u32,
        /// Updates of the whole run.
        updates: u32,
    },
    /// A run that was kept cannot be gone on with: the site has another engine or other models now.
    RunOfOtherSite,
    /// The run that was kept is not kept any more.
    RunDeleted {
        /// Can it be gone on with?
        opens: bool,
    },
    /// A run gave way to another.
    RunPutAside {
        /// Updates that it has done.
        done: u32,
    },
    /// The browser keeps no copy of the run; holds its reason.
    NotKept(String),
    /// A file could not be saved; holds the browser's reason.
    NotSaved(String),
    /// Parts of a link could not be used.
    Link(Vec<Problem>),
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// Something went wrong and was dealt with.
    Warning,
}

/// What a message offers to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Go on with the run that was left.
    GoOn,
    /// Let go of it.
    Delete,
    /// Have it after all.
    Undo,
    /// Bring back the run that gave way.
    BringBack,
    /// Save the run that was kept as a file.
    SaveKept,
    /// Save the run as a file.
    Save,
    /// Load the page again.
    Reload,
}

impl NoticeCode {
    /// How serious it is.
    pub fn tone(&self) -> Tone {
        match self {
            NoticeCode::RewardHolds { .. }
            | NoticeCode::RunBack
            | NoticeCode::RunLeft { .. }
            | NoticeCode::RunDeleted { .. }
            | NoticeCode::RunPutAside { .. } => Tone::Info,
            NoticeCode::OtherBuild
            | NoticeCode::Restarted { .. }
            | NoticeCode::GpuSilent
            | NoticeCode::GpuNotFetched(_)
            | NoticeCode::RunOfOtherSite
            | NoticeCode::NotKept(_)
            | NoticeCode::NotSaved(_)
            | NoticeCode::Link(_) => Tone::Warning,
        }
    }

    /// What can be done about it.
    pub fn offers(&self) -> &'static [Offer] {
        match self {
            NoticeCode::RunLeft { .. } => &[Offer::GoOn, Offer::Delete],
            NoticeCode::RunOfOtherSite => &[Offer::SaveKept, Offer::Delete],
            NoticeCode::RunDeleted { opens: true } => &[Offer::Undo],
            NoticeCode::RunDeleted { opens: false } => &[Offer::SaveKept],
            NoticeCode::RunPutAside { .. } => &[Offer::BringBack],
            NoticeCode::NotKept(_) => &[Offer::Save],
            NoticeCode::OtherBuild => &[Offer::Reload],
            NoticeCode::RunBack
            | NoticeCode::Restarted { .. }
            | NoticeCode::GpuSilent
            | NoticeCode::GpuNotFetched(_)
            | NoticeCode::RewardHolds { .. }
            | NoticeCode::NotSaved(_)
            | NoticeCode::Link(_) => &[],
        }
    }
}
