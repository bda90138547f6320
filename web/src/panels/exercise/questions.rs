//! A question with answers that can be judged, and what is said to them.

use leptos::prelude::*;

use super::Here;
use crate::model::exercise::{Choice, Given, Question};
use crate::model::fields;
use crate::text::later::later;
use crate::text::numbers;

/// The question.
#[component]
pub fn Asked(
    /// What is known of the exercise.
    here: Here,
    /// The question.
    question: Question,
) -> impl IntoView {
    let text = &later().exercise;
    let id = StoredValue::new(question.id().to_owned());
    let given = Memo::new(move |_| here.progress.with(|progress| progress.answers.get(&id.get_value()).cloned()));
    // What is chosen or typed and not kept yet.
    let chosen = RwSignal::new(given.get_untracked());
    let keep = move |_| {
        if let Some(chosen) = chosen.get_untracked() {
            here.change(|progress| drop(progress.answers.insert(id.get_value(), chosen)));
        }
    };
    let several = question.has_several();
    let fields = match &question {
        Question::Choice { choices, .. } => {
            let place = |(place, choice): (usize, &Choice)| choice_field(chosen, id, several, place, choice);
            choices.iter().enumerate().map(place).collect_view().into_any()
        }
        Question::Number { .. } => number_field(chosen, &question),
    };
    let hides = here.asked.with_value(|asked| asked.hides_answers);
    let label = if hides { text.keep } else { text.check };
    let words = question.text().to_owned();
    let judged = {
        let question = question.clone();
        move || {
            // Of what is to be seen, and not of an earlier answer.
            let given = given.get().filter(|given| chosen.get().as_ref() == Some(given))?;
            if hides {
                return Some(view! { <p>{text.kept}</p> }.into_any());
            }
            let said = |(answer, right, feedback): (String, bool, &str)| {
                let verdict = if right { text.right } else { text.wrong };
                let feedback = feedback.to_owned();
                let answer = several.then(|| view! { <i inner_html=answer></i> " " });
                view! { <p class:right=right>{answer}<b>{verdict}</b>" "<span inner_html=feedback></span></p> }
            };
            Some(question.judged(&given).into_iter().map(said).collect_view().into_any())
        }
    };
    view! {
        <fieldset class="exercise-question">
            <legend><span inner_html=words></span>{several.then(|| format!(" {}", text.several))}</legend>
            {fields}
            <p class="deeds">
                <button class="small" type="button" disabled=move || chosen.with(Option::is_none) on:click=keep>{label}</button>
            </p>
            <div class="exercise-feedback" role="status">{judged}</div>
        </fieldset>
    }
}

fn choice_field(
    chosen: RwSignal<Option<Given>>,
    id: StoredValue<String>,
    several: bool,
    place: usize,
    choice: &Choice,
) -> AnyView {
    let is_chosen =
        move || chosen.with(|chosen| matches!(chosen, Some(Given::Chosen(places)) if places.contains(&place)));
    let choose = move |event| {
        let mut places = match chosen.get_untracked() {
            Some(Given::Chosen(places)) if several => places,
            Some(_) | None => Vec::new(),
        };
        places.retain(|other| *other != place);
        if event_target_checked(&event) {
            places.push(place);
        }
        chosen.set((!places.is_empty()).then_some(Given::Chosen(places)));
    };
    let kind = if several { "checkbox" } else { "radio" };
    view! {
        <label class="exercise-choice">
            <input type=kind name=id.get_value() prop:checked=is_chosen on:change=choose />
            <span inner_html=choice.text.clone()></span>
        </label>
    }
    .into_any()
}

fn number_field(chosen: RwSignal<Option<Given>>, question: &Question) -> AnyView {
    let (low, high) = question.bounds().unwrap_or_default();
    let typed = move |event| {
        let number = fields::typed(&event_target_value(&event), &numbers::decimal_sign()).parse::<f64>();
        let inside = number.ok().filter(|number| (low..=high).contains(number));
        chosen.set(inside.map(Given::Number));
    };
    let value = match chosen.get_untracked() {
        Some(Given::Number(number)) => numbers::in_field(&number.to_string()),
        Some(Given::Chosen(_)) | None => String::new(),
    };
    view! {
        <label class="exercise-number">
            <span>{later().exercise.number(numbers::exact(low), numbers::exact(high))}</span>
            <input type="text" inputmode="decimal" autocomplete="off" value=value on:input=typed />
        </label>
    }
    .into_any()
}
