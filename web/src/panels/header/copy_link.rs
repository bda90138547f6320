//! Copies a link to the settings, or the HTML that shows them in another page; shows the text where the browser does
//! not let the page copy.

use std::time::Duration;

use leptos::html::Input;
use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::use_lab;
use crate::text::text;

/// How long a button says that its text was copied.
const SAID_FOR: Duration = Duration::from_secs(3);

/// The button for the link.
#[component]
pub fn CopyLink() -> impl IntoView {
    let (lab, text) = (use_lab(), &text().header);
    let words = Words { name: text.copy, title: text.copy_title, was_copied: text.was_copied };
    view! { <CopyButton icon=Icon::Link words what=move || lab.link() /> }
}

/// The button for the HTML.
#[component]
pub fn CopyEmbedding() -> impl IntoView {
    let (lab, text) = (use_lab(), &text().header);
    let words = Words { name: text.embed, title: text.embed_title, was_copied: text.was_embedded };
    view! { <div class="embedding"><CopyButton icon=Icon::Frame words what=move || lab.embedding(text.name) /></div> }
}

/// What a button says.
struct Words {
    name: &'static str,
    title: &'static str,
    was_copied: &'static str,
}

/// Button, and the text in a field if need be.
#[component]
fn CopyButton(icon: Icon, words: Words, what: impl Fn() -> String + 'static) -> impl IntoView {
    let (lab, text) = (use_lab(), &text().header);
    let Words { name, title, was_copied } = words;
    let copied = RwSignal::new(false);
    let by_hand = RwSignal::new(None::<String>);
    let copy = move |_| {
        let wanted = what();
        lab.copy(wanted.clone(), move |allowed| {
            copied.set(allowed);
            by_hand.set((!allowed).then_some(wanted));
            set_timeout(move || copied.set(false), SAID_FOR);
        });
    };
    view! {
        <div class="popover-host">
            <button class="quiet" type="button" on:click=copy title=title>
                <Glyph icon />
                <span class="wide">{move || if copied.get() { text.copied } else { name }}</span>
                <span class="unseen" aria-live="polite">
                    {move || if copied.get() { was_copied } else { "" }}
                </span>
            </button>
            {move || by_hand.get().map(|wanted| view! { <ByHand wanted close=move || by_hand.set(None) /> })}
        </div>
    }
}

/// The text in a field, selected.
#[component]
fn ByHand(wanted: String, close: impl Fn() + Copy + 'static) -> impl IntoView {
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
                    value=wanted
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
