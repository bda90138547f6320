//! No sentence stands in the code of what is drawn: sentences are in `text/`, a file a language.
//!
//! Reads the code as text: a string with two words side by side, or a word with a capital letter, is a
//! sentence unless all its words are classes of the style sheet. Leaves out the other layers, which draw nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// Strings that the browser reads: keys of the keyboard, names of elements.
const FOR_THE_BROWSER: [&str; 9] =
    ["ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp", "Enter", "Escape", "Tab", "BODY", "HTML"];

fn files(folder: &Path, kind: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files(&path, kind, found);
        } else if path.extension().is_some_and(|extension| extension == kind) {
            found.push(path);
        }
    }
}

/// The sentences among a line's strings.
fn sentences<'a>(line: &'a str, classes: &str) -> Vec<&'a str> {
    let code = line.split("//").next().unwrap_or_default();
    if ["log::", "expect(", "reason = "].iter().any(|for_developers| code.contains(for_developers)) {
        return Vec::new();
    }
    let is_word = |word: &str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let is_class = |word: &str| classes.contains(&format!(".{word}"));
    let is_sentence = |text: &str| {
        let words: Vec<&str> = text.split(' ').map(|word| word.trim_matches([',', '.', ':', ';'])).collect();
        let has_two_words = words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)));
        let has_a_name = words.iter().any(|word| is_word(word) && word.starts_with(char::is_uppercase));
        (has_two_words || has_a_name) && !words.iter().all(|word| is_class(word)) && !FOR_THE_BROWSER.contains(&text)
    };
    code.split('"').skip(1).step_by(2).filter(|text| is_sentence(text)).collect()
}

#[test]
fn what_is_drawn_takes_its_words_from_the_texts() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sheets = Vec::new();
    files(web, "css", &mut sheets);
    let classes: String = sheets.iter().map(|path| fs::read_to_string(path).expect("a style sheet")).collect();
    let mut code = vec![web.join("src/page.rs")];
    for layer in ["panels", "views", "kit"] {
        files(&web.join("src").join(layer), "rs", &mut code);
    }
    assert!(code.len() > 20, "only {} files were found", code.len());
    let mut found = Vec::new();
    for path in code {
        let text = fs::read_to_string(&path).expect("a readable file");
        let drawn = text.split("#[cfg(test)]").next().unwrap_or_default();
        let of_line =
            |line| sentences(line, &classes).into_iter().map(|sentence| format!("{}: {sentence}", path.display()));
        found.extend(drawn.lines().flat_map(of_line).collect::<Vec<_>>());
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_sentence_is_found_and_a_class_is_none() {
    let classes = ".card { } .wide-card { } .tag.live { }";
    assert_eq!(sentences(r#"<p>"Train to see charts."</p>"#, classes), ["Train to see charts."]);
    assert_eq!(sentences(r#"aria-label="Close""#, classes), ["Close"]);
    assert!(sentences(r#"class="card wide-card" title=text.close // "Not this.""#, classes).is_empty());
    assert!(sentences(r#"("tag live", text.live)"#, classes).is_empty());
    assert!(sentences(r#""M5 3.2v9.6a.6.6 0 0 0 .9.5l8-4.8""#, classes).is_empty());
}
