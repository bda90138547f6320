//! Light or dark: the system's choice until the user makes one, which is remembered.
//!
//! Leaves out the colours themselves; they are custom properties in `style.css`.

use leptos::prelude::*;
use leptos_use_preferences::use_preferred_dark;

const KEY: &str = "hedgerow-theme";

/// The page's colour scheme.
#[derive(Clone, Copy)]
pub struct Theme {
    chosen: RwSignal<Option<bool>>,
    system: Signal<bool>,
}

impl Theme {
    /// Follows the system, or what was chosen on an earlier visit.
    pub fn new() -> Self {
        let stored = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let chosen = match stored.as_deref() {
            Some("dark") => Some(true),
            Some("light") => Some(false),
            Some(_) | None => None,
        };
        mark(chosen);
        Theme { chosen: RwSignal::new(chosen), system: use_preferred_dark() }
    }

    /// Is the page dark?
    pub fn is_dark(self) -> bool {
        self.chosen.get().unwrap_or_else(|| self.system.get())
    }

    /// The other scheme from now on; back to the system's if that is the same.
    pub fn toggle(self) {
        let dark = !self.is_dark();
        let chosen = (dark != self.system.get_untracked()).then_some(dark);
        mark(chosen);
        if let Some(storage) = storage() {
            // Without storage the choice lasts as long as the page.
            let _ = match chosen {
                Some(true) => storage.set_item(KEY, "dark"),
                Some(false) => storage.set_item(KEY, "light"),
                None => storage.remove_item(KEY),
            };
        }
        self.chosen.set(chosen);
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::new()
    }
}

fn mark(chosen: Option<bool>) {
    let Some(root) = document().document_element() else { return };
    let _ = match chosen {
        Some(true) => root.set_attribute("data-theme", "dark"),
        Some(false) => root.set_attribute("data-theme", "light"),
        None => root.remove_attribute("data-theme"),
    };
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
