//! `hedgerow unpack-world`: the base models of a world that the page has saved.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use hedgerow::documents::own_world::{SCHEMA, WorldFile};
use hedgerow::facts::world::{Theme, World};
use hedgerow::judgement::experiment::WorldId;
use hedgerow::rl::finetune::BaseModel;

use super::files::{BASES, prepare, read_text, write};

/// Write the models of a world's file, which the page has saved, as files that `--bases` reads.
#[derive(Args)]
pub(crate) struct Options {
    /// The world's file.
    file: PathBuf,
    /// Where the files go.
    #[arg(long)]
    out: PathBuf,
}

/// Checks each model and writes world, tokenizer, weights and the list of seeds.
pub(super) fn unpack(Options { file, out }: &Options) -> anyhow::Result<()> {
    let reading = || format!("reading {}", file.display());
    let WorldFile { hedgerow_world, world, tokenizer, models, .. } =
        serde_json::from_str(&read_text(file)?).with_context(reading)?;
    ensure!(hedgerow_world <= SCHEMA, "{} is of schema {hedgerow_world}; this program knows {SCHEMA}", file.display());
    let world = World::from_json(&world.to_json()).with_context(reading)?.to_json();
    if models.is_empty() {
        bail!("{} holds a world without models; `hedgerow pretrain --world` trains them", file.display());
    }
    prepare(&out.join("index.json"))?;
    for model in &models {
        let unusable = || format!("the model of seed {} cannot be used", model.seed);
        let checkpoint = BASE64_STANDARD.decode(&model.checkpoint).with_context(unusable)?;
        BaseModel::read(model.seed, &world, &checkpoint).with_context(unusable)?;
        write(&out.join(format!("world-{}.json", model.seed)), world.as_bytes())?;
        write(&out.join(format!("base-{}.safetensors", model.seed)), &checkpoint)?;
    }
    write(&out.join("tokenizer.json"), tokenizer.as_bytes())?;
    let seeds: Vec<u64> = models.iter().map(|model| model.seed).collect();
    write(&out.join("index.json"), serde_json::json!({ "seeds": seeds }).to_string().as_bytes())
}

/// Where the models of a theme are that come with the site.
pub(super) fn bases_of_site(theme: Theme) -> PathBuf {
    let base = PathBuf::from(BASES);
    match theme {
        Theme::Groups => base,
        Theme::Everyday => base.join(theme.id()),
    }
}

/// Where the base models of a run are, if the command line does not say. A run in a world of somebody's own needs that
/// world's models.
pub(super) fn bases_of(world: Option<WorldId>, given: PathBuf) -> anyhow::Result<PathBuf> {
    let is_default = given == Path::new(BASES);
    match WorldId::theme(world) {
        Ok(theme) if is_default => Ok(bases_of_site(theme)),
        Err(_) if is_default => bail!(
            "this experiment is of a world of somebody's own: `hedgerow unpack-world` writes the models in that \
             world's file, and `--bases` says where they are"
        ),
        Ok(_) | Err(_) => Ok(given),
    }
}
