//! Every kind of file that somebody may hand over, and what the reader says of it.

use std::io::Read;

use hedgerow::documents::report::{RunReport, SCHEMA};
use hedgerow::judgement::experiment::{Arm, Experiment};
use serde_json::{Value, json};

use super::read::{content, text, unpacked};
use super::{Content, Dropped, Entry, Fault, MOST_BYTES, file_name, packed};
use crate::model::class::pool::Pool;
use crate::model::class::raters::Raters;
use crate::model::class::table::{Dialect, csv, semicolon_csv};
use crate::model::prediction::{self, Expected, Prediction, settings};

/// A run that `hedgerow run` wrote.
const RUN: &str = include_str!("../../../../tests/data/report.json");

fn said(bytes: impl AsRef<[u8]>) -> Result<Content, Fault> {
    content(text(bytes.as_ref())?)
}

/// The run with a part changed.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut run: Value = serde_json::from_str(RUN).unwrap();
    change(&mut run);
    run.to_string()
}

fn prediction() -> Prediction {
    Prediction {
        hedgerow_prediction: prediction::SCHEMA,
        id: "1".into(),
        name: String::new(),
        settings: settings(&Experiment::default()),
        late: true,
        expected: vec![Expected::ignorant(Arm::Scalar)],
    }
}

#[test]
fn every_kind_of_bad_file_has_its_reason() {
    let mut real = Vec::new();
    let gz = include_bytes!("../../../../public/recorded/language-model-uncomfortable-facts.json.gz");
    flate2::read::GzDecoder::new(gz.as_slice()).read_to_end(&mut real).unwrap();
    let newer = SCHEMA + 1;
    let predicted = json!(prediction());
    let with = |name: &str, value: Value| {
        let mut changed = predicted.clone();
        changed[name] = value;
        changed.to_string()
    };
    for (bad, fault) in [
        (String::new(), Fault::Empty),
        ("\u{feff}\r\n ".into(), Fault::Empty),
        (" ".repeat(MOST_BYTES + 1), Fault::TooLarge),
        ("<!DOCTYPE html><title>Log in</title>".into(), Fault::WebPage),
        ("\u{feff}\r\n<html>".into(), Fault::WebPage),
        (RUN[..RUN.len() / 2].into(), Fault::CutShort),
        ("See you tomorrow".into(), Fault::NoJson { line: 1 }),
        ("{\r\n\"schema\": 2,\r\n\"experiment\": oops }".into(), Fault::NoJson { line: 3 }),
        ("[1, 2]".into(), Fault::Foreign),
        ("null".into(), Fault::Foreign),
        (r#"{"name": "homework"}"#.into(), Fault::Foreign),
        (include_str!("../../../../public/recorded/language-model-example.json").into(), Fault::Foreign),
        (json!(Experiment::default()).to_string(), Fault::Settings),
        (changed(|run| run["schema"] = newer.into()), Fault::Newer { schema: newer }),
        (json!({ "schema": newer, "experiment": {}, "models": [] }).to_string(), Fault::Newer { schema: newer }),
        (with("hedgerow_prediction", 2.into()), Fault::Newer { schema: 2 }),
        (changed(|run| (run["schema"], run["engine"]) = (1.into(), Value::Null)), Fault::Older { schema: 1 }),
        (r#"{"experiment": {"kind": "old"}, "replicas": []}"#.into(), Fault::Older { schema: 1 }),
        (changed(|run| run["schema"] = SCHEMA.into()).replace("\"engine\"", "\"engines\""), Fault::Damaged),
        (changed(|run| (run["schema"], run["replicas"]) = (SCHEMA.into(), json!([]))), Fault::Damaged),
        (changed(|run| (run["schema"], run["experiment"]["seeds"]) = (SCHEMA.into(), json!([77]))), Fault::Damaged),
        (
            changed(|run| (run["schema"], run["experiment"]["finetune"]["updates"]) = (SCHEMA.into(), 0.into())),
            Fault::Damaged,
        ),
        (with("expected", json!([])), Fault::Damaged),
        (with("id", Value::Null), Fault::Damaged),
        (String::from_utf8(real).unwrap(), Fault::RealModel),
        (changed(|run| run["language_models"] = json!([])), Fault::RealModel),
        (changed(|run| run["replicas"][0]["measurements"] = json!([])), Fault::Unmeasured),
    ] {
        assert_eq!(said(&bad), Err(fault), "{}", &bad[..bad.len().min(200)]);
    }
    assert_eq!(said([0xff, 0xfe, 0x00]), Err(Fault::NoText));
}

#[test]
fn a_table_that_the_page_saved_is_called_a_table_and_not_damaged() {
    let report: RunReport = serde_json::from_str(RUN).unwrap();
    let class = |dialect| csv(&Pool::default(), &Raters::default(), |_| String::new(), dialect);
    let quoted = class(Dialect::Comma).trim_end().split(',').map(|name| format!("\"{name}\"")).collect::<Vec<_>>();
    let tables = [report.to_csv(), semicolon_csv(&report), class(Dialect::Comma), class(Dialect::Semicolon)];
    for table in tables.iter().chain([&quoted.join("\t")]) {
        assert_eq!(said(table), Err(Fault::Table), "{}", &table[..table.len().min(60)]);
    }
    assert_eq!(said("update, metric and more"), Err(Fault::NoJson { line: 1 }));
}

#[test]
fn files_of_a_class_are_told_apart_by_their_names() {
    assert_eq!(file_name("run", "", "", &[]), "hedgerow-run");
    assert_eq!(file_name("run", "Füchsin 7", "thumb", &[3]), "hedgerow-run-Füchsin-7-thumb-seed-3");
    assert_eq!(
        file_name("prediction", "../a\\b:c\0", "one-seed", &[0, 4]),
        "hedgerow-prediction-a-b-c-one-seed-seeds-0-4"
    );
    assert_eq!(file_name("run", "", "", &[0, 1, 2, 3, 4]), "hedgerow-run-5-seeds");
    assert_eq!(file_name("", "the rater hardly checks!", "", &[0]), "hedgerow-the-rater-hardly-checks-seed-0");
    assert_eq!(file_name("", "a:b\\c*\u{202e}", "", &[0]), "hedgerow-a-b-c-seed-0");
    assert!(file_name("report", &"x".repeat(500), "", &[]).len() < 60);
}

#[test]
fn a_run_is_read_whoever_has_saved_it_and_however_far_it_is() {
    let whole: RunReport = serde_json::from_str(RUN).unwrap();
    let run = |text: &str| match said(text) {
        Ok(Content::Run(report, prediction)) => (*report, prediction),
        other => panic!("{other:?}"),
    };
    assert_eq!(run(RUN), (whole.clone(), None));
    assert_eq!(run(&format!("\u{feff}{}", RUN.replace('\n', "\r\n"))).0, whole);
    let begun = |run: &mut Value| {
        for replica in run["replicas"].as_array_mut().unwrap() {
            replica["updates"] = json!([]);
            replica["measurements"].as_array_mut().unwrap().truncate(1);
        }
    };
    assert_eq!(run(&changed(begun)).0.updates_done(), 0, "measured, and without an update");
    let failed = run(&changed(|run| run["failure"] = "no power".into())).0;
    assert_eq!(failed.failure.as_deref(), Some("no power"));

    let timely = Prediction { late: false, ..prediction() };
    assert_eq!(run(&changed(|run| run["prediction"] = json!(timely))).1, Some(timely));
    for unusable in [json!(prediction()), json!({ "id": 7 }), json!("most of them")] {
        assert_eq!(run(&changed(|run| run["prediction"] = unusable)), (whole.clone(), None));
    }
    assert_eq!(said(json!(prediction()).to_string()), Ok(Content::Prediction(prediction())));
}

#[test]
fn an_archive_is_read_file_by_file() {
    // Made with Python's zipfile: a.json deflated, more/b.json stored, and what systems add for themselves.
    let archive = include_bytes!("../../../../tests/data/class.zip");
    let entries = |bytes: &[u8]| unpacked(Dropped { name: "class.zip".into(), bytes: bytes.into() });
    let names = ["class.zip/a.json", "class.zip/more/b.json"];
    let files = entries(archive);
    assert_eq!(files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
    for (name, bytes) in files {
        assert!(matches!(said(bytes.unwrap()), Ok(Content::Prediction(_))), "{name}");
    }
    let mut broken = archive.to_vec();
    let place = broken.windows(2).position(|pair| pair == b"0.").unwrap();
    broken[place] = b'1';
    let faults: Vec<_> = entries(&broken).into_iter().filter_map(|(_, bytes)| bytes.err()).collect();
    assert_eq!(faults, [Fault::BadEntry], "a digit that was changed in the stored file");
    assert_eq!(entries(b"PK\x03\x04 and nothing more"), [("class.zip".into(), Err(Fault::BadArchive))]);
    let nothing = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    assert_eq!(entries(&nothing), [("class.zip".into(), Err(Fault::Empty))]);
    assert_eq!(entries(b"{}"), [("class.zip".into(), Ok(b"{}".to_vec()))], "no archive, whatever it is called");
}

#[test]
fn what_is_packed_is_unpacked() {
    let files: Vec<(String, Vec<u8>)> = vec![
        ("empty.json".into(), vec![]),
        ("words.json".into(), "Straße, straße, straße ".repeat(50).into_bytes()),
        ("charts/bytes.bin".into(), (0..=255).collect()),
    ];
    let bytes = super::packed(&files).unwrap();
    let back = unpacked(Dropped { name: "a.zip".into(), bytes });
    let expected: Vec<_> = files.into_iter().map(|(name, bytes)| (format!("a.zip/{name}"), Ok(bytes))).collect();
    assert_eq!(back, expected);
}

/// Once each file of an archive was small enough, and all together were not: a small archive filled the tab's memory.
#[test]
fn a_small_archive_does_not_unpack_into_a_large_memory() {
    let zeros = vec![0; MOST_BYTES];
    let archive = packed(&["a", "b", "c", "d", "e", "f"].map(|name| (name.to_owned(), zeros.clone()))).unwrap();
    assert!(archive.len() < 1 << 20);
    let is_there = |entry: &Entry| match &entry.1 {
        Ok(bytes) => bytes.len() == MOST_BYTES,
        Err(fault) => *fault != Fault::TooLarge,
    };
    let there: Vec<bool> = unpacked(Dropped { name: "bomb".into(), bytes: archive }).iter().map(is_there).collect();
    assert_eq!(there, [true, true, true, true, false, false]);
}
