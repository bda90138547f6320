//! Lines over updates as a picture: each seed faint, the mean bold with its interval, markers, names, the chance level
//! and changed rewards, as in the chart on the page (`kit::chart::lines`).

use super::{INSIDE, Plot, Style, colour, path, text};
use crate::model::figures::{Drawing, Range};
use crate::model::labels::{spread, ticks, wrapped};
use crate::model::look::Look;
use crate::model::series::{Line, Point};

/// What is written into the picture.
#[derive(Clone, Copy)]
pub struct Words {
    /// At the line of what guessing would give.
    pub chance: &'static str,
    /// Below the x axis.
    pub updates: &'static str,
    /// A share.
    pub percent: fn(f64) -> String,
    /// Another number of the y axis.
    pub number: fn(f64) -> String,
    /// A number of updates.
    pub count: fn(usize) -> String,
}

const HEIGHT: f64 = 340.0;
const TOP: f64 = 22.0;
const FOOT: f64 = 36.0;
const LEFT: f64 = 56.0;
/// Room for names, letters of a line of them, and the height of one.
const GUTTER: f64 = 176.0;
const LETTERS: usize = 21;
const LINE: f64 = 15.0;

/// Where updates and values lie.
#[derive(Clone, Copy)]
struct Axes {
    bottom: f64,
    updates: f64,
    low: f64,
    high: f64,
}

impl Axes {
    const RIGHT: f64 = INSIDE - GUTTER;

    fn x(self, update: u32) -> f64 {
        LEFT + f64::from(update) / self.updates * (Self::RIGHT - LEFT)
    }

    fn y(self, value: f64) -> f64 {
        self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - TOP)
    }
}

/// A line with its name and look.
pub struct Curve<'line> {
    /// What it is called.
    pub name: String,
    /// How it looks.
    pub look: Look,
    /// What it goes through.
    pub line: &'line Line,
}

/// The lines of a drawing.
pub fn plot(drawing: &Drawing, name: fn(&Drawing, &Line) -> String, words: Words) -> Plot {
    let names = drawing.lines.iter().map(|line| Curve { name: name(drawing, line), look: drawing.look(line), line });
    curves(drawing, &names.collect::<Vec<_>>(), words)
}

/// The same with names and looks of their own.
pub fn curves(drawing: &Drawing, curves: &[Curve<'_>], words: Words) -> Plot {
    let names: Vec<Vec<String>> = curves.iter().map(|curve| wrapped(&curve.name, LETTERS)).collect();
    let tall = |lines: &Vec<String>| lines.len() as f64 * LINE + 3.0;
    let names_height: f64 = names.iter().map(tall).sum::<f64>() + LINE + 3.0;
    let height = HEIGHT.max(names_height + TOP + FOOT);
    let (low, high) = ends(drawing);
    let axes = Axes { bottom: height - FOOT, updates: f64::from(drawing.updates.max(1)), low, high };
    let mut marks = axis(drawing, axes, height, words);
    for curve in curves {
        marks += &faint(curve, axes);
    }
    let mut ends: Vec<(Vec<String>, f64, &str)> = Vec::new();
    if let Some(chance) = drawing.chance {
        let y = axes.y(chance);
        marks += &format!(
            r#"<path d="M{LEFT} {y:.1}H{}" stroke="{}" stroke-dasharray="2 3"/>"#,
            Axes::RIGHT,
            colour("ink-soft")
        );
        ends.push((vec![words.chance.to_owned()], y, "ink-soft"));
    }
    for (curve, name) in curves.iter().zip(names) {
        marks += &bold(curve, drawing.updates, axes);
        if let Some(mean) = curve.line.points.iter().rev().find_map(Point::mean) {
            ends.push((name, axes.y(mean), curve.look.colour));
        }
    }
    let wanted: Vec<f64> = ends.iter().map(|(_, y, _)| *y).collect();
    let heights: Vec<f64> = ends.iter().map(|(lines, ..)| tall(lines)).collect();
    // Above the numbers of the x axis, if there is room enough.
    let spread_to = |bottom: f64| spread(&wanted, &heights, 0.0, bottom);
    let middles = spread_to(axes.bottom + 6.0).or_else(|| spread_to(height)).unwrap_or_else(|| wanted.clone());
    for ((lines, _, ink), middle) in ends.iter().zip(middles) {
        for (line, words) in lines.iter().enumerate() {
            let foot = middle + (line as f64 - (lines.len() - 1) as f64 / 2.0) * LINE + 4.5;
            marks += &text(Axes::RIGHT + 10.0, foot, 13.0, ink, Style::Plain, words);
        }
    }
    Plot { title: String::new(), height, marks }
}

/// Where the y axis ends.
fn ends(drawing: &Drawing) -> (f64, f64) {
    let points = || drawing.lines.iter().flat_map(|line| &line.points);
    let of = |point: &Point| {
        let interval = point.estimate.and_then(|own| own.interval).into_iter().flatten();
        point.seeds.iter().flatten().copied().chain(point.mean()).chain(point.raw).chain(interval).collect::<Vec<_>>()
    };
    let values = || points().flat_map(of).chain(drawing.chance);
    let (low, high) =
        values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let room = ((high - low) * 0.05).max(0.01);
    match drawing.range {
        Range::Share => (-0.02, 1.02),
        Range::FromZero => (0.0, high.max(0.0) + room),
        Range::Free => (low - room, high + room),
    }
}

/// Numbers of the y axis: 1, 2 or 5 of a power of ten apart.
fn levels(low: f64, high: f64) -> Vec<f64> {
    let power = 10f64.powf(((high - low) / 6.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|step| (high - low) / step <= 6.5);
    let step = step.unwrap_or(power * 10.0);
    let first = (low / step).ceil() as i64;
    (first..).map(|place| place as f64 * step).take_while(|level| *level <= high + step * 1e-9).collect()
}

fn axis(drawing: &Drawing, axes: Axes, height: f64, words: Words) -> String {
    let mut marks = String::new();
    for level in levels(axes.low, axes.high) {
        let y = axes.y(level);
        marks += &format!(r#"<path d="M{LEFT} {y:.1}H{}" stroke="{}"/>"#, Axes::RIGHT, colour("line"));
        let number = if drawing.range == Range::Share { (words.percent)(level) } else { (words.number)(level) };
        marks += &text(LEFT - 6.0, y + 4.5, 13.0, "ink-soft", Style::Right, &number);
    }
    for tick in ticks(drawing.updates, drawing.every, 9) {
        let number = (words.count)(tick as usize);
        marks += &text(axes.x(tick), axes.bottom + 16.0, 13.0, "ink-soft", Style::Middle, &number);
    }
    marks += &text((LEFT + Axes::RIGHT) / 2.0, height - 4.0, 13.0, "ink-soft", Style::Middle, words.updates);
    for (after, change) in &drawing.changes {
        let x = axes.x(*after);
        marks += &format!(r#"<path d="M{x:.1} {TOP}V{}" stroke="{}"/>"#, axes.bottom, colour("ink-soft"));
        let style = if x < (LEFT + Axes::RIGHT) / 2.0 { Style::Plain } else { Style::Right };
        marks += &text(x, TOP - 8.0, 13.0, "ink-soft", style, &format!("→ {change}"));
    }
    marks
}

/// The interval, each seed, and what was not smoothed.
fn faint(curve: &Curve<'_>, axes: Axes) -> String {
    let (points, stroke) = (&curve.line.points, colour(curve.look.colour));
    let mut marks = String::new();
    let end = |point: &Point, end: usize| {
        let ends = point.estimate?.interval?;
        Some((axes.x(point.update), axes.y(ends[end])))
    };
    let low: Vec<_> = points.iter().filter_map(|point| end(point, 0)).map(Some).collect();
    let band: Vec<_> = points.iter().filter_map(|point| end(point, 1)).map(Some).chain(low.into_iter().rev()).collect();
    if !band.is_empty() {
        marks += &format!(r#"<path d="{}" fill="{stroke}" fill-opacity=".17"/>"#, path(&band, true));
    }
    let mut thin = |value: &dyn Fn(&Point) -> Option<f64>| {
        let corner = |point: &Point| value(point).map(|value| (axes.x(point.update), axes.y(value)));
        let line = path(&points.iter().map(corner).collect::<Vec<_>>(), false);
        marks += &format!(r#"<path d="{line}" fill="none" stroke="{stroke}" stroke-opacity=".35"/>"#);
    };
    let seeds = points.iter().map(|point| point.seeds.len()).max().unwrap_or(0);
    (0..if seeds > 1 { seeds } else { 0 }).for_each(|seed| thin(&|point| point.seeds.get(seed).copied().flatten()));
    if points.iter().any(|point| point.raw.is_some()) {
        thin(&|point| point.raw);
    }
    marks
}

/// The mean and its markers.
fn bold(curve: &Curve<'_>, updates: u32, axes: Axes) -> String {
    let (points, stroke, look) = (&curve.line.points, colour(curve.look.colour), curve.look);
    let place = |point: &Point| point.mean().map(|mean| (axes.x(point.update), axes.y(mean)));
    let line = path(&points.iter().map(place).collect::<Vec<_>>(), false);
    let dash = look.dash.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
    let dash = if dash.is_empty() { dash } else { format!(r#" stroke-dasharray="{dash}""#) };
    let mut marks = format!(r#"<path d="{line}" fill="none" stroke="{stroke}" stroke-width="2.5"{dash}/>"#);
    let spacing = (updates / 10).max(1);
    let last = points.last().map(|point| point.update);
    for point in points.iter().filter(|own| own.update.is_multiple_of(spacing) || Some(own.update) == last) {
        let Some((x, y)) = place(point) else { continue };
        let corners: Vec<_> = look.marker.corners().iter().map(|(dx, dy)| Some((x + dx * 3.4, y + dy * 3.4))).collect();
        marks += &match corners.is_empty() {
            true => format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="3.4" fill="{stroke}"/>"#),
            false => format!(r#"<path d="{}" fill="{stroke}"/>"#, path(&corners, true)),
        };
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Metric, Slice};
    use hedgerow::documents::quantity::Quantity;
    use hedgerow::documents::statistics::estimate;
    use hedgerow::judgement::experiment::Arm;

    const WORDS: Words = Words {
        chance: "chance",
        updates: "updates",
        percent: |share| format!("{:.0}%", share * 100.0),
        number: |value| format!("{value:.2}"),
        count: |count| count.to_string(),
    };

    fn drawing(arms: &[Arm], values: &[[f64; 2]], range: Range) -> Drawing {
        let point = |(place, seeds): (usize, &[f64; 2])| Point {
            update: 10 * place as u32,
            seeds: seeds.map(|value| Some(value).filter(|value| value.is_finite())).to_vec(),
            estimate: estimate(&[seeds.iter().copied().filter(|value| value.is_finite()).collect()]),
            raw: None,
            count: None,
        };
        let of = Quantity::Rate(Metric::Lies, Slice::Uncomfortable);
        let line =
            |arm: &Arm| Line { arm: *arm, later: *arm, of, points: values.iter().enumerate().map(point).collect() };
        let updates = 10 * (values.len() as u32 - 1);
        let lines = arms.iter().map(line).collect();
        Drawing { lines, updates, every: 10, range, chance: Some(0.25), changes: vec![(10, "Noise".into())] }
    }

    #[test]
    fn a_picture_has_the_means_the_seeds_and_the_interval_at_their_places() {
        let own = drawing(&[Arm::Scalar], &[[0.0, 0.0], [0.5, 0.7]], Range::Share);
        let Plot { height, marks, .. } = plot(&own, |_, _| "Scalar".to_owned(), WORDS);
        let axes = Axes { bottom: height - FOOT, updates: 10.0, low: -0.02, high: 1.02 };
        let mean = format!("M{:.1} {:.1}L{:.1} {:.1}", LEFT, axes.y(0.0), Axes::RIGHT, axes.y(0.6));
        assert!(
            marks.contains(&format!(r##"<path d="{mean}" fill="none" stroke="#bf4a17" stroke-width="2.5"/>"##)),
            "{marks}"
        );
        assert_eq!(marks.matches("stroke-opacity=\".35\"").count(), 2, "a thin line a seed");
        assert_eq!(marks.matches("fill-opacity=\".17\"").count(), 1);
        for words in [">Scalar<", ">chance<", "→ Noise<", ">100%<", ">updates<"] {
            assert!(marks.contains(words), "{words}");
        }
    }

    #[test]
    fn nothing_leaves_the_picture_whatever_is_drawn() {
        let nothing = [f64::NAN, f64::NAN];
        for range in [Range::Share, Range::FromZero, Range::Free] {
            for values in [&[nothing][..], &[[0.3, 0.3], nothing, [0.3, 0.3]], &[[-3.0, 2.0], [1e4, 2e4]]] {
                let values: Vec<_> = if range == Range::Share {
                    values.iter().map(|two| two.map(|v| v.clamp(0.0, 1.0))).collect()
                } else {
                    values.to_vec()
                };
                let own = drawing(&Arm::ALL, &values, range);
                let Plot { height, marks, .. } = plot(&own, |_, line| line.arm.id().to_owned(), WORDS);
                assert!(!marks.contains("NaN") && !marks.contains("inf"), "{range:?} {values:?}");
                let numbers =
                    marks.split(" y=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0.parse::<f64>().unwrap());
                for y in numbers
                    .filter(|_| range != Range::FromZero || values.iter().flatten().all(|v| v.is_nan() || *v >= 0.0))
                {
                    assert!((0.0..=height).contains(&y), "{range:?} {values:?}: {y}");
                }
            }
        }
    }

    #[test]
    fn the_axis_has_a_few_round_numbers() {
        assert_eq!(levels(-0.02, 1.02), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(levels(-1.1, 0.3), [-1.0, -0.5, 0.0]);
        for (low, high) in [(0.0, 0.01), (0.0, 3.3e4), (-7.0, 9.0)] {
            assert!((2..=8).contains(&levels(low, high).len()), "{low} {high}: {:?}", levels(low, high));
        }
    }
}
