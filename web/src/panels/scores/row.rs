//! An arm's numbers, each before the run and now.

use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::model::look::look;
use crate::model::scores::{Cell, Head, Row, SCORES, Score};
use crate::text::{numbers, terms, text};

/// Heads of the columns.
pub fn titles() -> [&'static str; SCORES.len()] {
    let text = &text().scores;
    [text.rater_score, text.lies, text.hedges, text.knows]
}

/// The row at this place of the table, of these arms.
pub fn score_row(table: Memo<Option<Vec<Row>>>, place: usize, (arms, same): Head) -> impl IntoView {
    let text = &text().scores;
    let cells = SCORES.into_iter().zip(titles()).enumerate().map(|(column, (quantity, title))| {
        let cell = Memo::new(move |_| table.with(|rows| Some(rows.as_ref()?.get(place)?.cells[column])));
        let shown = move |score: fn(Cell) -> Score| {
            let value = cell.get().and_then(|cell| score(cell).mean);
            value.map_or_else(numbers::nothing, |value| numbers::quantity(value, quantity))
        };
        view! {
            <td data-title=title>
                <span class="unseen">{text.from}" "</span>
                <span class="was">{move || shown(|cell| cell.first)}</span>
                <span class="arrow" aria-hidden="true">"→"</span>
                <span class="unseen">" "{text.to}" "</span>
                <strong class=look(arms[0]).class()>{move || shown(|cell| cell.latest)}</strong>
                <span class="count">" "{move || cell.get().map(|cell| remark(cell, quantity))}</span>
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
