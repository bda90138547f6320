//! docs/SCHEMA.md says of settings, arms, metrics, numbers and slices what the tables of the core say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use hedgerow::documents::metrics::{At, Chance, Metric, Number, Slice};
use hedgerow::judgement::arms::Arm;
use hedgerow::judgement::experiment::Experiment;
use hedgerow::judgement::settings::{CHOICES, SETTINGS};

/// The name of a table, its heads, its rows.
type Table = (&'static str, &'static [&'static str], Vec<Vec<String>>);

fn tables() -> Vec<Table> {
    let default = Experiment::default();
    let settings = |part: &'static str| {
        let of_part = move |path: &str| path.strip_prefix(part)?.strip_prefix('.').map(|name| format!("`{name}`"));
        let numbers = SETTINGS.iter().filter_map(|setting| {
            let (low, high) = (setting.range.start(), setting.range.end());
            let kind = if setting.integer { "whole, " } else { "" };
            let default = match part {
                "reward_model" => String::new(),
                _ => format!("{}", (setting.get)(&default) as f32),
            };
            Some(vec![of_part(setting.path)?, format!("{kind}{low} … {high}"), default, setting.meaning.to_owned()])
        });
        let choices = CHOICES.iter().filter_map(|choice| {
            let options: Vec<String> = choice.options.iter().map(|option| format!("`{option}`")).collect();
            let default = match part {
                "reward_model" => String::new(),
                _ => options[(choice.get)(&default)].clone(),
            };
            Some(vec![of_part(choice.path)?, options.join(", "), default, choice.meaning.to_owned()])
        });
        numbers.chain(choices).collect::<Vec<_>>()
    };
    let code = |id: &str| format!("`{id}`");
    let heads: &[&str] = &["field", "may be", "preset A", ""];
    let arms = Arm::ALL.map(Arm::spec);
    let metrics = Metric::ALL.map(Metric::spec);
    let numbers = Number::ALL.map(Number::spec);
    let slices = Slice::ALL.map(Slice::spec);
    let chance = |chance: Chance| match chance {
        Chance::None => "",
        Chance::OneValue => "1 / values",
        Chance::OtherValues => "1 − 1 / values",
        Chance::Half => "1/2",
        Chance::TwoOfThree => "two of 1/4, 1 / values, 1 / values",
    };
    let at = |at: At| match at {
        At::PolicyBefore => "the policy before it",
        At::UpdateBefore => "the update before it",
    };
    vec![
        ("rater", heads, settings("rater")),
        ("finetune", heads, settings("finetune")),
        ("measure", heads, settings("measure")),
        ("reward_model", heads, settings("reward_model")),
        ("arms", &["arm", ""], arms.iter().map(|spec| vec![code(spec.id), sentence(spec.meaning)]).collect()),
        ("slices", &["slice", ""], slices.iter().map(|spec| vec![code(spec.id), sentence(spec.meaning)]).collect()),
        (
            "metrics",
            &["metric", "chance", ""],
            metrics
                .iter()
                .map(|spec| vec![code(spec.id), chance(spec.chance).into(), sentence(spec.meaning)])
                .collect(),
        ),
        (
            "numbers",
            &["metric of `rollouts`", "of an update, it is of", ""],
            numbers.iter().map(|spec| vec![code(spec.id), at(spec.at).into(), sentence(spec.meaning)]).collect(),
        ),
    ]
}

/// The documentation of an entry as one line.
fn sentence(meaning: &str) -> String {
    meaning.trim().replace('|', "\\|")
}

/// The document with every table between its marks written anew.
fn rewritten(document: &str) -> String {
    let mut written = document.to_owned();
    for (name, heads, rows) in tables() {
        let (begin, end) = (format!("<!-- table {name} -->\n"), format!("<!-- end of table {name} -->"));
        let from = written.find(&begin).unwrap_or_else(|| panic!("docs/SCHEMA.md has no table {name}")) + begin.len();
        let to = written.find(&end).unwrap_or_else(|| panic!("the table {name} has no end"));
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
        let mut table = format!("\n{}|{}\n", line(&heads), "---|".repeat(heads.len()));
        rows.iter().for_each(|cells| table += &line(cells));
        written.replace_range(from..to, &format!("{table}\n"));
    }
    written
}

#[test]
fn the_tables_of_the_schema_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SCHEMA.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let expected = rewritten(&document);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    } else {
        let differs = document.lines().zip(expected.lines()).find(|(is, should)| is != should);
        assert!(
            document == expected,
            "docs/SCHEMA.md differs from the tables of the code, first at {differs:?}; to write it anew: \
             UPDATE_DOCS=1 cargo test --release --package hedgerow --test schema"
        );
    }
}
