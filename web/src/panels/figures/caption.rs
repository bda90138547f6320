//! The sentences below a row of charts: what they show.

use leptos::prelude::*;

use super::sentences::sentences;
use crate::model::figures::Group;
use crate::model::run::Part;
use crate::stores::use_stores;

/// What the row shows.
#[component]
pub fn Caption(
    /// The row.
    group: Group,
) -> impl IntoView {
    let view = use_stores().view;
    let sentences = view.memo(&[Part::Measurements, Part::Changes], move |report| {
        report.map(|report| sentences(view, report, group)).unwrap_or_default()
    });
    view! {
        <div class="caption" aria-live="polite">
            {move || sentences.get().into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()}
        </div>
    }
}
