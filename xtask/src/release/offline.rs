//! Gives a release its service worker, which holds the digests of the build that it belongs to.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{build, listing, process};

/// The script that registers it, in the folder of the page's code.
const REGISTERS: &str = "register.js";

/// Puts the script that registers the service worker beside those of the page, and names it in the page.
pub(crate) fn register(site: &Path) -> Result<()> {
    let from = process::root().join("web").join(REGISTERS);
    fs::copy(&from, site.join(REGISTERS)).with_context(|| format!("cannot copy {}", from.display()))?;
    let index = site.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    ensure!(html.matches("</head>").count() == 1, "index.html has not one head");
    let script = format!("<script type=\"module\" src=\"{REGISTERS}\"></script>\n    </head>");
    fs::write(&index, html.replace("</head>", &script)).with_context(|| format!("cannot write {}", index.display()))
}

/// Writes the service worker of a site that is otherwise finished.
pub(crate) fn write(site: &Path) -> Result<()> {
    let source = process::root().join("web/sw.js");
    let mut worker = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    for (constant, file) in [("LIST_DIGEST", listing::NAME), ("INDEX_DIGEST", "index.html")] {
        let bytes = fs::read(site.join(file)).with_context(|| format!("the site has no {file}"))?;
        let (empty, full) = (format!("{constant} = \"\""), format!("{constant} = \"{}\"", build::sha256(&bytes)));
        ensure!(worker.contains(&empty), "{} has no {constant}", source.display());
        worker = worker.replace(&empty, &full);
    }
    fs::write(site.join("sw.js"), worker).context("cannot write sw.js")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_worker_of_another_build_has_other_bytes() {
        let worker = |index: &str| {
            let site = tempfile::tempdir().unwrap();
            fs::write(site.path().join(listing::NAME), "{}").unwrap();
            fs::write(site.path().join("index.html"), index).unwrap();
            write(site.path()).unwrap();
            fs::read_to_string(site.path().join("sw.js")).unwrap()
        };
        let first = worker("<!doctype html>");
        assert!(first.contains(&format!("INDEX_DIGEST = \"{}\"", build::sha256(b"<!doctype html>"))));
        assert!(!first.contains("DIGEST = \"\""));
        assert_eq!(first, worker("<!doctype html>"));
        assert_ne!(first, worker("<!DOCTYPE html>"));
    }
}
