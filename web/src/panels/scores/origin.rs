//! What the table of scores is of: what was changed on the way, and what computed it.

use hedgerow::documents::protocol::EngineKind;
use hedgerow::documents::report::RunReport;
use leptos::prelude::*;

use crate::model::run::{Part, engine_kind};
use crate::stores::use_stores;
use crate::text::{terms, text};

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
