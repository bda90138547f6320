//! The engine worker, compiled twice into `web/generated/engine/`: `cpu/` is small and loads first, `gpu/`
//! has WebGPU beside the CPU and is fetched only where a visitor's browser offers it. That of a real language model is
//! in `web/generated/assistant/`.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    process,
    wasm::{self, Build, Optimise, Parts},
};

/// Which engines a site has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// The CPU engine alone.
    CpuOnly,
    /// Both.
    CpuAndGpu,
}

impl Kinds {
    /// The kinds for a `--no-gpu` or `--cpu-only` flag.
    pub(crate) fn without_gpu(without: bool) -> Self {
        if without { Self::CpuOnly } else { Self::CpuAndGpu }
    }
}

/// Builds the engines into `web/generated/engine/`; a folder that should not be there is removed, because
/// an engine of another day would not understand the page.
pub(crate) fn build(kinds: Kinds, build: Build, optimise: Optimise) -> Result<()> {
    one("engine", "engine/cpu", "", build, optimise)?;
    one("assistant", "assistant", "", build, optimise)?;
    match kinds {
        Kinds::CpuAndGpu => one("engine", "engine/gpu", "gpu", build, optimise),
        Kinds::CpuOnly => {
            let gpu = process::root().join("web/generated/engine/gpu");
            if gpu.is_dir() {
                fs::remove_dir_all(&gpu).with_context(|| format!("cannot remove {}", gpu.display()))?;
            }
            Ok(())
        }
    }
}

fn one(name: &str, folder: &str, features: &str, build: Build, optimise: Optimise) -> Result<()> {
    println!("engine: {folder}");
    let wasm = wasm::compile(&format!("hedgerow-{name}"), name, features, build)?;
    let folder = process::root().join("web/generated").join(folder);
    wasm::bind(&wasm, &folder, name, Parts::One, optimise)
}
