//! What must not be concluded. The story ends with some of it.

use leptos::prelude::*;

use crate::kit::later::Later;
use crate::text::later::later;
use crate::text::text;

/// The panel.
#[component]
pub fn Limits(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{text().limits.title}</h2>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let text = &later().limits;
    let limits = [text.size, text.sensitivity, text.people, text.pretraining, text.enough, text.decision, text.silence];
    view! { <ul class="limits">{limits.map(|limit| view! { <li>{limit}</li> }).collect_view()}</ul> }.into_any()
}
