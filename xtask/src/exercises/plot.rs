//! A figure for the projector and for paper: for each arm a row, in it a ring for each seed and a bar for their
//! interquartile mean. SVG in the text's colour, so that it prints in grey. Leaves out time; the lab shows that.

use std::fmt::Write;

use hedgerow::documents::statistics::interquartile_mean;

use super::words::Words;

const WIDTH: f64 = 640.0;
const LEFT: f64 = 20.0;
const ROW: f64 = 64.0;
const TOP: f64 = 8.0;

fn across(rate: f64) -> f64 {
    LEFT + rate * (WIDTH - 2.0 * LEFT)
}

/// Rows of an arm's name and its values by seed, from 0 to 100 %.
pub(super) fn by_seed(rows: &[(&str, Vec<(u64, f64)>)], words: &Words) -> String {
    let bottom = TOP + ROW * rows.len() as f64;
    let height = bottom + 28.0;
    let (mut svg, mut said) = (String::new(), Vec::new());
    for (place, (name, values)) in rows.iter().enumerate() {
        let base = TOP + ROW * (place as f64 + 1.0) - 16.0;
        let alone: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        let _ = write!(svg, "<text x=\"{LEFT}\" y=\"{}\">{name}</text>", base - 22.0);
        for value in &alone {
            let _ = write!(svg, "<circle cx=\"{:.1}\" cy=\"{base}\" r=\"7\"/>", across(*value));
        }
        let list: Vec<String> = alone.iter().map(|value| words.percent(*value)).collect();
        said.push(format!("{name}: {}", list.join(&words.between)));
        if let Some(mean) = interquartile_mean(&alone) {
            let x = across(mean);
            let _ = write!(svg, "<path d=\"M{x:.1} {}V{}\"/>", base - 14.0, base + 14.0);
        }
    }
    for tick in 0..=4 {
        let rate = f64::from(tick) / 4.0;
        let (x, y) = (across(rate), bottom + 20.0);
        let _ = write!(svg, "<path class=\"tick\" d=\"M{x:.1} {TOP}V{bottom}\"/>");
        let _ = write!(svg, "<text class=\"tick\" x=\"{x:.1}\" y=\"{y}\">{}</text>", words.percent(rate));
    }
    let label = said.join(". ");
    format!(
        "<figure><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{label}\">{svg}</svg>\
         <figcaption>{}</figcaption></figure>\n",
        words.figure
    )
}
