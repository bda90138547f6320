//! Before the first card: how many, may the truth be looked up, and files of ratings that there are already.

use hedgerow::documents::protocol::{DealtCards, Inspection, decode};
use hedgerow::documents::ratings::Ratings;
use leptos::prelude::*;

use super::Sitting;
use crate::kit::segmented::Segmented;
use crate::lab::use_lab;
use crate::model::files::Dropped;
use crate::model::files::read::{ratings, text, unpacked};
use crate::model::phase::Phase;
use crate::model::ratings::{COUNTS, fresh, pooled};
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::later::{later, unreadable};
use crate::text::terms;

/// The choices.
#[component]
pub fn Begin(
    /// What the panel remembers.
    sitting: Sitting,
) -> impl IntoView {
    let (lab, stores, words) = (use_lab(), use_stores(), &later().rate);
    let (count, can_look_up) = (RwSignal::new(COUNTS[0]), RwSignal::new(false));
    let asked = RwSignal::new(false);
    let ready = Memo::new(move |_| stores.engine.phase.with(Phase::can_ask));
    let is_deal = |at: &Inspection| matches!(at, Inspection::Cards { .. });
    let dealt = stores.run.memo(&[Part::Looks], move |run| run.look(is_deal).cloned());
    // The deck of the first model: before a run all models of a seed are the same.
    Effect::new(move |_| {
        let deck = dealt.with(|dealt| dealt.as_ref()?.found.first()?.clone());
        if let Some(deck) = deck.filter(|_| asked.get()).and_then(|deck| decode::<DealtCards>(&deck).ok()) {
            asked.set(false);
            sitting.enough.set(false);
            sitting.set(Some(fresh(deck.replica.seed, can_look_up.get_untracked(), deck.cards)));
        }
    });
    let deal = move |_| {
        if ready.get_untracked() {
            lab.look_at(Inspection::Cards { count: count.get_untracked() });
            asked.set(true);
        }
    };
    let fault = move || dealt.with(|dealt| dealt.as_ref()?.fault.as_ref().map(terms::question_fault));
    let hand_over = move |event: web_sys::Event| {
        lab.read_files(&event, move |files| {
            let (all, others) = sorted(files);
            sitting.refused.set(others);
            if let Some(all) = pooled(all) {
                sitting.enough.set(true);
                sitting.set(Some(all));
            }
        });
    };
    view! {
        <p class="hint">{words.invented}</p>
        <Segmented
            name="rate-count"
            legend=words.how_many
            options=COUNTS.into_iter().zip(["20", "36", "60"]).collect()
            selected=Signal::derive(move || Some(count.get()))
            on_select=Callback::new(move |chosen| count.set(chosen))
            show_legend=true
        />
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || can_look_up.get()
                on:change=move |event| can_look_up.set(event_target_checked(&event))
            />
            <span>{words.look_up}</span>
        </label>
        <p class="hint">{words.look_up_about}</p>
        <p class="deeds">
            <button class="strong" type="button" on:click=deal aria-disabled=move || (!ready.get()).to_string()>
                {words.deal}
            </button>
            <label class="choose">
                <input class="unseen" type="file" multiple accept=".json,.zip,application/json,application/zip" on:change=hand_over />
                <span>{words.add}</span>
            </label>
        </p>
        <p class="hint">{words.add_about}</p>
        {move || (!ready.get()).then(|| view! { <p class="hint" role="status">{words.not_ready}</p> })}
        {move || fault().map(|fault| view! { <p class="problem" role="alert">{fault}</p> })}
    }
}

/// The ratings among files, and why each other file holds none.
fn sorted(files: Vec<Dropped>) -> (Vec<Ratings>, Vec<(String, String)>) {
    let (mut all, mut bad) = (Vec::new(), Vec::new());
    for (name, bytes) in files.into_iter().flat_map(unpacked) {
        match bytes.and_then(|bytes| ratings(text(&bytes)?)) {
            Ok(more) => all.push(more),
            Err(fault) => bad.push((name, unreadable(&fault))),
        }
    }
    (all, bad)
}
