//! A worker as the pool knows it: plain data.

use hedgerow::documents::protocol::EngineChoice;

use super::messages::{EngineFile, WorkerId};

/// A worker, and what it is known to have done.
pub(super) struct Slot {
    pub(super) id: WorkerId,
    pub(super) file: EngineFile,
    pub(super) progress: (f64, f64),
    pub(super) ready: bool,
    /// Was it told to choose an engine?
    pub(super) asked: bool,
    pub(super) choice: Option<EngineChoice>,
    /// Was the current run sent to it?
    pub(super) sent: bool,
    pub(super) loaded: bool,
    /// Was it sent back to the base models and has not answered? Until then it speaks of what was.
    pub(super) resetting: bool,
    /// Has it measured its base models?
    pub(super) measured: bool,
    pub(super) done: u32,
    pub(super) granted: u32,
    /// The update that it last said to wait at, everything that is due there done.
    pub(super) waited: u32,
    pub(super) snapshot: Option<Vec<u8>>,
    /// Crashes since the last progress, and the update that counts as progress.
    pub(super) crashes: u32,
    pub(super) crashed_at: u32,
}

impl Slot {
    pub(super) fn new(id: WorkerId, file: EngineFile) -> Self {
        Slot {
            id,
            file,
            progress: (0.0, 0.0),
            ready: false,
            asked: false,
            choice: None,
            sent: false,
            loaded: false,
            resetting: false,
            measured: false,
            done: 0,
            granted: 0,
            waited: 0,
            snapshot: None,
            crashes: 0,
            crashed_at: 0,
        }
    }
}
