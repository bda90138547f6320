//! Below the step: who fixed what, all of the laboratory, starting over, and the teacher's part behind a plain switch.

use hedgerow::judgement::settings::setting;
use leptos::prelude::*;

use super::Here;
use super::locks::NOTE;
use crate::model::exercise::{LEARNING, on_the_page};
use crate::text::later::later;
use crate::text::{language, numbers, terms};

/// All of it.
#[component]
pub fn More(
    /// What is known of the exercise.
    here: Here,
) -> impl IntoView {
    let text = &later().exercise;
    let names: Vec<String> =
        here.locked.with_value(|locked| locked.iter().filter_map(|lock| lock_name(lock)).collect());
    let locked = (!names.is_empty()).then(|| {
        view! { <p class="hint" id=NOTE>{text.locked(numbers::list(&names))}" "{text.no_secret}</p> }
    });
    let is_begun = move || here.progress.with(crate::model::exercise::Progress::is_begun);
    let teacher = (!here.asked.with_value(|asked| asked.hides_answers)).then(|| {
        let html = here.exercise.with_value(|exercise| on_the_page(&exercise.teacher, language()));
        view! {
            <details class="more">
                <summary>{text.teacher}</summary>
                <p class="hint">{text.teacher_about}</p>
                <div class="exercise-text" inner_html=html></div>
            </details>
        }
    });
    view! {
        {locked}
        <details class="more">
            <summary>{text.more}</summary>
            <p class="hint">{text.kept_here}</p>
            <p class="deeds">
                <button class="small" type="button" on:click=move |_| here.whole.update(|whole| *whole = !*whole)>
                    {move || if here.whole.get() { text.only } else { text.whole }}
                </button>
                <button class="small" type="button" disabled=move || !is_begun() on:click=move |_| here.start_over()>
                    {text.start_over}
                </button>
            </p>
            <div role="status">
                {move || here.before.with(Option::is_some).then(|| view! {
                    <p>
                        {text.started_over}" "
                        <button class="small" type="button" on:click=move |_| here.undo()>{text.undo}</button>
                    </p>
                })}
            </div>
        </details>
        {teacher}
    }
}

/// What a lock is called.
fn lock_name(lock: &str) -> Option<String> {
    let text = &later().exercise;
    match lock {
        "rater" | "arms" | "seeds" | LEARNING => Some((*text.locks.get(lock)).to_owned()),
        "reward_model" => Some(later().shelf.reward_model.to_owned()),
        "view" => None,
        path => setting(path).map(|own| terms::setting(own.path).to_owned()),
    }
}
