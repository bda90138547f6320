//! A part of the page that is folded away until somebody wants it.

use leptos::prelude::*;

/// A heading that opens what is below it.
#[component]
pub fn Disclosure(
    /// The heading.
    title: &'static str,
    /// What is to be found there.
    about: &'static str,
    /// What is below.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure">
            <summary><h2>{title}</h2>" "<span class="hint">{about}</span></summary>
            {children()}
        </details>
    }
}
