//! What a chart means: definition, formula, chance, and its numbers as a table.

use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use crate::model::figures::Drawing;
use crate::text::terms::{self, Entry};
use crate::text::{numbers, text};

/// What is behind a chart's sign.
pub fn explanation(entry: Entry, quantity: Quantity, drawing: &Drawing) -> impl IntoView + use<> {
    let subject = if let Quantity::Rate(_, slice) = quantity { Some(terms::slice(slice).meaning) } else { None };
    let cell = move |value: Option<f64>| {
        let shown = value.map_or_else(numbers::nothing, |value| numbers::quantity(value, quantity));
        view! { <td>{shown}</td> }
    };
    let row = move |(update, values): (u32, Vec<Option<f64>>)| {
        view! { <tr><th scope="row">{update}</th>{values.into_iter().map(cell).collect_view()}</tr> }
    };
    let heads = drawing.lines.iter().map(|line| view! { <th scope="col">{terms::arm(line.arm).name}</th> });
    view! {
        <p>{entry.text.meaning}</p>
        {subject.map(|subject| view! { <p>{subject}</p> })}
        <p class="formula">{entry.text.formula}</p>
        <p>{entry.chance}</p>
        <table class="numbers">
            <thead><tr><th scope="col">{text().figures.update}</th>{heads.collect_view()}</tr></thead>
            <tbody>{drawing.rows().into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
