//! What the visitor prefers and no result depends on: colour scheme and engine.
//!
//! Leaves out the colours, which are custom properties in the styles, and how a choice outlasts
//! the visit (`storage::local`).

use hedgerow::documents::protocol::EnginePreference;
use leptos::prelude::*;
use leptos_use_preferences::use_preferred_dark;

/// The preferences.
#[derive(Clone, Copy)]
pub struct Prefs {
    /// Which engine the visitor wants.
    pub engine: RwSignal<EnginePreference>,
    /// Light or dark.
    pub theme: Theme,
}

/// The colour scheme: the system's until the visitor chooses another.
#[derive(Clone, Copy)]
pub struct Theme {
    chosen: RwSignal<Option<bool>>,
    system: Signal<bool>,
}

impl Prefs {
    /// These, with the choice of an earlier visit.
    pub fn new(engine: EnginePreference, dark: Option<bool>) -> Self {
        let theme = Theme { chosen: RwSignal::new(dark), system: use_preferred_dark() };
        Prefs { engine: RwSignal::new(engine), theme }
    }
}

impl Theme {
    /// Is the page dark? Tracks.
    pub fn is_dark(self) -> bool {
        self.chosen.get().unwrap_or_else(|| self.system.get())
    }

    /// What the visitor chose; `None` follows the system. Tracks.
    pub fn chosen(self) -> Option<bool> {
        self.chosen.get()
    }

    /// The other scheme from now on; back to the system's if that is the same.
    pub fn toggle(self) {
        let dark = !untrack(|| self.is_dark());
        self.chosen.set((dark != self.system.get_untracked()).then_some(dark));
    }
}
