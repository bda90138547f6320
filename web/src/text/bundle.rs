//! All of a run as files: its JSON, its rows for either kind of spreadsheet, a picture of each chart, and what is what.
//!
//! Leaves out how they become one archive (`model::files::packed`).

use super::later::later;
use super::pictures::{Shown, sheet};
use crate::model::class::table::semicolon_csv;
use crate::model::figures::{Group, plans};
use crate::model::files::{LABEL, Label, RUN};
use crate::model::picture::Picture;
use crate::model::tuned::ModelFiles;

/// The files with their names. `json` is the run as the page saves it, `models` the files of its models, if there are any, and
/// `label` what its visitor says of it.
pub fn files(shown: &Shown<'_>, json: String, models: ModelFiles, label: &Label) -> Vec<(String, Vec<u8>)> {
    let (words, report) = (&later().bundle, shown.report);
    let groups = [Group::Says, Group::Knows, Group::Hedges, Group::More];
    let has_reward_model = report.experiment.reward_model.is_some();
    let charts = groups.into_iter().flat_map(|group| plans(group, has_reward_model));
    let charts = charts.map(|plan| Picture::Chart(plan.quantity));
    let mut pictures = Vec::new();
    let mut listed = Vec::new();
    for picture in [Picture::Outcomes, Picture::Facts].into_iter().chain(charts) {
        if let Some(sheet) = sheet(picture, shown) {
            let name = format!("charts/{}.svg", picture.name());
            listed.push(format!("{name}: {}", sheet.title));
            pictures.push((name, sheet.svg().0.into_bytes()));
        }
    }
    let said = [
        words.title.to_owned(),
        String::new(),
        later().pictures.settings(shown.what()),
        later().pictures.build(&report.build),
        format!("{} {}", later().pictures.link, shown.link),
        String::new(),
        words.json.to_owned(),
        words.comma.to_owned(),
        words.semicolon.to_owned(),
        words.charts.to_owned(),
    ];
    // Lines as every editor ends them.
    let of_models = (!models.is_empty()).then(|| words.models.to_owned());
    let label = (*label != Label::default()).then(|| serde_json::to_string_pretty(label).unwrap_or_default());
    let of_label = label.is_some().then(|| words.label.to_owned());
    let readme =
        said.into_iter().chain(listed).chain(of_models).chain(of_label).map(|line| line + "\r\n").collect::<String>();
    let texts = [
        ("README.txt", readme),
        (RUN, json),
        ("run.csv", report.to_csv()),
        ("run-semicolon.csv", semicolon_csv(report)),
    ];
    let models = models.into_iter().map(|(name, model)| (format!("models/{name}"), model));
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let label = label.map(|label| (LABEL.to_owned(), label.into_bytes()));
    texts.chain(label).chain(pictures).chain(models).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::files::Dropped;
    use crate::model::files::packed;
    use crate::model::files::read::labelled;
    use crate::model::shelf::run_of_file;
    use hedgerow::documents::report::RunReport;
    use std::collections::BTreeSet;

    #[test]
    fn the_archive_holds_the_run_its_rows_and_every_chart_and_the_page_reads_it_back() {
        crate::text::speak_english();
        crate::text::later::speak_english();
        let file = include_str!("../../../tests/data/report.json");
        let report: RunReport = serde_json::from_str(file).unwrap();
        let link = "https://example.org/#s=4".to_owned();
        let shown = Shown { report: &report, seed: None, at: None, facts: &[], link };
        let models = vec![("scalar-seed-3-update-7.safetensors".to_owned(), vec![0; 4000])];
        let label = Label { name: "The rater „hardly“ checks".into(), note: "a\nb".into() };
        let files = files(&shown, file.to_owned(), models, &label);
        let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), files.len(), "no name twice");
        let archive = packed(&files).unwrap();
        let whole: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(archive.len() < whole / 3, "{} of {whole}", archive.len());

        // The shelf and a class find the run in it, and take nothing else for one; the shelf finds what it was called.
        let mine = Dropped { name: "mine.zip".into(), bytes: archive };
        let (back, said) = labelled(mine);
        assert_eq!(said, Some(label), "once a run came back without its name");
        assert_eq!(labelled(Dropped { name: "mine.json".into(), bytes: file.into() }).1, None);
        let [(name, Ok(run))] = &back[..] else { panic!("{} files", back.len()) };
        assert_eq!((name.as_str(), run.as_slice()), ("mine.zip/run.json", file.as_bytes()));
        let of = |name: &str| &files.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no {name}")).1;
        assert_eq!(*run_of_file(of("run.json")).unwrap().0, report);
        let readme = String::from_utf8(of("README.txt").clone()).unwrap();
        for (name, _) in files.iter().filter(|(name, _)| name != "README.txt") {
            let name = if name.starts_with("models/") { "models: " } else { name };
            assert!(readme.contains(name), "{name} is not explained: {readme}");
        }
        assert!(readme.contains("https://example.org/#s=4") && readme.contains(&report.build));
        // Both spreadsheets get the same numbers.
        let comma = String::from_utf8(of("run.csv").clone()).unwrap();
        let semicolon = String::from_utf8(of("run-semicolon.csv").clone()).unwrap();
        assert_eq!(comma.lines().count(), semicolon.lines().count());
        assert!(comma.lines().count() > 50);
        for (one, other) in comma.lines().zip(semicolon.lines()).take(200) {
            let one: Vec<String> = one.split(',').take(6).map(|field| field.replace('.', ",")).collect();
            let other: Vec<String> = other.split(';').take(6).map(|field| field.replace('.', ",")).collect();
            assert_eq!(one, other);
        }
    }
}
