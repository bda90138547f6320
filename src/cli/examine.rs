//! `hedgerow examine`: what a tuned model says and knows, beside the base model that it came from.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use clap::Args;
use hedgerow::documents::metrics::{Measurement, WatchedAnswer};
use hedgerow::eval::measure::Examiner;
use hedgerow::judgement::experiment::{Experiment, MeasureConfig};
use hedgerow::network::checkpoint::Checkpoint;
use hedgerow::network::model::Policy;
use pollster::block_on;
use safetensors::SafeTensors;

use super::drive::read_bases;
use super::files::BASES;
use super::summary::summary;

/// Measure a model that the page has saved: how it answers, what it knows, what it says to the watched questions.
#[derive(Args)]
pub(crate) struct Options {
    /// The model's file, `scalar-seed-3-update-150.safetensors`.
    file: PathBuf,
    /// Where the base models are.
    #[arg(long, default_value = BASES)]
    bases: PathBuf,
    /// Both measurements, for programs.
    #[arg(long)]
    json: bool,
}

/// Measures the base model and the tuned one with the same noise, and prints both.
pub(super) fn examine(Options { file, bases, json }: &Options, device: &Device) -> anyhow::Result<()> {
    let unusable = || format!("{} cannot be used", file.display());
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let tuned = Checkpoint::from_bytes(&bytes).with_context(unusable)?;
    let (update, measure) = made(&bytes).with_context(unusable)?;
    let base = read_bases(&[tuned.seed], bases)?.remove(0);
    ensure!(
        base.config == tuned.config,
        "{} is of another world or shape than the base model of seed {} in {}; `--bases` says where that one is",
        file.display(),
        tuned.seed,
        bases.display()
    );
    let mut examiner = Examiner::new(vec![base.corpus], &[tuned.seed], measure.samples);
    let mut measured = |weights: Vec<f32>, update: u32| -> anyhow::Result<Measurement> {
        let shape = [1, tuned.config.parameters()];
        let policy = Policy::new(tuned.config, &Tensor::from_data(TensorData::new(weights, shape), device));
        Ok(block_on(examiner.measure(&policy, update, true))?.remove(0))
    };
    let before = measured(base.weights, 0)?;
    let now = measured(tuned.weights, update)?;
    if *json {
        println!("{}", serde_json::json!({ "seed": tuned.seed, "base": before, "tuned": now }));
        return Ok(());
    }
    for measurement in [&before, &now] {
        println!("{}", summary(tuned.seed, measurement));
    }
    for (before, WatchedAnswer { question, truth, answer, .. }) in before.answers.iter().zip(&now.answers) {
        let truth = truth.as_deref().unwrap_or("nothing that it was taught");
        println!("{question} ({truth}): {:?}, now {answer:?}", before.answer);
    }
    Ok(())
}

/// The updates that the file says it was tuned with, and how it was measured meanwhile; a base model says neither.
fn made(bytes: &[u8]) -> anyhow::Result<(u32, MeasureConfig)> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let update = metadata.get("update").map_or(Ok(0), |update| update.parse()).context("its update is not a number")?;
    let experiment = metadata.get("experiment").map(|text| serde_json::from_str::<Experiment>(text));
    let experiment = experiment.transpose().context("its experiment cannot be read")?.unwrap_or_default();
    Ok((update, experiment.measure))
}
