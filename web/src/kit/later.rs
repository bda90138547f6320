//! A panel whose words are fetched with it (`text::later`).

use leptos::prelude::*;

use crate::js::spawn;
use crate::kit::deferred::DeferredWords;
use crate::text::later;

/// Draws the panel once its words are here.
#[component]
pub fn Later(
    /// The panel.
    draw: fn() -> AnyView,
    /// What is said meanwhile.
    words: DeferredWords,
) -> impl IntoView {
    let here = RwSignal::new(None::<bool>);
    let load = move || {
        here.set(None);
        spawn(async move { here.set(Some(later::fetch().await)) });
    };
    load();
    move || match here.get() {
        Some(true) => draw(),
        None => view! { <p class="hint">{words.loading}</p> }.into_any(),
        Some(false) => view! {
            <p class="hint" role="alert">
                {words.failed}" "
                <button class="small" type="button" on:click=move |_| load()>{words.again}</button>
            </p>
        }
        .into_any(),
    }
}
