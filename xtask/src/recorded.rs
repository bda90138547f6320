//! The recorded runs as the page reads them: `public/recorded/` is JSON for people and programs; the
//! page has the postcard decoder of its messages already, and would need JSON's for these alone.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use hedgerow::documents::{protocol, report::RunReport};

use crate::process;

/// Packs every run of `public/recorded/` into `web/generated/recorded/`.
pub(crate) fn pack() -> Result<()> {
    let (from, into) = (process::root().join("public/recorded"), process::root().join("web/generated/recorded"));
    fs::create_dir_all(&into).with_context(|| format!("cannot create {}", into.display()))?;
    for entry in fs::read_dir(&from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        let name = path.file_stem().context("a recorded run has no name")?;
        write(&path, &into.join(name).with_extension("postcard"))?;
    }
    Ok(())
}

fn write(json: &Path, packed: &Path) -> Result<()> {
    let text = fs::read_to_string(json).with_context(|| format!("cannot read {}", json.display()))?;
    let report: RunReport = serde_json::from_str(&text).with_context(|| format!("{} is no run", json.display()))?;
    fs::write(packed, protocol::encode(&report)).with_context(|| format!("cannot write {}", packed.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_run_is_the_run() {
        let folder = process::root().join("public/recorded");
        let packed = std::env::temp_dir().join("hedgerow-packed-run.postcard");
        for entry in fs::read_dir(folder).unwrap() {
            let json = entry.unwrap().path();
            write(&json, &packed).unwrap();
            let read: RunReport = protocol::decode(&fs::read(&packed).unwrap()).unwrap();
            let written: RunReport = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
            assert!(read == written, "{}", json.display());
        }
    }
}
