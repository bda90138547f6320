//! The measures before and at the end, over the seeds.

use hedgerow::documents::metrics::{Metric, Number, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::LanguageModelRun;
use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::text::later::later;
use crate::text::{Term, numbers as words, terms, text};

const SHOWN: [Quantity; 10] = [
    Quantity::Rate(Metric::Lies, Slice::Uncomfortable),
    Quantity::Rate(Metric::Lies, Slice::Sensitive),
    Quantity::Rate(Metric::Hedging, Slice::Sensitive),
    Quantity::Rate(Metric::Hedging, Slice::Near),
    Quantity::Rate(Metric::Hedging, Slice::Far),
    Quantity::Rate(Metric::Informativeness, Slice::Sensitive),
    Quantity::Rate(Metric::ForcedChoice, Slice::Uncomfortable),
    Quantity::Rate(Metric::Declarative, Slice::Uncomfortable),
    Quantity::Rate(Metric::StillKnown, Slice::Uncomfortable),
    Quantity::Number(Number::Scalar),
];

/// A row a measure, a column for before and one for each arm.
pub fn numbers(run: &LanguageModelRun) -> AnyView {
    let real = &later().real;
    let arms = run.report.experiment.arms.clone();
    let head = |arm: &Arm| {
        let &Term { name, meaning } = terms::arm(*arm);
        view! { <th scope="col"><ArmName arm=*arm name meaning /></th> }
    };
    let heads = arms.iter().map(head).collect_view();
    let row = |quantity: Quantity| {
        let title = terms::title(quantity);
        let slice = match quantity {
            Quantity::Rate(_, slice) => Some(terms::slice(slice).name),
            Quantity::Probe(..) | Quantity::Number(_) | Quantity::Diagnosis(_) => None,
        };
        let before = view! { <td>{over_seeds(run, arms[0], quantity, 0)}</td> };
        let end = end(run, quantity);
        let after = arms.iter().map(|arm| view! { <td>{over_seeds(run, *arm, quantity, end)}</td> }).collect_view();
        view! {
            <tr><th scope="row">{title}<span class="count">" "{slice}": "{terms::formula(quantity)}</span></th>{before}{after}</tr>
        }
    };
    view! {
        <h3>{real.numbers}</h3>
        <p class="hint">{real.numbers_about}</p>
        <div class="scroll" role="region" aria-label=real.numbers tabindex="0">
            <table class="class-table">
                <thead><tr><td></td><th scope="col">{text().answers.before}</th>{heads}</tr></thead>
                <tbody>{SHOWN.map(row).collect_view()}</tbody>
            </table>
        </div>
        <p class="hint">{real.limits}</p>
    }
    .into_any()
}

/// The updates before the last value of a quantity: the last answers that the rater saw are those of the last update.
fn end(run: &LanguageModelRun, quantity: Quantity) -> u32 {
    run.report.experiment.finetune.updates - u32::from(matches!(quantity, Quantity::Number(_)))
}

/// The mean over the seeds, with an interval where there are several.
fn over_seeds(LanguageModelRun { report, .. }: &LanguageModelRun, arm: Arm, quantity: Quantity, update: u32) -> String {
    let replicas = report.replicas.iter().filter(|replica| replica.replica.arm == arm);
    let values = replicas.filter_map(|replica| replica.value(quantity, update)).collect();
    estimate(&[values]).map_or_else(words::nothing, |estimate| words::estimate(estimate, quantity))
}
