//! Who may import whom in the page's code.
//!
//! `model`, texts, stores, then engine and storage, then `lab`: each imports those before it. `kit`
//! knows no store, `views` are what several panels show, a panel knows no other panel and neither engine nor storage,
//! and only the page names panels. Reads the code as text; leaves out what the compiler checks.

use std::fs;
use std::path::{Path, PathBuf};

/// A layer, and the layers that it may import besides itself.
const RULES: [(&str, &[&str]); 13] = [
    ("link", &[]),
    ("js", &[]),
    ("model", &["link"]),
    ("text", &["model", "link"]),
    ("stores", &["text", "model", "link"]),
    ("engine", &["stores", "text", "model", "link", "js"]),
    ("storage", &["stores", "text", "model", "link", "js"]),
    ("lab", &["engine", "storage", "stores", "text", "model", "link", "js"]),
    ("kit", &["text", "model", "js"]),
    ("views", &["stores", "text", "kit", "model", "lab"]),
    ("panels", &["views", "stores", "text", "kit", "model", "lab"]),
    ("page", &["panels", "views", "lab", "stores", "text", "kit", "model"]),
    ("main", &["page", "text"]),
];
/// Files that hold plain data and functions, and crates that are none.
const PLAIN: [&str; 2] = ["model/", "engine/pool/"];
const BROWSER: [&str; 5] = ["leptos", "web_sys", "js_sys", "wasm_bindgen", "reactive_stores"];

/// What is wrong with a file, by line. `path` is relative to `src`.
fn violations(path: &str, code: &str) -> Vec<String> {
    let layer = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    let allowed = RULES.iter().find(|(name, _)| *name == layer).map(|(_, allowed)| *allowed);
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default();
        let mut complain = |what: String| found.push(format!("{path}:{}: {what}", number + 1));
        match allowed {
            None => complain(format!("no rule for the layer {layer}")),
            Some(allowed) => {
                for module in after(line, "crate::").into_iter().chain(after(line, "hedgerow_web::")) {
                    let own = if layer == "panels" { is_own_panel(path, line) } else { module == layer };
                    if !(own || allowed.contains(&module)) {
                        complain(format!("{layer} imports {module}"));
                    }
                }
            }
        }
        // In a file of its own a panel is the neighbour of all others.
        let levels = line.matches("super::").count();
        if layer == "panels" && levels > path.matches('/').count().saturating_sub(1) {
            complain("a panel imports another".into());
        }
        if PLAIN.iter().any(|plain| path.starts_with(plain)) {
            for name in BROWSER.iter().filter(|name| !after(line, &format!("{name}::")).is_empty()) {
                complain(format!("plain code imports {name}"));
            }
        }
    }
    found
}

/// A path through the crate into the panel's own folder.
fn is_own_panel(path: &str, line: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(folder), Some(_)) => line.contains(&format!("crate::panels::{folder}::")),
        _ => false,
    }
}

/// The first name after each place where `prefix` begins a path.
fn after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let starts = line.match_indices(prefix).filter(|(at, _)| !line[..*at].ends_with(|l| is_name(l) || l == ':'));
    let name = |(at, _): (usize, &str)| {
        let rest = &line[at + prefix.len()..];
        &rest[..rest.find(|letter| !is_name(letter)).unwrap_or(rest.len())]
    };
    starts.map(name).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn nothing_is_imported_against_the_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    assert!(paths.len() > 50, "{} files", paths.len());
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with("src/lib.rs")) {
        let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
        found.extend(violations(&name, &fs::read_to_string(path).expect("a text")));
    }
    assert!(found.is_empty(), "web/src imports against its rule:\n{}", found.join("\n"));
}

#[test]
fn what_the_rule_forbids_is_found() {
    for (path, line, expected) in [
        ("panels/ask.rs", "use crate::engine::pool::Pool;", "panels/ask.rs:1: panels imports engine"),
        ("panels/ask.rs", "use crate::panels::credit::Credit;", "panels/ask.rs:1: panels imports panels"),
        ("panels/ask.rs", "use super::credit::Credit;", "panels/ask.rs:1: a panel imports another"),
        ("panels/rater/dials.rs", "use super::super::ask::Ask;", "panels/rater/dials.rs:1: a panel imports another"),
        ("kit/card.rs", "    let x = crate::stores::use_stores();", "kit/card.rs:1: kit imports stores"),
        ("model/run.rs", "use leptos::prelude::*;", "model/run.rs:1: plain code imports leptos"),
        ("engine/pool/advance.rs", "use web_sys::Worker;", "engine/pool/advance.rs:1: plain code imports web_sys"),
        ("stores/run.rs", "use crate::{lab, model};", "stores/run.rs:1: stores imports "),
        ("news.rs", "", ""),
    ] {
        let found = violations(path, line);
        assert_eq!(found.first().map(String::as_str).unwrap_or_default(), expected, "{path}: {line}");
    }
    for (path, line) in [
        ("panels/rater/dials.rs", "use super::optimum::Optimum;"),
        ("panels/ask.rs", "use crate::text::terms;"),
        ("engine/client.rs", "use leptos::prelude::*; // not crate::panels"),
        ("lab.rs", "use crate::engine::client::Client;"),
    ] {
        assert_eq!(violations(path, line), Vec::<String>::new());
    }
}
