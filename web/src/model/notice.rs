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

impl NoticeCode {
    /// How serious it is.
    pub fn tone(&self) -> Tone {
        match self {
            NoticeCode::RewardHolds { .. } => Tone::Info,
            NoticeCode::OtherBuild
            | NoticeCode::Restarted { .. }
            | NoticeCode::GpuSilent
            | NoticeCode::GpuNotFetched(_)
            | NoticeCode::NotSaved(_)
            | NoticeCode::Link(_) => Tone::Warning,
        }
    }
}
