//! What a visitor downloads: the size of a built site's modules, scripts and styles, raw and as the
//! brotli that a host would send.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{process, setup};

/// Node has brotli built in, which saves compiling one.
const MEASURE: &str = r#"
const { readFileSync } = require("node:fs");
const { brotliCompressSync } = require("node:zlib");
for (const path of process.argv.slice(1)) {
    const bytes = readFileSync(path);
    console.log(bytes.length, brotliCompressSync(bytes).length);
}
"#;

/// Prints one line a file, the largest download first.
pub(crate) fn print(site: &Path) -> Result<()> {
    let mut files = Vec::new();
    collect(site, &mut files)
        .with_context(|| format!("cannot read {}: build it first, `cargo xtask site --release`", site.display()))?;
    ensure!(!files.is_empty(), "{} holds no site", site.display());
    let mut node = setup::node()?;
    let measured = process::read(node.args(["--eval", MEASURE]).args(&files))?;
    let mut rows = Vec::new();
    for (line, file) in measured.lines().zip(&files) {
        let (raw, brotli) = line.split_once(' ').context("node printed no size")?;
        let name = file.strip_prefix(site.canonicalize()?).unwrap_or(file);
        rows.push((brotli.parse::<u64>()?, raw.parse::<u64>()?, name));
    }
    rows.sort_unstable_by(|a, b| b.cmp(a));
    println!("{:>12} {:>12}  file", "brotli", "raw");
    for (brotli, raw, name) in rows {
        println!("{brotli:>12} {raw:>12}  {}", name.display());
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder.canonicalize()?)? {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            collect(&path, files)?;
        } else if ["wasm", "js", "mjs", "css", "html", "json", "safetensors"].contains(&extension.as_ref()) {
            files.push(path);
        }
    }
    Ok(())
}
