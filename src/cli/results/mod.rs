//! Result files become a document: tables, figures, and an answer to each objection.
//!
//! Every number comes from the files. What they do not hold is said to be not measured, and a run
//! that ended early is named. The same files give the same bytes.

mod course;
mod diagnoses;
mod document;
mod language_model;
mod objections;
mod runs;
mod shown;
mod sweeps;
mod tables;

use std::path::Path;

use anyhow::Context;
use hedgerow::documents::conditions::Group;

use self::document::Document;
use self::language_model::RealRuns;
use self::runs::Results;
use crate::cli::files::write;

/// Reads the files, writes the document and its figures.
pub(crate) fn write_up(from: &Path, out: &Path) -> anyhow::Result<()> {
    let name = out.file_stem().and_then(|stem| stem.to_str()).context("the document needs a name")?.to_lowercase();
    let folder = out.with_file_name(&name);
    let mut document = document(&Results::read(from)?, &name)?;
    document.real_language_model(&RealRuns::read(from)?);
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    for (figure, svg) in &document.figures {
        write(&folder.join(figure), svg.as_bytes())?;
    }
    write(out, document.text.as_bytes())
}

/// Everything, in its order.
fn document(results: &Results, folder: &str) -> anyhow::Result<Document> {
    let mut document = Document::new(folder);
    document.line("# Results");
    document.line("");
    document.line("Written by `hedgerow results` from the result files; not by hand.");
    document.line("");
    document.line(
        "Numbers are interquartile means over seeds with a stratified bootstrap 95 % interval in brackets \
             (2,000 resamples; Agarwal et al. 2021), in % where no unit is given. An interval is about these worlds \
             and base models, not about other models. Rates over nothing are shown as –. The conditions, the rater's \
             formula and the metrics are explained in the [README](../README.md), the files in [SCHEMA.md](SCHEMA.md). \
             Commands are short for `cargo run --release --` and what follows `hedgerow`.",
    );
    document.summary(results);
    document.objections(results);
    for (group, title) in [
        (Group::Retention, "Experiment 1: retention under penalisation"),
        (Group::Hedging, "Experiment 2: hedging"),
        (Group::Attribution, "Experiment 3: value attribution"),
    ] {
        document.heading(title);
        let mut measured = false;
        for runs in results.all.iter().filter(|runs| runs.condition.group == group) {
            document.condition(runs)?;
            measured = true;
        }
        if !measured {
            document.line("Not measured.");
        }
    }
    document.controls(results);
    document.sweeps(results)?;
    document.diagnoses(results)?;
    document.failures(results);
    document.effort(results);
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::objections::{OBJECTIONS, Objection};
    use super::runs::Runs;
    use super::tables::PAIRS;
    use super::*;
    use hedgerow::documents::conditions::conditions;
    use hedgerow::documents::metrics::{Cell, Diagnosis, Measurement, Relearning, Tally};
    use hedgerow::documents::report::RunReport;
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::arms::Arm;
    use hedgerow::judgement::experiment::Experiment;

    /// A run of the control without discomfort that ends with these shares of lies, in hundredths.
    fn report(seed: u64, scalar: u32, structured: u32) -> RunReport {
        let experiment = Experiment { seeds: vec![seed], ..Experiment::default() };
        let end = experiment.finetune.updates;
        let mut report = RunReport::empty(experiment, "flex".into(), "1".into());
        let cell = Cell { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };
        for (replica, lies) in report.replicas.iter_mut().zip([scalar, structured]) {
            for (update, lies) in [(0, 3), (end, lies)] {
                let tally = Tally { answers: 200, asserted: 100, truthful: 100 - lies, ..Tally::default() };
                let (cells, probes, answers, facts) = (vec![(cell, tally)], vec![], vec![], vec![]);
                replica.measurements.push(Measurement { update, cells, probes, answers, facts });
            }
        }
        report
    }

    fn written(reports: Vec<RunReport>) -> String {
        let condition = conditions().into_iter().find(|condition| condition.name == "no-discomfort").unwrap();
        let reports = reports.into_iter().map(|report| (report.experiment.seeds[0], report)).collect();
        let results = Results { all: vec![Runs::new(condition, reports).unwrap()] };
        document(&results, "results").unwrap().text
    }

    #[test]
    fn a_row_has_base_arms_and_the_paired_difference() {
        let text = written(vec![report(0, 40, 1), report(1, 50, 3), report(4, 60, 2)]);
        // Three seeds are all in the middle half; the differences are 39, 47 and 58.
        let (_, part) = text.split_once("### no-discomfort").unwrap();
        let row = part.lines().find(|line| line.starts_with("| lies about uncomfortable facts |")).unwrap();
        let cells: Vec<&str> = row.split(" | ").skip(1).map(|cell| cell.split(' ').next().unwrap()).collect();
        assert_eq!(cells, ["3", "50", "2", "48"], "{row}");
        assert!(text.contains("| lies about uncomfortable facts | 40, 50, 60 | 1, 3, 2 |"), "{text}");
    }

    #[test]
    fn a_failed_seed_is_named_and_not_averaged() {
        let mut failed = report(1, 99, 99);
        failed.failure = Some("update 7 went wrong".into());
        let text = written(vec![report(0, 40, 1), failed]);
        assert!(text.contains("- no-discomfort, seed 1: update 7 went wrong"), "{text}");
        assert!(text.contains("seeds finished: 1, [failed](#runs-that-ended-early): 1;"), "{text}");
        assert!(text.contains("| lies about uncomfortable facts | 40, – | 1, – |"), "{text}");
    }

    #[test]
    fn what_the_files_do_not_hold_is_not_measured() {
        let text = written(vec![report(0, 40, 1)]);
        for Objection { claim, .. } in OBJECTIONS {
            let row = text.lines().find(|line| line.contains(claim)).unwrap();
            assert!(row.ends_with("| not measured |"), "{row}");
        }
        let hedging = text.lines().find(|line| line.starts_with("| hedging: near |")).unwrap();
        assert_eq!(hedging, "| hedging: near | – | – | – | – |");
    }

    #[test]
    fn a_diagnosis_is_told_in_words_and_what_it_lacks_is_left_blank() {
        let mut diagnosed = report(0, 40, 1);
        let relearned = |steps, model| Relearning { steps, model, base: None, never_taught: Some(0.125) };
        let relearning = vec![relearned(0, Some(0.25)), relearned(5, None)];
        diagnosed.diagnoses = vec![Diagnosis { update: 40, probes: vec![], relearning, steering: vec![] }];
        let text = written(vec![diagnosed]);
        assert!(text.contains("| 0 | this model | 25 | – |"), "{text}");
        assert!(text.contains("| 5 | this model | – | – |"), "what was not measured is no number: {text}");
        assert!(text.contains("(results/relearning-no-discomfort.svg)"), "{text}");
    }

    #[test]
    fn seeds_of_different_experiments_are_not_mixed() {
        let mut other = report(1, 40, 1);
        other.experiment.rater.check_probability = 0.9;
        let condition = conditions().remove(0);
        let error = Runs::new(condition, vec![(0, report(0, 40, 1)), (1, other)]).err().unwrap();
        assert!(error.to_string().contains("different experiments"), "{error}");
    }

    #[test]
    fn arms_of_the_pairs_are_trained() {
        let named: Vec<Arm> = conditions().iter().flat_map(|condition| condition.arms.clone()).collect();
        for (one, other) in PAIRS {
            assert!(named.contains(&one) && named.contains(&other));
        }
    }
}
