//! A step: what there is to read, and what there is to do.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::questions::Asked;
use super::{Here, RunStage};
use crate::kit::chart::expectation::{BoundSlider, Expectation, KnotSlider};
use crate::model::exercise::{Asks, Predicted, Question, Step, Task, on_the_page};
use crate::model::prediction::{Bound, Expected, KNOTS};
use crate::stores::use_stores;
use crate::text::later::{later, panel_name};
use crate::text::{language, numbers};

/// The step.
#[component]
pub fn StepView(
    /// What is known of the exercise.
    here: Here,
    /// The step.
    step: Step,
) -> impl IntoView {
    let Step { id, html, task, .. } = step;
    let html = on_the_page(&html, language());
    let read = |html: String| view! { <div class="exercise-text" inner_html=html></div> };
    match task {
        Task::Read => read(html).into_any(),
        Task::Predict { prediction } => view! { {read(html)} <Predict here prediction /> }.into_any(),
        Task::Run => view! { {read(html)} <Run here /> }.into_any(),
        Task::Look { panel } => view! { {read(html)} {way_to(here, panel)} }.into_any(),
        Task::Answer { questions } => view! { {read(html)} {questions_of(here, questions)} }.into_any(),
        Task::Explain { question } => view! { <Explain here id question html /> }.into_any(),
    }
}

/// A link to the panel, unless that is hidden. Following it opens what is folded away around the panel, and moves the
/// focus there.
fn way_to(here: Here, panel: impl Into<String>) -> AnyView {
    let panel = panel.into();
    let way = move || {
        let place = if panel == "controls" { "lab" } else { &panel };
        let link = || {
            let name = later().exercise.show(panel_name(&panel));
            view! { <p><a class="exercise-way" href=format!("#{place}")>{name}</a></p> }
        };
        here.shows(&panel).then(link)
    };
    way.into_any()
}

fn questions_of(here: Here, questions: Vec<Question>) -> AnyView {
    questions.into_iter().map(|question| view! { <Asked here question /> }).collect_view().into_any()
}

#[component]
fn Predict(here: Here, prediction: Asks) -> impl IntoView {
    let text = &later().exercise;
    let given = Memo::new(move |_| here.progress.with(|progress| progress.prediction.clone()));
    let keep = move |predicted: Predicted| here.change(|progress| progress.prediction = Some(predicted));
    let form = match prediction {
        Asks::Choice { question, choices } => {
            let choice = move |outcome: crate::model::exercise::Outcome| {
                let own = Predicted::Outcome(outcome.id);
                let checked = {
                    let own = own.clone();
                    move || given.with(|given| given.as_ref() == Some(&own))
                };
                view! {
                    <label class="exercise-choice">
                        <input type="radio" name="exercise-prediction" prop:checked=checked on:change=move |_| keep(own.clone()) />
                        <span inner_html=outcome.text></span>
                    </label>
                }
            };
            view! {
                <fieldset class="exercise-question">
                    <legend inner_html=question></legend>
                    {choices.into_iter().map(choice).collect_view()}
                </fieldset>
            }
            .into_any()
        }
        Asks::Curve { arm, question, .. } => view! { <Course here arm question /> }.into_any(),
    };
    view! {
        {form}
        <p class="hint" role="status">
            {move || match (here.predicts(), given.with(Option::is_some)) {
                (_, true) => text.predicted,
                (true, false) => text.hidden_until,
                (false, false) => "",
            }}
        </p>
    }
}

/// A line to draw into an empty chart, by hand or with sliders.
#[component]
fn Course(here: Here, arm: Arm, question: String) -> impl IntoView {
    let unknown = Predicted::Share(0.5);
    let expected = Signal::derive(move || {
        let given = here.progress.with(|progress| progress.prediction.as_ref().and_then(|own| own.line(arm)));
        given.or_else(|| unknown.line(arm)).unwrap_or_else(|| Expected::ignorant(arm))
    });
    // The point of the line that the slider moves.
    let knot = RwSignal::new(KNOTS);
    let draw = Callback::new(move |(at, share)| {
        knot.set(at);
        let line = expected.get_untracked().drawn(at, share);
        here.change(|progress| progress.prediction = Some(Predicted::of(&line)));
    });
    let slide = Callback::new(move |(_, share)| draw.run((knot.get_untracked(), share)));
    let at_knot = Signal::derive(move || expected.get().at_knot(knot.get()));
    let updates = use_stores().draft.memo(|draft| draft.finetune.updates);
    view! {
        <div class="exercise-question">
            <p inner_html=question></p>
            {move || {
                let updates = updates.get();
                view! {
                    <Expectation expected draw updates />
                    <KnotSlider arm knot updates />
                    <BoundSlider bound=Bound::Likely expected=at_knot change=slide />
                }
            }}
        </div>
    }
}

#[component]
fn Run(here: Here) -> impl IntoView {
    let text = &later().exercise;
    let (stage, counted) = (Memo::new(move |_| here.run_stage()), Memo::new(move |_| here.has_counted()));
    let count = |updates: u32| numbers::count(updates as usize);
    view! {
        {way_to(here, "controls")}
        <p class="exercise-run" role="status" class:done=move || matches!(stage.get(), RunStage::Done(_)) && !counted.get()>
            {move || match stage.get() {
                RunStage::None => text.run_none.to_owned(),
                RunStage::Other => text.run_other.to_owned(),
                RunStage::Begun(done, updates) => text.run_begun(count(done), count(updates)),
                RunStage::Done(_) if counted.get() => text.run_counted.to_owned(),
                RunStage::Done(updates) => text.run_done(count(updates)),
            }}
        </p>
    }
}

/// A question for words of one's own. What there is to compare them with is shown once they are written, unless the link
/// hides answers.
#[component]
fn Explain(here: Here, id: String, question: String, html: String) -> impl IntoView {
    let text = &later().exercise;
    let id = StoredValue::new(id);
    let words = Memo::new(move |_| {
        here.progress.with(|progress| progress.words.get(&id.get_value()).cloned().unwrap_or_default())
    });
    let is_open = Memo::new(move |_| here.progress.with(|progress| progress.explained.contains(&id.get_value())));
    let has_none = Memo::new(move |_| words.with(|words| words.trim().is_empty()));
    let label = format!("exercise-{}", id.get_value());
    let hides = here.asked.with_value(|asked| asked.hides_answers);
    view! {
        <p id=label.clone() class="exercise-asked" inner_html=question></p>
        <textarea
            rows="6"
            maxlength="4000"
            aria-labelledby=label
            prop:value=words
            on:input=move |event| here.change(|progress| {
                progress.words.insert(id.get_value(), event_target_value(&event));
            })
        ></textarea>
        {move || (!hides).then(|| match is_open.get() {
            true => view! { <div class="exercise-text exercise-feedback" inner_html=html.clone()></div> }.into_any(),
            false => view! {
                <p class="deeds">
                    <button
                        class="small"
                        type="button"
                        disabled=has_none
                        on:click=move |_| here.change(|progress| progress.explained.push(id.get_value()))
                    >
                        {text.explain}
                    </button>
                    <span class="hint">{move || has_none.get().then_some(text.write_first)}</span>
                </p>
            }
            .into_any(),
        })}
    }
}
