//! Where the arms stand, in four numbers each: the key to the charts and their summary.

use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::key::{ArmName, arm_class};
use crate::app::Lab;
use crate::glossary;
use crate::series::{Line, Quantity, lines};
use crate::state::changed_arm;

const COLUMNS: [(&str, Quantity); 4] = [
    ("Rater’s score", Quantity::RaterScore),
    ("Lies, uncomfortable", Quantity::Rate(Metric::Lies, Slice::Uncomfortable)),
    ("Hedges, sensitive", Quantity::Rate(Metric::Hedging, Slice::Sensitive)),
    ("Knows when forced", Quantity::Rate(Metric::ForcedChoice, Slice::Uncomfortable)),
];

/// A table: one row an arm, first and latest value of each column.
#[component]
pub fn Scores() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let table = Memo::new(move |_| {
        lab.with_report(|report| {
            let report = report?;
            let columns = COLUMNS.map(|(_, quantity)| lines(report, quantity));
            let arms = report.experiment.arms.iter().map(|arm| (*arm, changed_arm(report, *arm))).collect::<Vec<_>>();
            Some((arms, report.experiment.seeds.len(), columns))
        })
    });
    let source = move || {
        if lab.is_live() {
            return view! { <span class="tag live">"Your run"</span> }.into_any();
        }
        match table.with(Option::is_some) {
            true => view! { <span class="tag">"Recorded run"</span> }.into_any(),
            false if lab.recorded_failed.get() => view! { <span class="tag">"No recorded run"</span> }.into_any(),
            false => view! { <span class="tag">"Loading the recorded run"</span> }.into_any(),
        }
    };
    let note = move || {
        let seeds = table.with(|table| table.as_ref().map(|(_, seeds, _)| *seeds));
        let live = lab.is_live();
        match (seeds, live) {
            (None, _) => "Train to see charts.".to_owned(),
            (Some(1), true) => "One seed: direction, not size.".to_owned(),
            (Some(1), false) => "Made earlier with the same code. One seed: direction, not size.".to_owned(),
            (Some(seeds), true) => format!("Mean of {seeds} seeds; the bands run from the lowest to the highest."),
            (Some(seeds), false) => format!(
                "Made earlier with the same code. Mean of {seeds} seeds; the bands run from the lowest to the highest."
            ),
        }
    };
    view! {
        <section class="scores" aria-labelledby="scores-title">
            <div class="scores-head">
                <h2 id="scores-title" class="unseen">"Where the arms stand"</h2>
                {source}
                <p class="note">{note}</p>
            </div>
            {move || table.get().map(|(arms, _, columns)| view! {
                <table class="score-table">
                    <thead>
                        <tr>
                            <th scope="col"><span class="unseen">"Arm"</span></th>
                            {COLUMNS.map(|(title, _)| view! { <th scope="col">{title}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {arms.into_iter().map(|(arm, now)| score_row(arm, now, &columns)).collect_view()}
                    </tbody>
                </table>
            })}
        </section>
    }
}

fn score_row(arm: Arm, now: Option<Arm>, columns: &[Vec<Line>; 4]) -> impl IntoView + use<> {
    let cells = columns
        .iter()
        .zip(COLUMNS)
        .map(|(lines, (title, quantity))| {
            let line = lines.iter().find(|line| line.arm == arm);
            let first = line.and_then(|line| line.points.first()).map(|point| number(point.mean, quantity));
            let last = line.and_then(|line| line.points.last()).map(|point| number(point.mean, quantity));
            view! {
                <td data-title=title>
                    <span class="unseen">"from "</span>
                    <span class="was">{first.unwrap_or_else(|| "–".into())}</span>
                    <span class="arrow" aria-hidden="true">"→"</span>
                    <span class="unseen">" to "</span>
                    <strong class=arm_class(arm)>{last.unwrap_or_else(|| "–".into())}</strong>
                </td>
            }
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row">
                <ArmName arm />
                {now.map(|now| view! { <span class="then">"then "{glossary::arm(now).to_lowercase()}</span> })}
            </th>
            {cells}
        </tr>
    }
}

/// A value as people read it.
pub fn number(value: f64, quantity: Quantity) -> String {
    match quantity {
        Quantity::Rate(..) | Quantity::Probe(..) | Quantity::FlatGroups => format!("{:.0}%", value * 100.0),
        Quantity::RaterScore | Quantity::ProxyScore => format!("{value:+.2}").replace('-', "−"),
        Quantity::Kl | Quantity::Entropy => format!("{value:.2}"),
    }
}
