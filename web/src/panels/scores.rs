//! Where the arms stand, in four numbers each: the key to the charts and their summary.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::glossary;
use crate::kit::arm::ArmName;
use crate::model::figures::SCORES;
use crate::model::look::look;
use crate::model::run::{Part, changed_arm};
use crate::model::series::{Line, Point, lines};
use crate::numbers;
use crate::stores::use_stores;

/// Heads of the columns.
const TITLES: [&str; SCORES.len()] = ["Rater’s score", "Lies, uncomfortable", "Hedges, sensitive", "Knows when forced"];

/// A table: one row an arm, first and latest value of each column.
#[component]
pub fn Scores(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let stores = use_stores();
    let view = stores.view;
    let table = view.memo(&[Part::Updates, Part::Measurements, Part::Changes], |report| {
        let report = report?;
        let arms = report.experiment.arms.iter().map(|arm| (*arm, changed_arm(report, *arm)));
        Some((arms.collect::<Vec<_>>(), SCORES.map(|quantity| lines(report, quantity))))
    });
    let seeds = view.memo(&[], |report| report.map(|report| report.experiment.seeds.len()));
    let source = move || {
        let (class, words) = match (view.is_live(), seeds.get()) {
            (true, _) => ("tag live", "Your run"),
            (false, Some(_)) => ("tag", "Recorded run"),
            (false, None) if stores.recorded.failed.get() => ("tag", "No recorded run"),
            (false, None) => ("tag", "Loading the recorded run"),
        };
        view! { <span class=class>{words}</span> }
    };
    view! {
        <section id=id class="scores" aria-labelledby=format!("{id}-title")>
            <div class="scores-head">
                <h2 id=format!("{id}-title") class="unseen">"Where the arms stand"</h2>
                {source}
                <p class="note">{move || note(seeds.get(), view.is_live())}</p>
            </div>
            {move || table.get().map(|(arms, columns)| view! {
                <table class="score-table">
                    <thead>
                        <tr>
                            <th scope="col"><span class="unseen">"Arm"</span></th>
                            {TITLES.map(|title| view! { <th scope="col">{title}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{arms.into_iter().map(|(arm, now)| score_row(arm, now, &columns)).collect_view()}</tbody>
                </table>
            })}
        </section>
    }
}

fn note(seeds: Option<usize>, live: bool) -> String {
    match (seeds, live) {
        (None, _) => "Train to see charts.".to_owned(),
        (Some(1), true) => "One seed: direction, not size.".to_owned(),
        (Some(1), false) => "Made earlier with the same code. One seed: direction, not size.".to_owned(),
        (Some(seeds), true) => format!("Mean of {seeds} seeds; the bands run from the lowest to the highest."),
        (Some(seeds), false) => format!(
            "Made earlier with the same code. Mean of {seeds} seeds; the bands run from the lowest to the highest."
        ),
    }
}

fn score_row(arm: Arm, now: Option<Arm>, columns: &[Vec<Line>; SCORES.len()]) -> impl IntoView + use<> {
    let cells = columns.iter().zip(SCORES).zip(TITLES).map(|((lines, quantity), title)| {
        let points = lines.iter().find(|line| line.arm == arm).map(|line| line.points.as_slice()).unwrap_or_default();
        let shown = |point: Option<&Point>| {
            point.map_or_else(|| "–".to_owned(), |point| numbers::quantity(point.mean, quantity))
        };
        view! {
            <td data-title=title>
                <span class="unseen">"from "</span>
                <span class="was">{shown(points.first())}</span>
                <span class="arrow" aria-hidden="true">"→"</span>
                <span class="unseen">" to "</span>
                <strong class=look(arm).class()>{shown(points.last())}</strong>
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <ArmName arm name=glossary::arm(arm) meaning=glossary::arm_meaning(arm) />
                {now.map(|now| view! { <span class="then">"then "{glossary::arm(now).to_lowercase()}</span> })}
            </th>
            {cells.collect_view()}
        </tr>
    }
}
