//! Where the arms stand, in four numbers each: the key to the charts and their summary.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::model::figures::SCORES;
use crate::model::look::look;
use crate::model::run::{Part, changed_arm};
use crate::model::series::{Line, Point, lines};
use crate::stores::use_stores;
use crate::text::{Term, numbers, terms, text};

/// Heads of the columns.
fn titles() -> [&'static str; SCORES.len()] {
    let text = &text().scores;
    [text.rater_score, text.lies, text.hedges, text.knows]
}

/// A table: one row an arm, first and latest value of each column.
#[component]
pub fn Scores(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (stores, text) = (use_stores(), &text().scores);
    let view = stores.view;
    let table = view.memo(&[Part::Updates, Part::Measurements, Part::Changes], |report| {
        let report = report?;
        let arms = report.experiment.arms.iter().map(|arm| (*arm, changed_arm(report, *arm)));
        Some((arms.collect::<Vec<_>>(), SCORES.map(|quantity| lines(report, quantity))))
    });
    let seeds = view.memo(&[], |report| report.map(|report| report.experiment.seeds.len()));
    let source = move || {
        let (class, words) = match (view.is_live(), seeds.get()) {
            (true, _) => ("tag live", text.live),
            (false, Some(_)) => ("tag", text.recorded),
            (false, None) if stores.recorded.failed.get() => ("tag", text.no_recorded),
            (false, None) => ("tag", text.loading),
        };
        view! { <span class=class>{words}</span> }
    };
    view! {
        <section id=id class="scores" aria-labelledby=format!("{id}-title")>
            <div class="scores-head">
                <h2 id=format!("{id}-title") class="unseen">{text.title}</h2>
                {source}
                <p class="note">{move || note(seeds.get(), view.is_live())}</p>
            </div>
            {move || table.get().map(|(arms, columns)| view! {
                <table class="score-table">
                    <thead>
                        <tr>
                            <th scope="col"><span class="unseen">{text.arm}</span></th>
                            {titles().map(|title| view! { <th scope="col">{title}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{arms.into_iter().map(|(arm, now)| score_row(arm, now, &columns)).collect_view()}</tbody>
                </table>
            })}
        </section>
    }
}

fn note(seeds: Option<usize>, live: bool) -> String {
    let text = &text().scores;
    let note = match seeds {
        None => return text.empty.to_owned(),
        Some(1) => text.one_seed.to_owned(),
        Some(seeds) => text.seeds(numbers::count(seeds)),
    };
    if live { note } else { text.earlier(note) }
}

fn score_row(arm: Arm, now: Option<Arm>, columns: &[Vec<Line>; SCORES.len()]) -> impl IntoView + use<> {
    let text = &text().scores;
    let cells = columns.iter().zip(SCORES).zip(titles()).map(|((lines, quantity), title)| {
        let points = lines.iter().find(|line| line.arm == arm).map(|line| line.points.as_slice()).unwrap_or_default();
        let shown = |point: Option<&Point>| {
            point.map_or_else(numbers::nothing, |point| numbers::quantity(point.mean, quantity))
        };
        view! {
            <td data-title=title>
                <span class="unseen">{text.from}" "</span>
                <span class="was">{shown(points.first())}</span>
                <span class="arrow" aria-hidden="true">"→"</span>
                <span class="unseen">" "{text.to}" "</span>
                <strong class=look(arm).class()>{shown(points.last())}</strong>
            </td>
        }
    });
    let &Term { name, meaning } = terms::arm(arm);
    let then = now.map(|now| text.then(terms::arm(now).name.to_lowercase()));
    view! {
        <tr>
            <th scope="row">
                <ArmName arm name meaning />
                {then.map(|then| view! { <span class="then">{then}</span> })}
            </th>
            {cells.collect_view()}
        </tr>
    }
}
