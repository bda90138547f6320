//! The name of a build: a digest of all that its engine is made from.
//!
//! The page and the engine hold it, so that a page of one day and an engine of another notice each other. What
//! only the page is made from has no part in it: an engine need not be compiled again for a sentence.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::process;

/// What `hedgerow::documents::protocol::BUILD` is compiled from.
pub(crate) const BUILD_VARIABLE: &str = "HEDGEROW_BUILD";

/// The engine's inputs, from the root of the repository.
const INPUTS: [&str; 7] =
    ["src", "web/engine", "Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml", "xtask/src/wasm.rs"];

/// Parts of them that only the command line is made from.
const COMMAND_LINE: [&str; 2] = ["src/cli", "src/main.rs"];

/// The version, and sixteen digits for what it was built from.
pub(crate) fn id() -> Result<String> {
    Ok(format!("{}-{}", env!("CARGO_PKG_VERSION"), &digest_of(&process::root(), &INPUTS)?[..16]))
}

/// One digest of files and folders: of their names and of what they hold.
fn digest_of(root: &Path, inputs: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for input in inputs {
        collect(&root.join(input), &mut files)?;
    }
    files.retain(|file| !COMMAND_LINE.iter().any(|part| file.starts_with(root.join(part))));
    files.sort();
    let mut hasher = Sha256::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        hasher.update(format!("{name}\0{}\0", bytes.len()));
        hasher.update(bytes);
    }
    Ok(hex(&hasher.finalize()))
}

/// Every file below a path, or the file that it is.
pub(crate) fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

/// The SHA-256 of these bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where cargo keeps the sources of other people's crates.
pub(crate) fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_byte_or_another_name_is_another_build() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("src");
        fs::create_dir(&source).unwrap();
        fs::write(source.join("a.rs"), "fn a() {}").unwrap();
        let digest = || digest_of(root.path(), &["src"]).unwrap();
        let first = digest();
        assert_eq!(first, digest());
        fs::write(source.join("a.rs"), "fn b() {}").unwrap();
        let changed = digest();
        assert_ne!(first, changed);
        fs::rename(source.join("a.rs"), source.join("b.rs")).unwrap();
        assert_ne!(changed, digest());
    }
}
