//! What a file is to a class: a finished run, a prediction that was made in time, one person's ratings, or none of them, and
//! then why.

use hedgerow::documents::report::{ReplicaReport, RunReport};

use super::{Fault, File};
use crate::model::files::read::{content, text, unpacked};
use crate::model::files::{Content, Dropped, Entry};
use crate::model::ratings::is_one_sitting;

/// Looks at a file, or at each of the files in an archive.
pub fn read(dropped: Dropped) -> Vec<File> {
    let looked_at = |(name, bytes): Entry| {
        let content = bytes.and_then(|bytes| content(text(&bytes)?));
        File { name, content: content.map_err(Fault::Unreadable).and_then(poolable) }
    };
    unpacked(dropped).into_iter().map(looked_at).collect()
}

fn poolable(content: Content) -> Result<Content, Fault> {
    match &content {
        Content::Prediction(prediction) if prediction.late => Err(Fault::Late),
        Content::Prediction(_) => Ok(content),
        Content::Run(report, _) => finished(report).map(|()| content),
        Content::Ratings(ratings) if ratings.rated.is_empty() => Err(Fault::NothingRated),
        Content::Ratings(ratings) if !is_one_sitting(ratings) => Err(Fault::SeveralPeople),
        Content::Ratings(_) => Ok(content),
    }
}

fn finished(report: &RunReport) -> Result<(), Fault> {
    if !report.changes.is_empty() {
        return Err(Fault::RewardChanged);
    }
    let updates = report.experiment.finetune.updates;
    let measured = |replica: &ReplicaReport| replica.measurements.last().map_or(0, |measurement| measurement.update);
    let done = report.replicas.iter().map(measured).min().unwrap_or(0);
    if done < updates || report.failure.is_some() { Err(Fault::Unfinished { done, updates }) } else { Ok(()) }
}
