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
use dials::{DialRow, Misattribution};
use optimum::Optimum;

/// The panel.
#[component]
pub fn Rater(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let stores = use_stores();
    let preset = Signal::derive(move || stores.view.preset());
    let select = Callback::new(move |preset: RaterPreset| {
        let has_progress = untrack(|| stores.run.has_progress());
        stores.draft.experiment.update(|draft| choose_rater(draft, preset, has_progress));
    });
    let story = move || match preset.get() {
        Some(RaterPreset::UncomfortableFacts) => "Dislikes uncomfortable facts and rarely checks what is true.",
        Some(RaterPreset::TouchyTopic) => "Dislikes any statement on the topic, whatever it says.",
        None => "Your own numbers.",
    };
    let (main, more) = dials();
    let rows = |dials: Vec<Dial>| dials.into_iter().map(|dial| view! { <DialRow dial /> }).collect_view();
    view! {
        <Card id title="The rater" class="rater">
            <Segmented
                name="rater"
                legend="Preset"
                options=vec![
                    (RaterPreset::UncomfortableFacts, "A  Uneasy facts"),
                    (RaterPreset::TouchyTopic, "B  Touchy topic"),
                ]
                selected=preset
                on_select=select
            />
            <p class="hint">{story}</p>
            <Optimum />
            <div class="dials">{rows(main)}</div>
            <Misattribution />
            <details class="more">
                <summary>"All numbers"</summary>
                <div class="dials">{rows(more)}</div>
            </details>
        </Card>
    }
}
