//! Before the first card: how many, may the truth be looked up, and files of ratings that there are already.

use hedgerow::documents::protocol::{DealtCards, Inspection, decode};
use hedgerow::documents::ratings::{Card, Ratings};
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::Sitting;
use crate::kit::segmented::Segmented;
use crate::lab::use_lab;
use crate::model::files::Dropped;
use crate::model::files::read::{ratings, text, unpacked};
use crate::model::phase::Phase;
use crate::model::ratings::{COUNTS, fresh, pooled};
use crate::model::run::{Look, Part};
use crate::stores::{Stores, use_stores};
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
    let in_groups = stores.draft.memo(|draft| draft.own_world.is_none());
    let ready = Memo::new(move |_| stores.engine.phase.with(Phase::can_ask));
    let dealt = stores.run.memo(&[Part::Looks], move |run| run.look(is_deal).cloned());
    // Whose answers: the base model's, or those of a model that is trained. Before a run there are no others.
    let (whose, trained) = (RwSignal::new(None::<Arm>), Memo::new(move |_| trained_arms(stores)));
    let fault = move || dealt.with(|dealt| dealt.as_ref()?.fault.as_ref().map(terms::question_fault));
    Effect::new(move |_| {
        let wanted = whose.get().filter(|arm| trained.get().contains(arm));
        let deck = dealt.with(|dealt| deck_of(dealt.as_ref()?, wanted));
        if let Some((seed, cards)) = deck.filter(|_| asked.get()) {
            asked.set(false);
            sitting.enough.set(false);
            let own_world = stores.draft.experiment.with_untracked(|draft| draft.own_world);
            let dealt = fresh(lab.new_id(), seed, can_look_up.get_untracked(), cards);
            sitting.set(Some(Ratings { own_world, ..dealt }));
        } else if fault().is_some() {
            asked.set(false);
        }
    });
    let deal = move |_| {
        if ready.get_untracked() && !asked.get_untracked() {
            lab.look_at(Inspection::Cards { count: count.get_untracked() });
            asked.set(true);
        }
    };
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
        {move || in_groups.get().then(|| view! { <p class="hint">{words.invented}</p> })}
        <Segmented
            name="rate-count"
            legend=words.how_many
            options=COUNTS.into_iter().zip(["20", "36", "60"]).collect()
            selected=move || Some(count.get())
            on_select=move |chosen| count.set(chosen)
            show_legend=true
        />
        {move || (!trained.get().is_empty()).then(|| {
            let arms = trained.get().into_iter().map(|arm| (Some(arm), terms::arm(arm).name));
            view! {
                <Segmented
                    name="rate-whose"
                    legend=words.whose
                    options=[(None, words.whose_base)].into_iter().chain(arms).collect()
                    selected=move || Some(whose.get())
                    on_select=move |chosen| whose.set(chosen)
                    show_legend=true
                />
                <p class="hint">{words.whose_about}</p>
            }
        })}
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
        <p class="hint" role="status">{move || asked.get().then_some(words.dealing)}</p>
        {move || (!ready.get()).then(|| view! { <p class="hint" role="status">{words.not_ready}</p> })}
        {move || fault().map(|fault| view! { <p class="problem" role="alert">{fault}</p> })}
    }
}

/// What the decks of the first seed's models hold, each as its model is now, once all of them are here.
pub fn decks_of(look: &Look) -> Option<Vec<Vec<Card>>> {
    let decks = look.found.iter().map(|deck| decode::<DealtCards>(deck.as_ref()?).ok());
    let decks: Vec<DealtCards> = decks.collect::<Option<_>>()?;
    let seed = decks.first()?.replica.seed;
    Some(decks.into_iter().filter(|deck| deck.replica.seed == seed).map(|deck| deck.now).collect())
}

/// Is it the look that deals cards?
pub fn is_deal(at: &Inspection) -> bool {
    matches!(at, Inspection::Cards { .. })
}

/// The arms whose models have been trained, once each.
fn trained_arms(stores: Stores) -> Vec<Arm> {
    stores.run.with(&[Part::Frame, Part::Updates], |run| {
        if run.report.updates_done() == 0 { Vec::new() } else { run.report.experiment.arms.clone() }
    })
}

/// The cards of the first seed: those of the base model, or of the model that an arm trains.
fn deck_of(look: &Look, wanted: Option<Arm>) -> Option<(u64, Vec<Card>)> {
    let decks = look.found.iter().map(|deck| decode::<DealtCards>(deck.as_ref()?).ok());
    let deck = decks.take_while(Option::is_some).flatten();
    let mut deck = deck.filter(|deck| wanted.is_none_or(|arm| deck.replica.arm == arm));
    deck.next().map(|deck| (deck.replica.seed, if wanted.is_some() { deck.now } else { deck.before }))
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
