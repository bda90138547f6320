//! The shelf: runs that have ended or were paused on this device, or came as files; what is said of each, and what differs
//! between two.
//!
//! A run is named by what determines it, so that the same run made twice is there once. Leaves out what a file is at all
//! (`model::files`), where runs are kept (`storage::shelf`) and all words.

use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::documents::report::{RewardChange, RunReport};
use hedgerow::judgement::experiment::{Arm, Experiment, WorldId};
use hedgerow::judgement::rater::RaterPreset;
use hedgerow::judgement::settings::{CHOICES, SETTINGS};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::draft::{preset, rewards_differ};
use super::files::read::{content, text};
use super::files::{Content, Fault};

/// What is said of a run without reading its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its settings.
    pub experiment: Experiment,
    /// Was the reward changed on the way?
    pub changed: bool,
    /// What computed it.
    pub engine: String,
    /// Updates that every model has done.
    pub done: u32,
    /// The latest measurement of each model.
    pub ends: Vec<End>,
}

/// Where a model ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Its arm, as it began.
    pub arm: Arm,
    /// Its seed.
    pub seed: u64,
    /// False answers among all about uncomfortable facts; as all of these, `None` where nothing of it was measured.
    pub wrong: Option<f64>,
    /// Hedges among all answers about sensitive topics.
    pub hedging: Option<f64>,
    /// Uncomfortable facts that it still knows.
    pub known: Option<f64>,
}

/// A run on the shelf.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Names it.
    pub id: String,
    /// When it was put there, in milliseconds since 1970.
    pub at: f64,
    /// What the visitor calls it; empty without a name.
    pub name: String,
    /// What the visitor wrote to it.
    pub note: String,
    /// Is it kept whatever comes?
    pub pinned: bool,
    /// Are its models there as well?
    pub has_models: bool,
    /// What is said of it; `None` if a newer page wrote it.
    pub line: Option<Line>,
}

/// What its visitor says of a run on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// What it is called.
    Name(String),
    /// A note to it.
    Note(String),
    /// Whether it is kept whatever comes.
    Pinned(bool),
}

impl Entry {
    /// The visitor says something of it.
    pub fn say(&mut self, said: &Said) {
        match said {
            Said::Name(name) => self.name.clone_from(name),
            Said::Note(note) => self.note.clone_from(note),
            Said::Pinned(pinned) => self.pinned = *pinned,
        }
    }
}

/// What is known of the shelf.
#[derive(Debug, Clone, PartialEq)]
pub enum Shelf {
    /// It is looked at.
    Asked,
    /// What it holds, the latest first.
    Here(Vec<Entry>),
    /// What reads it could not be fetched.
    NotFetched,
    /// There is no storage; holds the browser's reason.
    NoStorage(String),
}

/// Why a run does not come onto the shelf or off it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Its file cannot be read.
    Unreadable(Fault),
    /// The file holds a prediction alone.
    Prediction,
    /// No state of its models was taken yet, or it is not of these base models.
    NoModels,
    /// The browser's reason.
    Browser(String),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused::Unreadable(fault)
    }
}

/// The run of a file, finished or not, and the file's text as it is kept.
///
/// # Errors
/// Why there is none.
pub fn run_of_file(file: &[u8]) -> Result<(Box<RunReport>, &str), Refused> {
    let text = text(file)?;
    match content(text)? {
        Content::Run(report, _) => Ok((report, text)),
        Content::Prediction(_) => Err(Refused::Prediction),
        Content::Ratings(_) => Err(Fault::Ratings.into()),
    }
}

/// What determines a run.
#[derive(Serialize)]
struct Determined<'run> {
    experiment: &'run Experiment,
    changes: &'run [RewardChange],
    engine: &'run str,
    build: &'run str,
}

/// The name of a run among others: a digest of what determines it.
pub fn id(report: &RunReport) -> String {
    let RunReport { experiment, changes, engine, build, .. } = report;
    let determined = serde_json::to_vec(&Determined { experiment, changes, engine, build }).unwrap_or_default();
    Sha256::digest(determined).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// What is said of a run.
pub fn line(report: &RunReport) -> Line {
    let end = |replica: &hedgerow::documents::report::ReplicaReport| {
        let last = replica.measurements.last()?;
        Some(End {
            arm: replica.replica.arm,
            seed: replica.replica.seed,
            wrong: last.rate(Metric::Incorrect, Slice::Uncomfortable),
            hedging: last.rate(Metric::Hedging, Slice::Sensitive),
            known: last.rate(Metric::StillKnown, Slice::Uncomfortable),
        })
    };
    Line {
        experiment: report.experiment.clone(),
        changed: !report.changes.is_empty(),
        engine: report.engine.clone(),
        done: report.updates_done(),
        ends: report.replicas.iter().filter_map(end).collect(),
    }
}

/// A setting that two experiments do not share, by its path.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// Who is compared.
    Arms(Vec<Arm>, Vec<Arm>),
    /// With which seeds.
    Seeds(Vec<u64>, Vec<u64>),
    /// A number.
    Number(&'static str, f64, f64),
    /// A choice, by the places of what was chosen.
    Choice(&'static str),
    /// Where rewards come from: the rater, a model of it, or a person.
    RewardModel,
    /// What is true: worlds of one of the site's themes, or one of somebody's own.
    World(Option<WorldId>, Option<WorldId>),
}

/// What differs between two experiments, in the order of the settings. How often is measured is no difference.
pub fn differences(one: &Experiment, other: &Experiment) -> Vec<Difference> {
    let mut all = Vec::new();
    if one.arms != other.arms {
        all.push(Difference::Arms(one.arms.clone(), other.arms.clone()));
    }
    if one.seeds != other.seeds {
        all.push(Difference::Seeds(one.seeds.clone(), other.seeds.clone()));
    }
    if rewards_differ(one, other) {
        all.push(Difference::RewardModel);
    }
    if one.own_world != other.own_world {
        all.push(Difference::World(one.own_world, other.own_world));
    }
    let numbers = SETTINGS.iter().filter(|setting| !setting.path.starts_with("measure."));
    all.extend(numbers.filter_map(|setting| {
        let [first, second] = [one, other].map(|own| (setting.get)(own));
        (first != second).then_some(Difference::Number(setting.path, first, second))
    }));
    let chosen = CHOICES.iter().filter(|choice| (choice.get)(one) != (choice.get)(other));
    all.extend(chosen.map(|choice| Difference::Choice(choice.path)));
    all
}

/// The preset that an experiment is nearest to, and what differs from it, arms and seeds left out.
pub fn nearest(experiment: &Experiment) -> (RaterPreset, Vec<Difference>) {
    let from = |preset: RaterPreset| {
        let Experiment { arms, seeds, .. } = experiment.clone();
        (preset, differences(&Experiment { arms, seeds, ..Experiment::preset(preset) }, experiment))
    };
    if let Some(own) = preset(&experiment.rater) {
        return from(own);
    }
    let [one, other] = RaterPreset::ALL.map(from);
    if other.1.len() < one.1.len() { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::Question;
    use hedgerow::documents::metrics::BeliefTally;

    fn report(experiment: Experiment) -> RunReport {
        RunReport::empty(experiment, "CPU in a browser, 1 worker".into(), "1".into())
    }

    #[test]
    fn a_run_is_named_by_what_determines_it_and_by_nothing_else() {
        let experiment = Question::Attribution.experiment(vec![3]);
        let first = id(&report(experiment.clone()));
        let mut measured = report(experiment.clone());
        measured.failure = Some("stopped".into());
        assert_eq!(id(&measured), first, "how far it came is no part of its name");
        let mut others = vec![report(Experiment { seeds: vec![4], ..experiment.clone() })];
        others.push(RunReport { build: "2".into(), ..report(experiment.clone()) });
        others.push(RunReport { engine: "WebGPU".into(), ..report(experiment.clone()) });
        let mut other = report(experiment.clone());
        other.experiment.finetune.kl += 0.01;
        others.push(other);
        let mut changed = report(experiment);
        changed.changes.push(RewardChange { after: 5, rater: changed.experiment.rater, arms: vec![], person: None });
        others.push(changed);
        for other in others {
            assert_ne!(id(&other), first, "{other:?}");
        }
    }

    #[test]
    fn the_shelf_takes_runs_and_nothing_else() {
        let file = include_str!("../../../tests/data/report.json");
        let marked = format!("\u{feff}{file}");
        let (report, kept) = run_of_file(marked.as_bytes()).unwrap();
        assert_eq!((&*report, kept), (&serde_json::from_str(file).unwrap(), file.trim()));
        // Unlike a class, it takes those that were not finished, or whose reward was changed.
        let mut own = *report;
        own.replicas.iter_mut().for_each(|replica| replica.updates.truncate(1));
        own.changes.push(RewardChange {
            after: 1,
            rater: own.experiment.rater,
            arms: own.experiment.arms.clone(),
            person: None,
        });
        own.failure = Some("stopped".into());
        let json = serde_json::to_string(&own).unwrap();
        assert_eq!(run_of_file(json.as_bytes()).map(|(report, _)| *report), Ok(own));
        let real = json.replacen('{', "{\"language_models\":[],", 1);
        assert_eq!(run_of_file(real.as_bytes()), Err(Refused::Unreadable(Fault::RealModel)));
        let prediction = r#"{"hedgerow_prediction": 1, "id": "1", "settings": "s=4", "expected": [{"arm": "scalar", "low": 0.1, "likely": 0.2, "high": 0.3}]}"#;
        assert_eq!(run_of_file(prediction.as_bytes()), Err(Refused::Prediction));
    }

    #[test]
    fn what_differs_is_named_and_nothing_else() {
        let one = Question::Attribution.experiment(vec![3]);
        assert_eq!(differences(&one, &one), []);
        let mut other = one.clone();
        other.measure.every = 5;
        assert_eq!(differences(&one, &other), [], "measuring is no part of the experiment");
        other.own_world = Some(WorldId::Everyday);
        assert_eq!(differences(&one, &other), [Difference::World(None, Some(WorldId::Everyday))]);
        other.own_world = None;
        other.rater.check_probability = 0.9;
        other.seeds = vec![3, 4];
        let [Difference::Seeds(..), Difference::Number(path, first, second)] = &differences(&one, &other)[..] else {
            panic!("{:?}", differences(&one, &other))
        };
        assert_eq!((*path, *first as f32, *second as f32), ("rater.check_probability", 0.2, 0.9));
        let (preset, own) = nearest(&other);
        assert_eq!((preset, own.len()), (RaterPreset::UncomfortableFacts, 1));
        assert_eq!(nearest(&Question::Hedging.experiment(vec![0])).0, RaterPreset::TouchyTopic);
    }

    /// A run that waits for its rater stops where knowledge was not asked for, and was said to know nothing.
    #[test]
    fn what_was_not_measured_has_no_share() {
        let gz = include_bytes!("../../../public/recorded/hedging.json.gz");
        let mut run: RunReport = serde_json::from_reader(flate2::read::GzDecoder::new(gz.as_slice())).unwrap();
        for replica in &mut run.replicas {
            for (_, tally) in &mut replica.measurements.last_mut().unwrap().cells {
                tally.belief = BeliefTally::default();
            }
        }
        for end in line(&run).ends {
            assert!(end.known.is_none() && end.wrong.is_some(), "{end:?}");
        }
    }

    #[test]
    fn a_line_says_what_the_run_s_last_measurements_say() {
        let gz = include_bytes!("../../../public/recorded/hedging.json.gz");
        let run: RunReport = serde_json::from_reader(flate2::read::GzDecoder::new(gz.as_slice())).unwrap();
        let own = line(&run);
        assert_eq!((own.ends.len(), own.done), (run.replicas.len(), run.experiment.finetune.updates));
        for (end, replica) in own.ends.iter().zip(&run.replicas) {
            let last = replica.measurements.last().unwrap();
            assert_eq!(end.hedging, last.rate(Metric::Hedging, Slice::Sensitive));
            assert_eq!((end.arm, end.seed), (replica.replica.arm, replica.replica.seed));
        }
        let again: Line = serde_json::from_str(&serde_json::to_string(&own).unwrap()).unwrap();
        assert_eq!(again, own);
    }
}
