//! An answer word by word: how probable each next word is before and now, and a choice of the one that it goes on with.

use hedgerow::documents::protocol::{NextToken, NextTokens};
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::lab::use_lab;
use crate::model::ask::{Continued, continued, one_word_back, with_word};
use crate::model::run::{Continuation, Part};
use crate::model::sentence::plain;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms, text};

/// The core's sign of an answer's end, after which nothing comes.
const END: &str = "∎";

/// The answer so far with a table an arm; nothing until a question is led on.
#[component]
pub fn Next() -> impl IntoView {
    let (lab, stores) = (use_lab(), use_stores());
    let shown =
        stores.run.memo(&[Part::Continuation, Part::Changes], move |run| continued(run, stores.view.seed.get()));
    move || {
        shown.get().map(|Continued { continuation, seed, models, waits }| {
            let words = &later().ask;
            let Continuation { question, begun, update, fault, .. } = continuation;
            let lead_on = {
                let question = question.clone();
                Callback::new(move |begun: String| lab.lead_on(question.clone(), begun))
            };
            let back = one_word_back(&begun);
            let table = |(arms, next): &([Arm; 2], NextTokens)| table(*arms, next, &begun, lead_on);
            view! {
                <section class="next" aria-label=words.word_by_word aria-live="polite">
                    <p class="asked">
                        {plain(&question)}" "
                        <span class="when">{words.after(update)}", "{text().answers.seed_number(seed)}</span>
                    </p>
                    <p>
                        {words.so_far}" "<strong class="begun">{plain(&begun)}" …"</strong>" "
                        {(!begun.is_empty()).then(|| view! {
                            <button class="small" type="button" on:click=move |_| lead_on.run(back.clone())>{words.back}</button>
                        })}
                    </p>
                    <p class="hint">{words.next_about}</p>
                    {fault.map(|fault| view! { <p class="problem">{terms::question_fault(&fault)}</p> })}
                    {waits.then(|| view! { <p class="hint">{words.waiting}</p> })}
                    <div class="next-tables">{models.iter().map(table).collect_view()}</div>
                </section>
            }
        })
    }
}

fn table(arms: [Arm; 2], NextTokens { tokens, .. }: &NextTokens, begun: &str, lead_on: Callback<String>) -> AnyView {
    let bar = |class, probability: f32| {
        view! {
            <td class=class>
                <span class="bar" style:width=format!("{:.1}%", probability * 100.0)></span>
                <span class="share">{numbers::percent(f64::from(probability))}</span>
            </td>
        }
    };
    let row = |NextToken { word, before, now }: &NextToken| {
        let longer = with_word(begun, word);
        let name = match word == END {
            true => later().ask.end.into_any(),
            false => view! {
                <button class="small" type="button" on:click=move |_| lead_on.run(longer.clone())>{word.clone()}</button>
            }
            .into_any(),
        };
        view! { <tr><th scope="row">{name}</th>{bar("before", *before)}{bar("now", *now)}</tr> }
    };
    view! {
        <table>
            <caption><ArmCourse arms words=terms::arm then=text().scores.then /></caption>
            <thead>
                <tr>
                    <th scope="col">{later().ask.next_word}</th>
                    <th scope="col">{text().answers.before}</th>
                    <th scope="col">{text().answers.now}</th>
                </tr>
            </thead>
            <tbody>{tokens.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
