//! Files that are whole or not there, and runs as files.

use std::path::Path;

use anyhow::{Context, ensure};
use hedgerow::documents::report::{RunReport, SCHEMA};

/// Reads a run, unless a later version of this program has written it.
pub(super) fn read_report(path: &Path) -> anyhow::Result<RunReport> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let report: RunReport = serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))?;
    let (schema, file) = (report.schema, path.display());
    ensure!(schema <= SCHEMA, "{file} is of schema {schema}; this program knows {SCHEMA}");
    Ok(report)
}

/// Writes beside the file and renames, so that a kill leaves the old file or the new one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("writing {}", path.display()))
}
