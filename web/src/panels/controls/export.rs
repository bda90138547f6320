//! Saves what is drawn as a file, for a spreadsheet or for another program.

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::{FileKind, use_lab};
use crate::stores::use_stores;
use crate::text::{numbers, text};

/// Two buttons, enabled when there is a run.
#[component]
pub fn Export() -> impl IntoView {
    let (lab, view, text) = (use_lab(), use_stores().view, &text().export);
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
        <div class="export" role="group" aria-label=text.group>
            {button(FileKind::Json, text.json, text.json_title)}
            {button(FileKind::Csv(numbers::dialect()), text.csv, text.csv_title)}
        </div>
    }
}
