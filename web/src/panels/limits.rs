//! What must not be concluded.

use leptos::prelude::*;

use crate::text::text;

/// The panel.
#[component]
pub fn Limits(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let text = &text().limits;
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{text.title}</h2>
            <ul class="limits">
                <li>{text.size}</li>
                <li>{text.sensitivity}</li>
                <li>{text.people}</li>
                <li>{text.pretraining}</li>
                <li>{text.enough}</li>
            </ul>
        </section>
    }
}
