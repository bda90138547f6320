//! Saves what is drawn as a file, for a spreadsheet or for another program.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use crate::app::{Lab, Tone};
use crate::files;

/// Two buttons, enabled when there is a run.
#[component]
pub fn Export() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let none = Memo::new(move |_| lab.with_report(|report| report.is_none()));
    let save = move |json: bool| {
        untrack(|| {
            let kind = if lab.is_live() { "run" } else { "recorded-run" };
            lab.with_report(|report| {
                let Some(report) = report else { return };
                let saved = if json {
                    let text = serde_json::to_string_pretty(report).unwrap_or_default();
                    files::save(&format!("hedgerow-{kind}.json"), "application/json", &text)
                } else {
                    files::save(&format!("hedgerow-{kind}.csv"), "text/csv", &report.to_csv())
                };
                if let Err(error) = saved {
                    let reason = crate::worker::describe(&error);
                    lab.notify(Tone::Warning, format!("The file could not be saved: {reason}."));
                }
            });
        });
    };
    view! {
        <div class="export" role="group" aria-label="Export the run">
            <button class="quiet" type="button" title="Save the run as JSON" disabled=move || none.get() on:click=move |_| save(true)>
                <Glyph icon=Icon::Download />
                <span>"JSON"</span>
            </button>
            <button class="quiet" type="button" title="Save the run as CSV" disabled=move || none.get() on:click=move |_| save(false)>
                <Glyph icon=Icon::Download />
                <span>"CSV"</span>
            </button>
        </div>
    }
}
