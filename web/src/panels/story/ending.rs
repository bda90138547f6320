//! What came of the run that is drawn, beside what the reader expected: sentences of the run's own numbers.

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::rater::Strategy;
use leptos::prelude::*;

use crate::lab::use_lab;
use crate::model::draft::Question;
use crate::model::outcomes::{end, stacks};
use crate::model::run::Part;
use crate::model::story::learned;
use crate::stores::use_stores;
use crate::text::outcomes::ending;
use crate::text::{terms, text};

/// The sentences, and two next steps.
#[component]
pub fn Ending() -> impl IntoView {
    let (stores, text) = (use_stores(), &text().story);
    let view = stores.view;
    let lines = view.memo(&[Part::Measurements, Part::Changes], move |report| {
        report.map(|report| lines(report, view.seed.get(), stores.story.guess.get())).unwrap_or_default()
    });
    let lab = use_lab();
    view! {
        <div class="story-end">
            {move || lines.get().into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
            <p>
                <a href="#lab" on:click=move |_| lab.choose(Question::Controls)>{text.next_controls}</a>
                <br />
                <a href="#lab">{text.next_rater}</a>
            </p>
        </div>
    }
}

fn lines(report: &RunReport, seed: Option<u64>, guess: Option<Strategy>) -> Vec<String> {
    let text = &text().story;
    let stacks = stacks(report, seed);
    let mut lines: Vec<String> = stacks.iter().filter_map(|stack| Some(ending(stack, end(stack)?))).collect();
    if let (Some(guess), Some(first)) = (guess, stacks.first()) {
        let (expected, arm) = (terms::strategy(guess), terms::course(first.arms));
        lines.push(match learned(first) {
            Some(way) if way == guess => text.as_expected(expected, arm),
            Some(way) => text.not_as_expected(expected, arm, terms::strategy(way)),
            None => text.undecided(expected, arm),
        });
    }
    lines
}
