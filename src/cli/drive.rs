//! From base models in files to the report of a finished run.

use std::path::Path;

use anyhow::Context;
use burn::tensor::Device;
use hedgerow::Error;
use hedgerow::documents::report::RunReport;
use hedgerow::facts::world::Choices;
use hedgerow::judgement::experiment::Experiment;
use hedgerow::rl::finetune::{BaseModel, Finetune};
use indicatif::ProgressBar;
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::DeviceChoice;

/// The base models of these seeds from their files.
pub(super) fn read_bases(seeds: &[u64], bases: &Path) -> anyhow::Result<Vec<BaseModel>> {
    let read = |name: String| {
        let path = bases.join(name);
        std::fs::read(&path).with_context(|| format!("reading {}; `hedgerow pretrain` makes it", path.display()))
    };
    let model = |seed: &u64| {
        let (world, weights) = (format!("world-{seed}.json"), format!("base-{seed}.safetensors"));
        let unusable = |name: &str| format!("{} cannot be used", bases.join(name).display());
        let text = String::from_utf8(read(world.clone())?).with_context(|| unusable(&world))?;
        BaseModel::read(*seed, &text, &read(weights.clone())?).map_err(|error| {
            let culprit = if matches!(error, Error::World(_)) { world } else { weights };
            anyhow::Error::new(error).context(unusable(&culprit))
        })
    };
    seeds.iter().map(model).collect()
}

/// Runs an experiment to its end, or to the error that ends it early, and reports either way.
pub(super) fn run_to_report(
    experiment: &Experiment,
    models: &[BaseModel],
    diagnose: bool,
    choice: DeviceChoice,
    device: &Device,
    bar: &ProgressBar,
) -> anyhow::Result<(RunReport, Option<hedgerow::Error>)> {
    let mut run = Finetune::new(experiment.clone(), experiment.replicas(), models, device)?;
    let mut report = RunReport::empty(experiment.clone(), choice.id(), env!("CARGO_PKG_VERSION").into());
    if let Some(model) = models.first() {
        let Choices { values, mixed } = model.corpus.world().choices();
        (report.values, report.mixed_values) = (values, mixed);
    }
    let mut failure = drive(&mut run, &mut report, bar).err();
    if diagnose && failure.is_none() {
        match block_on(run.diagnose()) {
            Ok(diagnoses) => report.diagnoses = diagnoses,
            Err(error) => failure = Some(error),
        }
    }
    report.failure = failure.as_ref().map(ToString::to_string);
    if failure.is_some() {
        for replica in &mut report.replicas {
            replica.updates.retain(is_writable);
            replica.measurements.retain(is_writable);
        }
    }
    Ok((report, failure))
}

/// Can it be read again once it is written? JSON has no number for what is not one.
fn is_writable<T: Serialize + DeserializeOwned>(part: &T) -> bool {
    serde_json::to_value(part).and_then(serde_json::from_value::<T>).is_ok()
}

/// Trains to the last update and fills in the report on the way.
fn drive(run: &mut Finetune, report: &mut RunReport, bar: &ProgressBar) -> Result<(), hedgerow::Error> {
    let experiment = run.experiment().clone();
    loop {
        let update = run.updates_done();
        if experiment.measures_at(update) {
            for (replica, measurement) in report.replicas.iter_mut().zip(block_on(run.measure())?) {
                replica.measurements.push(measurement);
            }
        }
        if update >= experiment.finetune.updates {
            return Ok(());
        }
        for (replica, mut update) in report.replicas.iter_mut().zip(block_on(run.step())?) {
            // Rated answers are kept where there is a measurement beside them: a file a tenth the size.
            if !experiment.measures_at(update.update) {
                update.examples.clear();
            }
            replica.updates.push(update);
        }
        bar.inc(1);
    }
}
