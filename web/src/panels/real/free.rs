//! Questions that no template knows, before and at the end.

use hedgerow::documents::report::{LanguageModelReport, LanguageModelRun};
use leptos::prelude::*;

use crate::model::run::places_of_seed;
use crate::text::later::later;
use crate::text::{terms, text};

/// A table of one seed: a row a question, a column for before and one for each arm.
pub fn free(LanguageModelRun { report, models }: &LanguageModelRun, seed: u64) -> AnyView {
    let words = &later().real;
    let of_seed = places_of_seed(report, seed).into_iter();
    let models: Vec<&LanguageModelReport> = of_seed.filter_map(|place| models.get(place)).collect();
    let Some(before) = models.first().and_then(|model| model.free.first()) else { return ().into_any() };
    let last = |model: &&LanguageModelReport, place: usize| {
        model.free.last().and_then(|free| free.answers.get(place)).map(|(_, answer)| answer.clone())
    };
    let row = |(place, (question, answer)): (usize, &(String, String))| {
        let after = models.iter().map(|model| view! { <td lang="en">{last(model, place)}</td> }).collect_view();
        view! { <tr><th scope="row" lang="en">{question.clone()}</th><td lang="en">{answer.clone()}</td>{after}</tr> }
    };
    let arms = report.experiment.arms.iter().map(|arm| view! { <th scope="col">{terms::arm(*arm).name}</th> });
    view! {
        <h3>{words.free}</h3>
        <p class="hint">{words.free_about(seed)}</p>
        <div class="scroll" role="region" aria-label=words.free tabindex="0">
            <table class="class-table real-free">
                <thead>
                    <tr>
                        <th scope="col">{text().answers.question}</th>
                        <th scope="col">{text().answers.before}</th>
                        {arms.collect_view()}
                    </tr>
                </thead>
                <tbody>{before.answers.iter().enumerate().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
