//! An arm's numbers, each before the run and now.

use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::model::look::look;
use crate::model::scores::{Cell, Row, SCORES};
use crate::text::{numbers, terms, text};

/// Heads of the columns.
pub fn titles() -> [&'static str; SCORES.len()] {
    let text = &text().scores;
    [text.rater_score, text.lies, text.hedges, text.knows]
}

/// The row.
pub fn score_row(Row { arms, same, cells }: Row) -> impl IntoView {
    let text = &text().scores;
    let cells = cells.into_iter().zip(SCORES).zip(titles()).map(|((cell, quantity), title)| {
        let shown =
            |value: Option<f64>| value.map_or_else(numbers::nothing, |value| numbers::quantity(value, quantity));
        view! {
            <td data-title=title>
                <span class="unseen">{text.from}" "</span>
                <span class="was">{shown(cell.first.mean)}</span>
                <span class="arrow" aria-hidden="true">"→"</span>
                <span class="unseen">" "{text.to}" "</span>
                <strong class=look(arms[0]).class()>{shown(cell.latest.mean)}</strong>
                <span class="count">" "{remark(cell, quantity)}</span>
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <ArmCourse arms words=terms::arm then=text.then />
                <span class="note same">{same.map(terms::sameness)}</span>
            </th>
            {cells.collect_view()}
        </tr>
    }
}

/// What a rate is of, where that is little or nothing.
fn remark(cell: Cell, quantity: Quantity) -> String {
    let (text, latest) = (&text().scores, cell.latest);
    let Some(count) = cell.telling_count() else { return String::new() };
    let of = match quantity {
        Quantity::Rate(metric, _) if latest.mean.is_none() => return terms::over_nothing(metric).to_owned(),
        Quantity::Rate(metric, _) => terms::of(metric, count as usize),
        Quantity::Number(_) | Quantity::Probe(..) | Quantity::Diagnosis(_) => String::new(),
    };
    match latest.with_value {
        all if all == latest.seeds => of,
        some => format!("{of} {}", text.in_seeds(numbers::count(some), numbers::count(latest.seeds))),
    }
}
