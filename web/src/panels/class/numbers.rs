//! What the models of a class have become: false answers, and how many say false things or hedge.

use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::Gathered;
use crate::kit::arm::ArmName;
use crate::model::class::pool::{Pool, false_answers};
use crate::model::class::table::POOLED;
use crate::model::seeds::{Ends, ends};
use crate::text::later::later;
use crate::text::{Term, numbers, terms};

/// A table with a row an arm; nothing without a run.
#[component]
pub fn Numbers(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let text = &later().class;
    let rows = move || gathered.pool.with(|pool| pool.run.is_some().then(|| rows(pool)));
    let heads = [text.wrong, text.models, text.liars, text.hedgers, text.neither];
    move || {
        rows().map(|rows| {
            view! {
                <h3>{text.numbers}</h3>
                <div class="scroll" role="region" aria-label=text.numbers tabindex="0">
                    <table class="class-table">
                        <thead>
                            <tr>
                                <th scope="col">{text.arm}</th>
                                {heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view()}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <p class="hint">{text.endings_about}</p>
            }
        })
    }
}

fn rows(pool: &Pool) -> Vec<AnyView> {
    pool.arms().into_iter().filter_map(|arm| row(pool, arm)).collect()
}

fn row(pool: &Pool, arm: Arm) -> Option<AnyView> {
    let run = pool.run.as_ref()?;
    let Ends { seeds, liars, hedgers, neither } = ends(run, arm)?;
    let shares = pool.results().into_iter().filter(|(of, _)| *of == arm).map(|(_, share)| share).collect();
    let share = estimate(&[shares]).map_or_else(numbers::nothing, |share| numbers::estimate(share, POOLED));
    let (wrong, answers) = false_answers(run, arm);
    let of = later().class.of_answers(numbers::count(wrong as usize), numbers::count(answers as usize));
    let &Term { name, meaning } = terms::arm(arm);
    let counts = [seeds, liars, hedgers, neither].map(|count| view! { <td>{numbers::count(count)}</td> });
    let row = view! {
        <tr>
            <th scope="row"><ArmName arm name meaning /></th>
            <td><strong class="pooled">{share}</strong>" "<span class="count">{of}</span></td>
            {counts.collect_view()}
        </tr>
    };
    Some(row.into_any())
}
