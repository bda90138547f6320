//! The lines that somebody has drawn before a run, beside those that came, and what that is worth.

use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;
use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::chart::expectation::Expectation;
use crate::model::prediction::{Expected, KNOTS, METRIC, Prediction, SLICE, courses, result, settings, update_of};
use crate::model::recorded::Shown;
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{Term, numbers, terms};

/// Measurements of each model: updates and shares.
type Measured = Vec<(Arm, Vec<(f64, f64)>)>;
/// What came at the knots, of each model of a finished run.
type Came = Vec<(Arm, [f64; KNOTS])>;

/// A chart and a table for each arm whose line was drawn. What comes is drawn as it comes, and scored at the end.
#[component]
pub fn DrawnLines(
    /// What was predicted.
    prediction: Prediction,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &later().predict);
    let about = StoredValue::new(prediction.settings.clone());
    let of_run = move |report: Option<&RunReport>| {
        let is_own = matches!(view.shown(), Shown::Live | Shown::Opened);
        let report = report.filter(|own| is_own && about.with_value(|about| settings(&own.experiment) == *about))?;
        Some((measured(report), courses(report)))
    };
    let came: Memo<(Measured, Came)> =
        view.memo(&[Part::Measurements], move |report| of_run(report).unwrap_or_default());
    let updates = prediction.updates().unwrap_or_default();
    let drawn = prediction.expected.clone().into_iter().filter(|expected| expected.course.is_some());
    let chart = move |expected: Expected| {
        let &Term { name, meaning } = terms::arm(expected.arm);
        let lines = Signal::derive(move || {
            let own = |(arm, line): &(Arm, Vec<(f64, f64)>)| (*arm == expected.arm).then(|| line.clone());
            came.with(|(measured, _)| measured.iter().filter_map(own).collect::<Vec<_>>())
        });
        view! {
            <div class="drawn">
                <ArmName arm=expected.arm name meaning />
                <Expectation expected=Signal::stored(expected) updates came=lines />
                {move || table(expected, updates, &came.with(|(_, came)| came.clone()))}
            </div>
        }
    };
    let charts = drawn.map(chart).collect_view();
    let score = move || {
        came.with(|(_, came)| {
            let expected = prediction.expected.iter().map(|own| match own.course {
                Some(_) => Expected::ignorant_course(own.arm),
                None => *own,
            });
            let ignorant = Prediction { expected: expected.collect(), ..prediction.clone() }.course_score(came)?;
            let own = prediction.course_score(came)?;
            Some(view! { <p>{text.line_score(numbers::points(own), numbers::points(ignorant))}</p> })
        })
    };
    view! {
        <p class="hint">{text.line_key}</p>
        {charts}
        {score}
    }
}

fn measured(report: &RunReport) -> Measured {
    let line = |replica: &hedgerow::documents::report::ReplicaReport| {
        let points = replica.measurements.iter();
        (replica.replica.arm, points.filter_map(|own| Some((f64::from(own.update), result(own)?))).collect())
    };
    report.replicas.iter().map(line).collect()
}

/// What was said and what came, point by point.
fn table(expected: Expected, updates: u32, came: &[(Arm, [f64; KNOTS])]) -> Option<AnyView> {
    let text = &later().predict;
    let of_arm: Vec<&[f64; KNOTS]> =
        came.iter().filter(|(arm, _)| *arm == expected.arm).map(|(_, came)| came).collect();
    if of_arm.is_empty() {
        return None;
    }
    let row = |knot: usize| {
        let here = expected.at_knot(knot);
        let [likely, low, high] = [here.likely, here.low, here.high].map(numbers::percent);
        let shares = of_arm.iter().map(|came| came[knot - 1]).collect();
        let result = estimate(&[shares]).map(|own| numbers::estimate(own, Quantity::Rate(METRIC, SLICE)));
        view! {
            <tr>
                <th scope="row">{numbers::count(update_of(knot, updates).round() as usize)}</th>
                <td>{later().class.expected(likely, low, high)}</td>
                <td>{result}</td>
            </tr>
        }
    };
    let table = view! {
        <details class="more">
            <summary>{text.points}</summary>
            <div class="scroll" role="region" aria-label=text.points tabindex="0">
                <table class="class-table">
                    <thead>
                        <tr>
                            <th scope="col">{text.knot}</th>
                            <th scope="col">{text.said}</th>
                            <th scope="col">{text.came_here}</th>
                        </tr>
                    </thead>
                    <tbody>{(1..=KNOTS).map(row).collect_view()}</tbody>
                </table>
            </div>
        </details>
    };
    Some(table.into_any())
}
