//! What the squares mean, and how many there are of each, before and now.

use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::model::fact_cells::{Fate, Fates};
use crate::text::later::later;
use crate::text::{numbers, terms, text};

/// A table: a row for each fate that occurs, for each arm the facts before and now.
#[component]
pub fn Legend(
    /// What became of the facts of each arm.
    shown: Memo<Vec<Fates>>,
) -> impl IntoView {
    let words = &later().facts;
    let head = |fates: &Fates| {
        let arms = fates.arms;
        view! { <th scope="colgroup" colspan="2"><ArmCourse arms words=terms::arm then=text().scores.then /></th> }
    };
    let row = |fate: Fate, shown: &[Fates]| {
        let count = |fates: &[Fate]| fates.iter().filter(|own| **own == fate).count();
        let counts: Vec<[usize; 2]> =
            shown.iter().map(|own| [&own.before, &own.now].map(|fates| count(fates))).collect();
        let cell = |count: usize| view! { <td>{numbers::count(count)}</td> };
        counts.iter().flatten().any(|count| *count > 0).then(|| {
            view! {
                <tr>
                    <th scope="row"><span class=format!("cell {}", fate.id()) aria-hidden="true"></span>" "{*words.fates.get(fate.id())}</th>
                    {counts.into_iter().map(|both| both.map(cell)).collect_view()}
                </tr>
            }
        })
    };
    let table = move |shown: &Vec<Fates>| {
        (!shown.is_empty()).then(|| {
            let under = || [words.before, words.now].map(|head| view! { <th scope="col">{head}</th> });
            view! {
                <table class="fate-table">
                    <thead>
                        <tr><th scope="col" rowspan="2">{words.fate}</th>{shown.iter().map(head).collect_view()}</tr>
                        <tr>{shown.iter().map(|_| under()).collect_view()}</tr>
                    </thead>
                    <tbody>{Fate::ALL.map(|fate| row(fate, shown)).collect_view()}</tbody>
                </table>
            }
        })
    };
    view! { <div class="scroll" role="region" aria-label=words.fate tabindex="0">{move || shown.with(table)}</div> }
}
