//! The list of a site's files, with the length and the digest of each: the page compares with it what arrives.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};

use crate::build;

/// The list's name in the site.
pub(crate) const NAME: &str = "files.json";

/// Lists a site that is otherwise finished. The page that a browser opens first has no use for its own digest, and
/// is not listed.
pub(crate) fn write(site: &Path) -> Result<()> {
    let list = site.join(NAME);
    let listed = serde_json::Value::from_iter(digests(site)?);
    fs::write(&list, listed.to_string()).with_context(|| format!("cannot write {}", list.display()))
}

fn digests(site: &Path) -> Result<BTreeMap<String, serde_json::Value>> {
    let mut files = Vec::new();
    build::collect(site, &mut files)?;
    let mut listed = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(site).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if name == NAME || name == "index.html" {
            continue;
        }
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        listed.insert(name, serde_json::json!({ "bytes": bytes.len(), "sha256": build::sha256(&bytes) }));
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_with_its_digest() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir(site.path().join("base")).unwrap();
        fs::write(site.path().join("base/world-0.json"), "abc").unwrap();
        fs::write(site.path().join("index.html"), "<!doctype html>").unwrap();
        // A second time the list itself is there.
        write(site.path()).unwrap();
        write(site.path()).unwrap();
        let text = fs::read_to_string(site.path().join(NAME)).unwrap();
        // FIPS 180-2, appendix B.1.
        let expected = r#"{"base/world-0.json":{"bytes":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}"#;
        assert_eq!(text, expected);
    }
}
