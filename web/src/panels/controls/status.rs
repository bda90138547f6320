//! Progress in a bar and in words.

use leptos::prelude::*;

use crate::model::phase::Phase;
use crate::model::plan;
use crate::model::recorded::Shown;
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// Bar and words.
#[component]
pub fn Status() -> impl IntoView {
    let stores = use_stores();
    let (phase, view) = (stores.engine.phase, stores.view);
    let planned = stores.draft.memo(|draft| draft.finetune.updates);
    let done =
        stores.run.memo(&[Part::Updates], |run| (run.report.updates_done(), run.report.experiment.finetune.updates));
    let progress = Memo::new(move |_| if view.is_live() { done.get() } else { (0, planned.get()) });
    let going = stores.engine.progress;
    let share = Memo::new(move |_| phase.with(|phase| share(phase, progress.get(), going.get())));
    // Ratings that reward models learn from before the first update.
    let ratings = stores.run.memo(&[], |run| run.report.experiment.reward_model.map(|model| model.ratings));
    let cost = Memo::new(move |_| {
        let (choice, cores) = (stores.engine.choice.get()?, stores.engine.cores.get());
        stores.draft.experiment.with(|draft| plan::seconds(&choice, draft, cores))
    });
    let words = move || {
        let pace = stores.engine.pace.get();
        phase.with(|phase| match ratings.get().filter(|_| *phase == Phase::Training && done.get().0 == 0) {
            Some(ratings) => part(text().status.fitting(numbers::count(ratings as usize)), going.get()),
            None => {
                let said = status(phase, progress.get(), view.shown(), pace, going.get());
                match cost.get().filter(|_| *phase == Phase::Paused && progress.get().0 == 0) {
                    Some(seconds) => format!("{said} {}", text().status.takes(numbers::time(seconds))),
                    None => said,
                }
            }
        })
    };
    // Screen readers hear of every tenth update, not of each.
    let spoken = Memo::new(move |_| phase.with(|phase| spoken(phase, progress.get())));
    view! {
        <div class="status">
            <div
                class="bar"
                class:unknown=move || share.get().is_none()
                role="progressbar"
                aria-label=text().status.progress
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
fn share(phase: &Phase, (done, updates): (u32, u32), going: f64) -> Option<f64> {
    match phase {
        Phase::LoadingEngine { loaded, total } | Phase::LoadingModels { loaded, total } => {
            (*total > 0.0).then(|| loaded / total)
        }
        Phase::CheckingEngine => None,
        Phase::Measuring => (going > 0.0).then_some(going),
        Phase::Restoring { done, of } => Some(f64::from(*done) / f64::from((*of).max(1))),
        Phase::Paused
        | Phase::Training
        | Phase::Pausing
        | Phase::Finished
        | Phase::DownloadFailed(_)
        | Phase::Stopped(_) => Some(f64::from(done) / f64::from(updates.max(1))),
    }
}

/// What goes on, and how far it is, if that is known.
fn part(what: String, share: f64) -> String {
    if share > 0.0 && share < 1.0 { text().status.part(what, numbers::percent(share)) } else { what }
}

fn status(phase: &Phase, (done, updates): (u32, u32), shown: Shown, pace: Option<f64>, going: f64) -> String {
    let text = &text().status;
    match phase {
        Phase::LoadingEngine { loaded, total } => numbers::download(&text.engine, *loaded, *total),
        Phase::CheckingEngine => text.checking.to_owned(),
        Phase::LoadingModels { loaded, total } => numbers::download(&text.models, *loaded, *total),
        Phase::Measuring => part(text.measuring.to_owned(), going),
        Phase::Restoring { done, of } => text.restoring(*done, *of),
        Phase::Paused if shown != Shown::Live => match shown {
            Shown::Recording(_) => text.recorded.to_owned(),
            Shown::Loading => text.recording_loads.to_owned(),
            Shown::Failed => text.recording_failed.to_owned(),
            Shown::Live | Shown::Opened | Shown::Nothing => text.ready.to_owned(),
        },
        Phase::Paused if done == 0 => text.ready.to_owned(),
        Phase::Paused => text.paused(done, updates),
        Phase::Finished => text.finished.count(updates as usize),
        Phase::DownloadFailed(_) => text.download_failed.to_owned(),
        Phase::Stopped(_) => text.stopped(done),
        Phase::Pausing => text.pausing.to_owned(),
        Phase::Training => match (pace, plan::seconds_left(done, updates, pace)) {
            (Some(pace), Some(left)) => text.pace(done, updates, numbers::fixed(pace, 1), numbers::time(left)),
            (_, _) => text.update(done, updates),
        },
    }
}

fn spoken(phase: &Phase, (done, updates): (u32, u32)) -> String {
    let text = &text().status;
    match phase {
        Phase::Training => text.spoken_update(done - done % 10, updates),
        Phase::Pausing => text.spoken_pausing.to_owned(),
        Phase::LoadingEngine { .. } => text.engine.start.to_owned(),
        Phase::LoadingModels { .. } => text.models.start.to_owned(),
        Phase::CheckingEngine => text.checking.to_owned(),
        Phase::Measuring => text.spoken_measuring.to_owned(),
        Phase::Restoring { .. } => text.spoken_restoring.to_owned(),
        Phase::Paused => text.spoken_waiting(done),
        Phase::Finished => text.spoken_finished.to_owned(),
        Phase::DownloadFailed(_) | Phase::Stopped(_) => terms::failure(phase),
    }
}
