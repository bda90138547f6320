//! `cargo xtask scorm`: an exercise as packages for learning management systems, by SCORM 1.2 and SCORM 2004.
//!
//! ```text
//! scorm/hedgerow-thumb-en-scorm-1.2.zip    imsmanifest.xml   what the system reads
//! scorm/hedgerow-thumb-en-scorm-2004.zip   index.html        shows the exercise in a frame, and scorm.js reports
//!                                          site/             the site, unless the exercise is at an address
//! ```
//!
//! What packages have in common ([`template`]) is made with the lesson and lies in the site as one file: the page makes
//! packages of it as well (`web/src/model/scorm.rs`).

pub(crate) mod template;

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{
    build, listing,
    markup::escaped,
    process,
    release::{archive, licences},
    site::copy_dir,
};
use template::{FILE, Template, VERSIONS};

/// An exercise as the site's lesson has it.
#[derive(Deserialize)]
struct Exercise {
    name: String,
    /// As HTML.
    title: String,
}

#[derive(Deserialize)]
struct Lesson {
    exercises: Vec<Exercise>,
}

/// Writes the packages of an exercise in a language, with the site in them, or with an address at which the site or a
/// link of it is hosted.
pub(crate) fn write(name: &str, language: &str, address: Option<&str>, site: &Path, out: &Path) -> Result<()> {
    let read = |file: &str| {
        let path = site.join("lesson").join(file);
        fs::read(&path)
            .with_context(|| format!("cannot read {}: build a site first, `cargo xtask site`", path.display()))
    };
    let template: Template = serde_json::from_slice(&read(FILE)?)?;
    let languages: Vec<&str> = template.pages.keys().map(String::as_str).collect();
    ensure!(languages.contains(&language), "there is no lesson in {language}, only in {}", languages.join(" and "));
    let Lesson { exercises } = serde_json::from_slice(&read(&format!("{language}.json"))?)?;
    let names: Vec<&str> = exercises.iter().map(|exercise| exercise.name.as_str()).collect();
    let exercise = exercises.iter().find(|exercise| exercise.name == name);
    let exercise = exercise.with_context(|| format!("there is no exercise {name}, only {}", names.join(", ")))?;
    let query = format!("lang={language}&exercise={name}");
    let address = match address {
        // A teacher's link says all of it.
        Some(link) if link.contains('?') => link.to_owned(),
        Some(site) => format!("{site}?{query}"),
        None => format!("site/index.html?{query}"),
    };
    ensure!(
        address.starts_with("site/") || address.starts_with("https://") || address.starts_with("http://"),
        "{address} is no address: it begins with https://"
    );
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    for version in VERSIONS {
        let staged = process::target_dir().join("xtask").join("scorm");
        if staged.exists() {
            fs::remove_dir_all(&staged).with_context(|| format!("cannot clear {}", staged.display()))?;
        }
        fs::create_dir_all(&staged).with_context(|| format!("cannot create {}", staged.display()))?;
        if address.starts_with("site/") {
            let within = staged.join("site");
            copy_dir(site, &within)?;
            // Most systems take small packages only, and no exercise asks the real language model.
            let assistant = within.join("assistant");
            if assistant.is_dir() {
                fs::remove_dir_all(&assistant).with_context(|| format!("cannot leave out {}", assistant.display()))?;
                listing::write(&within)?;
            }
            licences::write(&within)?;
        }
        let identifier = format!("hedgerow-{name}-{language}");
        fill(&template, version, language, &identifier, &exercise.title, &address, &staged)?;
        let path = out.join(format!("{identifier}-scorm-{version}.zip"));
        let bytes = archive::zip(&staged, "")?;
        fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        println!("scorm: {} ({} bytes)", path.display(), bytes.len());
    }
    Ok(())
}

/// Puts page, scripts and manifest into a folder; the manifest lists all that lies there.
fn fill(
    template: &Template,
    version: &str,
    language: &str,
    identifier: &str,
    title: &str,
    address: &str,
    folder: &Path,
) -> Result<()> {
    let keep = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let title = plain(title);
    let page = template.pages[language].replace("{version}", version).replace("{title}", &title);
    keep("index.html", &page.replace("{address}", &escaped(address)))?;
    for (name, text) in &template.files {
        keep(name, text)?;
    }
    let mut files = Vec::new();
    build::collect(folder, &mut files)?;
    let inner = |file: &Path| file.strip_prefix(folder).unwrap_or(file).to_string_lossy().replace('\\', "/");
    let mut files: Vec<String> = files.iter().map(|file| inner(file)).collect();
    files.sort();
    let files: Vec<String> =
        files.iter().map(|file| format!("            <file href=\"{}\"/>", escaped(file))).collect();
    let manifest = template.manifests[version].replace("{identifier}", identifier).replace("{title}", &title);
    keep("imsmanifest.xml", &manifest.replace("{files}", &files.join("\n")))
}

/// A title without its tags: text for HTML and for XML.
fn plain(html: &str) -> String {
    let mut parts = html.split('<');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('>').map_or("", |(_, after)| after))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn template() -> Template {
        let own = |name: &str| fs::read_to_string(process::root().join("web/scorm").join(name)).unwrap();
        Template {
            files: BTreeMap::from([("scorm.js".to_owned(), own("scorm.js"))]),
            pages: BTreeMap::from([(
                "en".to_owned(),
                own("index.html").replace("{language}", "en").replace("{not_heard}", "No answer."),
            )]),
            manifests: BTreeMap::from(VERSIONS.map(|version| (version.to_owned(), own(&format!("{version}.xml"))))),
        }
    }

    #[test]
    fn a_package_names_each_of_its_files_and_no_hole_is_left() {
        for version in VERSIONS {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("site")).unwrap();
            fs::write(folder.path().join("site/a&b.js"), "").unwrap();
            let address = "site/index.html?lang=en&exercise=thumb";
            let title = "The <em>thumb</em> &amp; why";
            fill(&template(), version, "en", "hedgerow-thumb-en", title, address, folder.path()).unwrap();
            let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
            let (page, manifest) = (read("index.html"), read("imsmanifest.xml"));
            assert!(page.contains(r#"src="site/index.html?lang=en&amp;exercise=thumb""#), "{page}");
            assert!(page.contains(&format!("data-scorm=\"{version}\"")), "{page}");
            assert!(manifest.contains("<title>The thumb &amp; why</title>"), "{manifest}");
            for file in ["index.html", "scorm.js", "site/a&amp;b.js"] {
                assert_eq!(manifest.matches(&format!("<file href=\"{file}\"/>")).count(), 1, "{file}");
            }
            for text in [&page, &manifest] {
                for hole in ["language", "version", "title", "address", "not_heard", "identifier", "files"] {
                    assert!(!text.contains(&format!("{{{hole}}}")), "{hole} in {text}");
                }
            }
        }
    }
}
