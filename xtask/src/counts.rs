//! Reads from what a test program prints how many tests passed and how many failed.

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

/// The summary that libtest prints once for each test program:
/// `test result: ok. 3 passed; 0 failed; 1 ignored; ...`. Nothing on any other line.
pub(crate) fn of_cargo_line(line: &str) -> Option<Counts> {
    let summary = line.trim().strip_prefix("test result: ")?;
    let (_, numbers) = summary.split_once(". ")?;
    let mut counts = Counts::default();
    let mut seen = 0;
    for part in numbers.split(';') {
        match part.trim().split_once(' ') {
            Some((number, "passed")) => counts.passed = number.parse().ok()?,
            Some((number, "failed")) => counts.failed = number.parse().ok()?,
            Some(_) | None => continue,
        }
        seen += 1;
    }
    (seen == 2).then_some(counts)
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
    use super::{Counts, of_cargo_line, of_tap};

    #[test]
    fn cargo_summaries_are_counted() {
        let line = "test result: FAILED. 31 passed; 2 failed; 1 ignored; 0 measured; \
                    0 filtered out; finished in 0.00s";
        let expected = Counts { passed: 31, failed: 2 };
        assert_eq!(of_cargo_line(line), Some(expected));
        for other in [
            "test result: ok. many passed; 0 failed",
            "test result: ok. 3 passed",
            "test a ... ok",
            "he said: test result: ok. 1 passed; 0 failed;",
            "",
        ] {
            assert_eq!(of_cargo_line(other), None, "{other}");
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
