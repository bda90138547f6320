//! A panel whose words are fetched with it (`text::later`).

use leptos::prelude::*;

use crate::js::spawn;
use crate::kit::waiting::waiting;
use crate::text::later;

/// Draws the panel once its words are here.
#[component]
pub fn Later(
    /// The panel.
    draw: fn() -> AnyView,
) -> impl IntoView {
    let here = RwSignal::new(None::<bool>);
    let load = move || {
        here.set(None);
        spawn(async move { here.set(Some(later::fetch().await)) });
    };
    load();
    move || match here.get() {
        Some(true) => draw(),
        other => waiting(other.is_some(), load),
    }
}
