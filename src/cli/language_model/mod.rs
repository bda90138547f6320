//! `hedgerow language-model`: the same experiment on a real language model.
//!
//! A run is one arm on one seed and one file, whole or not there at all, with its adapters beside it. What a kill leaves
//! is kept, too: the warm start of a seed, which all of its arms begin with, and the last measured state of a run.

mod bench;
mod record;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use burn::tensor::Device;
use clap::{Args, Subcommand};
use hedgerow::assistant::examiner::{Examined, Examiner};
use hedgerow::assistant::finetune::Finetune;
use hedgerow::assistant::teacher::warm_start;
use hedgerow::assistant::world::{CONTINENTS_AND_ANIMALS, Questions, RealWorld};
use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::documents::report::{LanguageModelConfig, LanguageModelReport, RunReport, SCHEMA};
use hedgerow::facts::world::Choices;
use hedgerow::judgement::arms::Arm;
use hedgerow::judgement::experiment::{Experiment, FinetuneConfig, MeasureConfig};
use hedgerow::judgement::rater::RaterPreset;
use hedgerow_language_model::adapters;
use hedgerow_language_model::checkpoint::{Checkpoint, GgufFile};
use hedgerow_language_model::decoder::Decoder;
use hedgerow_language_model::lora::{AdamW, AdamWConfig, Lora, LoraConfig, Saved};
use hedgerow_language_model::sampling::{Choice, Lengths};
use hedgerow_language_model::tokenizer::ChatTokenizer;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::cli::files::{Sole, prepare, read_text, write};
use crate::cli::{DeviceChoice, RaterChoice};

/// Rank of the adapters.
const RANK: usize = 16;
/// The folder of what the runs of a seed begin with.
const WARM_STARTS: &str = "warm-starts";

/// What is done with the model.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Run one arm on one seed into one file.
    Run {
        #[command(flatten)]
        options: Options,
        /// Which arm.
        #[arg(long, default_value = "scalar", value_parser = crate::cli::run::arm)]
        arm: Arm,
        /// Which seed.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Who rates.
        #[arg(long, default_value = "uncomfortable-facts")]
        rater: RaterChoice,
    },
    /// Make what all runs of a seed begin with, unless it is there.
    WarmStart {
        #[command(flatten)]
        options: Options,
        /// Which seed.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Run raters, arms and seeds, one file for each; what is there already is kept.
    Experiment {
        #[command(flatten)]
        options: Options,
        /// Arms, in this order for each seed.
        #[arg(long, value_delimiter = ',', value_parser = crate::cli::run::arm, default_value = "scalar,structured")]
        arms: Vec<Arm>,
        /// Seeds, in this order.
        #[arg(long, value_delimiter = ',', default_value = "0,1,2")]
        seeds: Vec<u64>,
        /// Raters, in this order for each seed.
        #[arg(long, value_delimiter = ',', default_value = "uncomfortable-facts,touchy-topic")]
        raters: Vec<RaterChoice>,
    },
    /// Cut recordings for the page from result files, one for each rater: curves, and the same questions answered
    /// before, during and after.
    Record {
        /// Where `hedgerow language-model experiment` wrote.
        #[arg(long, default_value = "results/language-model")]
        from: PathBuf,
        /// Where the recordings go.
        #[arg(long, default_value = "public/recorded")]
        out: PathBuf,
        /// Where what the first seed has learned goes.
        #[arg(long, default_value = "public/assistant")]
        adapters: PathBuf,
    },
    /// Time an update on work that other libraries can repeat.
    Bench {
        #[command(flatten)]
        model: Model,
        /// Updates; the fastest counts.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
        updates: u32,
    },
    /// Answer questions greedily, and say how fast.
    Ask {
        #[command(flatten)]
        model: Model,
        /// Adapters, merged one after the other: those of the warm start before those of a run.
        #[arg(long, value_delimiter = ',')]
        adapters: Vec<PathBuf>,
        /// Tokens of an answer at most.
        #[arg(long, default_value_t = 60)]
        tokens: usize,
        /// Questions.
        #[arg(required = true)]
        questions: Vec<String>,
    },
}

/// Where the model is.
#[derive(Args)]
pub(crate) struct Model {
    /// A GGUF file, or a folder with config.json, model.safetensors and tokenizer.json.
    #[arg(long, env = "HEDGEROW_SMOLLM2")]
    model: PathBuf,
}

/// What every run has.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    model: Model,
    /// A world file of real facts, if not the one about continents and animals.
    #[arg(long)]
    world: Option<PathBuf>,
    /// Updates.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    updates: u32,
    /// Step size of the fine-tune.
    #[arg(long, default_value_t = 5e-4)]
    learning_rate: f32,
    /// Coefficient of the KL divergence to the warm start.
    #[arg(long, default_value_t = 0.02)]
    kl: f32,
    /// Steps of the warm start.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    warm_start_steps: u32,
    /// The folder of the results.
    #[arg(long, default_value = "results/language-model")]
    out: PathBuf,
}

/// A model with the world that it is asked about.
struct Subject {
    decoder: Decoder,
    tokenizer: ChatTokenizer,
    world: RealWorld,
    /// The file's name.
    name: String,
}

/// What the warm start of a seed came to, beside its adapters.
#[derive(Serialize, Deserialize)]
struct WarmStart {
    model: String,
    world: String,
    config: LanguageModelConfig,
    losses: Vec<f32>,
}

/// The folder of an arm's runs under a rater.
pub(super) fn folder(rater: RaterPreset, arm: Arm) -> String {
    format!("{}-{}", rater.id(), arm.id())
}

/// Does what was asked for.
pub(crate) fn run(action: Action, choice: DeviceChoice, device: &Device) -> anyhow::Result<()> {
    match action {
        Action::Run { options, arm, seed, rater } => {
            let subject = Subject::read(&options, device)?;
            subject.run(&options, arm, seed, rater, choice)
        }
        Action::WarmStart { options, seed } => {
            let subject = Subject::read(&options, device)?;
            let config = config(&options, &subject.decoder);
            let (_, losses) = subject.warm_start(&options, &config, seed)?;
            println!("warm start of seed {seed}: loss {:.2} nats a token", losses.last().copied().unwrap_or_default());
            Ok(())
        }
        Action::Experiment { options, arms, seeds, raters } => {
            let subject = Subject::read(&options, device)?;
            for seed in seeds {
                for rater in &raters {
                    for arm in &arms {
                        subject.run(&options, *arm, seed, *rater, choice)?;
                    }
                }
            }
            Ok(())
        }
        Action::Bench { model, updates } => bench::bench(&model, updates, device),
        Action::Record { from, out, adapters } => record::record(&from, &out, &adapters),
        Action::Ask { model, adapters, tokens, questions } => ask(&model, &adapters, tokens, &questions, device),
    }
}

impl Model {
    fn read(&self, device: &Device) -> anyhow::Result<(Decoder, ChatTokenizer, String)> {
        let read = |path: &Path| std::fs::read(path).with_context(|| format!("reading {}", path.display()));
        let name = self.model.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (checkpoint, tokenizer) = if self.model.is_dir() {
            let text = |name: &str| anyhow::Ok(String::from_utf8(read(&self.model.join(name))?)?);
            let checkpoint =
                Checkpoint::from_safetensors(&text("config.json")?, &read(&self.model.join("model.safetensors"))?)?;
            (checkpoint, ChatTokenizer::from_json(&text("tokenizer.json")?)?)
        } else {
            let GgufFile { checkpoint, tokenizer } = GgufFile::read(&read(&self.model)?)?;
            (checkpoint, tokenizer)
        };
        Ok((Decoder::new(checkpoint, device)?, tokenizer, name))
    }
}

impl Subject {
    fn read(options: &Options, device: &Device) -> anyhow::Result<Self> {
        let world = match &options.world {
            Some(path) => {
                RealWorld::from_json(&read_text(path)?).with_context(|| format!("reading {}", path.display()))?
            }
            None => RealWorld::from_json(CONTINENTS_AND_ANIMALS)?,
        };
        let (decoder, tokenizer, name) = options.model.read(device)?;
        Ok(Subject { decoder, tokenizer, world, name })
    }

    /// Runs an arm on a seed, unless its file is there.
    fn run(
        &self,
        options: &Options,
        arm: Arm,
        seed: u64,
        rater: RaterChoice,
        choice: DeviceChoice,
    ) -> anyhow::Result<()> {
        let condition = folder(rater.into(), arm);
        let file = options.out.join(&condition).join(format!("seed-{seed}.json"));
        let experiment = experiment(options, arm, seed, rater)?;
        let config = config(options, &self.decoder);
        if let Ok(bytes) = std::fs::read(&file) {
            let same = |report: &RunReport| {
                let model = report.language_models.first().map(|model| (&model.model, &model.world, &model.config));
                report.schema == SCHEMA
                    && report.experiment == experiment
                    && model == Some((&self.name, &self.world.name, &config))
            };
            let there: RunReport = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged; delete it, or move it away", file.display()))?;
            if same(&there) {
                eprintln!("{} is there: kept", file.display());
                return Ok(());
            }
            bail!("{} is of another experiment; move it away, or choose another --out", file.display());
        }
        prepare(&file)?;
        let _sole = Sole::take(file.with_extension("lock"), &format!("{condition}, seed {seed}"))?;
        let began = Instant::now();
        let (reference, losses) = self.warm_start(options, &config, seed)?;
        let mut questions = Questions::new(self.world.clone(), seed);
        let mut examiner =
            Examiner::new(self.tokenizer.clone(), seed, experiment.measure.samples, config.answer_tokens);
        let known = examiner.known(&reference, &questions)?;
        let dropped = questions.facts.iter().zip(&known).filter(|(fact, known)| fact.value.is_some() && !**known);
        let unknown = dropped
            .map(|(fact, _)| format!("{}: {}", self.world.entities[fact.entity].name, questions.relation(fact).name));
        let unknown: Vec<String> = unknown.collect();
        questions.keep(&known)?;
        let uncomfortable = self.world.relations.iter().enumerate().flat_map(|(attribute, relation)| {
            let values = relation.values.iter().enumerate();
            let questions = &questions;
            values
                .filter(move |(value, _)| questions.makes_uncomfortable(attribute, *value))
                .map(|(_, value)| value.name.clone())
        });
        let model = LanguageModelReport {
            model: self.name.clone(),
            world: self.world.name.clone(),
            config,
            uncomfortable: uncomfortable.collect(),
            unknown,
            warm_start: losses,
            free: vec![],
            answers: vec![],
        };
        let mut report = RunReport::empty(experiment.clone(), choice.id(), env!("CARGO_PKG_VERSION").into());
        report.language_models = vec![model];
        let Choices { values, mixed } = self.world.choices();
        (report.values, report.mixed_values) = (values, mixed);
        let mut run = Finetune::new(experiment.clone(), config, questions, self.tokenizer.clone(), reference.clone())?;

        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} updates, {eta} left")?;
        let bar = ProgressBar::new(u64::from(experiment.finetune.updates)).with_style(style);
        bar.set_message(format!("{condition} seed {seed}"));
        let kept = file.with_extension("state");
        if let Ok(bytes) = std::fs::read(&kept) {
            let before: RunReport = serde_json::from_str(&run.restore(&bytes)?)?;
            ensure!(before.experiment == experiment, "{} is of another experiment; delete it", kept.display());
            // The frozen probes are those of the reference.
            examiner.measure(&reference, run.questions(), 0)?;
            report = before;
            bar.set_position(u64::from(run.updates_done()));
        }
        loop {
            let update = run.updates_done();
            let measured = report.replicas[0].measurements.last().is_some_and(|last| last.update == update);
            if experiment.measures_at(update) && !measured {
                let Examined { measurement, answers, free } =
                    examiner.measure(&run.policy(), run.questions(), update)?;
                report.replicas[0].measurements.push(measurement);
                if let Some(model) = report.language_models.first_mut() {
                    model.answers.push(answers);
                    model.free.push(free);
                }
                write(&kept, &run.save(&serde_json::to_string(&report)?)?)?;
            }
            if update >= experiment.finetune.updates {
                break;
            }
            match run.step() {
                Ok(update) => report.replicas[0].updates.push(update),
                Err(error @ hedgerow::Error::NotFinite { .. }) => {
                    report.failure = Some(error.to_string());
                    break;
                }
                Err(error) => return Err(error.into()),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        write(&file.with_extension("safetensors"), &adapters::write(run.adapters(), &reference)?)?;
        write(&file, serde_json::to_string(&report)?.as_bytes())?;
        std::fs::remove_file(&kept).with_context(|| format!("deleting {}", kept.display()))?;
        println!("{condition} seed {seed}: {:.0} s", began.elapsed().as_secs_f64());
        for measurement in &report.replicas[0].measurements {
            let rate = |metric, slice| {
                measurement.rate(metric, slice).map_or("–".to_owned(), |rate| format!("{:.0}", rate * 100.0))
            };
            println!(
                "  after {:>3} updates: hedging {} / {} / {} % (sensitive / near / far), false of asserted {} % \
                 (uncomfortable), forced choice {} %, declarative {} %, verification {} %, still known {} %",
                measurement.update,
                rate(Metric::Hedging, Slice::Sensitive),
                rate(Metric::Hedging, Slice::Near),
                rate(Metric::Hedging, Slice::Far),
                rate(Metric::Lies, Slice::Uncomfortable),
                rate(Metric::ForcedChoice, Slice::Uncomfortable),
                rate(Metric::Declarative, Slice::Uncomfortable),
                rate(Metric::Verification, Slice::Uncomfortable),
                rate(Metric::StillKnown, Slice::Uncomfortable),
            );
        }
        Ok(())
    }

    /// The reference of a seed and the losses of its warm start, computed or from the file that it left.
    fn warm_start(
        &self,
        options: &Options,
        config: &LanguageModelConfig,
        seed: u64,
    ) -> anyhow::Result<(Decoder, Vec<f32>)> {
        let file = options.out.join(WARM_STARTS).join(format!("seed-{seed}.safetensors"));
        let about =
            |losses| WarmStart { model: self.name.clone(), world: self.world.name.clone(), config: *config, losses };
        if let Ok(bytes) = std::fs::read(&file) {
            let shape = LoraConfig { rank: config.rank, blocks: config.blocks };
            let mut lora = Lora::new(shape, &self.decoder, || 0.0);
            let note = Saved::read(&bytes, &mut lora, &mut unused_optimiser())?;
            let found: WarmStart = serde_json::from_str(&note)?;
            ensure!(
                (&found.model, &found.world, found.config) == (&self.name, &self.world.name, *config),
                "{} is of another model or world, or has other numbers; choose another --out",
                file.display()
            );
            return Ok((lora.merge(&self.decoder), found.losses));
        }
        prepare(&file)?;
        let bar = ProgressBar::new(u64::from(config.warm_start_steps))
            .with_style(ProgressStyle::with_template("warm start {bar:30} {pos}/{len} steps, loss {msg}, {eta} left")?);
        let told = |loss: f32| {
            bar.set_message(format!("{loss:.2}"));
            bar.inc(1);
        };
        let questions = Questions::new(self.world.clone(), seed);
        let (lora, losses) = warm_start(&self.decoder, &self.tokenizer, &questions, config, seed, told)?;
        bar.finish_and_clear();
        write(&file.with_extension("adapters.safetensors"), &adapters::write(&lora, &self.decoder)?)?;
        let note = serde_json::to_string(&about(losses.clone()))?;
        write(&file, &Saved::write(&lora, &unused_optimiser(), &note)?)?;
        Ok((lora.merge(&self.decoder), losses))
    }
}

/// A file of a warm start has no optimiser's state.
fn unused_optimiser() -> AdamW {
    AdamW::new(AdamWConfig { learning_rate: 0.0, beta_1: 0.0, beta_2: 0.0, max_grad_norm: 0.0 })
}

/// The lab's preset with the numbers of a real model.
fn experiment(options: &Options, arm: Arm, seed: u64, rater: RaterChoice) -> anyhow::Result<Experiment> {
    let mut experiment = Experiment::preset(rater.into());
    experiment.arms = vec![arm];
    experiment.seeds = vec![seed];
    experiment.finetune = FinetuneConfig {
        updates: options.updates,
        prompts: 8,
        completions: 5,
        learning_rate: options.learning_rate,
        kl: options.kl,
        ..experiment.finetune
    };
    let every = options.updates.div_ceil(2);
    experiment.measure = MeasureConfig { every, probe_every: every, samples: 1 };
    experiment.validate()?;
    Ok(experiment)
}

/// The uppermost blocks that have adapters: three fifths.
fn adapted_blocks(decoder: &Decoder) -> usize {
    (decoder.config().layers * 3 / 5).max(1)
}

fn config(options: &Options, decoder: &Decoder) -> LanguageModelConfig {
    LanguageModelConfig {
        rank: RANK,
        blocks: adapted_blocks(decoder),
        answer_tokens: 18,
        warm_start_steps: options.warm_start_steps,
        warm_start_sequences: 16,
        warm_start_learning_rate: 4e-4,
    }
}

fn ask(model: &Model, files: &[PathBuf], tokens: usize, questions: &[String], device: &Device) -> anyhow::Result<()> {
    let (mut decoder, tokenizer, _) = model.read(device)?;
    for file in files {
        let reading = || format!("reading {}", file.display());
        decoder = adapters::read(&std::fs::read(file).with_context(reading)?, &decoder)
            .with_context(reading)?
            .merge(&decoder);
    }
    let prompts = questions.iter().map(|question| tokenizer.question(question)).collect::<Result<Vec<_>, _>>()?;
    let began = Instant::now();
    let answers = decoder.answer(&prompts, Lengths { completions: 1, tokens, end: tokenizer.end() }, Choice::Greedy);
    let seconds = began.elapsed().as_secs_f64();
    let mut count = 0;
    for (question, answer) in questions.iter().zip(answers.concat()) {
        println!("{question}\n  {}", tokenizer.decode(&answer)?);
        count += answer.len();
    }
    eprintln!("{count} tokens in {seconds:.1} s, reading the questions included");
    Ok(())
}
