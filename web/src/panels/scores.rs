//! Where the arms stand, in four numbers each: the key to the charts and their summary.

use hedgerow::documents::protocol::EngineKind;
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::model::look::look;
use crate::model::recorded::Shown;
use crate::model::run::{Part, engine_kind};
use crate::model::scores::{Cell, Row, SCORES, rows};
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// Heads of the columns.
fn titles() -> [&'static str; SCORES.len()] {
    let text = &text().scores;
    [text.rater_score, text.lies, text.hedges, text.knows]
}

/// A table: one row an arm, first and latest value of each column; and what the numbers come from.
#[component]
pub fn Scores(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (stores, text) = (use_stores(), &text().scores);
    let view = stores.view;
    let table = view.memo(&[Part::Updates, Part::Measurements, Part::Changes], |report| report.map(rows));
    let seeds = view.memo(&[], |report| report.map(|report| report.experiment.seeds.len()));
    let source = move || {
        let (class, words) = match view.shown() {
            Shown::Live => ("tag live", text.live),
            Shown::Recording(_) => ("tag", text.recorded),
            Shown::Loading => ("tag", text.loading),
            Shown::Failed => ("tag", text.recording_failed),
            Shown::Nothing => ("tag", text.no_recorded),
        };
        view! { <span class=class>{words}</span> }
    };
    let origin = move || {
        let lines = view.with(&[Part::Changes], |report| report.map(origin)).unwrap_or_default();
        lines.into_iter().map(|line| view! { <p class="note">{line}</p> }).collect_view()
    };
    view! {
        <section id=id class="scores" aria-labelledby=format!("{id}-title")>
            <div class="scores-head">
                <h2 id=format!("{id}-title") class="unseen">{text.title}</h2>
                {source}
                <p class="note">{move || note(seeds.get(), view.is_live())}</p>
            </div>
            {move || table.get().map(|rows| view! {
                <table class="score-table">
                    <thead>
                        <tr>
                            <th scope="col"><span class="unseen">{text.arm}</span></th>
                            {titles().map(|title| view! { <th scope="col">{title}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows.into_iter().map(score_row).collect_view()}</tbody>
                </table>
            })}
            {origin}
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

/// What was changed on the way, and what computed the run.
fn origin(report: &RunReport) -> Vec<String> {
    let text = &text().scores;
    let seeds = terms::seeds(&report.experiment.seeds);
    let computed = match engine_kind(report) {
        EngineKind::Cpu => text.on_cpu(seeds, &report.build),
        EngineKind::Gpu => text.on_gpu(seeds, &report.build),
    };
    let changes = (0..report.changes.len()).map(|place| terms::change(report, place));
    changes.chain([computed]).collect()
}

fn score_row(Row { arms, same, cells }: Row) -> impl IntoView {
    let text = &text().scores;
    let cells = cells.into_iter().zip(SCORES).zip(titles()).map(|((cell, quantity), title)| {
        let shown = |value: Option<f64>| value.map_or_else(numbers::nothing, |value| written(value, quantity));
        view! {
            <td data-title=title>
                <span class="unseen">{text.from}" "</span>
                <span class="was">{shown(cell.first.mean)}</span>
                <span class="arrow" aria-hidden="true">"→"</span>
                <span class="unseen">" "{text.to}" "</span>
                <strong class=look(arms[0]).class()>{shown(cell.latest.mean)}</strong>
                <span class="count">" "{remark(cell, quantity)}</span>
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <ArmCourse arms words=terms::arm then=text.then />
                <span class="note same">{same.map(terms::sameness)}</span>
            </th>
            {cells.collect_view()}
        </tr>
    }
}

fn written(value: f64, quantity: Quantity) -> String {
    if let Quantity::Number(_) = quantity { numbers::signed(value) } else { numbers::percent(value) }
}

/// What a rate is of, where that is little or nothing.
fn remark(cell: Cell, quantity: Quantity) -> String {
    let (text, latest) = (&text().scores, cell.latest);
    let Some(count) = cell.telling_count() else { return String::new() };
    let of = match quantity {
        Quantity::Rate(metric, _) if latest.mean.is_none() => return terms::over_nothing(metric).to_owned(),
        Quantity::Rate(metric, _) => terms::of(metric, count as usize),
        Quantity::Number(_) | Quantity::Probe(..) | Quantity::Diagnosis(_) => String::new(),
    };
    match latest.with_value {
        all if all == latest.seeds => of,
        some => format!("{of} {}", text.in_seeds(numbers::count(some), numbers::count(latest.seeds))),
    }
}
