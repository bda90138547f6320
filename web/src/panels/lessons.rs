//! What to look for.

use leptos::prelude::*;

use crate::kit::later::Later;
use crate::text::later::{Lesson, later};
use crate::text::text;

/// The panel.
#[component]
pub fn Lessons(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{text().header.look}</h2>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let text = &later().look;
    let lesson = |lesson: &Lesson| view! { <li><h3>{lesson.title}</h3><p>{lesson.text}</p></li> };
    let lessons = [&text.rater, &text.silence, &text.first, &text.built_in, &text.place].map(lesson);
    view! { <ol class="lessons">{lessons.collect_view()}</ol> }.into_any()
}
