//! The command line as a user meets it: killed in the middle, given nonsense, asked for a run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn hedgerow(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_killed_pretraining_goes_on_where_it_was() {
    let (whole, killed) = (folder("whole"), folder("killed"));
    let pretrain =
        |out: &Path| hedgerow(&["pretrain", "--steps", "24", "--save-every", "4", "--out", out.to_str().unwrap()]);
    let partial = "pretrain-0.partial";

    let mut child = pretrain(&killed).spawn().unwrap();
    let patience = Instant::now();
    while !killed.join(partial).exists() && patience.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let resumed = pretrain(&killed).output().unwrap();
    assert!(errors(&resumed).contains("going on from step"), "{}", errors(&resumed));
    // Twenty-four steps teach nothing: the gate holds, nothing ships, the state is kept.
    let uninterrupted = pretrain(&whole).output().unwrap();
    for output in [&resumed, &uninterrupted] {
        assert!(!output.status.success() && errors(output).contains("gate"), "{}", errors(output));
    }
    let state = |folder: &Path| std::fs::read(folder.join(partial)).unwrap();
    assert!(state(&killed) == state(&whole), "the same state to the bit");
    assert!(!killed.join("base-0.safetensors").exists());
}

#[test]
fn a_run_writes_json_and_csv_that_agree() {
    let out = folder("run").join("small.v1");
    let path = out.to_str().unwrap();
    let sets = ["--set", "finetune.updates=2", "--set", "finetune.prompts=2", "--set", "finetune.completions=2"];
    let output = hedgerow(&["run", "--arms", "structured", "--out", path]).args(sets).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let read = |extension: &str| std::fs::read_to_string(format!("{path}.{extension}")).unwrap();
    let report: hedgerow::report::RunReport = serde_json::from_str(&read("json")).unwrap();
    assert_eq!(report.replicas[0].measurements.len(), 2);
    assert_eq!(report.to_csv(), read("csv"));
    let rows = read("csv");
    assert!(rows.lines().any(|row| row.starts_with("structured,0,2,forced_choice,uncomfortable,")), "{rows}");
}

#[test]
fn nonsense_is_refused_with_a_hint() {
    for (arguments, hint) in [
        (&["run", "--set", "finetune.updatez=3"][..], "finetune.updatez"),
        (&["run", "--set", "rater.check_probability=3"], "between 0 and 1"),
        (&["run", "--set", "finetune.algorithm=reinforce"], "`policy_gradient`, `ppo`, `dpo`"),
        (&["run", "--set", "finetune.epochs=2"], "off-policy"),
        (&["run", "--arms", "skalar"], "structured_discomfort_on_content"),
        (&["run", "--seeds", "77"], "pretrain"),
        (&["run", "--experiment", "nowhere.json"], "nowhere.json"),
    ] {
        let output = hedgerow(arguments).output().unwrap();
        assert!(!output.status.success() && errors(&output).contains(hint), "{arguments:?}: {}", errors(&output));
    }
}
