//! The files of a zip archive, as a learning platform hands them out for a whole class.
//!
//! `rawzip` reads the archive's directory, `miniz_oxide` unpacks. Leaves out encryption, archives in archives, and
//! every way to pack but the two that are in use.

use std::io::Write;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use rawzip::{CompressionMethod, DataDescriptorOutput, Error, ZipArchive, ZipArchiveWriter, ZipVerification, crc32};

use super::{Dropped, Entry, Fault, Label, MOST_BYTES};

/// All files of an archive together: a class of thirty, each with the largest run that the page makes.
const MOST_TOGETHER: usize = 4 * MOST_BYTES;

/// Is it an archive, by its first bytes?
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// How hard it tries to pack: what most programs do when nobody asks.
const EFFORT: u8 = 6;

/// An archive of files, each under its name.
///
/// # Errors
/// A name that no archive can hold.
pub fn packed(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, Error> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (name, bytes) in files {
        let file = archive.new_file(name.as_str()).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, _) = file.start()?;
        entry.write_all(&compress_to_vec(bytes, EFFORT))?;
        entry.finish(DataDescriptorOutput::new(crc32(bytes), bytes.len() as u64))?;
    }
    archive.finish()
}

/// The run in an archive that the page packed. What lies beside it there says the same (`text::bundle`).
pub const RUN: &str = "run.json";

/// What was said of it.
pub const LABEL: &str = "shelf.json";

/// The files, in the archive's order; of an archive that the page packed the run alone, and what is said of it.
pub(super) fn unpacked(dropped: &Dropped) -> Result<(Vec<Entry>, Option<Label>), Fault> {
    let mut found = all(dropped)?;
    let [run, label] = [RUN, LABEL].map(|file| format!("{}/{file}", dropped.name));
    let label = found.iter().find(|(name, _)| *name == label);
    let label = label.and_then(|(_, bytes)| serde_json::from_slice(bytes.as_ref().ok()?).ok());
    if found.iter().any(|(name, _)| *name == run) {
        found.retain(|(name, _)| *name == run);
    }
    Ok((found, label))
}

/// What systems add for themselves is no file of anybody.
fn all(dropped: &Dropped) -> Result<Vec<Entry>, Fault> {
    let archive = ZipArchive::from_slice(&dropped.bytes).map_err(|_| Fault::BadArchive)?;
    let (mut found, mut left) = (Vec::new(), MOST_TOGETHER);
    for entry in archive.entries() {
        let entry = entry.map_err(|_| Fault::BadArchive)?;
        let path = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.is_empty() || name.starts_with('.') || path.starts_with("__MACOSX/") {
            continue;
        }
        let packed = archive.get_entry(entry.wayfinder()).map_err(|_| Fault::BadEntry);
        // As the archive says. What it holds beyond that is not unpacked.
        let size = usize::try_from(entry.uncompressed_size_hint()).unwrap_or(usize::MAX);
        let fits = size <= MOST_BYTES.min(left);
        left -= if fits { size } else { 0 };
        let bytes = packed.as_ref().map_err(Clone::clone).and_then(|packed| match entry.compression_method() {
            _ if !fits => Err(Fault::TooLarge),
            CompressionMethod::STORE => packed.data().get(..size).map(<[u8]>::to_vec).ok_or(Fault::BadEntry),
            CompressionMethod::DEFLATE => {
                decompress_to_vec_with_limit(packed.data(), size + 1).map_err(|_| Fault::BadEntry)
            }
            _ => Err(Fault::BadEntry),
        });
        let is_whole = |bytes: &Vec<u8>| {
            let came = ZipVerification { crc: crc32(bytes), uncompressed_size: bytes.len() as u64 };
            packed.as_ref().is_ok_and(|packed| packed.claim_verifier().valid(came).is_ok())
        };
        let bytes = bytes.and_then(|bytes| if is_whole(&bytes) { Ok(bytes) } else { Err(Fault::BadEntry) });
        found.push((format!("{}/{path}", dropped.name), bytes));
    }
    Ok(found)
}
