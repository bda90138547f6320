//! Writes beside each file of a site what a host sends in its place: `.br` and `.gz`.
//!
//! The slowest settings are taken, once: what was packed before comes from a store under `target/`.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    iter,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, GzBuilder};

use crate::{build, process};

/// Endings of files that gain by it.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "postcard", "safetensors", "svg", "txt", "wasm"];

/// A file has to shrink to this share of its size to be sent in its place.
const WORTH_IT: f64 = 0.97;

/// Files shorter than this are one packet in any case.
const SMALLEST: usize = 1_000;

/// Compresses what gains by it, below a folder.
pub(crate) fn beside(site: &Path) -> Result<()> {
    let mut files = Vec::new();
    build::collect(site, &mut files)?;
    files.retain(|file| file.extension().is_some_and(|ending| COMPRESSIBLE.iter().any(|known| ending == *known)));
    let store = process::target_dir().join("xtask").join("compressed");
    fs::create_dir_all(&store).with_context(|| format!("cannot create {}", store.display()))?;
    println!("compressing {} files (the first time this takes minutes)", files.len());
    // By what they hold, so that no two threads write the same file of the store.
    let mut same = BTreeMap::<String, Vec<PathBuf>>::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if bytes.len() >= SMALLEST {
            same.entry(build::sha256(&bytes)).or_default().push(file);
        }
    }
    let queue = Mutex::new(same.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || iter::from_fn(next).try_for_each(|(digest, files)| compress(&store.join(digest), &files));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..thread::available_parallelism()?.get()).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a compressor does not panic"))
    })
}

/// Compresses files that hold the same.
fn compress(stored: &Path, files: &[PathBuf]) -> Result<()> {
    let bytes = fs::read(&files[0]).with_context(|| format!("cannot read {}", files[0].display()))?;
    for (ending, compress) in [("br", brotli as fn(&[u8]) -> _), ("gz", gzip as fn(&[u8]) -> _)] {
        let stored = with_ending(stored, ending);
        let packed = match fs::read(&stored) {
            Ok(packed) => packed,
            Err(_) => keep(&stored, compress(&bytes)?)?,
        };
        if (packed.len() as f64) < WORTH_IT * bytes.len() as f64 {
            for beside in files.iter().map(|file| with_ending(file, ending)) {
                fs::write(&beside, &packed).with_context(|| format!("cannot write {}", beside.display()))?;
            }
        }
    }
    Ok(())
}

/// Never half of it, whatever stops the work.
fn keep(stored: &Path, packed: Vec<u8>) -> Result<Vec<u8>> {
    let unfinished = with_ending(stored, "unfinished");
    fs::write(&unfinished, &packed).with_context(|| format!("cannot write {}", unfinished.display()))?;
    fs::rename(&unfinished, stored).with_context(|| format!("cannot write {}", stored.display()))?;
    Ok(packed)
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    // 22 bits of window are the most that every browser's decoder is sure to give.
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &params)?;
    Ok(packed)
}

/// Without a name or a time in it, which would differ from build to build.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzBuilder::new().write(Vec::new(), Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_unpacked_is_the_file_and_what_does_not_shrink_is_left() {
        let site = tempfile::tempdir().unwrap();
        let text = "all the world's a stage, ".repeat(200);
        fs::write(site.path().join("long.js"), &text).unwrap();
        fs::write(site.path().join("short.js"), "let a = 1;").unwrap();
        let noise: Vec<u8> = (0..64).flat_map(|block: u8| build::sha256(&[block]).into_bytes()).collect();
        let noise: Vec<u8> =
            noise.chunks(2).map(|hex| u8::from_str_radix(str::from_utf8(hex).unwrap(), 16).unwrap()).collect();
        fs::write(site.path().join("noise.wasm"), noise).unwrap();
        beside(site.path()).unwrap();
        let mut plain = String::new();
        let packed = fs::read(site.path().join("long.js.br")).unwrap();
        brotli::Decompressor::new(&packed[..], 4096).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        plain.clear();
        let packed = fs::read(site.path().join("long.js.gz")).unwrap();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        assert_eq!(fs::read_dir(site.path()).unwrap().count(), 5, "only the long file has others beside it");
    }
}
