//! The questions that the page asks, each one choice of rater and arms.

use leptos::prelude::*;

use crate::kit::card::Card;
use crate::kit::segmented::Segmented;
use crate::model::draft::Question;
use crate::stores::use_stores;
use crate::text::{terms, text};

/// The panel.
#[component]
pub fn Experiments(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (draft, text) = (use_stores().draft, &text().experiments);
    let chosen = draft.memo(Question::of);
    let select = Callback::new(move |question: Question| {
        draft.change(|draft| *draft = question.experiment(std::mem::take(&mut draft.seeds)));
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
            <p class="hint">{move || chosen.get().map_or(text.own, |question| terms::question(question).question)}</p>
        </Card>
    }
}
