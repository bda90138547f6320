//! Settings that the run does not use yet, and what can be done about it.

use leptos::prelude::*;

use crate::lab::use_lab;
use crate::model::draft::{Pending, pending};
use crate::model::phase::Phase;
use crate::model::run::{Part, RunState};
use crate::stores::use_stores;
use crate::text::text;

/// What is pending; nothing if the run uses the settings as they are.
#[component]
pub fn PendingSettings() -> impl IntoView {
    let (lab, stores, text) = (use_lab(), use_stores(), &text().controls);
    let current = stores.run.memo(&[Part::Changes], RunState::current);
    let has_progress = Memo::new(move |_| stores.run.has_progress());
    let state = Memo::new(move |_| {
        let differs = || current.with(|current| stores.draft.experiment.with(|draft| pending(draft, current)));
        let waits_for_updates = !stores.engine.phase.with(|phase| matches!(phase, Phase::Finished | Phase::Stopped(_)));
        // After the last update there is nothing left that another reward could train.
        let now = |state| if waits_for_updates { state } else { Pending::NewRun };
        has_progress.get().then(differs).flatten().map(now)
    });
    view! {
        <div role="status">
            {move || state.get().map(|state| view! {
                <div class="pending">
                    <p>
                        {match state {
                            Pending::NewRun => text.needs_new_run,
                            Pending::Reward => text.reward_differs,
                        }}
                    </p>
                    {(state == Pending::Reward).then(|| view! {
                        <button class="small strong" type="button" on:click=move |_| lab.change_reward()>
                            {text.apply}
                        </button>
                    })}
                    <button class="small" type="button" on:click=move |_| lab.reset()>{text.start_over}</button>
                    <button class="small" type="button" on:click=move |_| lab.undo()>{text.undo}</button>
                </div>
            })}
        </div>
    }
}
