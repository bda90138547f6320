//! A link with what came out of a run, copied and shown.

use leptos::prelude::*;

use crate::lab::Lab;
use crate::text::later::later;

/// A link that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    link: String,
    /// Did the browser copy it?
    copied: bool,
}

/// Copies a link, and then shows it.
pub fn share(lab: Lab, link: String, shared: RwSignal<Option<Shared>>) {
    lab.copy(link.clone(), move |copied| shared.set(Some(Shared { link, copied })));
}

/// The link in a field, for those whose browser did not copy it, and for who wants to see what it says.
pub fn shared_link(shared: RwSignal<Option<Shared>>) -> impl IntoView {
    let field = move || {
        shared.get().map(|Shared { link, copied }| {
            let words = &later().sent;
            view! {
                <p>{if copied { words.copied } else { words.by_hand }}</p>
                <label class="field">
                    <span>{words.link}</span>
                    <input type="text" readonly value=link />
                </label>
            }
        })
    };
    view! { <div role="status" class="shared">{field}</div> }
}
