//! What the table of scores is of: whose run, how many seeds, what was changed on the way, and what computed it.

use hedgerow::documents::protocol::EngineKind;
use hedgerow::documents::report::RunReport;
use leptos::prelude::*;

use crate::model::recorded::Shown;
use crate::model::run::{Part, engine_kind};
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// Whose run it is, and how many seeds it has.
#[component]
pub fn Source() -> impl IntoView {
    let (view, text) = (use_stores().view, &text().scores);
    let seeds = view.memo(&[], |report| report.map(|report| report.experiment.seeds.len()));
    let source = move || {
        let (class, words) = match view.shown() {
            Shown::Live => ("tag live", text.live),
            Shown::Recording(_) => ("tag", text.recorded),
            Shown::Loading => ("tag", text.loading),
            Shown::Failed => ("tag", text.recording_failed),
            Shown::Nothing => ("tag", text.no_recorded),
        };
        view! { <span class=class>{words}</span> }
    };
    view! {
        {source}
        <p class="note">{move || note(seeds.get(), view.is_live())}</p>
    }
}

fn note(seeds: Option<usize>, live: bool) -> String {
    let text = &text().scores;
    let note = match seeds {
        None => return text.empty.to_owned(),
        Some(1) => text.one_seed.to_owned(),
        Some(seeds) => text.seeds(numbers::count(seeds)),
    };
    if live { note } else { text.earlier(note) }
}

/// What was changed on the way, and what computed the run.
#[component]
pub fn Origin() -> impl IntoView {
    let view = use_stores().view;
    move || {
        let lines = view.with(&[Part::Changes], |report| report.map(lines)).unwrap_or_default();
        lines.into_iter().map(|line| view! { <p class="note">{line}</p> }).collect_view()
    }
}

fn lines(report: &RunReport) -> Vec<String> {
    let text = &text().scores;
    let seeds = terms::seeds(&report.experiment.seeds);
    let computed = match engine_kind(report) {
        EngineKind::Cpu => text.on_cpu(seeds, &report.build),
        EngineKind::Gpu => text.on_gpu(seeds, &report.build),
    };
    let changes = (0..report.changes.len()).map(|place| terms::change(report, place));
    changes.chain([computed]).collect()
}
