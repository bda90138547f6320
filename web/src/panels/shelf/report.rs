//! The report of a run on the shelf, where no exercise is open that has one: the visitor's notes are its words.

use leptos::portal::Portal;
use leptos::prelude::*;

use super::Here;
use crate::model::shelf::Entry;
use crate::text::later::later;
use crate::text::runs::what;
use crate::views::report::{Origin, Predicted, Result, Sheet, nickname};

/// The report, in the place of the page.
#[component]
pub fn ReportOf(
    /// The run, which is the one that is drawn.
    entry: Entry,
    /// What the panel remembers.
    here: Here,
) -> impl IntoView {
    let by = RwSignal::new(untrack(nickname).unwrap_or_default());
    let close = Callback::new(move |()| here.reported.set(None));
    let Entry { name, note, line, .. } = entry;
    let what = |line| here.worlds.with_untracked(|worlds| what(line, worlds));
    let title = if name.is_empty() { line.as_ref().map(what).unwrap_or_default() } else { name };
    let sheet = move || {
        let words = &later().report;
        let note = (!note.trim().is_empty()).then(|| {
            let note = note.clone();
            view! { <section><h2>{words.words}</h2><p class="report-own report-words">{note}</p></section> }
        });
        view! {
            <Sheet
                title=title.clone().into_any()
                back=later().shelf.back
                close
                name=by
                rename=Callback::new(move |name| by.set(name))
            >
                <section>
                    <h2>{words.prediction}</h2>
                    <Predicted none=words.no_prediction />
                </section>
                <section class="report-result">
                    <h2>{words.outcome}</h2>
                    <Result />
                </section>
                {note}
                <section class="report-run">
                    <h2>{words.run}</h2>
                    <Origin exercise=None is_own=true />
                </section>
            </Sheet>
        }
    };
    let mount = document().query_selector("main").ok().flatten();
    mount.map(|mount| view! { <Portal mount>{sheet.clone()}</Portal> })
}
