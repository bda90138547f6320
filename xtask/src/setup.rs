//! What the machine needs before anything is built: the wasm target and the npm packages.
//!
//! Each function does nothing when there is nothing to do, and says so when there is. The browser
//! is set up in `browser.rs`, because only the tests need one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest Node that the browser tests and wasm-opt run on.
const OLDEST_NODE: u32 = 20;

/// Makes sure that rustc can compile for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = process::read(process::command("rustc").args(["--print", "sysroot"]))?;
    let target = Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown");
    if target.is_dir() {
        return Ok(());
    }
    println!("set-up: adding the wasm32-unknown-unknown target");
    process::succeed(process::command("rustup").args(["target", "add", "wasm32-unknown-unknown"])).context(
        "Hedgerow compiles to WebAssembly; with rustup (https://rustup.rs) this is \
         `rustup target add wasm32-unknown-unknown`",
    )
}

/// Makes sure that `node_modules` holds exactly what `package-lock.json` lists.
pub(crate) fn npm_packages() -> Result<()> {
    let root = process::root();
    let lock = fs::read(root.join("package-lock.json")).context("cannot read package-lock.json")?;
    let installed = root.join("node_modules/.hedgerow-lock.json");
    if fs::read(&installed).is_ok_and(|bytes| bytes == lock) {
        return Ok(());
    }
    node()?;
    println!("set-up: installing the npm packages of package-lock.json");
    process::succeed(npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
        .context("npm could not install the packages; it needs the npm registry this once")?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

/// Node, once it is known to be new enough.
pub(crate) fn node() -> Result<Command> {
    let install = format!("install Node {OLDEST_NODE} or newer (https://nodejs.org), with npm");
    let version = process::read(process::command("node").arg("--version"))
        .with_context(|| format!("Node is missing: {install}"))?;
    match major(&version) {
        Some(found) if found >= OLDEST_NODE => Ok(process::command("node")),
        Some(_) | None => bail!("Node {} is too old: {install}", version.trim()),
    }
}

/// A file of an installed npm package.
pub(crate) fn npm_file(path: &str) -> PathBuf {
    process::root().join("node_modules").join(path)
}

fn npm() -> Command {
    process::command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// The 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    let digits = version.trim().trim_start_matches('v').split('.').next()?;
    digits.parse().ok()
}
