//! What a host sends in a file's place: brotli and gzip.
//!
//! Each is packed once and kept in a store under `target/` by what it holds: what weighs a site and what writes a release
//! ask for the same.

use std::{
    collections::BTreeMap,
    fs, iter,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context, Result};
use xtask_packing::{brotli, gzip};

use crate::{build, process};

/// Endings of files that gain by it.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "postcard", "safetensors", "svg", "txt", "wasm"];

/// A file has to shrink to this share of its size to be sent in its place.
const WORTH_IT: f64 = 0.97;

/// Files shorter than this are one packet in any case.
const SMALLEST: u64 = 1_000;

/// A file, packed: where the store has it.
pub(crate) struct Packed {
    pub(crate) brotli: PathBuf,
    gzip: PathBuf,
}

/// Is it what runs have taught a real language model? Its 16 bits a number shrink by an eighth, for which a release would hold
/// each of these files, the largest of the site, three times.
pub(crate) fn is_adapters(site: &Path, file: &Path) -> bool {
    file.starts_with(site.join("assistant")) && file.extension().is_some_and(|ending| ending == "safetensors")
}

/// Packs what was not packed before; returns what there is of each file, in their order.
pub(crate) fn packed(files: &[PathBuf]) -> Result<Vec<Packed>> {
    let store = process::target_dir().join("xtask").join("compressed");
    fs::create_dir_all(&store).with_context(|| format!("cannot create {}", store.display()))?;
    // By what they hold, so that no two threads write the same file of the store.
    let mut missing = BTreeMap::new();
    let mut all = Vec::new();
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let digest = build::sha256(&bytes);
        let [brotli, gzip] = ["br", "gz"].map(|ending| store.join(format!("{digest}.{ending}")));
        if !(brotli.is_file() && gzip.is_file()) {
            missing.insert(digest, (bytes, brotli.clone(), gzip.clone()));
        }
        all.push(Packed { brotli, gzip });
    }
    if !missing.is_empty() {
        println!("compressing {} files (the first time this takes minutes)", missing.len());
    }
    let queue = Mutex::new(missing.into_values());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        iter::from_fn(next).try_for_each(|(bytes, to_brotli, to_gzip)| {
            keep(&to_brotli, &brotli(&bytes)?)?;
            keep(&to_gzip, &gzip(&bytes)?)
        })
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..thread::available_parallelism()?.get()).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a compressor does not panic"))
    })?;
    Ok(all)
}

/// Compresses what gains by it, below a folder: a `.br` and a `.gz` beside each file.
pub(crate) fn beside(site: &Path) -> Result<()> {
    let mut files = Vec::new();
    build::collect(site, &mut files)?;
    let size = |file: &Path| fs::metadata(file).map_or(0, |file| file.len());
    files.retain(|file| {
        let ends = |ending: &&str| file.extension().is_some_and(|extension| extension == *ending);
        COMPRESSIBLE.iter().any(ends) && size(file) >= SMALLEST && !is_adapters(site, file)
    });
    for (file, Packed { brotli, gzip }) in files.iter().zip(packed(&files)?) {
        for (ending, packed) in [("br", brotli), ("gz", gzip)] {
            if (size(&packed) as f64) < WORTH_IT * size(file) as f64 {
                let beside = with_ending(file, ending);
                fs::copy(&packed, &beside).with_context(|| format!("cannot write {}", beside.display()))?;
            }
        }
    }
    Ok(())
}

/// Never half of it, whatever stops the work.
fn keep(stored: &Path, packed: &[u8]) -> Result<()> {
    let unfinished = with_ending(stored, "unfinished");
    fs::write(&unfinished, packed).with_context(|| format!("cannot write {}", unfinished.display()))?;
    fs::rename(&unfinished, stored).with_context(|| format!("cannot write {}", stored.display()))
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shrinks_is_packed_beside_its_file_and_the_rest_is_left() {
        let site = tempfile::tempdir().unwrap();
        let text = "all the world's a stage, ".repeat(200);
        fs::write(site.path().join("long.js"), &text).unwrap();
        fs::write(site.path().join("short.js"), "let a = 1;").unwrap();
        let noise: Vec<u8> = (0..64).flat_map(|block: u8| build::sha256(&[block]).into_bytes()).collect();
        let noise: Vec<u8> =
            noise.chunks(2).map(|hex| u8::from_str_radix(str::from_utf8(hex).unwrap(), 16).unwrap()).collect();
        fs::write(site.path().join("noise.wasm"), noise).unwrap();
        fs::create_dir(site.path().join("assistant")).unwrap();
        fs::write(site.path().join("assistant/scalar.safetensors"), &text).unwrap();
        beside(site.path()).unwrap();
        assert_eq!(fs::read_dir(site.path().join("assistant")).unwrap().count(), 1, "adapters are sent as they are");
        let packed = |ending: &str| fs::read(site.path().join("long.js").with_extension(ending)).unwrap();
        assert_eq!(packed("js.br"), brotli(text.as_bytes()).unwrap());
        assert_eq!(packed("js.gz"), gzip(text.as_bytes()).unwrap());
        assert_eq!(fs::read_dir(site.path()).unwrap().count(), 6, "only the long file has others beside it");
    }
}
