//! The list of a site's files, with the length and the digest of each: the page compares with it what arrives.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use hedgerow::facts::world::Theme;

use crate::build;

/// The list's name in the site.
pub(crate) const NAME: &str = "files.json";

/// The list of the lesson's files, and of what else few pages have a use for. It is listed itself.
const LESSON: &str = "lesson/files.json";

/// Files of the second list that are neither the lesson's nor a world's; a release has them in a folder.
const FOR_FEW: [&str; 5] = ["bench.html", "bench.js", "codap.js", "vendor/iframe-phone.js", "story/groups.postcard"];

/// What the worlds are about that the page opens with (`LinkState::default` of the page).
pub(crate) const OPENING: Theme = Theme::Everyday;

/// Folders whose files are for those who choose other worlds than those that the page opens with.
const OF_WORLDS: [&str; 2] = ["base/", "recorded/"];

/// Lists a site that is otherwise finished. The page that a browser opens first has no use for its own digest, and
/// is not listed.
pub(crate) fn write(site: &Path) -> Result<()> {
    let (lesson, mut rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
        digests(site)?.into_iter().partition(|(name, _)| is_for_few(name));
    if !lesson.is_empty() {
        let text = serde_json::Value::from_iter(lesson).to_string();
        fs::create_dir_all(site.join("lesson")).context("cannot make the folder of the second list")?;
        rest.insert(LESSON.to_owned(), known(text.as_bytes()));
        keep(&site.join(LESSON), &text)?;
    }
    keep(&site.join(NAME), &serde_json::Value::from_iter(rest).to_string())
}

fn is_for_few(name: &str) -> bool {
    let is_of_other_worlds =
        OF_WORLDS.iter().any(|folder| name.starts_with(folder)) && !name.contains(&format!("/{}/", OPENING.id()));
    ["lesson/", "assistant/"].iter().any(|folder| name.starts_with(folder))
        || is_of_other_worlds
        || FOR_FEW.iter().any(|file| name == *file || name.ends_with(&format!("/{file}")))
}

fn keep(list: &Path, text: &str) -> Result<()> {
    fs::write(list, text).with_context(|| format!("cannot write {}", list.display()))
}

/// Length and digest. The first 80 bits of a digest tell files apart as well, and the list is loaded with the first view.
fn known(bytes: &[u8]) -> serde_json::Value {
    serde_json::json!({ "bytes": bytes.len(), "sha256": &build::sha256(bytes)[..20] })
}

fn digests(site: &Path) -> Result<BTreeMap<String, serde_json::Value>> {
    let mut files = Vec::new();
    build::collect(site, &mut files)?;
    let mut listed = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(site).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if [NAME, LESSON, "index.html"].contains(&name.as_str()) {
            continue;
        }
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        listed.insert(name, known(&bytes));
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_with_its_digest() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir_all(site.path().join("base/everyday")).unwrap();
        fs::write(site.path().join("base/everyday/world-0.json"), "abc").unwrap();
        fs::write(site.path().join("index.html"), "<!doctype html>").unwrap();
        // A second time the list itself is there.
        write(site.path()).unwrap();
        write(site.path()).unwrap();
        let text = fs::read_to_string(site.path().join(NAME)).unwrap();
        // FIPS 180-2, appendix B.1.
        let expected = r#"{"base/everyday/world-0.json":{"bytes":3,"sha256":"ba7816bf8f01cfea4141"}}"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn the_lesson_and_the_other_worlds_have_a_list_of_their_own_which_is_listed() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir_all(site.path().join("lesson/en")).unwrap();
        fs::write(site.path().join("lesson/en/thumb.html"), "<!doctype html>").unwrap();
        fs::write(site.path().join("app.js"), "app()").unwrap();
        fs::create_dir_all(site.path().join("base")).unwrap();
        fs::write(site.path().join("base/world-0.json"), "{}").unwrap();
        write(site.path()).unwrap();
        write(site.path()).unwrap();
        let read = |name: &str| -> BTreeMap<String, serde_json::Value> {
            serde_json::from_slice(&fs::read(site.path().join(name)).unwrap()).unwrap()
        };
        assert_eq!(read(NAME).into_keys().collect::<Vec<_>>(), ["app.js", LESSON]);
        assert_eq!(read(LESSON).into_keys().collect::<Vec<_>>(), ["base/world-0.json", "lesson/en/thumb.html"]);
        assert_eq!(read(NAME)[LESSON], known(&fs::read(site.path().join(LESSON)).unwrap()));
    }
}
