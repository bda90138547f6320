//! Figures of results as SVG: how numbers move with another, and arms beside one another.
//!
//! Every series says its name beside the colour; intervals are drawn, and so is every seed.

use hedgerow::documents::statistics::Estimate;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// Colours that the colour-blind can tell apart (Okabe and Ito).
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];
const INK: RGBColor = RGBColor(60, 60, 60);
const TEXT: (&str, u32) = ("sans-serif", 13);

// Sizes of a figure of arms, in pixels.
const NAMES: u32 = 250;
const PANEL: u32 = 210;
const ROW: u32 = 34;
const REST: u32 = 80;
// Sizes of a panel of curves of one arm, in pixels.
const ARM: (u32, u32) = (270, 230);

/// One curve: for each value of the swept number what was measured there, as a share.
pub(crate) struct Curve {
    /// What was measured.
    pub(crate) label: &'static str,
    /// In order of the swept number.
    pub(crate) points: Vec<(f64, Estimate)>,
}

/// What was measured in some arms, as a share.
pub(crate) struct Panel {
    /// What.
    pub(crate) label: &'static str,
    /// For each arm the value of each seed, and the estimate over them.
    pub(crate) arms: Vec<(Vec<f64>, Option<Estimate>)>,
}

/// Curves over a swept number, with the value at which the formula predicts a change.
pub(crate) fn sweep(title: &str, curves: &[Curve], predicted: Option<(f64, &str)>) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (720, 400)).into_drawing_area();
        root.fill(&WHITE)?;
        let (key, plot) = root.split_vertically(20 + 18 * (curves.len() + predicted.iter().len()) as u32);
        let values = || curves.iter().flat_map(|curve| curve.points.iter().map(|(value, _)| *value));
        let (low, high) = values()
            .chain(predicted.map(|(at, _)| at))
            .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let margin = (high - low).max(1e-3) * 0.03;
        let mut chart = ChartBuilder::on(&plot)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(42)
            .y_label_area_size(48)
            .build_cartesian_2d(low - margin..high + margin, -2.0..102.0)?;
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh().light_line_style(WHITE).y_labels(5).y_label_formatter(&|value| format!("{value:.0}"));
        mesh.x_desc(title).y_desc("%").label_style(TEXT).axis_desc_style(TEXT).draw()?;
        for (entry, (curve, colour)) in curves.iter().zip(COLOURS).enumerate() {
            draw_curve(&mut chart, curve, colour)?;
            explain(&key, entry as i32, curve.label, colour.stroke_width(2))?;
        }
        if let Some((at, formula)) = predicted {
            chart.draw_series(DashedLineSeries::new([(at, -2.0), (at, 102.0)], 5, 4, INK.into()))?;
            explain(&key, curves.len() as i32, &format!("dashed, predicted: {formula}"), INK.into())?;
        }
        root.present()?;
    }
    Ok(svg)
}

/// The same curves for each arm, side by side, over something that is counted.
pub(crate) fn by_arm(x_title: &str, arms: &[(&str, Vec<Curve>)]) -> anyhow::Result<String> {
    let columns = arms.len().clamp(1, 4);
    let rows = arms.len().div_ceil(columns);
    let labels: Vec<&str> =
        arms.iter().take(1).flat_map(|(_, curves)| curves.iter().map(|curve| curve.label)).collect();
    let key_height = 20 + 18 * labels.len() as u32;
    let mut svg = String::new();
    {
        let size = (ARM.0 * columns as u32, key_height + ARM.1 * rows as u32);
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE)?;
        let (key, plots) = root.split_vertically(key_height);
        for (entry, (label, colour)) in labels.iter().zip(COLOURS).enumerate() {
            explain(&key, entry as i32, label, colour.stroke_width(2))?;
        }
        let last = arms.iter().flat_map(|(_, curves)| curves).flat_map(|curve| &curve.points).map(|(x, _)| *x);
        let last = last.fold(1.0, f64::max);
        for (area, (name, curves)) in plots.split_evenly((rows, columns)).iter().zip(arms) {
            let mut chart = ChartBuilder::on(area)
                .caption(*name, TEXT)
                .margin(8)
                .x_label_area_size(42)
                .y_label_area_size(40)
                .build_cartesian_2d(-0.03 * last..1.03 * last, -2.0..102.0)?;
            let mut mesh = chart.configure_mesh();
            mesh.disable_x_mesh().light_line_style(WHITE).x_labels(5).y_labels(5);
            mesh.x_label_formatter(&|value| format!("{value:.0}")).y_label_formatter(&|value| format!("{value:.0}"));
            mesh.x_desc(x_title).y_desc("%").label_style(TEXT).axis_desc_style(TEXT).draw()?;
            // The first on top of the others.
            for (curve, colour) in curves.iter().zip(COLOURS).rev() {
                draw_curve(&mut chart, curve, colour)?;
            }
        }
        root.present()?;
    }
    Ok(svg)
}

/// Arms in rows, panels in columns: each seed a ring, the estimate a bar with its interval.
pub(crate) fn arms(names: &[&str], panels: &[Panel]) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let size = (NAMES + PANEL * panels.len() as u32, REST + ROW * names.len() as u32);
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE)?;
        let (_, plots) = root.split_horizontally(NAMES);
        let mut heights = Vec::new();
        for (area, panel) in plots.split_evenly((1, panels.len())).iter().zip(panels) {
            heights = draw_panel(area, panel)?;
        }
        for (name, y) in names.iter().zip(heights) {
            root.draw(&Text::new((*name).to_owned(), (10, y - 6), TEXT.into_font().color(&INK)))?;
        }
        root.present()?;
    }
    Ok(svg)
}

/// Returns the height in the figure at which each arm is drawn.
fn draw_panel(area: &DrawingArea<SVGBackend<'_>, Shift>, panel: &Panel) -> anyhow::Result<Vec<i32>> {
    let rows = panel.arms.len();
    let row = |arm: usize| (rows - 1 - arm) as f64;
    let mut chart = ChartBuilder::on(area)
        .caption(panel.label, TEXT)
        .margin(12)
        .x_label_area_size(28)
        .build_cartesian_2d(-3.0..103.0, -0.6..rows as f64 - 0.4)?;
    let mut mesh = chart.configure_mesh();
    mesh.disable_mesh().disable_y_axis().x_labels(3).x_label_formatter(&|value| format!("{value:.0}"));
    mesh.label_style(TEXT).draw()?;
    for (arm, (seeds, estimate)) in panel.arms.iter().enumerate() {
        chart.draw_series(seeds.iter().map(|value| Circle::new((100.0 * value, row(arm)), 4, COLOURS[0])))?;
        if let Some(Estimate { mean, interval, .. }) = estimate {
            let line = |ends: [(f64, f64); 2], width| {
                PathElement::new(ends.map(|(share, y)| (100.0 * share, y)), INK.stroke_width(width))
            };
            let bar = line([(*mean, row(arm) - 0.3), (*mean, row(arm) + 0.3)], 3);
            let interval = interval.map(|[low, high]| line([(low, row(arm)), (high, row(arm))], 1));
            chart.draw_series(interval.into_iter().chain([bar]))?;
        }
    }
    Ok((0..rows).map(|arm| chart.backend_coord(&(0.0, row(arm))).1).collect())
}

/// A line of a key: a stroke and what it stands for.
fn explain(key: &DrawingArea<SVGBackend<'_>, Shift>, entry: i32, text: &str, style: ShapeStyle) -> anyhow::Result<()> {
    let y = 18 + 18 * entry;
    key.draw(&PathElement::new([(64, y), (88, y)], style))?;
    Ok(key.draw(&Text::new(text.to_owned(), (96, y - 6), TEXT.into_font().color(&INK)))?)
}

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A line through the estimates, each with a dot and its interval.
fn draw_curve(chart: &mut Chart<'_, '_>, curve: &Curve, colour: RGBColor) -> anyhow::Result<()> {
    let points = || curve.points.iter().map(|(value, estimate)| (*value, 100.0 * estimate.mean));
    chart.draw_series(LineSeries::new(points(), colour.stroke_width(2)))?;
    chart.draw_series(points().map(|point| Circle::new(point, 3, colour.filled())))?;
    chart.draw_series(curve.points.iter().filter_map(|(value, estimate)| {
        let [low, high] = estimate.interval?;
        Some(PathElement::new(vec![(*value, 100.0 * low), (*value, 100.0 * high)], colour))
    }))?;
    Ok(())
}
