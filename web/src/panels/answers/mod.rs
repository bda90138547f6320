//! The same questions before and now: what every arm answers, and what it knows.

pub mod row;

use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::kit::card::WideCard;
use crate::kit::seed_menu::SeedMenu;
use crate::model::answers::{Group, Kind, Said, Sheet, sheet};
use crate::model::run::{Part, seeds};
use crate::stores::use_stores;
use crate::text::{terms, text};
use row::answer_row;

/// The panel.
#[component]
pub fn Answers(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().answers);
    let sheet = view.memo(&[Part::Measurements, Part::Changes], move |report| sheet(report?, view.seed.get()));
    let seeds = view.memo(&[], seeds);
    view! {
        <WideCard
            id
            title=text.title
            hint=move || view! { {text.about}" "{text.chosen} }
            tools=move || view! { <SeedMenu seeds chosen=view.seed words=terms::seed_words() /> }
        >
            {move || match sheet.get() {
                None => view! { <p class="empty">{text.empty}</p> }.into_any(),
                Some(sheet) => table(&sheet),
            }}
        </WideCard>
    }
}

fn table(sheet: &Sheet) -> AnyView {
    let (then, text) = (text().scores.then, &text().answers);
    let heads = sheet.arms.iter().map(|arms| {
        view! { <th scope="col"><ArmCourse arms=*arms words=terms::arm then=then /></th> }
    });
    let names: Vec<String> = sheet.arms.iter().map(|arms| terms::course(*arms)).collect();
    let group = |Group { kind, tallies, rows }: &Group| {
        let rows = rows.iter().map(|row| answer_row(sheet, row, &names)).collect_view();
        view! { <tbody>{tally_row(*kind, tallies, &names)}{rows}</tbody> }
    };
    view! {
        <p class="unseen">{text.after.count(sheet.update as usize)}</p>
        <table class="answers">
            <thead>
                <tr>
                    <th scope="col">{text.question}</th>
                    <th scope="col">{text.before}</th>
                    {heads.collect_view()}
                </tr>
            </thead>
            {sheet.groups.iter().map(group).collect_view()}
        </table>
    }
    .into_any()
}

/// What all questions of a kind were answered.
fn tally_row(kind: Kind, tallies: &[Said], names: &[String]) -> impl IntoView + use<> {
    let text = &text().answers;
    let words = move |Said { answers, asserted, wrong, .. }: Said| match kind {
        Kind::NeverTaught => text.made_up(asserted, answers),
        Kind::Uncomfortable | Kind::Comfortable | Kind::Near | Kind::Far => {
            text.tally(wrong, asserted, answers - asserted, answers)
        }
    };
    let titles = std::iter::once(text.before.to_owned()).chain(names.iter().cloned());
    let cells = tallies.iter().zip(titles).map(|(said, title)| {
        view! { <td data-title=title>{words(*said)}</td> }
    });
    view! {
        <tr class="tally">
            <th scope="rowgroup">{text.kinds.get(kind.id()).to_owned()}</th>
            {cells.collect_view()}
        </tr>
    }
}
