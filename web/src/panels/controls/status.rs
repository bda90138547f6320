//! Progress in a bar and in words.

use leptos::prelude::*;

use crate::model::phase::Phase;
use crate::model::plan;
use crate::model::run::Part;
use crate::numbers;
use crate::stores::use_stores;
use crate::words;

/// Bar and words.
#[component]
pub fn Status() -> impl IntoView {
    let stores = use_stores();
    let (phase, view) = (stores.engine.phase, stores.view);
    let planned = stores.draft.memo(|draft| draft.finetune.updates);
    let done =
        stores.run.memo(&[Part::Updates], |run| (run.report.updates_done(), run.report.experiment.finetune.updates));
    let progress = Memo::new(move |_| if view.is_live() { done.get() } else { (0, planned.get()) });
    let share = Memo::new(move |_| phase.with(|phase| share(phase, progress.get())));
    let words = move || {
        let pace = stores.engine.pace.get();
        phase.with(|phase| status(phase, progress.get(), view.is_live(), pace))
    };
    // Screen readers hear of every tenth update, not of each.
    let spoken = Memo::new(move |_| phase.with(|phase| spoken(phase, progress.get())));
    view! {
        <div class="status">
            <div
                class="bar"
                class:unknown=move || share.get().is_none()
                role="progressbar"
                aria-label="Progress"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || share.get().map(|share| format!("{:.0}", share * 100.0))
            >
                <span style:width=move || share.get().map(|share| format!("{:.1}%", share * 100.0))></span>
            </div>
            <p class="status-words">{words}</p>
            <p class="unseen" aria-live="polite">{spoken}</p>
        </div>
    }
}

/// How much of what is going on is done; `None` if nobody knows.
fn share(phase: &Phase, (done, updates): (u32, u32)) -> Option<f64> {
    match phase {
        Phase::LoadingEngine { loaded, total } | Phase::LoadingModels { loaded, total } => {
            (*total > 0.0).then(|| loaded / total)
        }
        Phase::CheckingEngine | Phase::Measuring => None,
        Phase::Paused
        | Phase::Training
        | Phase::Pausing
        | Phase::Finished
        | Phase::DownloadFailed(_)
        | Phase::Stopped(_) => Some(f64::from(done) / f64::from(updates.max(1))),
    }
}

fn status(phase: &Phase, (done, updates): (u32, u32), live: bool, pace: Option<f64>) -> String {
    match phase {
        Phase::LoadingEngine { loaded, total } => format!("Loading the engine{}", numbers::bytes(*loaded, *total)),
        Phase::CheckingEngine => "Checking the engine against itself".into(),
        Phase::LoadingModels { loaded, total } => {
            format!("Loading the base models{}", numbers::bytes(*loaded, *total))
        }
        Phase::Measuring => "Measuring the base models".into(),
        Phase::Paused if !live => "Ready. You see a recorded run until you train.".into(),
        Phase::Paused if done == 0 => "Ready to train".into(),
        Phase::Paused => format!("Paused at update {done} of {updates}"),
        Phase::Finished => format!("Finished after {updates} updates"),
        Phase::DownloadFailed(_) => "A download failed".into(),
        Phase::Stopped(_) => format!("Stopped after update {done}"),
        Phase::Pausing => "Pausing after this update".into(),
        Phase::Training => match pace {
            None => format!("Update {done} of {updates}"),
            Some(pace) => {
                let left = plan::seconds_left(done, updates, Some(pace)).map(numbers::duration).unwrap_or_default();
                format!("Update {done} of {updates} · {pace:.1} a second · {left}")
            }
        },
    }
}

fn spoken(phase: &Phase, (done, updates): (u32, u32)) -> String {
    match phase {
        Phase::Training => format!("{} of {updates} updates", done - done % 10),
        Phase::Pausing => "Pausing".into(),
        Phase::LoadingEngine { .. } => "Loading the engine".into(),
        Phase::LoadingModels { .. } => "Loading the base models".into(),
        Phase::CheckingEngine => "Checking the engine".into(),
        Phase::Measuring => "Measuring".into(),
        Phase::Paused => format!("Waiting at update {done}"),
        Phase::Finished => "Training has finished".into(),
        Phase::DownloadFailed(fault) => words::download_fault(fault),
        Phase::Stopped(reason) => words::stop_reason(reason),
    }
}
