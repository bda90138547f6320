//! One card at a time: a thumb, and the reasons.

use hedgerow::documents::ratings::{Card, Verdict, Words};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{Sitting, focus, focus_card_after};
use crate::model::figures::moved_among;
use crate::model::ratings::{self as model, different, next, one_back, progress, with};
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
    /// What each of them is about; no word is the whole answer.
    words: [Words; 3],
    looked_up: bool,
}

impl Marks {
    fn of(mut verdict: Verdict) -> Self {
        let reasons = REASONS.map(|reason| *reason(&mut verdict));
        Marks { good: Some(verdict.good), reasons, words: verdict.words, looked_up: verdict.looked_up }
    }

    fn verdict(self) -> Option<Verdict> {
        let [wrong, badly_put, uncomfortable] = self.reasons;
        let Marks { words, looked_up, .. } = self;
        Some(Verdict { good: self.good?, wrong, badly_put, uncomfortable, looked_up, words })
    }
}

/// The card on top.
#[component]
pub fn Deck(
    /// What the panel remembers.
    sitting: Sitting,
) -> impl IntoView {
    let words = &later().rate;
    let Sitting { ratings, enough, waits, .. } = sitting;
    let marks = RwSignal::new(Marks::default());
    let card = Memo::new(move |_| ratings.with(|ratings| next(ratings.as_ref()?).map(|(_, card)| card.clone())));
    let place = Memo::new(move |_| ratings.with(|ratings| ratings.as_ref().map_or((0, 0), progress)));
    let can_look_up = ratings.with_untracked(|ratings| ratings.as_ref().is_some_and(|own| own.can_look_up));
    let give = move || {
        if let (Some(verdict), Some(own)) = (marks.get_untracked().verdict(), ratings.get_untracked()) {
            marks.set(Marks::default());
            sitting.set(Some(with(own, verdict)));
            focus("rate-card");
        }
    };
    let take_back = move |_| {
        if place.get_untracked().0 == 0 {
            return;
        }
        if let Some((own, Some(last))) = ratings.get_untracked().map(one_back) {
            marks.set(Marks::of(last));
            sitting.set(Some(own));
            focus("rate-card");
        }
    };
    let stop = move |_| enough.set(true);
    let thumb = move |good: bool| marks.update(|marks| marks.good = Some(good));
    let toggle = move |reason: usize| {
        marks.update(|marks| {
            marks.reasons[reason] = !marks.reasons[reason];
            marks.words[reason] = Words::NONE;
        });
    };
    let pressed = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        match event.key().as_str() {
            // A key that is held does nothing twice: neither to this card nor to the one that comes.
            "ArrowRight" | "ArrowLeft" | "1" | "2" | "3" | "Enter" if event.repeat() => {}
            "ArrowRight" => thumb(true),
            "ArrowLeft" => thumb(false),
            "1" => toggle(0),
            "2" => toggle(1),
            "3" => toggle(2),
            // On a button, Enter is the button's.
            "Enter" if event.target() == event.current_target() => give(),
            // It would move the page.
            " " if event.target() == event.current_target() => {}
            _ => return,
        }
        event.prevent_default();
    };
    let names = [words.wrong, words.badly_put, words.uncomfortable];
    let about = (0..3).map(|reason| {
        let is_marked = Memo::new(move |_| marks.get().reasons[reason]);
        move || {
            is_marked.get().then(|| card.with(|card| Some(about(marks, reason, names[reason], &card.as_ref()?.answer))))
        }
    });
    let reasons = names.into_iter().enumerate().map(|(place, words)| {
        view! {
            <button
                class="small"
                type="button"
                aria-pressed=move || marks.get().reasons[place].to_string()
                aria-keyshortcuts=(place + 1).to_string()
                on:click=move |click| {
                    toggle(place);
                    focus_card_after(&click);
                }
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
                on:click=move |click| {
                    thumb(good);
                    focus_card_after(&click);
                }
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
            {move || ratings.with(|own| different(own.as_ref()?)).map(|cards| view! {
                <p class="hint">{words.some_twice(count(cards))}</p>
            })}
            {move || card.get().map(|card| said(&card))}
            {can_look_up.then(|| look_up(marks, card))}
            <div class="deeds" role="group" aria-label=words.thumb>{thumbs.collect_view()}</div>
            <p>{words.why}</p>
            <div class="deeds" role="group" aria-label=words.reasons>{reasons.collect_view()}</div>
            {about.collect_view()}
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
                {move || waits.get().is_none().then(|| view! {
                    <button class="small" type="button" on:click=stop aria-disabled=move || (place.get().0 == 0).to_string()>
                        {words.enough}
                    </button>
                })}
            </p>
            <p class="hint">{words.keys}</p>
        </div>
    }
}

/// Whose answers these are. Which of two models in training said it is not told, so that nobody rates the name.
fn whose(card: &Card) -> String {
    let words = &later().rate;
    card.trained.map_or_else(|| words.of_base.to_owned(), |trained| words.of_trained.count(trained.updates as usize))
}

fn said(card: &Card) -> AnyView {
    view! {
        <p class="hint">{whose(card)}</p>
        <p class="asked">{plain(&card.question)}</p>
        <p id="rate-answer" class="rate-answer">{plain(&card.answer)}</p>
    }
    .into_any()
}

/// The words that a reason is about: one stop of the keyboard, and arrow keys from there.
fn about(marks: RwSignal<Marks>, reason: usize, name: &'static str, answer: &str) -> AnyView {
    let words = &later().rate;
    let shown = model::words(answer);
    // The whole answer comes first, and then each word.
    let places: Vec<usize> = (0..=shown.len()).collect();
    let at = RwSignal::new(0);
    let id = move |place: usize| format!("rate-word-{reason}-{place}");
    let moved = move |event: KeyboardEvent| {
        let place = at.get_untracked();
        let Some(to) = moved_among(&places, Some(place), &event.key(), places.len()) else { return };
        // The card takes these keys for the thumb.
        event.stop_propagation();
        if to != place {
            event.prevent_default();
            focus(&id(to));
        }
    };
    let marked = move || marks.get().words[reason];
    let button = move |place: usize, label: String, is_on: Signal<bool>, toggled: Callback<()>| {
        view! {
            <button
                id=id(place)
                class="small"
                type="button"
                tabindex=move || if at.get() == place { "0" } else { "-1" }
                aria-pressed=move || is_on.get().to_string()
                on:focus=move |_| at.set(place)
                on:click=move |click| {
                    toggled.run(());
                    focus_card_after(&click);
                }
            >
                {label}
            </button>
        }
    };
    let change = move |to: fn(Words, usize) -> Words, place| {
        Callback::new(move |()| marks.update(|marks| marks.words[reason] = to(marks.words[reason], place)))
    };
    let whole = Signal::derive(move || marked().is_empty());
    let each = shown.into_iter().enumerate().map(|(number, (place, word))| {
        button(number + 1, word, Signal::derive(move || marked().contains(place)), change(Words::toggled, place))
    });
    view! {
        <p class="hint">{words.about_words(name)}</p>
        <div class="deeds" role="group" aria-label=words.about_words(name) on:keydown=moved>
            {button(0, words.whole.to_owned(), whole, change(|_, _| Words::NONE, 0))}
            {each.collect_view()}
        </div>
    }
    .into_any()
}

/// The truth, for who wants to know it; that it was looked up is a part of the rating.
fn look_up(marks: RwSignal<Marks>, card: Memo<Option<Card>>) -> AnyView {
    let words = &later().rate;
    let truth = move || card.with(|card| card.as_ref()?.truth.clone());
    // The button is gone, and the keys are the card's again.
    let look = move |_| {
        marks.update(|marks| marks.looked_up = true);
        focus("rate-card");
    };
    view! {
        <p class="deeds" aria-live="polite">
            {move || match marks.get().looked_up {
                true => truth().map_or_else(|| words.no_truth.to_owned(), |truth| words.truth(truth)).into_any(),
                false => view! {
                    <button class="small" type="button" on:click=look>
                        {words.look}
                    </button>
                }
                .into_any(),
            }}
        </p>
    }
    .into_any()
}
