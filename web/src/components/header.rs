//! The bar on top: name, engine, share, theme.

use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::engine::EngineBadge;
use super::icons::{Glyph, Icon};
use crate::app::{Lab, Tone};
use crate::link;

/// The page's header.
#[component]
pub fn Header() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let address = window().location().href().unwrap_or_default();
        let plain = address.split('#').next().unwrap_or_default().to_owned();
        let url = format!("{plain}#{}", link::encode(&untrack(|| lab.link_state())));
        spawn_local(async move {
            match JsFuture::from(window().navigator().clipboard().write_text(&url)).await {
                Ok(_) => {
                    copied.set(true);
                    set_timeout(move || copied.set(false), std::time::Duration::from_secs(3));
                }
                Err(_) => lab.notify(Tone::Info, format!("The browser does not allow copying. The link: {url}")),
            }
        });
    };
    let theme_label = move || if lab.theme.is_dark() { "Light colours" } else { "Dark colours" };
    view! {
        <header class="top">
            <a class="brand" href="./">
                <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
                    <path d="M3 27V15a5 5 0 0 1 10 0v12zM19 27V11a5 5 0 0 1 10 0v16z" fill="currentColor" />
                    <path d="M13 27v-7a3 3 0 0 1 6 0v7z" fill="currentColor" opacity=".45" />
                </svg>
                <span>"Hedgerow"</span>
            </a>
            <nav class="places" aria-label="On this page">
                <a href="#what-to-look-for">"What to look for"</a>
                <a href="#limits">"Limits"</a>
                <a href="#method">"Method"</a>
            </nav>
            <div class="tools">
                <EngineBadge />
                <button class="quiet" type="button" on:click=copy title="Copy a link to these settings">
                    <Glyph icon=Icon::Link />
                    <span class="wide">{move || if copied.get() { "Copied" } else { "Copy link" }}</span>
                    <span class="unseen" aria-live="polite">
                        {move || if copied.get() { "The link was copied." } else { "" }}
                    </span>
                </button>
                <button
                    class="quiet icon-only"
                    type="button"
                    aria-label=theme_label
                    title=theme_label
                    on:click=move |_| lab.theme.toggle()
                >
                    {move || {
                        let icon = if lab.theme.is_dark() { Icon::Sun } else { Icon::Moon };
                        view! { <Glyph icon /> }
                    }}
                </button>
            </div>
        </header>
    }
}
