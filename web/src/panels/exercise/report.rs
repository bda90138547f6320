//! The report of an exercise: what was asked, predicted, found and explained.
//!
//! Its figures are those of the visitor's own run, or of a run of the shelf that is open. A recording of the site is no
//! result of the visitor's, and is not reported.

use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use super::Here;
use crate::kit::chart::expectation::Expectation;
use crate::model::exercise::{Asked, Asks, Given, Predicted, Question, Standing, Task};
use crate::model::prediction::Expected;
use crate::model::recorded::Shown;
use crate::model::run::Part;
use crate::model::series::Line;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms};
use crate::views::report::{Origin, Predicted as Drawn, Result, Sheet, nickname};

/// The report.
#[component]
pub fn Report(
    /// What is known of the exercise.
    here: Here,
) -> impl IntoView {
    let (view, words) = (use_stores().view, &later().report);
    let exercise = here.exercise.get_value();
    let is_own = Memo::new(move |_| matches!(view.shown(), Shown::Live | Shown::Opened));
    let result = move || match is_own.get() {
        true => view! { <Result /> }.into_any(),
        false => view! { <p>{words.no_run}</p> }.into_any(),
    };
    let predicted = exercise.prediction().map(|asks| prediction(here, asks));
    // Who has said it with the prediction need not say it again.
    let nickname = untrack(nickname).filter(|_| here.progress.with_untracked(|progress| progress.name.is_empty()));
    if let Some(nickname) = nickname {
        here.change(|progress| progress.name = nickname);
    }
    // Whoever opens it gets the report's own seed.
    let opened = Asked { draws_seed: false, ..here.asked.get_value() }.written();
    view! {
        <Sheet
            title=view! { <span inner_html=exercise.title.clone()></span> }.into_any()
            back=words.close
            close=Callback::new(move |()| here.reports.set(Some(false)))
            name=Signal::derive(move || here.progress.with(|progress| progress.name.clone()))
            rename=Callback::new(move |name| here.change(|progress| progress.name = name))
        >
            <section>
                <h2>{words.question}</h2>
                <p inner_html=later().exercise.goal(&exercise.goal)></p>
            </section>
            <section>
                <h2>{words.prediction}</h2>
                {predicted}
                {move || is_own.get().then(|| view! { <Drawn none="" /> })}
            </section>
            <section class="report-result">
                <h2>{words.outcome}</h2>
                {result}
            </section>
            {answers(here)}
            {own_words(here)}
            <section class="report-run">
                <h2>{words.run}</h2>
                {move || view! { <Origin exercise=Some(opened.clone()) is_own=is_own.get() /> }}
            </section>
        </Sheet>
    }
}

/// What was asked, and what was predicted.
fn prediction(here: Here, asks: &Asks) -> AnyView {
    let words = &later().report;
    let given = here.progress.with_untracked(|progress| progress.prediction.clone());
    let line = match (asks, &given) {
        (Asks::Curve { arm, metric, slice, .. }, Some(given)) => {
            given.line(*arm).map(|line| (line, Quantity::Rate(*metric, *slice)))
        }
        (Asks::Choice { .. }, _) | (_, None) => None,
    };
    let said = match (asks, given) {
        (Asks::Choice { choices, .. }, Some(Predicted::Outcome(id))) => {
            choices.iter().find(|outcome| outcome.id == id).map(|outcome| outcome.text.clone())
        }
        (_, Some(_) | None) => line.map(|(line, quantity)| {
            let share = numbers::quantity(line.likely, quantity);
            format!("{}: {share}", later().exercise.share(terms::arm(line.arm).name))
        }),
    };
    let said = said.unwrap_or_else(|| words.no_prediction.to_owned());
    let drawn = line.filter(|(line, _)| line.course.is_some());
    view! {
        <p class="report-asked" inner_html=asks.question().to_owned()></p>
        <p class="report-own" inner_html=said></p>
        {drawn.map(|(line, quantity)| view! { <Beside line quantity updates=here.exercise.get_value().experiment().finetune.updates /> })}
    }
    .into_any()
}

/// The line that was drawn beside the one that came.
#[component]
fn Beside(line: Expected, quantity: Quantity, updates: u32) -> impl IntoView {
    let view = use_stores().view;
    // With its own last update, which the student may have changed.
    let shown = view.memo(&[Part::Measurements], move |report| {
        let report = report.filter(|_| matches!(view.shown(), Shown::Live | Shown::Opened))?;
        let means =
            |own: Line| own.points.iter().filter_map(|point| Some((f64::from(point.update), point.mean()?))).collect();
        let of_arm = view.lines(report, quantity).into_iter().filter(|own| own.arm == line.arm);
        Some((report.experiment.finetune.updates, of_arm.map(means).collect::<Vec<Vec<(f64, f64)>>>()))
    });
    view! {
        <p class="hint">{later().predict.line_key}</p>
        <div class="drawn">
            {move || {
                let (updates, came) = shown.get().unwrap_or((updates, Vec::new()));
                view! { <Expectation expected=Signal::stored(line) updates came=Signal::stored(came) /> }
            }}
        </div>
    }
}

fn answers(here: Here) -> Option<AnyView> {
    let words = &later().report;
    let exercise = here.exercise.get_value();
    let questions = exercise.steps.iter().filter_map(|step| match &step.task {
        Task::Answer { questions } => Some(questions.clone()),
        Task::Read | Task::Predict { .. } | Task::Run | Task::Look { .. } | Task::Explain { .. } => None,
    });
    let questions: Vec<Question> = questions.flatten().collect();
    let hides = here.asked.with_value(|asked| asked.hides_answers);
    let item = |question: Question| {
        let given = here.progress.with_untracked(|progress| progress.answers.get(question.id()).cloned());
        let judged = given.as_ref().map(|given| question.judged(given)).unwrap_or_default();
        let number = match given {
            Some(Given::Number(number)) => Some(numbers::exact(number)),
            Some(Given::Chosen(_)) | None => None,
        };
        let answer = |(answer, right, _): (String, bool, &str)| {
            let answer = number.clone().unwrap_or(answer);
            let verdict = (!hides).then_some(if right { words.right } else { words.wrong });
            view! { <p class="report-own"><span inner_html=answer></span>" "<i>{verdict}</i></p> }
        };
        let none = judged.is_empty().then(|| view! { <p class="report-own">{words.unanswered}</p> });
        view! {
            <li>
                <p class="report-asked" inner_html=question.text().to_owned()></p>
                {judged.into_iter().map(answer).collect_view()}
                {none}
            </li>
        }
    };
    (!questions.is_empty()).then(|| {
        let items = questions.into_iter().map(item).collect_view();
        let counted = move || {
            let Standing { right, answered, questions, .. } = here.standing();
            let [right, wrong, open] = [right, answered - right, questions - answered].map(numbers::count);
            words.counted(right, wrong, open)
        };
        let counted = (!hides).then(|| view! { <p>{counted}</p> });
        view! { <section><h2>{words.answers}</h2><ul>{items}</ul>{counted}</section> }.into_any()
    })
}

fn own_words(here: Here) -> AnyView {
    let words = &later().report;
    let exercise = here.exercise.get_value();
    let written = exercise.steps.iter().filter_map(|step| match &step.task {
        Task::Explain { question } => {
            let own = here.progress.with_untracked(|progress| progress.words.get(&step.id).cloned());
            let own = own.filter(|own| !own.trim().is_empty()).unwrap_or_else(|| words.nothing.to_owned());
            Some(view! {
                <p class="report-asked" inner_html=question.clone()></p>
                <p class="report-own report-words">{own}</p>
            })
        }
        Task::Read | Task::Predict { .. } | Task::Run | Task::Look { .. } | Task::Answer { .. } => None,
    });
    view! { <section><h2>{words.words}</h2>{written.collect_view()}</section> }.into_any()
}
