//! The great figure's shapes: where updates and shares lie, the outline of each layer, and where its name stands; and
//! the figure as a picture.
//!
//! The chart on the page (`kit::chart::stack`) has the same shapes.

use super::{INSIDE, Plot, Style, colour, path, text};
use crate::model::labels::{spread, ticks, wrapped};
use crate::model::outcomes::{Layer, Moment, Stack};

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct StackDrawing {
    /// The layers.
    pub stack: Stack,
    /// Where the x axis ends.
    pub updates: u32,
    /// Measurements lie every so many updates.
    pub every: u32,
    /// After which updates the reward was changed, and what to.
    pub changes: Vec<(u32, String)>,
}

/// Where updates and shares lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axes {
    /// Where the x axis begins.
    pub left: f64,
    /// Where it ends.
    pub right: f64,
    /// Where all answers lie.
    pub top: f64,
    /// Where none do.
    pub bottom: f64,
    /// Updates at the x axis' end.
    pub updates: f64,
}

/// The width of a run that has only begun.
const SLIVER: f64 = 6.0;
/// A layer with less, in per cent, has no label.
const LEAST: u32 = 2;

impl Axes {
    /// Where an update lies.
    pub fn x(self, update: u32) -> f64 {
        self.left + f64::from(update) / self.updates * (self.right - self.left)
    }

    /// Where a share lies.
    pub fn y(self, share: f64) -> f64 {
        self.top + (1.0 - share) * (self.bottom - self.top)
    }

    /// The update that lies there.
    pub fn update(self, x: f64) -> f64 {
        (x - self.left) / (self.right - self.left) * self.updates
    }
}

/// A layer's outline, there along its top and back along its bottom.
pub fn outline(moments: &[Moment], layer: Layer, axes: Axes) -> String {
    let corner = |moment: &Moment, is_top: bool| {
        let below = Layer::ALL.iter().take_while(|other| **other != layer).count() + usize::from(is_top);
        (axes.x(moment.update), axes.y(moment.counts.shares()[..below].iter().sum()))
    };
    let mut corners: Vec<(f64, f64)> = moments.iter().map(|moment| corner(moment, true)).collect();
    corners.extend(moments.iter().rev().map(|moment| corner(moment, false)));
    if let [top, bottom] = corners[..] {
        corners = vec![top, (top.0 + SLIVER, top.1), (bottom.0 + SLIVER, bottom.1), bottom];
    }
    path(&corners.into_iter().map(Some).collect::<Vec<_>>(), true)
}

/// The pattern over a layer, by its name: lines where facts are not known, dots where a truth is blunt.
pub fn pattern(layer: Layer) -> Option<&'static str> {
    match layer {
        Layer::HedgeUnknown | Layer::FalseUnknown => Some("hatch"),
        Layer::TrueBlunt => Some("dots"),
        Layer::TrueInContext
        | Layer::True
        | Layer::HedgeKnown
        | Layer::Hedge
        | Layer::Malformed
        | Layer::False
        | Layer::FalseKnown => None,
    }
}

/// What is written beside a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The layer.
    pub layer: Layer,
    /// Where its middle stands.
    pub middle: f64,
    /// Its share and its name.
    pub lines: Vec<String>,
}

/// What room the lines of labels have and need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lines {
    /// Letters of a line at most.
    pub letters: usize,
    /// Its height in CSS pixels.
    pub height: f64,
}

impl Label {
    /// In CSS pixels.
    pub fn height(&self, lines: Lines) -> f64 {
        lines.height * self.lines.len() as f64 + 2.0
    }
}

/// The labels of the layers at a moment without overlap between 0 and `end`, above
/// the numbers of the x axis if there is room enough; without room for all, of the largest. `name` gets a layer and its
/// per cent.
pub fn labels(moment: &Moment, axes: Axes, lines: Lines, end: f64, name: impl Fn(Layer, u32) -> String) -> Vec<Label> {
    let shares = moment.counts.shares();
    let mut labels: Vec<(u32, Label)> = Vec::new();
    for ((layer, percent), place) in moment.counts.percents().by_layer().zip(0..) {
        if percent >= LEAST {
            let middle = axes.y(shares[..place].iter().sum::<f64>() + shares[place] / 2.0);
            labels.push((percent, Label { layer, middle, lines: wrapped(&name(layer, percent), lines.letters) }));
        }
    }
    let middles = loop {
        let wanted: Vec<f64> = labels.iter().map(|(_, label)| label.middle).collect();
        let heights: Vec<f64> = labels.iter().map(|(_, label)| label.height(lines)).collect();
        let within = |end| spread(&wanted, &heights, 0.0, end);
        if let Some(middles) = within(axes.bottom + 6.0).or_else(|| within(end)) {
            break middles;
        }
        // The table has them all.
        let least = labels.iter().map(|(percent, _)| *percent).min();
        labels.retain(|(percent, _)| Some(*percent) != least);
    };
    let placed = labels.into_iter().zip(middles);
    placed.map(|((_, label), middle)| Label { middle, ..label }).collect()
}

/// What is written into the picture.
#[derive(Clone, Copy)]
pub struct Words {
    /// Below the x axis.
    pub updates: &'static str,
    /// A share.
    pub percent: fn(f64) -> String,
    /// A number of updates.
    pub count: fn(usize) -> String,
    /// The name of a layer.
    pub layer: fn(Layer) -> &'static str,
}

const HEIGHT: f64 = 280.0;
const FOOT: f64 = 36.0;
const LINES: Lines = Lines { letters: 24, height: 17.0 };

/// One arm's layers with their labels at an update, the latest without one.
pub fn plot(title: String, drawing: &StackDrawing, at: Option<u32>, words: Words) -> Plot {
    let updates = f64::from(drawing.updates.max(1));
    let top = if drawing.changes.is_empty() { 8.0 } else { 24.0 };
    let axes = Axes { left: 50.0, right: INSIDE - 210.0, top, bottom: HEIGHT - FOOT, updates };
    let mut marks = String::new();
    for layer in drawing.stack.layers() {
        let outline = outline(&drawing.stack.moments, layer, axes);
        let (fill, opacity) = fill(layer);
        marks += &format!(
            r##"<path d="{outline}" fill="{}" fill-opacity="{opacity}" stroke="#ffffff" stroke-linejoin="round"/>"##,
            colour(fill)
        );
        if let Some(pattern) = pattern(layer) {
            marks += &format!(r#"<path d="{outline}" fill="url(#{pattern})"/>"#);
        }
    }
    for level in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let y = axes.y(level);
        marks += &format!(
            r#"<path d="M{} {y:.1}H{}" stroke="{}" stroke-opacity=".16"/>"#,
            axes.left,
            axes.right,
            colour("ink")
        );
        marks += &text(axes.left - 6.0, y + 4.0, 13.0, "ink-soft", Style::Right, &(words.percent)(level));
    }
    for tick in ticks(drawing.updates, drawing.every, 9) {
        let number = (words.count)(tick as usize);
        marks += &text(axes.x(tick), axes.bottom + 15.0, 13.0, "ink-soft", Style::Middle, &number);
    }
    let middle = (axes.left + axes.right) / 2.0;
    marks += &text(middle, HEIGHT - 4.0, 13.0, "ink-soft", Style::Middle, words.updates);
    let upright = |x: f64, dashes: &str| {
        format!(r#"<path d="M{x:.1} {}V{}" stroke="{}"{dashes}/>"#, axes.top, axes.bottom, colour("ink"))
    };
    for (after, change) in &drawing.changes {
        let x = axes.x(*after);
        marks += &upright(x, r#" stroke-dasharray="3 3""#);
        let style = if x < middle { Style::Plain } else { Style::Right };
        marks += &text(x, axes.top - 8.0, 13.0, "ink-soft", style, &format!("→ {change}"));
    }
    if let Some(moment) = drawing.stack.at(at) {
        let is_last = drawing.stack.moments.last().is_some_and(|last| last.update == moment.update);
        if !is_last {
            marks += &upright(axes.x(moment.update), "");
        }
        let name = |layer, percent| format!("{} {}", (words.percent)(f64::from(percent) / 100.0), (words.layer)(layer));
        for label in labels(moment, axes, LINES, HEIGHT, name) {
            let (top, (fill, _)) = (label.middle - label.height(LINES) / 2.0, fill(label.layer));
            let height = label.height(LINES) - 2.0;
            let x = axes.right + 10.0;
            marks += &format!(r#"<rect x="{x}" y="{top:.1}" width="4" height="{height}" fill="{}"/>"#, colour(fill));
            for (line, words) in label.lines.iter().enumerate() {
                let foot = top + LINES.height * (line as f64 + 0.75);
                marks += &text(x + 11.0, foot, 13.0, "ink", Style::Plain, words);
            }
        }
    }
    Plot { title, height: HEIGHT, marks: PATTERNS.to_owned() + &marks }
}

/// Colour and opacity, as in `style/panels/outcomes.css`.
fn fill(layer: Layer) -> (&'static str, f64) {
    match layer {
        Layer::TrueInContext | Layer::True => ("said-true", 1.0),
        Layer::TrueBlunt => ("said-true", 0.62),
        Layer::HedgeKnown | Layer::Hedge => ("said-hedge", 1.0),
        Layer::HedgeUnknown => ("said-hedge", 0.5),
        Layer::Malformed => ("said-malformed", 1.0),
        Layer::FalseKnown | Layer::False => ("said-false", 1.0),
        Layer::FalseUnknown => ("said-false", 0.5),
    }
}

/// Those of `kit::chart::stack`. Several arms bring them several times, which is the same to a viewer.
const PATTERNS: &str = r##"<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" stroke="#1d2327" stroke-opacity=".35" stroke-width="2"/></pattern><pattern id="dots" width="7" height="7" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1" fill="#ffffff" fill-opacity=".8"/></pattern></defs>"##;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcomes::stacks;
    use crate::model::outcomes::tests::run;

    #[test]
    fn every_layer_of_the_figure_is_in_its_picture_with_its_share() {
        let report = run(&[(9, 0, 1), (3, 6, 1), (0, 2, 8)]);
        let stack = stacks(&report, None).remove(0);
        let used = stack.layers().count();
        let words = Words {
            updates: "updates",
            percent: |share| format!("{:.0}%", share * 100.0),
            count: |count| count.to_string(),
            layer: Layer::id,
        };
        let drawing = StackDrawing { stack, updates: 20, every: 10, changes: vec![(10, "Structured".into())] };
        let plot = |at| plot("Scalar".into(), &drawing, at, words).marks;
        assert_eq!(plot(None).matches(r#"stroke-linejoin="round""#).count(), used);
        let last = drawing.stack.moments.last().unwrap().counts.percents();
        for (layer, percent) in last.by_layer().filter(|(_, percent)| *percent > 0) {
            assert!(plot(None).contains(&format!(">{percent}% {}<", layer.id())), "{}", layer.id());
        }
        assert!(plot(Some(0)).contains(">90% "), "labels of the update that is looked at");
        assert_eq!(plot(None).matches("stroke-dasharray").count(), 1, "the changed reward");
        assert!(plot(None).contains(">→ Structured<"), "what it was changed to");
    }

    #[test]
    fn labels_without_room_for_all_are_those_of_the_largest_layers_and_keep_apart() {
        let report = run(&[(9, 0, 1), (3, 6, 1), (4, 3, 3)]);
        let stack = stacks(&report, None).remove(0);
        let moment = stack.moments.last().unwrap();
        let written = |height: f64| {
            let axes = Axes { left: 0.0, right: 100.0, top: 0.0, bottom: height - 6.0, updates: 20.0 };
            labels(moment, axes, Lines { letters: 30, height: 17.0 }, height, |layer, percent| {
                format!("{percent}% {}", layer.id())
            })
        };
        let all = written(400.0).len();
        assert!(all > 2, "{all}");
        for room in 1..=all {
            let few = written(19.0 * room as f64 + 0.5);
            assert!(few.len() <= room && !few.is_empty(), "{} labels in the room of {room}", few.len());
            assert!(few.windows(2).all(|pair| (pair[0].middle - pair[1].middle).abs() >= 19.0 - 1e-9), "{few:?}");
            let percent = |label: &Label| label.lines[0].split('%').next().unwrap().parse::<u32>().unwrap();
            let least = few.iter().map(percent).min().unwrap();
            let left_out = written(400.0).into_iter().filter(|label| !few.iter().any(|own| own.layer == label.layer));
            assert!(left_out.into_iter().all(|label| percent(&label) <= least), "the smallest are left out");
        }
    }
}
