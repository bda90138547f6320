//! Be the rater: cards to rate, what the ratings say, and a run that is trained on them.

pub mod begin;
pub mod deck;
pub mod learned;
pub mod live;

use hedgerow::documents::ratings::Ratings;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::kit::later::Later;
use crate::kit::refused::refused;
use crate::lab::{Lab, use_lab};
use crate::model::ratings::{Waits, next};
use crate::text::later::later;
use crate::text::text;
use begin::Begin;
use deck::Deck;
use learned::LearnedOf;
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
