//! A step: what there is to read, and what there is to do.

use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use super::questions::Asked;
use super::{Here, RunStage};
use crate::model::exercise::{Asks, Predicted, Question, Step, Task, on_the_page};
use crate::text::later::{later, panel_name};
use crate::text::{language, numbers, terms};

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
        Task::Look { panel } => view! { {read(html)} {way_to(&panel)} }.into_any(),
        Task::Answer { questions } => view! { {read(html)} {questions_of(here, questions)} }.into_any(),
        Task::Explain { question } => view! { <Explain here id question html /> }.into_any(),
    }
}

/// A link to the panel. Following it opens what is folded away around the panel, and moves the focus there.
fn way_to(panel: &str) -> AnyView {
    let text = &later().exercise;
    let place = if panel == "controls" { "lab" } else { panel };
    view! { <p><a class="exercise-way" href=format!("#{place}")>{text.show(panel_name(panel))}</a></p> }.into_any()
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
        Asks::Curve { arm, metric, slice, question } => {
            let share = move || match given.get() {
                Some(Predicted::Share(share)) => share,
                Some(Predicted::Outcome(_)) | None => 0.5,
            };
            let quantity = Quantity::Rate(metric, slice);
            let typed = move |event| {
                if let Ok(percent) = event_target_value(&event).parse::<f64>() {
                    keep(Predicted::Share(percent / 100.0));
                }
            };
            view! {
                <div class="exercise-question">
                    <p inner_html=question></p>
                    <label class="exercise-share">
                        <span>{text.share(terms::arm(arm).name)}</span>
                        <input
                            type="range"
                            min="0"
                            max="100"
                            prop:value=move || (share() * 100.0).round().to_string()
                            style:--fill=move || format!("{}%", share() * 100.0)
                            aria-valuetext=move || numbers::quantity(share(), quantity)
                            on:input=typed
                        />
                        <output>{move || given.with(Option::is_some).then(|| numbers::quantity(share(), quantity))}</output>
                    </label>
                </div>
            }
            .into_any()
        }
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

#[component]
fn Run(here: Here) -> impl IntoView {
    let text = &later().exercise;
    let stage = Memo::new(move |_| here.run_stage());
    let count = |updates: u32| numbers::count(updates as usize);
    view! {
        {way_to("controls")}
        <p class="exercise-run" role="status" class:done=move || matches!(stage.get(), RunStage::Done(_))>
            {move || match stage.get() {
                RunStage::None => text.run_none.to_owned(),
                RunStage::Other => text.run_other.to_owned(),
                RunStage::Begun(done, updates) => text.run_begun(count(done), count(updates)),
                RunStage::Done(updates) => text.run_done(count(updates)),
            }}
        </p>
    }
}

/// A question for words of one's own. What there is to compare them with is shown once they are written.
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
        {move || match is_open.get() {
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
        }}
    }
}
