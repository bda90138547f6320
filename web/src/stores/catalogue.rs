//! What the site has: the seeds of its base models.

use leptos::prelude::*;

/// What can be chosen from.
#[derive(Clone, Copy)]
pub struct Catalogue {
    /// Seeds with base models; empty until the site's list is here.
    pub seeds: RwSignal<Vec<u64>>,
}

impl Catalogue {
    /// Of a page that has asked for nothing yet.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        Catalogue { seeds: RwSignal::new(Vec::new()) }
    }
}
