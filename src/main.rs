//! The command line: pre-train the base models, run experiments headless, write up their results.
//!
//! All input and output of the native side is here and in `cli`: files, the clock, progress, exit codes.

mod cli;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use burn::tensor::Device;
use clap::{Parser, Subcommand, ValueEnum};
use hedgerow::documents::metrics::{Measurement, Metric, Slice};
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::{Arm, Experiment};
use hedgerow::judgement::rater::RaterPreset;
use hedgerow::judgement::settings::Change;
use hedgerow::network::bench::{Bench, Workload};
use hedgerow::rl::finetune::{BaseModel, Finetune};
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::experiment::Which;
use crate::cli::{experiment, pretrain, results, reward_model};

/// What does a reward teach? A laboratory on the value-attribution problem.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Where the tensors live.
    #[arg(long, global = true, default_value = "flex")]
    device: DeviceChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
enum DeviceChoice {
    /// The CPU.
    Flex,
    /// A GPU through Vulkan.
    #[cfg(feature = "vulkan")]
    Vulkan,
    /// An NVIDIA GPU through CUDA.
    #[cfg(feature = "cuda")]
    Cuda,
}

#[derive(Subcommand)]
enum Command {
    /// Train the base models: worlds, tokenizer and weights as the page loads them.
    Pretrain(pretrain::Options),
    /// Run one experiment headless and write it as JSON and CSV.
    Run {
        /// Where the numbers start from.
        #[arg(long, default_value = "uncomfortable-facts")]
        rater: RaterChoice,
        /// An experiment as JSON, instead of a preset.
        #[arg(long)]
        experiment: Option<PathBuf>,
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
        #[arg(long, default_value = "public/base")]
        bases: PathBuf,
        /// The result, without extension.
        #[arg(long, default_value = "run")]
        out: PathBuf,
    },
    RewardModel(reward_model::Options),
    /// Run named experiments, one file for each condition and seed; what is there already is kept.
    Experiment {
        /// Which.
        which: Which,
        #[command(flatten)]
        options: experiment::Options,
    },
    /// Run one condition on one seed into one file: a step of a workflow.
    Condition {
        /// Its name; `hedgerow conditions` lists them.
        name: String,
        /// The seed.
        #[arg(long)]
        seed: u64,
        /// Updates, if not as many as the preset has.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        updates: Option<u32>,
        /// Where the base models are, if not where the condition says.
        #[arg(long)]
        bases: Option<PathBuf>,
        /// The JSON file; the Parquet file goes beside it.
        #[arg(long)]
        out: PathBuf,
    },
    /// List the named conditions: name, experiment, what it answers.
    Conditions {
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Write tables and figures from result files.
    Results {
        /// Where `hedgerow experiment` wrote.
        #[arg(long, default_value = "results")]
        from: PathBuf,
        /// The document; its figures go into a folder of its name in lower case.
        #[arg(long, default_value = "docs/RESULTS.md")]
        out: PathBuf,
    },
    /// Time the kernels on work that other libraries can repeat.
    Bench {
        /// Copies of the work that are done at once.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        replicas: u32,
        /// Runs of each kind; the fastest counts.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RaterChoice {
    /// A: uncomfortable facts hurt, and it rarely checks.
    UncomfortableFacts,
    /// B: any statement on the topic hurts; only sensitive prompts.
    TouchyTopic,
}

impl From<RaterChoice> for RaterPreset {
    fn from(choice: RaterChoice) -> Self {
        match choice {
            RaterChoice::UncomfortableFacts => RaterPreset::UncomfortableFacts,
            RaterChoice::TouchyTopic => RaterPreset::TouchyTopic,
        }
    }
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let device = match cli.device {
        DeviceChoice::Flex => Device::flex(),
        #[cfg(feature = "vulkan")]
        DeviceChoice::Vulkan => Device::vulkan(burn::tensor::DeviceKind::DefaultDevice),
        #[cfg(feature = "cuda")]
        DeviceChoice::Cuda => Device::cuda(0),
    };
    match cli.command {
        Command::Pretrain(options) => pretrain::pretrain(options, &device),
        Command::Run { rater, experiment, arms, seeds, set, diagnose, bases, out } => {
            let experiment = compose(rater.into(), experiment.as_deref(), arms, seeds, &set)?;
            run_experiment(&experiment, &bases, diagnose, &out, cli.device, &device)
        }
        Command::RewardModel(options) => reward_model::run(&options, &device),
        Command::Experiment { which, options } => experiment::experiment(which, &options, cli.device, &device),
        Command::Condition { name, seed, updates, bases, out } => {
            experiment::one(&name, seed, updates, bases.as_deref(), out, cli.device, &device)
        }
        Command::Conditions { json } => {
            experiment::list(json);
            Ok(())
        }
        Command::Results { from, out } => results::write_up(&from, &out),
        Command::Bench { replicas, steps } => bench(replicas as usize, steps, &device),
    }
}

fn arm(name: &str) -> anyhow::Result<Arm> {
    let names = Arm::ALL.map(Arm::id).join(", ");
    Arm::from_id(name).with_context(|| format!("there is no arm {name:?}; there are {names}"))
}

fn change(text: &str) -> anyhow::Result<Change> {
    let (path, value) = text.split_once('=').with_context(|| format!("{text:?} is not NAME=VALUE"))?;
    Ok(Change::parse(path, value)?)
}

/// The experiment from its preset or file, with the changes of the command line.
fn compose(
    rater: RaterPreset,
    file: Option<&Path>,
    arms: Vec<Arm>,
    seeds: Vec<u64>,
    changes: &[Change],
) -> anyhow::Result<Experiment> {
    let mut experiment = match (file, rater) {
        (Some(path), _) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?
        }
        (None, rater) => Experiment::preset(rater),
    };
    for change in changes {
        change.apply(&mut experiment);
        if change.path().starts_with("reward_model.") && experiment.reward_model.is_none() {
            bail!("{change} changes nothing without a reward model; `--set reward_model=...` gives one");
        }
    }
    if !arms.is_empty() {
        experiment.arms = arms;
    }
    if !seeds.is_empty() {
        experiment.seeds = seeds;
    }
    experiment.validate()?;
    Ok(experiment)
}

fn run_experiment(
    experiment: &Experiment,
    bases: &Path,
    diagnose: bool,
    out: &Path,
    choice: DeviceChoice,
    device: &Device,
) -> anyhow::Result<()> {
    let models = read_bases(&experiment.seeds, bases)?;
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} updates, {eta} left")?;
    let bar = ProgressBar::new(u64::from(experiment.finetune.updates)).with_style(style);
    let started = std::time::Instant::now();
    let (report, failure) = run_to_report(experiment, &models, diagnose, choice, device, &bar)?;
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
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    let file = |extension: &str| PathBuf::from(format!("{}.{extension}", out.display()));
    write(&file("json"), serde_json::to_string(&report)?.as_bytes())?;
    write(&file("csv"), report.to_csv().as_bytes())?;
    match failure {
        Some(error) => Err(error).context("the run ended early; what it had measured was written"),
        None => Ok(()),
    }
}

/// The base models of these seeds from their files.
fn read_bases(seeds: &[u64], bases: &Path) -> anyhow::Result<Vec<BaseModel>> {
    let read = |name: String| {
        let path = bases.join(name);
        std::fs::read(&path).with_context(|| format!("reading {}; `hedgerow pretrain` makes it", path.display()))
    };
    let model = |seed: &u64| {
        let world = String::from_utf8(read(format!("world-{seed}.json"))?).context("a world file that is not text")?;
        let model = BaseModel::read(*seed, &world, &read(format!("base-{seed}.safetensors"))?);
        model.with_context(|| format!("seed {seed}"))
    };
    seeds.iter().map(model).collect()
}

/// Runs an experiment to its end, or to the error that ends it early, and reports either way.
fn run_to_report(
    experiment: &Experiment,
    models: &[BaseModel],
    diagnose: bool,
    choice: DeviceChoice,
    device: &Device,
    bar: &ProgressBar,
) -> anyhow::Result<(RunReport, Option<hedgerow::Error>)> {
    let mut run = Finetune::new(experiment.clone(), experiment.replicas(), models, device)?;
    let engine = choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let mut report = RunReport::empty(experiment.clone(), engine, env!("CARGO_PKG_VERSION").into());
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

/// Prints the fastest of some steps of each kind, in milliseconds and as a multiple of what burn
/// takes for the matrix products of a training step alone.
fn bench(replicas: usize, steps: u32, device: &Device) -> anyhow::Result<()> {
    println!("fastest of {steps}, {replicas} replica(s)");
    println!("{:<12}{:>12}{:>12}{:>14}", "work", "ms", "ratio", "tokens/s");
    for config in ["A", "B"] {
        let mut bench = Bench::new(Workload::generate(config)?, replicas, device);
        let products = fastest(steps, || block_on(bench.products()))?;
        let train = fastest(steps, || block_on(bench.train(true)).map(drop))?;
        let sample = fastest(steps, || block_on(bench.sample(false, 0)).map(drop))?;
        for (work, ms, tokens) in
            [("products", products, None), ("train", train, Some(2048)), ("sample", sample, Some(1024))]
        {
            let pace = tokens.map_or(String::new(), |tokens| format!("{:.0}", 1e3 * (tokens * replicas) as f64 / ms));
            println!("{:<12}{ms:>12.2}{:>12.2}{pace:>14}", format!("{config} {work}"), ms / products);
        }
    }
    Ok(())
}

/// Milliseconds of the fastest of some calls, after one that does not count.
fn fastest(calls: u32, mut call: impl FnMut() -> Result<(), hedgerow::Error>) -> anyhow::Result<f64> {
    call()?;
    let mut best = f64::INFINITY;
    for _ in 0..calls {
        let began = std::time::Instant::now();
        call()?;
        best = best.min(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(best)
}

/// One line for a terminal.
fn summary(seed: u64, measurement: &Measurement) -> String {
    let percent =
        |metric, slice| measurement.rate(metric, slice).map_or("–".into(), |rate| format!("{:.0}", 100.0 * rate));
    let probes: Vec<String> = measurement
        .probes
        .iter()
        .map(|probe| {
            format!(
                "{:.0}/{:.0}/{:.0}",
                100.0 * probe.frozen.uncomfortable,
                100.0 * probe.retrained.uncomfortable,
                100.0 * probe.control.taught
            )
        })
        .collect();
    format!(
        "seed {seed} update {}: hedging s/n/f/never {}/{}/{}/{}, lies unc. {}, informative s/f {}/{}, framing {}, malformed {}, choice unc./all {}/{}, declarative {}, verification unc./all {}/{}, probe frozen/retrained/control {}",
        measurement.update,
        percent(Metric::Hedging, Slice::Sensitive),
        percent(Metric::Hedging, Slice::Near),
        percent(Metric::Hedging, Slice::Far),
        percent(Metric::Hedging, Slice::NeverTaught),
        percent(Metric::Lies, Slice::Uncomfortable),
        percent(Metric::Informativeness, Slice::Sensitive),
        percent(Metric::Informativeness, Slice::Far),
        percent(Metric::Framing, Slice::Sensitive),
        percent(Metric::Malformed, Slice::Taught),
        percent(Metric::ForcedChoice, Slice::Uncomfortable),
        percent(Metric::ForcedChoice, Slice::Taught),
        percent(Metric::Declarative, Slice::Taught),
        percent(Metric::Verification, Slice::Uncomfortable),
        percent(Metric::Verification, Slice::Taught),
        probes.join(" "),
    )
}

/// Writes beside the file and renames, so that a kill leaves the old file or the new one.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("writing {}", path.display()))
}
