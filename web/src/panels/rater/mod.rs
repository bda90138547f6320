//! The rater: its presets, every number of it, and what its one number rewards most.

pub mod dials;
pub mod optimum;

use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;

use crate::kit::card::Card;
use crate::kit::segmented::Segmented;
use crate::model::draft::choose_rater;
use crate::model::fields::{Dial, dials};
use crate::stores::use_stores;
use crate::text::text;
use dials::{DialRow, Misattribution};
use optimum::Optimum;

/// The panel.
#[component]
pub fn Rater(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (stores, text) = (use_stores(), &text().rater);
    let preset = Signal::derive(move || stores.view.preset());
    let select = move |preset: RaterPreset| {
        let has_progress = untrack(|| stores.run.has_progress());
        stores.draft.experiment.update(|draft| choose_rater(draft, preset, has_progress));
    };
    let story = move || match preset.get() {
        Some(RaterPreset::UncomfortableFacts) => text.uncomfortable_facts_story,
        Some(RaterPreset::TouchyTopic) => text.touchy_topic_story,
        None => text.own_story,
    };
    let is_person = stores.draft.memo(|draft| draft.person.is_some());
    let no_person = move |_| stores.draft.experiment.update(|draft| draft.person = None);
    let (main, more) = dials();
    let rows = |dials: Vec<Dial>| dials.into_iter().map(|dial| view! { <DialRow dial /> }).collect_view();
    view! {
        <Card id title=text.title class="rater">
            <Segmented
                name="rater"
                legend=text.preset
                options=vec![
                    (RaterPreset::UncomfortableFacts, text.uncomfortable_facts),
                    (RaterPreset::TouchyTopic, text.touchy_topic),
                ]
                selected=move || preset.get()
                on_select=select
            />
            {move || match is_person.get() {
                true => view! {
                    <p class="hint">
                        {text.person}" "<button class="small" type="button" on:click=no_person>{text.no_person}</button>
                    </p>
                }
                .into_any(),
                false => view! { <p class="hint">{story}</p> <Optimum /> }.into_any(),
            }}
            <div class="dials">{rows(main)}</div>
            <Misattribution />
            <details class="more">
                <summary>{text.more}</summary>
                <div class="dials">{rows(more)}</div>
            </details>
        </Card>
    }
}
