//! What to look for: the three lessons.

use leptos::prelude::*;

use crate::text::{Lesson, text};

/// The panel.
#[component]
pub fn Lessons(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let text = &text().look;
    let lesson = |lesson: &Lesson| view! { <li><h3>{lesson.title}</h3><p>{lesson.text}</p></li> };
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{text.title}</h2>
            <ol class="lessons">{[&text.rater, &text.silence, &text.place].map(lesson).collect_view()}</ol>
        </section>
    }
}
