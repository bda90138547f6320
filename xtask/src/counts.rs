//! Reads from what a test program prints how many tests passed, how many failed, and how long they took.

use std::ops::AddAssign;

/// How many tests passed and failed. A test that was cancelled has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed.
    pub(crate) failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// What libtest says at the end of a test program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    /// How its tests ended.
    pub(crate) counts: Counts,
    /// Seconds that they took, without compiling.
    pub(crate) seconds: f64,
}

/// The summary that libtest prints once for each test program:
/// `test result: ok. 3 passed; 0 failed; 1 ignored; ...; finished in 0.30s`. Nothing on any other line.
pub(crate) fn of_cargo_line(line: &str) -> Option<Summary> {
    let summary = line.trim().strip_prefix("test result: ")?;
    let (_, numbers) = summary.split_once(". ")?;
    let mut parts = numbers.split(';').map(str::trim);
    let mut number = |after: &str| parts.next()?.strip_suffix(after)?.trim_end().parse().ok();
    let counts = Counts { passed: number("passed")?, failed: number("failed")? };
    let seconds = parts.next_back()?.strip_prefix("finished in ")?.strip_suffix('s')?.parse().ok()?;
    Some(Summary { counts, seconds })
}

/// The test program that cargo announces on its standard error: `Running tests/kernels.rs (target/...)`,
/// `Running unittests src/lib.rs (target/...)`, `Doc-tests hedgerow`. Nothing on any other line.
pub(crate) fn program_of_cargo_line(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with("Doc-tests ") {
        return Some("examples in the documentation".to_owned());
    }
    let (name, path) = line.strip_prefix("Running ")?.rsplit_once(" (")?;
    path.ends_with(')').then(|| name.strip_prefix("unittests ").unwrap_or(name).to_owned())
}

/// The summary at the end of node's TAP report: `# pass 3`, `# fail 0`, `# cancelled 0`. Nothing
/// when the report was cut short.
pub(crate) fn of_tap(report: &str) -> Option<Counts> {
    let number = |label: &str| -> Option<u64> {
        report
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("# ")?.strip_prefix(label)?.strip_prefix(' '))
            .and_then(|number| number.trim().parse().ok())
    };
    Some(Counts { passed: number("pass")?, failed: number("fail")? + number("cancelled")? })
}

#[cfg(test)]
mod tests {
    use super::{Counts, Summary, of_cargo_line, of_tap, program_of_cargo_line};

    #[test]
    fn cargo_summaries_are_counted_and_timed() {
        let line = "test result: FAILED. 31 passed; 2 failed; 1 ignored; 0 measured; \
                    0 filtered out; finished in 4.25s";
        let expected = Summary { counts: Counts { passed: 31, failed: 2 }, seconds: 4.25 };
        assert_eq!(of_cargo_line(line), Some(expected));
        for other in [
            "test result: ok. many passed; 0 failed; finished in 0.00s",
            "test result: ok. 3 passed",
            "test result: ok. 3 passed; 0 failed; finished in no time",
            "test a ... ok",
            "he said: test result: ok. 1 passed; 0 failed; finished in 0.00s",
            "",
        ] {
            assert_eq!(of_cargo_line(other), None, "{other}");
        }
    }

    #[test]
    fn test_programs_are_named() {
        for (line, name) in [
            ("     Running unittests src/lib.rs (target/release/deps/hedgerow-0c1d)", Some("src/lib.rs")),
            ("     Running tests/kernels.rs (target/release/deps/kernels-5f)", Some("tests/kernels.rs")),
            ("   Doc-tests hedgerow", Some("examples in the documentation")),
            ("   Compiling hedgerow v0.1.0 (/work)", None),
            ("Running", None),
        ] {
            assert_eq!(program_of_cargo_line(line).as_deref(), name, "{line}");
        }
    }

    #[test]
    fn tap_summaries_are_counted() {
        let report = "TAP version 13\n# pass 9 as a test's own words\nok 1 - a\n1..1\n\
                      # tests 5\n# suites 0\n# pass 2\n# fail 1\n# cancelled 2\n# skipped 0\n";
        let expected = Counts { passed: 2, failed: 3 };
        assert_eq!(of_tap(report), Some(expected));
        assert_eq!(of_tap("TAP version 13\nok 1 - a\n"), None);
        assert_eq!(of_tap(""), None);
    }
}
