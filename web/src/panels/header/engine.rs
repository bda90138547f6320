//! Which engine computes, why, and the choice of another.

use hedgerow::documents::protocol::{EngineChoice, EngineKind, EnginePreference};
use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::kit::popover::Popover;
use crate::kit::segmented::Segmented;
use crate::lab::use_lab;
use crate::model::phase::Phase;
use crate::stores::use_stores;
use crate::words;

/// A badge that opens into the whole story.
#[component]
pub fn EngineBadge() -> impl IntoView {
    let (lab, stores) = (use_lab(), use_stores());
    let engine = stores.engine;
    let label = move || match (engine.phase.get(), engine.choice.get()) {
        (Phase::LoadingEngine { .. }, None) => "Loading engine".to_owned(),
        (Phase::DownloadFailed(_), None) => "No engine".to_owned(),
        (Phase::Stopped(_), _) => "Engine stopped".to_owned(),
        (_, None) => "Checking engine".to_owned(),
        (_, Some(choice)) => match (choice.kind, engine.workers.get()) {
            (EngineKind::Gpu, _) => "WebGPU".to_owned(),
            (EngineKind::Cpu, 0 | 1) => "CPU".to_owned(),
            (EngineKind::Cpu, workers) => format!("CPU × {workers}"),
        },
    };
    let button = move || view! { <Glyph icon=Icon::Chip /> <span>{label}</span> };
    view! {
        <Popover id="engine-details" label="Engine" button>
            {move || match engine.choice.get() {
                None => view! { <p>"No engine has been chosen yet."</p> }.into_any(),
                Some(choice) => details(choice).into_any(),
            }}
            <Segmented
                name="engine"
                legend="Use"
                options=vec![
                    (EnginePreference::Auto, "Automatic"),
                    (EnginePreference::Cpu, "CPU"),
                    (EnginePreference::Gpu, "WebGPU"),
                ]
                selected=Signal::derive(move || Some(stores.prefs.engine.get()))
                on_select=Callback::new(move |preference| lab.choose_engine(preference))
                show_legend=true
            />
            <p class="hint">"Another engine begins a new run; export the present one first if you want to keep it."</p>
        </Popover>
    }
}

fn details(choice: EngineChoice) -> impl IntoView {
    let gpu = choice.gpu.map(|gpu| {
        let adapter = match (gpu.adapter.is_empty(), gpu.software) {
            (true, _) => "unnamed adapter".to_owned(),
            (false, true) => format!("{} (software)", gpu.adapter),
            (false, false) => gpu.adapter,
        };
        let verdict = if gpu.correct { "agrees with the CPU" } else { "does not agree with the CPU" };
        view! {
            <dt>"WebGPU"</dt>
            <dd>{format!("{:.0} ms an update, {adapter}", gpu.ms)}</dd>
            <dt>"Self-check"</dt>
            <dd>{format!("{verdict}; largest difference {:.1e}", gpu.largest_difference)}</dd>
        }
    });
    view! {
        <p>{words::engine_reason(&choice.reason)}</p>
        <dl class="facts">
            <dt>"CPU"</dt>
            <dd>{format!("{:.0} ms an update", choice.cpu_ms)}</dd>
            {gpu}
        </dl>
    }
}
