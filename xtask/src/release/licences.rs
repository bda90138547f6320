//! What of other people's work a site ships, under which licences, in `licences.txt` for people and in
//! `sbom.cdx.json` for programs (CycloneDX 1.5).
//!
//! Cargo says which crates are compiled into the page and its engines, node_modules holds what comes from npm. A
//! licence that is not known to allow this kind of use stops the release.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, ensure};
use cargo_metadata::MetadataCommand;
use cyclonedx_bom::{
    external_models::{spdx::SpdxExpression, uri::Purl},
    models::{
        bom::{Bom, SpecVersion},
        component::{Classification, Component, Components},
        license::{LicenseChoice, Licenses},
        metadata::Metadata,
    },
};
use spdx::{Expression, LicenseReq};

use crate::{process, scorm::template::LIBRARY, setup};

/// Licences under which a site may ship a part: they ask for their text and for the names of the authors, the MPL
/// for a place of the source too, which is named.
const ACCEPTED: [&str; 10] =
    ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "ISC", "MIT", "MPL-2.0", "Unicode-3.0", "Zlib"];

/// How the names of files begin that hold a licence.
const TEXTS: [&str; 6] = ["licen", "copying", "copyright", "notice", "unlicense", "authors"];

/// Folders of `node_modules` from which a site takes files.
const NPM: [&str; 4] = ["idb", "iframe-phone", "uplot", LIBRARY];

/// A crate or an npm package that is part of a site.
struct Part {
    registry: &'static str,
    name: String,
    version: String,
    expression: String,
    source: String,
    texts: Vec<String>,
}

/// The licences' name in a site.
pub(crate) const NAME: &str = "licences.txt";

/// Writes both files for a site with these engines.
pub(crate) fn write(site: &Path) -> Result<()> {
    let mut parts = crates(site)?;
    for folder in NPM {
        parts.push(package(&setup::npm_file(folder))?);
    }
    for part in &parts {
        check(part)?;
    }
    let (text, bill) = (site.join(NAME), site.join("sbom.cdx.json"));
    fs::write(&text, words(&parts)?).with_context(|| format!("cannot write {}", text.display()))?;
    fs::write(&bill, bill_of_materials(&parts)?).with_context(|| format!("cannot write {}", bill.display()))?;
    println!("licences: {} parts of other people", parts.len());
    Ok(())
}

/// The crates that the page and the engines of this site are compiled from, without those of this repository.
fn crates(site: &Path) -> Result<Vec<Part>> {
    let mut names = compiled_into("hedgerow-web", "")?;
    names.extend(compiled_into("hedgerow-engine", "")?);
    names.extend(compiled_into("hedgerow-assistant", "")?);
    if site.join("engine/gpu").is_dir() {
        names.extend(compiled_into("hedgerow-engine", "gpu")?);
    }
    let manifest = process::root().join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).exec().context("cargo lists no packages")?;
    let mut parts = Vec::new();
    for package in metadata.packages.iter().filter(|package| package.source.is_some()) {
        let (name, version) = (package.name.to_string(), package.version.to_string());
        if !names.remove(&(name.clone(), version.clone())) {
            continue;
        }
        let expression = package.license.clone().with_context(|| format!("{name} names no licence"))?;
        let folder = package.manifest_path.parent().with_context(|| format!("{name} has no folder"))?;
        let texts = texts(folder.as_std_path(), &expression)?;
        let source = format!("https://crates.io/crates/{name}/{version}");
        parts.push(Part { registry: "cargo", name, version, expression, source, texts });
    }
    // What is left is this repository's own.
    names.retain(|(name, _)| !name.starts_with("hedgerow"));
    ensure!(names.is_empty(), "not in cargo's list of packages: {names:?}");
    Ok(parts)
}

/// Names and versions of what a package for browsers is compiled from. Macros run in the compiler and ship nothing.
fn compiled_into(package: &str, features: &str) -> Result<BTreeSet<(String, String)>> {
    let listed = process::read(process::cargo().args([
        "tree",
        "--package",
        package,
        "--no-default-features",
        "--features",
        features,
        "--target=wasm32-unknown-unknown",
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--no-dedupe",
        "--format={p}",
    ]))?;
    let name_and_version = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    listed.lines().map(|line| name_and_version(line).with_context(|| format!("cargo tree says {line:?}"))).collect()
}

/// An npm package.
fn package(folder: &Path) -> Result<Part> {
    let manifest = folder.join("package.json");
    let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let manifest: serde_json::Value = serde_json::from_str(&text)?;
    let field = |name: &str| {
        let field = manifest[name].as_str().map(str::to_owned);
        field.with_context(|| format!("{} has no {name}", folder.display()))
    };
    let (name, version, expression) = (field("name")?, field("version")?, field("license")?);
    let source = format!("https://www.npmjs.com/package/{name}/v/{version}");
    let texts = texts(folder, &expression)?;
    Ok(Part { registry: "npm", name, version, expression, source, texts })
}

/// What the authors put beside their work; the licence's own words where they put nothing.
fn texts(folder: &Path, expression: &str) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_file() && !name.ends_with(".rs") && TEXTS.iter().any(|text| name.starts_with(text)) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let own = |requirement: &LicenseReq| requirement.license.id().map(|id| id.text().to_owned());
        return Ok(parse(expression)?.requirements().filter_map(|found| own(&found.req)).collect());
    }
    let read = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
    files.iter().map(|path| read(path).with_context(|| format!("cannot read {}", path.display()))).collect()
}

/// The slash is an older form of "or".
fn parse(expression: &str) -> Result<Expression> {
    Expression::parse(&expression.replace('/', " OR ")).with_context(|| format!("{expression} is no licence"))
}

fn check(Part { name, version, expression, .. }: &Part) -> Result<()> {
    let accepted = |requirement: &LicenseReq| requirement.license.id().is_some_and(|id| ACCEPTED.contains(&id.name));
    ensure!(
        parse(expression)?.evaluate(accepted),
        "{name} {version} is under {expression}, which is not among the licences that a site may ship: see {}",
        file!()
    );
    Ok(())
}

/// The list of parts, then the texts, each of them once.
fn words(parts: &[Part]) -> Result<String> {
    let root = process::root();
    let own = |file: &str| fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"));
    let mut words = format!(
        "Hedgerow {} is free software under the MIT licence or the Apache licence 2.0, whichever you choose.\n\
         Its base models and recorded runs are made by it, and are under the same licences.\n\
         The Rust compiler adds parts of its standard library, under the same two licences.\n\n\
         It is built from the work of others, each under one of the licences that it names. The numbers are those of \
         the texts below.\n\n",
        env!("CARGO_PKG_VERSION")
    );
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut below = Vec::new();
    for Part { name, version, expression, source, texts, .. } in parts {
        let mut of_part = Vec::new();
        for text in texts {
            let number = *numbers.entry(text.trim()).or_insert_with(|| {
                below.push(text.trim());
                below.len()
            });
            of_part.push(format!("[{number}]"));
        }
        words += &format!("{name} {version}, {expression}, {source} {}\n", of_part.join(" "));
    }
    for (name, file) in [("the MIT licence of Hedgerow", "LICENSE-MIT"), ("the Apache licence 2.0", "LICENSE-APACHE")] {
        words += &format!("\n\n======== {name} ========\n\n{}\n", own(file)?.trim());
    }
    for (index, text) in below.iter().enumerate() {
        words += &format!("\n\n======== [{}] ========\n\n{text}\n", index + 1);
    }
    Ok(words)
}

/// Without a time and a serial number, which would differ from build to build.
fn bill_of_materials(parts: &[Part]) -> Result<Vec<u8>> {
    let component = |kind, name: &str, version: &str, purl: Option<Purl>, expression: &str| Component {
        purl,
        licenses: Some(Licenses(vec![LicenseChoice::Expression(SpdxExpression::new(expression))])),
        ..Component::new(kind, name, version, None)
    };
    let mut components = Vec::new();
    for Part { registry, name, version, expression, .. } in parts {
        let purl = Purl::new(registry, name, version).with_context(|| format!("{name} {version} has no purl"))?;
        let expression = parse(expression)?.to_string();
        let part = component(Classification::Library, name, version, Some(purl.clone()), &expression);
        components.push(Component { bom_ref: Some(purl.to_string()), ..part });
    }
    let this = component(Classification::Application, "hedgerow", env!("CARGO_PKG_VERSION"), None, "MIT OR Apache-2.0");
    let bill = Bom {
        serial_number: None,
        metadata: Some(Metadata { component: Some(this), ..Metadata::default() }),
        components: Some(Components(components)),
        ..Bom::default()
    };
    let mut json = Vec::new();
    bill.output_as_json(&mut json, SpecVersion::V1_5)?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, expression: &str, text: &str) -> Part {
        Part {
            registry: "cargo",
            name: name.into(),
            version: "1.2.3".into(),
            expression: expression.into(),
            source: "https://crates.io".into(),
            texts: vec![text.into()],
        }
    }

    #[test]
    fn a_licence_that_is_not_accepted_stops_the_release() {
        for expression in ["MIT", "MIT/Apache-2.0", "GPL-3.0-only OR MIT", "Apache-2.0 WITH LLVM-exception"] {
            assert!(check(&part("a", expression, "")).is_ok(), "{expression}");
        }
        for expression in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "LicenseRef-mine"] {
            assert!(check(&part("a", expression, "")).is_err(), "{expression}");
        }
    }

    #[test]
    fn a_text_that_two_parts_share_stands_once() {
        let words = words(&[part("a", "MIT", "Permission"), part("b", "MIT", "Permission\n")]).unwrap();
        assert!(words.contains("a 1.2.3, MIT, https://crates.io [1]\nb 1.2.3, MIT, https://crates.io [1]\n"));
        assert!(words.contains("======== [1] ========\n\nPermission\n") && !words.contains("[2]"));
    }

    #[test]
    fn the_bill_of_materials_names_the_parts_and_is_the_same_twice() {
        let bill = || bill_of_materials(&[part("a", "MIT/Apache-2.0", "")]).unwrap();
        assert_eq!(bill(), bill());
        let read: serde_json::Value = serde_json::from_slice(&bill()).unwrap();
        assert_eq!(read["bomFormat"], "CycloneDX");
        assert_eq!(read["components"][0]["purl"], "pkg:cargo/a@1.2.3");
        assert_eq!(read["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
    }

    /// What a browser runs is compiled from these and from nothing that only the command line has.
    #[test]
    fn the_page_ships_leptos_and_no_parquet() {
        let names: BTreeSet<String> =
            compiled_into("hedgerow-web", "").unwrap().into_iter().map(|(name, _)| name).collect();
        assert!(names.contains("leptos") && !names.contains("parquet") && !names.contains("burn"));
    }
}
