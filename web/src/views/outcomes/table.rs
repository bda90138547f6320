//! The great figure in numbers, for those who do not see it.

use leptos::prelude::*;

use crate::model::outcomes::{Layer, Moment, Stack};
use crate::text::{numbers, terms, text};

/// One table for each arm: a row for each measurement, a column for each layer.
#[component]
pub fn Table(
    /// What is shown of the arms.
    shown: Memo<Vec<Stack>>,
) -> impl IntoView {
    let table = |stack: &Stack| {
        let layers: Vec<Layer> = stack.layers().collect();
        let heads = layers.iter().map(|layer| view! { <th scope="col">{terms::layer(*layer)}</th> }).collect_view();
        let row = |Moment { update, counts }: &Moment| {
            let percents = counts.percents();
            let cell = |layer: &Layer| view! { <td>{numbers::percent(f64::from(percents.of(&[*layer])) / 100.0)}</td> };
            view! { <tr><th scope="row">{*update}</th>{layers.iter().map(cell).collect_view()}<td>{counts.answers()}</td></tr> }
        };
        view! {
            <table class="numbers">
                <caption>{text().outcomes.chart(terms::course(stack.arms))}". "{text().outcomes.about}</caption>
                <thead>
                    <tr><th scope="col">{text().figures.update}</th>{heads}<th scope="col">{text().outcomes.answers}</th></tr>
                </thead>
                <tbody>{stack.moments.iter().map(row).collect_view()}</tbody>
            </table>
        }
    };
    view! {
        <div class="tables" role="region" aria-label=text().outcomes.as_table tabindex="0">
            {move || shown.with(|shown| shown.iter().map(table).collect_view())}
        </div>
    }
}
