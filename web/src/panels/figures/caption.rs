//! The sentences below a row of charts: what they show, and at the end of a run what came of it.

use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::lab::use_lab;
use crate::model::captions::{Finding, Share, findings, read};
use crate::model::draft::Question;
use crate::model::figures::Group;
use crate::model::recorded::{Shown, question};
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::stores::view::View;
use crate::text::{numbers, terms, text};

/// What the row shows.
#[component]
pub fn Caption(
    /// The row.
    group: Group,
) -> impl IntoView {
    let (lab, view, text) = (use_lab(), use_stores().view, &text().figures);
    let sentences = view.memo(&[Part::Measurements, Part::Changes], move |report| {
        report.map(|report| sentences(view, report, group)).unwrap_or_default()
    });
    let nothing = move || match view.shown() {
        Shown::Live | Shown::Recording(_) => None,
        Shown::Loading => Some(view! { <p class="hint">{text.recording_loads}</p> }.into_any()),
        Shown::Nothing => Some(view! { <p class="hint">{text.train_first}</p> }.into_any()),
        Shown::Failed => Some(
            view! {
                <p class="hint">
                    {text.recording_failed}" "
                    <button class="small" type="button" on:click=move |_| lab.retry_recorded()>{text.try_again}</button>
                </p>
            }
            .into_any(),
        ),
    };
    view! {
        <div class="caption" aria-live="polite">
            {(group == Group::Says).then_some(nothing)}
            {move || sentences.get().into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view()}
        </div>
    }
}

fn sentences(view: View, report: &RunReport, group: Group) -> Vec<String> {
    let text = &text().figures;
    let mut sentences = Vec::new();
    if group == Group::Says && report.experiment.seeds.len() == 1 {
        sentences.push(text.one_seed.to_owned());
    }
    // Arms whose reward was changed are not what they are called.
    if report.changes.is_empty() {
        let lines: Vec<_> = read(group).iter().map(|quantity| view.lines(report, *quantity)).collect();
        sentences.extend(findings(group, &lines).into_iter().map(|(arm, finding)| sentence(arm, finding)));
        if group == Group::Hedges {
            sentences.extend(result(view, report));
        }
    }
    sentences
}

fn sentence(arm: Arm, finding: Finding) -> String {
    let (text, arm) = (&text().figures, terms::arm(arm).name);
    let share = |share: Share| numbers::percent(share.share);
    match finding {
        Finding::HedgedThenLied(hedged, lied) => {
            text.hedges_then_lies(arm, share(hedged), hedged.update, share(lied), lied.update)
        }
        Finding::Lies(now, base) => text.lies_now(arm, share(now), now.update, share(base)),
        Finding::Hedges(now, base) => text.hedges_now(arm, share(now), now.update, share(base)),
        Finding::Neither(now) => text.neither(arm, share(now), now.update),
        Finding::Knows(now) => text.knows_still(arm, share(now), now.update),
        Finding::KnowsLess(now, base) => text.knows_less(arm, share(now), now.update, share(base)),
        Finding::Spreads(now, base) => text.spreads(arm, share(now), now.update, share(base)),
        Finding::SpreadsNot(now) => text.spreads_not(arm, share(now), now.update),
    }
}

/// Where the arms ended, and two next steps; nothing before the last measurement.
fn result(view: View, report: &RunReport) -> Vec<String> {
    let (updates, text) = (report.experiment.finetune.updates, &text().figures);
    let last = |quantity: Quantity| {
        let lines = view.lines(report, quantity).into_iter();
        lines.map(|line| line.points.last().cloned().filter(|point| point.update == updates)).collect::<Vec<_>>()
    };
    let lies = last(Quantity::Rate(Metric::Lies, Slice::Uncomfortable));
    let hedges = last(Quantity::Rate(Metric::Hedging, Slice::Sensitive));
    let arms = report.experiment.arms.iter().zip(lies).zip(hedges).map(|((arm, lies), hedges)| {
        let arm = terms::arm(*arm).name;
        let hedges = numbers::percent(hedges?.mean()?);
        Some(match lies?.mean() {
            Some(lies) => text.result_line(arm, numbers::percent(lies), hedges),
            None => text.result_silent(arm, hedges),
        })
    });
    let Some(arms) = arms.collect::<Option<Vec<_>>>() else { return Vec::new() };
    let next = text.next.get(question(&report.experiment).map_or("own", Question::id));
    vec![text.result(updates, arms.join("; ")), format!("{} {}", next.first, next.second)]
}
