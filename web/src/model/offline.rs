//! What of the site the browser keeps for when there is no network.
//!
//! Leaves out who keeps it (`web/sw.js`) and how it is told to (`storage::offline`).

/// Where the copy in this browser stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Offline {
    /// Not known yet.
    Asked,
    /// This edition of the page keeps nothing, or the browser cannot.
    Absent,
    /// The visitor has switched it off.
    Off,
    /// What was used is kept.
    Kept {
        /// Bytes of the whole site.
        bytes: f64,
        /// Those that are not kept.
        missing: f64,
        /// Is a newer build waiting to take over?
        waits: bool,
    },
    /// All of it is on its way.
    Fetching {
        /// Bytes that are kept by now.
        kept: f64,
        /// Bytes of the whole site.
        bytes: f64,
    },
    /// Fetching all of it was stopped by the browser's storage.
    Full,
    /// Something else went wrong; holds the browser's words.
    Failed(String),
    /// A newer build cannot take over, because so many other pages of this one are open.
    Occupied(usize),
}
