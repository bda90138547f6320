//! The questions that the page asks, each one choice of rater and arms.

use leptos::prelude::*;

use crate::glossary;
use crate::kit::card::Card;
use crate::kit::segmented::Segmented;
use crate::model::draft::Question;
use crate::stores::use_stores;

/// The panel.
#[component]
pub fn Experiments(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let draft = use_stores().draft;
    let chosen = draft.memo(Question::of);
    let select = Callback::new(move |question: Question| {
        draft.change(|draft| *draft = question.experiment(std::mem::take(&mut draft.seeds)));
    });
    view! {
        <Card id title="The question" class="experiments">
            <Segmented
                name="experiment"
                legend="Experiment"
                options=Question::ALL.map(|question| (question, glossary::question(question))).to_vec()
                selected=chosen
                on_select=select
            />
            <p class="hint">{move || glossary::question_meaning(chosen.get())}</p>
        </Card>
    }
}
