//! The two hooks of `Trunk.toml`: before Trunk builds the page, the packages and the engines are
//! made ready; after it, what Trunk made of the page's code gives way to what `cargo xtask site` makes of it,
//! because Trunk cannot take out the panels that load later, and the files are listed.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::{
    engines::{self, Kinds},
    exercises, listing, pack, recorded, setup, shell, site, story, style,
    wasm::{Build, Optimise},
};

/// A stage of a Trunk build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Hook {
    /// Before the page is read.
    Before,
    /// After the site is written into Trunk's staging folder.
    After,
}

/// Does what the stage needs.
pub(crate) fn run(hook: Hook) -> Result<()> {
    let optimise = Optimise::from(variable("TRUNK_PROFILE")? == "release");
    match (hook, optimise) {
        (Hook::Before, _) => {
            setup::npm_packages()?;
            recorded::pack()?;
            story::pack()?;
            exercises::build()?;
            style::pack()?;
            let cpu_only = env::var_os("HEDGEROW_CPU_ONLY").is_some();
            engines::build(Kinds::without_gpu(cpu_only), Build::Web, optimise)
        }
        (Hook::After, Optimise::Yes) => {
            let staging = staging()?;
            site::copy_dir(&site::page(Build::Page, Optimise::Yes)?, &staging)?;
            pack::pack(&staging)?;
            shell::fill(&staging)?;
            listing::write(&staging)
        }
        (Hook::After, Optimise::No) => {
            let staging = staging()?;
            site::copy_dir(&site::page(Build::Debug, Optimise::No)?, &staging)?;
            shell::fill(&staging)?;
            listing::write(&staging)
        }
    }
}

fn staging() -> Result<PathBuf> {
    Ok(PathBuf::from(variable("TRUNK_STAGING_DIR")?))
}

fn variable(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: this command is for Trunk to call"))
}
