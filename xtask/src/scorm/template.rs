//! What the packages of all exercises have in common, which is made with the lesson.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::{process, setup};

/// The file among those of the lesson.
pub(crate) const FILE: &str = "scorm.json";

/// The versions of the standard, by the names of their manifests.
pub(super) const VERSIONS: [&str; 2] = ["1.2", "2004"];

/// The npm package that speaks with the systems.
pub(crate) const LIBRARY: &str = "@gamestdio/scorm";

/// What packages have in common. Holes in braces are filled for each of them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Template {
    /// Files that are the same in all, by name.
    pub(super) files: BTreeMap<String, String>,
    /// Pages by language, with holes for version, title and address.
    pub(super) pages: BTreeMap<String, String>,
    /// Manifests by version, with holes for identifier, title and files.
    pub(super) manifests: BTreeMap<String, String>,
}

/// The template, with what a page says where no system answers, by language.
pub(crate) fn template<'a>(not_heard: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Template> {
    let own = |name: &str| {
        let path = process::root().join("web/scorm").join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let library = |name: &str| {
        let path = setup::npm_file(LIBRARY).join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let page = own("index.html")?;
    let pages = not_heard.map(|(language, words)| {
        let page = page.replace("{language}", language).replace("{not_heard}", words);
        (language.to_owned(), page)
    });
    let script = format!("const exports = {{}};\n{}\n{}", library("lib/index.js")?, own("scorm.js")?);
    let licence = format!("scorm.js holds {LIBRARY}, which is under this licence:\n\n{}", library("LICENSE")?);
    Ok(Template {
        files: BTreeMap::from([
            ("licence.txt".to_owned(), licence),
            ("scorm.css".to_owned(), own("scorm.css")?),
            ("scorm.js".to_owned(), script),
        ]),
        pages: pages.collect(),
        manifests: VERSIONS
            .map(|version| Ok((version.to_owned(), own(&format!("{version}.xml"))?)))
            .into_iter()
            .collect::<Result<_>>()?,
    })
}
