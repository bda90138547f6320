//! The questions that the page asks, each one choice of rater and arms.

use leptos::prelude::*;

use crate::kit::card::Card;
use crate::kit::segmented::Segmented;
use crate::lab::use_lab;
use crate::model::draft::{Question, asked, choose_question};
use crate::stores::use_stores;
use crate::text::{terms, text};

/// The panel.
#[component]
pub fn Experiments(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (lab, draft, text) = (use_lab(), use_stores().draft, &text().experiments);
    let in_own = draft.memo(|draft| draft.own_world.is_some());
    let chosen = draft.memo(asked);
    let select = Callback::new(move |question: Question| {
        draft.change(|draft| choose_question(draft, question));
    });
    view! {
        <Card id title=text.title class="experiments">
            <Segmented
                name="experiment"
                legend=text.legend
                options=Question::ALL.map(|question| (question, terms::question(question).name)).to_vec()
                selected=chosen
                on_select=select
            />
            {move || in_own.get().then(|| view! {
                <p class="hint">
                    {text.own_world}" "<button class="small" type="button" on:click=move |_| lab.enter(None)>{text.leave}</button>
                </p>
            })}
            <p class="hint">{move || chosen.get().map_or(text.own, |question| terms::question(question).question)}</p>
        </Card>
    }
}
