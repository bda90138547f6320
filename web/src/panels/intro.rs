//! The headline and the problem in three sentences.

use leptos::prelude::*;

use crate::text::text;

/// The panel.
#[component]
pub fn Intro() -> impl IntoView {
    let text = &text().intro;
    view! {
        <section class="intro" aria-labelledby="headline">
            <h1 id="headline">{text.headline}</h1>
            <p class="lead">{text.lead}</p>
        </section>
    }
}
