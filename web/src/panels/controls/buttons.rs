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
    let toggle = move |_| if training.get_untracked() { lab.pause() } else { lab.train() };
    view! {
        <div class="buttons" role="group" aria-label=text.training>
            <button class="primary" type="button" on:click=toggle disabled=move || blocked.get()>
                {move || match (training.get(), waiting.get()) {
                    (true, _) => view! { <Glyph icon=Icon::Pause /> <span>{text.pause}</span> }.into_any(),
                    (false, true) => view! { <span class="spinner" aria-hidden="true"></span> <span>{text.starting}</span> }.into_any(),
                    (false, false) => view! { <Glyph icon=Icon::Play /> <span>{text.train}</span> }.into_any(),
                }}
            </button>
            <button
                type="button"
                title=text.step_title
                on:click=move |_| lab.step()
                disabled=move || blocked.get() || training.get()
            >
                <Glyph icon=Icon::Step />
                <span>{text.step}</span>
            </button>
            <button
                type="button"
                title=text.reset_title
                on:click=move |_| lab.reset()
                disabled=move || !started.get()
            >
                <Glyph icon=Icon::Reset />
                <span>{text.reset}</span>
            </button>
        </div>
    }
}
