//! Train, pause, step, reset; one model or several; how far it is.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::export::Export;
use super::icons::{Glyph, Icon};
use super::segmented::Segmented;
use crate::app::{Lab, Phase, Tone};
use crate::client::Client;
use crate::link::ViewMode;
use crate::plan;

/// The bar that stays in view.
#[component]
pub fn Controls() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let selected =
        Signal::derive(move || match (lab.mode.get(), lab.draft.with(|draft| draft.arms.first().copied())) {
            (ViewMode::SideBySide, _) => 1,
            (ViewMode::Single, Some(Arm::Scalar)) => 0,
            (ViewMode::Single, Some(Arm::Structured)) => 2,
            (ViewMode::Single, _) => 3,
        });
    let select = Callback::new(move |index: usize| {
        let (mode, arms) = match index {
            0 => (ViewMode::Single, vec![Arm::Scalar]),
            2 => (ViewMode::Single, vec![Arm::Structured]),
            _ => (ViewMode::SideBySide, vec![Arm::Scalar, Arm::Structured]),
        };
        lab.mode.set(mode);
        lab.draft.update(|draft| draft.set_arms(arms));
    });
    view! {
        <div class="controls">
            <div class="control-row">
                <Buttons />
                <Segmented
                    name="mode"
                    legend="Reward"
                    options=vec!["Scalar", "Side by side", "Structured"]
                    selected
                    on_select=select
                />
                <Status />
                <Export />
            </div>
            <Pending />
        </div>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let training = Memo::new(move |_| lab.phase.get() == Phase::Training);
    // While the engine loads, Train and Step are remembered.
    let waiting = Memo::new(move |_| {
        let loading = matches!(
            lab.phase.get(),
            Phase::LoadingEngine { .. } | Phase::CheckingEngine | Phase::LoadingModels { .. } | Phase::Measuring
        );
        loading && lab.started.get()
    });
    let blocked = Memo::new(move |_| {
        matches!(lab.phase.get(), Phase::Finished | Phase::Pausing | Phase::Stopped(_) | Phase::DownloadFailed(_))
            || waiting.get()
    });
    let toggle = move |_| lab.with_client(if training.get_untracked() { Client::pause } else { Client::train });
    view! {
        <div class="buttons" role="group" aria-label="Training">
            <button class="primary" type="button" on:click=toggle disabled=move || blocked.get()>
                {move || match (training.get(), waiting.get()) {
                    (true, _) => view! { <Glyph icon=Icon::Pause /> <span>"Pause"</span> }.into_any(),
                    (false, true) => view! { <span class="spinner" aria-hidden="true"></span> <span>"Starting"</span> }.into_any(),
                    (false, false) => view! { <Glyph icon=Icon::Play /> <span>"Train"</span> }.into_any(),
                }}
            </button>
            <button
                type="button"
                title="Make one update"
                on:click=move |_| lab.with_client(Client::step)
                disabled=move || blocked.get() || training.get()
            >
                <Glyph icon=Icon::Step />
                <span>"Step"</span>
            </button>
            <button
                type="button"
                title="Back to the base models, with the settings as they are now"
                on:click=move |_| lab.with_client(Client::reset)
                disabled=move || !lab.started.get()
            >
                <Glyph icon=Icon::Reset />
                <span>"Reset"</span>
            </button>
        </div>
    }
}

/// Progress in a bar and in words.
#[component]
fn Status() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let progress = Memo::new(move |_| {
        let run = lab.run.with(|run| (run.report.updates_done(), run.report.experiment.finetune.updates));
        if lab.is_live() { run } else { (0, lab.draft.with(|draft| draft.finetune.updates)) }
    });
    let share = move || match lab.phase.get() {
        Phase::LoadingEngine { loaded, total } | Phase::LoadingModels { loaded, total } if total > 0.0 => {
            Some(loaded / total)
        }
        Phase::LoadingEngine { .. } | Phase::LoadingModels { .. } | Phase::CheckingEngine | Phase::Measuring => None,
        Phase::Paused
        | Phase::Training
        | Phase::Pausing
        | Phase::Finished
        | Phase::DownloadFailed(_)
        | Phase::Stopped(_) => {
            let (done, updates) = progress.get();
            Some(f64::from(done) / f64::from(updates.max(1)))
        }
    };
    let words = move || {
        let (done, updates) = progress.get();
        match lab.phase.get() {
            Phase::LoadingEngine { loaded, total } => format!("Loading the engine{}", bytes(loaded, total)),
            Phase::CheckingEngine => "Checking the engine against itself".into(),
            Phase::LoadingModels { loaded, total } => format!("Loading the base models{}", bytes(loaded, total)),
            Phase::Measuring => "Measuring the base models".into(),
            Phase::Paused if !lab.is_live() => "Ready. You see a recorded run until you train.".into(),
            Phase::Paused if done == 0 => "Ready to train".into(),
            Phase::Paused => format!("Paused at update {done} of {updates}"),
            Phase::Finished => format!("Finished after {updates} updates"),
            Phase::DownloadFailed(_) => "A download failed".into(),
            Phase::Stopped(_) => format!("Stopped after update {done}"),
            Phase::Pausing => "Pausing after this update".into(),
            Phase::Training => match lab.pace.get() {
                None => format!("Update {done} of {updates}"),
                Some(pace) => {
                    let left = plan::seconds_left(done, updates, Some(pace)).map(duration).unwrap_or_default();
                    format!("Update {done} of {updates} · {pace:.1} a second · {left}")
                }
            },
        }
    };
    // Screen readers hear of every tenth update, not of each.
    let spoken = Memo::new(move |_| {
        let (done, updates) = progress.get();
        match lab.phase.get() {
            Phase::Training => format!("{} of {updates} updates", done - done % 10),
            Phase::Pausing => "Pausing".into(),
            Phase::LoadingEngine { .. } => "Loading the engine".into(),
            Phase::LoadingModels { .. } => "Loading the base models".into(),
            Phase::CheckingEngine => "Checking the engine".into(),
            Phase::Measuring => "Measuring".into(),
            Phase::Paused => format!("Waiting at update {done}"),
            Phase::Finished => "Training has finished".into(),
            Phase::DownloadFailed(text) | Phase::Stopped(text) => text,
        }
    });
    view! {
        <div class="status">
            <div
                class="bar"
                class:unknown=move || share().is_none()
                role="progressbar"
                aria-label="Progress"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || share().map(|share| format!("{:.0}", share * 100.0))
            >
                <span style:width=move || share().map(|share| format!("{:.1}%", share * 100.0))></span>
            </div>
            <p class="status-words">{words}</p>
            <p class="unseen" aria-live="polite">{move || spoken.get()}</p>
        </div>
    }
}

/// Settings that the run does not use yet, and what can be done about it.
#[component]
fn Pending() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let state = Memo::new(move |_| (lab.needs_new_run(), lab.reward_differs() && lab.can_change_reward()));
    let undo = move |_| {
        let current = lab.run.with_untracked(crate::state::RunState::current);
        lab.mode.set(if current.arms.len() == 1 { ViewMode::Single } else { ViewMode::SideBySide });
        lab.draft.set(current);
    };
    let over = move |_| lab.with_client(Client::reset);
    let apply = move |_| {
        lab.with_client(|client| {
            let next = client.change_reward() + 1;
            lab.notify(Tone::Info, format!("The new reward holds from update {next} on; the models stay as they are."));
        });
    };
    view! {
        <div role="status">
            {move || match state.get() {
                (false, false) => None,
                (new_run, _) => Some(view! {
                    <div class="pending">
                        <p>
                            {if new_run {
                                "The run goes on with its own settings. Yours need a new run."
                            } else {
                                "The reward you see is not the one that trains yet."
                            }}
                        </p>
                        {(!new_run).then(|| view! {
                            <button class="small strong" type="button" on:click=apply>"Change it now, keep the models"</button>
                        })}
                        <button class="small" type="button" on:click=over>"Start over with it"</button>
                        <button class="small" type="button" on:click=undo>"Undo"</button>
                    </div>
                }),
            }}
        </div>
    }
}

fn bytes(loaded: f64, total: f64) -> String {
    let mega = |bytes: f64| format!("{:.1} MB", bytes / 1e6);
    match (loaded > 0.0, total > 0.0) {
        (_, true) => format!(", {} of {}", mega(loaded), mega(total)),
        (true, false) => format!(", {}", mega(loaded)),
        (false, false) => String::new(),
    }
}

fn duration(seconds: f64) -> String {
    match seconds.round() as u64 {
        0..=89 => format!("{:.0} s left", seconds),
        90..=5399 => format!("{:.0} min left", seconds / 60.0),
        _ => format!("{:.1} h left", seconds / 3600.0),
    }
}
