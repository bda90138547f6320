//! What a file is: a finished run, a prediction, or neither, and then why.

use hedgerow::documents::report::{RunReport, SCHEMA};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::zip::{is_archive, unpacked};
use super::{Content, Dropped, Fault, File};
use crate::model::prediction::{self, Prediction};

/// A run of 64 seeds has a tenth of it.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// What tells one kind of file from another.
#[derive(Deserialize)]
struct Head {
    schema: Option<u32>,
    experiment: Option<IgnoredAny>,
    replicas: Option<IgnoredAny>,
    language_models: Option<IgnoredAny>,
    hedgerow_prediction: Option<u32>,
}

/// What a run's file holds beside the run.
#[derive(Deserialize)]
struct Beside {
    prediction: Option<Prediction>,
}

/// Looks at a file, or at each of the files in an archive.
pub fn read(dropped: Dropped) -> Vec<File> {
    if is_archive(&dropped.bytes) {
        return match unpacked(&dropped) {
            Ok(entries) => entries.into_iter().map(|(name, bytes)| looked_at(name, bytes)).collect(),
            Err(fault) => vec![File { name: dropped.name, content: Err(fault) }],
        };
    }
    vec![looked_at(dropped.name, Ok(dropped.bytes))]
}

fn looked_at(name: String, bytes: Result<Vec<u8>, Fault>) -> File {
    File { name, content: bytes.and_then(|bytes| content(&bytes)) }
}

fn content(bytes: &[u8]) -> Result<Content, Fault> {
    if bytes.len() > MOST_BYTES {
        return Err(Fault::TooLarge);
    }
    let text = str::from_utf8(bytes).map_err(|_| Fault::NoText)?.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    let head: Head = serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Eof => Fault::CutShort,
        Category::Syntax | Category::Io => Fault::NoJson { line: error.line() },
        Category::Data => Fault::Foreign,
    })?;
    match head {
        Head { language_models: Some(_), .. } => Err(Fault::RealModel),
        Head { experiment: Some(_), replicas: Some(_), schema, .. } => {
            newer(schema.unwrap_or(1), SCHEMA)?;
            run(text)
        }
        Head { hedgerow_prediction: Some(schema), .. } => {
            newer(schema, prediction::SCHEMA)?;
            let prediction: Prediction = serde_json::from_str(text).map_err(|_| Fault::Damaged)?;
            if !prediction.is_valid() {
                return Err(Fault::Damaged);
            }
            if prediction.late { Err(Fault::Late) } else { Ok(Content::Prediction(prediction)) }
        }
        Head { .. } => Err(Fault::Foreign),
    }
}

fn newer(schema: u32, known: u32) -> Result<(), Fault> {
    if schema > known { Err(Fault::Newer { schema }) } else { Ok(()) }
}

fn run(text: &str) -> Result<Content, Fault> {
    let report: RunReport = serde_json::from_str(text).map_err(|_| Fault::Damaged)?;
    let replicas: Vec<_> = report.replicas.iter().map(|replica| replica.replica).collect();
    if report.experiment.validate().is_err() || replicas != report.experiment.replicas() {
        return Err(Fault::Damaged);
    }
    if !report.changes.is_empty() {
        return Err(Fault::RewardChanged);
    }
    let updates = report.experiment.finetune.updates;
    let measured = |replica: &hedgerow::documents::report::ReplicaReport| {
        replica.measurements.last().map_or(0, |measurement| measurement.update)
    };
    let done = report.replicas.iter().map(measured).min().unwrap_or(0);
    if done < updates || report.failure.is_some() {
        return Err(Fault::Unfinished { done, updates });
    }
    // A prediction that cannot be used does not spoil the run; neither does one that came too late.
    let beside = serde_json::from_str::<Beside>(text).ok().and_then(|beside| beside.prediction);
    let prediction = beside.filter(|prediction| prediction.is_valid() && !prediction.late);
    Ok(Content::Run(Box::new(report), prediction))
}
