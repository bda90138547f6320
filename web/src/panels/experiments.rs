//! The questions that the page asks, each one choice of rater and arms, and the worlds that it asks them in.

use hedgerow::facts::world::Theme;
use hedgerow::judgement::experiment::WorldId;
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
    let world = move || draft.experiment.with(|draft| draft.own_world);
    let in_own = draft.memo(|draft| matches!(draft.own_world, Some(WorldId::Own(_))));
    let chosen = draft.memo(asked);
    let worlds = move || {
        let mut options = vec![(Some(WorldId::Everyday), text.everyday), (None, text.groups)];
        if in_own.get() {
            options.push((untrack(world), text.own_world));
        }
        view! {
            <Segmented
                name="world"
                legend=text.world
                options
                selected=move || Some(world())
                on_select=move |world| lab.enter(world)
                show_legend=true
            />
        }
    };
    view! {
        <Card id title=text.title class="experiments">
            <Segmented
                name="experiment"
                legend=text.legend
                options=Question::ALL.map(|question| (question, terms::question(question).name)).to_vec()
                selected=move || chosen.get()
                on_select=move |question| draft.change(|draft| choose_question(draft, question))
            />
            <p class="hint">{move || chosen.get().map_or(text.own, |question| terms::question(question).question)}</p>
            {worlds}
            <p class="hint">{move || match WorldId::theme(world()) {
                Ok(Theme::Everyday) => text.everyday_about,
                Ok(Theme::Groups) => text.groups_about,
                Err(_) => "",
            }}</p>
        </Card>
    }
}
