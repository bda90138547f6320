//! What a file is: a run, a prediction, ratings, or none of them, and then why.

use hedgerow::documents::ratings::{RATINGS_SCHEMA, Ratings};
use hedgerow::documents::report::{RunReport, SCHEMA};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::{Content, Dropped, Entry, Fault, Label, MOST_BYTES, zip};
use crate::model::prediction::{self, Prediction};
use crate::model::site_files::is_web_page;

/// What tells one kind of file from another.
#[derive(Deserialize)]
struct Head {
    schema: Option<u32>,
    experiment: Option<IgnoredAny>,
    replicas: Option<IgnoredAny>,
    language_models: Option<IgnoredAny>,
    hedgerow_prediction: Option<u32>,
    ratings_schema: Option<u32>,
    rater: Option<IgnoredAny>,
    finetune: Option<IgnoredAny>,
}

/// What a run's file holds beside the run.
#[derive(Deserialize)]
struct Beside {
    prediction: Option<Prediction>,
}

/// The file, or each of the files in an archive.
pub fn unpacked(dropped: Dropped) -> Vec<Entry> {
    labelled(dropped).0
}

/// The same, with what is said of the run in an archive that the page packed.
pub fn labelled(dropped: Dropped) -> (Vec<Entry>, Option<Label>) {
    if !zip::is_archive(&dropped.bytes) {
        return (vec![(dropped.name, Ok(dropped.bytes))], None);
    }
    match zip::unpacked(&dropped) {
        Ok((entries, label)) if !entries.is_empty() => (entries, label),
        Ok(_) => (vec![(dropped.name, Err(Fault::Empty))], None),
        Err(fault) => (vec![(dropped.name, Err(fault))], None),
    }
}

/// A file as text, without what editors put before it.
///
/// # Errors
/// Why it is none.
pub fn text(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > MOST_BYTES {
        return Err(Fault::TooLarge);
    }
    let text = str::from_utf8(bytes).map_err(|_| Fault::NoText)?.trim_start_matches('\u{feff}').trim();
    if text.is_empty() { Err(Fault::Empty) } else { Ok(text) }
}

/// Columns that every table of the page has, whatever a spreadsheet has put between them.
const COLUMNS: [&str; 5] = ["update", "metric", "slice", "value", "count"];

fn is_table(text: &str) -> bool {
    let head = text.lines().next().unwrap_or_default().split([',', ';', '\t']);
    let columns: Vec<&str> = head.map(|column| column.trim_matches('"')).collect();
    columns.windows(COLUMNS.len()).any(|some| some == COLUMNS)
}

/// What a text holds.
///
/// # Errors
/// Why it cannot be used.
pub fn content(text: &str) -> Result<Content, Fault> {
    if is_web_page(text.as_bytes()) {
        return Err(Fault::WebPage);
    }
    if is_table(text) {
        return Err(Fault::Table);
    }
    let head: Head = serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Eof => Fault::CutShort,
        Category::Syntax | Category::Io => Fault::NoJson { line: error.line() },
        Category::Data => Fault::Foreign,
    })?;
    match head {
        Head { language_models: Some(_), .. } => Err(Fault::RealModel),
        Head { experiment: Some(_), schema: Some(schema), .. } if schema > SCHEMA => Err(Fault::Newer { schema }),
        Head { experiment: Some(_), replicas: Some(_), schema, .. } => match schema.unwrap_or(1) {
            SCHEMA => run(text, Fault::Damaged),
            schema => run(text, Fault::Older { schema }),
        },
        Head { hedgerow_prediction: Some(schema), .. } if schema > prediction::SCHEMA => Err(Fault::Newer { schema }),
        Head { hedgerow_prediction: Some(_), .. } => {
            let prediction = serde_json::from_str(text).ok().filter(Prediction::is_valid);
            prediction.map(Content::Prediction).ok_or(Fault::Damaged)
        }
        Head { ratings_schema: Some(schema), .. } if schema > RATINGS_SCHEMA => Err(Fault::Newer { schema }),
        Head { ratings_schema: Some(_), .. } => {
            let ratings = serde_json::from_str(text).ok().filter(Ratings::is_sound);
            ratings.map(|ratings| Content::Ratings(Box::new(ratings))).ok_or(Fault::Damaged)
        }
        Head { rater: Some(_), finetune: Some(_), .. } => Err(Fault::Settings),
        Head { .. } => Err(Fault::Foreign),
    }
}

/// The ratings that a text holds.
///
/// # Errors
/// Why there are none.
pub fn ratings(text: &str) -> Result<Ratings, Fault> {
    match content(text)? {
        Content::Ratings(ratings) => Ok(*ratings),
        Content::Run(..) | Content::Prediction(_) => Err(Fault::NoRatings),
    }
}

/// A run whose parts are all there and fit together; `broken` if they do not.
fn run(text: &str, broken: Fault) -> Result<Content, Fault> {
    let Ok(report) = serde_json::from_str::<RunReport>(text) else { return Err(broken) };
    let replicas: Vec<_> = report.replicas.iter().map(|replica| replica.replica).collect();
    if report.experiment.validate().is_err() || replicas != report.experiment.replicas() {
        return Err(broken);
    }
    if report.replicas.iter().any(|replica| replica.measurements.is_empty()) {
        return Err(Fault::Unmeasured);
    }
    // A prediction that cannot be used does not spoil the run; neither does one that came too late.
    let beside = serde_json::from_str::<Beside>(text).ok().and_then(|beside| beside.prediction);
    let prediction = beside.filter(|prediction| prediction.is_valid() && !prediction.late);
    Ok(Content::Run(Box::new(report), prediction))
}
