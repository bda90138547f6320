//! The same as numbers: for each value the facts, those that lie in its region, and those of which it would be said.

use leptos::prelude::*;

use super::Drawn;
use crate::kit::arm::ArmCourse;
use crate::kit::chart::plane::mark;
use crate::text::later::later;
use crate::text::{numbers, terms, text};

/// A table, which is also the legend of the marks.
#[component]
pub fn ByValue(
    /// What is drawn.
    drawn: Memo<Option<Drawn>>,
) -> impl IntoView {
    let words = &later().states;
    let table = move |Drawn { values, pictures, .. }: &Drawn| {
        let head = pictures.iter().map(|picture| {
            view! { <th scope="colgroup" colspan="2"><ArmCourse arms=picture.arms words=terms::arm then=text().scores.then /></th> }
        });
        let under = || [words.lie, words.said].map(|head| view! { <th scope="col">{head}</th> });
        let row = |(value, name): (usize, &String)| {
            let facts = pictures.first().map_or(0, |picture| picture.of_value(value)[0]);
            let cells = pictures.iter().map(|picture| {
                let [_, lie, said] = picture.of_value(value);
                [lie, said].map(|count| view! { <td>{numbers::count(count)}</td> })
            });
            view! {
                <tr>
                    <th scope="row">{mark(value)}" "{name.clone()}</th>
                    <td>{numbers::count(facts)}</td>
                    {cells.collect_view()}
                </tr>
            }
        };
        view! {
            <table class="fate-table">
                <thead>
                    <tr>
                        <th scope="col" rowspan="2">{words.value}</th>
                        <th scope="col" rowspan="2">{words.count}</th>
                        {head.collect_view()}
                    </tr>
                    <tr>{pictures.iter().map(|_| under()).collect_view()}</tr>
                </thead>
                <tbody>{values.iter().enumerate().map(row).collect_view()}</tbody>
            </table>
        }
    };
    view! {
        <p class="hint"><span class="plane-ring" aria-hidden="true"></span>" "{words.ring}</p>
        <div class="scroll" role="region" aria-label=words.by_value tabindex="0">
            {move || drawn.with(|drawn| drawn.as_ref().map(table))}
        </div>
    }
}
