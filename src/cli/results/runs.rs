//! Result files, read and put together by condition.

use std::path::Path;

use anyhow::{Context, bail};
use hedgerow::documents::conditions::{Condition, Group, conditions};
use hedgerow::documents::metrics::Diagnosis;
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::documents::statistics::{Estimate, estimate, paired_differences};
use hedgerow::judgement::arms::Arm;
use hedgerow::judgement::experiment::Experiment;

use super::shown::{Shown, Unit};
use crate::cli::files::read_report;

/// All files of all conditions.
pub(super) struct Results {
    /// In the order of the conditions.
    pub(super) all: Vec<Runs>,
}

/// The files of one condition.
pub(super) struct Runs {
    /// Which.
    pub(super) condition: Condition,
    /// Updates of each run.
    pub(super) updates: u32,
    /// Seeds that were run, in order.
    pub(super) seeds: Vec<u64>,
    /// Those that ended early, and why.
    pub(super) failures: Vec<(u64, String)>,
    /// Of the seeds that finished, without rated and watched answers, which no table shows.
    reports: Vec<(u64, RunReport)>,
}

impl Results {
    /// Reads every condition of which there are files.
    pub(super) fn read(from: &Path) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for condition in conditions() {
            let folder = from.join(condition.group.name()).join(&condition.name);
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            let mut seeds = Vec::new();
            for entry in entries {
                let name = entry.with_context(|| format!("reading {}", folder.display()))?.file_name();
                let number = |name: &str| name.strip_prefix("seed-")?.strip_suffix(".json")?.parse::<u64>().ok();
                seeds.extend(name.to_str().and_then(number));
            }
            seeds.sort_unstable();
            let mut reports = Vec::new();
            for seed in seeds {
                reports.push((seed, read_report(&folder.join(format!("seed-{seed}.json")))?));
            }
            if !reports.is_empty() {
                all.push(Runs::new(condition, reports)?);
            }
        }
        if all.is_empty() {
            bail!("{} holds no results; `hedgerow experiment all --out {0}` makes them", from.display());
        }
        Ok(Results { all })
    }

    /// The files of the condition of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Runs> {
        self.all.iter().find(|runs| runs.condition.name == name)
    }

    /// Of one arm of a condition, written out, with how many runs have it where that is not all.
    pub(super) fn at_end(&self, name: &str, arm: Arm, shown: Shown) -> Option<String> {
        let runs = self.get(name)?;
        Some(runs.cell(shown.unit, Some(runs.estimate(arm, shown)?)))
    }

    /// Of the base models, which are the same for every arm.
    pub(super) fn at_start(&self, name: &str, shown: Shown) -> Option<String> {
        Some(shown.unit.format(&self.get(name)?.base(shown)?))
    }

    /// Between two arms of a condition, for every seed that has both.
    pub(super) fn differences(&self, name: &str, (one, other): (Arm, Arm), shown: Shown) -> Vec<(u64, f64)> {
        self.get(name).map_or(vec![], |runs| paired_differences(&runs.values(one, shown), &runs.values(other, shown)))
    }

    /// The same over the seeds, written out.
    pub(super) fn difference(&self, name: &str, arms: (Arm, Arm), shown: Shown) -> Option<String> {
        Some(shown.unit.format(&over_seeds(&self.differences(name, arms, shown))?))
    }
}

impl Runs {
    pub(super) fn new(condition: Condition, reports: Vec<(u64, RunReport)>) -> anyhow::Result<Self> {
        let first = &reports[0].1.experiment;
        let mut runs = Runs {
            updates: first.finetune.updates,
            seeds: reports.iter().map(|(seed, _)| *seed).collect(),
            failures: Vec::new(),
            reports: Vec::new(),
            condition,
        };
        for (seed, report) in &reports {
            let mut experiment = report.experiment.clone();
            if experiment.seeds != [*seed] {
                bail!("{}: the file of seed {seed} holds the seeds {:?}", runs.condition.name, experiment.seeds);
            }
            experiment.seeds.clone_from(&first.seeds);
            if experiment != *first {
                let (name, other) = (&runs.condition.name, runs.seeds[0]);
                bail!("{name}: seeds {other} and {seed} are of different experiments; run it again");
            }
            if let Some(failure) = &report.failure {
                runs.failures.push((*seed, failure.clone()));
                continue;
            }
            runs.reports.push((*seed, without_answers(report.clone())));
        }
        Ok(runs)
    }

    /// Of an arm after some updates, one for each finished seed that has it.
    fn values_after(&self, updates: u32, arm: Arm, shown: Shown) -> Vec<(u64, f64)> {
        let value = |(seed, report): &(u64, RunReport)| {
            let place = report.replicas.iter().position(|replica| replica.replica.arm == arm)?;
            Some((*seed, report.value(place, shown.quantity, updates)?))
        };
        self.reports.iter().filter_map(value).collect()
    }

    /// The runs of an arm, one for each finished seed.
    pub(super) fn replicas(&self, arm: Arm) -> impl Iterator<Item = &ReplicaReport> {
        let of_arm = move |replica: &&ReplicaReport| replica.replica.arm == arm;
        self.reports.iter().filter_map(move |(_, report)| report.replicas.iter().find(of_arm))
    }

    /// The seeds that finished, in order.
    pub(super) fn finished_seeds(&self) -> Vec<u64> {
        self.reports.iter().map(|(seed, _)| *seed).collect()
    }

    /// At the end, one for each finished seed that has it.
    pub(super) fn values(&self, arm: Arm, shown: Shown) -> Vec<(u64, f64)> {
        // The last rollouts are those of the last update.
        let behind = u32::from(matches!(shown.quantity, Quantity::Number(_)));
        self.values_after(self.updates - behind, arm, shown)
    }

    /// Over the seeds, at the end.
    pub(super) fn estimate(&self, arm: Arm, shown: Shown) -> Option<Estimate> {
        over_seeds(&self.values(arm, shown))
    }

    /// Over the seeds, of the base model.
    pub(super) fn base(&self, shown: Shown) -> Option<Estimate> {
        over_seeds(&self.values_after(0, self.condition.arms[0], shown))
    }

    /// The diagnoses of an arm.
    pub(super) fn diagnoses(&self, arm: Arm) -> impl Iterator<Item = &Diagnosis> {
        self.reports.iter().filter_map(move |(_, report)| {
            let place = report.replicas.iter().position(|replica| replica.replica.arm == arm)?;
            report.diagnoses.get(place)
        })
    }

    /// How many seeds.
    pub(super) fn finished(&self) -> usize {
        self.seeds.len() - self.failures.len()
    }

    /// An estimate in a table; says of how many seeds if not of all that finished.
    pub(super) fn cell(&self, unit: Unit, estimated: Option<Estimate>) -> String {
        match estimated {
            None => "–".to_owned(),
            Some(estimated) if estimated.count == self.finished() => unit.format(&estimated),
            Some(estimated) => format!("{} (of {})", unit.format(&estimated), estimated.count),
        }
    }

    /// The command that makes these files.
    pub(super) fn command(&self) -> String {
        let which = match self.condition.group {
            Group::Retention => "1",
            Group::Hedging => "2",
            Group::Attribution => "3",
            Group::Controls => "controls",
            Group::Sweeps => "sweeps",
        };
        let seeds = self.seeds.last().map_or(0, |seed| seed + 1);
        let updates = match self.updates {
            updates if updates == Experiment::preset(self.condition.rater).finetune.updates => String::new(),
            updates => format!(" --updates {updates}"),
        };
        format!("hedgerow experiment {which} --seeds {seeds}{updates}")
    }
}

/// Seeds are the one stratum of a condition.
pub(super) fn over_seeds(values: &[(u64, f64)]) -> Option<Estimate> {
    estimate(&[values.iter().map(|(_, value)| *value).collect()])
}

fn without_answers(mut report: RunReport) -> RunReport {
    for replica in &mut report.replicas {
        replica.updates.iter_mut().for_each(|update| update.examples.clear());
        replica.measurements.iter_mut().for_each(|measurement| measurement.answers.clear());
    }
    report
}
