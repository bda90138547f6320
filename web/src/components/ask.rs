//! A box to ask a question of every arm: put together from the world, or typed.

use hedgerow::documents::protocol::AskedAnswer;
use hedgerow::facts::world::Subject;
use leptos::prelude::*;

use super::answers::plain;
use super::key::ArmName;
use crate::app::{Lab, Phase};
use crate::state::Question;

/// The panel.
#[component]
pub fn Ask() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let entity = RwSignal::new(String::new());
    let attribute = RwSignal::new(String::new());
    let typed = RwSignal::new(None::<String>);
    let subjects = Memo::new(move |_| lab.run.with(|run| run.subjects.clone()));
    // The first question of the world, until the user chooses.
    let subject = Memo::new(move |_| {
        let find = |subjects: &[Subject]| {
            entity.with(|word| subjects.iter().find(|known| known.entity == *word).or(subjects.first()).cloned())
        };
        subjects.with(|subjects| find(subjects))
    });
    let chosen = Memo::new(move |_| {
        let Subject { entity, attributes } = subject.get()?;
        let own =
            attribute.with(|word| attributes.iter().find(|(known, _)| known == word).or(attributes.first()).cloned());
        own.map(|(attribute, truth)| (entity, attribute, truth))
    });
    let text = move || {
        typed.get().unwrap_or_else(|| {
            chosen
                .get()
                .map(|(entity, attribute, _)| format!("what is the {attribute} of {entity} ?"))
                .unwrap_or_default()
        })
    };
    let ready = Memo::new(move |_| {
        let able = matches!(lab.phase.get(), Phase::Paused | Phase::Training | Phase::Pausing | Phase::Finished);
        able && !subjects.with(Vec::is_empty)
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let question = untrack(text);
        if question.trim().is_empty() || !ready.get_untracked() {
            return;
        }
        let truth = match typed.get_untracked() {
            Some(_) => None,
            None => chosen.get_untracked().and_then(|(_, _, truth)| truth),
        };
        lab.with_client(|client| client.ask(question, truth));
    };
    let entities = move || {
        let picked = subject.get().map(|subject| subject.entity);
        options(subjects.get().into_iter().map(|subject| subject.entity).collect(), picked)
    };
    let attributes = move || {
        let own = subject.get().map(|subject| subject.attributes).unwrap_or_default();
        options(own.into_iter().map(|(word, _)| word).collect(), chosen.get().map(|(_, attribute, _)| attribute))
    };
    view! {
        <section class="card wide-card" aria-labelledby="ask-title">
            <div class="card-head">
                <div>
                    <h2 id="ask-title">"Ask them yourself"</h2>
                    <p class="hint">"Every arm answers, and the base model it came from, with the same dice."</p>
                </div>
            </div>
            <form class="ask" on:submit=submit>
                <label class="stacked">
                    <span>"Who or what"</span>
                    <select on:change=move |event| {
                        entity.set(event_target_value(&event));
                        typed.set(None);
                    }>{entities}</select>
                </label>
                <label class="stacked">
                    <span>"Its"</span>
                    <select on:change=move |event| {
                        attribute.set(event_target_value(&event));
                        typed.set(None);
                    }>{attributes}</select>
                </label>
                <label class="stacked grow">
                    <span>"Question"</span>
                    <input
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=text
                        on:input=move |event| typed.set(Some(event_target_value(&event)))
                    />
                </label>
                <button class="primary" type="submit" disabled=move || !ready.get()>"Ask"</button>
            </form>
            {move || (!ready.get()).then(|| view! { <p class="hint">"The models answer once the engine and the base models are loaded."</p> })}
            <ol class="asked-list" aria-live="polite">
                {move || lab.run.with(|run| run.questions.iter().rev().take(5).cloned().map(question).collect_view())}
            </ol>
        </section>
    }
}

fn options(words: Vec<String>, picked: Option<String>) -> impl IntoView {
    words
        .into_iter()
        .map(|word| {
            let selected = picked.as_ref() == Some(&word);
            view! { <option value=word.clone() selected=selected>{word.clone()}</option> }
        })
        .collect_view()
}

fn question(question: Question) -> impl IntoView {
    let Question { text, truth, update, answers, error, .. } = question;
    let truth = truth.map(|truth| view! { <span class="truth">"truth: "<b>{truth}</b></span> });
    let body = match error {
        Some(error) => view! { <p class="problem">{sentence(&error)}</p> }.into_any(),
        None => {
            let waiting = answers.iter().any(Option::is_none);
            view! {
                <ul class="replies">{answers.into_iter().flatten().map(reply).collect_view()}</ul>
                {waiting.then(|| view! { <p class="hint">"Waiting for the models."</p> })}
            }
            .into_any()
        }
    };
    view! {
        <li>
            <p class="asked">{plain(&text)}" "{truth}<span class="when">"after update "{update}</span></p>
            {body}
        </li>
    }
}

fn reply(answer: AskedAnswer) -> impl IntoView {
    let AskedAnswer { replica, before, now } = answer;
    let list = |answers: Vec<String>| answers.iter().map(|answer| view! { <li>{plain(answer)}</li> }).collect_view();
    view! {
        <li class="reply">
            <p><ArmName arm=replica.arm /><span class="when">"seed "{replica.seed}</span></p>
            <div class="reply-columns">
                <div><span class="field-label">"Before"</span><ul>{list(before)}</ul></div>
                <div><span class="field-label">"Now"</span><ul>{list(now)}</ul></div>
            </div>
        </li>
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let text =
        letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default();
    if text.ends_with('.') { text } else { text + "." }
}
