//! What the ratings of a class say: of each person, of all together, and how far they agree; and a run that is trained on
//! them.

use hedgerow::documents::raters::{Agreement, Together};
use hedgerow::judgement::person::Person;
use leptos::prelude::*;

use super::Gathered;
use crate::lab::use_lab;
use crate::model::class::raters::{NUMBERS, Raters};
use crate::text::later::later;
use crate::text::numbers::{count, fixed, nothing};

/// Tables and a button; nothing without ratings.
#[component]
pub fn RatersOf(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let text = &later().class;
    move || {
        let (table, agreement, person) = gathered.raters.with(|raters| {
            let table = (!raters.people.is_empty()).then(|| table(gathered, raters));
            (table, raters.agreement, raters.person)
        });
        table.map(|table| {
            view! {
                <h3>{text.rated}</h3>
                <p class="hint">{text.rated_about}</p>
                {table}
                <p class="hint">{text.together_about}</p>
                <p>{agreed(agreement)}</p>
                {person.map(|person| view! { <Train person /> })}
            }
        })
    }
}

/// A run that is trained on what all of them said.
#[component]
fn Train(person: Person) -> impl IntoView {
    let (lab, text) = (use_lab(), &later().class);
    view! {
        <p class="deeds">
            <button type="button" on:click=move |_| lab.train_on(person, None)>{text.train}</button>
        </p>
        <p class="hint">{text.train_about}</p>
    }
}

fn table(gathered: Gathered, raters: &Raters) -> AnyView {
    let (text, words) = (&later().class, &later().rate);
    let number = |value: f64| fixed(value, 2);
    let interval = |mean, [low, high]: [f64; 2]| words.estimate(number(mean), number(low), number(high));
    let each = raters.people.iter().map(|own| {
        let numbers = NUMBERS.map(|(_, of)| {
            let own = of(&own.learned.as_rater);
            view! { <td>{interval(own.mean.into(), [own.low.into(), own.high.into()])}</td> }
        });
        view! {
            <tr>
                <th scope="row">{gathered.name(own.file)}</th>
                <td>{count(own.rated)}</td>
                {numbers.collect_view()}
            </tr>
        }
    });
    let all = |name: &'static str, of: &dyn Fn(&Together) -> String| {
        let numbers = raters.together.iter().map(|all| view! { <td><strong>{of(all)}</strong></td> });
        view! { <tr><th scope="row">{name}</th><td></td>{numbers.collect_view()}</tr> }
    };
    let mean = |all: &Together| match all.mean.interval {
        Some(ends) => interval(all.mean.mean, ends),
        None => number(all.mean.mean),
    };
    let heads = [text.who, text.ratings_given, words.checks, words.minds_value, words.minds_any];
    view! {
        <div class="scroll" role="region" aria-label=text.rated tabindex="0">
            <table class="class-table">
                <thead>
                    <tr>{heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view()}</tr>
                </thead>
                <tbody>
                    {all(text.together, &mean)}
                    {all(text.apart, &|all| number(all.apart))}
                    {all(text.uncertain, &|all| number(all.uncertain))}
                    {each.collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn agreed(Agreement { cards, alpha }: Agreement) -> String {
    let text = &later().class;
    if cards == 0 {
        return text.no_agreement.to_owned();
    }
    let [good, wrong, badly_put, uncomfortable] =
        alpha.map(|alpha| alpha.map_or_else(nothing, |alpha| fixed(alpha, 2)));
    text.agreement(text.same_cards.count(cards), good, wrong, badly_put, uncomfortable)
}
