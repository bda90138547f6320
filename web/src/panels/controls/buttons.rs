//! Train or pause, step, reset.

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::use_lab;
use crate::model::phase::Phase;
use crate::stores::use_stores;
use crate::text::text;

/// The buttons.
#[component]
pub fn Buttons() -> impl IntoView {
    let (lab, stores, text) = (use_lab(), use_stores(), &text().controls);
    let (phase, started) = (stores.engine.phase, stores.run.started);
    let training = Memo::new(move |_| phase.get() == Phase::Training);
    // While the engine loads, Train and Step are remembered.
    let waiting = Memo::new(move |_| phase.with(Phase::is_loading) && started.get());
    let blocked = Memo::new(move |_| phase.with(Phase::cannot_train) || waiting.get());
    let no_step = move || blocked.get() || training.get();
    // A button that cannot be used keeps the focus, which one that is disabled would lose.
    let toggle = move |_| match (blocked.get_untracked(), training.get_untracked()) {
        (true, _) => {}
        (false, true) => lab.pause(),
        (false, false) => lab.train(),
    };
    let step = move |_| {
        if !untrack(no_step) {
            lab.step(1)
        }
    };
    let reset = move |_| {
        if started.get_untracked() {
            lab.reset()
        }
    };
    view! {
        <div class="buttons" role="group" aria-label=text.training>
            <button class="primary" type="button" on:click=toggle aria-disabled=move || blocked.get().to_string()>
                {move || match (training.get(), waiting.get()) {
                    (true, _) => view! { <Glyph icon=Icon::Pause /> <span>{text.pause}</span> }.into_any(),
                    (false, true) => view! { <span class="spinner" aria-hidden="true"></span> <span>{text.starting}</span> }.into_any(),
                    (false, false) => view! { <Glyph icon=Icon::Play /> <span>{text.train}</span> }.into_any(),
                }}
            </button>
            <button
                type="button"
                title=text.step_title
                on:click=step
                aria-disabled=move || no_step().to_string()
            >
                <Glyph icon=Icon::Step />
                <span>{text.step}</span>
            </button>
            <button
                type="button"
                title=text.reset_title
                on:click=reset
                aria-disabled=move || (!started.get()).to_string()
            >
                <Glyph icon=Icon::Reset />
                <span>{text.reset}</span>
            </button>
        </div>
    }
}
