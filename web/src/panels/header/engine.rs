//! Which engine computes, why, and the choice of another.

use hedgerow::documents::protocol::{EngineChoice, EngineKind, EnginePreference};
use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::kit::popover::Popover;
use crate::kit::segmented::Segmented;
use crate::lab::use_lab;
use crate::model::phase::Phase;
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// A badge that opens into the whole story.
#[component]
pub fn EngineBadge() -> impl IntoView {
    let (lab, stores, text) = (use_lab(), use_stores(), &text().engine);
    let engine = stores.engine;
    let label = move || match (engine.phase.get(), engine.choice.get()) {
        (Phase::LoadingEngine { .. }, None) => text.loading.to_owned(),
        (Phase::DownloadFailed(_), None) => text.none.to_owned(),
        (Phase::Stopped(_), _) => text.stopped.to_owned(),
        (_, None) => text.checking.to_owned(),
        (_, Some(choice)) => match (choice.kind, engine.workers.get()) {
            (EngineKind::Gpu, _) => text.gpu.to_owned(),
            (EngineKind::Cpu, 0 | 1) => text.cpu.to_owned(),
            (EngineKind::Cpu, workers) => text.cpus(numbers::count(workers)),
        },
    };
    let button = move || view! { <Glyph icon=Icon::Chip /> <span>{label}</span> };
    view! {
        <Popover id="engine-details" label=text.title button>
            {move || match engine.choice.get() {
                None => view! { <p>{text.not_chosen}</p> }.into_any(),
                Some(choice) => details(choice).into_any(),
            }}
            <Segmented
                name="engine"
                legend=text.preference
                options=vec![
                    (EnginePreference::Auto, text.automatic),
                    (EnginePreference::Cpu, text.cpu),
                    (EnginePreference::Gpu, text.gpu),
                ]
                selected=move || Some(stores.prefs.engine.get())
                on_select=move |preference| lab.choose_engine(preference)
                show_legend=true
            />
            <p class="hint">{text.new_run}</p>
        </Popover>
    }
}

fn details(choice: EngineChoice) -> impl IntoView {
    let text = &text().engine;
    let gpu = choice.gpu.map(|gpu| {
        let adapter = match (gpu.adapter.is_empty(), gpu.software) {
            (true, _) => text.unnamed.to_owned(),
            (false, true) => text.software(gpu.adapter),
            (false, false) => gpu.adapter,
        };
        let difference = numbers::scientific(f64::from(gpu.largest_difference));
        let verdict = if gpu.correct { text.agrees(difference) } else { text.disagrees(difference) };
        view! {
            <dt>{text.gpu}</dt>
            <dd>{text.time_on(numbers::fixed(gpu.ms, 0), adapter)}</dd>
            <dt>{text.self_check}</dt>
            <dd>{verdict}</dd>
        }
    });
    view! {
        <p>{terms::engine_reason(&choice.reason)}</p>
        <dl class="facts">
            <dt>{text.cpu}</dt>
            <dd>{text.time(numbers::fixed(choice.cpu_ms, 0))}</dd>
            {gpu}
        </dl>
    }
}
