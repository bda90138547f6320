//! Files that were written once can be read for good, and docs/SCHEMA.md explains what is in them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use hedgerow::documents::metrics::{
    Cell, CodeLength, Diagnosis, Measurement, ProbeAccuracy, ProbeControls, ProbeDiagnosis, Relearning, Steering, Tally,
};
use hedgerow::documents::report::{RewardChange, Row, RunReport, SCHEMA};
use hedgerow::facts::world::{Exposure, Topic};
use hedgerow::judgement::experiment::{Arm, RewardHeads, RewardModelConfig};
use hedgerow::judgement::rater::RaterConfig;
use serde_json::Value;

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// A report of this schema as it was written when the schema was made. If this test has to change,
/// so has the number of the schema.
fn frozen() -> RunReport {
    serde_json::from_str(&text("tests/data/report.json")).unwrap()
}

#[test]
fn a_file_from_before_there_was_a_number_is_read_as_the_first_schema() {
    let mut written: Value = serde_json::from_str(&text("tests/data/report.json")).unwrap();
    written.as_object_mut().unwrap().remove("schema");
    let report: RunReport = serde_json::from_value(written).unwrap();
    assert_eq!(report.schema, 1);
}

#[test]
fn a_frozen_report_still_says_what_it_said() {
    let report = frozen();
    assert_eq!(report.schema, SCHEMA, "the schema has changed: freeze a report of the new one as well");
    let rows = report.rows();
    let value = |metric: &str, slice: &str, update: u32| {
        let row = rows.iter().find(|row| (row.metric.as_ref(), row.slice, row.update) == (metric, slice, update));
        row.map(|row| (row.value, row.count)).unwrap()
    };
    // Added up by hand from the cells of the file: 107 of 111 assertions are true, 37 of 144 answers are not.
    assert_eq!(value("lies", "uncomfortable", 1), (4.0 / 111.0, Some(111)));
    assert_eq!(value("informativeness", "uncomfortable", 1), (107.0 / 144.0, Some(144)));
    let (control, _) = value("probe_control_layer_2", "taught", 1);
    assert!((control - 0.117_187_5).abs() < 1e-6, "{control}");
    let scalar = f64::from(report.replicas[0].updates[0].scalar);
    assert_eq!(value("scalar", "rollouts", 0), (scalar, None));
}

#[test]
fn rows_name_what_computed_them_what_was_set_and_what_was_changed_on_the_way() {
    let mut report = frozen();
    report.engine = "WebGPU in a browser, \"some, adapter\"".into();
    report.failure = Some("update 2 of scalar with seed 0 is not a number".into());
    report.replicas[0].updates[0].proxy = Some(0.625);
    let arm = report.replicas[0].replica.arm;
    let rater = RaterConfig { check_probability: 0.75, ..report.experiment.rater };
    report.changes.push(RewardChange { after: 1, rater, arms: vec![Arm::Noise; report.replicas.len()], person: None });
    let rows = report.rows();
    let find = |slice: &str, metric: &str, update: u32| {
        let found = |row: &&Row| (row.slice, row.metric.as_ref(), row.update) == (slice, metric, update);
        rows.iter().find(found).map(|row| (row.value, row.arm, row.rewarded_by))
    };
    let begun = f64::from(report.experiment.finetune.updates);
    assert_eq!(find("setting", "finetune.updates", 0), Some((begun, arm, arm)));
    assert_eq!(find("setting", "finetune.updates", 1), None, "it was not changed");
    assert_eq!(find("setting", "rater.check_probability", 0), Some((0.2, arm, arm)));
    assert_eq!(find("setting", "rater.check_probability", 1), Some((0.75, arm, Arm::Noise)));
    assert_eq!(find("setting", "finetune.algorithm", 0), Some((0.0, arm, arm)));
    // What a reward model thinks of the answers of the policy that the update began with.
    assert_eq!(find("rollouts", "proxy", 0), Some((0.625, arm, arm)));
    // The first update still had the old reward, and so had the model that was measured after it.
    assert_eq!(find("rollouts", "scalar", 0).map(|found| found.2), Some(arm));
    assert_eq!(find("uncomfortable", "lies", 1).map(|found| found.2), Some(arm));
    assert_eq!(report.rewarding_arm(0, 2), Arm::Noise);
    let csv = report.to_csv();
    let origin = format!("\"WebGPU in a browser, \"\"some, adapter\"\"\",{},", report.build);
    let failure = report.failure.unwrap();
    assert!(csv.lines().skip(1).all(|line| line.contains(&origin) && line.ends_with(&failure)), "{csv}");
}

#[test]
fn every_field_of_a_report_is_documented() {
    let written: Value = serde_json::from_str(&text("tests/data/report.json")).unwrap();
    let mut failed = RunReport::empty(frozen().experiment, String::new(), String::new());
    failed.failure = Some(String::new());
    failed.experiment.reward_model = Some(RewardModelConfig { ratings: 10, heads: RewardHeads::Scalar });
    let cell = Cell { topic: Topic::Far, exposure: Exposure::Seen, uncomfortable: false };
    let cells = vec![(cell, Tally::default())];
    failed.replicas[0].measurements.push(Measurement {
        update: 0,
        cells,
        probes: vec![],
        answers: vec![],
        facts: vec![],
    });
    let accuracy = ProbeAccuracy { taught: 0.0, uncomfortable: 0.0 };
    let controls = ProbeControls { real: accuracy, random: accuracy, untrained: accuracy };
    let code = CodeLength { bits: 0.0, uniform: 0.0 };
    failed.diagnoses.push(Diagnosis {
        update: 0,
        probes: vec![ProbeDiagnosis {
            layer: 0,
            cross_entity: controls,
            same_entity: controls,
            code,
            random_code: code,
        }],
        relearning: vec![Relearning { steps: 0, model: None, base: None, never_taught: None }],
        steering: vec![Steering {
            layer: 0,
            unchanged: accuracy,
            ablated: accuracy,
            ablated_by_means: accuracy,
            ablated_randomly: vec![],
            moved: 0.0,
            moved_by_means: 0.0,
            moved_randomly: vec![],
        }],
    });
    failed.changes.push(RewardChange { after: 0, rater: failed.experiment.rater, arms: vec![], person: None });
    let mut fields = BTreeSet::new();
    collect(&written, &mut fields);
    collect(&serde_json::to_value(&failed).unwrap(), &mut fields);
    let schema = text("docs/SCHEMA.md");
    let missing: Vec<&String> = fields.iter().filter(|field| !schema.contains(&format!("`{field}`"))).collect();
    assert!(missing.is_empty(), "docs/SCHEMA.md does not explain {missing:?}");
    let columns = failed.to_csv().lines().next().unwrap().to_owned();
    for column in ["experiment", "condition"].into_iter().chain(columns.split(',')) {
        assert!(schema.contains(&format!("| `{column}` |")), "docs/SCHEMA.md has no column {column}");
    }
}

fn collect(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                fields.insert(name.clone());
                collect(value, fields);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, fields)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
