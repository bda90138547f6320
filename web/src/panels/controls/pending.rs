//! Settings that the run does not use yet, and what can be done about it.

use leptos::prelude::*;

use crate::lab::use_lab;
use crate::model::draft::{Pending, pending};
use crate::model::run::{Part, RunState};
use crate::stores::use_stores;

/// What is pending; nothing if the run uses the settings as they are.
#[component]
pub fn PendingSettings() -> impl IntoView {
    let (lab, stores) = (use_lab(), use_stores());
    let current = stores.run.memo(&[Part::Changes], RunState::current);
    let has_progress = Memo::new(move |_| stores.run.has_progress());
    let state = Memo::new(move |_| {
        let differs = || current.with(|current| stores.draft.experiment.with(|draft| pending(draft, current)));
        has_progress.get().then(differs).flatten()
    });
    view! {
        <div role="status">
            {move || state.get().map(|state| view! {
                <div class="pending">
                    <p>
                        {match state {
                            Pending::NewRun => "The run goes on with its own settings. Yours need a new run.",
                            Pending::Reward => "The reward you see is not the one that trains yet.",
                        }}
                    </p>
                    {(state == Pending::Reward).then(|| view! {
                        <button class="small strong" type="button" on:click=move |_| lab.change_reward()>
                            "Change it now, keep the models"
                        </button>
                    })}
                    <button class="small" type="button" on:click=move |_| lab.reset()>"Start over with it"</button>
                    <button class="small" type="button" on:click=move |_| lab.undo()>"Undo"</button>
                </div>
            })}
        </div>
    }
}
