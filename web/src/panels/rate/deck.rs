//! One card at a time: a thumb, and the reasons.

use hedgerow::documents::ratings::{Card, Verdict};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{Sitting, focus};
use crate::model::ratings::{next, one_back, order, with};
use crate::model::sentence::plain;
use crate::text::later::later;
use crate::text::numbers::count;

/// A reason that can be marked.
type Reason = fn(&mut Verdict) -> &mut bool;

const REASONS: [Reason; 3] =
    [|verdict| &mut verdict.wrong, |verdict| &mut verdict.badly_put, |verdict| &mut verdict.uncomfortable];

/// What is marked on the card on top.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Marks {
    /// Nothing until the thumb is given.
    good: Option<bool>,
    reasons: [bool; 3],
    looked_up: bool,
}

impl Marks {
    fn of(mut verdict: Verdict) -> Self {
        let reasons = REASONS.map(|reason| *reason(&mut verdict));
        Marks { good: Some(verdict.good), reasons, looked_up: verdict.looked_up }
    }

    fn verdict(self) -> Option<Verdict> {
        let [wrong, badly_put, uncomfortable] = self.reasons;
        Some(Verdict { good: self.good?, wrong, badly_put, uncomfortable, looked_up: self.looked_up })
    }
}

/// The card on top.
#[component]
pub fn Deck(
    /// What the panel remembers.
    sitting: Sitting,
) -> impl IntoView {
    let words = &later().rate;
    let Sitting { ratings, enough, .. } = sitting;
    let marks = RwSignal::new(Marks::default());
    let card = Memo::new(move |_| ratings.with(|ratings| next(ratings.as_ref()?).map(|(_, card)| card.clone())));
    let place = Memo::new(move |_| {
        ratings.with(|ratings| ratings.as_ref().map_or((0, 0), |own| (own.rated.len(), order(own.cards.len()).len())))
    });
    let can_look_up = ratings.with_untracked(|ratings| ratings.as_ref().is_some_and(|own| own.can_look_up));
    let give = move || {
        if let (Some(verdict), Some(own)) = (marks.get_untracked().verdict(), ratings.get_untracked()) {
            marks.set(Marks::default());
            sitting.set(Some(with(own, verdict)));
            focus("rate-card");
        }
    };
    let take_back = move |_| {
        if let Some((own, Some(last))) = ratings.get_untracked().map(one_back) {
            marks.set(Marks::of(last));
            sitting.set(Some(own));
            focus("rate-card");
        }
    };
    let stop = move |_| enough.set(true);
    let thumb = move |good: bool| marks.update(|marks| marks.good = Some(good));
    let toggle = move |reason: usize| marks.update(|marks| marks.reasons[reason] = !marks.reasons[reason]);
    let pressed = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowRight" => thumb(true),
            "ArrowLeft" => thumb(false),
            "1" => toggle(0),
            "2" => toggle(1),
            "3" => toggle(2),
            // On a button, Enter is the button's.
            "Enter" if event.target() == event.current_target() => give(),
            _ => return,
        }
        event.prevent_default();
    };
    let reasons = [words.wrong, words.badly_put, words.uncomfortable].into_iter().enumerate();
    let reasons = reasons.map(|(place, words)| {
        view! {
            <button
                class="small"
                type="button"
                aria-pressed=move || marks.get().reasons[place].to_string()
                aria-keyshortcuts=(place + 1).to_string()
                on:click=move |_| toggle(place)
            >
                {words}
            </button>
        }
    });
    let thumbs = [(false, words.bad, "ArrowLeft"), (true, words.good, "ArrowRight")].map(|(good, words, key)| {
        view! {
            <button
                type="button"
                aria-pressed=move || (marks.get().good == Some(good)).to_string()
                aria-keyshortcuts=key
                on:click=move |_| thumb(good)
            >
                {words}
            </button>
        }
    });
    view! {
        <div id="rate-card" class="rate-card-top" role="group" aria-labelledby="rate-place rate-answer" tabindex="-1" on:keydown=pressed>
            <p id="rate-place" class="hint">
                {move || { let (done, of) = place.get(); words.card(count(done + 1), count(of)) }}
            </p>
            {move || card.get().map(|card| said(&card))}
            {can_look_up.then(|| look_up(marks, card))}
            <div class="deeds" role="group" aria-label=words.thumb>{thumbs.collect_view()}</div>
            <p>{words.why}</p>
            <div class="deeds" role="group" aria-label=words.reasons>{reasons.collect_view()}</div>
            <p class="deeds">
                <button
                    class="strong"
                    type="button"
                    on:click=move |_| give()
                    aria-disabled=move || marks.get().good.is_none().to_string()
                >
                    {words.next}
                </button>
                <button class="small" type="button" on:click=take_back aria-disabled=move || (place.get().0 == 0).to_string()>
                    {words.back}
                </button>
                <button class="small" type="button" on:click=stop aria-disabled=move || (place.get().0 == 0).to_string()>
                    {words.enough}
                </button>
            </p>
            <p class="hint">{words.keys}</p>
        </div>
    }
}

fn said(card: &Card) -> AnyView {
    view! {
        <p class="asked">{plain(&card.question)}</p>
        <p id="rate-answer" class="rate-answer">{plain(&card.answer)}</p>
    }
    .into_any()
}

/// The truth, for who wants to know it; that it was looked up is a part of the rating.
fn look_up(marks: RwSignal<Marks>, card: Memo<Option<Card>>) -> AnyView {
    let words = &later().rate;
    let truth = move || card.with(|card| card.as_ref()?.truth.clone());
    view! {
        <p class="deeds" aria-live="polite">
            {move || match marks.get().looked_up {
                true => truth().map_or_else(|| words.no_truth.to_owned(), |truth| words.truth(truth)).into_any(),
                false => view! {
                    <button class="small" type="button" on:click=move |_| marks.update(|marks| marks.looked_up = true)>
                        {words.look}
                    </button>
                }
                .into_any(),
            }}
        </p>
    }
    .into_any()
}
