//! The bar on top: name, engine, share, theme.

use std::time::Duration;

use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::engine::EngineBadge;
use super::icons::{Glyph, Icon};
use crate::address;
use crate::app::Lab;

/// The page's header.
#[component]
pub fn Header() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let copied = RwSignal::new(false);
    let by_hand = RwSignal::new(None::<String>);
    let copy = move |_| {
        let link = address::link_to(&untrack(|| lab.link_state()));
        spawn_local(async move {
            if address::copied(&link).await {
                by_hand.set(None);
                copied.set(true);
                set_timeout(move || copied.set(false), Duration::from_secs(3));
            } else {
                by_hand.set(Some(link));
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
                <div class="popover-host">
                    <button class="quiet" type="button" on:click=copy title="Copy a link to these settings">
                        <Glyph icon=Icon::Link />
                        <span class="wide">{move || if copied.get() { "Copied" } else { "Copy link" }}</span>
                        <span class="unseen" aria-live="polite">
                            {move || if copied.get() { "The link was copied." } else { "" }}
                        </span>
                    </button>
                    {move || by_hand.get().map(|link| view! { <LinkByHand link close=move || by_hand.set(None) /> })}
                </div>
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

/// The link in a field, selected, where the browser does not allow the page to copy it.
#[component]
fn LinkByHand(link: String, close: impl Fn() + Copy + 'static) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    field.on_load(|field| {
        let _ = field.focus();
        field.select();
    });
    view! {
        <div class="popover">
            <label>
                "The browser does not let the page copy. Here is the link:"
                <input
                    type="text"
                    readonly
                    node_ref=field
                    value=link
                    on:blur=move |_| close()
                    on:keydown=move |event| {
                        if event.key() == "Escape" {
                            close();
                        }
                    }
                />
            </label>
        </div>
    }
}
