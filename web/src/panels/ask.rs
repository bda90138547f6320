//! A box to ask a question of every arm: put together from the world, or typed.

use hedgerow::documents::protocol::AskedAnswer;
use hedgerow::facts::world::Subject;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::card::WideCard;
use crate::kit::marked::marked;
use crate::kit::menu::Menu;
use crate::lab::use_lab;
use crate::model::ask::pick;
use crate::model::phase::Phase;
use crate::model::run::{Part, Question};
use crate::model::sentence::plain;
use crate::stores::use_stores;
use crate::text::{Term, terms, text};

/// Questions that stay in view.
const SHOWN: usize = 5;

/// The panel.
#[component]
pub fn Ask(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (lab, stores, words) = (use_lab(), use_stores(), &text().ask);
    let (entity, attribute) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let typed = RwSignal::new(None::<String>);
    let subjects = stores.run.memo(&[Part::Subjects], |run| run.subjects.clone());
    // The first question of the world, until the user chooses.
    let picked = Memo::new(move |_| subjects.with(|subjects| pick(subjects, &entity.get(), &attribute.get())));
    let text =
        Memo::new(move |_| typed.get().or_else(|| picked.get().map(|picked| picked.question())).unwrap_or_default());
    let ready = Memo::new(move |_| stores.engine.phase.with(Phase::can_ask) && !subjects.with(Vec::is_empty));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let question = text.get_untracked();
        if !question.trim().is_empty() && ready.get_untracked() {
            let of_world = typed.with_untracked(Option::is_none);
            lab.ask(question, picked.get_untracked().filter(|_| of_world).and_then(|picked| picked.truth));
        }
    };
    let entities = Memo::new(move |_| named(subjects.get().into_iter().map(|Subject { entity, .. }| entity)));
    let attributes = Memo::new(move |_| named(picked.get().into_iter().flat_map(|picked| picked.attributes)));
    let choose = move |word: RwSignal<String>| {
        Callback::new(move |chosen| {
            word.set(chosen);
            typed.set(None);
        })
    };
    let questions =
        stores.run.memo(&[Part::Questions], |run| run.questions.iter().rev().take(SHOWN).cloned().collect::<Vec<_>>());
    view! {
        <WideCard
            id
            title=words.title
            hint=move || words.about
        >
            <form class="ask" on:submit=submit>
                <label class="stacked">
                    <span>{words.entity}</span>
                    <Menu
                        class=""
                        options=entities
                        selected=Signal::derive(move || picked.get().map(|picked| picked.entity))
                        on_select=choose(entity)
                    />
                </label>
                <label class="stacked">
                    <span>{words.attribute}</span>
                    <Menu
                        class=""
                        options=attributes
                        selected=Signal::derive(move || picked.get().map(|picked| picked.attribute))
                        on_select=choose(attribute)
                    />
                </label>
                <label class="stacked grow">
                    <span>{words.question}</span>
                    <input
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=text
                        on:input=move |event| typed.set(Some(event_target_value(&event)))
                    />
                </label>
                <button class="primary" type="submit" disabled=move || !ready.get()>{words.ask}</button>
            </form>
            {move || (!ready.get()).then(|| view! {
                <p class="hint">{words.not_ready}</p>
            })}
            <ol class="asked-list" aria-live="polite">
                {move || questions.get().into_iter().map(question).collect_view()}
            </ol>
        </WideCard>
    }
}

/// Options that are their own words.
fn named(words: impl Iterator<Item = String>) -> Vec<(String, String)> {
    words.map(|word| (word.clone(), word)).collect()
}

fn question(question: Question) -> impl IntoView {
    let Question { text: asked, truth, update, answers, fault, .. } = question;
    let truth = truth.map(|truth| view! { <span class="truth">{marked(&text().answers.truth(truth))}</span> });
    let body = match fault {
        Some(fault) => view! { <p class="problem">{terms::question_fault(&fault)}</p> }.into_any(),
        None => {
            let waiting = answers.iter().any(Option::is_none);
            view! {
                <ul class="replies">{answers.into_iter().flatten().map(reply).collect_view()}</ul>
                {waiting.then(|| view! { <p class="hint">{text().ask.waiting}</p> })}
            }
            .into_any()
        }
    };
    view! {
        <li>
            <p class="asked">{plain(&asked)}" "{truth}<span class="when">{text().ask.after(update)}</span></p>
            {body}
        </li>
    }
}

fn reply(answer: AskedAnswer) -> impl IntoView {
    let AskedAnswer { replica, before, now } = answer;
    let (arm, &Term { name, meaning }, text) = (replica.arm, terms::arm(replica.arm), &text().answers);
    let list = |answers: Vec<String>| answers.iter().map(|answer| view! { <li>{plain(answer)}</li> }).collect_view();
    view! {
        <li class="reply">
            <p>
                <ArmName arm name meaning />
                <span class="when">{text.seed_number(replica.seed)}</span>
            </p>
            <div class="reply-columns">
                <div><span class="field-label">{text.before}</span><ul>{list(before)}</ul></div>
                <div><span class="field-label">{text.now}</span><ul>{list(now)}</ul></div>
            </div>
        </li>
    }
}
