//! Which seeds each arm runs.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::model::recorded::Recording;
use crate::model::seeds::{DEFAULT_SEED, Ends, ends, is_in_opening_world, offered, opening, toggle_seed};
use crate::stores::use_stores;
use crate::text::{numbers, text};

/// A box to tick for each seed, what the choice costs, and why the page opens with the one that it has.
#[component]
pub fn Seeds() -> impl IntoView {
    let (stores, text) = (use_stores(), &text().settings);
    let draft = stores.draft;
    let seeds = Memo::new(move |_| {
        stores.catalogue.seeds.with(|site| draft.experiment.with(|draft| offered(site, &draft.seeds)))
    });
    let of_site = draft.memo(is_in_opening_world);
    let models = draft.memo(|draft| (draft.replicas().len(), draft.arms.len()));
    let cost = move || {
        let (models, arms) = models.get();
        format!("{} {}", text.models.count(models), text.each_seed.count(arms))
    };
    view! {
        <fieldset class="seeds">
            <legend class="field-label">{text.seeds}</legend>
            <div class="segments">{move || seeds.get().into_iter().map(seed_box).collect_view()}</div>
            <p class="hint">{text.seeds_meaning}" "{cost}</p>
            <p class="hint">{move || if of_site.get() { why_this_one() } else { None }}</p>
        </fieldset>
    }
}

fn seed_box(seed: u64) -> impl IntoView {
    let draft = use_stores().draft;
    view! {
        <label class="segment">
            <input
                type="checkbox"
                aria-label=text().answers.seed_number(seed)
                prop:checked=draft.memo(move |draft| draft.seeds.contains(&seed))
                disabled=draft.memo(move |draft| draft.seeds == [seed])
                on:change=move |event| draft.change(|draft| toggle_seed(draft, seed, event_target_checked(&event)))
            />
            <span>{seed}</span>
        </label>
    }
}

/// How the recorded seeds end, in numbers of the recorded run that the page opens with.
fn why_this_one() -> Option<String> {
    let text = &text().settings;
    let opening = opening()?;
    let Ends { seeds, liars, hedgers, neither } = use_stores().recorded.runs.with(|runs| {
        if let (_, Recording::Here(report)) = runs.iter().find(|(run, _)| *run == opening)? {
            ends(report, Arm::Scalar)
        } else {
            None
        }
    })?;
    let [seeds, liars, hedgers, neither] = [seeds, liars, hedgers, neither].map(numbers::count);
    Some(text.why_this_seed(DEFAULT_SEED, seeds, liars, hedgers, neither))
}
