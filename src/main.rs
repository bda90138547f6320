//! The command line: pre-train the base models, run an experiment headless.
//!
//! All input and output of the native side is here: files, the clock, progress, exit codes.

mod cli_reward_model;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use burn::tensor::Device;
use clap::{Parser, Subcommand, ValueEnum};
use hedgerow::bench::{Bench, Workload};
use hedgerow::checkpoint::Checkpoint;
use hedgerow::corpus::Corpus;
use hedgerow::experiment::{Arm, Experiment};
use hedgerow::finetune::{BaseModel, Finetune};
use hedgerow::measure::Examiner;
use hedgerow::metrics::{Measurement, Metric, Slice};
use hedgerow::model::ModelConfig;
use hedgerow::pretrain::{Pretrain, PretrainConfig, PretrainState};
use hedgerow::protocol;
use hedgerow::rater::RaterPreset;
use hedgerow::report::RunReport;
use hedgerow::tokenizer::Tokenizer;
use hedgerow::world::World;
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;

/// Knowledge that a base model needs before it ships, on every seed.
const GATE: f64 = 0.99;

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
    /// A GPU through WebGPU's shader language.
    #[cfg(feature = "webgpu")]
    Webgpu,
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
    Pretrain {
        /// Seeds to train, stacked: 0, or 0,1,2.
        #[arg(long = "seed", value_delimiter = ',', default_value = "0")]
        seeds: Vec<u64>,
        /// Optimiser steps.
        #[arg(long, default_value_t = PretrainConfig::default().steps)]
        steps: u32,
        /// Where the files go.
        #[arg(long, default_value = "public/base")]
        out: PathBuf,
        /// Steps between two saves of the state, from which a killed run goes on.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        save_every: u32,
    },
    /// Run one experiment headless and write it as JSON and CSV.
    Run {
        /// Where the numbers start from.
        #[arg(long, default_value = "uncomfortable-facts")]
        rater: RaterChoice,
        /// An experiment as JSON, instead of a preset.
        #[arg(long)]
        experiment: Option<PathBuf>,
        /// Arms to compare; all of the experiment's if not given.
        #[arg(long, value_delimiter = ',')]
        arms: Vec<String>,
        /// Seeds to run, paired.
        #[arg(long, value_delimiter = ',')]
        seeds: Vec<u64>,
        /// Changes a number or a choice: `--set finetune.updates=50 --set finetune.algorithm=ppo`.
        #[arg(long = "set", value_name = "NAME=VALUE")]
        set: Vec<String>,
        /// Where the base models are.
        #[arg(long, default_value = "public/base")]
        bases: PathBuf,
        /// The result, without extension.
        #[arg(long, default_value = "run")]
        out: PathBuf,
    },
    RewardModel(cli_reward_model::Options),
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
        #[cfg(feature = "webgpu")]
        DeviceChoice::Webgpu => Device::webgpu(burn::tensor::DeviceKind::DefaultDevice),
        #[cfg(feature = "vulkan")]
        DeviceChoice::Vulkan => Device::vulkan(burn::tensor::DeviceKind::DefaultDevice),
        #[cfg(feature = "cuda")]
        DeviceChoice::Cuda => Device::cuda(0),
    };
    match cli.command {
        Command::Pretrain { seeds, steps, out, save_every } => pretrain(seeds, steps, &out, save_every, &device),
        Command::Run { rater, experiment, arms, seeds, set, bases, out } => {
            let experiment = compose(rater, experiment.as_deref(), &arms, seeds, &set)?;
            run_experiment(experiment, &bases, &out, cli.device, &device)
        }
        Command::RewardModel(options) => cli_reward_model::run(&options, &device),
        Command::Bench { replicas, steps } => bench(replicas as usize, steps, &device),
    }
}

/// The experiment from its preset or file, with the changes of the command line.
fn compose(
    rater: RaterChoice,
    file: Option<&Path>,
    arms: &[String],
    seeds: Vec<u64>,
    set: &[String],
) -> anyhow::Result<Experiment> {
    let base = match (file, rater) {
        (Some(path), _) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?
        }
        (None, rater) => Experiment::preset(rater.into()),
    };
    let mut json = serde_json::to_value(base)?;
    for change in set {
        let (name, new) = change.split_once('=').with_context(|| format!("{change:?} is not NAME=VALUE"))?;
        match json.pointer_mut(&format!("/{}", name.replace('.', "/"))) {
            Some(serde_json::Value::String(choice)) => *choice = new.to_owned(),
            Some(number @ serde_json::Value::Number(_)) => {
                *number = serde_json::from_str(new).with_context(|| format!("{new:?} is not a number"))?;
            }
            Some(_) | None => bail!("there is no number or choice {name:?}"),
        }
    }
    // A choice that does not exist is refused here, with a list of those that do.
    let mut experiment: Experiment = serde_json::from_value(json)?;
    if !arms.is_empty() {
        let named = |name: &String| {
            let names: Vec<&str> = Arm::ALL.iter().map(|arm| arm.name()).collect();
            let arm = Arm::ALL.into_iter().find(|arm| arm.name() == name);
            arm.with_context(|| format!("there is no arm {name:?}; there are {}", names.join(", ")))
        };
        experiment.arms = arms.iter().map(named).collect::<Result<_, _>>()?;
    }
    if !seeds.is_empty() {
        experiment.seeds = seeds;
    }
    experiment.validate()?;
    Ok(experiment)
}

fn run_experiment(
    experiment: Experiment,
    bases: &Path,
    out: &Path,
    choice: DeviceChoice,
    device: &Device,
) -> anyhow::Result<()> {
    let read = |name: String| {
        let path = bases.join(name);
        std::fs::read(&path).with_context(|| format!("reading {}; `hedgerow pretrain` makes it", path.display()))
    };
    let mut models = Vec::new();
    for seed in &experiment.seeds {
        let world = String::from_utf8(read(format!("world-{seed}.json"))?).context("a world file that is not text")?;
        let model = BaseModel::read(*seed, &world, &read(format!("base-{seed}.safetensors"))?);
        models.push(model.with_context(|| format!("seed {seed}"))?);
    }
    let mut run = Finetune::new(experiment.clone(), experiment.replicas(), &models, device)?;
    let engine = choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let mut report = RunReport::empty(experiment.clone(), engine, env!("CARGO_PKG_VERSION").into());

    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} updates, {eta} left")?;
    let bar = ProgressBar::new(u64::from(experiment.finetune.updates)).with_style(style);
    let started = std::time::Instant::now();
    let failure = drive(&mut run, &mut report, &bar).err();
    report.failure = failure.as_ref().map(ToString::to_string);
    bar.finish_and_clear();
    for replica in &report.replicas {
        for measurement in replica.measurements.iter().take(1).chain(replica.measurements.last()) {
            println!("{} {}", replica.replica.arm.name(), summary(replica.replica.seed, measurement));
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
        bar.set_position(u64::from(run.updates_done()));
    }
}

fn pretrain(seeds: Vec<u64>, steps: u32, out: &Path, save_every: u32, device: &Device) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("creating {}", out.display()))?;
    let corpora: Vec<Corpus> = seeds.iter().map(|seed| Corpus::new(World::generate(*seed))).collect();
    let model = ModelConfig::for_corpus(&corpora[0]);
    let config = PretrainConfig { steps, ..PretrainConfig::default() };
    let names: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let partial = out.join(format!("pretrain-{}.partial", names.join("-")));
    let mut run = match std::fs::read(&partial) {
        Ok(bytes) => {
            let state: PretrainState =
                protocol::decode(&bytes).with_context(|| format!("reading {}", partial.display()))?;
            if (state.config, state.model, &state.seeds) != (config, model, &seeds) {
                bail!("{} belongs to another run; delete it, or give the same options", partial.display());
            }
            eprintln!("going on from step {} of {}", state.step, partial.display());
            Pretrain::restore(state, corpora.clone(), device)
        }
        Err(_) => Pretrain::new(config, model, seeds.clone(), corpora.clone(), device),
    };

    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} steps, {eta} left, loss {msg}")?;
    let bar = ProgressBar::new(u64::from(steps)).with_style(style);
    while !run.is_finished() {
        run.step();
        if run.steps_done() % save_every == 0 || run.is_finished() {
            let losses: Vec<String> = block_on(run.losses())?.iter().map(|loss| format!("{loss:.3}")).collect();
            bar.set_message(losses.join(" "));
            bar.set_position(u64::from(run.steps_done()));
            write(&partial, &protocol::encode(&block_on(run.state())?))?;
            if !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
                eprintln!("step {}: loss {}", run.steps_done(), losses.join(" "));
            }
        }
    }
    bar.finish();

    let mut examiner = Examiner::new(corpora.clone(), &seeds, 4);
    let measurements = block_on(examiner.measure(&run.policy(), 0, true))?;
    let weights = block_on(run.state())?.weights;
    let mut failed = Vec::new();
    for (index, (seed, measurement)) in seeds.iter().zip(&measurements).enumerate() {
        eprintln!("{}", summary(*seed, measurement));
        let knows = |metric| measurement.rate(metric, Slice::Taught).unwrap_or_default() >= GATE;
        if ![Metric::ForcedChoice, Metric::Verification].into_iter().all(knows) {
            failed.push(seed.to_string());
            continue;
        }
        let parameters = model.parameters();
        let weights = weights[index * parameters..(index + 1) * parameters].to_vec();
        let world = corpora[index].world();
        write(&out.join(format!("world-{seed}.json")), world.to_json().as_bytes())?;
        let checkpoint = Checkpoint { config: model, seed: *seed, weights };
        write(&out.join(format!("base-{seed}.safetensors")), &checkpoint.to_bytes())?;
    }
    write(&out.join("tokenizer.json"), Tokenizer::of(&corpora[0].vocabulary).to_json().as_bytes())?;
    write_index(out)?;
    if !failed.is_empty() {
        bail!(
            "seed {} does not pass the gate: forced choice and verification of {GATE}; more steps may help",
            failed.join(", ")
        );
    }
    std::fs::remove_file(&partial).context("removing the saved state")
}

/// Lists the seeds whose weights are there.
fn write_index(out: &Path) -> anyhow::Result<()> {
    let mut seeds: Vec<u64> = std::fs::read_dir(out)?
        .filter_map(|entry| {
            entry
                .ok()?
                .file_name()
                .into_string()
                .ok()?
                .strip_prefix("base-")?
                .strip_suffix(".safetensors")?
                .parse()
                .ok()
        })
        .collect();
    seeds.sort_unstable();
    write(&out.join("index.json"), serde_json::json!({ "seeds": seeds }).to_string().as_bytes())
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
