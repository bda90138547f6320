//! A box to ask a question of every arm, and what they answered.

pub mod form;
pub mod next;
pub mod question;

use leptos::prelude::*;

use crate::kit::card::WideCard;
use crate::kit::later::Later;
use crate::model::ask::asked;
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::text;
use form::Form;
use next::Next;
use question::question;

/// The panel.
#[component]
pub fn Ask(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <WideCard id title=text().page.ask>
            <Later draw=inside />
        </WideCard>
    }
}

fn inside() -> AnyView {
    let questions = use_stores().run.memo(&[Part::Questions, Part::Changes], asked);
    view! {
        <p class="hint">{later().ask.about}</p>
        <Form />
        <Next />
        <ol class="asked-list" aria-live="polite">
            {move || questions.get().into_iter().map(question).collect_view()}
        </ol>
    }
    .into_any()
}
