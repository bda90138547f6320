//! Saves what is drawn as a file, for a spreadsheet or for another program.

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::{FileKind, use_lab};
use crate::stores::use_stores;

/// Two buttons, enabled when there is a run.
#[component]
pub fn Export() -> impl IntoView {
    let (lab, view) = (use_lab(), use_stores().view);
    let none = view.memo(&[], |report| report.is_none());
    let button = |kind: FileKind, name: &'static str, title: &'static str| {
        view! {
            <button class="quiet" type="button" title=title disabled=none on:click=move |_| lab.save(kind)>
                <Glyph icon=Icon::Download />
                <span>{name}</span>
            </button>
        }
    };
    view! {
        <div class="export" role="group" aria-label="Export the run">
            {button(FileKind::Json, "JSON", "Save the run as JSON")}
            {button(FileKind::Csv, "CSV", "Save the run as CSV")}
        </div>
    }
}
