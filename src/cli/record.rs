//! The page's recordings, cut from the result files of the published conditions: what the page shows before anybody
//! trains is what RESULTS.md is made of.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use hedgerow::documents::conditions::conditions;
use hedgerow::documents::questions::Question;
use hedgerow::documents::report::RunReport;

use super::files::write;

/// Writes one recording for each question.
pub(crate) fn record(from: &Path, out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("creating {}", out.display()))?;
    let all = conditions();
    for question in Question::ALL {
        let condition = all.iter().find(|condition| condition.name == question.condition());
        let condition = condition.context("a question has a published condition")?;
        let folder = from.join(condition.group.name()).join(&condition.name);
        let mut reports = Vec::new();
        for seed in 0.. {
            let file = folder.join(format!("seed-{seed}.json"));
            if !file.is_file() {
                break;
            }
            let bytes = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            reports.push(serde_json::from_slice(&bytes).with_context(|| format!("reading {}", file.display()))?);
        }
        let Some(recording) = merged(question, reports)? else {
            bail!(
                "{} holds no run of seed 0; `hedgerow experiment all --out {}` makes them",
                folder.display(),
                from.display()
            );
        };
        let file = out.join(format!("{}.json", question.id()));
        write(&file, serde_json::to_string(&recording)?.as_bytes())?;
        eprintln!("{}: {} seeds", file.display(), recording.experiment.seeds.len());
    }
    Ok(())
}

/// The question's arms of runs of one seed each, as one run; `None` of no runs.
fn merged(question: Question, reports: Vec<RunReport>) -> anyhow::Result<Option<RunReport>> {
    let Some(first) = reports.first() else { return Ok(None) };
    let mut experiment =
        question.experiment(reports.iter().flat_map(|report| report.experiment.seeds.clone()).collect());
    experiment.measure = first.experiment.measure;
    let mut recording = RunReport::empty(experiment, first.engine.clone(), first.build.clone());
    let replicas = recording.replicas.iter_mut();
    for replica in replicas {
        let of_seed = reports.iter().flat_map(|report| &report.replicas).find(|other| other.replica == replica.replica);
        let found = of_seed.with_context(|| format!("no file holds {:?}", replica.replica))?;
        ensure!(found.measurements.len() > 1, "{:?} was not measured before and after", replica.replica);
        replica.clone_from(found);
        // A recording shows answers before and after, and the credit of the last update.
        let (last, measured) = (replica.updates.len() - 1, replica.measurements.len() - 1);
        replica.updates[..last].iter_mut().for_each(|update| update.examples.clear());
        replica.measurements[1..measured].iter_mut().for_each(|measurement| measurement.answers.clear());
    }
    recording.failure = reports.into_iter().find_map(|report| report.failure);
    Ok(Some(recording))
}
