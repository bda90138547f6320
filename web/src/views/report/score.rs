//! The rater's score over the updates, a line for each arm: an SVG that prints, with dashes for those who print in grey.

use hedgerow::documents::metrics::Number;
use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::model::look::look;
use crate::model::run::Part;
use crate::model::series::Line;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms, text};

const SCORE: Quantity = Quantity::Number(Number::Scalar);
/// The drawing, in its own units, and the room at its left for numbers.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 150.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 128.0;

/// The chart of the run that is drawn.
#[component]
pub fn ScoreChart() -> impl IntoView {
    let (view, words) = (use_stores().view, &later().report);
    let drawn = view.memo(&[Part::Updates, Part::Changes], move |report| {
        report.map(|report| (view.lines(report, SCORE), report.experiment.finetune.updates))
    });
    move || {
        drawn
            .get()
            .filter(|(lines, _)| bounds(lines).is_some())
            .map(|(lines, updates)| picture(words.score, &lines, updates))
    }
}

/// The lowest and the highest mean.
fn bounds(lines: &[Line]) -> Option<(f64, f64)> {
    let means = || lines.iter().flat_map(|line| line.points.iter().filter_map(|point| point.mean()));
    let (low, high) = (means().reduce(f64::min)?, means().reduce(f64::max)?);
    // A line that stays where it is has some room, too.
    Some(if high - low < 0.02 { (low - 0.01, high + 0.01) } else { (low, high) })
}

fn picture(title: &'static str, lines: &[Line], updates: u32) -> AnyView {
    let words = &later().report;
    let (low, high) = bounds(lines).unwrap_or((0.0, 1.0));
    let x = |update: u32| LEFT + f64::from(update) / f64::from(updates.max(1)) * (WIDTH - LEFT - 8.0);
    let y = |mean: f64| BOTTOM - (mean - low) / (high - low) * (BOTTOM - TOP);
    let path = |line: &Line| {
        let points = line.points.iter().filter_map(|point| Some((x(point.update), y(point.mean()?))));
        let step =
            |(place, (x, y)): (usize, (f64, f64))| format!("{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' });
        let d: String = points.enumerate().map(step).collect();
        let look = look(line.arm);
        let dash = look.dash.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
        view! { <path class=look.class() d=d stroke-dasharray=dash /> }
    };
    let level = |mean: f64| {
        view! {
            <path class="grid" d=format!("M{LEFT} {0}H{WIDTH}", y(mean)) />
            <text x=LEFT - 6.0 y=y(mean) text-anchor="end" dominant-baseline="middle">{numbers::signed(mean)}</text>
        }
    };
    let last = numbers::count(updates as usize);
    let label = words.score_axis(numbers::signed(low), numbers::signed(high), &last);
    let key = |line: &Line| {
        let arms = [line.arm, line.later];
        view! { <li><ArmCourse arms words=terms::arm then=text().scores.then /></li> }
    };
    view! {
        <figure class="report-score">
            <figcaption>{title}</figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=format!("{title} {label}")>
                {[low, high].map(level)}
                {lines.iter().map(path).collect_view()}
                <text x=LEFT y=HEIGHT - 4.0>{numbers::count(0)}</text>
                <text x=WIDTH - 8.0 y=HEIGHT - 4.0 text-anchor="end">{last}</text>
                <text x=(WIDTH + LEFT) / 2.0 y=HEIGHT - 4.0 text-anchor="middle">{text().outcomes.updates}</text>
            </svg>
            <ul>{lines.iter().map(key).collect_view()}</ul>
        </figure>
    }
    .into_any()
}
