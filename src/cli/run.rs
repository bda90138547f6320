//! `hedgerow run`: one experiment of one's own.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use burn::tensor::Device;
use clap::Args;
use hedgerow::Error;
use hedgerow::facts::error::ExperimentFault;
use hedgerow::facts::world::Theme;
use hedgerow::judgement::arms::Arm;
use hedgerow::judgement::experiment::{Experiment, WorldId};
use hedgerow::judgement::settings::Change;
use indicatif::{ProgressBar, ProgressStyle};

use super::drive::{read_bases, run_to_report};
use super::files::{BASES, did_you_mean, prepare, read_experiment, write};
use super::pretrain::themes;
use super::summary::summary;
use super::world::bases_of;
use super::{DeviceChoice, RaterChoice};

/// Run one experiment headless and write it as JSON and CSV.
#[derive(Args)]
pub(crate) struct Options {
    /// Where the numbers start from.
    #[arg(long, default_value = "uncomfortable-facts")]
    rater: RaterChoice,
    /// An experiment as JSON, instead of a preset.
    #[arg(long)]
    experiment: Option<PathBuf>,
    /// What the worlds of the seeds are about, if not what the experiment says.
    #[arg(long, value_parser = themes())]
    theme: Option<Theme>,
    /// Arms to compare; all of the experiment's if not given.
    #[arg(long, value_delimiter = ',', value_parser = arm)]
    arms: Vec<Arm>,
    /// Seeds to run, paired.
    #[arg(long, value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Changes a number or a choice: `--set finetune.updates=50 --set finetune.algorithm=ppo`.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = change)]
    set: Vec<Change>,
    /// Look into the finished models too: probe controls, description length, re-elicitation, steering.
    #[arg(long)]
    diagnose: bool,
    /// Where the base models are.
    #[arg(long, default_value = BASES)]
    bases: PathBuf,
    /// The result, without extension.
    #[arg(long, default_value = "run")]
    out: PathBuf,
}

/// Runs it, prints how it began and ended, and writes JSON and CSV.
pub(super) fn run(options: Options, choice: DeviceChoice, device: &Device) -> anyhow::Result<()> {
    let experiment = compose(&options)?;
    let Options { diagnose, bases, out, .. } = options;
    let file = |extension: &str| PathBuf::from(format!("{}.{extension}", out.display()));
    ["json", "csv"].into_iter().try_for_each(|extension| prepare(&file(extension)))?;
    let bases = bases_of(experiment.own_world, bases)?;
    let models = read_bases(&experiment.seeds, &bases)?;
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} updates, {eta} left")?;
    let bar = ProgressBar::new(u64::from(experiment.finetune.updates)).with_style(style);
    let started = Instant::now();
    let (report, failure) = run_to_report(&experiment, &models, diagnose, choice, device, &bar)?;
    bar.finish_and_clear();
    for replica in &report.replicas {
        for measurement in replica.measurements.iter().take(1).chain(replica.measurements.last()) {
            println!("{} {}", replica.replica.arm.id(), summary(replica.replica.seed, measurement));
        }
        if let Some(last) = replica.updates.last() {
            println!("  rater's scalar {:.2}, KL {:.2} nats an answer", last.scalar, last.kl);
        }
    }
    let seconds = started.elapsed().as_secs_f32();
    eprintln!(
        "{} replicas, {} updates in {seconds:.1} s, measurements included",
        report.replicas.len(),
        report.updates_done()
    );
    write(&file("json"), serde_json::to_string(&report)?.as_bytes())?;
    write(&file("csv"), report.to_csv().as_bytes())?;
    match failure {
        Some(error) => Err(error).context("the run ended early; what it had measured was written"),
        None => Ok(()),
    }
}

/// The experiment from its preset or file, with the changes of the command line.
fn compose(options: &Options) -> anyhow::Result<Experiment> {
    let mut experiment = match &options.experiment {
        Some(path) => read_experiment(path)?,
        None => Experiment::preset(options.rater.into()),
    };
    for change in &options.set {
        change.apply(&mut experiment);
        if change.path().starts_with("reward_model.") && experiment.reward_model.is_none() {
            bail!("{change} changes nothing without a reward model; `--set reward_model=...` gives one");
        }
    }
    if let Some(theme) = options.theme {
        experiment.own_world = WorldId::of(theme);
    }
    if !options.arms.is_empty() {
        experiment.arms.clone_from(&options.arms);
    }
    if !options.seeds.is_empty() {
        experiment.seeds.clone_from(&options.seeds);
    }
    experiment.validate()?;
    Ok(experiment)
}

/// An arm of the command line.
pub(super) fn arm(name: &str) -> anyhow::Result<Arm> {
    let names = Arm::ALL.map(Arm::id).join(", ");
    Arm::from_id(name).with_context(|| format!("there is no arm {name:?}; there are {names}"))
}

fn change(text: &str) -> anyhow::Result<Change> {
    let (path, value) = text.split_once('=').with_context(|| format!("{text:?} is not NAME=VALUE"))?;
    let is_unknown = |error: &Error| matches!(error, Error::Experiment(ExperimentFault::NoSuchSetting { .. }));
    Change::parse(path, value).map_err(|error| match is_unknown(&error) {
        true => anyhow!("{error}{}", did_you_mean(path)),
        false => error.into(),
    })
}
