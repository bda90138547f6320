//! `cargo xtask release`: a built site as it is handed on, in a folder, in an archive and in one file.
//!
//! ```text
//! release/hedgerow/site/       what a static host serves; hosting/ says how (hosting/README.md)
//! release/hedgerow-….zip       the same folder, the same bytes from the same site
//! release/hedgerow-….html      the edition in one file, for a computer without a web server
//! release/SHA256SUMS           the digests of the two
//! ```
//!
//! It changes what the files of a site are called and what lies beside them, never what the laboratory does.

pub(crate) mod archive;
pub(crate) mod licences;
mod naming;
mod offline;
mod one_file;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    build, compress,
    engines::Kinds,
    listing, process, setup,
    site::{self, copy_dir},
    wasm::Optimise,
};

/// The folder in the archive.
const NAME: &str = "hedgerow";

/// Where the page looks for the weights of the real language model (`ASSISTANT_MODEL` of the page).
const LANGUAGE_MODEL: &str = "assistant/model.gguf";

/// Files of `hosting/` that some hosts read at the root of the site itself.
const READ_AT_THE_ROOT: [&str; 3] = [".htaccess", "_headers", "web.config"];

/// What a release may have that its site does not know.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// Where it will be hosted.
    pub(crate) address: Option<String>,
    /// The weights of the real language model, a GGUF file.
    pub(crate) language_model: Option<PathBuf>,
}

/// Writes a release of a site; builds the site first when none is given.
pub(crate) fn write(site: Option<PathBuf>, out: &Path, extras: &Extras) -> Result<()> {
    let site = match site {
        Some(site) => site,
        None => {
            let built = process::target_dir().join("xtask").join("release-site");
            site::build(&built, Kinds::CpuAndGpu, Optimise::Yes)?;
            built
        }
    };
    // Their licences go into the release.
    setup::npm_packages()?;
    ensure!(site.join("index.html").is_file(), "{} holds no site: build one with `cargo xtask site`", site.display());
    let may_replace = !out.exists() || out.join(NAME).join("site/index.html").is_file();
    ensure!(may_replace, "{} exists and is no release: remove it or choose another --out", out.display());
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("cannot replace {}", out.display()))?;
    }

    let folder = out.join(NAME);
    let id = prepare(&site, &folder, extras)?;
    let name = format!("{NAME}-{}-{id}", env!("CARGO_PKG_VERSION"));
    let zip = archive::zip(&folder, &format!("{NAME}/"))?;
    let html = one_file::edition(&site, &folder.join("site").join(licences::NAME))?;
    let mut sums = String::new();
    for (file, bytes) in [(format!("{name}.zip"), zip), (format!("{name}.html"), html)] {
        sums += &format!("{}  {file}\n", build::sha256(&bytes));
        let path = out.join(&file);
        fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        println!("release: {} ({} bytes)", path.display(), bytes.len());
    }
    fs::write(out.join("SHA256SUMS"), sums).context("cannot write SHA256SUMS")
}

/// Fills the folder of the archive; returns the build's digits: the service worker names the list of files, and that
/// names all the rest.
fn prepare(site: &Path, folder: &Path, Extras { address, language_model }: &Extras) -> Result<String> {
    let served = folder.join("site");
    copy_dir(site, &served)?;
    if let Some(file) = language_model {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(bytes.starts_with(b"GGUF"), "{} is no GGUF file", file.display());
        fs::write(served.join(LANGUAGE_MODEL), bytes).context("cannot write the language model")?;
    }
    if let Some(address) = address {
        let index = served.join("index.html");
        fs::write(&index, at(address, &fs::read_to_string(&index)?)?).context("cannot write index.html")?;
    }
    let hosting = process::root().join("hosting");
    copy_dir(&hosting, &folder.join("hosting"))?;
    for file in READ_AT_THE_ROOT {
        let from = folder.join("hosting").join(file);
        fs::rename(&from, served.join(file)).with_context(|| format!("cannot move {}", from.display()))?;
    }
    licences::write(&served)?;
    offline::register(&served)?;
    naming::by_content(&served)?;
    listing::write(&served)?;
    offline::write(&served)?;
    let worker = fs::read(served.join("sw.js")).context("the site has no service worker")?;
    compress::beside(&served)?;
    Ok(build::sha256(&worker)[..12].to_owned())
}

/// The page as it says where it is hosted. Facebook, Signal and others show a picture only by its whole address
/// (<https://ogp.me>).
fn at(address: &str, page: &str) -> Result<String> {
    const PREVIEW: &str = r#"content="preview.png""#;
    ensure!(
        ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme))
            && !address.contains(['?', '#', '"', '<', '&', ' ']),
        "{address} is no address of a site: it begins with https:// and ends with the site's folder"
    );
    ensure!(page.contains(PREVIEW), "index.html names its preview in a way not known here");
    let folder = address.trim_end_matches('/');
    let head =
        format!("<link rel=\"canonical\" href=\"{folder}/\"><meta property=\"og:url\" content=\"{folder}/\"></head>");
    Ok(page.replace(PREVIEW, &format!(r#"content="{folder}/preview.png""#)).replacen("</head>", &head, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_an_address_has_a_preview_that_others_find() {
        let page = fs::read_to_string(process::root().join("web/index.html")).unwrap();
        for address in ["https://a.example/lab/", "https://a.example/lab"] {
            let page = at(address, &page).unwrap();
            assert!(page.contains(r#"<meta property="og:image" content="https://a.example/lab/preview.png">"#));
            assert!(page.contains(r#"<meta property="og:url" content="https://a.example/lab/">"#));
        }
        for address in ["a.example", "https://a.example/?x", "https://a.example/\"><script>"] {
            assert!(at(address, &page).is_err(), "{address}");
        }
    }

    #[test]
    fn every_recipe_sends_the_policy_that_the_page_has() {
        let root = process::root();
        let policy = one_file::policy_of(&fs::read_to_string(root.join("web/index.html")).unwrap()).unwrap();
        for recipe in ["nginx.conf", "Caddyfile", ".htaccess", "_headers", "web.config"] {
            let text = fs::read_to_string(root.join("hosting").join(recipe)).unwrap();
            assert!(text.contains(&policy), "{recipe} sends another policy than web/index.html has");
        }
    }
}
