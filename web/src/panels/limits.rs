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
    let limits = [text.size, text.sensitivity, text.people, text.pretraining, text.enough, text.decision, text.silence];
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{text.title}</h2>
            <ul class="limits">{limits.map(|limit| view! { <li>{limit}</li> }).collect_view()}</ul>
        </section>
    }
}
