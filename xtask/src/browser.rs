//! Finds a Chromium for the browser tests, and installs Debian's where that is possible.
//!
//! Any browser of the family will do; the tests never download one of their own.

use std::{env, path::PathBuf};

use anyhow::{Result, bail};

use crate::setup;

/// The names of the browser on the PATH, the most telling first.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe"];

/// Where macOS and Windows keep it.
const PLACES: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
];

/// The browser's path.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from) {
        if path.is_file() {
            return Ok(path);
        }
        bail!("CHROMIUM is set to {}, which is no file", path.display());
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    if setup::may_install() {
        setup::apt_install(&["chromium"])?;
    }
    match find() {
        Some(path) => Ok(path),
        None => bail!(
            "the browser tests need Chromium or Chrome: install it (on Debian `apt-get install \
             chromium`) or set CHROMIUM to the path of its program"
        ),
    }
}

fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .chain(PLACES.iter().map(PathBuf::from))
        .find(|candidate| candidate.is_file())
}
