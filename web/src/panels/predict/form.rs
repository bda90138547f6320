//! The form: for each arm a line to draw, and sliders that move a point of it and its interval.

use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::chart::expectation::{BoundSlider, Expectation, KnotSlider};
use crate::model::prediction::{Bound, Expected, KNOTS, Prediction, SCHEMA, settings};
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
    // The point of the line that the sliders move.
    let knot = RwSignal::new(KNOTS);
    let change = move |change: &dyn Fn(Expected) -> Expected| {
        expected.update(|expected| expected[place] = change(expected[place]));
    };
    let draw = Callback::new(move |(at, share)| {
        knot.set(at);
        change(&|own| own.drawn(at, share));
    });
    let slide = Callback::new(move |(bound, share)| {
        let at = knot.get_untracked();
        change(&|own| own.with_at(at, bound, share));
    });
    let &Term { name, meaning } = terms::arm(arm);
    let at_knot = Signal::derive(move || here.get().at_knot(knot.get()));
    view! {
        <fieldset class="expected">
            <legend><ArmName arm name meaning /></legend>
            <Expectation expected=here draw updates />
            <KnotSlider arm knot updates />
            {Bound::ALL.map(|bound| view! { <BoundSlider bound expected=at_knot change=slide /> }).collect_view()}
        </fieldset>
    }
    .into_any()
}
