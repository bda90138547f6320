//! What became of each fact as a picture: a square for each, as on the page (`kit::chart::cells`), and what they mean.

use super::{INSIDE, Plot, Style, colour, text};
use crate::model::fact_cells::{Fate, Fates};

/// From one square to the next, and how wide one is.
const PITCH: f64 = 19.0;
const SIDE: f64 = 17.0;
const LINE: f64 = 20.0;

/// The squares of one arm: blocks with their titles, and the facts of each by their places.
pub fn plot(title: String, blocks: &[(&str, Vec<usize>)], fates: &[Fate]) -> Plot {
    let (mut marks, mut down) = (String::new(), 0.0);
    let columns = (INSIDE / PITCH) as usize;
    for (title, places) in blocks {
        down += LINE;
        marks += &text(0.0, down - 6.0, 12.0, "ink-soft", Style::Plain, title);
        for (order, fate) in places.iter().filter_map(|place| fates.get(*place)).enumerate() {
            let (x, y) = ((order % columns) as f64 * PITCH, down + (order / columns) as f64 * PITCH);
            marks += &square(*fate, x, y);
        }
        down += places.len().div_ceil(columns) as f64 * PITCH + 2.0;
    }
    Plot { title, height: down, marks }
}

/// What the squares mean: for each fate that occurs a square, its words, and for each arm how many there are, in words.
pub fn legend(
    heads: &[String],
    shown: &[Fates],
    fate: impl Fn(Fate) -> &'static str,
    of: impl Fn(usize, usize) -> String,
) -> Plot {
    let (mut marks, mut down) = (String::new(), LINE);
    let column = (INSIDE - 250.0) / heads.len().max(1) as f64;
    let x = |place: usize| 250.0 + place as f64 * column;
    // A name that would meet its neighbour's is cut: it stands whole above its squares.
    let letters = (column / (12.0 * 0.56)) as usize;
    for (place, head) in heads.iter().enumerate() {
        let head: String = match head.chars().count() > letters {
            true => head.chars().take(letters.saturating_sub(2)).chain(['…']).collect(),
            false => head.clone(),
        };
        marks += &text(x(place), down - 5.0, 12.0, "ink-soft", Style::Plain, &head);
    }
    let count = |fates: &[Fate], own: Fate| fates.iter().filter(|fate| **fate == own).count();
    for own in Fate::ALL {
        let counts: Vec<_> = shown.iter().map(|arm| (count(&arm.before, own), count(&arm.now, own))).collect();
        if counts.iter().all(|(before, now)| before + now == 0) {
            continue;
        }
        marks += &square(own, 0.0, down);
        marks += &text(26.0, down + 13.0, 13.0, "ink", Style::Plain, fate(own));
        for (place, (before, now)) in counts.into_iter().enumerate() {
            marks += &text(x(place), down + 13.0, 13.0, "ink", Style::Plain, &of(before, now));
        }
        down += LINE;
    }
    Plot { title: String::new(), height: down, marks }
}

/// Colour, shape and sign, as in `style/later/later.css`.
fn square(fate: Fate, x: f64, y: f64) -> String {
    let (fill, sign) = match fate {
        Fate::Said => ("said-true", ""),
        Fate::Withheld | Fate::Warranted => ("said-hedge", "–"),
        Fate::Forgotten => ("said-hedge", "–?"),
        Fate::Malformed => ("said-malformed", "#"),
        Fate::Denied | Fate::Invented => ("said-false", "×"),
        Fate::Lost => ("said-false", "×?"),
    };
    let round = if matches!(fate, Fate::Warranted | Fate::Invented) { SIDE / 2.0 } else { 3.0 };
    let fill = colour(fill);
    let square = format!(r#"<rect x="{x:.1}" y="{y:.1}" width="{SIDE}" height="{SIDE}" rx="{round}" fill="{fill}"/>"#);
    if sign.is_empty() { square } else { square + &text(x + SIDE / 2.0, y + 13.0, 12.0, "ink", Style::Middle, sign) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::judgement::experiment::Arm;

    #[test]
    fn every_fact_has_one_square_and_every_fate_its_words() {
        let now = Fate::ALL.to_vec();
        let Plot { height, marks, .. } =
            plot("Scalar".into(), &[("first", vec![0, 3, 5]), ("second", vec![1, 2, 4, 6, 7])], &now);
        assert_eq!(marks.matches("<rect").count(), 8);
        assert!(marks.contains(">first<") && marks.contains(">second<") && height > 2.0 * (LINE + PITCH));
        let shown = [Fates { arms: [Arm::Scalar; 2], update: 10, before: vec![Fate::Said; 8], now }];
        let legend = legend(&["Scalar".into()], &shown, Fate::id, |before, now| format!("{before} then {now}")).marks;
        for fate in Fate::ALL {
            assert!(legend.contains(&format!(">{}<", fate.id())), "{}", fate.id());
        }
        assert!(legend.contains(">8 then 1<") && legend.contains(">0 then 1<"));
    }
}
