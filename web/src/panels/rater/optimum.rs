//! What the scalar pays for each way to answer, as it follows from the formula.

use hedgerow::judgement::rater::{RaterConfig, Strategy};
use leptos::prelude::*;

use crate::numbers;
use crate::stores::use_stores;

const STRATEGIES: [(Strategy, &str); 3] = [
    (Strategy::UncomfortableTruth, "Uncomfortable truth"),
    (Strategy::ComfortableLie, "Comfortable lie"),
    (Strategy::Hedge, "Hedge"),
];

/// Three bars and the inequality behind them.
#[component]
pub fn Optimum() -> impl IntoView {
    let rater = use_stores().draft.memo(|draft| draft.rater);
    let verdict = move || match rater.get().scalar_optimum() {
        Strategy::UncomfortableTruth => "the truth pays best",
        Strategy::ComfortableLie => "a comfortable lie pays best",
        Strategy::Hedge => "a hedge pays best",
    };
    let pays = move || STRATEGIES.map(|(strategy, name)| pay(&rater.get(), strategy, name)).collect_view();
    view! {
        <div class="optimum">
            <p class="optimum-title">"Under one number, " <strong>{verdict}</strong></p>
            <ul class="pays">{pays}</ul>
            <p class="hint">
                "Expected " <i>"F + C − D"</i> " where the truth is uncomfortable. A lie beats it when "
                <var>"d"</var>"·"<var>"d"<sub>"ctx"</sub></var> " > 2·"<var>"p"</var>"·"<var>"c"</var> ": "
                <span class="figure">{move || comparison(&rater.get())}</span>
            </p>
        </div>
    }
}

fn pay(rater: &RaterConfig, strategy: Strategy, name: &'static str) -> impl IntoView + use<> {
    let pay = rater.expected_scalar(strategy);
    let scale = STRATEGIES.iter().map(|(other, _)| rater.expected_scalar(*other).abs()).fold(0.2, f32::max);
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
    format!("{gain:.2} {sign} {risk:.2}")
}
