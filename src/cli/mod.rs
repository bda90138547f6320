//! The command line's arguments, and who does what they ask for. A file a subcommand, and a few for what
//! they share.

mod bench;
mod drive;
mod examine;
mod experiment;
mod figures;
mod files;
mod language_model;
mod pretrain;
mod record;
mod results;
mod reward_model;
mod run;
mod summary;
mod table;
mod world;

use std::path::PathBuf;

use burn::tensor::Device;
use clap::{Parser, Subcommand, ValueEnum};
use hedgerow::judgement::rater::RaterPreset;

use self::experiment::Which;

/// What does a reward teach? A laboratory on the value-attribution problem.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Where the tensors live.
    #[arg(long, global = true, default_value = "flex")]
    device: DeviceChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DeviceChoice {
    /// The CPU.
    Flex,
    /// A GPU through Vulkan, Metal or DirectX.
    #[cfg(feature = "wgpu")]
    Wgpu,
    /// An NVIDIA GPU through CUDA.
    #[cfg(feature = "cuda")]
    Cuda,
}

impl DeviceChoice {
    /// What a report calls the engine.
    fn id(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Subcommand)]
enum Command {
    /// Train the base models: worlds, tokenizer and weights as the page loads them.
    Pretrain(pretrain::Options),
    Run(run::Options),
    UnpackWorld(world::Options),
    Examine(examine::Options),
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
    /// Cut the page's recordings from result files: one for each of its questions.
    Record {
        /// Where `hedgerow experiment` wrote.
        #[arg(long, default_value = "results")]
        from: PathBuf,
        /// Where the recordings go.
        #[arg(long, default_value = "public/recorded")]
        out: PathBuf,
    },
    /// The same experiment on a real language model, with facts that it brought along.
    LanguageModel {
        #[command(subcommand)]
        action: language_model::Action,
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
pub(crate) enum RaterChoice {
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

/// Does what was asked for.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    let device = match cli.device {
        DeviceChoice::Flex => Device::flex(),
        #[cfg(feature = "wgpu")]
        DeviceChoice::Wgpu => Device::wgpu(burn::tensor::DeviceKind::DefaultDevice),
        #[cfg(feature = "cuda")]
        DeviceChoice::Cuda => Device::cuda(0),
    };
    match cli.command {
        Command::Pretrain(options) => pretrain::pretrain(options, &device),
        Command::Run(options) => run::run(options, cli.device, &device),
        Command::UnpackWorld(options) => world::unpack(&options),
        Command::Examine(options) => examine::examine(&options, &device),
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
        Command::Record { from, out } => record::record(&from, &out),
        Command::LanguageModel { action } => language_model::run(action, cli.device, &device),
        Command::Bench { replicas, steps } => bench::bench(replicas as usize, steps, &device),
    }
}
