//! A question, three answers to it, the rater's number for each, and which of them the reader expects.

use hedgerow::documents::example::{Example, ExampleAnswer};
use hedgerow::judgement::rater::{RaterConfig, Strategy};
use leptos::prelude::*;

use crate::kit::marked::marked;
use crate::kit::waiting::{still, waiting};
use crate::lab::use_lab;
use crate::model::recorded::Recording;
use crate::model::sentence::plain;
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// The question with its answers in `index.html`, unless the address asks for another view or another rater.
const STILL: &str = "#shell .story:not([hidden]) > .story-stage:not([hidden]) > .example";

/// The question to a real language model, or else that of the draft's first seed, or the first that there is. Without
/// one: could it not be fetched?
fn example() -> Memo<Result<Example, bool>> {
    let stores = use_stores();
    let seed = stores.draft.memo(|draft| draft.seeds.first().copied());
    Memo::new(move |_| {
        let of_seed = |example: &&Example| Some(example.seed) == seed.get();
        stores.story.examples.with(|found| match found {
            Recording::Here(found) => {
                let (all, opening) = &**found;
                opening.as_ref().or_else(|| all.iter().find(of_seed)).or(all.first()).cloned().ok_or(true)
            }
            Recording::Loading => Err(false),
            Recording::Missing | Recording::Failed(_) => Err(true),
        })
    })
}

/// The question with its answers. With what each reason adds to the number, and how often the rater checks, if
/// `reasons`.
#[component]
pub fn ExampleCard(
    /// Take the number apart.
    reasons: bool,
) -> impl IntoView {
    let (lab, stores, text) = (use_lab(), use_stores(), &text().story);
    // The slider changes this card alone: the run beside the next step is that of the rater as it is.
    let (example, chosen) = (example(), RwSignal::new(None::<f32>));
    let own = stores.draft.memo(|draft| draft.rater);
    let rater = Memo::new(move |_| {
        let rater = own.get();
        RaterConfig { check_probability: chosen.get().unwrap_or(rater.check_probability), ..rater }
    });
    let answers = move |example: &Example| {
        let rater = rater.get();
        let ratings = example.answers.iter().map(|answer| answer.rating(&rater).scalar());
        let best = ratings.fold(f32::NEG_INFINITY, f32::max);
        example.answers.iter().map(|own| row(own, &rater, best, reasons)).collect_view()
    };
    let check = move |event| {
        if let Ok(share) = event_target_value(&event).parse() {
            chosen.set(Some(share));
        }
    };
    let checked = move || f64::from(rater.get().check_probability);
    let slider = move || {
        view! {
            <label class="story-slider">
                <span>{move || text.checks(numbers::percent(checked()))}</span>
                <input
                    type="range" min="0" max="1" step="0.05"
                    prop:value=move || checked().to_string()
                    style:--fill=move || format!("{:.1}%", checked() * 100.0)
                    on:input=check
                />
            </label>
            <p class="hint">{move || text.pays(terms::strategy(rater.get().scalar_optimum()))}</p>
        }
    };
    view! {
        <div class="example">
            {move || example.with(|example| match example {
                Ok(example) => view! {
                    <p class="example-question">
                        {plain(&example.question)}" "<span class="truth">{marked(&super::text().answers.truth(&example.truth))}</span>
                    </p>
                    <ol class="example-answers">{answers(example)}</ol>
                }.into_any(),
                Err(false) => still(STILL).unwrap_or_else(|| waiting(false, || ())),
                // Even if that is known before anything is drawn.
                Err(true) => waiting(true, move || lab.fetch_examples()),
            })}
            {reasons.then(slider)}
        </div>
    }
}

fn row(own: &ExampleAnswer, rater: &RaterConfig, best: f32, reasons: bool) -> impl IntoView + use<> {
    let text = &text().story;
    let rating = own.rating(rater);
    let scalar = rating.scalar();
    let is_best = scalar >= best;
    let number = |value: f32| numbers::signed(f64::from(value));
    let part = |value: f32| numbers::credit(f64::from(value));
    let parts = reasons.then(|| {
        view! {
            <span class="example-parts">
                {marked(&text.parts(part(rating.framing), part(rating.content), part(-rating.discomfort)))}
            </span>
        }
    });
    view! {
        <li class:best=is_best>
            <span class="said">{plain(&own.words)}</span>
            <span class="example-kind">{terms::strategy(own.strategy)}</span>
            <strong class="example-number">{number(scalar)}</strong>
            {parts}
        </li>
    }
}

/// Which of them will the model learn?
#[component]
pub fn Guess() -> impl IntoView {
    let (story, text) = (use_stores().story, &text().story);
    let option = move |strategy: Strategy| {
        view! {
            <label class="guess">
                <input
                    type="radio"
                    name="guess"
                    prop:checked=move || story.guess.get() == Some(strategy)
                    on:change=move |_| story.guess.set(Some(strategy))
                />
                <span>{terms::strategy(strategy)}</span>
            </label>
        }
    };
    view! {
        <fieldset class="guesses">
            <legend>{text.which}</legend>
            {Strategy::ALL.map(option).collect_view()}
        </fieldset>
    }
}
