//! What a chart says in words: the values under the pointer, or the latest, for eyes and for screen readers.

use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use crate::kit::arm::Swatch;
use crate::model::figures::{Drawing, value_at};
use crate::model::series::Point;
use crate::text::{numbers, terms, text};

/// Each arm's value, with what a rate is of.
pub fn readout(drawing: &Drawing, quantity: Quantity, hovered: Option<u32>) -> AnyView {
    let values = drawing.lines.iter().map(|line| {
        let (look, name) = (drawing.look(line), terms::line(drawing, line));
        let title = name.clone();
        let (shown, of) = value(value_at(&line.points, hovered), quantity);
        view! {
            <span class=look.class() title=title>
                <Swatch look />
                <span class="name">{name}</span>
                <strong>{shown}</strong>
                <span class="count">{of}</span>
            </span>
        }
    });
    let when = hovered.map(|update| view! { <span class="when">{text().figures.at_update(update)}</span> });
    (values.collect_view(), when).into_any()
}

/// The same for a screen reader, with the update.
pub fn spoken(drawing: &Drawing, quantity: Quantity, hovered: Option<u32>) -> String {
    let text = &text().figures;
    let mut latest = None;
    let mut parts: Vec<String> = Vec::new();
    for line in &drawing.lines {
        let point = value_at(&line.points, hovered);
        latest = latest.max(point.map(|point| point.update));
        let (shown, of) = value(point, quantity);
        parts.push(text.value(terms::line(drawing, line), format!("{shown} {of}").trim_end()));
    }
    match hovered.or(latest) {
        None => text.no_data.to_owned(),
        Some(update) => format!("{}: {}", text.at_update(update), parts.join("; ")),
    }
}

/// A value, and what it is of; why there is none, if it is a rate over nothing.
fn value(point: Option<&Point>, quantity: Quantity) -> (String, String) {
    let Some(point) = point else { return (numbers::nothing(), String::new()) };
    match (quantity, point.mean()) {
        (Quantity::Rate(metric, _), None) => (numbers::nothing(), terms::over_nothing(metric).to_owned()),
        (_, None) => (numbers::nothing(), String::new()),
        (Quantity::Rate(metric, _), Some(mean)) if terms::is_of_assertions(metric) => {
            let of = point.count.map(|count| terms::of(metric, count as usize)).unwrap_or_default();
            (numbers::quantity(mean, quantity), of)
        }
        (_, Some(mean)) => (numbers::quantity(mean, quantity), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::figures::Range;
    use crate::model::series::Line;
    use hedgerow::documents::metrics::{Metric, Slice};
    use hedgerow::documents::statistics::estimate;
    use hedgerow::judgement::experiment::Arm;

    const LIES: Quantity = Quantity::Rate(Metric::Lies, Slice::Uncomfortable);

    #[test]
    fn a_rate_over_nothing_is_not_the_value_of_before() {
        crate::text::speak_english();
        let point = |update: u32, share: Option<f64>, count: u32| Point {
            update,
            seeds: vec![share],
            estimate: share.and_then(|share| estimate(&[vec![share]])),
            raw: None,
            count: Some(count),
        };
        let line = Line {
            arm: Arm::Scalar,
            later: Arm::Scalar,
            of: LIES,
            points: vec![point(0, Some(0.07), 56), point(10, None, 0)],
        };
        let range = Range::Share;
        let drawing = Drawing { lines: vec![line], updates: 20, every: 10, range, chance: None, changes: Vec::new() };
        assert_eq!(spoken(&drawing, LIES, None), "at update 10: Scalar – asserts nothing (0 assertions)");
        assert_eq!(spoken(&drawing, LIES, Some(0)), "at update 0: Scalar 7% of 56 assertions");
    }
}
