//! `cargo xtask test`: every check there is, one after the other, and a count at the end.
//!
//! A step that fails fails the command, but the steps after it still run: one call shows all there
//! is to repair. No step is left out silently; a suite in which no test ran has failed.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    browser,
    counts::{self, Counts},
    engines::Kinds,
    process, setup, site, size,
    wasm::{self, Optimise},
};

/// The packages that run on this machine. The engine runs in browsers alone.
const PACKAGES: [&str; 3] = ["hedgerow", "hedgerow-web", "xtask"];

/// A browser test that takes twenty minutes hangs.
const BROWSER_TIMEOUT: &str = "--test-timeout=1200000";

/// Which checks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suites {
    /// All of them.
    All,
    /// Formatting, lints and the tests that cargo runs.
    Native,
    /// The site in a browser.
    Browser,
}

impl Suites {
    /// The suites for the two flags, of which at most one is set.
    pub(crate) fn from_flags(native_only: bool, browser_only: bool) -> Self {
        match (native_only, browser_only) {
            (true, _) => Self::Native,
            (_, true) => Self::Browser,
            (false, false) => Self::All,
        }
    }
}

/// Runs the checks. The last line that it prints is `N passed, N failed`.
pub(crate) fn run(suites: Suites, kinds: Kinds) -> ExitCode {
    let mut report = Report::new();
    match suites {
        Suites::All => {
            native(&mut report);
            in_browser(&mut report, kinds);
        }
        Suites::Native => native(&mut report),
        Suites::Browser => in_browser(&mut report, kinds),
    }
    report.finish()
}

/// One package at a time, with the release profile: cargo then compiles burn once, for the tests and
/// for the command line, where a call for the whole workspace would choose other features for it.
fn native(report: &mut Report) {
    report.step("formatting", |_| process::succeed(process::cargo().args(["fmt", "--all", "--check"])));
    for package in PACKAGES {
        report.step(&format!("clippy, {package}"), |_| clippy(&["--release", "--all-targets", "--package", package]));
    }
    for package in ["hedgerow-web", "hedgerow-engine"] {
        report.step(&format!("clippy, {package} as wasm"), |_| {
            setup::wasm_target()?;
            clippy(&["--profile=web", "--target=wasm32-unknown-unknown", "--package", package])
        });
    }
    for package in PACKAGES {
        report.step(&format!("tests, {package}"), |counts| cargo_test(package, counts));
    }
    report.step("tests, workflow", workflow_tests);
}

fn in_browser(report: &mut Report, kinds: Kinds) {
    let mut site_is_new = false;
    report.step("site", |_| {
        let out = process::root().join("dist");
        site::build(&out, kinds, Optimise::No)?;
        site_is_new = true;
        Ok(())
    });
    report.step("sizes", |_| {
        ensure!(site_is_new, "there is no site to weigh: see the step before");
        size::check(&process::root().join("dist"))
    });
    report.step("tests, browser", |counts| {
        ensure!(site_is_new, "there is no site to test: see the step before");
        browser_tests(kinds, counts)
    });
}

fn clippy(selection: &[&str]) -> Result<()> {
    let mut command = process::cargo();
    command.arg("clippy").args(selection);
    process::succeed(command.args(["--", "--deny", "warnings"]))
}

/// Runs `cargo test` and adds the summaries that it prints on its way.
fn cargo_test(package: &str, counts: &mut Counts) -> Result<()> {
    let mut child = process::cargo()
        .args(["test", "--release", "--no-fail-fast", "--package", package])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let output = child.stdout.take().context("cargo test has no output")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read what cargo test prints")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if let Some(more) = counts::of_cargo_line(&line) {
            *counts += more;
        }
    }
    let status = child.wait().context("cannot wait for cargo test")?;
    verdict(status.success(), *counts)
}

/// Runs the files of `tests/browser/` one after the other: each wants the whole machine.
fn browser_tests(kinds: Kinds, counts: &mut Counts) -> Result<()> {
    let root = process::root();
    let browser = browser::find_or_install()?;
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join("tests/browser")).context("cannot read tests/browser")? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    let out = root.join(".out");
    fs::create_dir_all(&out).context("cannot create .out")?;
    let report = out.join("browser.tap");
    // What an earlier run reported must not be counted again.
    fs::write(&report, "").context("cannot write .out/browser.tap")?;
    let engines = match kinds {
        Kinds::CpuOnly => "cpu",
        Kinds::CpuAndGpu => "cpu,gpu",
    };
    let status = setup::node()?
        .args(["--test", "--test-concurrency=1", BROWSER_TIMEOUT])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .args(["--test-reporter=tap", "--test-reporter-destination"])
        .arg(&report)
        .args(files)
        .env("CHROMIUM", browser)
        .env("HEDGEROW_ENGINES", engines)
        .status()
        .context("cannot start node")?;
    let report = fs::read_to_string(&report).context("cannot read .out/browser.tap")?;
    *counts = counts::of_tap(&report).context("node's report has no summary")?;
    verdict(status.success(), *counts)
}

/// Kills the workflow of `workflow/` and starts it again, with the `hedgerow` that the tests have built.
fn workflow_tests(counts: &mut Counts) -> Result<()> {
    process::succeed(process::cargo().args(["build", "--release", "--package=hedgerow"]))?;
    let python = setup::python()?;
    let program = wasm::target_dir().join("release/hedgerow").with_extension(std::env::consts::EXE_EXTENSION);
    let mut child = process::command(python)
        .arg("tests/workflow.py")
        .arg(program)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start tests/workflow.py")?;
    let output = child.stdout.take().context("tests/workflow.py has no output")?;
    let mut report = String::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read what tests/workflow.py prints")?;
        println!("{line}");
        report.push_str(&line);
        report.push('\n');
    }
    let status = child.wait().context("cannot wait for tests/workflow.py")?;
    *counts = counts::of_tap(&report).context("tests/workflow.py did not come to its end")?;
    verdict(status.success(), *counts)
}

fn verdict(success: bool, counts: Counts) -> Result<()> {
    ensure!(counts.failed == 0, "{} tests failed", counts.failed);
    ensure!(success, "not every test program ran to its end");
    ensure!(counts.passed > 0, "no test ran");
    Ok(())
}

/// What has happened so far.
struct Report {
    start: Instant,
    counts: Counts,
    failures: Vec<String>,
}

impl Report {
    fn new() -> Self {
        Self { start: Instant::now(), counts: Counts::default(), failures: Vec::new() }
    }

    fn step(&mut self, name: &str, work: impl FnOnce(&mut Counts) -> Result<()>) {
        let seconds = || self.start.elapsed().as_secs_f64();
        let began = seconds();
        println!("[{began:7.1} s] {name}");
        let mut counts = Counts::default();
        let result = work(&mut counts);
        self.counts += counts;
        let (ended, took) = (seconds(), seconds() - began);
        match result {
            Ok(()) => println!("[{ended:7.1} s] {name}: ok, {took:.1} s"),
            Err(error) => {
                println!("[{ended:7.1} s] {name}: FAILED, {took:.1} s: {error:#}");
                self.failures.push(name.to_owned());
            }
        }
    }

    fn finish(self) -> ExitCode {
        let Counts { passed, failed } = self.counts;
        let outcome = self.outcome();
        if let Err(error) = &outcome {
            println!("{error}");
        }
        println!("{passed} passed, {failed} failed");
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        }
    }

    fn outcome(&self) -> Result<()> {
        if !self.failures.is_empty() {
            bail!("failed: {}", self.failures.join("; "));
        }
        ensure!(self.counts.passed > 0, "failed: no test ran");
        Ok(())
    }
}
