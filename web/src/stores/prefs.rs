//! What the visitor prefers and no result depends on: colour scheme and engine.
//!
//! Leaves out the colours, which are custom properties in the styles, and how a choice outlasts
//! the visit (`storage::local`).

use hedgerow::documents::protocol::EnginePreference;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::MediaQueryListEvent;

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
    system: RwSignal<bool>,
}

impl Prefs {
    /// These, with the choice of an earlier visit.
    pub fn new(engine: EnginePreference, dark: Option<bool>) -> Self {
        let theme = Theme { chosen: RwSignal::new(dark), system: system_is_dark() };
        Prefs { engine: RwSignal::new(engine), theme }
    }
}

/// What the system prefers, as long as the page is there.
fn system_is_dark() -> RwSignal<bool> {
    let dark = RwSignal::new(false);
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        dark.set(query.matches());
        let change =
            Closure::<dyn Fn(MediaQueryListEvent)>::new(move |event: MediaQueryListEvent| dark.set(event.matches()));
        query.set_onchange(Some(change.as_ref().unchecked_ref()));
        // The browser keeps a query that is listened to; the closure lives as long.
        change.forget();
    }
    dark
}

impl Theme {
    /// Is the page dark? Tracks.
    pub fn is_dark(self) -> bool {
        self.chosen.get().unwrap_or_else(|| self.system.get())
    }

    /// Shows dark colours, or light ones.
    pub fn choose(self, dark: bool) {
        self.chosen.set(Some(dark));
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
