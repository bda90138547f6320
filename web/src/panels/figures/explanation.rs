//! What a chart means: definition, formula, chance, and its numbers as a table.

use leptos::prelude::*;

use crate::glossary::{self, Entry};
use crate::model::figures::Drawing;
use crate::model::series::Quantity;
use crate::numbers;

/// What is behind a chart's sign.
pub fn explanation(entry: Entry, quantity: Quantity, drawing: &Drawing) -> impl IntoView + use<> {
    let subject = quantity.slice().map(glossary::slice_meaning);
    let cell = move |value: Option<f64>| {
        let text = value.map_or_else(|| "–".to_owned(), |value| numbers::quantity(value, quantity));
        view! { <td>{text}</td> }
    };
    let row = move |(update, values): (u32, Vec<Option<f64>>)| {
        view! { <tr><th scope="row">{update}</th>{values.into_iter().map(cell).collect_view()}</tr> }
    };
    let heads = drawing.lines.iter().map(|line| view! { <th scope="col">{glossary::arm(line.arm)}</th> });
    view! {
        <p>{entry.definition}</p>
        {subject.map(|subject| view! { <p>{subject}</p> })}
        <p class="formula">{entry.formula}</p>
        <p>{entry.chance}</p>
        <table class="numbers">
            <thead><tr><th scope="col">"Update"</th>{heads.collect_view()}</tr></thead>
            <tbody>{drawing.rows().into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
