//! Named experiments: one file for each condition and seed, whole or not there at all.
//!
//! A file is made of its experiment and of nothing else. One that is there and was made from the
//! same experiment is kept, so that a kill costs no more than the runs in progress.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use hedgerow::documents::conditions::{Bases, Condition, Group, conditions};
use hedgerow::documents::report::{RunReport, SCHEMA};
use hedgerow::facts::world::Theme;
use hedgerow::judgement::experiment::{Experiment, MeasureConfig, WorldId};
use hedgerow::judgement::settings::Change;
use indicatif::{ProgressBar, ProgressStyle};

use super::drive::{read_bases, run_to_report};
use super::files::{prepare, write};
use super::world::bases_of_site;
use super::{DeviceChoice, pretrain, table};

/// Which conditions are run.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Which {
    /// Retention: penalties on facts, on framing, and noise.
    #[value(name = "1")]
    One,
    /// Hedging.
    #[value(name = "2")]
    Two,
    /// Attribution: scalar against structured feedback.
    #[value(name = "3")]
    Three,
    /// Objections to the three.
    Controls,
    /// One number of the experiment varied.
    Sweeps,
    /// All of them.
    All,
}

impl Which {
    fn holds(self, group: Group) -> bool {
        match self {
            Which::One => group == Group::Retention,
            Which::Two => group == Group::Hedging,
            Which::Three => group == Group::Attribution,
            Which::Controls => group == Group::Controls,
            Which::Sweeps => group == Group::Sweeps,
            Which::All => true,
        }
    }
}

/// More would be a mistake: a seed of a condition takes minutes.
const MOST_SEEDS: u64 = 1000;

/// How much is run, and where it goes.
#[derive(Args)]
pub(crate) struct Options {
    /// Seeds of each condition, from 0; sweeps take five at most, those of the shape three.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=MOST_SEEDS))]
    seeds: u64,
    /// Only the conditions of these names.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Updates, if not as many as the preset has.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    updates: Option<u32>,
    /// Runs side by side; one for each core if not given, one on a GPU.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// Where the base models are, if not where the conditions say.
    #[arg(long)]
    bases: Option<PathBuf>,
    /// The folder of the results.
    #[arg(long, default_value = "results")]
    out: PathBuf,
}

/// One run: a condition on a seed.
pub(crate) struct Run {
    condition: Condition,
    experiment: Experiment,
    bases: PathBuf,
    file: PathBuf,
}

/// What came of a run.
enum Outcome {
    /// The file was there.
    Kept,
    /// It was computed; the failure if it ended early.
    Computed(Option<String>),
}

/// Runs what is not there yet, side by side, and says how long it took.
pub(crate) fn experiment(which: Which, options: &Options, choice: DeviceChoice, device: &Device) -> anyhow::Result<()> {
    let mut chosen = conditions();
    chosen.retain(|condition| which.holds(condition.group));
    if let Some(unknown) = options.only.iter().find(|name| chosen.iter().all(|condition| condition.name != **name)) {
        bail!("this experiment has no condition {unknown:?}; `hedgerow conditions` lists them");
    }
    chosen.retain(|condition| options.only.is_empty() || options.only.contains(&condition.name));
    let mut runs = Vec::new();
    for condition in &chosen {
        for seed in 0..options.seeds.min(condition.most_seeds) {
            let file = options.out.join(condition.group.name()).join(&condition.name).join(format!("seed-{seed}.json"));
            runs.push(Run::new(condition, seed, options.updates, options.bases.as_deref(), file)?);
        }
    }
    if options.bases.is_none() {
        make_bases(&runs, device)?;
    }
    require_bases(&runs)?;
    runs.iter().try_for_each(|run| prepare(&run.file))?;

    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} updates, {eta} left")?;
    let updates = runs.iter().map(|run| u64::from(run.experiment.finetune.updates)).sum();
    let bar = ProgressBar::new(updates).with_style(style);
    let began = Instant::now();
    let outcomes = side_by_side(&runs, options.jobs, choice, device, &bar);
    bar.finish_and_clear();
    let (mut kept, mut failed) = (0, Vec::new());
    let outcomes = outcomes?;
    for (run, outcome) in runs.iter().zip(&outcomes) {
        match outcome {
            Outcome::Kept => kept += 1,
            Outcome::Computed(None) => {}
            Outcome::Computed(Some(failure)) => failed.push(format!("{}: {failure}", run.name())),
        }
    }
    let computed = outcomes.len() - kept;
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("{computed} runs computed, {kept} kept, in {seconds:.1} s, measurements included");
    if !failed.is_empty() {
        eprintln!("{} of the computed runs ended early and were written as failed:", failed.len());
        failed.iter().for_each(|line| eprintln!("  {line}"));
    }
    Ok(())
}

/// Runs one condition on one seed, if its file is not there yet.
pub(crate) fn one(
    name: &str,
    seed: u64,
    updates: Option<u32>,
    bases: Option<&Path>,
    file: PathBuf,
    choice: DeviceChoice,
    device: &Device,
) -> anyhow::Result<()> {
    let all = conditions();
    let condition = all.iter().find(|condition| condition.name == name);
    let condition =
        condition.with_context(|| format!("there is no condition {name:?}; `hedgerow conditions` lists them"))?;
    let run = Run::new(condition, seed, updates, bases, file)?;
    require_bases(std::slice::from_ref(&run))?;
    prepare(&run.file)?;
    run.make(choice, device, &ProgressBar::hidden()).map(drop)
}

/// Prints the conditions, as lines or as one JSON array.
pub(crate) fn list(json: bool) {
    if json {
        let rows: Vec<_> = conditions()
            .into_iter()
            .map(|condition| {
                serde_json::json!({
                    "name": condition.name,
                    "experiment": condition.group.name(),
                    "answers": condition.answers,
                    "arms": condition.arms,
                    "changes": condition.changes.iter().map(Change::to_string).collect::<Vec<_>>(),
                    "bases": bases_of(&condition),
                    "pretrain": condition.bases.map(flags_of),
                    "most_seeds": (condition.most_seeds < u64::MAX).then_some(condition.most_seeds),
                })
            })
            .collect();
        return println!("{}", serde_json::Value::from(rows));
    }
    for Condition { name, group, answers, .. } in conditions() {
        println!("{name:<28}{:<14}{answers}", group.name());
    }
}

impl Run {
    fn new(
        condition: &Condition,
        seed: u64,
        updates: Option<u32>,
        bases: Option<&Path>,
        file: PathBuf,
    ) -> anyhow::Result<Self> {
        let bases = bases.map_or_else(|| bases_of(condition).into(), Path::to_path_buf);
        let experiment = experiment_of(condition, seed, updates)
            .with_context(|| format!("the condition {} cannot be run", condition.name))?;
        Ok(Run { condition: condition.clone(), experiment, bases, file })
    }

    fn name(&self) -> String {
        format!("{} seed {}", self.condition.name, self.experiment.seeds[0])
    }

    fn parquet(&self) -> PathBuf {
        self.file.with_extension("parquet")
    }

    fn is_of(&self, report: &RunReport) -> bool {
        report.schema == SCHEMA && report.experiment == self.experiment
    }

    /// Computes the files, or finds them. The JSON file is written last: where it is, both are.
    fn make(&self, choice: DeviceChoice, device: &Device, bar: &ProgressBar) -> anyhow::Result<Outcome> {
        let say = |line: String| bar.suspend(|| eprintln!("{line}"));
        let file = self.file.display();
        if let Ok(bytes) = std::fs::read(&self.file) {
            match serde_json::from_slice::<RunReport>(&bytes) {
                Ok(report) if !self.is_of(&report) => say(format!("{file} is of another experiment: computed again")),
                Ok(_) if !table::is_whole(&self.parquet()) => {
                    say(format!("{} is missing or damaged: computed again", self.parquet().display()));
                }
                Ok(_) => {
                    bar.inc(u64::from(self.experiment.finetune.updates));
                    say(format!("{file} is there: kept"));
                    return Ok(Outcome::Kept);
                }
                Err(error) => say(format!("{file} cannot be read ({error}): computed again")),
            }
        }
        let began = Instant::now();
        let models = read_bases(&self.experiment.seeds, &self.bases)?;
        // Controls and sweeps ask one question each; what a number is worth is asked of the three experiments.
        let diagnose = !matches!(self.condition.group, Group::Controls | Group::Sweeps);
        let (report, failure) = run_to_report(&self.experiment, &models, diagnose, choice, device, bar)?;
        let failure = match failure {
            // The run is what it is: running it again would fail again.
            Some(hedgerow::Error::NotFinite { .. }) => report.failure.clone(),
            Some(error) => return Err(error.into()),
            None => None,
        };
        write(&self.parquet(), &table::parquet(&self.condition, &report)?)?;
        write(&self.file, serde_json::to_string(&report)?.as_bytes())?;
        let ended = failure.as_ref().map_or(String::new(), |failure| format!(", failed: {failure}"));
        say(format!("{}: {:.1} s{ended}", self.name(), began.elapsed().as_secs_f64()));
        Ok(Outcome::Computed(failure))
    }
}

/// What a condition runs on a seed: measured at the start, in the middle and at the end, or every ten updates.
fn experiment_of(condition: &Condition, seed: u64, updates: Option<u32>) -> Result<Experiment, hedgerow::Error> {
    let mut experiment = Experiment::preset(condition.rater);
    experiment.finetune.updates = updates.unwrap_or(experiment.finetune.updates);
    let every = if condition.throughout { 10 } else { experiment.finetune.updates.div_ceil(2) };
    experiment.measure = MeasureConfig { every, probe_every: every, samples: 2 };
    experiment.arms.clone_from(&condition.arms);
    experiment.seeds = vec![seed];
    experiment.own_world = WorldId::of(condition.theme);
    condition.changes.iter().for_each(|change| change.apply(&mut experiment));
    experiment.validate()?;
    Ok(experiment)
}

/// Where the base models of a condition are kept, from the root of the repository.
fn bases_of(condition: &Condition) -> String {
    match condition.bases {
        None => bases_of_site(condition.theme).display().to_string(),
        Some(bases) => format!("results/bases/{}", bases.name()),
    }
}

/// The command that makes the base models of a condition in a folder.
fn command_for_bases(condition: &Condition, seeds: &[u64], folder: &Path) -> String {
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let theme = (condition.theme != Theme::default()).then(|| format!(" --theme {}", condition.theme.id()));
    let flags = theme.into_iter().chain(condition.bases.map(flags_of)).collect::<String>();
    format!("hedgerow pretrain --seed {}{flags} --out {}", seeds.join(","), folder.display())
}

/// What makes `hedgerow pretrain` make these base models, each flag after a space.
fn flags_of(Bases { width, layers, steps }: Bases) -> String {
    let flag = |(name, number): (&str, Option<u32>)| number.map(|number| format!(" --{name} {number}"));
    let numbers = [("width", width), ("layers", layers), ("steps", steps)].into_iter().filter_map(flag);
    numbers.chain([" --no-gate".to_owned()]).collect()
}

/// Trains the base models of conditions that do not use those that ship, where they are not there yet.
fn make_bases(runs: &[Run], device: &Device) -> anyhow::Result<()> {
    for (run, seeds) in missing_bases(runs) {
        if let Some(bases) = run.condition.bases {
            eprintln!("base models of {}, seeds {seeds:?}:", run.condition.name);
            pretrain::pretrain(pretrain::Options::of_condition(bases, seeds, run.bases.clone()), device)?;
        }
    }
    Ok(())
}

/// Before anything is computed: are all the base models there?
fn require_bases(runs: &[Run]) -> anyhow::Result<()> {
    let folders = missing_bases(runs);
    if !folders.is_empty() {
        let command = |(run, seeds): &(&Run, Vec<u64>)| command_for_bases(&run.condition, seeds, &run.bases);
        let commands: Vec<String> = folders.iter().map(command).collect();
        bail!("base models are missing; to make them:\n  {}", commands.join("\n  "));
    }
    Ok(())
}

/// The first run of each folder that lacks base models, and their seeds.
fn missing_bases(runs: &[Run]) -> Vec<(&Run, Vec<u64>)> {
    let missing = |run: &&Run| {
        let seed = run.experiment.seeds[0];
        let there = |name: String| run.bases.join(name).is_file();
        !(there(format!("world-{seed}.json")) && there(format!("base-{seed}.safetensors")))
    };
    let mut folders: Vec<(&Run, Vec<u64>)> = Vec::new();
    for run in runs.iter().filter(missing) {
        let seed = run.experiment.seeds[0];
        match folders.iter_mut().find(|(other, _)| other.bases == run.bases) {
            Some((_, seeds)) if seeds.contains(&seed) => {}
            Some((_, seeds)) => seeds.push(seed),
            None => folders.push((run, vec![seed])),
        }
    }
    folders
}

/// Hands the runs out to threads, in order. Whole runs beside one another keep the cores busier
/// than one run spread over them: measurements and the host's part of an update use one core.
/// After an error no further run begins.
fn side_by_side(
    runs: &[Run],
    jobs: Option<u32>,
    choice: DeviceChoice,
    device: &Device,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<Outcome>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = match (jobs, choice) {
        (Some(jobs), _) => jobs as usize,
        (None, DeviceChoice::Flex) => cores,
        #[cfg(feature = "gpu")]
        (None, _) => 1,
    };
    let jobs = jobs.min(runs.len()).max(1);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new((0..runs.len()).map(|_| None).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                // A pool of its own: in a shared one, a run that waits would begin another inside itself.
                let pool = rayon::ThreadPoolBuilder::new().num_threads((cores / jobs).max(1)).build();
                while let Some((place, run)) = take(&next, runs) {
                    let outcome = match &pool {
                        Ok(pool) => pool.install(|| run.make(choice, device, bar)),
                        Err(error) => Err(anyhow::anyhow!("threads cannot be started: {error}")),
                    };
                    if outcome.is_err() {
                        next.store(runs.len(), Ordering::Relaxed);
                    }
                    let outcome = outcome.with_context(|| run.name());
                    outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)[place] = Some(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.into_iter().flatten().collect()
}

fn take<'a>(next: &AtomicUsize, runs: &'a [Run]) -> Option<(usize, &'a Run)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    Some((place, runs.get(place)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_composes() {
        for condition in conditions() {
            for updates in [None, Some(1), Some(2), Some(7)] {
                let composed = experiment_of(&condition, 0, updates);
                assert!(composed.is_ok(), "{}: {composed:?}", condition.name);
            }
        }
    }

    #[test]
    fn a_condition_measures_at_the_start_in_the_middle_and_at_the_end_or_every_ten_updates() {
        for (name, measured) in [("ppo", vec![0, 100, 200]), ("hedging", (0..=10).map(|tenth| 10 * tenth).collect())] {
            let condition = conditions().into_iter().find(|condition| condition.name == name).unwrap();
            let experiment = experiment_of(&condition, 3, None).unwrap();
            let at = |when: fn(&Experiment, u32) -> bool| -> Vec<u32> {
                (0..=experiment.finetune.updates).filter(|update| when(&experiment, *update)).collect()
            };
            assert_eq!(at(Experiment::measures_at), measured);
            assert_eq!(at(Experiment::probes_at), measured);
            assert_eq!((experiment.seeds, experiment.measure.samples), (vec![3], 2));
        }
    }

    #[test]
    fn a_missing_base_model_names_the_command_that_makes_it() {
        let nowhere = Path::new("nowhere");
        let all = conditions();
        for (name, command) in [
            ("hedging", "hedgerow pretrain --seed 3,5 --out nowhere"),
            ("width-32", "hedgerow pretrain --seed 3,5 --width 32 --no-gate --out nowhere"),
        ] {
            let condition = all.iter().find(|condition| condition.name == name).unwrap();
            let run = |seed| Run::new(condition, seed, None, Some(nowhere), "seed.json".into()).unwrap();
            let error = require_bases(&[run(3), run(3), run(5)]).unwrap_err().to_string();
            assert!(error.contains(command), "{error}");
        }
    }
}
