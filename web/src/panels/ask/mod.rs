//! A box to ask a question of every arm: put together from the world, or typed.

pub mod question;

use hedgerow::facts::world::Subject;
use leptos::prelude::*;

use crate::kit::card::WideCard;
use crate::kit::menu::Menu;
use crate::lab::use_lab;
use crate::model::ask::{asked, pick};
use crate::model::phase::Phase;
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::text;
use question::question;

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
    let questions = stores.run.memo(&[Part::Questions, Part::Changes], asked);
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
