//! The base models: trained, examined, and written if they know enough.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use burn::tensor::{Device, Tensor, TensorData};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use hedgerow::documents::conditions::Bases;
use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::documents::own_world::GATE;
use hedgerow::documents::protocol;
use hedgerow::eval::measure::Examiner;
use hedgerow::facts::corpus::Corpus;
use hedgerow::facts::world::{Theme, World};
use hedgerow::kernels::ModelConfig;
use hedgerow::network::checkpoint::Checkpoint;
use hedgerow::network::model::Policy;
use hedgerow::network::pretrain::{Pretrain, PretrainConfig, PretrainState};
use hedgerow::network::tokenizer::Tokenizer;
use indicatif::{ProgressBar, ProgressStyle};
use pollster::block_on;

use super::files::{Sole, prepare, read_text, write};
use super::summary::summary;
use super::world::bases_of_site;

/// What is trained, and where it goes.
#[derive(Args)]
pub(crate) struct Options {
    /// Seeds to train, stacked: 0, or 0,1,2.
    #[arg(long = "seed", value_delimiter = ',', default_value = "0")]
    seeds: Vec<u64>,
    /// Optimiser steps.
    #[arg(long, default_value_t = PretrainConfig::default().steps, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Width of the residual stream, if not that of the lab's model.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
    width: Option<u32>,
    /// Blocks, if not as many as the lab's model has.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=16))]
    layers: Option<u32>,
    /// What the worlds of the seeds are about.
    #[arg(long, value_parser = themes(), default_value = Theme::default().id())]
    theme: Theme,
    /// A world file, if not the world of each seed.
    #[arg(long, conflicts_with = "theme", requires = "out")]
    world: Option<PathBuf>,
    /// Write models that do not know enough as well, for sweeps of the architecture.
    #[arg(long)]
    no_gate: bool,
    /// Round the weights to 16 bits: half of what a visitor loads. Those of everyday facts, which the page opens with, are.
    #[arg(long)]
    round: bool,
    /// Where the files go; where the theme's models are that come with the site if not given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Steps between two saves of the state, from which a killed run goes on.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    save_every: u32,
}

impl Options {
    /// Base models of a condition that does not use those that ship.
    pub(crate) fn of_condition(bases: Bases, seeds: Vec<u64>, out: PathBuf) -> Self {
        Options {
            seeds,
            steps: bases.steps.unwrap_or(PretrainConfig::default().steps),
            width: bases.width,
            layers: bases.layers,
            theme: Theme::default(),
            world: None,
            no_gate: true,
            round: false,
            out: Some(out),
            save_every: 100,
        }
    }
}

/// Reads the name of a theme.
pub(super) fn themes() -> impl TypedValueParser<Value = Theme> {
    let named = |name: String| Theme::ALL.into_iter().find(|theme| theme.id() == name);
    PossibleValuesParser::new(Theme::ALL.map(Theme::id)).map(move |name| named(name).expect("one of the names"))
}

/// Trains to the last step, or goes on where a killed run was, and writes the models that know enough.
pub(crate) fn pretrain(options: Options, device: &Device) -> anyhow::Result<()> {
    let Options { seeds, steps, width, layers, theme, world, no_gate, round, out, save_every } = options;
    let out = out.unwrap_or_else(|| bases_of_site(theme));
    let out = out.as_path();
    prepare(&out.join("index.json"))?;
    let corpora: Vec<Corpus> = match &world {
        None => seeds.iter().map(|seed| Corpus::new(World::of(theme, *seed))).collect(),
        Some(file) => {
            let world = World::read(&read_text(file)?, &[]).with_context(|| format!("reading {}", file.display()))?;
            vec![Corpus::new(world); seeds.len()]
        }
    };
    let lab = ModelConfig::for_corpus(&corpora[0]);
    let model = ModelConfig {
        width: width.map_or(lab.width, |width| width as usize),
        layers: layers.map_or(lab.layers, |layers| layers as usize),
        ..lab
    };
    model.validate().context("no model has this shape")?;
    let config = PretrainConfig { steps, ..PretrainConfig::default() };
    let names: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let partial = out.join(format!("pretrain-{}.partial", names.join("-")));
    let _sole =
        Sole::take(partial.with_extension("lock"), &format!("seeds {} in {}", names.join(", "), out.display()))?;
    let mut run = match read_state(&partial)? {
        Some(state) => {
            let worlds: Vec<String> = corpora.iter().map(|corpus| corpus.world().to_json()).collect();
            if (state.config, state.model, &state.seeds, &state.worlds) != (config, model, &seeds, &worlds) {
                bail!("{} belongs to another run; delete it, or give the same options", partial.display());
            }
            eprintln!("going on from step {} of {}", state.step, partial.display());
            Pretrain::restore(state, device)?
        }
        None => Pretrain::new(config, model, seeds.clone(), corpora.clone(), device),
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

    let weights = block_on(run.state())?.weights;
    let checkpoint = |(weights, seed): (&[f32], &u64)| {
        let whole = Checkpoint { config: model, seed: *seed, steps: Some(steps), weights: weights.to_vec() };
        if round { whole.rounded() } else { whole }
    };
    let checkpoints: Vec<Checkpoint> = weights.chunks(model.parameters()).zip(&seeds).map(checkpoint).collect();
    // What is examined is what is written.
    let written = checkpoints.iter().flat_map(|checkpoint| checkpoint.weights.iter().copied()).collect();
    let written = TensorData::new::<f32, _>(written, [seeds.len(), model.parameters()]);
    let mut examiner = Examiner::new(corpora.clone(), &seeds, 4);
    let policy = Policy::new(model, &Tensor::from_data(written, device));
    let measurements = block_on(examiner.measure(&policy, 0, true))?;
    let mut failed = Vec::new();
    for (index, (seed, measurement)) in seeds.iter().zip(&measurements).enumerate() {
        eprintln!("{}", summary(*seed, measurement));
        let knows = |metric| measurement.rate(metric, Slice::Taught).unwrap_or_default() >= GATE;
        if ![Metric::ForcedChoice, Metric::Verification].into_iter().all(knows) {
            failed.push(seed.to_string());
            if !no_gate {
                continue;
            }
        }
        let world = corpora[index].world();
        write(&out.join(format!("world-{seed}.json")), world.to_json().as_bytes())?;
        write(&out.join(format!("base-{seed}.safetensors")), &checkpoints[index].to_bytes())?;
    }
    write(&out.join("tokenizer.json"), Tokenizer::of(&corpora[0].vocabulary).to_json().as_bytes())?;
    write_index(out)?;
    if !failed.is_empty() {
        let seeds = failed.join(", ");
        let gate = format!("seed {seeds} does not pass the gate: forced choice and verification of {GATE}");
        if !no_gate {
            let partial = partial.display();
            bail!("{gate}; --no-gate writes it as it is, and more steps may help, once {partial} is deleted");
        }
        eprintln!("{gate}; written nevertheless");
    }
    std::fs::remove_file(&partial).context("removing the saved state")
}

/// The state of a killed run. One that cannot be read is put aside: it may be of another version of this program.
fn read_state(partial: &Path) -> anyhow::Result<Option<PretrainState>> {
    let Ok(bytes) = std::fs::read(partial) else { return Ok(None) };
    match protocol::decode(&bytes) {
        Ok(state) => Ok(Some(state)),
        Err(error) => {
            let aside = partial.with_extension("unreadable");
            std::fs::rename(partial, &aside).with_context(|| format!("renaming {}", partial.display()))?;
            eprintln!("{} cannot be read ({error}): it is now {}", partial.display(), aside.display());
            Ok(None)
        }
    }
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
