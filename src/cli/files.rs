//! Files that are whole or not there.

use std::path::Path;

use anyhow::Context;

/// Writes beside the file and renames, so that a kill leaves the old file or the new one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("writing {}", path.display()))
}
