//! The archive of a release: of one folder always the same bytes, whoever packs it and when.

use std::{
    fs,
    io::{Cursor, Write},
    path::Path,
};

use anyhow::{Context, Result};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::build;

/// Endings of files that are packed already.
const PACKED: [&str; 3] = ["br", "gz", "png"];

/// The folder's files, each under its name behind the prefix: sorted, with one date and one permission for all.
pub(crate) fn zip(folder: &Path, prefix: &str) -> Result<Vec<u8>> {
    let mut files = Vec::new();
    build::collect(folder, &mut files)?;
    files.sort();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let is_packed = file.extension().is_some_and(|ending| PACKED.iter().any(|packed| ending == *packed));
        let method = if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        let inner = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        archive.start_file(format!("{prefix}{inner}"), options)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn two_archives_of_the_same_files_are_the_same_bytes() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = [("index.html", "<!doctype html>"), ("base/world-0.json", "{}"), ("app.js.br", "packed")];
        let write = |folder: &Path, (name, text): &(&str, &str)| {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            fs::File::open(&file).unwrap()
        };
        for file in &files {
            write(one.path(), file);
        }
        // In another order and at another time.
        for file in files.iter().rev() {
            write(other.path(), file)
                .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
                .unwrap();
        }
        let archive = zip(one.path(), "hedgerow").unwrap();
        assert!(archive == zip(other.path(), "hedgerow").unwrap());
        fs::write(other.path().join("index.html"), "<!DOCTYPE html>").unwrap();
        assert!(archive != zip(other.path(), "hedgerow").unwrap());
    }
}
