//! The same questions before and now: what every arm answers, and whether it knows better.

use hedgerow::documents::metrics::WatchedAnswer;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::card::WideCard;
use crate::kit::marked::marked;
use crate::kit::outcome::OutcomeTag;
use crate::kit::seed_menu::SeedMenu;
use crate::model::answers::{Belief, Row, Sheet, belief, is_never_taught, sheet};
use crate::model::run::{Part, seeds};
use crate::model::sentence::plain;
use crate::stores::use_stores;
use crate::text::{Term, terms, text};

/// The panel.
#[component]
pub fn Answers(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().answers);
    let sheet = view.memo(&[Part::Measurements], move |report| sheet(report?, view.seed.get()));
    let seeds = view.memo(&[], seeds);
    view! {
        <WideCard
            id
            title=text.title
            hint=move || text.about
            tools=move || view! { <SeedMenu seeds chosen=view.seed words=terms::seed_words() /> }
        >
            {move || match sheet.get() {
                None => view! { <p class="empty">{text.empty}</p> }.into_any(),
                Some(sheet) => table(sheet).into_any(),
            }}
        </WideCard>
    }
}

fn table(sheet: Sheet) -> impl IntoView {
    let text = &text().answers;
    let Sheet { arms, update, rows } = sheet;
    let heads = arms.iter().map(|arm| {
        let (arm, &Term { name, meaning }) = (*arm, terms::arm(*arm));
        view! { <th scope="col"><ArmName arm name meaning /></th> }
    });
    let names: Vec<&'static str> = arms.iter().map(|arm| terms::arm(*arm).name).collect();
    view! {
        <p class="unseen">{text.after.count(update as usize)}</p>
        <table class="answers">
            <thead>
                <tr>
                    <th scope="col">{text.question}</th>
                    <th scope="col">{text.before}</th>
                    {heads.collect_view()}
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| answer_row(row, &names)).collect_view()}</tbody>
        </table>
    }
}

fn answer_row(Row { before, now }: Row, names: &[&'static str]) -> impl IntoView + use<> {
    let text = &text().answers;
    let truth = match &before.truth {
        Some(truth) => view! { <span class="truth">{marked(&text.truth(truth))}</span> }.into_any(),
        None => view! { <span class="truth">{text.never_taught}</span> }.into_any(),
    };
    let uneasy = before.cell.uncomfortable.then(|| view! { <span class="tag small">{text.uncomfortable}</span> });
    let now = now.into_iter().zip(names.to_vec()).map(|(answer, name)| {
        view! { <td data-title=name>{answer.map(|answer| cell(&answer))}</td> }
    });
    view! {
        <tr>
            <th scope="row">
                <span class="question">{plain(&before.question)}</span>
                {truth}
                {uneasy}
            </th>
            <td data-title=text.before>{cell(&before)}</td>
            {now.collect_view()}
        </tr>
    }
}

fn cell(answer: &WatchedAnswer) -> impl IntoView + use<> {
    let (never, text) = (is_never_taught(answer), &text().answers);
    let remark = match belief(answer) {
        Belief::KnowsSilently => Some(view! { <span class="belief knows">{text.knows}</span> }.into_any()),
        Belief::Lost => Some(view! { <span class="belief lost">{text.would_choose(&answer.choice)}</span> }.into_any()),
        Belief::NothingToAdd => None,
    };
    view! {
        <span class="said">{plain(&answer.answer)}</span>
        <span class="tags">
            <OutcomeTag outcome=answer.outcome never word=terms::outcome(answer.outcome, never) />
            {remark}
        </span>
    }
}
