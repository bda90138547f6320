//! `cargo xtask test`: every check there is, and a count at the end. The site is built beside the native checks, and
//! two files of browser tests run at a time.
//!
//! A part that fails fails the command, but the parts after it still run: one call shows all there
//! is to repair. No part is left out silently; a suite in which no test ran has failed. A table at the
//! end says how long each part took.

use std::{
    cmp::Reverse,
    env, fs,
    io::{BufRead, BufReader, Read},
    iter,
    path::{Path, PathBuf},
    process::{Child, ExitCode, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    browser,
    counts::{self, Counts, Summary},
    engines::Kinds,
    process, release, setup, size,
};

/// The packages that run on this machine; the engine runs in browsers alone. Those that stand together want the same of
/// what they stand on: asked for one by one, the core and the real model compile burn twice, to lint it and to run it.
const PACKAGES: [&[&str]; 3] =
    [&["hedgerow", "hedgerow-language-model"], &["hedgerow-web"], &["xtask", "xtask-packing"]];

/// A browser test that takes twenty minutes hangs.
const BROWSER_TIMEOUT: &str = "--test-timeout=1200000";

/// Files of browser tests that run side by side. Much of a test's time is waiting, for a worker or a clock.
const LANES: usize = 2;

/// The file that takes longest goes first. The others follow backwards, so that `bench.test.mjs`, which keeps a software
/// GPU busy too, comes when it is done.
const FIRST: &str = "gpu.test.mjs";

/// What node's reporter says before the failures, once more, at the end.
const FAILURES: &str = "✖ failing tests:";
/// What a line begins with that says what was to be seen when a test failed (`tests/browser/harness.mjs`).
const SEEN: &str = "to be seen: ";

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
    let site = (suites != Suites::Native).then(|| SiteBuild::begin(kinds));
    if suites != Suites::Browser {
        native(&mut report);
    }
    if let Some(site) = site {
        in_browser(&mut report, site, kinds);
    }
    report.finish()
}

/// A site in the making, by a process of its own: for most of its time a build for browsers has work for one core.
struct SiteBuild {
    child: Child,
    /// What it prints, until its turn comes.
    printed: PathBuf,
}

impl SiteBuild {
    fn begin(kinds: Kinds) -> Result<Self> {
        let folder = process::target_dir().join("xtask");
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let printed = folder.join("site.log");
        let file = fs::File::create(&printed).with_context(|| format!("cannot write {}", printed.display()))?;
        let errors = file.try_clone().context("cannot write what the site's build prints")?;
        let mut build = process::command(env::current_exe().context("cannot find this program")?);
        build.args(["site", "--release", "--out"]).arg(site());
        if kinds == Kinds::CpuOnly {
            build.arg("--cpu-only");
        }
        let child = build.stdout(file).stderr(errors).spawn().context("cannot start the site's build")?;
        Ok(SiteBuild { child, printed })
    }

    fn end(mut self) -> Result<()> {
        let status = self.child.wait().context("cannot wait for the site's build")?;
        println!("{}", fs::read_to_string(&self.printed).context("the site's build left no messages")?);
        ensure!(status.success(), "the site's build failed ({status})");
        Ok(())
    }
}

fn site() -> PathBuf {
    process::root().join("dist")
}

/// With the release profile, for the tests and for the command line alike.
fn native(report: &mut Report) {
    report.step("formatting", |_| process::succeed(process::cargo().args(["fmt", "--all", "--check"])));
    for packages in PACKAGES {
        let name = packages.join(" and ");
        report.step(&format!("clippy, {name}"), |_| clippy(packages, &["--release", "--all-targets"]));
    }
    for packages in PACKAGES {
        let name = packages.join(" and ");
        report.step(&format!("tests, {name}"), |tests| cargo_test(packages, tests));
    }
    report.step("tests, workflow", workflow_tests);
    for package in ["hedgerow-web", "hedgerow-engine", "hedgerow-assistant"] {
        report.step(&format!("clippy, {package} as wasm"), |_| {
            setup::wasm_target()?;
            // Waits for the site's build, which uses the same folder.
            clippy(&[package], &["--profile=web", "--target=wasm32-unknown-unknown"])
        });
    }
}

fn in_browser(report: &mut Report, build: Result<SiteBuild>, kinds: Kinds) {
    let mut site_is_new = false;
    report.step("site", |_| {
        build?.end()?;
        site_is_new = true;
        Ok(())
    });
    report.step("sizes", |_| {
        ensure!(site_is_new, "there is no site to weigh: see the part before");
        size::check(&site())
    });
    report.step("release", |_| {
        ensure!(site_is_new, "there is no site to release: see the part before");
        release::write(Some(site()), &process::root().join("release"), &release::Extras::default())
    });
    let tests = || {
        ensure!(site_is_new, "there is no site to test: see the part before");
        setup::node()?;
        Ok((browser::find_or_install()?, browser_test_files()?))
    };
    match tests() {
        Ok((browser, files)) => {
            let queue = Mutex::new(files.into_iter());
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let lane = || {
                let part = |file: PathBuf| {
                    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    report.measured(&format!("browser, {name}"), |tests| {
                        browser_tests(&file, &name, &browser, kinds, tests)
                    })
                };
                iter::from_fn(next).map(part).collect::<Vec<Part>>()
            };
            let parts = thread::scope(|scope| {
                let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
                lanes.into_iter().flat_map(|lane| lane.join().expect("a lane does not panic")).collect::<Vec<_>>()
            });
            report.parts.extend(parts);
        }
        Err(error) => report.step("browser", |_| Err(error)),
    }
}

fn clippy(packages: &[&str], options: &[&str]) -> Result<()> {
    let mut command = process::cargo();
    command.arg("clippy").args(of(packages)).args(options);
    process::succeed(command.args(["--", "--deny", "warnings"]))
}

fn of<'a>(packages: &'a [&str]) -> impl Iterator<Item = &'a str> {
    packages.iter().flat_map(|package| ["--package", package])
}

/// Runs `cargo test` and reads the summaries that it prints on its way. The names of the test programs
/// are on its standard error, their results on its standard output, both in the same order.
fn cargo_test(packages: &[&str], tests: &mut Tests) -> Result<()> {
    let mut child = process::cargo()
        .args(["test", "--release", "--no-fail-fast"])
        .args(of(packages))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let output = child.stdout.take().context("cargo test has no output")?;
    let errors = child.stderr.take().context("cargo test has no error output")?;
    let programs = thread::spawn(move || {
        let mut programs = Vec::new();
        each_line(errors, |line| {
            eprintln!("{line}");
            programs.extend(counts::program_of_cargo_line(line));
        })?;
        anyhow::Ok(programs)
    });
    let mut summaries = Vec::new();
    each_line(output, |line| {
        println!("{line}");
        summaries.extend(counts::of_cargo_line(line));
    })?;
    let status = child.wait().context("cannot wait for cargo test")?;
    let programs = programs.join().ok().context("the reader of cargo's messages panicked")??;
    for Summary { counts, .. } in &summaries {
        tests.counts += *counts;
    }
    // A program that crashed has no summary, and it cannot be told which one that is.
    if programs.len() == summaries.len() {
        tests.programs = programs.into_iter().zip(summaries).collect();
    }
    verdict(status.success(), tests.counts)
}

/// What another program prints, line by line, while it runs.
fn each_line(output: impl Read, mut read: impl FnMut(&str)) -> Result<()> {
    for line in BufReader::new(output).split(b'\n') {
        read(&String::from_utf8_lossy(&line.context("cannot read what another program prints")?));
    }
    Ok(())
}

fn browser_test_files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(process::root().join("tests/browser")).context("cannot read tests/browser")? {
        let path = entry.context("cannot read tests/browser")?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort_by_key(|file| Reverse((file.ends_with(FIRST), file.clone())));
    ensure!(!files.is_empty(), "there is no browser test");
    Ok(files)
}

/// Runs one file of `tests/browser/`, and prints what it says when it has ended.
fn browser_tests(file: &Path, name: &str, browser: &Path, kinds: Kinds, tests: &mut Tests) -> Result<()> {
    let out = process::root().join(".out");
    fs::create_dir_all(&out).context("cannot create .out")?;
    let report = out.join(name).with_extension("tap");
    // What an earlier run reported must not be counted again.
    fs::write(&report, "").with_context(|| format!("cannot write {}", report.display()))?;
    let engines = match kinds {
        Kinds::CpuOnly => "cpu",
        Kinds::CpuAndGpu => "cpu,gpu",
    };
    let output = process::command("node")
        .args(["--test", "--test-concurrency=1", BROWSER_TIMEOUT])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .args(["--test-reporter=tap", "--test-reporter-destination"])
        .arg(&report)
        .arg(file)
        .env("CHROMIUM", browser)
        .env("HEDGEROW_XTASK", env::current_exe().context("cannot find this program")?)
        .env("HEDGEROW_ENGINES", engines)
        .output()
        .context("cannot start node")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    println!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    tests.failures = printed.split_once(FAILURES).map(|(before, failures)| {
        let seen = before.lines().filter(|line| line.starts_with(SEEN));
        seen.chain([failures.trim()]).collect::<Vec<_>>().join("\n\n")
    });
    let report = fs::read_to_string(&report).with_context(|| format!("cannot read {}", report.display()))?;
    tests.counts = counts::of_tap(&report).context("node's report has no summary")?;
    verdict(output.status.success(), tests.counts)
}

/// Kills the workflow of `workflow/` and starts it again, with the `hedgerow` that the tests have built.
fn workflow_tests(tests: &mut Tests) -> Result<()> {
    process::succeed(process::cargo().args(["build", "--release", "--package=hedgerow"]))?;
    let python = setup::python()?;
    let program = process::target_dir().join("release/hedgerow").with_extension(std::env::consts::EXE_EXTENSION);
    let mut child = process::command(python)
        .arg("tests/workflow.py")
        .arg(program)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start tests/workflow.py")?;
    let output = child.stdout.take().context("tests/workflow.py has no output")?;
    let mut report = String::new();
    each_line(output, |line| {
        println!("{line}");
        report.push_str(line);
        report.push('\n');
    })?;
    let status = child.wait().context("cannot wait for tests/workflow.py")?;
    tests.counts = counts::of_tap(&report).context("tests/workflow.py did not come to its end")?;
    verdict(status.success(), tests.counts)
}

fn verdict(success: bool, counts: Counts) -> Result<()> {
    ensure!(counts.failed == 0, "{} tests failed", counts.failed);
    ensure!(success, "not every test program ran to its end");
    ensure!(counts.passed > 0, "no test ran");
    Ok(())
}

/// The tests of a part.
#[derive(Default)]
struct Tests {
    counts: Counts,
    /// The programs that they are in, where they are told apart.
    programs: Vec<(String, Summary)>,
    /// What they say of those that failed.
    failures: Option<String>,
}

/// A part that has ended.
struct Part {
    name: String,
    seconds: f64,
    tests: Tests,
    failed: bool,
}

/// What has happened so far.
struct Report {
    start: Instant,
    parts: Vec<Part>,
}

impl Report {
    fn new() -> Self {
        Self { start: Instant::now(), parts: Vec::new() }
    }

    fn step(&mut self, name: &str, work: impl FnOnce(&mut Tests) -> Result<()>) {
        let part = self.measured(name, work);
        self.parts.push(part);
    }

    fn measured(&self, name: &str, work: impl FnOnce(&mut Tests) -> Result<()>) -> Part {
        let elapsed = || self.start.elapsed().as_secs_f64();
        let began = elapsed();
        println!("[{began:7.1} s] {name}");
        let mut tests = Tests::default();
        let result = work(&mut tests);
        let (ended, seconds) = (elapsed(), elapsed() - began);
        match &result {
            Ok(()) => println!("[{ended:7.1} s] {name}: ok, {seconds:.1} s"),
            Err(error) => println!("[{ended:7.1} s] {name}: FAILED, {seconds:.1} s: {error:#}"),
        }
        Part { name: name.to_owned(), seconds, tests, failed: result.is_err() }
    }

    fn finish(self) -> ExitCode {
        let Counts { passed, failed } = self.counts();
        let outcome = self.outcome();
        print!("{}", table(&self.parts, self.start.elapsed().as_secs_f64()));
        for Part { name, tests, .. } in &self.parts {
            // Far above, amid what another lane printed, they are hard to find.
            if let Some(failures) = &tests.failures {
                println!("\n{name}:\n{failures}\n");
            }
        }
        if let Err(error) = &outcome {
            println!("{error}");
        }
        println!("{passed} passed, {failed} failed");
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        }
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for part in &self.parts {
            counts += part.tests.counts;
        }
        counts
    }

    fn outcome(&self) -> Result<()> {
        let failures: Vec<&str> = self.parts.iter().filter(|part| part.failed).map(|part| part.name.as_str()).collect();
        if !failures.is_empty() {
            bail!("failed: {}", failures.join("; "));
        }
        ensure!(self.counts().passed > 0, "failed: no test ran");
        Ok(())
    }
}

/// How long each part took, and all of them together, of which some ran side by side. The programs of a part are
/// below it; what they leave of its seconds went into compiling.
fn table(parts: &[Part], elapsed: f64) -> String {
    let row = |name: &str, seconds: f64, Counts { passed, failed }: Counts, verdict: &str| {
        let tests = if passed + failed > 0 { (passed + failed).to_string() } else { String::new() };
        format!("{name:<44}{seconds:>9.1}{tests:>7}  {verdict}").trim_end().to_owned() + "\n"
    };
    let mut table = format!("{:<44}{:>9}{:>7}\n", "part", "seconds", "tests");
    let mut all = Counts::default();
    for Part { name, seconds, tests, failed } in parts {
        all += tests.counts;
        table += &row(name, *seconds, tests.counts, if *failed { "FAILED" } else { "" });
        for (program, Summary { counts, seconds }) in &tests.programs {
            if *counts != Counts::default() {
                table +=
                    &row(&format!("  {program}"), *seconds, *counts, if counts.failed > 0 { "FAILED" } else { "" });
            }
        }
    }
    table + &row("all", elapsed, all, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, seconds: f64, passed: u64, failed: u64) -> Part {
        let tests = Tests { counts: Counts { passed, failed }, ..Tests::default() };
        Part { name: name.to_owned(), seconds, tests, failed: failed > 0 }
    }

    #[test]
    fn the_table_has_each_part_and_the_programs_of_it() {
        let mut tests = part("tests, hedgerow", 100.0, 11, 1);
        let summary = |passed, failed, seconds| Summary { counts: Counts { passed, failed }, seconds };
        tests.tests.programs = vec![
            ("src/lib.rs".into(), summary(9, 0, 20.0)),
            ("src/main.rs".into(), summary(0, 0, 0.0)),
            ("tests/kernels.rs".into(), summary(2, 1, 62.5)),
        ];
        let table = table(&[part("formatting", 0.94, 0, 0), tests], 100.5);
        let words: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            words,
            [
                vec!["part", "seconds", "tests"],
                vec!["formatting", "0.9"],
                vec!["tests,", "hedgerow", "100.0", "12", "FAILED"],
                vec!["src/lib.rs", "20.0", "9"],
                vec!["tests/kernels.rs", "62.5", "3", "FAILED"],
                vec!["all", "100.5", "12"],
            ],
        );
    }

    #[test]
    fn a_part_that_failed_is_named_and_no_test_is_no_success() {
        let report = |parts| Report { start: Instant::now(), parts };
        let failed = report(vec![part("sizes", 1.0, 3, 0), part("site", 1.0, 0, 1)]).outcome().unwrap_err();
        assert_eq!(failed.to_string(), "failed: site");
        assert!(report(vec![part("formatting", 1.0, 0, 0)]).outcome().is_err());
        assert!(report(vec![part("tests", 1.0, 1, 0)]).outcome().is_ok());
    }
}
