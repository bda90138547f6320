//! What was predicted beside what came, by tenths: a table whose cells have bars.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::Gathered;
use crate::kit::arm::ArmName;
use crate::model::class::pool::BINS;
use crate::model::look::look;
use crate::text::later::later;
use crate::text::{Term, numbers, terms};

/// A table an arm.
#[component]
pub fn Histograms(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let text = &later().class;
    let tables = move || {
        let of = |arm: Arm| histogram(arm, gathered.pool.with(|pool| pool.histogram(arm)));
        gathered.pool.with(|pool| pool.arms()).into_iter().map(of).collect_view()
    };
    view! {
        <h3>{text.histogram}</h3>
        <p class="hint">{text.histogram_about}</p>
        <div class="histograms">{tables}</div>
    }
}

fn histogram(arm: Arm, bins: [(usize, usize); BINS]) -> AnyView {
    let text = &later().class;
    let most = bins.iter().map(|(predicted, came)| predicted.max(came)).max().copied().unwrap_or(0).max(1);
    let cell = |class: &'static str, count: usize| {
        let is_empty = count == 0;
        let width = format!("{:.1}%", 100.0 * count as f64 / most as f64);
        view! {
            <td>
                <span class=class hidden=is_empty style:width=width aria-hidden="true"></span>
                <span class=if is_empty { "unseen" } else { "bin-count" }>{numbers::count(count)}</span>
            </td>
        }
    };
    let row = |(bin, (predicted, came)): (usize, (usize, usize))| {
        let [low, high] = [bin, bin + 1].map(|edge| numbers::percent(edge as f64 / BINS as f64));
        view! {
            <tr>
                <th scope="row">{text.from_to(low, high)}</th>
                {cell("bin predicted", predicted)}
                {cell("bin came", came)}
            </tr>
        }
    };
    let &Term { name, meaning } = terms::arm(arm);
    view! {
        <table class=format!("histogram {}", look(arm).colour)>
            <caption><ArmName arm name meaning /></caption>
            <thead>
                <tr>
                    <th scope="col">{text.share}</th>
                    <th scope="col">{text.predicted}</th>
                    <th scope="col">{text.came}</th>
                </tr>
            </thead>
            <tbody>{bins.into_iter().enumerate().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
