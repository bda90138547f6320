//! A package for a learning management system that opens a link of this site, by SCORM 1.2 or SCORM 2004.
//!
//! What packages have in common is a file of the lesson, which the site's build writes (`xtask/src/scorm.rs`); here its
//! holes are filled. Leaves out how the files become one archive (`model::files::packed`).

use std::collections::BTreeMap;

use serde::Deserialize;

/// A version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// SCORM 1.2, which every system reads.
    V12,
    /// SCORM 2004, which tells how far somebody has come as well.
    V2004,
}

impl Version {
    /// All.
    pub const ALL: [Version; 2] = [Version::V12, Version::V2004];

    /// Its number.
    pub fn name(self) -> &'static str {
        match self {
            Version::V12 => "1.2",
            Version::V2004 => "2004",
        }
    }
}

/// What packages have in common.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Template {
    files: BTreeMap<String, String>,
    pages: BTreeMap<String, String>,
    manifests: BTreeMap<String, String>,
}

impl Template {
    /// The files of a package, each with its name; `None` if the template has no such language. The title is HTML.
    pub fn package(
        &self,
        version: Version,
        language: &str,
        exercise: &str,
        title: &str,
        link: &str,
    ) -> Option<Vec<(String, Vec<u8>)>> {
        let (version, title) = (version.name(), plain(title));
        let page = self.pages.get(language)?.replace("{version}", version).replace("{title}", &title);
        let page = page.replace("{address}", &escaped(link));
        let mut files: BTreeMap<&str, String> =
            self.files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
        files.insert("index.html", page);
        let listed: Vec<String> = files.keys().map(|name| format!("            <file href=\"{name}\"/>")).collect();
        let manifest = self.manifests.get(version)?.replace("{title}", &title);
        let manifest = manifest.replace("{identifier}", &format!("hedgerow-{exercise}-{language}"));
        files.insert("imsmanifest.xml", manifest.replace("{files}", &listed.join("\n")));
        Some(files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect())
    }
}

/// A title without its tags: text for HTML and for XML.
fn plain(html: &str) -> String {
    let mut parts = html.split('<');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('>').map_or("", |(_, after)| after))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_opens_the_link_and_names_each_of_its_files() {
        let of = |file: &str| {
            std::fs::read_to_string(format!("{}/scorm/{file}", env!("CARGO_MANIFEST_DIR"))).expect("a file of scorm/")
        };
        let page = of("index.html").replace("{language}", "de").replace("{not_heard}", "Nichts.");
        let template = Template {
            files: BTreeMap::from([("scorm.js".to_owned(), of("scorm.js"))]),
            pages: BTreeMap::from([("de".to_owned(), page)]),
            manifests: BTreeMap::from(["1.2", "2004"].map(|name| (name.to_owned(), of(&format!("{name}.xml"))))),
        };
        for version in Version::ALL {
            let link = "https://a.example/?lang=de&exercise=thumb&seed=random#s=4&kl=\"1\"";
            let files = template.package(version, "de", "thumb", "Der <em>Daumen</em>", link).expect("a package");
            let text = |name: &str| {
                let found = files.iter().find(|(own, _)| own == name).expect("a file of this name");
                String::from_utf8(found.1.clone()).expect("text")
            };
            let (page, manifest) = (text("index.html"), text("imsmanifest.xml"));
            assert!(
                page.contains(
                    r#"src="https://a.example/?lang=de&amp;exercise=thumb&amp;seed=random#s=4&amp;kl=&quot;1&quot;""#
                ),
                "{page}"
            );
            assert!(manifest.contains("<title>Der Daumen</title>"), "{manifest}");
            for (name, _) in files.iter().filter(|(name, _)| name != "imsmanifest.xml") {
                assert!(manifest.contains(&format!("<file href=\"{name}\"/>")), "{name}");
            }
            for (text, hole) in
                [(&page, "{title}"), (&page, "{version}"), (&manifest, "{identifier}"), (&manifest, "{files}")]
            {
                assert!(!text.contains(hole), "{hole}");
            }
        }
        assert_eq!(template.package(Version::V12, "fr", "thumb", "T", "https://a.example/"), None);
    }
}
