//! Leaves out of the site's own scripts, styles and words what no browser reads: comments on lines of their
//! own, indentation and empty lines; and of those that the first view waits for, whatever esbuild finds.
//!
//! Of the rest it is no parser: a comment behind code stays, and a text over several lines would lose its indentation.
//! There is none in these files.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{process, setup};

/// What the first view waits for, but for what the edition in one file looks into, with the browsers that have to understand
/// it: the first script may use nothing that is younger than they are. 0.8 KB of brotli less.
const FIRST: [(&[&str], &str); 2] = [
    (&["boot.js", "later.js", "runs.js", "style.css"], "--target=es2022,chrome111,firefox113,safari16.4"),
    (&["first.js"], "--target=es5"),
];

/// Packs the files at the root of a site and its words.
pub(crate) fn pack(site: &Path) -> Result<()> {
    for (names, target) in FIRST {
        let mut esbuild = setup::node()?;
        esbuild.arg(setup::npm_file("esbuild/bin/esbuild")).args(names.iter().map(|name| site.join(name))).arg(target);
        esbuild.args(["--minify", "--charset=utf8", "--allow-overwrite", "--log-level=warning"]);
        process::succeed(esbuild.arg(format!("--outdir={}", site.display())))?;
    }
    for folder in [site.to_owned(), site.join("text"), site.join("text/later")] {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let file = entry?.path();
            let extension = file.extension().unwrap_or_default().to_string_lossy();
            if ["js", "css", "json"].contains(&extension.as_ref()) {
                let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                fs::write(&file, packed(&text)).with_context(|| format!("cannot write {}", file.display()))?;
            }
        }
    }
    Ok(())
}

/// A script, style, file of words or page without what no browser reads.
pub(crate) fn packed(text: &str) -> String {
    let mut packed = String::new();
    let mut in_comment = false;
    for line in text.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !["//", "<!--"].iter().any(|comment| line.starts_with(comment)) {
            // Between a word's name and the word itself.
            packed += &line.replacen("\": ", "\":", usize::from(line.starts_with('"')));
            packed.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_stays() {
        let script = "/**\n * Adds.\n * @param {number} a\n */\nfunction add(a) {\n    // One.\n    return a + 1; // more\n}\n\n/* x */\nadd(\"// no comment\");\n";
        assert_eq!(packed(script), "function add(a) {\nreturn a + 1; // more\n}\nadd(\"// no comment\");\n");
        assert_eq!(packed("a {\n    /* two\n       lines */\n    b: c;\n}\n"), "a {\nb: c;\n}\n");
        assert_eq!(packed("<p>\n    <!-- x -->\n    y\n</p>\n"), "<p>\ny\n</p>\n");
    }

    /// A comment that begins or ends amid code would take code with it.
    #[test]
    fn comments_of_the_page_stand_on_lines_of_their_own() {
        let web = process::root().join("web");
        let mut files: Vec<_> = [
            "first.js",
            "boot.js",
            "worker.js",
            "runs.js",
            "worlds.js",
            "later.js",
            "picture.js",
            "codap.js",
            "offline.js",
            "bench.js",
        ]
        .map(|name| web.join(name))
        .to_vec();
        for folder in ["style", "style/later", "style/panels"] {
            files.extend(fs::read_dir(web.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
        }
        for file in files.iter().filter(|file| file.is_file()) {
            for line in fs::read_to_string(file).unwrap().lines().map(str::trim) {
                assert!(!line.contains("/*") || line.starts_with("/*"), "{}: {line}", file.display());
                assert!(!line.contains("*/") || line.ends_with("*/"), "{}: {line}", file.display());
            }
        }
    }
}
