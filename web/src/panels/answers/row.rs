//! One question of the sheet, and its answers.

use hedgerow::documents::metrics::WatchedAnswer;
use leptos::prelude::*;

use crate::kit::marked::marked;
use crate::kit::outcome::OutcomeTag;
use crate::model::answers::{Remark, Row, Sheet, is_never_taught, remark};
use crate::model::sentence::plain;
use crate::text::{terms, text};

/// The question, the base model's answer and those of the arms with these names.
pub fn answer_row(sheet: &Sheet, Row { before, now }: &Row, names: &[String]) -> impl IntoView + use<> {
    let text = &text().answers;
    let truth = match &before.truth {
        Some(truth) => marked(&text.truth(truth)).into_any(),
        None => text.never_taught.into_any(),
    };
    let now = now.iter().zip(names).map(|(answer, name)| {
        view! { <td data-title=name.clone()>{cell(sheet, answer, false)}</td> }
    });
    view! {
        <tr>
            <th scope="row">
                <span class="question" lang="en">{plain(&before.question)}</span>
                <span class="truth">{truth}</span>
            </th>
            <td data-title=text.before>{cell(sheet, before, true)}</td>
            {now.collect_view()}
        </tr>
    }
}

fn cell(sheet: &Sheet, answer: &WatchedAnswer, is_base: bool) -> impl IntoView + use<> {
    let never = is_never_taught(answer);
    let remark = remark(sheet, answer, is_base).map(|remark| {
        let knows = matches!(remark, Remark::SaysAndKnows(_) | Remark::SilentAndKnows);
        let class = if knows { "belief knows" } else { "belief lost" };
        view! { <span class=class>{words(remark, answer)}</span> }
    });
    view! {
        <span class="said" lang="en">{plain(&answer.answer)}</span>
        <span class="tags">
            <OutcomeTag outcome=answer.outcome never word=terms::outcome(answer.outcome, never) />
            {remark}
        </span>
    }
}

fn words(remark: Remark, answer: &WatchedAnswer) -> String {
    let (text, truth) = (&text().answers, answer.truth.clone().unwrap_or_default());
    match remark {
        Remark::SaysAndKnows(Some(said)) => text.says_and_knows(said, truth),
        Remark::SaysAndKnows(None) => text.says_wrong_and_knows(truth),
        Remark::SilentAndKnows => text.silent_and_knows(truth),
        Remark::NoLongerKnown => text.no_longer_known.to_owned(),
        Remark::TrueAndNoLongerKnown => text.true_and_no_longer_known.to_owned(),
    }
}
