//! The edition in one file: a page that opens from a disk, a stick or a mail, where no web server is to be had.
//!
//! It has the CPU engine, one language and few base models, and says so. Browsers let a page from a disk fetch
//! nothing and import nothing: its scripts, styles and files lie in the document, and `web/one-file.js` gives them
//! to the page in a server's place. Its policy allows exactly these scripts and styles, and no request.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::licences;
use crate::{build, listing, process, site::copy_dir, wasm::WATCHED};

/// The seeds whose base models it has: that of the page without a link, and two others.
const SEEDS: [u64; 3] = [0, 1, 3];

/// What it says of itself.
const NOTE: &str = "This is Hedgerow in one file. It trains on the processor and not on the graphics card, speaks \
                    English, has the base models of seeds 0, 1 and 3, and recorded runs of everyday facts alone. \
                    The edition for a web server has the rest.";

/// What lies in the document as it is: scripts, which are run, and what a person may want to read.
const PLAIN: [&str; 10] = [
    "app.js",
    "runs.js",
    "worlds.js",
    "later.js",
    "picture.js",
    "offline.js",
    "vendor/idb/index.js",
    "worker.js",
    "engine/cpu/engine.js",
    licences::NAME,
];

/// The document, from a site as it was built and the licences of a release.
pub(crate) fn edition(site: &Path, licences: &Path) -> Result<Vec<u8>> {
    let folder = process::target_dir().join("xtask").join("one-file");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    choose(site, &folder)?;
    fs::copy(licences, folder.join(licences::NAME)).context("the release has no licences")?;
    listing::write(&folder)?;
    // Without the list of languages, it is in English and offers no other.
    let index = read(site, "index.html")?;
    let mut html = index.lines().filter(|line| !line.contains("hreflang")).collect::<Vec<_>>().join("\n");
    for (written, instead) in head(site, &mut Policy::default())? {
        html = exchange(&html, &written, &instead)?;
    }
    html = exchange(&html, "</body>", &format!("{}</body>", data(&folder)?))?;
    Ok(html.into_bytes())
}

/// Copies into the folder what the document is to hold.
fn choose(site: &Path, folder: &Path) -> Result<()> {
    let opening = format!("recorded/{}", listing::OPENING.id());
    for part in [&opening, "engine/cpu"] {
        copy_dir(&site.join(part), &folder.join(part))?;
    }
    let mut files = vec!["app_bg.wasm".to_owned()];
    for entry in fs::read_dir(site.join("recorded")).context("the site has no recorded runs")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("language-model-") {
            files.push(format!("recorded/{name}"));
        } else if name.ends_with(".postcard") {
            // Empty: the page need not look for a run that is not here.
            fs::write(folder.join("recorded").join(name), "").context("cannot stand in for a recorded run")?;
        }
    }
    files.extend(["text/en.json", "text/later/en.json", "later.css"].map(String::from));
    files.extend(
        [
            "worker.js",
            "runs.js",
            "worlds.js",
            "picture.js",
            "offline.js",
            "vendor/idb/index.js",
            "story/examples.postcard",
            "story/real.postcard",
            "story/groups.postcard",
            "story/everyday.postcard",
        ]
        .map(String::from),
    );
    for base in ["base", "base/everyday"] {
        files.push(format!("{base}/tokenizer.json"));
        for seed in SEEDS {
            files.extend([format!("{base}/base-{seed}.safetensors"), format!("{base}/world-{seed}.json")]);
        }
    }
    for entry in fs::read_dir(site).with_context(|| format!("cannot read {}", site.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".wasm") {
            files.push(name);
        }
    }
    for file in files {
        let copy = folder.join(&file);
        fs::create_dir_all(copy.parent().unwrap_or(folder))?;
        fs::copy(site.join(&file), copy).with_context(|| format!("the site has no {file}"))?;
    }
    ensure!(
        read(site, "worker.js")?.contains("import(new URL(script, self.location.href))"),
        "worker.js starts the engine in a way not known to web/one-file.js"
    );
    // Two modules that import each other become one.
    // A script that lies in the document has no address that others could lie beside.
    let later = read(site, "later.js")?.replace("import.meta.url", "document.baseURI");
    fs::write(folder.join("later.js"), later)?;
    fs::write(folder.join("app.js"), one_module(&read(site, "app.js")?, &read(site, "late.js")?)?)?;
    Ok(())
}

/// The page's module with what it imports from `late.js`, which imports it.
fn one_module(app: &str, late: &str) -> Result<String> {
    const IMPORT: &str = r#"import { initSync } from "./app.js";"#;
    let late = late.strip_prefix(WATCHED).filter(|late| late.contains(IMPORT));
    let late = late.context("late.js imports in a way not known here")?;
    // What the minified module calls the function itself.
    let own = app.split(" as initSync").next().and_then(|before| before.rsplit(['{', ',']).next());
    let own = own.filter(|own| own.len() < app.len()).context("app.js exports in a way not known here")?;
    let here = format!("const initSync = (...given) => {own}(...given);");
    let late =
        late.replace(IMPORT, &here).replace("export const ", "late.").replace("import.meta.url", "document.baseURI");
    let mut module = format!("{WATCHED}\nconst late = {{}};\n{{\n{late}\n}}\n");
    for (index, statement) in app.split(';').enumerate() {
        let namespace = statement.trim_start().strip_prefix("import*as ");
        let name = namespace.and_then(|namespace| namespace.strip_suffix("from\"./late.js\""));
        let before = if index > 0 { ";" } else { "" };
        match name {
            Some(name) => module += &format!("{before}const {}=late", name.trim_end()),
            None => module += &format!("{before}{statement}"),
        }
    }
    ensure!(!module.contains("from\"./late.js\""), "app.js imports in a way not known here");
    Ok(module)
}

/// What the document says in its head in the place of what `index.html` says.
fn head(site: &Path, policy: &mut Policy) -> Result<Vec<(String, String)>> {
    let web = process::root().join("web");
    let style = |name: &str, policy: &mut Policy| anyhow::Ok(policy.style(&read(site, name)?));
    let icon = BASE64_STANDARD.encode(read(site, "favicon.svg")?);
    let boot = exchange(&read(site, "boot.js")?, "import(\"./app.js\")", "import(scriptOf(\"app.js\"))")?;
    let scripts = policy.script("", &read(site, "first.js")?)?
        + &policy.script("", &read(&web, "one-file.js")?)?
        + &policy.script("", &read(site, "vendor/uPlot.iife.min.js")?)?;
    let mut exchanged = vec![
        (
            r#"<link rel="stylesheet" href="./style.css">"#.to_owned(),
            style("vendor/uPlot.min.css", policy)? + &style("style.css", policy)?,
        ),
        (r#"<script src="first.js"></script>"#.to_owned(), scripts),
        (r#"<script type="module" src="boot.js"></script>"#.to_owned(), policy.script(" type=\"module\"", &boot)?),
        (r#"<link rel="apple-touch-icon" href="icons/apple-touch-icon.png">"#.to_owned(), String::new()),
        (r#"href="favicon.svg""#.to_owned(), format!("href=\"data:image/svg+xml;base64,{icon}\"")),
        (r#"<link rel="manifest" href="hedgerow.webmanifest">"#.to_owned(), String::new()),
        ("<noscript>".to_owned(), format!("<p class=\"edition\">{NOTE}</p>\n<noscript>")),
    ];
    exchanged.push((policy_of(&read(site, "index.html")?)?, policy.text()));
    Ok(exchanged)
}

/// The policy that a page of the site names.
pub(super) fn policy_of(html: &str) -> Result<String> {
    let policy = html.split("content=\"").find(|part| part.starts_with("default-src"));
    let policy = policy.and_then(|part| part.split_once('"')).context("the page has no policy")?;
    Ok(policy.0.to_owned())
}

/// Collects what the document runs and is drawn with.
#[derive(Default)]
struct Policy {
    scripts: Vec<String>,
    styles: Vec<String>,
}

impl Policy {
    fn script(&mut self, attributes: &str, script: &str) -> Result<String> {
        ensure_embeddable(script)?;
        self.scripts.push(source(script));
        Ok(format!("<script{attributes}>{script}</script>\n"))
    }

    fn style(&mut self, style: &str) -> String {
        self.styles.push(source(style));
        format!("<style>{style}</style>")
    }

    fn text(&self) -> String {
        format!(
            "default-src 'none'; script-src {} blob: 'wasm-unsafe-eval'; worker-src blob:; style-src {}; img-src data:; \
             base-uri 'none'; form-action 'none'",
            self.scripts.join(" "),
            self.styles.join(" ")
        )
    }
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// The files, as elements that a browser neither shows nor runs.
fn data(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    build::collect(folder, &mut files)?;
    files.sort();
    let mut elements = String::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {name}"))?;
        let (kind, text) = if PLAIN.contains(&name.as_str()) {
            let script = String::from_utf8(bytes).with_context(|| format!("{name} is no text"))?;
            ensure_embeddable(&script)?;
            ("text/plain", script)
        } else {
            ("application/gzip", BASE64_STANDARD.encode(xtask_packing::gzip(&bytes)?))
        };
        elements += &format!("<script type=\"{kind}\" data-file=\"{name}\">{text}</script>\n");
    }
    Ok(elements)
}

/// A script in a document ends where these letters are, and loses a carriage return.
fn ensure_embeddable(script: &str) -> Result<()> {
    let script = script.to_ascii_lowercase();
    let has = |letters: &str| script.contains(letters);
    ensure!(!has("</script") && !has("<!--") && !has("\r"), "a script cannot stand in a document");
    Ok(())
}

fn exchange(text: &str, written: &str, instead: &str) -> Result<String> {
    ensure!(text.matches(written).count() == 1, "{written:?} is not there once");
    Ok(text.replacen(written, instead, 1))
}

fn read(folder: &Path, name: &str) -> Result<String> {
    fs::read_to_string(folder.join(name)).with_context(|| format!("cannot read {name} in {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_modules_that_import_each_other_become_one() {
        let app = "import*as a from\"./late.js\";import*as b from\"./late.js\";function start(){a.load()}function k(){}export{k as initSync,d as default};";
        let late = "import { watched } from \"./later.js\";\nimport { initSync } from \"./app.js\";\nconst at = import.meta.url;\nexport const load = () => initSync(at);\n";
        let module = one_module(app, late).unwrap();
        assert!(module.starts_with(WATCHED) && module.matches("import ").count() == 1, "{module}");
        assert!(module.contains("const initSync = (...given) => k(...given);"), "{module}");
        assert!(
            module.contains("late.load = () => initSync(at);")
                && module.contains("const a=late;const b=late;function start")
        );
        assert!(one_module(app, "import something from \"./app.js\"").is_err());
    }

    #[test]
    fn the_policy_names_every_script_and_style() {
        let mut policy = Policy::default();
        policy.script("", "run()").unwrap();
        policy.style("a { b: c; }");
        // printf 'run()' | openssl dgst -sha256 -binary | base64
        assert!(policy.text().contains("script-src 'sha256-"));
        assert!(policy.text().contains(&source("run()")) && policy.text().contains(&source("a { b: c; }")));
        assert!(policy.script("", "document.write('</script>')").is_err());
    }

    #[test]
    fn what_is_exchanged_is_there_once() {
        assert_eq!(exchange("a b c", "b", "d").unwrap(), "a d c");
        assert!(exchange("a b b", "b", "d").is_err() && exchange("a", "b", "d").is_err());
    }
}
