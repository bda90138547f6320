//! The headline and the problem in three sentences.

use leptos::prelude::*;

/// The panel.
#[component]
pub fn Intro() -> impl IntoView {
    view! {
        <section class="intro" aria-labelledby="headline">
            <h1 id="headline">"What does a reward teach?"</h1>
            <p class="lead">
                "When people rate a model’s answers, a low rating does not say whether the fact was wrong, badly put, or just unwelcome. "
                "A model trained on that one number can learn to lie or to hedge about things it knows. "
                "Here you train a small model in your browser, with one number or with reasons, and watch the two part ways."
            </p>
        </section>
    }
}
