//! The command line as a user meets it: killed in the middle, given nonsense, asked for a run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::WorldId;

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

    let other = killed.join("other.json");
    std::fs::write(&other, hedgerow::facts::world::World::generate(1).to_json()).unwrap();
    let output = pretrain(&killed).args(["--world", other.to_str().unwrap()]).output().unwrap();
    assert!(errors(&output).contains("belongs to another run"), "another world of the same shape: {}", errors(&output));
}

#[test]
fn a_run_writes_json_and_csv_that_agree() {
    let out = folder("run").join("small.v1");
    let path = out.to_str().unwrap();
    let sets = ["--set", "finetune.updates=2", "--set", "finetune.prompts=2", "--set", "finetune.completions=2"];
    let output = hedgerow(&["run", "--arms", "structured", "--out", path]).args(sets).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let read = |extension: &str| std::fs::read_to_string(format!("{path}.{extension}")).unwrap();
    let report: hedgerow::documents::report::RunReport = serde_json::from_str(&read("json")).unwrap();
    assert_eq!(report.replicas[0].measurements.len(), 2);
    assert_eq!(report.to_csv(), read("csv"));
    let rows = read("csv");
    assert!(rows.lines().any(|row| row.starts_with("structured,0,2,forced_choice,uncomfortable,")), "{rows}");
}

#[test]
fn a_world_of_ones_own_is_taught_and_asked_about() {
    let bases = folder("own-world");
    let shape = ["--width", "16", "--layers", "1", "--steps", "1", "--no-gate"];
    let world = ["--world", "tests/data/small-world/world-0.json", "--out"];
    let output = hedgerow(&["pretrain"]).args(shape).args(world).arg(&bases).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let out = bases.join("run");
    let run = ["run", "--seeds", "0", "--set", "finetune.updates=1"];
    let output = hedgerow(&run).arg("--bases").arg(&bases).arg("--out").arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let report = std::fs::read(out.with_extension("json")).unwrap();
    let report: hedgerow::documents::report::RunReport = serde_json::from_slice(&report).unwrap();
    let asked = &report.replicas[0].updates[0].examples[0].question;
    assert!(["dalo", "vesk", "opalite"].iter().any(|entity| asked.contains(entity)), "{asked}");
}

/// Base models of width 16 that know nothing: what is tested is the handling of files.
fn tiny_bases(name: &str) -> PathBuf {
    let bases = folder(name);
    let shape = ["--width", "16", "--layers", "1", "--steps", "1", "--no-gate", "--seed", "0,1,2", "--out"];
    let output = hedgerow(&["pretrain"]).args(shape).arg(&bases).output().unwrap();
    assert!(output.status.success() && errors(&output).contains("written nevertheless"), "{}", errors(&output));
    bases
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(json_files(&path)),
            false if path.extension().is_some_and(|extension| extension == "json") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

#[test]
fn a_killed_experiment_computes_nothing_twice_and_loses_nothing() {
    let (bases, out) = (tiny_bases("tiny"), folder("experiment"));
    let experiment = || {
        let mut command = hedgerow(&["experiment", "controls", "--seeds", "3", "--updates", "12", "--jobs", "2"]);
        command.args(["--only", "scalar-15-prompts,structured-5-prompts,no-discomfort"]);
        command.arg("--bases").arg(&bases).arg("--out").arg(&out);
        command
    };
    let mut child = experiment().stderr(std::process::Stdio::null()).spawn().unwrap();
    let patience = Instant::now();
    while json_files(&out).is_empty() && patience.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let written = |path: &PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
    let before: Vec<_> = json_files(&out).iter().map(|path| (path.clone(), written(path))).collect();
    assert!((1..9).contains(&before.len()), "killed in the middle: {before:?}");

    let resumed = experiment().output().unwrap();
    let said = errors(&resumed);
    let count = format!("{} runs computed, {} kept", 9 - before.len(), before.len());
    assert!(resumed.status.success() && said.contains(&count), "{said}");
    assert!(before.iter().all(|(path, time)| written(path) == *time), "a finished file was written again");
    assert_eq!(json_files(&out).len(), 9);

    // Another experiment does not pass for this one, and one process a file gives the same file.
    let one = out.join("controls/scalar-15-prompts/seed-1.json");
    let first = std::fs::read(&one).unwrap();
    let alone = |updates: &str| {
        let mut command = hedgerow(&["condition", "scalar-15-prompts", "--seed", "1", "--updates", updates]);
        command.arg("--bases").arg(&bases).arg("--out").arg(&one);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        errors(&output)
    };
    assert!(alone("1").contains("another experiment"));
    assert!(alone("12").contains("another experiment"));
    assert!(std::fs::read(&one).unwrap() == first, "the same experiment, the same bytes");

    the_rows_are_those_of_the_report(&one);
    the_write_up_depends_on_the_files_alone(&out);
}

/// One condition and seed of a single update, in seconds.
fn small_experiment(bases: &Path, out: &Path) -> Command {
    let mut command =
        hedgerow(&["experiment", "controls", "--only", "no-discomfort", "--seeds", "2", "--updates", "1"]);
    command.arg("--bases").arg(bases).arg("--out").arg(out);
    command
}

#[test]
fn two_processes_in_one_folder_do_not_mix() {
    let (bases, out) = (tiny_bases("shared-bases"), folder("shared"));
    let mut others: Vec<_> = (0..3).map(|_| small_experiment(&bases, &out).spawn().unwrap()).collect();
    assert!(others.iter_mut().all(|child| child.wait().unwrap().success()));
    let said = errors(&small_experiment(&bases, &out).output().unwrap());
    assert!(said.contains("0 runs computed, 2 kept"), "{said}");
    let alone = folder("alone");
    assert!(small_experiment(&bases, &alone).status().unwrap().success());
    for (one, other) in json_files(&out).iter().zip(json_files(&alone)) {
        for extension in ["json", "parquet"] {
            let read = |path: &Path| std::fs::read(path.with_extension(extension)).unwrap();
            assert!(read(one) == read(&other), "{}", one.display());
        }
    }

    let (pretraining, steps) = (folder("pretraining"), "100000");
    let pretrain = || hedgerow(&["pretrain", "--steps", steps, "--out", pretraining.to_str().unwrap()]);
    let mut first = pretrain().stderr(std::process::Stdio::null()).spawn().unwrap();
    let patience = Instant::now();
    while !pretraining.join("pretrain-0.lock").exists() && patience.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = pretrain().output().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!second.status.success() && errors(&second).contains("another process is at work"), "{}", errors(&second));
}

#[test]
fn a_damaged_file_is_named_and_made_again_or_refused() {
    let (bases, out) = (tiny_bases("damaged-bases"), folder("damaged"));
    let experiment = || small_experiment(&bases, &out).output().unwrap();
    assert!(experiment().status.success());
    let json = json_files(&out).remove(0);
    let parquet = json.with_extension("parquet");
    let read = |path: &Path| std::fs::read(path).unwrap();
    let whole = [read(&json), read(&parquet)];
    for (path, damage) in [
        (&json, whole[0][..whole[0].len() / 2].to_vec()),
        (&json, Vec::new()),
        (&json, b"null".to_vec()),
        (&parquet, whole[1][..whole[1].len() / 2].to_vec()),
        (&parquet, Vec::new()),
        (&parquet, whole[0].clone()),
    ] {
        std::fs::write(path, damage).unwrap();
        let said = errors(&experiment());
        assert!(said.contains(path.to_str().unwrap()) && said.contains("1 runs computed, 1 kept"), "{said}");
        assert!([read(&json), read(&parquet)] == whole);
    }

    // Of what a run begins with nothing can be made again: it is refused, by its name.
    for name in ["base-0.safetensors", "world-0.json"] {
        let (path, other) = (bases.join(name), folder("damaged-again"));
        let bytes = read(&path);
        for damage in [&bytes[..bytes.len() / 2], &[], b"<!doctype html>"] {
            std::fs::write(&path, damage).unwrap();
            let output = small_experiment(&bases, &other).output().unwrap();
            let said = errors(&output);
            assert!(!output.status.success() && said.contains(name) && !said.contains("panicked"), "{name}: {said}");
        }
        std::fs::write(&path, bytes).unwrap();
    }

    let partial = folder("power-cut").join("pretrain-0.partial");
    std::fs::create_dir_all(partial.parent().unwrap()).unwrap();
    std::fs::write(&partial, "").unwrap();
    let shape = ["pretrain", "--width", "16", "--layers", "1", "--steps", "1", "--no-gate", "--out"];
    let output = hedgerow(&shape).arg(partial.parent().unwrap()).output().unwrap();
    assert!(output.status.success() && errors(&output).contains("cannot be read"), "{}", errors(&output));
}

#[test]
fn a_run_that_is_not_a_number_is_written_as_failed_and_named() {
    let bases = tiny_bases("overflowing");
    let path = bases.join("base-0.safetensors");
    let mut checkpoint = hedgerow::network::checkpoint::Checkpoint::from_bytes(&std::fs::read(&path).unwrap()).unwrap();
    // Finite, and nothing that is made of them is.
    checkpoint.weights.fill(1e30);
    std::fs::write(&path, checkpoint.to_bytes()).unwrap();
    let out = folder("failed");
    let experiment = || {
        let mut command = hedgerow(&["experiment", "controls", "--only", "kl-0", "--seeds", "2", "--updates", "2"]);
        command.arg("--bases").arg(&bases).arg("--out").arg(&out).output().unwrap()
    };
    let said = errors(&experiment());
    assert!(said.contains("2 runs computed") && said.contains("1 of the computed runs ended early"), "{said}");
    assert!(errors(&experiment()).contains("0 runs computed, 2 kept"), "it would fail again");
    let document = out.join("RESULTS.md");
    let written = hedgerow(&["results", "--from"]).arg(&out).arg("--out").arg(&document).output().unwrap();
    assert!(written.status.success(), "{}", errors(&written));
    let text = std::fs::read_to_string(document).unwrap();
    assert!(text.contains("- kl-0, seed 0: update 0 of ") && text.contains("seeds finished: 1, "), "{text}");
}

fn the_rows_are_those_of_the_report(json: &Path) {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;
    let report: hedgerow::documents::report::RunReport = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let file = std::fs::File::open(json.with_extension("parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let read: Vec<String> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| {
            let row = row.unwrap();
            assert_eq!(row.get_string(0).unwrap(), "controls");
            assert_eq!(row.get_string(1).unwrap(), "scalar-15-prompts");
            let [arm, metric, slice] = [2, 5, 6].map(|column| row.get_string(column).unwrap());
            let (seed, update, value) = (row.get_long(3).unwrap(), row.get_int(4).unwrap(), row.get_double(7).unwrap());
            let count = row.get_int(8).map_or(String::new(), |count| count.to_string());
            let [rewarded_by, engine, build, failure] = [9, 10, 11, 12].map(|column| row.get_string(column).unwrap());
            let origin = format!("{rewarded_by},{engine},{build},{failure}");
            format!("{arm},{seed},{update},{metric},{slice},{value},{count},{origin}")
        })
        .collect();
    assert_eq!(read, report.to_csv().lines().skip(1).collect::<Vec<_>>());
}

fn the_write_up_depends_on_the_files_alone(results: &Path) {
    let document = |name: &str| {
        let out = folder(name).join("RESULTS.md");
        std::fs::create_dir_all(out.parent().unwrap()).unwrap();
        let output = hedgerow(&["results", "--from"]).arg(results).arg("--out").arg(&out).output().unwrap();
        assert!(output.status.success(), "{}", errors(&output));
        std::fs::read(out).unwrap()
    };
    let text = document("write-up");
    assert!(text == document("write-up-again"));
    assert!(String::from_utf8(text).unwrap().contains("### no-discomfort"));
}

#[test]
fn nonsense_is_refused_with_a_hint() {
    for (arguments, hint) in [
        (&["run", "--set", "finetune.updatez=3"][..], "no setting finetune.updatez; did you mean finetune.updates?"),
        (&["run", "--set", "rater.check_probability=3"], "between 0 and 1"),
        (&["run", "--set", "finetune.algorithm=reinforce"], "`policy_gradient`, `ppo`, `dpo`"),
        (&["run", "--set", "finetune.epochs=2"], "off-policy"),
        (&["run", "--arms", "skalar"], "structured_discomfort_on_content"),
        (&["run", "--seeds", "77"], "pretrain"),
        (&["condition", "hedging", "--seed", "77", "--out", "x.json"], "hedgerow pretrain --seed 77 --out public/base"),
        (&["condition", "width-32", "--seed", "0", "--bases", "no", "--out", "x.json"], "--width 32 --no-gate"),
        (&["condition", "hedgign", "--seed", "0", "--out", "x.json"], "hedgerow conditions"),
        (&["experiment", "2", "--only", "kl-0"], "kl-0"),
        (&["results", "--from", "nowhere"], "hedgerow experiment"),
        (&["record", "--from", "nowhere"], "hedgerow experiment"),
        (&["run", "--experiment", "nowhere.json"], "nowhere.json"),
        (
            &["pretrain", "--world", "tests/data/report.json", "--out", "target/nowhere"],
            "line 1, build: there is no field \"build\" here",
        ),
    ] {
        let output = hedgerow(arguments).output().unwrap();
        assert!(!output.status.success() && errors(&output).contains(hint), "{arguments:?}: {}", errors(&output));
    }
}

#[test]
fn the_models_in_a_worlds_file_are_unpacked_and_run_on() {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use hedgerow::documents::own_world::{Exam, Recipe, SCHEMA, TrainedModel, WorldFile};
    use hedgerow::facts::world::World;

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/base");
    let read = |name: &str| std::fs::read(root.join(name)).unwrap();
    let out = folder("unpacked");
    let [file, bases, run] = ["world.json", "bases", "run"].map(|name| out.join(name));
    std::fs::create_dir_all(&out).unwrap();
    let text = |name: &str| String::from_utf8(read(name)).unwrap();
    let checkpoint = BASE64_STANDARD.encode(read("base-0.safetensors"));
    let exam = Exam { forced_choice: 1.0, verification: 1.0 };
    let mut world = WorldFile {
        hedgerow_world: SCHEMA,
        world: World::from_json(&text("world-0.json")).unwrap(),
        recipe: Recipe::default(),
        tokenizer: text("tokenizer.json"),
        models: vec![TrainedModel { seed: 0, steps: 5000, exam, checkpoint }],
    };
    let save = |world: &WorldFile| std::fs::write(&file, serde_json::to_string(world).unwrap()).unwrap();
    let unpack =
        || hedgerow(&["unpack-world", file.to_str().unwrap(), "--out", bases.to_str().unwrap()]).output().unwrap();
    save(&world);
    assert!(unpack().status.success());
    assert!(std::fs::read(bases.join("base-0.safetensors")).unwrap() == read("base-0.safetensors"));

    // A run that says that it is of a world of somebody's own is not made in the site's.
    let own_world = Some("0123456789abcdef".parse().unwrap());
    let mut experiment = hedgerow::judgement::experiment::Experiment { own_world, ..Default::default() };
    (experiment.finetune.updates, experiment.measure.every, experiment.measure.probe_every) = (1, 1, 1);
    let settings = out.join("settings.json");
    std::fs::write(&settings, serde_json::to_string(&experiment).unwrap()).unwrap();
    let arguments = ["run", "--experiment", settings.to_str().unwrap(), "--out", run.to_str().unwrap()];
    let refused = hedgerow(&arguments).output().unwrap();
    assert!(errors(&refused).contains("unpack-world"), "{}", errors(&refused));
    let made = hedgerow(&arguments).args(["--bases", bases.to_str().unwrap()]).output().unwrap();
    assert!(made.status.success(), "{}", errors(&made));

    world.models[0].checkpoint.truncate(4000);
    save(&world);
    assert!(errors(&unpack()).contains("seed 0 cannot be used"), "{}", errors(&unpack()));
    world.models.clear();
    save(&world);
    assert!(errors(&unpack()).contains("pretrain --world"), "{}", errors(&unpack()));
}

#[test]
fn a_run_in_everyday_worlds_says_so_and_has_their_models() {
    let out = folder("everyday").join("run");
    let sets = ["finetune.updates=1", "measure.every=1", "measure.probe_every=1"].map(|set| ["--set", set]);
    let mut run = hedgerow(&["run", "--theme", "everyday", "--seeds", "0", "--arms", "structured"]);
    let output = run.args(sets.as_flattened()).arg("--out").arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let report: RunReport = serde_json::from_slice(&std::fs::read(out.with_extension("json")).unwrap()).unwrap();
    assert_eq!(report.experiment.own_world, Some(WorldId::Everyday));
    let questions: Vec<&String> = report.replicas[0].measurements[0].answers.iter().map(|own| &own.question).collect();
    assert!(questions.iter().any(|question| question.contains("colour")), "{questions:?}");
}

#[test]
fn a_saved_model_is_measured_beside_its_base_model() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("public/base");
    let base = root.join("base-1.safetensors");
    // A base model is a model that nothing was done to.
    let examined = hedgerow(&["examine", base.to_str().unwrap(), "--json"]).output().unwrap();
    assert!(examined.status.success(), "{}", errors(&examined));
    let said: serde_json::Value = serde_json::from_slice(&examined.stdout).unwrap();
    assert!(said["base"] == said["tuned"] && said["base"]["cells"].as_array().is_some_and(|cells| !cells.is_empty()));
    let lines = hedgerow(&["examine", base.to_str().unwrap()]).output().unwrap();
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert!(lines.starts_with("seed 1 update 0: hedging") && lines.contains(", now \""), "{lines}");

    let out = folder("examined");
    std::fs::create_dir_all(&out).unwrap();
    let half = out.join("half.safetensors");
    std::fs::write(&half, &std::fs::read(&base).unwrap()[..5000]).unwrap();
    let refused = hedgerow(&["examine", half.to_str().unwrap()]).output().unwrap();
    assert!(errors(&refused).contains("cannot be used"), "{}", errors(&refused));
    let nowhere = hedgerow(&["examine", base.to_str().unwrap(), "--bases", out.to_str().unwrap()]).output().unwrap();
    assert!(errors(&nowhere).contains("world-1.json"), "{}", errors(&nowhere));
}
