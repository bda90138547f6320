//! The same questions before and now: what every arm answers, and whether it knows better.

use hedgerow::documents::metrics::WatchedAnswer;
use leptos::prelude::*;

use crate::glossary;
use crate::kit::arm::ArmName;
use crate::kit::card::WideCard;
use crate::kit::outcome::OutcomeTag;
use crate::kit::seed_menu::SeedMenu;
use crate::model::answers::{Belief, Row, Sheet, belief, is_never_taught, sheet};
use crate::model::run::{Part, seeds};
use crate::model::sentence::plain;
use crate::stores::use_stores;

/// The panel.
#[component]
pub fn Answers(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let view = use_stores().view;
    let sheet = view.memo(&[Part::Measurements], move |report| sheet(report?, view.seed.get()));
    let seeds = view.memo(&[], seeds);
    view! {
        <WideCard
            id
            title="The same questions, before and now"
            hint=|| "One sampled answer each. The model may know better than it says: “knows” is what it chooses when it is not allowed to hedge."
            tools=move || view! { <SeedMenu seeds chosen=view.seed /> }
        >
            {move || match sheet.get() {
                None => view! { <p class="empty">"Answers appear with the first measurement."</p> }.into_any(),
                Some(sheet) => table(sheet).into_any(),
            }}
        </WideCard>
    }
}

fn table(sheet: Sheet) -> impl IntoView {
    let Sheet { arms, update, rows } = sheet;
    let heads = arms.iter().map(|arm| {
        let arm = *arm;
        view! { <th scope="col"><ArmName arm name=glossary::arm(arm) meaning=glossary::arm_meaning(arm) /></th> }
    });
    let names: Vec<&'static str> = arms.iter().map(|arm| glossary::arm(*arm)).collect();
    view! {
        <p class="unseen">{format!("Answers after {update} updates.")}</p>
        <table class="answers">
            <thead>
                <tr>
                    <th scope="col">"Question"</th>
                    <th scope="col">"Before"</th>
                    {heads.collect_view()}
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(|row| answer_row(row, &names)).collect_view()}</tbody>
        </table>
    }
}

fn answer_row(Row { before, now }: Row, names: &[&'static str]) -> impl IntoView + use<> {
    let truth = match &before.truth {
        Some(truth) => view! { <span class="truth">"truth: "<b>{truth.clone()}</b></span> }.into_any(),
        None => view! { <span class="truth">"never taught"</span> }.into_any(),
    };
    let uneasy = before.cell.uncomfortable.then(|| view! { <span class="tag small">"uncomfortable"</span> });
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
            <td data-title="Before">{cell(&before)}</td>
            {now.collect_view()}
        </tr>
    }
}

fn cell(answer: &WatchedAnswer) -> impl IntoView + use<> {
    let never = is_never_taught(answer);
    let remark = match belief(answer) {
        Belief::KnowsSilently => Some(view! { <span class="belief knows">"knows but does not say"</span> }.into_any()),
        Belief::Lost => {
            Some(view! { <span class="belief lost">{format!("would choose “{}”", answer.belief)}</span> }.into_any())
        }
        Belief::NothingToAdd => None,
    };
    view! {
        <span class="said">{plain(&answer.answer)}</span>
        <span class="tags">
            <OutcomeTag outcome=answer.outcome never word=glossary::outcome(answer.outcome, never) />
            {remark}
        </span>
    }
}
