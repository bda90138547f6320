//! The invariants of ARCHITECTURE.md, as absences: each is a word that must not be there.
//!
//! Who imports whom in the page is looked for in `web/tests/imports.rs`.

#[path = "common/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use sources::{absent, code, mentions};

/// The folders of the core, and those that each may use. The order is that of the data.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("facts", &[]),
    ("judgement", &["facts"]),
    ("documents", &["facts", "judgement"]),
    ("kernels", &["facts"]),
    ("network", &["facts", "judgement", "documents", "kernels"]),
    ("eval", &["facts", "judgement", "documents", "kernels", "network"]),
    ("rl", &["facts", "judgement", "documents", "kernels", "network", "eval"]),
    ("worker", &["facts", "judgement", "documents", "kernels", "network", "eval", "rl"]),
    ("assistant", &["facts", "judgement", "documents", "eval"]),
];

const CORE: [&str; 9] = [
    "src/facts",
    "src/judgement",
    "src/documents",
    "src/kernels",
    "src/network",
    "src/eval",
    "src/rl",
    "src/worker",
    "src/assistant",
];

#[test]
fn no_folder_uses_one_that_comes_after_it() {
    let mut found = Vec::new();
    for (folder, may_use) in MAY_USE {
        for line in code(&format!("src/{folder}")) {
            for (other, _) in MAY_USE {
                let used = mentions(&line.code, &format!("crate::{other}"))
                    || (line.code.contains("crate::{") && mentions(&line.code, &format!("{other}::")));
                if used && other != folder && !may_use.contains(&other) {
                    found.push(format!("{}:{}: {folder} uses {other}", line.file, line.number));
                }
            }
        }
    }
    assert!(found.is_empty(), "a folder of the core uses only those before it\n{}", found.join("\n"));
}

#[test]
fn the_table_of_folders_is_complete() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = std::fs::read_dir(root.join("src")).unwrap().flatten().filter(|entry| entry.path().is_dir());
    let mut folders: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    folders.sort_unstable();
    let mut known: Vec<&str> = MAY_USE.map(|(folder, _)| folder).to_vec();
    // The command line: an edge, which may use everything.
    known.push("cli");
    known.sort_unstable();
    assert_eq!(folders, known);
    assert_eq!(CORE.map(|path| path.trim_start_matches("src/")), MAY_USE.map(|(folder, _)| folder));
}

#[test]
fn facts_judgement_and_documents_know_no_tensors() {
    absent(
        "facts, judgement and documents do not import burn",
        &["src/facts", "src/judgement", "src/documents"],
        &[],
        &["burn", "burn_flex", "burn_cubecl", "safetensors", "Tensor"],
    );
}

#[test]
fn the_core_touches_nothing_outside() {
    absent(
        "the core prints nothing, reads no file, no clock and no environment, starts no thread, knows no browser, \
         and waits for no device by blocking",
        &CORE,
        &[],
        &[
            "print!",
            "println!",
            "eprint!",
            "eprintln!",
            "dbg!",
            "std::fs",
            "std::io",
            "std::env",
            "std::process",
            "std::net",
            "std::time",
            "Instant",
            "SystemTime",
            "std::thread",
            "thread::spawn",
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "block_on",
        ],
    );
    // Threads of a pool that the command line owns, behind the feature `parallel`.
    let others: Vec<&str> = CORE.into_iter().filter(|place| *place != "src/kernels").collect();
    absent("only the kernels share work among the threads of a pool", &others, &[], &["rayon"]);
}

#[test]
fn randomness_has_one_source() {
    absent(
        "`random::stream` is the only source of randomness, computed on the host",
        &["src"],
        &["src/facts/random.rs"],
        &[
            "thread_rng",
            "rand::rng",
            "rand::random",
            "getrandom",
            "from_os_rng",
            "from_seed",
            "seed_from_u64",
            "from_rng",
            "OsRng",
            "SysRng",
            "StdRng",
            "SmallRng",
            "Tensor::random",
            "RandomState",
        ],
    );
}

#[test]
fn after_the_reward_no_arm() {
    absent(
        "`advantage` sees spans with a reward and a baseline group, whichever arm made them",
        &["src/judgement/advantage.rs"],
        &[],
        &["Arm", "arm", "arms"],
    );
    absent(
        "the policy, its gradient and its optimiser know no arm",
        &[
            "src/kernels",
            "src/network/model.rs",
            "src/network/optimiser.rs",
            "src/network/plain.rs",
            "src/network/sampler.rs",
            "src/rl/policy_gradient.rs",
            "src/rl/finetune/learn.rs",
            "src/rl/finetune/rollouts.rs",
        ],
        &[],
        &["Arm", "arm", "arms"],
    );
    // The fine-tune carries the arms to `group_rewards` and reports them; it must not ask which one it is.
    let variants = code("src/rl").into_iter().chain(code("src/eval")).chain(code("src/worker")).filter(|line| {
        line.code
            .match_indices("Arm::")
            .any(|(at, _)| line.code[at + 5..].starts_with(|char: char| char.is_uppercase()))
    });
    let variants: Vec<String> =
        variants.map(|line| format!("{}:{}: {}", line.file, line.number, line.code.trim())).collect();
    assert!(variants.is_empty(), "nothing after the reward branches on the arm\n{}", variants.join("\n"));
}

#[test]
fn one_call_makes_rewards_of_ratings() {
    let calls: Vec<String> = code("src/rl")
        .into_iter()
        .filter(|line| mentions(&line.code, "group_rewards") && !line.code.trim_start().starts_with("use "))
        .map(|line| format!("{}:{}", line.file, line.number))
        .collect();
    assert_eq!(calls.len(), 1, "the arm becomes rewards in one place of the fine-tune, not at {calls:?}");
}

#[test]
fn a_step_reads_the_device_once() {
    absent(
        "what follows the completions of a step waits for no device",
        &["src/rl/policy_gradient.rs", "src/rl/finetune/learn.rs", "src/rl/finetune/report.rs"],
        &[],
        &["await", "async", "to_host", "into_data"],
    );
    let waits = code("src/rl/finetune/rollouts.rs");
    let waits: Vec<usize> = waits.iter().filter(|line| mentions(&line.code, "await")).map(|line| line.number).collect();
    assert_eq!(waits.len(), 1, "the completions are read once, not on the lines {waits:?} of rollouts.rs");
}

#[test]
fn the_rater_sees_no_measurement() {
    absent(
        "rater, reward and advantage see no probe and no measurement",
        &["src/judgement/rater.rs", "src/judgement/reward.rs", "src/judgement/advantage.rs"],
        &[],
        &["documents", "eval", "metrics", "Measurement", "Probe", "probe"],
    );
}

#[test]
fn panels_write_no_run_data() {
    absent(
        "run data have one writer, `RunState::apply`, which the engine's client calls",
        &["web/src/panels", "web/src/kit", "web/src/page.rs"],
        &[],
        &["run.change", "run.replace", "RunState::apply"],
    );
}

#[test]
fn training_sees_no_held_out_prompt() {
    absent(
        "the fine-tune is asked with its own prompts, about entities that are seen",
        &["src/rl"],
        &[],
        &["held_out_prompts", "held_out", "Exposure"],
    );
}

#[test]
fn a_rule_finds_what_it_forbids() {
    assert!(mentions("let rng = rand::rng();", "rand::rng"));
    assert!(mentions("use burn::tensor::Tensor;", "burn"));
    assert!(mentions("println!(\"{x}\")", "println!"));
    for (code, pattern) in
        [("let charm = arms;", "arm"), ("eprintln!()", "println!"), ("burned::x", "burn"), ("harm.arm_", "arm")]
    {
        assert!(!mentions(code, pattern), "{code}");
    }
    let lines = code("src/facts/random.rs");
    assert!(lines.iter().any(|line| mentions(&line.code, "from_seed")), "the source of randomness is not where it was");
    assert!(lines.iter().all(|line| !line.code.contains("#[test]") && !line.code.contains("//")));
}

#[test]
fn no_files_of_a_folder_import_each_other_in_a_circle() {
    let mut folders: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for line in ["src", "language-model/src", "web/src", "web/engine/src", "xtask/src"].into_iter().flat_map(code) {
        let (folder, file) = line.file.rsplit_once('/').unwrap();
        let text =
            folders.entry(folder.to_owned()).or_default().entry(file.trim_end_matches(".rs").into()).or_default();
        *text += &format!("{}\n", line.code);
    }
    let mut circles = Vec::new();
    for (folder, files) in folders {
        // The same neighbours by their whole path.
        let inner =
            folder.split_once("src/").map_or(String::new(), |(_, inner)| format!("{}::", inner.replace('/', "::")));
        let whole = format!("crate::{inner}");
        let mut open: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (file, text) in files.iter().filter(|(file, _)| !["mod", "lib", "main"].contains(&file.as_str())) {
            let text = text.replace(&whole, "super::");
            let reached = reached(&text).into_iter().filter(|name| name != file && files.contains_key(*name));
            open.insert(file, reached.map(str::to_owned).collect());
        }
        // Who imports none that is left is in no circle.
        while let Some(file) = open.iter().find(|(_, reached)| reached.is_empty()).map(|(file, _)| *file) {
            open.remove(file);
            for reached in open.values_mut() {
                reached.remove(file);
            }
        }
        circles.extend((!open.is_empty()).then(|| format!("{folder}: {:?}", open.keys())));
    }
    assert!(circles.is_empty(), "files import each other in circles, or files that do\n{}", circles.join("\n"));
}

/// The first names of paths after `super::`, of each path in braces.
fn reached(code: &str) -> Vec<&str> {
    let is_outside = |letter: char| !(letter.is_alphanumeric() || letter == '_');
    let name = |path: &'_ str| path.find(is_outside).unwrap_or(path.len());
    let level = |letter: char| i32::from(letter == '{') - i32::from(letter == '}');
    let mut found = Vec::new();
    for (at, prefix) in code.match_indices("super::").filter(|(at, _)| !code[..*at].ends_with("super::")) {
        let rest = &code[at + prefix.len()..];
        let mut depth = 0;
        let end = rest.find(|letter| {
            depth += level(letter);
            depth == 0
        });
        match (rest.strip_prefix('{'), end) {
            (Some(group), Some(end)) => {
                let mut depth = 0;
                let parts = group[..end - 1].split(move |letter| {
                    depth += level(letter);
                    depth == 0 && letter == ','
                });
                let paths = parts.map(str::trim).filter(|path| !path.is_empty());
                found.extend(paths.map(|path| &path[..name(path)]));
            }
            (Some(_), None) | (None, _) => found.push(&rest[..name(rest)]),
        }
    }
    found
}

#[test]
fn neighbours_are_found_by_their_paths() {
    let code = "use super::{\n    block::{Block, Tape},\n    norm,\n};\nuse super::super::far; let x = super::gemm::gemm(a, b);";
    assert_eq!(reached(code), ["block", "norm", "super", "gemm"]);
}

#[test]
fn the_documents_name_files_that_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "docs/SCIENCE.md", "docs/PERFORMANCE.md", "docs/SCHEMA.md"] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        // What stands between backquotes and looks like a path of the repository.
        for name in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "tests/", "web/", "xtask/", "workflow/", "language-model/"]
                .iter()
                .any(|folder| name.starts_with(folder));
            if is_path && !name.contains([' ', '*', '<']) && !root.join(name).exists() {
                missing.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "the documents name files that are not there\n{}", missing.join("\n"));
}
