//! An answer, and what each word of it was credited with.
//!
//! Blue is more of it, vermilion is less; the number stands below each word, so that the colour
//! says nothing that is not also written.

use hedgerow::documents::metrics::CreditedAnswer;
use leptos::prelude::*;

use crate::kit::marked::marked;
use crate::kit::outcome::OutcomeTag;
use crate::model::credit::{is_end, shade};
use crate::model::sentence::plain;
use crate::text::{numbers, terms, text};

/// The answer, word by word, and its rating.
pub fn answer(answer: CreditedAnswer) -> impl IntoView {
    let text = text();
    let CreditedAnswer { question, truth, outcome, strategy, rating, words } = answer;
    let signed = |value: f32| numbers::credit(f64::from(value));
    let strategy = strategy.map(|strategy| view! { <span class="tag small">{terms::strategy(strategy)}</span> });
    view! {
        <div class="credited">
            <p class="asked">
                {plain(&question)}" "<span class="truth">{marked(&text.answers.truth(truth))}</span>" "
                <OutcomeTag outcome word=terms::outcome(outcome, false) />
                {strategy}
            </p>
            <p class="words">{words.into_iter().map(word).collect_view()}</p>
            <p class="rating">
                <span>{marked(&text.credit.framing(signed(rating.framing)))}</span>
                <span>{marked(&text.credit.content(signed(rating.content)))}</span>
                <span>{marked(&text.credit.discomfort(numbers::fixed(f64::from(rating.discomfort), 2)))}</span>
                <span>{marked(&text.credit.scalar(signed(rating.scalar())))}</span>
            </p>
        </div>
    }
}

fn word((word, advantage): (String, f32)) -> impl IntoView {
    let (shade, end) = (shade(advantage), is_end(&word));
    let credit = numbers::credit(f64::from(advantage));
    let title = text().credit.word(&credit);
    view! {
        <span
            class=shade.class
            class:end=end
            style:--strength=format!("{:.2}", shade.strength)
            title=title
        >
            <span>{if end { text().credit.end.to_owned() } else { word }}</span>
            <small>{credit.clone()}</small>
        </span>
    }
}
