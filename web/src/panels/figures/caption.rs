//! The sentences below a row of charts: what they show, and at the end of a run what came of it.

use leptos::prelude::*;

use super::sentences::sentences;
use crate::lab::use_lab;
use crate::model::figures::Group;
use crate::model::recorded::Shown;
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::text;

/// What the row shows.
#[component]
pub fn Caption(
    /// The row.
    group: Group,
) -> impl IntoView {
    let (lab, view, text) = (use_lab(), use_stores().view, &text().figures);
    let sentences = view.memo(&[Part::Measurements, Part::Changes], move |report| {
        report.map(|report| sentences(view, report, group)).unwrap_or_default()
    });
    let nothing = move || match view.shown() {
        Shown::Live | Shown::Recording(_) => None,
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
        <div class="caption" aria-live="polite">
            {(group == Group::Says).then_some(nothing)}
            {move || sentences.get().into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()}
        </div>
    }
}
