//! Which engine computes, why, and the choice of another.

use hedgerow::documents::protocol::{EngineChoice, EngineKind, EnginePreference};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icons::{Glyph, Icon};
use super::segmented::Segmented;
use crate::app::{Lab, Phase};
use crate::client::Client;
use crate::words;

const PREFERENCES: [EnginePreference; 3] = [EnginePreference::Auto, EnginePreference::Cpu, EnginePreference::Gpu];

/// A badge that opens into the whole story.
#[component]
pub fn EngineBadge() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let open = RwSignal::new(false);
    let label = move || match (lab.phase.get(), lab.engine.get()) {
        (Phase::LoadingEngine { .. }, None) => "Loading engine".to_owned(),
        (Phase::DownloadFailed(_), None) => "No engine".to_owned(),
        (Phase::Stopped(_), _) => "Engine stopped".to_owned(),
        (_, None) => "Checking engine".to_owned(),
        (_, Some(choice)) => match (choice.kind, lab.workers.get()) {
            (EngineKind::Gpu, _) => "WebGPU".to_owned(),
            (EngineKind::Cpu, 0 | 1) => "CPU".to_owned(),
            (EngineKind::Cpu, workers) => format!("CPU × {workers}"),
        },
    };
    let selected = Signal::derive(move || {
        let preference = lab.preference.get();
        PREFERENCES.iter().position(|other| *other == preference).unwrap_or(0)
    });
    let select = Callback::new(move |index: usize| {
        lab.preference.set(PREFERENCES[index]);
        lab.started.set(false);
        lab.with_client(Client::start);
    });
    let host = NodeRef::<leptos::html::Div>::new();
    let close_when_left = move |event: web_sys::FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !host.get_untracked().is_some_and(|host| host.contains(to.as_ref())) {
            open.set(false);
        }
    };
    view! {
        <div
            class="popover-host"
            node_ref=host
            tabindex="-1"
            on:focusout=close_when_left
            on:keydown=move |event| if event.key() == "Escape" { open.set(false) }
        >
            <button
                class="quiet"
                type="button"
                aria-expanded=move || open.get().to_string()
                aria-controls="engine-details"
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Glyph icon=Icon::Chip />
                <span>{label}</span>
            </button>
            <div id="engine-details" class="popover" hidden=move || !open.get() role="group" aria-label="Engine">
                <p class="popover-title">"Engine"</p>
                {move || match lab.engine.get() {
                    None => view! { <p>"No engine has been chosen yet."</p> }.into_any(),
                    Some(choice) => details(choice).into_any(),
                }}
                <Segmented
                    name="engine"
                    legend="Use"
                    options=vec!["Automatic", "CPU", "WebGPU"]
                    selected
                    on_select=select
                    show_legend=true
                />
                <p class="hint">"Another engine begins a new run; export the present one first if you want to keep it."</p>
            </div>
        </div>
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
