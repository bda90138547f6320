//! The links of the lesson's exercises, read as the page reads them. `xtask/src/exercises/link.rs`, which checks them
//! when the lesson is built, is stricter and does not know this code.

use std::fs;
use std::path::Path;

use hedgerow_web::link::open;

#[test]
fn the_page_opens_every_exercise_with_all_of_its_settings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("exercises");
    let mut opened = 0;
    for language in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let files = fs::read_dir(language).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
            let text = fs::read_to_string(&file).unwrap();
            let link = text.lines().find_map(|line| line.strip_prefix("settings = \"")?.strip_suffix('"')).unwrap();
            let read = open(link);
            assert!(read.problems.is_empty(), "{}: {:?}", file.display(), read.problems);
            assert!(read.state.is_some(), "{}", file.display());
            opened += 1;
        }
    }
    assert!(opened >= 24, "{opened}");
}
