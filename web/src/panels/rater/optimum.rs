//! What the scalar pays for each way to answer, as it follows from the formula.

use hedgerow::judgement::rater::{RaterConfig, Strategy};
use leptos::prelude::*;

use crate::kit::marked::marked;
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// Three bars and the inequality behind them.
#[component]
pub fn Optimum() -> impl IntoView {
    let rater = use_stores().draft.memo(|draft| draft.rater);
    let text = &text().rater;
    let optimum = move || {
        marked(&text.optimum(match rater.get().scalar_optimum() {
            Strategy::UncomfortableTruth => text.truth_pays,
            Strategy::ComfortableLie => text.lie_pays,
            Strategy::Hedge => text.hedge_pays,
        }))
    };
    let pays = move || Strategy::ALL.map(|strategy| pay(&rater.get(), strategy)).collect_view();
    view! {
        <div class="optimum">
            <p class="optimum-title">{optimum}</p>
            <ul class="pays">{pays}</ul>
            <p class="hint">
                {marked(text.lesson)}" "
                <span class="figure">{move || comparison(&rater.get())}</span>
            </p>
        </div>
    }
}

fn pay(rater: &RaterConfig, strategy: Strategy) -> impl IntoView + use<> {
    let name = terms::strategy(strategy);
    let pay = rater.expected_scalar(strategy);
    let scale = Strategy::ALL.iter().map(|other| rater.expected_scalar(*other).abs()).fold(0.2, f32::max);
    view! {
        <li class:best=rater.scalar_optimum() == strategy class:negative=pay < 0.0>
            <span class="pay-name">{name}</span>
            <span class="pay-bar" aria-hidden="true">
                <span style:width=format!("{:.1}%", pay.abs() / scale * 50.0)></span>
            </span>
            <span class="pay-value">{numbers::signed(f64::from(pay))}</span>
        </li>
    }
}

/// What a lie gains beside what it risks.
fn comparison(rater: &RaterConfig) -> String {
    let gain = rater.discomfort_value * rater.context_relief;
    let risk = 2.0 * rater.check_probability * rater.correctness;
    let sign = if gain > risk {
        ">"
    } else if gain < risk {
        "<"
    } else {
        "="
    };
    let [gain, risk] = [gain, risk].map(|value| numbers::fixed(f64::from(value), 2));
    format!("{gain} {sign} {risk}")
}
