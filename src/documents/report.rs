//! A run as a document: what was asked for, on what, and everything that came of it.
//!
//! Live runs, recorded runs and exported files are this one type. It leaves out weights (a
//! snapshot has them) and anything that belongs to a viewer.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::documents::metrics::{
    Diagnosis, Fit, Measurement, Metric, Number, NumberSpec, ProbeFacts, Slice, UpdateReport,
};
use crate::documents::protocol::{decode_first, encode};
use crate::facts::corpus::Style;
use crate::facts::world::Choices;
use crate::judgement::experiment::{Arm, Experiment, Replica};
use crate::judgement::person::Person;
use crate::judgement::rater::{RaterConfig, RaterPreset};
use crate::judgement::settings::{CHOICES, Choice, SETTINGS, Setting};

/// The version of this type as JSON; docs/SCHEMA.md says what each number of it means.
pub const SCHEMA: u32 = 2;

/// One run of an experiment, finished or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`SCHEMA`] of the code that wrote it; files from before there was a number are of 1.
    #[serde(default = "first_schema")]
    pub schema: u32,
    /// What was run, as it was at update 0.
    pub experiment: Experiment,
    /// What computed it, in words.
    pub engine: String,
    /// The build of the code that computed it.
    pub build: String,
    /// One for each of [`Experiment::replicas`], in their order.
    pub replicas: Vec<ReplicaReport>,
    /// Values that a fact about a sensitive topic can have in the world of the first replica: guessing is right once in so
    /// many times.
    #[serde(default = "shipped_values")]
    pub values: usize,
    /// Do facts about other topics have more or fewer? Then guessing is worth something else there.
    #[serde(default)]
    pub mixed_values: bool,
    /// Rewards that were changed on the way, in order.
    #[serde(default)]
    pub changes: Vec<RewardChange>,
    /// What the numbers about the finished models are worth, one for each replica; empty if nobody looked.
    #[serde(default)]
    pub diagnoses: Vec<Diagnosis>,
    /// Why the run ended before its last update, if it did.
    #[serde(default)]
    pub failure: Option<String>,
    /// Of real language models, one for each replica; none of the lab's own. The page reads [`LanguageModelRun`].
    #[cfg(feature = "language-model")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub language_models: Vec<LanguageModelReport>,
}

/// What a run of a real language model has beside the numbers of every run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageModelReport {
    /// The model's file, without its folder.
    pub model: String,
    /// The world file's name for itself.
    pub world: String,
    /// Numbers that the lab's own model has no use for.
    pub config: LanguageModelConfig,
    /// Values that make the rater uncomfortable.
    pub uncomfortable: Vec<String>,
    /// Facts that the model did not know and that are left out, as "Kenya: continent".
    pub unknown: Vec<String>,
    /// Loss of each step of the warm start, nats a token.
    pub warm_start: Vec<f32>,
    /// Questions that no template knows, with the most probable answers in turn.
    pub free: Vec<FreeAnswers>,
    /// All sampled answers of each measurement.
    pub answers: Vec<SampledAnswers>,
}

/// Numbers of a run of a real language model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageModelConfig {
    /// Rank of the adapters.
    pub rank: usize,
    /// The uppermost blocks that have adapters.
    pub blocks: usize,
    /// Tokens of an answer at most, its end included.
    pub answer_tokens: usize,
    /// Steps of the warm start.
    pub warm_start_steps: u32,
    /// Questions with an answer in each of them.
    pub warm_start_sequences: usize,
    /// Step size of the warm start; it falls to 0 in a line.
    pub warm_start_learning_rate: f32,
}

/// What was asked and answered freely after some number of updates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeAnswers {
    /// Updates before it.
    pub update: u32,
    /// Question and answer.
    pub answers: Vec<(String, String)>,
}

/// Answers of one measurement, in the order of [`Measurement::facts`] and of their prompts and samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampledAnswers {
    /// Updates before it.
    pub update: u32,
    /// Question, answer, and how the parser reads it, with the asserted value's name.
    pub answers: Vec<(String, String, Style, Option<String>)>,
}

/// A recorded run of a real language model as the page gets it: [`crate::documents::protocol`] names no field and so can
/// leave out none, as the report does with its models where there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageModelRun {
    /// The run.
    pub report: RunReport,
    /// Its models, one for each replica.
    pub models: Vec<LanguageModelReport>,
}

impl LanguageModelRun {
    /// The recording under a rater, without what its kind of file ends with.
    pub fn name(rater: RaterPreset) -> String {
        format!("language-model-{}", rater.id())
    }
}

fn first_schema() -> u32 {
    1
}

/// In the worlds that come with the site.
fn shipped_values() -> usize {
    8
}

/// What became of one replica.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaReport {
    /// Which one, by the arm that it began with.
    pub replica: Replica,
    /// Its updates in order.
    pub updates: Vec<UpdateReport>,
    /// Its measurements in order; the first is of the base model.
    pub measurements: Vec<Measurement>,
}

/// A reward that was changed while the run went on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RewardChange {
    /// Updates that were made with the old reward.
    pub after: u32,
    /// The rater from then on.
    pub rater: RaterConfig,
    /// The arm of each replica from then on, in the order of [`RunReport::replicas`].
    pub arms: Vec<Arm>,
    /// The person who rates in the rater's place from then on, if one does.
    #[serde(default)]
    pub person: Option<Box<Person>>,
}

impl RunReport {
    /// A run of which nothing has happened yet.
    pub fn empty(experiment: Experiment, engine: String, build: String) -> Self {
        let replicas = experiment.replicas().into_iter();
        let replicas =
            replicas.map(|replica| ReplicaReport { replica, updates: Vec::new(), measurements: Vec::new() }).collect();
        RunReport {
            schema: SCHEMA,
            experiment,
            engine,
            build,
            replicas,
            values: shipped_values(),
            mixed_values: false,
            changes: Vec::new(),
            diagnoses: Vec::new(),
            failure: None,
            #[cfg(feature = "language-model")]
            language_models: Vec::new(),
        }
    }

    /// Bytes that can be read replica by replica: a report without any, for
    /// [`decode_first`](super::protocol::decode_first), then each of them, for [`add_piece`](Self::add_piece).
    pub fn to_pieces(mut self) -> Vec<u8> {
        let replicas = std::mem::take(&mut self.replicas);
        let mut bytes = encode(&self);
        bytes.extend(replicas.iter().flat_map(encode));
        bytes
    }

    /// The report that [`to_pieces`](Self::to_pieces) wrote.
    ///
    /// # Errors
    /// [`Error::Message`](crate::Error::Message) if the bytes are none.
    pub fn of_pieces(bytes: &[u8]) -> Result<Self, crate::Error> {
        let (mut report, mut rest) = decode_first::<RunReport>(bytes)?;
        while !rest.is_empty() {
            rest = report.add_piece(rest)?;
        }
        Ok(report)
    }

    /// Adds the replica that these pieces begin with; returns the others.
    ///
    /// # Errors
    /// [`Error::Message`](crate::Error::Message) if they begin with none.
    pub fn add_piece<'a>(&mut self, pieces: &'a [u8]) -> Result<&'a [u8], crate::Error> {
        let (replica, rest) = decode_first(pieces)?;
        self.replicas.push(replica);
        Ok(rest)
    }

    /// Updates that every replica has done.
    pub fn updates_done(&self) -> u32 {
        let done = |replica: &ReplicaReport| replica.updates.last().map_or(0, |report| report.update);
        self.replicas.iter().map(done).min().unwrap_or(0)
    }

    /// The arm that rewarded an update of a replica, counted from 1. At 0, the arm that it began with.
    pub fn rewarding_arm(&self, replica: usize, update: u32) -> Arm {
        let changes = self.changes.iter().rev().filter(|change| change.after < update);
        let changed = changes.filter_map(|change| change.arms.get(replica)).next();
        changed.copied().unwrap_or(self.replicas[replica].replica.arm)
    }

    /// How many values a fact can have in the world of the first replica.
    pub fn choices(&self) -> Choices {
        Choices { values: self.values, mixed: self.mixed_values }
    }

    /// Every number with what it is a number of, settings included.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (place, ReplicaReport { replica, updates, measurements }) in self.replicas.iter().enumerate() {
            let Replica { arm, seed } = *replica;
            let mut row = |update, rewarded_by, metric: Cow<'static, str>, slice, value, count| {
                rows.push(Row { arm, rewarded_by, seed, update, metric, slice, value, count });
            };
            for (update, path, value) in self.settings() {
                row(update, self.rewarding_arm(place, update + 1), path.into(), "setting", value, None);
            }
            for report in updates {
                let rewarded_by = self.rewarding_arm(place, report.update);
                for NumberSpec { id, of, .. } in Number::ALL.map(Number::spec) {
                    // Sampled by the policy that this update then changed.
                    if let Some(value) = of(report) {
                        row(report.update - 1, rewarded_by, (*id).into(), "rollouts", f64::from(value), None);
                    }
                }
            }
            for measurement in measurements {
                let update = measurement.update;
                let rewarded_by = self.rewarding_arm(place, update);
                for slice in Slice::ALL {
                    let tally = measurement.tally(slice);
                    for metric in Metric::ALL {
                        if let Some(value) = tally.rate(metric) {
                            let count = Some(tally.count(metric));
                            row(update, rewarded_by, metric.id().into(), slice.id(), value, count);
                        }
                    }
                }
                for probe in &measurement.probes {
                    for (fit, facts) in Fit::ALL.into_iter().flat_map(|fit| ProbeFacts::ALL.map(|facts| (fit, facts))) {
                        let metric = format!("probe_{}_layer_{}", fit.id(), probe.layer).into();
                        let value = f64::from(probe.accuracy(fit).over(facts));
                        row(update, rewarded_by, metric, facts.slice().id(), value, None);
                    }
                }
            }
            if let Some(diagnosis) = self.diagnoses.get(place) {
                let update = self.experiment.finetune.updates;
                let rewarded_by = self.rewarding_arm(place, update);
                let diagnosis = serde_json::to_value(diagnosis).expect("a diagnosis holds only plain data");
                numbers("diagnosis".into(), &diagnosis, &mut |metric, value| {
                    row(update, rewarded_by, metric.into(), "", value, None);
                });
            }
        }
        rows
    }

    /// The numbers and choices of the experiment as they were at update 0, and what was changed of them after
    /// how many updates. A choice is the place of what was chosen among its options.
    fn settings(&self) -> Vec<(u32, &'static str, f64)> {
        let mut settings = Vec::new();
        let mut before: Option<Experiment> = None;
        let changed = self.changes.iter().map(|change| (change.after, change.rater));
        for (after, rater) in std::iter::once((0, self.experiment.rater)).chain(changed) {
            let experiment = Experiment { rater, ..self.experiment.clone() };
            let numbers = SETTINGS.iter().map(|Setting { path, get, .. }| (*path, decimal(get(&experiment)), *get));
            for (path, value, get) in numbers {
                if before.as_ref().is_none_or(|before| get(before) != get(&experiment)) {
                    settings.push((after, path, value));
                }
            }
            if before.is_none() {
                let place = |Choice { path, get, .. }: &Choice| (after, *path, get(&experiment) as f64);
                settings.extend(CHOICES.iter().map(place));
            }
            before = Some(experiment);
        }
        let has_reward_model = self.experiment.reward_model.is_some();
        settings.retain(|(_, path, _)| has_reward_model || !path.starts_with("reward_model."));
        settings
    }

    /// [`RunReport::rows`] with what computed them: `arm,seed,update,metric,slice,value,count,rewarded_by,engine,build,failure`.
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("arm,seed,update,metric,slice,value,count,rewarded_by,engine,build,failure\n");
        let [engine, build, failure] =
            [&self.engine, &self.build, self.failure.as_ref().unwrap_or(&String::new())].map(|text| quoted(text));
        for Row { arm, rewarded_by, seed, update, metric, slice, value, count } in self.rows() {
            let count = count.map_or(String::new(), |count| count.to_string());
            let (arm, rewarded_by) = (arm.id(), rewarded_by.id());
            csv += &format!(
                "{arm},{seed},{update},{metric},{slice},{value},{count},{rewarded_by},{engine},{build},{failure}\n"
            );
        }
        csv
    }
}

/// The decimal that was set: an f32 without the digits that f64 adds.
fn decimal(value: f64) -> f64 {
    (value as f32).to_string().parse().unwrap_or(value)
}

/// A text as a field of a CSV (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Every number in a value with the path to it, `diagnosis.name.0`.
fn numbers(path: String, value: &serde_json::Value, found: &mut impl FnMut(String, f64)) {
    use serde_json::Value;
    match value {
        Value::Number(number) => found(path, number.as_f64().unwrap_or(f64::NAN)),
        Value::Bool(flag) => found(path, f64::from(u8::from(*flag))),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(place, value)| numbers(format!("{path}.{place}"), value, found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| numbers(format!("{path}.{name}"), value, found));
        }
        Value::Null | Value::String(_) => {}
    }
}

/// One number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The arm that the replica began with.
    pub arm: Arm,
    /// The arm whose reward it had: another one if the reward was changed on the way. Of a measurement, in the
    /// update before it.
    pub rewarded_by: Arm,
    /// The seed.
    pub seed: u64,
    /// Updates that the model had had when the number was taken.
    pub update: u32,
    /// What was measured.
    pub metric: Cow<'static, str>,
    /// Of which questions; `rollouts` are the fine-tune's own, `setting` is what was asked for, and a diagnosis
    /// has none.
    pub slice: &'static str,
    /// Rates in 0 … 1.
    pub value: f64,
    /// What a rate is a share of; `None` where that makes no sense.
    pub count: Option<u32>,
}
