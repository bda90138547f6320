//! A box to ask a question of every arm: put together from the world, or typed.

use hedgerow::protocol::AskedAnswer;
use hedgerow::world::World;
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
    let world = Memo::new(move |_| {
        let seed = lab.run.with(|run| run.report.experiment.seeds.first().copied()).unwrap_or(0);
        lab.worlds.with(|worlds| worlds.get(&seed).cloned())
    });
    // The first sensitive question of the world, until the user chooses.
    let chosen = Memo::new(move |_| {
        world.with(|world| world.as_ref().and_then(|world| resolve(world, &entity.get(), &attribute.get())))
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
        able && world.with(Option::is_some)
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
        let picked = chosen.get().map(|(entity, ..)| entity);
        world.get().map(|world| options(world.entities.into_iter().map(|entity| entity.word).collect(), picked))
    };
    let attributes = move || {
        let picked = chosen.get();
        world.get().map(|world| {
            let own = picked.as_ref().map(|(entity, ..)| attributes_of(&world, entity)).unwrap_or_default();
            options(own, picked.map(|(_, attribute, _)| attribute))
        })
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

/// Entity, attribute and truth, with defaults for what is not chosen or does not fit.
fn resolve(world: &World, entity: &str, attribute: &str) -> Option<(String, String, Option<String>)> {
    let entity = world.entities.iter().find(|known| known.word == entity).or(world.entities.first())?;
    let own = attributes_of(world, &entity.word);
    let attribute = own.iter().find(|known| *known == attribute).or(own.first())?.clone();
    let truth = entity.facts.get(&attribute).cloned();
    Some((entity.word.clone(), attribute, truth))
}

fn attributes_of(world: &World, entity: &str) -> Vec<String> {
    let kind = world.entities.iter().find(|known| known.word == entity).map(|entity| entity.kind.as_str());
    let own = world.attributes.iter().filter(|attribute| Some(attribute.of.as_str()) == kind);
    own.map(|attribute| attribute.word.clone()).collect()
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
