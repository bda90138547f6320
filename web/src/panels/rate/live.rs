//! Training that waits for its rater: where it is, cards of the models in training, and how it goes on.

use hedgerow::documents::protocol::Inspection;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::begin::{decks_of, is_deal};
use super::deck::Deck;
use super::{Sitting, focus, has_focus};
use crate::lab::use_lab;
use crate::model::phase::Phase;
use crate::model::ratings::{Live, ROUND, Waits, dealt_on_the_way};
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::terms;

/// What the style of the bar's status adds to it, on the page's root.
const IN_BAR: &str = "--status-more";

/// Adds something to what the bar says, by way of its style: the first view knows nothing of who waits.
fn show_in_bar(words: Option<&str>) {
    let Some(root) = document().document_element() else { return };
    let style = root.unchecked_into::<HtmlElement>().style();
    let content = words.map_or_else(|| "none".to_owned(), |words| format!("{words:?}"));
    let _ = style.set_property(IN_BAR, &content);
}

/// What there is to see and to do while training waits, or on the way there.
#[component]
pub fn LiveRating(
    /// What the panel remembers.
    sitting: Sitting,
    /// How often training waits.
    waits: Waits,
) -> impl IntoView {
    let (lab, stores, words) = (use_lab(), use_stores(), &later().rate);
    let phase = stores.engine.phase;
    let progress =
        stores.run.memo(&[Part::Updates], |run| (run.report.updates_done(), run.report.experiment.finetune.updates));
    let live = Memo::new(move |_| {
        let stands = phase.with(Phase::waits);
        sitting.ratings.with(|own| Some(Live::of(progress.get(), waits, stands, own.as_ref()?)))
    });
    let dealt = stores.run.memo(&[Part::Looks], move |run| run.look(is_deal).cloned());
    let fault = move || dealt.with(|dealt| dealt.as_ref()?.fault.as_ref().map(terms::question_fault));
    let asked = RwSignal::new(false);
    let deal = move || {
        lab.look_at(Inspection::Cards { count: ROUND });
        asked.set(true);
    };
    Effect::new(move |_| {
        let decks = dealt.with(|dealt| decks_of(dealt.as_ref()?));
        if let Some((decks, own)) = decks.filter(|_| asked.get()).zip(sitting.ratings.get_untracked()) {
            asked.set(false);
            let is_here = has_focus("#rate-now");
            sitting.set(Some(dealt_on_the_way(own, &decks)));
            // Who is elsewhere on the page by now is told, and not taken away.
            if is_here {
                request_animation_frame(|| focus("rate-card"));
            }
        }
    });
    // Was it this panel that had training go on? Otherwise the visitor has, and it waits no longer.
    let is_own = StoredValue::new(false);
    let go_on = move |updates: Option<u32>| {
        is_own.set_value(true);
        let person = sitting.ratings.get_untracked().and_then(|own| Some(own.learn()?.person));
        match person {
            // On the way, what the ratings say holds already.
            Some(person) if matches!(live.get_untracked(), Some(Live::Deals | Live::Waits | Live::Rated)) => {
                lab.go_on_with(person, updates);
            }
            _ => updates.map_or_else(|| lab.train(), |updates| lab.step(updates)),
        }
    };
    Effect::new(move |before: Option<Option<Live>>| {
        let now = live.get();
        match (before.flatten(), now) {
            (_, Some(Live::Deals)) if !asked.get_untracked() => deal(),
            // The last card of this wait was rated.
            (Some(Live::Waits), Some(Live::Rated)) => {
                go_on(Some(waits.every));
                focus("rate-now");
            }
            (Some(Live::Deals | Live::Waits | Live::Rated | Live::Stands(_)), Some(Live::Trains(_)))
                if phase.with_untracked(|phase| *phase == Phase::Training) =>
            {
                if !is_own.get_value() {
                    sitting.wait(None);
                }
                is_own.set_value(false);
            }
            // The ratings are gone, or there is nothing left to train.
            (_, None | Some(Live::Over)) => sitting.wait(None),
            _ => {}
        }
        now
    });
    let without_me = move |_| {
        go_on(None);
        sitting.wait(None);
    };
    let further = move |_| {
        let (done, _) = progress.get_untracked();
        go_on(Some(waits.every - done % waits.every));
    };
    let says = move || {
        let (done, updates) = progress.get();
        Some(match live.get()? {
            Live::Trains(to) if to == updates => words.trains_to_end(to),
            Live::Trains(to) => words.trains_to(to),
            Live::Stands(to) => words.stands(done, to),
            Live::Deals => words.dealing.to_owned(),
            Live::Waits => words.training_waits(done),
            Live::Rated => words.all_rated(done),
            Live::Over => return None,
        })
    };
    let rates = Memo::new(move |_| live.get() == Some(Live::Waits));
    Effect::new(move |_| show_in_bar(rates.get().then_some(words.in_bar)));
    on_cleanup(|| show_in_bar(None));
    let stands = Memo::new(move |_| matches!(live.get(), Some(Live::Stands(_) | Live::Rated)));
    view! {
        <p role="status"><strong>{says}</strong></p>
        {move || fault().filter(|_| asked.get()).map(|fault| view! {
            <p class="problem" role="alert">{fault}</p>
            <p class="deeds">
                <button class="small" type="button" on:click=move |_| deal()>{words.deal}</button>
            </p>
        })}
        {move || rates.get().then(|| view! { <Deck sitting /> })}
        <p class="deeds">
            {move || stands.get().then(|| view! {
                <button class="strong" type="button" on:click=further>{words.train_further}</button>
            })}
            <button class="small" type="button" on:click=without_me>{words.without_me}</button>
        </p>
        <p class="hint">{words.without_me_about}</p>
    }
}
