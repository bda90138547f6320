//! The page's style sheet: the files of `web/style/` in the order of its `main.css`, joined into one,
//! because each file would be a request.
//!
//! The dark scheme is written once and comes out twice: for those who chose it, and for those whose
//! system prefers it and who chose nothing. It is no CSS parser.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::process;

/// The file with the dark scheme, and the selector in it.
const DARK: (&str, &str) = ("dark.css", r#":root[data-theme="dark"]"#);
/// Those who have not chosen the light scheme.
const NOT_LIGHT: &str = r#":root:not([data-theme="light"])"#;

/// Writes the style sheet to `web/generated/style.css`.
pub(crate) fn pack() -> Result<()> {
    let web = process::root().join("web");
    let joined = join(&web.join("style"))?;
    let into = web.join("generated/style.css");
    fs::write(&into, joined).with_context(|| format!("cannot write {}", into.display()))
}

fn join(folder: &Path) -> Result<String> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let mut joined = String::new();
    for name in read("main.css")?.lines().filter_map(imported) {
        let text = read(name)?;
        joined += &text;
        if name == DARK.0 {
            let system = text.replace(DARK.1, NOT_LIGHT);
            joined += &format!("\n@media (prefers-color-scheme: dark) {{\n{system}}}\n");
        }
        joined.push('\n');
    }
    Ok(joined)
}

/// The file that a line imports.
fn imported(line: &str) -> Option<&str> {
    line.strip_prefix("@import \"")?.strip_suffix("\";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_of_the_page_is_in_its_sheet_once() {
        let folder = process::root().join("web/style");
        let mut imports: Vec<String> = fs::read_to_string(folder.join("main.css"))
            .unwrap()
            .lines()
            .filter_map(imported)
            .map(str::to_owned)
            .collect();
        let mut files: Vec<String> = Vec::new();
        for (prefix, folder) in [("", folder.clone()), ("panels/", folder.join("panels"))] {
            for entry in fs::read_dir(folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if name.ends_with(".css") && name != "main.css" {
                    files.push(format!("{prefix}{name}"));
                }
            }
        }
        imports.sort();
        files.sort();
        assert_eq!(imports, files);
    }

    #[test]
    fn the_dark_scheme_comes_out_for_those_who_chose_it_and_for_their_system() {
        let sheet = join(&process::root().join("web/style")).unwrap();
        let schemes = sheet.matches("color-scheme: dark;").count();
        assert_eq!(schemes, 2);
        assert!(sheet.contains(DARK.1) && sheet.contains(NOT_LIGHT));
        assert_eq!(sheet.matches('{').count(), sheet.matches('}').count());
    }

    /// The bar that shows how far a run is glided to its new width, and every frame of that laid out and painted the page: a
    /// seventh of a run's time. What moves is moved by the compositor, or changes its colours.
    #[test]
    fn nothing_that_is_laid_out_glides() {
        const MOVES: [&str; 9] = [
            "none",
            "background-color",
            "border-color",
            "color",
            "opacity",
            "rotate",
            "transform",
            "translate",
            "visibility",
        ];
        let folder = process::root().join("web/style");
        let sheet = join(&folder).unwrap() + &fs::read_to_string(folder.join("later/later.css")).unwrap();
        let mut moved = Vec::new();
        for transition in sheet.split("transition").skip(1) {
            let (value, _) = transition.split_once([';', '}']).unwrap();
            let properties = value.strip_prefix(':').expect("a transition that names its properties");
            moved.extend(properties.split(',').filter_map(|property| property.split_whitespace().next()));
        }
        for animation in sheet.split("@keyframes ").skip(1) {
            let line = animation.lines().next().unwrap();
            assert_eq!(line.matches('{').count(), line.matches('}').count(), "keyframes in one line: {line}");
            moved.extend(line.split(['{', ';']).filter_map(|part| Some(part.split_once(':')?.0.trim())));
        }
        assert!(moved.contains(&"rotate") && moved.contains(&"color"), "{moved:?}");
        let laid_out: Vec<&str> = moved.into_iter().filter(|property| !MOVES.contains(property)).collect();
        assert!(laid_out.is_empty(), "{laid_out:?}");
    }
}
