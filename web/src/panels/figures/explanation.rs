//! What a chart means: definition, formula, chance, and its numbers as a table.

use hedgerow::documents::quantity::Quantity;
use hedgerow::facts::world::Choices;
use leptos::prelude::*;

use crate::model::figures::Drawing;
use crate::text::terms::{self, Entry};
use crate::text::{numbers, text};

/// What is behind a chart's sign.
pub fn explanation(entry: Entry, quantity: Quantity, choices: Choices, drawing: &Drawing) -> AnyView {
    let [meaning, chance] = terms::meaning(quantity, choices);
    let rows = drawing.rows().into_iter().map(|(update, points)| {
        let cells = points.into_iter().map(|point| {
            let estimate = point.and_then(|point| point.estimate);
            view! { <td>{estimate.map_or_else(numbers::nothing, |estimate| numbers::estimate(estimate, quantity))}</td> }
        });
        view! { <tr><th scope="row">{update}</th>{cells.collect_view()}</tr> }
    });
    let heads = drawing.lines.iter().map(|line| view! { <th scope="col">{terms::line(drawing, line)}</th> });
    view! {
        <p>{meaning}</p>
        <p class="formula">{entry.text.formula}</p>
        <p>{chance}</p>
        <table class="numbers">
            <thead><tr><th scope="col">{text().figures.update}</th>{heads.collect_view()}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
