//! Two runs side by side: what differs in their settings, and how the models ended that both have, seed by seed.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::{Here, found};
use crate::kit::arm::ArmName;
use crate::model::shelf::{Difference, End, Entry, Line, differences, paired};
use crate::text::later::{difference, later, run};
use crate::text::{Term, numbers, terms, text};

/// The comparison; how to choose it while fewer or more than two runs are chosen, and nothing without one.
#[component]
pub fn Compare(
    /// What the panel remembers.
    here: Here,
) -> impl IntoView {
    move || {
        let ids = here.compared.get();
        let entries: Vec<Entry> = ids.iter().filter_map(|id| found(here, id)).collect();
        match &entries[..] {
            [] => ().into_any(),
            [one, other] => match (&one.line, &other.line) {
                (Some(first), Some(second)) => side_by_side(first, second),
                _ => view! { <p class="hint">{later().shelf.newer}</p> }.into_any(),
            },
            _ => view! { <p class="hint">{later().shelf.choose_two}</p> }.into_any(),
        }
    }
}

fn side_by_side(one: &Line, other: &Line) -> AnyView {
    let words = &later().shelf;
    let all = differences(&one.experiment, &other.experiment);
    let same = all.is_empty().then_some(words.same);
    let item = |own: &Difference| view! { <li>{difference(own, true)}</li> };
    let pairs = paired(one, other);
    let none = pairs.is_empty().then_some(words.no_pairs);
    let rows = pairs.into_iter().flat_map(|(arm, pairs)| pairs.into_iter().map(move |pair| row(arm, pair)));
    view! {
        <div class="shelf-compare">
            <h3>{words.compare}</h3>
            <p>"1: "{run(one)}<br />"2: "{run(other)}</p>
            <p>{words.differ}" "{same}</p>
            <ul class="differences">{all.iter().map(item).collect_view()}</ul>
            <p>{none}</p>
            <div class="scroll" role="region" aria-label=words.compare tabindex="0">
                <table class="class-table">
                    <thead>
                        <tr>
                            <th scope="col">{later().class.arm}</th>
                            <th scope="col">{words.seed}</th>
                            {[words.wrong, words.hedging, words.known].map(|head| view! { <th scope="col">{head}</th> })}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

fn row(arm: Arm, (one, other): (End, End)) -> AnyView {
    let &Term { name, meaning } = terms::arm(arm);
    let cell = |of: fn(&End) -> f64| {
        let both = [of(&one), of(&other)].map(numbers::percent);
        view! { <td>{later().shelf.then(&both[0], &both[1])}</td> }
    };
    let cells = [cell(|end| end.wrong), cell(|end| end.hedging), cell(|end| end.known)];
    view! { <tr><th scope="row"><ArmName arm name meaning /></th><td>{text().answers.seed_number(one.seed)}</td>{cells}</tr> }
        .into_any()
}
