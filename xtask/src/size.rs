//! What a visitor downloads: the size of a built site's modules, scripts and styles, raw and as the
//! brotli that a host would send.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    compress::{self, Packed},
    listing::OPENING,
};

/// What a visitor waits for, and the most that it may weigh.
struct Part {
    name: &'static str,
    holds: fn(&Path) -> bool,
    /// Bytes of brotli.
    limit: u64,
}

/// The page and its words before anything can be seen, an engine before anything can be trained, panels when they
/// come near the view, all of them together. Of those the module of class, exercises, ratings, worlds, runs and the real
/// model weighs most, 350,000 bytes, because it reads and writes all kinds of files and draws all charts as pictures; only
/// who opens one of these cards or saves a picture fetches it. The CPU engine can also train a base model on a world of the
/// visitor's own, deal both decks of cards and test what is gone, which is 30,000 of its bytes.
const PARTS: [Part; 6] = [
    Part { name: "page", holds: is_page, limit: 340_000 },
    Part { name: "panels that load later", holds: is_later, limit: 870_000 },
    Part { name: "CPU engine", holds: |file| file.starts_with("engine/cpu"), limit: 420_000 },
    Part { name: "page, CPU engine and one base model", holds: is_before_training, limit: 1_000_000 },
    Part { name: "WebGPU engine", holds: |file| file.starts_with("engine/gpu"), limit: 1_750_000 },
    Part { name: "real language model's engine", holds: is_assistant, limit: 600_000 },
];

/// A visitor fetches the words of one language: English stands for it.
fn is_page(file: &Path) -> bool {
    if file.starts_with("text") {
        return file == Path::new("text/en.json");
    }
    !is_later(file)
        && !["engine", "assistant", "base", "recorded", "worlds", "lesson", "bench.html", "bench.js"]
            .iter()
            .any(|other| file.starts_with(other))
}

/// What a visitor of everyday facts, with which the page opens, has fetched when training can begin.
fn is_before_training(file: &Path) -> bool {
    let base = ["index.json", "tokenizer.json", "world-0.json", "base-0.safetensors"];
    let base = base.map(|name| Path::new("base").join(OPENING.id()).join(name));
    is_page(file) || file.starts_with("engine/cpu") || base.iter().any(|part| part == file)
}

/// What `late.js` fetches, beside the page's own module, the words and styles of some of that, what draws the charts and makes
/// pictures of them, what speaks with CODAP, what the browser keeps of the page, and what opens the browser's storage once the page is drawn.
fn is_later(file: &Path) -> bool {
    const OTHERS: [&str; 10] = [
        "vendor/uPlot.iife.min.js",
        "vendor/uPlot.min.css",
        "vendor/idb/index.js",
        "vendor/iframe-phone.js",
        "picture.js",
        "codap.js",
        "offline.js",
        "worlds.js",
        "later.css",
        "text/later/en.json",
    ];
    if OTHERS.iter().any(|later| file == Path::new(later)) {
        return true;
    }
    let is_module = file.extension().is_some_and(|extension| extension == "wasm");
    is_module && file.parent() == Some(Path::new("")) && file != Path::new("app_bg.wasm")
}

/// What answers with a real language model, without what runs have taught it and its own weights.
fn is_assistant(file: &Path) -> bool {
    file.starts_with("assistant") && file.extension().is_some_and(|ending| ending == "wasm" || ending == "js")
}

/// A file's download.
struct Download {
    brotli: u64,
    raw: u64,
    file: PathBuf,
}

/// Prints one line a file, the largest download first.
pub(crate) fn print(site: &Path) -> Result<()> {
    let mut downloads = measure(site)?;
    downloads.sort_unstable_by_key(|download| std::cmp::Reverse(download.brotli));
    println!("{:>12} {:>12}  file", "brotli", "raw");
    for Download { brotli, raw, file } in downloads {
        println!("{brotli:>12} {raw:>12}  {}", file.display());
    }
    Ok(())
}

/// Prints what the parts of a site weigh; an error if one is over its limit.
pub(crate) fn check(site: &Path) -> Result<()> {
    let downloads = measure(site)?;
    let mut over = Vec::new();
    for Part { name, holds, limit } in PARTS {
        let bytes: u64 = downloads.iter().filter(|download| holds(&download.file)).map(|file| file.brotli).sum();
        println!("{name}: {bytes} bytes of at most {limit}");
        if bytes > limit {
            over.push(name);
        }
    }
    ensure!(over.is_empty(), "larger than its limit: {}", over.join(", "));
    Ok(())
}

fn measure(site: &Path) -> Result<Vec<Download>> {
    let mut files = Vec::new();
    collect(site, &mut files)
        .with_context(|| format!("cannot read {}: build it first, `cargo xtask site`", site.display()))?;
    ensure!(!files.is_empty(), "{} holds no site", site.display());
    let root = site.canonicalize()?;
    files.retain(|file| !compress::is_adapters(&root, file));
    let size = |file: &Path| fs::metadata(file).map(|file| file.len());
    let download = |(file, packed): (&PathBuf, Packed)| {
        let name = file.strip_prefix(&root).unwrap_or(file).to_owned();
        Ok(Download { brotli: size(&packed.brotli)?, raw: size(file)?, file: name })
    };
    files.iter().zip(compress::packed(&files)?).map(download).collect()
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
