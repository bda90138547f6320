//! What was predicted beside what came, and what that is worth.

use leptos::prelude::*;

use crate::lab::{FileKind, use_lab};
use crate::model::files::file_name;
use crate::model::prediction::{Expected, Prediction, results, settings};
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::numbers;
use crate::text::predictions::compared;
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
        let nickname = prediction.name.clone();
        move |_| {
            let exercise = lab.asked_exercise().map(|asked| asked.name).unwrap_or_default();
            let seeds = stores.draft.experiment.with_untracked(|draft| draft.seeds.clone());
            lab.save_text(&file_name("prediction", &nickname, &exercise, &seeds), FileKind::Json, &file);
        }
    };
    let is_late = prediction.late;
    let said = move || match (is_late, came.with(Vec::is_empty)) {
        (true, _) => Some(text.kept_late),
        (false, true) => Some(text.kept),
        (false, false) => None,
    };
    let lines = {
        let prediction = prediction.clone();
        let line = |expected: &Expected, came: &[_]| view! { <li>{compared(*expected, came)}</li> };
        move || came.with(|came| prediction.expected.iter().map(|expected| line(expected, came)).collect_view())
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
        {move || said().map(|said| view! { <p class="hint">{said}</p> })}
        <div role="status"><ul class="compared">{lines}</ul></div>
        {mean}
        {drawn}
        <p class="deeds"><button class="small" type="button" on:click=save>{text.save}</button></p>
    }
}
