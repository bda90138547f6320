//! The form: for each arm a line to draw and three sliders.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::chart::Expectation;
use crate::kit::arm::ArmName;
use crate::model::prediction::{Bound, Expected, Prediction, SCHEMA, settings};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{Term, numbers, terms};

/// The form; what is kept is `None` if it is given up.
#[component]
pub fn Form(
    /// Called at its end.
    keep: Callback<Option<Prediction>>,
) -> impl IntoView {
    let (stores, text) = (use_stores(), &later().predict);
    let draft = stores.draft.experiment.get_untracked();
    let expected = RwSignal::new(draft.arms.iter().copied().map(Expected::ignorant).collect::<Vec<_>>());
    let name = RwSignal::new(String::new());
    let (updates, about) = (draft.finetune.updates, settings(&draft));
    let finish = move |_| {
        keep.run(Some(Prediction {
            hedgerow_prediction: SCHEMA,
            id: String::new(),
            name: name.get_untracked().trim().to_owned(),
            settings: about.clone(),
            late: untrack(|| {
                stores.run.with(&[], |run| run.has_progress() && settings(&run.report.experiment) == about)
            }),
            expected: expected.get_untracked(),
        }));
    };
    let arms = (0..draft.arms.len()).map(|place| arm(expected, place, updates));
    view! {
        <p class="hint">{text.hidden}</p>
        <p>{text.question(numbers::count(updates as usize))}</p>
        <p class="hint">{text.chart_about}</p>
        {arms.collect_view()}
        <label class="name">
            <span class="field-label">{text.name}</span>
            <input
                type="text"
                maxlength="40"
                autocomplete="off"
                on:input=move |event| name.set(event_target_value(&event))
            />
        </label>
        <p class="hint">{text.name_about}</p>
        <p class="deeds">
            <button class="small strong" type="button" on:click=finish>{text.keep}</button>
            <button class="small" type="button" on:click=move |_| keep.run(None)>{text.cancel}</button>
        </p>
    }
}

fn arm(expected: RwSignal<Vec<Expected>>, place: usize, updates: u32) -> AnyView {
    let arm = expected.with_untracked(|expected| expected[place].arm);
    let here = Signal::derive(move || expected.with(|expected| expected[place]));
    let change = Callback::new(move |(bound, share)| {
        expected.update(|expected| expected[place] = expected[place].with(bound, share));
    });
    let &Term { name, meaning } = terms::arm(arm);
    view! {
        <fieldset class="expected">
            <legend><ArmName arm name meaning /></legend>
            <Expectation expected=here change updates />
            {Bound::ALL.map(|bound| slider(arm, here, bound, change)).collect_view()}
        </fieldset>
    }
    .into_any()
}

fn slider(arm: Arm, expected: Signal<Expected>, bound: Bound, change: Callback<(Bound, f64)>) -> AnyView {
    let text = &later().predict;
    let words = *text.bounds.get(bound.id());
    let percent = move || (expected.get().at(bound) * 100.0).round();
    let typed = move |event| {
        if let Ok(percent) = event_target_value(&event).parse::<f64>() {
            change.run((bound, percent / 100.0));
        }
    };
    view! {
        <label class="bound">
            <span>{words}</span>
            <input
                type="range"
                min="0"
                max="100"
                step="1"
                aria-label=text.slider(terms::arm(arm).name, words)
                aria-valuetext=move || numbers::percent(expected.get().at(bound))
                prop:value=move || percent().to_string()
                style:--fill=move || format!("{}%", percent())
                on:input=typed
            />
            <output>{move || numbers::percent(expected.get().at(bound))}</output>
        </label>
    }
    .into_any()
}
