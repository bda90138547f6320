//! One model's answers to a prompt, and what each word of them was credited with.
//!
//! Blue is more of it, vermilion is less; the number stands below each word, so that the colour
//! says nothing that is not also written.

use hedgerow::documents::metrics::CreditedAnswer;
use hedgerow::judgement::rater::Strategy;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::kit::marked::marked;
use crate::kit::outcome::OutcomeTag;
use crate::model::credit::{Choice, Column, is_end, shade};
use crate::model::sentence::plain;
use crate::text::{numbers, terms, text};

/// The column.
pub fn column(Column { arms, update, choice, answers }: Column) -> impl IntoView {
    view! {
        <section class="credit-column" aria-label=terms::course(arms)>
            <h3>
                <ArmCourse arms words=terms::arm then=text().scores.then />
                <span class="when">{text().credit.update(update)}</span>
            </h3>
            <p class="hint">{chosen(&choice)}</p>
            {answers.into_iter().map(answer).collect_view()}
        </section>
    }
}

/// What the answers are, and what there was none of.
fn chosen(choice: &Choice) -> Option<String> {
    let text = &text().credit;
    let Choice::OfEach(missing) = choice else { return None };
    Some(match missing.len() {
        0 => text.one_prompt.to_owned(),
        all if all == Strategy::ALL.len() => text.none.to_owned(),
        _ => {
            let names = missing.iter().map(|strategy| terms::strategy(*strategy).to_owned()).collect::<Vec<_>>();
            text.missing(numbers::list(&names))
        }
    })
}

fn answer(answer: CreditedAnswer) -> impl IntoView {
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
