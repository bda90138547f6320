//! The reader's own run, from within the story.

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::use_lab;
use crate::model::phase::Phase;
use crate::model::run::{Part, RunState};
use crate::stores::use_stores;
use crate::text::{numbers, text};

/// A button that trains or waits, and how far the run is.
#[component]
pub fn Live() -> impl IntoView {
    let (lab, stores) = (use_lab(), use_stores());
    let (controls, status) = (&text().controls, &text().status);
    let phase = stores.engine.phase;
    let training = Memo::new(move |_| phase.get() == Phase::Training);
    let waits = Memo::new(move |_| {
        phase.with(Phase::cannot_train) || phase.with(Phase::is_loading) && stores.run.started.get()
    });
    let done = stores
        .run
        .memo(&[Part::Updates], |run: &RunState| (run.report.updates_done(), run.report.experiment.finetune.updates));
    let toggle = move |_| if training.get_untracked() { lab.pause() } else { lab.train() };
    let progress = move || {
        let (done, updates) = done.get();
        match (stores.run.started.get(), phase.get() == Phase::Finished) {
            (_, true) => status.finished.count(done as usize),
            (true, false) => status.update(numbers::count(done as usize), numbers::count(updates as usize)),
            (false, false) => String::new(),
        }
    };
    view! {
        <p class="story-live">
            <button type="button" class="strong" on:click=toggle disabled=move || waits.get()>
                {move || match training.get() {
                    true => view! { <Glyph icon=Icon::Pause /> <span>{controls.pause}</span> }.into_any(),
                    false => view! { <Glyph icon=Icon::Play /> <span>{text().story.train_here}</span> }.into_any(),
                }}
            </button>
            <span class="note" role="status">{progress}</span>
        </p>
    }
}
