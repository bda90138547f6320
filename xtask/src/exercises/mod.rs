//! The lesson: exercises and teachers' pages, read from `web/exercises/`, checked and rendered.
//!
//! A language is a folder: `words.toml`, an exercise a file, and the teachers' pages in `pages/`. An exercise is
//! Markdown with TOML in front of it (`source`). Figures in it are never typed: a reference in braces is filled in
//! from the recorded runs that ship (`results`), and a link to the lab is read as the page would read it (`link`).
//! What comes out, `web/generated/lesson/`, is one JSON file a language, from which the page shows an exercise beside the
//! laboratory, sheets to read and to print (`sheets`), and what packages for learning management systems have in common
//! (`crate::scorm::template`).

mod fault;
mod link;
mod markdown;
mod plot;
mod results;
mod sheets;
mod source;
#[cfg(test)]
mod tests;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::{process, scorm::template};
use results::Recordings;
use source::{Exercise, Page};
use words::Words;

/// The style sheet of the sheets.
const STYLE: &str = "sheet.css";

/// Writes the lesson into `web/generated/lesson/`, with the numbers of the runs that [`recorded::pack`] has packed.
///
/// [`recorded::pack`]: crate::recorded::pack
pub(crate) fn build() -> Result<()> {
    let root = process::root();
    let recordings = Recordings::read(&root.join("web/generated/recorded"))?;
    let languages = languages(&root.join("web/exercises"), &recordings)?;
    let folder = root.join("web/generated/lesson");
    write(&languages, &root.join("web/exercises").join(STYLE), &folder)?;
    let not_heard = languages.iter().map(|language| (language.code.as_str(), language.words.not_heard.as_str()));
    let packages = serde_json::to_string(&template::template(not_heard)?)?;
    fs::write(folder.join(template::FILE), packages).with_context(|| format!("cannot write into {}", folder.display()))
}

/// Everything there is in one language.
#[derive(Debug, Serialize)]
struct Language {
    /// Its code, `en`.
    code: String,
    #[serde(skip)]
    words: Words,
    /// In the order of their numbers.
    exercises: Vec<Exercise>,
    /// In the order of their numbers.
    pages: Vec<Page>,
}

/// Every language of a folder, by code.
fn languages(folder: &Path, recordings: &Recordings) -> Result<Vec<Language>> {
    let folders = entries(folder)?.into_iter().filter(|path| path.is_dir());
    let languages: Vec<Language> = folders.map(|path| language(&path, recordings)).collect::<Result<_>>()?;
    ensure!(!languages.is_empty(), "{} holds no language", folder.display());
    Ok(languages)
}

fn language(folder: &Path, recordings: &Recordings) -> Result<Language> {
    let words = Words::read(&folder.join("words.toml"))?;
    let exercise_files = markdown_files(folder)?;
    let page_files = markdown_files(&folder.join("pages"))?;
    let exercise_names = exercise_files.iter().flat_map(|path| [stem(path), sheets::for_teacher(&stem(path))]);
    let names: Vec<String> = exercise_names.chain(page_files.iter().map(|path| stem(path))).collect();
    let context = source::Context { words: &words, recordings, names: &names };
    let mut exercises: Vec<Exercise> =
        exercise_files.iter().map(|path| Exercise::read(path, &context)).collect::<Result<_>>()?;
    let mut pages: Vec<Page> = page_files.iter().map(|path| Page::read(path, &context)).collect::<Result<_>>()?;
    exercises.sort_by_key(|exercise| exercise.order);
    pages.sort_by_key(|page| page.order);
    Ok(Language { code: stem(folder), words, exercises, pages })
}

fn markdown_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_markdown = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    Ok(entries(folder)?.into_iter().filter(is_markdown).collect())
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let entries = fs::read_dir(folder).with_context(unreadable)?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn write(languages: &[Language], style: &Path, into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into).with_context(|| format!("cannot clear {}", into.display()))?;
    }
    let put = |name: &str, text: &str| {
        let path = into.join(name);
        fs::create_dir_all(path.parent().unwrap_or(into))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    put(STYLE, &fs::read_to_string(style).with_context(|| format!("cannot read {}", style.display()))?)?;
    put("index.html", &sheets::languages(languages))?;
    for language in languages {
        put(&format!("{}.json", language.code), &serde_json::to_string(language)?)?;
        for (name, html) in sheets::sheets(language, languages) {
            put(&format!("{}/{name}.html", language.code), &html)?;
        }
    }
    Ok(())
}
