//! The files of the site, and why one could not be used: codes with arguments, no sentence.
//!
//! The site's build lists its files with their lengths and digests (`xtask/src/listing.rs`). What arrives is
//! compared with that list, because a network may answer with a page of its own, a cache with a file of another
//! day, and a broken connection with half of one. Leaves out the fetching (`engine::fetch`).

use std::collections::BTreeMap;

use hedgerow::documents::protocol::EngineKind;
use hedgerow::facts::world::Theme;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The list's own name.
pub const LISTING: &str = "files.json";

/// The files of the site by their names.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(transparent)]
pub struct Listing(BTreeMap<String, ListedFile>);

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ListedFile {
    /// Its length.
    pub bytes: u64,
    /// The beginning of its digest in hexadecimal digits.
    pub sha256: String,
}

/// A file that could not be used.
#[derive(Debug, Clone, PartialEq)]
pub struct FileFault {
    /// Its name in the site.
    pub file: String,
    /// What is wrong.
    pub why: WhyNot,
}

/// Why a file could not be used.
#[derive(Debug, Clone, PartialEq)]
pub enum WhyNot {
    /// No answer, or one that broke off; holds the browser's words.
    NoAnswer(String),
    /// Nothing came for too long.
    Stalled,
    /// The server answered with this status.
    Status(u16),
    /// The site has no such file.
    NotListed,
    /// A web page came in its place.
    WebPage,
    /// It is shorter or longer than it should be.
    Length {
        /// Bytes that came.
        came: u64,
        /// Bytes that it has.
        listed: u64,
    },
    /// It has the right length and other bytes.
    Altered,
    /// The browser cannot use it; holds the browser's words.
    Unusable(String),
}

impl Listing {
    /// Reads the list.
    ///
    /// # Errors
    /// What came in its place.
    pub fn read(bytes: &[u8]) -> Result<Self, WhyNot> {
        let unusable = |error: serde_json::Error| WhyNot::Unusable(error.to_string());
        serde_json::from_slice(bytes)
            .map_err(|error| if is_web_page(bytes) { WhyNot::WebPage } else { unusable(error) })
    }

    /// What is known of a file.
    pub fn file(&self, name: &str) -> Option<&ListedFile> {
        self.0.get(name)
    }

    /// The seeds that have a base model of the theme, in order.
    pub fn seeds(&self, theme: Theme) -> Vec<u64> {
        let folder = folder_of(theme);
        let seed = |name: &String| {
            name.strip_prefix(folder)?.strip_prefix("/base-")?.strip_suffix(".safetensors")?.parse().ok()
        };
        let mut seeds: Vec<u64> = self.0.keys().filter_map(seed).collect();
        seeds.sort_unstable();
        seeds
    }

    /// Names the base models of these seeds by their digests.
    pub fn versions(&self, theme: Theme, seeds: &[u64]) -> String {
        let files = seeds.iter().flat_map(|seed| base_files(theme, *seed));
        files.map(|file| self.file(&file).map_or("", ListedFile::version).to_owned()).collect()
    }
}

impl ListedFile {
    /// Are these bytes, whose SHA-256 is `digest` in hexadecimal, the file?
    ///
    /// # Errors
    /// What it is instead.
    pub fn check(&self, bytes: &[u8], digest: &str) -> Result<(), WhyNot> {
        let came = bytes.len() as u64;
        if came == self.bytes && self.sha256.len() >= 20 && digest.starts_with(&self.sha256) {
            Ok(())
        } else if is_web_page(bytes) {
            Err(WhyNot::WebPage)
        } else if came != self.bytes {
            Err(WhyNot::Length { came, listed: self.bytes })
        } else {
            Err(WhyNot::Altered)
        }
    }

    /// What follows the file's name in its address, so that no cache gives another file for it.
    pub fn version(&self) -> &str {
        self.sha256.get(..12).unwrap_or_default()
    }
}

impl WhyNot {
    /// Did something come that is not the file? A cache may keep it, and has to be passed by.
    pub fn is_wrong_content(&self) -> bool {
        match self {
            WhyNot::WebPage | WhyNot::Length { .. } | WhyNot::Altered | WhyNot::Unusable(_) | WhyNot::NotListed => true,
            WhyNot::NoAnswer(_) | WhyNot::Stalled | WhyNot::Status(_) => false,
        }
    }
}

/// The files of an engine: its module, and the script around it.
pub fn engine_files(kind: EngineKind) -> [&'static str; 2] {
    match kind {
        EngineKind::Cpu => ["engine/cpu/engine_bg.wasm", "engine/cpu/engine.js"],
        EngineKind::Gpu => ["engine/gpu/engine_bg.wasm", "engine/gpu/engine.js"],
    }
}

/// The files of the engine of a real language model.
pub const ASSISTANT_FILES: [&str; 2] = ["assistant/assistant_bg.wasm", "assistant/assistant.js"];

/// Its worker's script.
pub const ASSISTANT_WORKER: &str = "assistant/worker.js";

/// The weights of a real language model, which few sites bring along.
pub const ASSISTANT_MODEL: &str = "assistant/model.gguf";

/// What a run has taught a real language model.
pub fn adapters_file(name: &str) -> String {
    format!("assistant/{name}.safetensors")
}

/// The files of a seed's base model: its world, its tokenizer, its weights.
pub fn base_files(theme: Theme, seed: u64) -> [String; 3] {
    let folder = folder_of(theme);
    [format!("world-{seed}.json"), "tokenizer.json".to_owned(), format!("base-{seed}.safetensors")]
        .map(|name| format!("{folder}/{name}"))
}

fn folder_of(theme: Theme) -> &'static str {
    match theme {
        Theme::Groups => "base",
        Theme::Everyday => "base/everyday",
    }
}

/// The script that a worker begins with.
pub const WORKER: &str = "worker.js";

/// SHA-256 in hexadecimal.
pub fn own_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// No file of the site but its pages begins like this.
pub(super) fn is_web_page(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| text.len() >= with.len() && text[..with.len()].eq_ignore_ascii_case(with);
    begins(b"<!doctype html") || begins(b"<html") || begins(b"<head") || begins(b"<?xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(bytes: &[u8]) -> ListedFile {
        ListedFile { bytes: bytes.len() as u64, sha256: own_digest(bytes) }
    }

    #[test]
    fn what_arrives_is_the_file_or_is_named_for_what_it_is() {
        let file = b"\0asm and some more";
        for (came, expected) in [
            (&file[..], Ok(())),
            (&file[..5], Err(WhyNot::Length { came: 5, listed: 18 })),
            (b"", Err(WhyNot::Length { came: 0, listed: 18 })),
            (b"\0asm and some mord", Err(WhyNot::Altered)),
            (b"<!DOCTYPE html><title>Blocked</title>", Err(WhyNot::WebPage)),
            (b"\xef\xbb\xbf\n <html>Blocked</html>", Err(WhyNot::WebPage)),
            // Of the very length of the file.
            (b"<html>blocked</htm", Err(WhyNot::WebPage)),
        ] {
            assert_eq!(listed(file).check(came, &own_digest(came)), expected, "{came:?}");
        }
    }

    #[test]
    fn a_list_that_is_none_is_named_for_what_it_is() {
        let text = r#"{"base/base-10.safetensors": {"bytes": 1, "sha256": "ab"}, "base/base-2.safetensors": {"bytes": 1, "sha256": "ab"}, "base/everyday/base-5.safetensors": {"bytes": 1, "sha256": "ab"}, "base/world-7.json": {"bytes": 2, "sha256": "cd"}}"#;
        let listing = Listing::read(text.as_bytes()).unwrap();
        assert_eq!((listing.seeds(Theme::Groups), listing.seeds(Theme::Everyday)), (vec![2, 10], vec![5]));
        assert_eq!(Listing::read(b"<!doctype html>"), Err(WhyNot::WebPage));
        for cut in 0..text.len() {
            assert!(matches!(Listing::read(&text.as_bytes()[..cut]), Err(WhyNot::Unusable(_))), "{cut}");
        }
    }
}
