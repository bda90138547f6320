//! The report of an exercise: one page or two to print, with what was asked, predicted, found and explained.
//!
//! Its figures are those of the visitor's own run, made by the code that makes them everywhere, or of a run of the shelf
//! that is open. A recording of the site is no result of the visitor's, and is not reported.

use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Arm;
use leptos::html::H2;
use leptos::prelude::*;

use super::Here;
use super::score::ScoreChart;
use crate::kit::arm::ArmName;
use crate::model::embed::whole_page;
use crate::model::exercise::{Asks, Given, Predicted, Question, Task, spelled};
use crate::model::handout::qr;
use crate::model::prediction::settings;
use crate::model::recorded::Shown;
use crate::model::run::{Part, engine_kind};
use crate::model::scores::SCORES;
use crate::model::series::Line;
use crate::model::shelf::line;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::runs::what;
use crate::text::{Term, numbers, terms, text};
use crate::views::outcomes::OutcomesView;
use hedgerow::documents::protocol::EngineKind;

/// What the report reads of a run.
const PARTS: &[Part] = &[Part::Updates, Part::Measurements, Part::Changes];

/// The report.
#[component]
pub fn Report(
    /// What is known of the exercise.
    here: Here,
) -> impl IntoView {
    let (stores, words, exercise_words) = (use_stores(), &later().report, &later().exercise);
    let exercise = here.exercise.get_value();
    let heading = NodeRef::<H2>::new();
    heading.on_load(|heading| {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        let _ = heading.focus();
    });
    let view = stores.view;
    let is_own = Memo::new(move |_| matches!(view.shown(), Shown::Live | Shown::Opened));
    let result = move || match is_own.get() {
        true => view! { <Result /> }.into_any(),
        false => view! { <p>{words.no_run}</p> }.into_any(),
    };
    let name = move || here.progress.with(|progress| progress.name.clone());
    let predicted = exercise.prediction().map(|asks| prediction(here, asks));
    let drawn = move || {
        view.with(PARTS, |report| Some(here.lab.predicted(&settings(&report?.experiment))?.expected))
            .unwrap_or_default()
    };
    let drawn = move || {
        let line = |expected: crate::model::prediction::Expected| {
            let [likely, low, high] = [expected.likely, expected.low, expected.high].map(numbers::percent);
            view! { <p>{later().predict.expected(terms::arm(expected.arm).name, likely, low, high)}</p> }
        };
        is_own.get().then(|| drawn().into_iter().map(line).collect_view())
    };
    let close = move |_| here.reports.set(false);
    let print = move |_| {
        let _ = window().print();
    };
    view! {
        <article class="report">
            <div class="report-tools">
                <button type="button" on:click=close>{words.close}</button>
                <button type="button" class="strong" on:click=print>{words.print}</button>
                <label>
                    <span class="field-label">{later().predict.name}</span>
                    <input
                        type="text"
                        maxlength="40"
                        autocomplete="off"
                        prop:value=name
                        on:input=move |event| here.change(|progress| progress.name = event_target_value(&event))
                    />
                </label>
                <p class="hint">{later().predict.name_about}</p>
            </div>
            <header>
                <p class="report-kicker">
                    {text().header.name}" · "{words.title}
                    {move || Some(name()).filter(|name| !name.is_empty()).map(|name| format!(" · {}", words.by(name)))}
                </p>
                <h2 node_ref=heading tabindex="-1" inner_html=exercise.title.clone()></h2>
            </header>
            <section>
                <h3>{words.question}</h3>
                <p inner_html=exercise_words.goal(&exercise.goal)></p>
            </section>
            <section>
                <h3>{words.prediction}</h3>
                {predicted}
                {drawn}
            </section>
            <section class="report-result">
                <h3>{words.outcome}</h3>
                {result}
            </section>
            {answers(here)}
            {own_words(here)}
            <section class="report-run">
                <h3>{words.run}</h3>
                {move || view! { <Origin here is_own=is_own.get() /> }}
            </section>
        </article>
    }
}

/// What was asked, and what was predicted.
fn prediction(here: Here, asks: &Asks) -> AnyView {
    let words = &later().report;
    let given = here.progress.with_untracked(|progress| progress.prediction.clone());
    let said = match (asks, given) {
        (Asks::Choice { choices, .. }, Some(Predicted::Outcome(id))) => {
            choices.iter().find(|outcome| outcome.id == id).map(|outcome| outcome.text.clone())
        }
        (Asks::Curve { arm, metric, slice, .. }, Some(Predicted::Share(share))) => {
            let share = numbers::quantity(share, Quantity::Rate(*metric, *slice));
            Some(format!("{}: {share}", later().exercise.share(terms::arm(*arm).name)))
        }
        (_, Some(_) | None) => None,
    };
    let said = said.unwrap_or_else(|| words.no_prediction.to_owned());
    view! {
        <p class="report-asked" inner_html=asks.question().to_owned()></p>
        <p class="report-own" inner_html=said></p>
    }
    .into_any()
}

/// Numbers, the great figure and the rater's score of the run that is drawn.
#[component]
fn Result() -> impl IntoView {
    let (view, words) = (use_stores().view, &later().report);
    let table = view.memo(PARTS, move |report| {
        report.map(|report| SCORES.map(|quantity| (quantity, view.lines(report, quantity)))).map(Vec::from)
    });
    let progress = view.memo(PARTS, |report| report.map(|own| (own.updates_done(), own.experiment.finetune.updates)));
    let unfinished = move || {
        let (done, updates) = progress.get().filter(|(done, updates)| done < updates)?;
        let [done, updates] = [done, updates].map(|count| numbers::count(count as usize));
        Some(view! { <p><b>{words.unfinished(done, updates)}</b></p> })
    };
    let seeds = view.memo(&[], |report| report.map_or(0, |report| report.experiment.seeds.len()));
    let note = move || match seeds.get() {
        0 | 1 => text().scores.one_seed.to_owned(),
        seeds => format!("{} {}", text().scores.seeds(numbers::count(seeds)), words.interval),
    };
    view! {
        {unfinished}
        {move || table.get().map(figures)}
        <p class="hint">{note}</p>
        <OutcomesView arms=usize::MAX quoted=false captioned=false />
        <ScoreChart />
    }
}

/// A row for each arm: before training, and at the end.
fn figures(table: Vec<(Quantity, Vec<Line>)>) -> AnyView {
    let (scores, words) = (&text().scores, &later().report);
    let heads = [scores.rater_score, scores.lies, scores.hedges, scores.knows];
    let arms: Vec<Arm> =
        table.first().map(|(_, lines)| lines.iter().map(|line| line.arm).collect()).unwrap_or_default();
    let row = |(place, arm): (usize, Arm)| {
        let &Term { name, meaning } = terms::arm(arm);
        let cell = |(quantity, lines): &(Quantity, Vec<Line>)| {
            let points = lines.get(place).map(|line| line.points.as_slice()).unwrap_or_default();
            let shown = |point: Option<&crate::model::series::Point>| {
                let estimate = point.and_then(|point| point.estimate);
                estimate.map_or_else(numbers::nothing, |estimate| numbers::estimate(estimate, *quantity))
            };
            view! { <td>{words.then(shown(points.first()), shown(points.last()))}</td> }
        };
        let cells = table.iter().map(cell).collect_view();
        view! { <tr><th scope="row"><ArmName arm name meaning /></th>{cells}</tr> }
    };
    view! {
        <div class="scroll" role="group" tabindex="0" aria-label=words.outcome>
            <table class="report-table">
                <thead>
                    <tr>
                        <th scope="col">{scores.arm}</th>
                        {heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{arms.into_iter().enumerate().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
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
        let none = judged.is_empty().then(|| view! { <p class="report-own">{words.nothing}</p> });
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
            let standing = here.standing();
            words.counted(numbers::count(standing.right), numbers::count(standing.questions))
        };
        let counted = (!hides).then(|| view! { <p>{counted}</p> });
        view! { <section><h3>{words.answers}</h3><ul>{items}</ul>{counted}</section> }.into_any()
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
    view! { <section><h3>{words.words}</h3>{written.collect_view()}</section> }.into_any()
}

/// The settings in words, what computed it, and the way back to it.
#[component]
fn Origin(here: Here, is_own: bool) -> impl IntoView {
    let (stores, words) = (use_stores(), &later().report);
    let said = move || {
        let of_run = |report: &RunReport| {
            let seeds = terms::seeds(&report.experiment.seeds);
            let computed = match engine_kind(report) {
                EngineKind::Cpu => text().scores.on_cpu(seeds, &report.build),
                EngineKind::Gpu => text().scores.on_gpu(seeds, &report.build),
            };
            (what(&line(report)), computed)
        };
        stores.view.with(PARTS, |report| report.filter(|_| is_own).map(of_run))
    };
    let link = move || {
        let of_run = stores.view.with(&[], |report| report.filter(|_| is_own).map(|own| spelled(&own.experiment)));
        let settings = of_run.unwrap_or_else(|| stores.draft.experiment.with(spelled));
        let page = whole_page(&here.lab.link());
        let page = page.split('#').next().unwrap_or_default().to_owned();
        format!("{page}?exercise={}#{settings}", here.exercise.with_value(|exercise| exercise.name.clone()))
    };
    view! {
        {move || said().map(|(run, computed)| view! { <p>{run}</p> <p>{computed}</p> })}
        {move || {
            let link = link();
            let code = qr(&link).map(|(size, path)| {
                // Four squares of light around it, as readers expect.
                let view_box = format!("-4 -4 {0} {0}", size + 8);
                view! { <svg viewBox=view_box role="img" aria-label=words.code><path d=path /></svg> }
            });
            view! {
                <div class="report-link">
                    {code}
                    <p>{words.link}<br /><a href=link.clone()>{link.clone()}</a></p>
                </div>
            }
        }}
    }
}
