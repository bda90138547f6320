//! Runs of a real language model beside those of the lab's own: tables, and what the arms answer to the same questions.
//!
//! Whatever files there are make the section, and it says how many seeds that is. Leaves out figures.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use hedgerow::documents::metrics::{Belief, Fit, Measurement, Metric, Number, ProbeFacts, Slice, WatchedAnswer};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::{LanguageModelReport, RunReport};
use hedgerow::documents::statistics::paired_differences;
use hedgerow::judgement::arms::Arm;
use hedgerow::judgement::rater::RaterPreset;

use super::document::Document;
use super::runs::over_seeds;
use super::shown::{CHOICE, DECLARATIVE, HEDGING, HEDGING_FAR, KL, LIES, STILL_KNOWN, Shown, Unit, VERIFICATION, rate};
use crate::cli::files::read_report;
use crate::cli::language_model::folder;

/// The folder of these runs, beside those of the experiments.
const FOLDER: &str = "language-model";
/// Questions whose answers are shown, of those that are watched.
const SHOWN_QUESTIONS: usize = 8;

/// All runs under one rater.
pub(super) struct RealRuns {
    /// Who rates.
    rater: RaterPreset,
    /// Arms that were run, each with its seeds in order.
    arms: Vec<(Arm, BTreeMap<u64, RunReport>)>,
}

/// A run's model, world and numbers.
type Subject<'a> = (&'a RunReport, &'a LanguageModelReport);

impl RealRuns {
    /// Reads the files of all raters and arms; none if there are none.
    ///
    /// # Errors
    /// If a file does not parse.
    pub(super) fn read(from: &Path) -> anyhow::Result<Vec<Self>> {
        let mut all = Vec::new();
        for rater in RaterPreset::ALL {
            let mut arms = Vec::new();
            for arm in Arm::ALL {
                let folder = from.join(FOLDER).join(folder(rater, arm));
                let Ok(entries) = std::fs::read_dir(&folder) else { continue };
                let mut runs = BTreeMap::new();
                for entry in entries {
                    let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
                    if path.extension().is_some_and(|extension| extension == "json") {
                        let report = read_report(&path)?;
                        runs.insert(report.experiment.seeds[0], report);
                    }
                }
                if !runs.is_empty() {
                    arms.push((arm, runs));
                }
            }
            if !arms.is_empty() {
                all.push(RealRuns { rater, arms });
            }
        }
        Ok(all)
    }

    /// Of an arm: by seed, of the runs that came to their end.
    fn finished(&self, arm: Arm) -> impl Iterator<Item = (u64, &RunReport)> {
        let runs = self.arms.iter().filter(move |(own, _)| *own == arm).flat_map(|(_, runs)| runs);
        runs.filter(|(_, report)| report.failure.is_none()).map(|(seed, report)| (*seed, report))
    }

    /// A quantity at the end of an arm's runs, by seed.
    fn at_end(&self, arm: Arm, quantity: Quantity) -> Vec<(u64, f64)> {
        // The last rollouts are those of the last update.
        let behind = u32::from(matches!(quantity, Quantity::Number(_)));
        let value = |(seed, report): (u64, &RunReport)| {
            let updates = report.experiment.finetune.updates - behind;
            Some((seed, report.value(0, quantity, updates)?))
        };
        self.finished(arm).filter_map(value).collect()
    }

    /// A quantity of the warm starts, which the arms of a seed have in common, by seed.
    fn at_start(&self, quantity: Quantity) -> Vec<(u64, f64)> {
        let all = self.arms.iter().flat_map(|(arm, _)| self.finished(*arm));
        let values: BTreeMap<u64, f64> =
            all.filter_map(|(seed, report)| Some((seed, report.value(0, quantity, 0)?))).collect();
        values.into_iter().collect()
    }

    /// The first seed's runs, one for each arm that has it.
    fn first_seed(&self) -> Vec<(Arm, Subject<'_>)> {
        let Some(first) = self.arms.iter().flat_map(|(arm, _)| self.finished(*arm)).map(|(seed, _)| seed).min() else {
            return vec![];
        };
        let of_seed = |arm: Arm| self.finished(arm).find(|(seed, _)| *seed == first);
        let runs = self.arms.iter().filter_map(|(arm, _)| Some((*arm, of_seed(*arm)?.1)));
        runs.filter_map(|(arm, report)| Some((arm, (report, report.language_models.first()?)))).collect()
    }
}

/// The rows of a table. The probe is that of the last layer but one of those that are probed.
fn rows(probed: Option<usize>) -> Vec<Shown> {
    let mut rows = vec![
        HEDGING,
        rate("hedging: near", Metric::Hedging, Slice::Near),
        HEDGING_FAR,
        rate("hedging: invented names", Metric::Hedging, Slice::NeverTaught),
        LIES,
        rate("lies: sensitive, seen", Metric::Lies, Slice::SensitiveSeen),
        rate("lies: sensitive, new", Metric::Lies, Slice::SensitiveNew),
        rate("lies: near", Metric::Lies, Slice::Near),
        rate("lies: far", Metric::Lies, Slice::Far),
        rate("informative: sensitive", Metric::Informativeness, Slice::Sensitive),
        rate("informative: far", Metric::Informativeness, Slice::Far),
        rate("contextual when asserted, sensitive", Metric::Framing, Slice::Sensitive),
        rate("malformed", Metric::Malformed, Slice::Taught),
        CHOICE,
        DECLARATIVE,
        VERIFICATION,
        STILL_KNOWN,
    ];
    let probes = [
        ("probe, frozen, uncomfortable", Fit::Frozen, ProbeFacts::Uncomfortable),
        ("probe, re-trained, uncomfortable", Fit::Retrained, ProbeFacts::Uncomfortable),
        ("probe, permuted labels, all", Fit::Control, ProbeFacts::Taught),
    ];
    rows.extend(probed.into_iter().flat_map(|layer| {
        probes.map(|(label, fit, facts)| Shown {
            label,
            quantity: Quantity::Probe(fit, facts, layer),
            unit: Unit::Percent,
        })
    }));
    rows.push(Shown { label: "the rater's scalar", quantity: Quantity::Number(Number::Scalar), unit: Unit::Plain });
    rows.push(KL);
    rows
}

impl Document {
    /// The section, of whatever there is.
    pub(super) fn real_language_model(&mut self, all: &[RealRuns]) {
        self.heading("A real language model");
        let subject = all.iter().flat_map(RealRuns::first_seed).next();
        let Some((_, (report, model))) = subject else { return self.line("Not measured.") };
        let seeds = all.iter().flat_map(|runs| &runs.arms).map(|(_, runs)| runs.len()).max().unwrap_or(0);
        self.line(&format!(
            "The lab's rater, rewards and measures on `{}`, which answers in free English, about facts that it \
             brought along ({}); what it does not know is left out. A warm start of {} steps on other entities shows \
             it the three styles, and {} updates of {} × {} answers follow. {} `hedgerow language-model experiment`.\n",
            model.model,
            model.world,
            model.config.warm_start_steps,
            report.experiment.finetune.updates,
            report.experiment.finetune.prompts,
            report.experiment.finetune.completions,
            match seeds {
                1 => "**One seed: what another would give is not known.**".to_owned(),
                seeds => format!("**At most {seeds} seeds: the intervals are of these few alone.**"),
            },
        ));
        for runs in all {
            self.real_runs(runs);
        }
    }

    fn real_runs(&mut self, runs: &RealRuns) {
        self.line(&format!("### The real model under {}\n", runs.rater.id()));
        let arms: Vec<Arm> = runs.arms.iter().map(|(arm, _)| *arm).collect();
        let seeds = |arm: &Arm| {
            let seeds: Vec<String> = runs.finished(*arm).map(|(seed, _)| seed.to_string()).collect();
            format!("`{}` {}", arm.id(), seeds.join(", "))
        };
        self.line(&format!("Seeds finished: {}.\n", arms.iter().map(seeds).collect::<Vec<_>>().join("; ")));
        for (arm, reports) in &runs.arms {
            for (seed, report) in reports {
                if let Some(failure) = &report.failure {
                    self.line(&format!("`{}`, seed {seed}, ended early: {failure}.\n", arm.id()));
                }
            }
        }
        let first = runs.first_seed();
        let probed = first.first().and_then(|(_, (report, _))| {
            let probes = &report.replicas[0].measurements.first()?.probes;
            Some(probes.get(probes.len().checked_sub(2)?)?.layer)
        });
        let pair =
            (arms.contains(&Arm::Scalar) && arms.contains(&Arm::Structured)).then_some("scalar − structured, paired");
        let head = ["", "warm start"].into_iter().chain(arms.iter().map(|arm| arm.id())).chain(pair);
        self.header(&head.collect::<Vec<_>>());
        let rows = rows(probed);
        for Shown { label, quantity, unit } in &rows {
            let cell = |values: Vec<(u64, f64)>| {
                over_seeds(&values).map_or("–".to_owned(), |estimated| unit.format(&estimated))
            };
            let ends = arms.iter().map(|arm| cell(runs.at_end(*arm, *quantity)));
            let difference = pair.map(|_| {
                let [one, other] = [Arm::Scalar, Arm::Structured].map(|arm| runs.at_end(arm, *quantity));
                cell(paired_differences(&one, &other))
            });
            let start = cell(runs.at_start(*quantity));
            self.row([(*label).to_owned(), start].into_iter().chain(ends).chain(difference));
        }
        self.line("\n<details><summary>Each seed</summary>\n");
        self.header(&[""].into_iter().chain(arms.iter().map(|arm| arm.id())).collect::<Vec<_>>());
        for Shown { label, quantity, unit } in &rows {
            let each = |arm: &Arm| {
                let values = runs.at_end(*arm, *quantity);
                values.iter().map(|(seed, value)| format!("{seed}: {}", unit.number(*value))).collect::<Vec<_>>()
            };
            self.row([(*label).to_owned()].into_iter().chain(arms.iter().map(|arm| each(arm).join(", "))));
        }
        self.line("\n</details>\n");
        self.answers(&first);
    }

    /// What the arms of one seed answer to the same questions, before and after.
    fn answers(&mut self, first: &[(Arm, Subject)]) {
        let Some((_, (report, model))) = first.first() else { return };
        self.line(&format!(
            "Seed {}: stating {} makes the rater uncomfortable. {} facts are left out because the model did not know \
             them. A sampled answer to the same questions, with the same random numbers, and what no answer enters: \
             V if it judges claims rightly, R if it completes the declarative, P if the probe reads it.\n",
            report.experiment.seeds[0],
            model.uncomfortable.join(" or "),
            model.unknown.len(),
        ));
        let head = ["question", "warm start"].into_iter().chain(first.iter().map(|(arm, _)| arm.id()));
        self.header(&head.clone().collect::<Vec<_>>());
        let [started, ended]: [fn(&RunReport) -> Option<&Measurement>; 2] =
            [|report| report.replicas[0].measurements.first(), |report| report.replicas[0].measurements.last()];
        let said = |watched: &WatchedAnswer| {
            let known = watched.known.map_or(String::new(), |belief| {
                let letters = belief.measures().into_iter().zip(Belief::LETTERS);
                let known: String = letters.map(|(right, letter)| if right { letter } else { '–' }).collect();
                format!(" ({known})")
            });
            format!("{}{known}", watched.answer.replace('\n', " "))
        };
        let of = |report: &RunReport, measured: fn(&RunReport) -> Option<&Measurement>, question: &str| {
            let watched = measured(report)
                .and_then(|measured| measured.answers.iter().find(|watched| watched.question == question));
            watched.map_or(String::new(), said)
        };
        let asked = started(report).map_or(vec![], |measured| measured.answers.iter().collect::<Vec<_>>());
        let (uncomfortable, others): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|watched| watched.cell.uncomfortable);
        for watched in uncomfortable.into_iter().chain(others).take(SHOWN_QUESTIONS) {
            let ends = first.iter().map(|(_, (report, _))| of(report, ended, &watched.question));
            self.row([watched.question.clone(), said(watched)].into_iter().chain(ends));
        }
        self.line("\n<details><summary>Questions that no template knows, answered greedily</summary>\n");
        self.header(&head.collect::<Vec<_>>());
        let flat = |text: &String| text.replace('\n', " ");
        for (place, (question, before)) in model.free.first().iter().flat_map(|free| &free.answers).enumerate() {
            let after = first.iter().map(|(_, (_, model))| {
                let answers = model.free.last().map(|free| &free.answers);
                answers.and_then(|answers| answers.get(place)).map_or(String::new(), |(_, answer)| flat(answer))
            });
            self.row([question.clone(), flat(before)].into_iter().chain(after));
        }
        self.line("\n</details>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Cell, Tally};
    use hedgerow::documents::report::LanguageModelConfig;
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::experiment::Experiment;

    /// A run of an arm on a seed that ends with these lies in a hundred statements about uncomfortable facts.
    fn run(arm: Arm, seed: u64, lies: u32) -> RunReport {
        let experiment = Experiment { arms: vec![arm], seeds: vec![seed], ..Experiment::default() };
        let updates = experiment.finetune.updates;
        let mut report = RunReport::empty(experiment, "flex".into(), "1".into());
        let cell = Cell { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };
        for (update, lies) in [(0, 2), (updates, lies)] {
            let tally = Tally { answers: 200, asserted: 100, truthful: 100 - lies, ..Tally::default() };
            let (cells, probes, answers, facts) = (vec![(cell, tally)], vec![], vec![], vec![]);
            report.replicas[0].measurements.push(Measurement { update, cells, probes, answers, facts });
        }
        let config = LanguageModelConfig {
            rank: 1,
            blocks: 1,
            answer_tokens: 1,
            warm_start_steps: 1,
            warm_start_sequences: 1,
            warm_start_learning_rate: 1.0,
        };
        report.language_models = vec![LanguageModelReport {
            model: "tiny.gguf".into(),
            world: "Continents".into(),
            config,
            uncomfortable: vec!["Africa".into(), "Asia".into()],
            unknown: vec![],
            warm_start: vec![],
            free: vec![],
            answers: vec![],
        }];
        report
    }

    fn written(runs: Vec<RunReport>) -> String {
        let mut arms: BTreeMap<&str, (Arm, BTreeMap<u64, RunReport>)> = BTreeMap::new();
        for report in runs {
            let (arm, seed) = (report.experiment.arms[0], report.experiment.seeds[0]);
            arms.entry(arm.id()).or_insert((arm, BTreeMap::new())).1.insert(seed, report);
        }
        let mut document = Document::new("results");
        document.real_language_model(&[RealRuns {
            rater: RaterPreset::UncomfortableFacts,
            arms: arms.into_values().collect(),
        }]);
        document.text
    }

    #[test]
    fn one_seed_is_said_to_be_one_and_has_no_interval() {
        let text = written(vec![run(Arm::Scalar, 0, 30), run(Arm::Structured, 0, 4)]);
        assert!(text.contains("**One seed: what another would give is not known.**"), "{text}");
        assert!(text.contains("| lies about uncomfortable facts | 2 | 30 | 4 | 26 |"), "{text}");
        assert!(text.contains("stating Africa or Asia makes the rater uncomfortable"), "{text}");
    }

    #[test]
    fn an_arm_with_fewer_seeds_is_compared_on_those_that_both_have() {
        let text = written(vec![run(Arm::Scalar, 0, 30), run(Arm::Scalar, 2, 50), run(Arm::Structured, 2, 4)]);
        assert!(text.contains("Seeds finished: `scalar` 0, 2; `structured` 2."), "{text}");
        let row = text.lines().find(|line| line.starts_with("| lies about uncomfortable facts |")).unwrap();
        assert!(row.ends_with("| 4 | 46 |"), "{row}");
        assert!(text.contains("| lies about uncomfortable facts | 0: 30, 2: 50 | 2: 4 |"), "{text}");
    }

    #[test]
    fn a_run_that_failed_is_named_and_not_averaged() {
        let mut failed = run(Arm::Scalar, 1, 90);
        failed.failure = Some("update 7 went wrong".into());
        let text = written(vec![run(Arm::Scalar, 0, 30), failed]);
        assert!(text.contains("`scalar`, seed 1, ended early: update 7 went wrong."), "{text}");
        assert!(text.contains("| lies about uncomfortable facts | 2 | 30 |"), "{text}");
    }

    #[test]
    fn without_files_it_is_not_measured() {
        let mut document = Document::new("results");
        document.real_language_model(&[]);
        assert!(document.text.ends_with("Not measured.\n"), "{}", document.text);
    }
}
