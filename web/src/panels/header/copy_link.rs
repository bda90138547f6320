//! Copies a link to the settings, or shows it where the browser does not let the page copy.

use std::time::Duration;

use leptos::html::Input;
use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::use_lab;
use crate::text::text;

/// How long the button says that the link was copied.
const SAID_FOR: Duration = Duration::from_secs(3);

/// Button, and the link in a field if need be.
#[component]
pub fn CopyLink() -> impl IntoView {
    let (lab, text) = (use_lab(), &text().header);
    let copied = RwSignal::new(false);
    let by_hand = RwSignal::new(None::<String>);
    let copy = move |_| {
        let link = lab.link();
        lab.copy(link.clone(), move |allowed| {
            copied.set(allowed);
            by_hand.set((!allowed).then_some(link));
            set_timeout(move || copied.set(false), SAID_FOR);
        });
    };
    view! {
        <div class="popover-host">
            <button class="quiet" type="button" on:click=copy title=text.copy_title>
                <Glyph icon=Icon::Link />
                <span class="wide">{move || if copied.get() { text.copied } else { text.copy }}</span>
                <span class="unseen" aria-live="polite">
                    {move || if copied.get() { text.was_copied } else { "" }}
                </span>
            </button>
            {move || by_hand.get().map(|link| view! { <LinkByHand link close=move || by_hand.set(None) /> })}
        </div>
    }
}

/// The link in a field, selected.
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
                {text().header.by_hand}
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
