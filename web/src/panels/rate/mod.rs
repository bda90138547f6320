//! Be the rater: cards to rate, what the ratings say, and a run that is trained on them.

pub mod begin;
pub mod deck;
pub mod learned;
pub mod live;

use hedgerow::documents::ratings::Ratings;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement, MouseEvent};

use crate::kit::later::Later;
use crate::kit::refused::refused;
use crate::lab::{Lab, use_lab};
use crate::model::ratings::{Waits, is_of_another_world, next};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::text;
use begin::Begin;
use deck::Deck;
use learned::{Again, LearnedOf};
use live::LiveRating;

/// What the panel remembers while it is open.
#[derive(Clone, Copy)]
pub struct Sitting {
    lab: Lab,
    /// The cards and what was said of them; `None` before they are dealt.
    pub ratings: RwSignal<Option<Ratings>>,
    /// Is the deck left for what it has taught so far?
    pub enough: RwSignal<bool>,
    /// Files that were not added, and why: they stay named whatever is shown of the others.
    pub refused: RwSignal<Vec<(String, String)>>,
    /// How often training waits for the visitor, if it does.
    pub waits: RwSignal<Option<Waits>>,
    /// Ratings that the browser would not keep are lost with the page.
    pub not_kept: RwSignal<bool>,
}

/// The panel.
#[component]
pub fn Rate(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="card wide-card rate-card" aria-label=text().page.rate>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let (lab, words) = (use_lab(), &later().rate);
    let kept = lab.ratings();
    let sitting = Sitting {
        lab,
        enough: RwSignal::new(kept.is_some()),
        ratings: RwSignal::new(kept),
        refused: RwSignal::new(Vec::new()),
        waits: RwSignal::new(lab.waits()),
        not_kept: RwSignal::new(false),
    };
    let stage = Memo::new(move |_| {
        sitting.ratings.with(|ratings| match (ratings, sitting.waits.get()) {
            (None, _) => Stage::Begin,
            (Some(_), Some(waits)) => Stage::Live(waits),
            (Some(ratings), None) if next(ratings).is_none() || sitting.enough.get() && !ratings.rated.is_empty() => {
                Stage::End
            }
            (Some(_), None) => Stage::Deck,
        })
    });
    let present = use_stores().draft.memo(|draft| (draft.own_world, draft.seeds.clone()));
    let is_of_another = Memo::new(move |_| {
        let (world, seeds) = present.get();
        let is_other = |own: &Ratings| is_of_another_world(own, world, &seeds);
        sitting.waits.get().is_none() && sitting.ratings.with(|own| own.as_ref().is_some_and(is_other))
    });
    // The part that had the focus is gone.
    Effect::new(move |before: Option<Stage>| {
        let now = stage.get();
        if before.is_some_and(|before| before != now) {
            focus("rate-now");
        }
        now
    });
    view! {
        <p>{words.about}</p>
        {move || refused(words.refused, &sitting.refused.get())}
        {move || is_of_another.get().then(|| view! {
            <p class="problem" role="status">{words.other_world}</p>
            <p class="deeds"><Again sitting /></p>
        })}
        <div id="rate-now" tabindex="-1">
            {move || match stage.get() {
                Stage::Begin => view! { <Begin sitting /> }.into_any(),
                Stage::Live(waits) => view! { <LiveRating sitting waits /> }.into_any(),
                Stage::Deck => view! { <Deck sitting /> }.into_any(),
                Stage::End => view! { <LearnedOf sitting /> }.into_any(),
            }}
        </div>
        {move || sitting.not_kept.get().then(|| view! { <p class="hint" role="status">{words.not_kept}</p> })}
    }
    .into_any()
}

/// How far the visitor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    /// While training waits again and again.
    Live(Waits),
    Deck,
    End,
}

impl Sitting {
    /// From now on training waits for the visitor, or does no longer.
    fn wait(self, waits: Option<Waits>) {
        self.lab.keep_waits(waits);
        self.enough.set(true);
        self.waits.set(waits);
    }

    /// Other ratings, kept on this device.
    fn set(self, ratings: Option<Ratings>) {
        let is_kept = self.lab.keep_ratings(ratings.as_ref());
        self.not_kept.set(!is_kept);
        self.ratings.set(ratings);
    }
}

/// Is the focus in this part of the page?
fn has_focus(part: &str) -> bool {
    document().active_element().is_some_and(|element| element.closest(part).is_ok_and(|found| found.is_some()))
}

fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

/// After a click of the pointer the keys are the card's, and not those of the button that was clicked: Enter is the next
/// card, and a second press changes nothing. Whoever came to the button by keyboard stays there.
fn focus_card_after(click: &MouseEvent) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    if let Some(card) = document().get_element_by_id("rate-card").filter(|_| click.detail() > 0) {
        let _ = card.unchecked_into::<HtmlElement>().focus_with_options(&options);
    }
}
