//! The question: put together from the world, or typed.

use leptos::prelude::*;

use crate::kit::menu::Menu;
use crate::lab::use_lab;
use crate::model::ask::{Draft, attributes, entities};
use crate::model::phase::Phase;
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::later::later;

/// Two menus and a field.
#[component]
pub fn Form() -> impl IntoView {
    let (lab, stores, words) = (use_lab(), use_stores(), &later().ask);
    let draft = RwSignal::new(Draft::default());
    let subjects = stores.run.memo(&[Part::Subjects], |run| run.subjects.clone());
    let picked = Memo::new(move |_| subjects.with(|subjects| draft.with(|draft| draft.pick(subjects))));
    let ready = Memo::new(move |_| stores.engine.phase.with(Phase::can_ask) && !subjects.with(Vec::is_empty));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let asked = draft.with_untracked(|draft| draft.asked(picked.get_untracked().as_ref()));
        if let Some((question, truth)) = asked.filter(|_| ready.get_untracked()) {
            lab.ask(question, truth);
        }
    };
    view! {
        <form class="ask" on:submit=submit>
            <label class="stacked">
                <span>{words.entity}</span>
                <Menu
                    class=""
                    options=Memo::new(move |_| named(subjects.with(|subjects| entities(subjects))))
                    selected=Signal::derive(move || picked.get().map(|picked| picked.entity))
                    on_select=Callback::new(move |entity| draft.update(|draft| draft.choose_entity(entity)))
                />
            </label>
            <label class="stacked">
                <span>{words.attribute}</span>
                <Menu
                    class=""
                    options=Memo::new(move |_| named(picked.with(|picked| attributes(picked.as_ref()))))
                    selected=Signal::derive(move || picked.get().map(|picked| picked.asked.attribute))
                    on_select=Callback::new(move |attribute| draft.update(|draft| draft.choose_attribute(attribute)))
                />
            </label>
            <label class="stacked grow">
                <span>{words.question}</span>
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || picked.with(|picked| draft.with(|draft| draft.text(picked.as_ref())))
                    on:input=move |event| draft.update(|draft| draft.typed = Some(event_target_value(&event)))
                />
            </label>
            <button class="primary" type="submit" disabled=move || !ready.get()>{words.ask}</button>
        </form>
        {move || (!ready.get()).then(|| view! {
            <p class="hint">{words.not_ready}</p>
        })}
    }
}

/// Options that are their own words.
fn named(words: Vec<String>) -> Vec<(String, String)> {
    words.into_iter().map(|word| (word.clone(), word)).collect()
}
