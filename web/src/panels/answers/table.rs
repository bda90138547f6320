//! The sheet of questions, a group for each kind, with the tally of all questions of that kind.

use leptos::prelude::*;

use super::row::answer_row;
use crate::kit::arm::ArmCourse;
use crate::model::answers::{Group, Kind, Said, Sheet};
use crate::text::{terms, text};

/// The sheet.
pub fn table(sheet: &Sheet) -> AnyView {
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
