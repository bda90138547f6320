//! Rules about the source, as absences: which word must not stand where.
//!
//! Reads the files as text, without comments and without the unit tests at their end. It is no parser:
//! a rule that needs one is no rule that a reader can see at a glance.

use std::fs;
use std::path::{Path, PathBuf};

/// A line of code.
pub(crate) struct Line {
    /// From the repository's root.
    pub(crate) file: String,
    /// From 1.
    pub(crate) number: usize,
    /// Without comment.
    pub(crate) code: String,
}

/// The code of a file, or of every Rust file below a folder. Paths start at the repository's root.
///
/// # Panics
/// If there is none: a rule about nothing would always hold.
pub(crate) fn code(place: &str) -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join(place), &mut files);
    files.sort();
    assert!(!files.is_empty(), "there is no source at {place}: the rule about it is out of date");
    files
        .into_iter()
        .flat_map(|path| {
            let file = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {file}: {error}"));
            without_tests_and_comments(&text)
                .into_iter()
                .map(|(number, code)| Line { file: file.clone(), number, code })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_path_buf());
        return;
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            collect(&path, files);
        }
    }
}

/// The lines before the unit tests, numbered from 1, each without what follows `//`.
fn without_tests_and_comments(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].trim_start_matches("pub(crate) ").starts_with("mod "));
    let code = |line: &&str| line.split("//").next().unwrap_or_default().to_owned();
    lines[..tests.unwrap_or(lines.len())].iter().map(code).enumerate().map(|(index, code)| (index + 1, code)).collect()
}

/// Is the pattern there, and no part of a longer name?
pub(crate) fn mentions(code: &str, pattern: &str) -> bool {
    let in_name = |char: char| char.is_alphanumeric() || char == '_';
    let starts_name = pattern.starts_with(in_name);
    let ends_name = pattern.ends_with(in_name);
    code.match_indices(pattern).any(|(start, _)| {
        let (before, after) = (&code[..start], &code[start + pattern.len()..]);
        let begins_earlier = starts_name && before.ends_with(in_name);
        let ends_later = ends_name && after.starts_with(in_name);
        !begins_earlier && !ends_later
    })
}

/// Fails if one of the patterns is in the code of one of the places, and says where and why it must not.
pub(crate) fn absent(invariant: &str, places: &[&str], but_for: &[&str], patterns: &[&str]) {
    let mut found = Vec::new();
    for line in places.iter().flat_map(|place| code(place)) {
        if but_for.contains(&line.file.as_str()) {
            continue;
        }
        for pattern in patterns.iter().filter(|pattern| mentions(&line.code, pattern)) {
            found.push(format!("{}:{}: {pattern}: {}", line.file, line.number, line.code.trim()));
        }
    }
    assert!(found.is_empty(), "{invariant}\n{}", found.join("\n"));
}
