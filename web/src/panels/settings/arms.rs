//! Which arms are compared.

use hedgerow::judgement::experiment::Arm;
use hedgerow::judgement::sameness::sameness;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::model::draft::{is_fixed, toggle_arm};
use crate::stores::use_stores;
use crate::text::{Term, terms, text};

/// A box to tick for each arm.
#[component]
pub fn Arms() -> impl IntoView {
    let draft = use_stores().draft;
    let (main, more): (Vec<Arm>, Vec<Arm>) = Arm::ALL.into_iter().partition(|arm| arm.spec().main);
    // A chosen arm is not hidden.
    let open = draft.experiment.read_untracked().arms.iter().any(|arm| more.contains(arm));
    view! {
        <fieldset class="arms">
            <legend class="field-label">{text().settings.arms}</legend>
            {main.into_iter().map(|arm| view! { <ArmRow arm /> }).collect_view()}
            <details class="more" open=open>
                <summary>{text().settings.more_arms}</summary>
                <div class="arms">{more.into_iter().map(|arm| view! { <ArmRow arm /> }).collect_view()}</div>
            </details>
        </fieldset>
    }
}

#[component]
fn ArmRow(arm: Arm) -> impl IntoView {
    let draft = use_stores().draft;
    let &Term { name, meaning } = terms::arm(arm);
    let same = move || draft.experiment.with(|draft| sameness(draft, arm)).map(terms::sameness);
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=draft.memo(move |draft| draft.arms.contains(&arm))
                disabled=draft.memo(move |draft| is_fixed(draft, arm))
                on:change=move |event| draft.change(|draft| toggle_arm(draft, arm, event_target_checked(&event)))
            />
            <span>
                <ArmName arm name meaning />
                <span class="hint">{meaning}</span>
                <span class="hint same">{same}</span>
            </span>
        </label>
    }
}
