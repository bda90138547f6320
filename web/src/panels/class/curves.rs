//! Pooled curves, drawn as those of every run.

use hedgerow::documents::metrics::{Metric, Number, Slice};
use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use super::Gathered;
use crate::kit::chart::lines::{Chart, ChartWords};
use crate::model::figures::{Drawing, value_at};
use crate::model::series::{Courses, Drawn, Line, Point};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::pictures::chart_title;
use crate::text::{numbers, terms, text};

const CURVES: [Quantity; 4] = [
    Quantity::Rate(Metric::Incorrect, Slice::Uncomfortable),
    Quantity::Rate(Metric::NotAttempted, Slice::Uncomfortable),
    Quantity::Rate(Metric::StillKnown, Slice::Uncomfortable),
    Quantity::Number(Number::Scalar),
];

/// The curves; nothing without a run.
#[component]
pub fn Curves(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let shown = Memo::new(move |_| gathered.pool.with(|pool| pool.run.is_some()));
    let seeds = move || numbers::count(gathered.pool.with(|pool| pool.sources.len()));
    move || {
        shown.get().then(|| {
            let text = &later().class;
            view! {
                <h3>{text.curves}</h3>
                <p class="hint">{move || text.curves_about(seeds())}</p>
                <div class="class-curves">{CURVES.map(|quantity| curve(gathered, quantity)).collect_view()}</div>
            }
        })
    }
}

fn curve(gathered: Gathered, quantity: Quantity) -> AnyView {
    let figures = &text().figures;
    let words = ChartWords {
        chance: figures.chance,
        updates: figures.updates,
        not_drawn: figures.not_drawn,
        line: terms::line,
    };
    let title = chart_title(quantity, terms::title(quantity));
    let hovered = RwSignal::new(None::<u32>);
    let drawing = Memo::new(move |_| {
        gathered.pool.with(|pool| {
            let run = pool.run.as_ref();
            let lines = run.map(|run| (run, Courses::default().lines(Drawn::Run(0, 0), run, quantity)));
            let updates = run.map_or(0, |run| run.experiment.finetune.updates);
            Drawing::of(lines, updates, quantity, None)
        })
    });
    let value = move || {
        let values = drawing.with(|drawing| {
            let value = |point: &Point| point.estimate.map(|estimate| numbers::estimate(estimate, quantity));
            let of = |line: &Line| {
                let value = value_at(&line.points, hovered.get()).and_then(value).unwrap_or_else(numbers::nothing);
                figures.value(terms::line(drawing, line), value)
            };
            drawing.lines.iter().map(of).collect::<Vec<_>>()
        });
        let at = hovered.get().map(|update| format!("{}: ", figures.at_update(update))).unwrap_or_default();
        at + &values.join("; ")
    };
    view! {
        <article class="figure-card">
            <h4>{title.clone()}</h4>
            <p class="readout">{value}</p>
            <p class="axis-title">{terms::formula(quantity)}</p>
            <Chart
                drawing=drawing.into()
                label=Signal::stored(title)
                value=Signal::derive(value)
                hovered
                dark=Signal::derive(move || use_stores().prefs.theme.is_dark())
                words
            />
        </article>
    }
    .into_any()
}
