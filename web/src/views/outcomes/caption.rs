//! The sentences below the great figure, or why there is nothing to say yet.

use leptos::prelude::*;

use crate::lab::use_lab;
use crate::model::outcomes::Stack;
use crate::model::recorded::Shown;
use crate::stores::use_stores;
use crate::text::outcomes::{results, sentences};
use crate::text::text;

/// What the figure shows.
#[component]
pub fn Caption(
    /// What is shown of the arms.
    shown: Memo<Vec<Stack>>,
    /// Does it stand in the laboratory? Then it is read out when it changes, and says what to try next.
    in_lab: bool,
) -> impl IntoView {
    let (lab, view, text) = (use_lab(), use_stores().view, &text().figures);
    let sentences = view.memo(super::PARTS, move |report| {
        let say = if in_lab { sentences } else { results };
        report.map(|report| shown.with(|shown| say(report, shown))).unwrap_or_default()
    });
    let nothing = move || match view.shown() {
        Shown::Live | Shown::Opened | Shown::Recording(_) => None,
        Shown::Loading => Some(view! { <p class="hint">{text.recording_loads}</p> }.into_any()),
        Shown::Nothing => Some(view! { <p class="hint">{text.train_first}</p> }.into_any()),
        Shown::Failed => Some(
            view! {
                <p class="hint">
                    {text.recording_failed}" "
                    <button class="small" type="button" on:click=move |_| lab.retry_recorded()>{text.try_again}</button>
                </p>
            }
            .into_any(),
        ),
    };
    view! {
        <div class="caption" aria-live=in_lab.then_some("polite")>
            {nothing}
            {move || sentences.get().into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()}
        </div>
    }
}
