//! Preferences in the browser's storage. Without storage a choice lasts as long as the page.

use leptos::prelude::*;
use web_sys::Storage;

const THEME: &str = "hedgerow-theme";

/// The colour scheme that was chosen on an earlier visit: dark, light, or the system's.
pub fn theme() -> Option<bool> {
    match storage()?.get_item(THEME).ok().flatten().as_deref() {
        Some("dark") => Some(true),
        Some("light") => Some(false),
        Some(_) | None => None,
    }
}

/// Shows a choice of the colour scheme.
pub fn show_theme(dark: Option<bool>) {
    if let Some(root) = document().document_element() {
        let _ = match name_of(dark) {
            Some(name) => root.set_attribute("data-theme", name),
            None => root.remove_attribute("data-theme"),
        };
    }
}

/// Shows a choice of the colour scheme and remembers it.
pub fn keep_theme(dark: Option<bool>) {
    show_theme(dark);
    if let Some(storage) = storage() {
        let _ = match name_of(dark) {
            Some(name) => storage.set_item(THEME, name),
            None => storage.remove_item(THEME),
        };
    }
}

fn name_of(dark: Option<bool>) -> Option<&'static str> {
    dark.map(|dark| if dark { "dark" } else { "light" })
}

pub(super) fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
