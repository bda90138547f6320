//! Where the arms stand, in four numbers each: a summary of the charts.

pub mod origin;
pub mod row;

use leptos::prelude::*;

use crate::model::run::Part;
use crate::model::scores::{Row, SCORES, rows};
use crate::stores::use_stores;
use crate::text::{terms, text};
use origin::Origin;
use row::{score_row, titles};

/// A table: one row an arm, first and latest value of each column; and what the numbers come from.
#[component]
pub fn Scores(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().scores);
    let table = view.memo(&[Part::Updates, Part::Measurements, Part::Changes], |report| report.map(rows));
    // Numbers change with every update, arms hardly ever: the rows stay, and what stands in them is written anew.
    let heads = Memo::new(move |_| table.with(|rows| Some(rows.as_ref()?.iter().map(Row::head).collect::<Vec<_>>())));
    view! {
        <section id=id class="scores" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title") class="unseen">{text.title}</h2>
            {move || heads.get().map(|heads| view! {
                <table class="score-table">
                    <thead>
                        <tr>
                            <th scope="col"><span class="unseen">{text.arm}</span></th>
                            {titles().into_iter().zip(SCORES).map(|(title, of)| view! { <th scope="col" title=terms::formula(of)>{title}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{heads.into_iter().enumerate().map(|(place, head)| score_row(table, place, head)).collect_view()}</tbody>
                </table>
            })}
            <Origin />
        </section>
    }
}
