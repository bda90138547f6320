//! What was predicted beside what came, and what that is worth.

use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::lab::{FileKind, use_lab};
use crate::model::prediction::{Expected, METRIC, Prediction, SLICE, results, settings};
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms};
use crate::views::drawn::DrawnLines;

/// The prediction, and the results of the visitor's own run once it is over.
#[component]
pub fn Outcome(
    /// What was predicted.
    prediction: Prediction,
) -> impl IntoView {
    let (lab, stores, text) = (use_lab(), use_stores(), &later().predict);
    let about = prediction.settings.clone();
    let came = Memo::new(move |_| {
        if !stores.view.is_live() {
            return Vec::new();
        }
        stores.run.with(&[Part::Measurements], |run| {
            if settings(&run.report.experiment) == about { results(&run.report) } else { Vec::new() }
        })
    });
    let save = {
        let file = serde_json::to_string_pretty(&prediction).unwrap_or_default();
        move |_| lab.save_text("hedgerow-prediction", FileKind::Json, &file)
    };
    let said = if prediction.late { text.kept_late } else { text.kept };
    let lines = {
        let prediction = prediction.clone();
        move || came.with(|came| prediction.expected.iter().map(|expected| line(*expected, came)).collect::<Vec<_>>())
    };
    let drawn = prediction.has_course().then(|| {
        let prediction = prediction.clone();
        view! { <DrawnLines prediction /> }
    });
    let mean = move || {
        came.with(|came| {
            let expected = prediction.expected.iter().map(|expected| Expected::ignorant(expected.arm)).collect();
            let ignorant = Prediction { expected, ..prediction.clone() }.score(came)?;
            let one = came.len() <= prediction.expected.len();
            let mean = text.mean(numbers::points(prediction.score(came)?), numbers::points(ignorant));
            Some(view! {
                <p>{mean}</p>
                <p class="hint">{text.score_about}" "{one.then_some(text.one_draw)}</p>
            })
        })
    };
    view! {
        <p class="hint">{said}</p>
        <div role="status"><ul class="compared">{lines}</ul></div>
        {mean}
        {drawn}
        <p class="deeds"><button class="small" type="button" on:click=save>{text.save}</button></p>
    }
}

fn line(expected: Expected, came: &[(Arm, f64)]) -> AnyView {
    let text = &later().predict;
    let [likely, low, high] = [expected.likely, expected.low, expected.high].map(numbers::percent);
    let shares: Vec<f64> = came.iter().filter(|(arm, _)| *arm == expected.arm).map(|(_, share)| *share).collect();
    let score = shares.iter().map(|share| expected.score(*share)).sum::<f64>() / shares.len().max(1) as f64;
    let result = estimate(&[shares]);
    let beside = match result {
        None => text.not_yet.to_owned(),
        Some(result) => {
            let held = if expected.holds(result.mean) { text.hit } else { text.missed };
            let shown = numbers::estimate(result, Quantity::Rate(METRIC, SLICE));
            format!("{} {held}", text.came(shown, numbers::points(score)))
        }
    };
    view! { <li>{text.expected(terms::arm(expected.arm).name, likely, low, high)}" "{beside}</li> }.into_any()
}
