//! Charts as pictures: documents of SVG that say by themselves all there is to say, on white paper, with a caption, the
//! settings and a link underneath.
//!
//! They are drawn from a run's numbers and not from the page, whose lines are pixels: a chart that is not on the page
//! has a picture as well. Leaves out words, which come in (`text::pictures`), and how a browser makes pixels of it
//! (`web/picture.js`).

pub mod layers;
pub mod lines;
pub mod squares;

use std::fmt::Write;

use hedgerow::documents::metrics::ProbeFacts;
use hedgerow::documents::quantity::Quantity;

use super::labels::wrapped;

/// A chart of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Picture {
    /// The great figure.
    Outcomes,
    /// Lines of a quantity.
    Chart(Quantity),
    /// What became of each fact.
    Facts,
}

impl Picture {
    /// Names its file.
    pub fn name(self) -> String {
        match self {
            Picture::Outcomes => "outcomes".into(),
            Picture::Facts => "facts".into(),
            Picture::Chart(Quantity::Rate(metric, slice)) => format!("{}-{}", metric.id(), slice.id()),
            Picture::Chart(Quantity::Probe(fit, facts, layer)) => {
                let facts = if facts == ProbeFacts::Taught { "taught" } else { "uncomfortable" };
                format!("probe-{}-{facts}-{layer}", fit.id())
            }
            Picture::Chart(Quantity::Number(number)) => number.id().into(),
            Picture::Chart(Quantity::Diagnosis(_)) => "diagnosis".into(),
        }
    }
}

/// As what a picture is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// Pixels.
    Png,
    /// A drawing, which stays sharp at any size.
    Svg,
}

impl PictureKind {
    /// What everybody calls it.
    pub fn name(self) -> &'static str {
        match self {
            PictureKind::Png => "PNG",
            PictureKind::Svg => "SVG",
        }
    }
}

/// What is on a picture, from its top to its bottom.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The language of its words.
    pub language: &'static str,
    /// What the chart shows.
    pub title: String,
    /// Below the title: what is drawn along the axis.
    pub about: Vec<String>,
    /// The chart, in one part or several.
    pub plots: Vec<Plot>,
    /// What is to be seen.
    pub caption: Vec<String>,
    /// What was computed, and by what.
    pub made: Vec<String>,
    /// Where the same settings open, one for each run.
    pub links: Vec<String>,
}

/// A part of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What it is of.
    pub title: String,
    /// In CSS pixels.
    pub height: f64,
    /// Elements of SVG, from (0, 0) to ([`INSIDE`], height).
    pub marks: String,
}

/// The width of a picture, in CSS pixels.
pub const WIDTH: f64 = 760.0;
const MARGIN: f64 = 24.0;
/// The width of what is between the margins.
pub const INSIDE: f64 = WIDTH - 2.0 * MARGIN;
/// A letter is at most so wide in nearly all fonts without serifs, as a share of its size.
const LETTER: f64 = 0.56;
/// From line to line, as a share of the letters' size.
const LEADING: f64 = 1.4;

impl Sheet {
    /// The document and its height in CSS pixels.
    pub fn svg(&self) -> (String, f64) {
        let mut page = Page { marks: String::new(), down: MARGIN };
        page.paragraph(&self.title, 18.0, "ink", true);
        self.about.iter().for_each(|line| page.paragraph(line, 13.0, "ink-soft", false));
        for plot in &self.plots {
            page.down += 12.0;
            if !plot.title.is_empty() {
                page.paragraph(&plot.title, 14.0, "ink", true);
            }
            let _ = write!(page.marks, r#"<g transform="translate({MARGIN} {:.1})">{}</g>"#, page.down, plot.marks);
            page.down += plot.height;
        }
        page.down += 8.0;
        self.caption.iter().for_each(|line| page.paragraph(line, 13.0, "ink", false));
        page.down += 8.0;
        self.made.iter().for_each(|line| page.paragraph(line, 12.0, "ink-soft", false));
        self.links.iter().for_each(|link| page.link(link));
        let height = (page.down + MARGIN).ceil();
        let (title, described) = (escaped(&self.title), escaped(&self.caption.join(" ")));
        let document = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" xml:lang="{}" font-family="sans-serif" role="img" aria-labelledby="title about"><title id="title">{title}</title><desc id="about">{described}</desc><rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{}</svg>"##,
            self.language, page.marks,
        );
        (document, height)
    }
}

/// What stands on a picture so far.
struct Page {
    marks: String,
    down: f64,
}

impl Page {
    fn paragraph(&mut self, words: &str, size: f64, ink: &str, bold: bool) {
        for line in wrapped(words, (INSIDE / (size * LETTER)) as usize) {
            self.down += size * LEADING;
            self.marks +=
                &text(MARGIN, self.down - size * 0.35, size, ink, if bold { Style::Bold } else { Style::Plain }, &line);
        }
    }

    /// An address has no spaces to break it at.
    fn link(&mut self, address: &str) {
        let letters: Vec<char> = address.chars().collect();
        let mut lines = String::new();
        for line in letters.chunks((INSIDE / (12.0 * LETTER)) as usize) {
            self.down += 12.0 * LEADING;
            let line: String = line.iter().collect();
            lines += &text(MARGIN, self.down - 4.0, 12.0, "arm-structured", Style::Plain, &line);
        }
        let _ = write!(self.marks, r#"<a href="{}">{lines}</a>"#, escaped(address));
    }
}

/// How a line of words is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// From its left.
    Plain,
    /// The same, bold.
    Bold,
    /// Around its middle.
    Middle,
    /// To its right.
    Right,
}

/// A plot as an SVG of the page, in the colours of its theme.
pub fn on_page(plot: &Plot) -> String {
    let Plot { height, marks, .. } = plot;
    let drawn = format!(r#"<svg width="{INSIDE}" height="{height}" viewBox="0 0 {INSIDE} {height}">{marks}</svg>"#);
    COLOURS.iter().fold(drawn, |drawn, (name, colour)| drawn.replace(colour, &format!("var(--{name})")))
}

/// A line of words whose foot is at (x, y).
pub(super) fn text(x: f64, y: f64, size: f64, ink: &str, style: Style, words: &str) -> String {
    let set = match style {
        Style::Plain => "",
        Style::Bold => r#" font-weight="bold""#,
        Style::Middle => r#" text-anchor="middle""#,
        Style::Right => r#" text-anchor="end""#,
    };
    format!(r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" fill="{}"{set}>{}</text>"#, colour(ink), escaped(words))
}

/// A line through these corners, gaps where there are none; closed if it is an outline.
pub(super) fn path(corners: &[Option<(f64, f64)>], is_closed: bool) -> String {
    let mut path = String::new();
    let mut pen = 'M';
    for corner in corners {
        match corner {
            Some((x, y)) => {
                let _ = write!(path, "{pen}{x:.1} {y:.1}");
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    if is_closed && !path.is_empty() { path + "Z" } else { path }
}

/// Words as SVG holds them, without what XML knows no way to hold.
pub(super) fn escaped(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The page's colours in its light theme (`style/tokens.css`): a picture is on white.
const COLOURS: [(&str, &str); 13] = [
    ("ink", "#1d2327"),
    ("ink-soft", "#5c646b"),
    ("line", "#e3dfd5"),
    ("arm-scalar", "#bf4a17"),
    ("arm-structured", "#1664a5"),
    ("arm-scalar-without", "#806300"),
    ("arm-structured-with", "#8b3f85"),
    ("arm-framing", "#0a7263"),
    ("arm-noise", "#5d6570"),
    ("said-true", "#2b7a9e"),
    ("said-hedge", "#c9a43a"),
    ("said-false", "#c8441b"),
    ("said-malformed", "#9aa1a7"),
];

/// A colour by the name of its custom property.
pub(super) fn colour(name: &str) -> &'static str {
    COLOURS.iter().find(|(own, _)| *own == name).map_or("#5c646b", |(_, colour)| colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_are_those_of_the_light_theme() {
        let sheet = include_str!("../../../style/tokens.css");
        for (name, value) in COLOURS {
            assert!(sheet.contains(&format!("    --{name}: {value};\n")), "{name}: {value}");
        }
    }

    #[test]
    fn words_of_a_visitor_are_words_in_the_picture() {
        let sheet = Sheet {
            language: "en",
            title: "<script>\"&\u{0}".into(),
            about: vec![],
            plots: vec![],
            caption: vec!["word ".repeat(60)],
            made: vec![],
            links: vec!["https://example.org/#".to_owned() + &"s=4&".repeat(60)],
        };
        let (svg, height) = sheet.svg();
        assert!(svg.contains("&lt;script&gt;&quot;&amp; </text>") && !svg.contains("<script"), "{svg}");
        assert!(height > 100.0);
        // Whole as an address to follow, and in lines to read.
        assert!(svg.contains(&format!("href=\"{}\"", escaped(&sheet.links[0]))));
        for line in svg.split("<text").skip(1).map(|rest| rest.split_once('>').unwrap().1.split_once('<').unwrap().0) {
            assert!(line.replace("&amp;", "&").chars().count() < 110, "{line}");
        }
    }

    #[test]
    fn on_the_page_a_plot_has_the_colours_of_the_theme() {
        let plot =
            Plot { title: String::new(), height: 10.0, marks: text(0.0, 0.0, 13.0, "ink", Style::Plain, "word") };
        let drawn = on_page(&plot);
        assert!(drawn.contains(r#"fill="var(--ink)""#) && !drawn.contains("=\"#"), "{drawn}");
    }

    #[test]
    fn a_line_has_gaps_where_nothing_was_measured() {
        let corners = [Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, 4.0))];
        assert_eq!(path(&corners, false), "M0.0 1.0L1.0 2.0M3.0 4.0");
        assert_eq!(path(&corners[..2], true), "M0.0 1.0L1.0 2.0Z");
        assert_eq!(path(&[], true), "");
    }
}
