//! Names the code of the page by what it holds, so that no cache, of a host or of a browser, can mix the files of
//! two builds: they lie in a folder whose name is the digest of all of them.
//!
//! Its scripts import each other, in a circle even, and so a name of its own for each is not to be had. What the
//! page fetches later (engines, base models, recorded runs) keeps its place: the page compares it with the list of
//! files, and asks for it by its digest.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::build;

/// Folders that the page's code fetches from beside itself.
const FOLDERS: [&str; 2] = ["text", "vendor"];

/// Scripts that are asked for by this very name, because something else than `index.html` starts them.
const STAYS: [&str; 2] = ["bench.js", "worker.js"];

/// Moves the page's code into the folder, and names it in `index.html` and `bench.html`.
pub(crate) fn by_content(site: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(site).with_context(|| format!("cannot read {}", site.display()))? {
        let path = entry?.path();
        let is_code = path.extension().is_some_and(|ending| ["css", "js", "wasm"].iter().any(|code| ending == *code));
        let stays = STAYS.iter().any(|name| path.ends_with(name));
        if is_code && !stays || FOLDERS.iter().any(|name| path.ends_with(name)) {
            build::collect(&path, &mut files)?;
        }
    }
    files.sort();
    let mut summary = String::new();
    let inner = |file: &PathBuf| file.strip_prefix(site).unwrap_or(file).to_string_lossy().replace('\\', "/");
    for file in &files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        summary += &format!("{} {}\n", build::sha256(&bytes), inner(file));
    }
    let folder = format!("page-{}", &build::sha256(summary.as_bytes())[..16]);
    for page in ["index.html", "bench.html"] {
        let path = site.join(page);
        let mut html = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for file in &files {
            let name = inner(file);
            html = html.replace(&format!("=\"./{name}\""), &format!("=\"{folder}/{name}\""));
            html = html.replace(&format!("=\"{name}\""), &format!("=\"{folder}/{name}\""));
        }
        fs::write(&path, html).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for file in &files {
        let moved = site.join(&folder).join(inner(file));
        fs::create_dir_all(moved.parent().unwrap_or(site))?;
        fs::rename(file, &moved).with_context(|| format!("cannot move {}", file.display()))?;
    }
    for folder in FOLDERS {
        let mut left = Vec::new();
        build::collect(&site.join(folder), &mut left)?;
        ensure!(left.is_empty(), "{folder} holds what was not moved: {left:?}");
        fs::remove_dir_all(site.join(folder)).with_context(|| format!("cannot remove {folder}"))?;
    }
    let index = fs::read_to_string(site.join("index.html"))?;
    ensure!(index.contains(&format!("src=\"{folder}/boot.js\"")), "index.html starts the page in a way not known here");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(script: &str) -> tempfile::TempDir {
        let site = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("index.html", r#"<link href="./style.css"><link href="text/en.json"><script src="boot.js"></script>"#),
            ("bench.html", r#"<link href="style.css"><script src="bench.js"></script>"#),
            ("bench.js", "bench()"),
            ("boot.js", script),
            ("style.css", "a { b: c; }"),
            ("text/en.json", "{}"),
            ("vendor/chart.js", "chart()"),
            ("vendor/storage/index.js", "storage()"),
            ("engine/cpu/engine.js", "engine()"),
        ] {
            let file = site.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        site
    }

    fn folder(site: &Path) -> String {
        by_content(site).unwrap();
        let names = fs::read_dir(site).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("page-")).collect()
    }

    #[test]
    fn the_pages_code_is_in_a_folder_named_by_its_content() {
        let site = site("boot()");
        let folder = folder(site.path());
        let index = fs::read_to_string(site.path().join("index.html")).unwrap();
        let (style, words, script) =
            (format!("{folder}/style.css"), format!("{folder}/text/en.json"), format!("{folder}/boot.js"));
        assert_eq!(index, format!(r#"<link href="{style}"><link href="{words}"><script src="{script}"></script>"#));
        let bench = fs::read_to_string(site.path().join("bench.html")).unwrap();
        assert_eq!(bench, format!(r#"<link href="{style}"><script src="bench.js"></script>"#));
        for file in [
            &style,
            &words,
            &script,
            &format!("{folder}/vendor/chart.js"),
            &format!("{folder}/vendor/storage/index.js"),
            "engine/cpu/engine.js",
        ] {
            assert!(site.path().join(file).is_file(), "{file}");
        }
        assert!(!site.path().join("boot.js").exists());
    }

    #[test]
    fn another_byte_is_another_folder() {
        assert_eq!(folder(site("boot()").path()), folder(site("boot()").path()));
        assert_ne!(folder(site("boot()").path()), folder(site("boot();").path()));
    }
}
