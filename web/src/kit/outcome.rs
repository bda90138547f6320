//! What an answer does, in a word and a sign.

use hedgerow::documents::metrics::Outcome;
use leptos::prelude::*;

use super::icons::{Glyph, Icon};

/// The sign of an outcome and its word.
#[component]
pub fn OutcomeTag(
    /// What the answer does.
    outcome: Outcome,
    /// Was the fact never taught?
    #[prop(optional)]
    never: bool,
    /// The same in a word.
    word: &'static str,
) -> impl IntoView {
    let (class, icon) = match (outcome, never) {
        (Outcome::True, _) => ("outcome true", Icon::Check),
        (Outcome::False, _) => ("outcome false", Icon::Cross),
        (Outcome::Hedge, true) => ("outcome warranted", Icon::Hedge),
        (Outcome::Hedge, false) => ("outcome hedge", Icon::Hedge),
        (Outcome::Malformed, _) => ("outcome malformed", Icon::Broken),
    };
    view! {
        <span class=class>
            <Glyph icon />
            {word}
        </span>
    }
}
