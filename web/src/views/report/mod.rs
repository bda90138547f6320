//! A lab report: one page or two to print, and while it is open nothing else of the page.
//!
//! Here is what the report of an exercise and that of a run on the shelf have in common. The figures are those of the run
//! that is drawn, made by the code that makes them everywhere.

pub mod score;

use hedgerow::documents::protocol::EngineKind;
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::{Arm, WorldId};
use leptos::html::H1;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::lab::use_lab;
use crate::model::embed::{add_parameter, page_of};
use crate::model::exercise::spelled;
use crate::model::files::file_name;
use crate::model::handout::qr;
use crate::model::prediction::{Expected, results, settings};
use crate::model::run::{Part, engine_kind};
use crate::model::scores::SCORES;
use crate::model::series::Line;
use crate::model::shelf::line;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::predictions::compared;
use crate::text::runs::what;
use crate::text::{numbers, terms, text};
use crate::views::drawn::DrawnLines;
use crate::views::outcomes::OutcomesView;
use score::ScoreChart;

/// What the report reads of a run.
const PARTS: &[Part] = &[Part::Updates, Part::Measurements, Part::Changes];
/// On the page's root while the report is open; the styles hide all the rest.
const REPORTS: &str = "data-reports";

/// The sheet: the ways out of it, who wrote it, its title, and what is in it.
#[component]
pub fn Sheet(
    /// Heads it.
    title: AnyView,
    /// Says where the way back leads.
    back: &'static str,
    /// Called on the way back.
    close: Callback<()>,
    /// A nickname or number, or nothing.
    #[prop(into)]
    name: Signal<String>,
    /// Called with another one.
    rename: Callback<String>,
    /// The sections.
    children: Children,
) -> impl IntoView {
    let words = &later().report;
    let mark = |on: bool| {
        if let Some(root) = document().document_element() {
            let _ = if on { root.set_attribute(REPORTS, "") } else { root.remove_attribute(REPORTS) };
        }
    };
    mark(true);
    name_the_page(name);
    on_cleanup(move || mark(false));
    let heading = NodeRef::<H1>::new();
    heading.on_load(|heading| {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        let _ = heading.focus();
    });
    let print = move |_| {
        let _ = window().print();
    };
    let by = move || Some(name.get()).filter(|name| !name.is_empty()).map(|name| format!(" · {}", words.by(name)));
    view! {
        <article class="report">
            <div class="report-tools">
                <button type="button" on:click=move |_| close.run(())>{back}</button>
                <button type="button" class="strong" on:click=print>{words.print}</button>
                <label>
                    <span class="field-label">{later().predict.name}</span>
                    <input
                        type="text"
                        maxlength="40"
                        autocomplete="off"
                        prop:value=name
                        on:input=move |event| rename.run(event_target_value(&event))
                    />
                </label>
                <p class="hint">{later().predict.name_about}</p>
            </div>
            <header>
                <p class="report-kicker">{text().header.name}" · "{words.title} {by}</p>
                <h1 node_ref=heading tabindex="-1">{title}</h1>
            </header>
            {children()}
        </article>
    }
}

/// What the visitor was called who predicted the run that is drawn, if a nickname was given. Tracks.
pub fn nickname() -> Option<String> {
    let (lab, view) = (use_lab(), use_stores().view);
    let predicted = view.with(&[], |report| lab.predicted(&settings(&report?.experiment)))?;
    Some(predicted.name).filter(|name| !name.is_empty())
}

/// The name that a browser proposes for the report as a file: the page's title, as long as the report is open.
fn name_the_page(name: Signal<String>) {
    let (lab, view) = (use_lab(), use_stores().view);
    let title = document().title();
    Effect::new(move |_| {
        let exercise = lab.asked_exercise().map(|asked| asked.name).unwrap_or_default();
        // The seeds of a recording are not the visitor's.
        let of_run = |report: &RunReport| report.experiment.seeds.clone();
        let seeds = if view.is_recorded() { None } else { view.with(&[], |report| report.map(of_run)) };
        document().set_title(&file_name("report", &name.get(), &exercise, &seeds.unwrap_or_default()));
    });
    on_cleanup(move || document().set_title(&title));
}

/// What the visitor has predicted of the run that is drawn, beside what came of it.
#[component]
pub fn Predicted(
    /// What is said without a prediction.
    none: &'static str,
) -> impl IntoView {
    let (lab, view) = (use_lab(), use_stores().view);
    let predicted =
        move || view.with(PARTS, |report| Some((lab.predicted(&settings(&report?.experiment))?, results(report?))));
    move || match predicted() {
        Some((prediction, came)) => {
            let asked = prediction.updates().map(|updates| later().predict.question(numbers::count(updates as usize)));
            let line = |expected: Expected| view! { <p>{compared(expected, &came)}</p> };
            let drawn = prediction.has_course().then(|| {
                let prediction = prediction.clone();
                view! { <DrawnLines prediction /> }
            });
            view! {
                <p class="report-asked">{asked}</p>
                {prediction.expected.into_iter().map(line).collect_view()}
                {drawn}
            }
            .into_any()
        }
        None => view! { <p>{none}</p> }.into_any(),
    }
}

/// Numbers, the great figure and the rater's score of the run that is drawn.
#[component]
pub fn Result() -> impl IntoView {
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
        <p class="hint">{note}" "{words.bases}</p>
        <OutcomesView arms=usize::MAX quoted=false captioned=false numbered=false />
        <ScoreChart />
    }
}

/// A row for each arm: before training, and at the end.
fn figures(table: Vec<(Quantity, Vec<Line>)>) -> AnyView {
    let (scores, words) = (&text().scores, &later().report);
    let heads = [scores.rater_score, words.lies, words.hedges, words.knows];
    let arms: Vec<[Arm; 2]> =
        table.first().map(|(_, lines)| lines.iter().map(|line| [line.arm, line.later]).collect()).unwrap_or_default();
    let row = |(place, arms): (usize, [Arm; 2])| {
        let cell = |(quantity, lines): &(Quantity, Vec<Line>)| {
            let points = lines.get(place).map(|line| line.points.as_slice()).unwrap_or_default();
            let shown = |point: Option<&crate::model::series::Point>| match (
                point.and_then(|point| point.estimate),
                quantity,
            ) {
                (Some(estimate), _) => numbers::estimate(estimate, *quantity),
                (None, Quantity::Rate(metric, _)) => {
                    format!("{} {}", numbers::nothing(), terms::over_nothing(*metric))
                }
                (None, Quantity::Probe(..) | Quantity::Number(_) | Quantity::Diagnosis(_)) => numbers::nothing(),
            };
            view! { <td>{words.then(shown(points.first()), shown(points.last()))}</td> }
        };
        let cells = table.iter().map(cell).collect_view();
        view! { <tr><th scope="row"><ArmCourse arms words=terms::arm then=scores.then /></th>{cells}</tr> }
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

/// The settings in words, what computed it, and the way back to it.
#[component]
pub fn Origin(
    /// What the link asks for beside its settings: an exercise as it was opened, if it opens one.
    #[prop(into)]
    exercise: Option<String>,
    /// Is the run that is drawn the visitor's?
    is_own: bool,
) -> impl IntoView {
    let (lab, stores, words) = (use_lab(), use_stores(), &later().report);
    let worlds = RwSignal::new(Vec::new());
    let in_own = stores.view.memo(&[], |report| WorldId::theme(report?.experiment.own_world).err());
    Effect::new(move |_| {
        if in_own.get().is_some() {
            lab.name_worlds(worlds);
        }
    });
    let said = move || {
        let of_run = |report: &RunReport| {
            let seeds = terms::seeds(&report.experiment.seeds);
            let computed = match engine_kind(report) {
                EngineKind::Cpu => text().scores.on_cpu(seeds, &report.build),
                EngineKind::Gpu => text().scores.on_gpu(seeds, &report.build),
            };
            (worlds.with(|worlds| what(&line(report), worlds)), computed)
        };
        stores.view.with(PARTS, |report| report.filter(|_| is_own).map(of_run))
    };
    let link = move || {
        let of_run = stores.view.with(&[], |report| report.filter(|_| is_own).map(|own| spelled(&own.experiment)));
        let settings = of_run.unwrap_or_else(|| stores.draft.experiment.with(spelled));
        let mut page = page_of(&lab.link());
        if let Some(exercise) = &exercise {
            add_parameter(&mut page, exercise);
        }
        format!("{page}#{settings}")
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
