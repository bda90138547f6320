//! The whole class as rows, for a spreadsheet or for another program.
//!
//! One row a number: every number of every run, each prediction, what everybody's ratings say, and what all have together. Names of columns and of
//! what was measured are those of a run's own rows (docs/SCHEMA.md).

use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::raters::Together;
use hedgerow::documents::ratings::Estimate;
use hedgerow::documents::report::{Row, RunReport};

use super::pool::Pool;
use super::raters::{NUMBERS, Raters};
use crate::model::prediction::{Bound, KNOTS, METRIC, SLICE, update_of};
use crate::model::series::{Courses, Drawn};

/// How a spreadsheet wants its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Commas between columns, a point in numbers.
    Comma,
    /// Semicolons between columns, a comma in numbers.
    Semicolon,
}

impl Dialect {
    fn number(self, value: f64) -> String {
        match self {
            Dialect::Comma => value.to_string(),
            Dialect::Semicolon => value.to_string().replace('.', ","),
        }
    }
}

/// A run's own rows for a spreadsheet that wants semicolons and commas: the columns of [`RunReport::to_csv`].
pub fn semicolon_csv(run: &RunReport) -> String {
    let dialect = Dialect::Semicolon;
    let mut csv = Csv { text: String::new(), dialect };
    let header = run.to_csv();
    let header: Vec<String> = header.lines().next().unwrap_or_default().split(',').map(String::from).collect();
    csv.row(&header);
    let failure = run.failure.clone().unwrap_or_default();
    for Row { arm, rewarded_by, seed, update, metric, slice, value, count } in run.rows() {
        let count = count.map_or(String::new(), |count| count.to_string());
        let first = [arm.id().into(), seed.to_string(), update.to_string(), metric.into_owned(), slice.into()];
        let last = [rewarded_by.id().into(), run.engine.clone(), run.build.clone(), failure.clone()];
        csv.row(&[&first[..], &[dialect.number(value), count], &last].concat());
    }
    csv.text
}

const COLUMNS: [&str; 11] =
    ["who", "what", "arm", "seed", "update", "metric", "slice", "value", "count", "engine", "build"];
/// What all have together, of these.
pub const POOLED: Quantity = Quantity::Rate(METRIC, SLICE);

/// The rows as CSV. `names` says who a file is of, by its place.
pub fn csv(pool: &Pool, raters: &Raters, names: impl Fn(usize) -> String, dialect: Dialect) -> String {
    let mut csv = Csv { text: String::new(), dialect };
    csv.row(&COLUMNS.map(String::from));
    let number = |value: f64| dialect.number(value);
    // A spreadsheet takes a name that begins like a formula for one.
    let name = |place: usize| match names(place) {
        name if name.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{name}"),
        name => name,
    };
    if let Some(run) = &pool.run {
        let of = |seed: u64| {
            let place = run.experiment.seeds.iter().position(|known| *known == seed);
            place.map(|place| (name(pool.sources[place]), pool.engines[place].clone())).unwrap_or_default()
        };
        for Row { arm, seed, update, metric, slice, value, count, .. } in run.rows() {
            let count = count.map_or(String::new(), |count| count.to_string());
            let [seed_text, update] = [seed.to_string(), update.to_string()];
            let (who, engine) = of(seed);
            let measured = [who, "measured".into(), arm.id().into(), seed_text, update];
            let origin = [engine, run.build.clone()];
            csv.row(&[&measured[..], &[metric.into_owned(), slice.into(), number(value), count], &origin].concat());
        }
        for line in Courses::default().lines(Drawn::Run(0, 0), run, POOLED) {
            for point in line.points {
                let Some(estimate) = point.estimate else { continue };
                let ends = estimate.interval.map(|[low, high]| [("pooled_low", low), ("pooled_high", high)]);
                for (what, value) in [("pooled", estimate.mean)].into_iter().chain(ends.into_iter().flatten()) {
                    let first = [String::new(), what.into(), line.arm.id().into(), String::new()];
                    let of = [point.update.to_string(), METRIC.id().into(), SLICE.id().into()];
                    csv.row_of_all(&[&first[..], &of, &[number(value), estimate.count.to_string()]].concat());
                }
            }
        }
    }
    for (place, prediction) in &pool.predictions {
        for expected in &prediction.expected {
            let before_end = if expected.course.is_some() { 1..KNOTS } else { 0..0 };
            // What is expected of the end has no update, as before there were lines.
            for knot in [KNOTS].into_iter().chain(before_end) {
                let update = prediction.updates().filter(|_| knot < KNOTS).map(|all| number(update_of(knot, all)));
                let here = expected.at_knot(knot);
                for (bound, what) in Bound::ALL.into_iter().zip(["predicted_low", "predicted", "predicted_high"]) {
                    let update = update.clone().unwrap_or_default();
                    let first = [name(*place), what.into(), expected.arm.id().into(), String::new(), update];
                    let of = [METRIC.id().into(), SLICE.id().into(), number(here.at(bound)), String::new()];
                    csv.row_of_all(&[&first[..], &of].concat());
                }
            }
        }
    }
    let mut rated = |who: &str, what: &str, seed: &str, metric: &str, value: f64, count: usize| {
        let first = [who, what, "", seed, "", metric, ""].map(String::from);
        csv.row_of_all(&[&first[..], &[number(value), count.to_string()]].concat());
    };
    for own in &raters.people {
        for (path, of) in NUMBERS {
            let Estimate { mean, low, high } = of(&own.learned.as_rater);
            for (what, value) in [("rated", mean), ("rated_low", low), ("rated_high", high)] {
                rated(&name(own.file), what, &own.seed.to_string(), path, short(value), own.rated);
            }
        }
    }
    let people = raters.people.len();
    for ((path, _), Together { mean, apart, uncertain }) in NUMBERS.into_iter().zip(&raters.together) {
        let ends = mean.interval.map(|[low, high]| [("pooled_low", low), ("pooled_high", high)]);
        let all = [("pooled", mean.mean), ("apart", *apart), ("uncertain", *uncertain)];
        for (what, value) in all.into_iter().chain(ends.into_iter().flatten()) {
            rated("", what, "", path, value, people);
        }
    }
    let said = ["good", "wrong", "badly_put", "uncomfortable"].into_iter().zip(raters.agreement.alpha);
    for (metric, alpha) in said.filter_map(|(metric, alpha)| Some((metric, alpha?))) {
        rated("", "agreement", "", metric, alpha, raters.agreement.cards);
    }
    csv.text
}

/// As it is written, and not the nearest number of twice as many digits.
fn short(value: f32) -> f64 {
    (f64::from(value) * 1e6).round() / 1e6
}

struct Csv {
    text: String,
    dialect: Dialect,
}

impl Csv {
    /// A row that no one engine has made.
    fn row_of_all(&mut self, cells: &[String]) {
        self.row(&[cells, &[String::new(), String::new()]].concat());
    }

    fn row(&mut self, fields: &[String]) {
        let separator = if self.dialect == Dialect::Comma { ',' } else { ';' };
        let field = |field: &String| {
            let has_to_be_quoted = field.contains([separator, '"', '\n', '\r']);
            if has_to_be_quoted { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.clone() }
        };
        self.text += &fields.iter().map(field).collect::<Vec<_>>().join(&separator.to_string());
        self.text += "\r\n";
    }
}
