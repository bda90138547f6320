//! Reads the Trunk directives of the page: the tags marked `data-trunk` that say what a site is
//! made of.
//!
//! It knows the four kinds that the page uses and refuses any other, rather than build something
//! that Trunk would not. It is no HTML parser: it finds tags and their attributes, no tree.

use anyhow::{Result, bail, ensure};

/// One thing to put into the site. Paths are relative to the page's folder; targets to the site's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    /// Compile the page itself, into `app.js` and `app_bg.wasm`.
    Rust,
    /// Copy one file, a style sheet included, into the target folder.
    CopyFile {
        /// The file.
        from: String,
        /// The folder in the site; empty for its root.
        into: String,
    },
    /// Copy what a folder holds into the target folder.
    CopyDir {
        /// The folder.
        from: String,
        /// The folder in the site.
        into: String,
    },
}

/// The page without its directives, and the directives.
#[derive(Debug)]
pub(crate) struct Page {
    /// The HTML for the site.
    pub(crate) html: String,
    /// In the order of the page.
    pub(crate) directives: Vec<Directive>,
}

/// Takes a page apart, or says which directive it does not know.
pub(crate) fn interpret(source: &str) -> Result<Page> {
    let mut html = String::with_capacity(source.len());
    let mut directives = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        html.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = markup_length(rest)?;
        let (markup, after) = rest.split_at(length);
        rest = after;
        let tag = Tag::read(markup);
        match tag.filter(Tag::is_directive) {
            Some(tag) => {
                let (directive, replacement) = tag.directive(markup)?;
                directives.push(directive);
                html.push_str(&replacement);
            }
            None => html.push_str(markup),
        }
    }
    html.push_str(rest);
    let apps = directives.iter().filter(|&d| *d == Directive::Rust).count();
    ensure!(apps == 1, "the page has {apps} directives with rel=\"rust\"; it needs one");
    Ok(Page { html, directives })
}

/// The length of what begins at this `<`: a comment, a script or style with its contents, or one
/// tag.
fn markup_length(text: &str) -> Result<usize> {
    let through = |end: &str| text.find(end).map(|at| at + end.len());
    let length = if text.starts_with("<!--") {
        through("-->")
    } else if text.starts_with("<script") {
        through("</script>")
    } else if text.starts_with("<style") {
        through("</style>")
    } else {
        tag_length(text)
    };
    match length {
        Some(length) => Ok(length),
        None => bail!("the page never closes {:?}", first_line(text)),
    }
}

/// Up to the first `>` outside quotes.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match quote {
            Some(open) if open == char => quote = None,
            Some(_) => {}
            None if char == '"' || char == '\'' => quote = Some(char),
            None if char == '>' => return Some(at + 1),
            None => {}
        }
    }
    None
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// An opening tag. Attributes without a value have an empty one.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn read(markup: &'a str) -> Option<Self> {
        let inside = &markup[1..tag_length(markup)? - 1];
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None; // A comment, a closing tag or the doctype.
        }
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let name_end = inside.find(|c: char| c.is_whitespace()).unwrap_or(inside.len());
        let (name, mut rest) = inside.split_at(name_end);
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return Some(Self { name, attributes });
            }
            let key_end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let (key, after) = rest.split_at(key_end);
            let (value, after) = match after.trim_start().strip_prefix('=') {
                Some(value) => read_value(value.trim_start()),
                None => ("", after),
            };
            attributes.push((key, value));
            rest = after;
        }
    }

    fn is_directive(&self) -> bool {
        let marked = |(key, _): &(&str, &str)| key.starts_with("data-trunk");
        self.attributes.iter().any(marked)
    }

    /// The directive, and what stands in its place in the site's page.
    fn directive(&self, markup: &str) -> Result<(Directive, String)> {
        let known: &[&str] = match (self.name, self.get("rel")) {
            ("link", Some("rust")) => &["href", "data-bin", "data-cargo-profile-release", "data-wasm-opt"],
            ("link", Some("css")) => &["href", "data-target-path", "media"],
            ("link", Some("copy-file" | "copy-dir")) => &["href", "data-target-path"],
            _ => bail!(
                "unknown Trunk directive {markup}: cargo xtask knows <link data-trunk> with rel \
                 rust, css, copy-file and copy-dir"
            ),
        };
        for (key, value) in &self.attributes {
            ensure!(
                ["data-trunk", "rel"].contains(key) || known.contains(key),
                "unknown attribute {key} in the Trunk directive {markup}"
            );
            ensure!(!value.contains('&'), "no character references, please, in the Trunk directive {markup}");
        }
        match self.get("rel") {
            Some("rust") => {
                self.check_rust(markup)?;
                Ok((Directive::Rust, String::new()))
            }
            Some("copy-dir") => {
                let from = self.href(markup)?;
                let name = from.trim_end_matches('/').rsplit('/').next();
                let into = match self.target(markup)? {
                    "" => name.unwrap_or_default().to_owned(),
                    target => target.to_owned(),
                };
                Ok((Directive::CopyDir { from, into }, String::new()))
            }
            rel => {
                let from = self.href(markup)?;
                let into = self.target(markup)?.to_owned();
                let replacement = match rel {
                    Some("css") => self.stylesheet(&from, &into),
                    _ => String::new(),
                };
                Ok((Directive::CopyFile { from, into }, replacement))
            }
        }
    }

    /// Trunk and this program must compile the page alike.
    fn check_rust(&self, markup: &str) -> Result<()> {
        for (key, value) in [
            ("href", "Cargo.toml"),
            ("data-bin", "app"),
            ("data-cargo-profile-release", "page"),
            // The hook of Trunk.toml optimises instead, with flags that browsers accept.
            ("data-wasm-opt", "0"),
        ] {
            ensure!(self.get(key) == Some(value), "the page's directive must say {key}=\"{value}\", in {markup}");
        }
        Ok(())
    }

    fn stylesheet(&self, from: &str, into: &str) -> String {
        let name = from.rsplit('/').next().unwrap_or(from);
        let folder = if into.is_empty() { String::new() } else { format!("{into}/") };
        let media = match self.get("media") {
            Some(media) => format!(r#" media="{media}""#),
            None => String::new(),
        };
        format!(r#"<link rel="stylesheet" href="./{folder}{name}"{media}>"#)
    }

    fn href(&self, markup: &str) -> Result<String> {
        match self.get("href") {
            Some(href) if !href.is_empty() => Ok(href.to_owned()),
            Some(_) | None => bail!("the Trunk directive {markup} has no href"),
        }
    }

    fn target(&self, markup: &str) -> Result<&'a str> {
        let target = self.get("data-target-path").unwrap_or("").trim_end_matches('/');
        ensure!(
            !target.starts_with('/') && !target.split('/').any(|part| part == ".."),
            "data-target-path must stay inside the site, in {markup}"
        );
        Ok(target)
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let attribute = self.attributes.iter().find(|(name, _)| *name == key);
        attribute.map(|(_, value)| *value)
    }
}

/// An attribute's value, quoted or bare, and what follows it.
fn read_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some((value, after)) = text.strip_prefix(quote).and_then(|quoted| quoted.split_once(quote)) {
            return (value, after);
        }
    }
    let end = text.find(|c: char| c.is_whitespace()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::{Directive, interpret};

    const APP: &str = r#"<link data-trunk rel="rust" href="Cargo.toml" data-bin="app"
        data-cargo-profile-release="page" data-wasm-opt="0">"#;

    fn page(directive: &str) -> String {
        format!("<!doctype html><head>{APP}{directive}</head><p title='a > b'>é</p>")
    }

    #[test]
    fn every_known_directive_is_taken_out_of_the_page() {
        let source = page(
            r#"<link data-trunk rel="css" href="style.css" />
            <link data-trunk rel=copy-file href='../a/b.js' data-target-path="vendor">
            <link data-trunk rel="copy-dir" href="../public">
            <link data-trunk rel="copy-dir" href="generated" data-target-path="engine">"#,
        );
        let page = interpret(&source).expect("all of these are known");
        let file = |from: &str, into: &str| Directive::CopyFile { from: from.into(), into: into.into() };
        let folder = |from: &str, into: &str| Directive::CopyDir { from: from.into(), into: into.into() };
        assert_eq!(
            page.directives,
            [
                Directive::Rust,
                file("style.css", ""),
                file("../a/b.js", "vendor"),
                folder("../public", "public"),
                folder("generated", "engine"),
            ]
        );
        assert!(!page.html.contains("data-trunk"));
        assert!(page.html.contains(r#"<link rel="stylesheet" href="./style.css">"#));
        assert!(page.html.ends_with("<p title='a > b'>é</p>"));
    }

    #[test]
    fn comments_and_scripts_are_left_alone() {
        let text = r#"<!-- <link data-trunk rel="sass"> --><script>if (1<2) "<link data-trunk>"</script>"#;
        let page = interpret(&page(text)).expect("nothing in here is a directive");
        assert!(page.html.contains(text));
        assert_eq!(page.directives, [Directive::Rust]);
    }

    #[test]
    fn what_it_does_not_know_is_refused() {
        for unknown in [
            r#"<link data-trunk rel="sass" href="a.scss">"#,
            r#"<link data-trunk rel="copy-file" href="a" data-inline>"#,
            r#"<link data-trunk rel="copy-file">"#,
            r#"<link data-trunk rel="copy-dir" href="a" data-target-path="../b">"#,
            r#"<script data-trunk src="a.js"></script>"#,
            r#"<base data-trunk-public-url>"#,
            r#"<link data-trunk rel="rust" href="Cargo.toml" data-bin="app">"#,
            r#"<p title=""#,
        ] {
            assert!(interpret(&page(unknown)).is_err(), "accepted {unknown}");
        }
        assert!(interpret("<p>no app</p>").is_err());
        assert!(interpret(&page(APP)).is_err(), "accepted two apps");
    }
}
