//! Assembles the site: what `trunk build` would write, without Trunk.
//!
//! The page's own directives say what belongs to it (`directives.rs`). The site is put together
//! beside the old one and takes its place at the end, so that a server never sees half of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    directives::{self, Directive, Page},
    engines::{self, Kinds},
    exercises, listing, pack, process, recorded, setup, shell, story, style,
    wasm::{self, Build, Optimise, Parts},
};

/// Builds the engines and the page and writes the site.
pub(crate) fn build(out: &Path, kinds: Kinds, optimise: Optimise) -> Result<()> {
    let may_replace = !out.exists() || out.join("index.html").is_file();
    ensure!(may_replace, "{} exists and is no site: remove it or choose another --out", out.display());
    setup::wasm_target()?;
    setup::npm_packages()?;
    let web = process::root().join("web");
    let index = web.join("index.html");
    let source = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    let Page { html, directives } = directives::interpret(&source)?;

    recorded::pack()?;
    story::pack()?;
    exercises::build()?;
    style::pack()?;
    engines::build(kinds, Build::Web, optimise)?;
    let app = page(Build::Page, Optimise::Yes)?;
    let staging = staging(out)?;
    for directive in &directives {
        place(directive, &web, &app, &staging)?;
    }
    pack::pack(&staging)?;
    listing::write(&staging)?;
    fs::write(staging.join("index.html"), shell::filled(&html)?)?;
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("cannot replace {}", out.display()))?;
    }
    fs::rename(&staging, out).with_context(|| format!("cannot write {}", out.display()))?;
    println!("site: {}", out.display());
    Ok(())
}

/// Builds the page's code; returns the folder of its files.
pub(crate) fn page(build: Build, optimise: Optimise) -> Result<PathBuf> {
    println!("page: app");
    let wasm = wasm::compile("hedgerow-web", "app", "", build)?;
    let app = process::target_dir().join("xtask").join("app");
    wasm::bind(&wasm, &app, "app", Parts::Several, optimise)?;
    Ok(app)
}

/// An empty folder beside the site's.
fn staging(out: &Path) -> Result<PathBuf> {
    let mut name = out.file_name().context("--out must name a folder")?.to_owned();
    name.push(".unfinished");
    let staging = out.with_file_name(name);
    if staging.exists() {
        fs::remove_dir_all(&staging).with_context(|| format!("cannot remove {}", staging.display()))?;
    }
    fs::create_dir_all(&staging).with_context(|| format!("cannot create {}", staging.display()))?;
    Ok(staging)
}

fn place(directive: &Directive, web: &Path, app: &Path, site: &Path) -> Result<()> {
    match directive {
        Directive::Rust => copy_dir(app, site),
        Directive::CopyDir { from, into } => copy_dir(&web.join(from), &site.join(into)),
        Directive::CopyFile { from, into } => {
            let from = web.join(from);
            let name = from.file_name().context("a directive names no file")?;
            let folder = site.join(into);
            fs::create_dir_all(&folder)?;
            fs::copy(&from, folder.join(name))
                .with_context(|| format!("cannot copy {} into the site", from.display()))?;
            Ok(())
        }
    }
}

/// Copies what is in a folder into another, over what is there.
pub(crate) fn copy_dir(from: &Path, into: &Path) -> Result<()> {
    let unreadable = || format!("cannot copy the folder {} into the site", from.display());
    fs::create_dir_all(into)?;
    for entry in fs::read_dir(from).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let target = into.join(entry.file_name());
        if entry.path().is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).with_context(unreadable)?;
        }
    }
    Ok(())
}
