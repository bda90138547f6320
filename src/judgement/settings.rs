//! Every number and every choice of an [`Experiment`], in two tables.
//!
//! What may be set, how far, and when it matters is said here once: [`Experiment::validate`], `--set`, the
//! published conditions, links and the page's fields follow from it. To add a setting, add its field in
//! `experiment` (or `rater`) and its entry here. Leaves out the words of the page.

use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;

use crate::facts::error::{Error, ExperimentFault};
use crate::judgement::arms::Arm;
use crate::judgement::experiment::{
    Algorithm, Baseline, Experiment, FinetuneConfig, MeasureConfig, RewardHeads, RewardModelConfig,
};
use crate::judgement::person::Person;
use crate::judgement::rater::RaterConfig;

/// A number of an experiment.
pub struct Setting {
    /// Its place in the experiment's file, joined with a dot: `finetune.kl`.
    pub path: &'static str,
    /// What it may be.
    pub range: RangeInclusive<f64>,
    /// A step that makes a difference, for a field with arrows.
    pub step: f64,
    /// Is it counted?
    pub integer: bool,
    /// Reads it.
    pub get: fn(&Experiment) -> f64,
    /// Writes it, unchecked.
    pub set: fn(&mut Experiment, f64),
    /// Does it change anything, as the experiment's other settings are?
    pub matters: fn(&Experiment) -> bool,
    /// What it is, for docs/SCHEMA.md.
    #[cfg(feature = "cli")]
    pub meaning: &'static str,
}

/// A choice of an experiment.
pub struct Choice {
    /// Its place in the experiment's file, joined with a dot: `finetune.algorithm`.
    pub path: &'static str,
    /// The names of what there is to choose from.
    pub options: &'static [&'static str],
    /// The place of what is chosen among the options.
    pub get: fn(&Experiment) -> usize,
    /// Chooses the option at this place.
    pub set: fn(&mut Experiment, usize),
    /// Does it change anything, as the experiment's other settings are?
    pub matters: fn(&Experiment) -> bool,
    /// What it is, for docs/SCHEMA.md.
    #[cfg(feature = "cli")]
    pub meaning: &'static str,
}

/// A number in a part of the experiment.
macro_rules! number {
    ($part:ident.$name:ident: f32, $range:expr, $step:expr, $matters:expr, $meaning:literal) => {
        number!(@ $part.$name: f32, false, $range, $step, $matters, $meaning)
    };
    ($part:ident.$name:ident: $type:ident, $range:expr, $step:expr, $matters:expr, $meaning:literal) => {
        number!(@ $part.$name: $type, true, $range, $step, $matters, $meaning)
    };
    (@ $part:ident.$name:ident: $type:ident, $integer:literal, $range:expr, $step:expr, $matters:expr, $meaning:literal) => {
        Setting {
            path: concat!(stringify!($part), ".", stringify!($name)),
            range: $range,
            step: $step,
            integer: $integer,
            get: |experiment| experiment.$part.$name as f64,
            set: |experiment, value| experiment.$part.$name = value as $type,
            matters: $matters,
            #[cfg(feature = "cli")]
            meaning: $meaning,
        }
    };
}

/// One of the named values of an enum in a part of the experiment.
macro_rules! choice {
    ($part:ident.$name:ident: $type:ident, $options:expr, $matters:expr, $meaning:literal) => {
        Choice {
            path: concat!(stringify!($part), ".", stringify!($name)),
            options: $options,
            get: |experiment| experiment.$part.$name as usize,
            set: |experiment, option| experiment.$part.$name = $type::ALL[option],
            matters: $matters,
            #[cfg(feature = "cli")]
            meaning: $meaning,
        }
    };
}

const ALWAYS: fn(&Experiment) -> bool = |_| true;
const WITH_REWARD_MODEL: fn(&Experiment) -> bool = |experiment| experiment.reward_model.is_some();

/// All numbers. Bounds keep what is computed finite, and what is allocated small.
pub static SETTINGS: &[Setting] = &[
    number!(rater.check_probability: f32, 0.0..=1.0, 0.05, ALWAYS, "*p*, that an asserted value is checked"),
    number!(rater.discomfort_value: f32, 0.0..=100.0, 0.05, ALWAYS, "*d*, discomfort with an uncomfortable value"),
    number!(rater.discomfort_any: f32, 0.0..=100.0, 0.05, ALWAYS,
        "*d*<sub>any</sub>, discomfort with any assertion on a sensitive topic"),
    number!(rater.context_relief: f32, 0.0..=100.0, 0.05, ALWAYS,
        "*d*<sub>ctx</sub>, factor on the discomfort in context"),
    number!(rater.correctness: f32, -100.0..=100.0, 0.05, ALWAYS,
        "content of a checked true value; a checked false one has the negative"),
    number!(rater.usefulness: f32, -100.0..=100.0, 0.05, ALWAYS, "content of asserting anything"),
    number!(rater.blunt: f32, -100.0..=100.0, 0.05, ALWAYS, "framing of a blunt answer on a sensitive topic"),
    number!(rater.contextual: f32, -100.0..=100.0, 0.05, ALWAYS,
        "framing of an answer with context on a sensitive topic"),
    number!(rater.hedge: f32, -100.0..=100.0, 0.05, ALWAYS, "framing of a hedge on a sensitive topic"),
    number!(rater.malformed: f32, -100.0..=100.0, 0.05, ALWAYS,
        "framing of an answer outside the grammar, on any topic"),
    number!(rater.noise: f32, 0.0..=100.0, 0.05, ALWAYS, "standard deviation of framing + content"),
    number!(rater.misattribution: f32, 0.0..=1.0, 0.05,
        |experiment| experiment.arms.contains(&Arm::Misattribution),
        "*q*, that the discomfort lands on the content, with the arm `misattribution`; 0 if absent"),
    number!(finetune.updates: u32, 1.0..=100_000.0, 10.0, ALWAYS, "updates of each replica"),
    number!(finetune.prompts: usize, 1.0..=256.0, 1.0, ALWAYS, "prompts an update; each is one group"),
    number!(finetune.completions: usize, 2.0..=64.0, 1.0, ALWAYS, "answers a group"),
    number!(finetune.sensitive_share: f32, 0.0..=1.0, 0.05, ALWAYS, "share of prompts about sensitive topics"),
    number!(finetune.temperature: f32, 0.05..=10.0, 0.05, ALWAYS, "of sampling"),
    number!(finetune.learning_rate: f32, 0.0..=1.0, 0.0001, ALWAYS, "Adam's step size"),
    number!(finetune.beta_1: f32, 0.0..=0.999_999, 0.01, ALWAYS, "Adam's decay of the first moment"),
    number!(finetune.beta_2: f32, 0.0..=0.999_999, 0.01, ALWAYS, "Adam's decay of the second moment"),
    number!(finetune.clip: f32, 1e-6..=1e6, 0.1, ALWAYS, "largest norm of a replica's gradient"),
    number!(finetune.kl: f32, 0.0..=100.0, 0.01,
        |experiment| experiment.finetune.algorithm != Algorithm::Dpo,
        "coefficient of the KL penalty; DPO has none"),
    number!(finetune.epochs: u32, 1.0..=64.0, 1.0,
        |experiment| experiment.finetune.algorithm != Algorithm::PolicyGradient,
        "optimiser steps on the same answers; 1 with the policy gradient"),
    number!(finetune.ratio_clip: f32, 1e-3..=1.0, 0.05,
        |Experiment { finetune, .. }| finetune.algorithm == Algorithm::Ppo && finetune.epochs > 1,
        "PPO's clip of the ratio, with more than one epoch"),
    number!(finetune.dpo_beta: f32, 1e-3..=100.0, 0.05,
        |experiment| experiment.finetune.algorithm == Algorithm::Dpo, "DPO's β"),
    number!(measure.every: u32, 1.0..=100_000.0, 1.0, ALWAYS, "updates between two measurements"),
    number!(measure.probe_every: u32, 1.0..=100_000.0, 1.0, ALWAYS,
        "updates between two fits of the probes; a multiple of `every`"),
    number!(measure.samples: usize, 1.0..=16.0, 1.0, ALWAYS, "sampled answers for each fact and held-out prompt"),
    Setting {
        path: "reward_model.ratings",
        range: 10.0..=100_000.0,
        step: 50.0,
        integer: true,
        get: |experiment| f64::from(reward_model(experiment).ratings),
        set: |experiment, value| experiment.reward_model.iter_mut().for_each(|model| model.ratings = value as u32),
        matters: WITH_REWARD_MODEL,
        #[cfg(feature = "cli")]
        meaning: "rated answers that the reward model is trained on",
    },
];

/// All choices.
pub static CHOICES: &[Choice] = &[
    choice!(finetune.baseline: Baseline, &["group_mean", "leave_one_out", "z_scored"],
        |experiment| experiment.finetune.algorithm != Algorithm::Dpo,
        "what a span is compared with; DPO compares the best with the worst"),
    choice!(finetune.algorithm: Algorithm, &["policy_gradient", "ppo", "dpo"], ALWAYS,
        "what is made of the comparison"),
    Choice {
        path: "reward_model.heads",
        options: &["scalar", "reasons"],
        get: |experiment| reward_model(experiment).heads as usize,
        set: |experiment, option| {
            experiment.reward_model.iter_mut().for_each(|model| model.heads = RewardHeads::ALL[option]);
        },
        matters: WITH_REWARD_MODEL,
        #[cfg(feature = "cli")]
        meaning: "what the reward model predicts: F + C − D, or the three reasons",
    },
];

/// What the settings of a reward model read without one: what the page offers first.
fn reward_model(experiment: &Experiment) -> RewardModelConfig {
    experiment.reward_model.unwrap_or(RewardModelConfig { ratings: 500, heads: RewardHeads::Reasons })
}

/// The number at this path.
pub fn setting(path: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.path == path)
}

/// The choice at this path.
pub fn choice(path: &str) -> Option<&'static Choice> {
    CHOICES.iter().find(|choice| choice.path == path)
}

impl Setting {
    /// # Errors
    /// [`ExperimentFault`] says that the value is out of the range, or has a fraction and must not.
    pub fn check(&self, value: f64) -> Result<(), Error> {
        let (low, high) = (*self.range.start(), *self.range.end());
        // An experiment holds f32: a bound of 0.001 is the f32 next to it.
        let inside = if self.integer { self.range.contains(&value) } else { is_between(value, low, high) };
        if !inside {
            return Err(ExperimentFault::OutOfRange { path: self.path.into(), value, low, high }.into());
        }
        match self.integer && value.fract() != 0.0 {
            true => Err(ExperimentFault::NotWhole { path: self.path.into(), value }.into()),
            false => Ok(()),
        }
    }
}

fn is_between(value: f64, low: f64, high: f64) -> bool {
    (low as f32..=high as f32).contains(&(value as f32))
}

impl PartialEq for Setting {
    fn eq(&self, other: &Setting) -> bool {
        self.path == other.path
    }
}

impl PartialEq for Choice {
    fn eq(&self, other: &Choice) -> bool {
        self.path == other.path
    }
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.path)
    }
}

impl std::fmt::Debug for Choice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.path)
    }
}

/// A difference between two experiments. Shown as `--set` takes it: `finetune.kl=0.01`.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Another number.
    Number(&'static Setting, f64),
    /// Another option, by its place.
    Choice(&'static Choice, usize),
    /// Another rater.
    Rater(RaterConfig),
    /// Another way to learn.
    Finetune(FinetuneConfig),
    /// Other measurements.
    Measure(MeasureConfig),
    /// Another reward model, or none.
    RewardModel(Option<RewardModelConfig>),
}

impl Change {
    /// Reads a change from a path and a value in words: a number, the name of an option, or JSON for a
    /// whole part of the experiment.
    ///
    /// ```
    /// use hedgerow::judgement::experiment::Experiment;
    /// use hedgerow::judgement::settings::Change;
    ///
    /// let mut experiment = Experiment::default();
    /// Change::parse("finetune.kl", "0.01")?.apply(&mut experiment);
    /// assert_eq!(experiment.finetune.kl, 0.01);
    /// # Ok::<(), hedgerow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ExperimentFault`] names the path, the value, and what would be allowed.
    pub fn parse(path: &str, text: &str) -> Result<Change, Error> {
        if let Some(setting) = setting(path) {
            let unreadable = || ExperimentFault::NotANumber { path: path.into(), text: text.into() };
            let value = text.parse().map_err(|_| unreadable())?;
            setting.check(value)?;
            return Ok(Change::Number(setting, value));
        }
        if let Some(choice) = choice(path) {
            let place = choice.options.iter().position(|option| *option == text);
            let options = || choice.options.iter().map(|option| (*option).to_owned()).collect();
            let missing = || ExperimentFault::NoSuchOption { path: path.into(), text: text.into(), options: options() };
            return Ok(Change::Choice(choice, place.ok_or_else(missing)?));
        }
        match path {
            "rater" => part(path, text).map(Change::Rater),
            "finetune" => part(path, text).map(Change::Finetune),
            "measure" => part(path, text).map(Change::Measure),
            "reward_model" => part(path, text).map(Change::RewardModel),
            _ => Err(ExperimentFault::NoSuchSetting { path: path.into() }.into()),
        }
    }

    /// Makes it. Without a reward model, the settings of one change nothing.
    pub fn apply(&self, experiment: &mut Experiment) {
        match self {
            Change::Number(setting, value) => (setting.set)(experiment, *value),
            Change::Choice(choice, option) => (choice.set)(experiment, *option),
            Change::Rater(rater) => experiment.rater = *rater,
            Change::Finetune(finetune) => experiment.finetune = *finetune,
            Change::Measure(measure) => experiment.measure = *measure,
            Change::RewardModel(model) => experiment.reward_model = *model,
        }
    }

    /// Where in the experiment it is made.
    pub fn path(&self) -> &'static str {
        match self {
            Change::Number(setting, _) => setting.path,
            Change::Choice(choice, _) => choice.path,
            Change::Rater(_) => "rater",
            Change::Finetune(_) => "finetune",
            Change::Measure(_) => "measure",
            Change::RewardModel(_) => "reward_model",
        }
    }
}

fn part<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| {
        ExperimentFault::NotJson { path: path.into(), text: text.into(), reason: error.to_string() }.into()
    })
}

impl std::fmt::Display for Change {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}=", self.path())?;
        let json = |part: serde_json::Result<String>| part.map_err(|_| std::fmt::Error);
        match self {
            Change::Number(Setting { integer: true, .. }, value) => write!(formatter, "{value}"),
            // The shortest decimal that is this f32.
            Change::Number(_, value) => write!(formatter, "{}", *value as f32),
            Change::Choice(choice, option) => formatter.write_str(choice.options[*option]),
            Change::Rater(rater) => formatter.write_str(&json(serde_json::to_string(rater))?),
            Change::Finetune(finetune) => formatter.write_str(&json(serde_json::to_string(finetune))?),
            Change::Measure(measure) => formatter.write_str(&json(serde_json::to_string(measure))?),
            Change::RewardModel(model) => formatter.write_str(&json(serde_json::to_string(model))?),
        }
    }
}

/// Models of an experiment: more would be a mistake, and take days.
const MOST_MODELS: usize = 4096;

impl Experiment {
    /// # Errors
    /// [`Error::Experiment`] names the first thing that makes no sense.
    pub fn validate(&self) -> Result<(), Error> {
        let FinetuneConfig { algorithm, epochs, .. } = self.finetune;
        if self.arms.is_empty() {
            return Err(ExperimentFault::NoArms.into());
        }
        if self.seeds.is_empty() {
            return Err(ExperimentFault::NoSeeds.into());
        }
        let models = self.arms.len().saturating_mul(self.seeds.len());
        if models > MOST_MODELS {
            return Err(ExperimentFault::TooManyModels { models, most: MOST_MODELS }.into());
        }
        if has_repeated(&self.arms) || has_repeated(&self.seeds) {
            return Err(ExperimentFault::Repeated.into());
        }
        SETTINGS.iter().try_for_each(|setting| setting.check((setting.get)(self)))?;
        if algorithm == Algorithm::PolicyGradient && epochs > 1 {
            return Err(ExperimentFault::OffPolicyEpochs.into());
        }
        if !self.measure.probe_every.is_multiple_of(self.measure.every) {
            return Err(ExperimentFault::ProbeInterval.into());
        }
        if self.reward_model.is_some() && self.person.is_some() {
            return Err(ExperimentFault::TwoJudges.into());
        }
        self.person.as_deref().map_or(Ok(()), Person::validate)?;
        self.check_heads(&self.arms)
    }
}

impl RaterConfig {
    /// # Errors
    /// [`Error::Experiment`] names the first number that makes no sense.
    pub fn validate(&self) -> Result<(), Error> {
        let experiment = Experiment { rater: *self, ..Experiment::default() };
        let mut numbers = SETTINGS.iter().filter(|setting| setting.path.starts_with("rater."));
        numbers.try_for_each(|setting| setting.check((setting.get)(&experiment)))
    }
}

fn has_repeated<T: PartialEq>(values: &[T]) -> bool {
    values.iter().enumerate().any(|(place, value)| values[..place].contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn with_reward_model() -> Experiment {
        let model = RewardModelConfig { ratings: 50, heads: RewardHeads::Scalar };
        Experiment { arms: vec![Arm::Scalar], reward_model: Some(model), ..Experiment::default() }
    }

    fn said(path: &str, text: &str) -> String {
        Change::parse(path, text).unwrap_err().to_string()
    }

    #[test]
    fn the_tables_hold_every_number_and_every_choice_of_an_experiment() {
        let json = serde_json::to_value(with_reward_model()).unwrap();
        for part in ["rater", "finetune", "measure", "reward_model"] {
            for (name, value) in json[part].as_object().unwrap() {
                let path = format!("{part}.{name}");
                match value {
                    Value::Number(number) => {
                        let setting = setting(&path).unwrap_or_else(|| panic!("{path} is not in the table"));
                        assert_eq!(number.as_f64(), Some((setting.get)(&with_reward_model())), "{path}");
                        assert_eq!(setting.integer, number.is_u64(), "{path}");
                    }
                    Value::String(name) => {
                        let choice = choice(&path).unwrap_or_else(|| panic!("{path} is not in the table"));
                        assert_eq!(choice.options[(choice.get)(&with_reward_model())], name);
                    }
                    Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => panic!("{path} is {value}"),
                }
            }
        }
    }

    #[test]
    fn what_is_set_is_read_back_and_stands_at_its_path_in_a_file() {
        for setting in SETTINGS {
            for value in [*setting.range.start(), *setting.range.end()] {
                let mut experiment = with_reward_model();
                (setting.set)(&mut experiment, value);
                assert_eq!((setting.get)(&experiment) as f32, value as f32, "{}", setting.path);
                assert_eq!(setting.check((setting.get)(&experiment)), Ok(()));
                let json = serde_json::to_value(&experiment).unwrap();
                let written = json.pointer(&format!("/{}", setting.path.replace('.', "/"))).unwrap();
                assert_eq!(written.as_f64(), Some((setting.get)(&experiment)), "{}", setting.path);
            }
        }
        for choice in CHOICES {
            for (place, option) in choice.options.iter().enumerate() {
                let mut experiment = with_reward_model();
                (choice.set)(&mut experiment, place);
                assert_eq!((choice.get)(&experiment), place);
                let json = serde_json::to_value(&experiment).unwrap();
                assert_eq!(json.pointer(&format!("/{}", choice.path.replace('.', "/"))).unwrap(), option);
            }
        }
    }

    #[test]
    fn every_number_is_refused_outside_its_range_and_if_it_is_none() {
        for setting in SETTINGS {
            for value in [f64::from(f32::MAX), f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300] {
                let error = setting.check(value).unwrap_err().to_string();
                assert!(error.contains(setting.path), "{error}");
            }
            if setting.integer {
                assert!(setting.check(setting.range.start() + 0.5).unwrap_err().to_string().contains("whole"));
            }
        }
    }

    #[test]
    fn a_change_is_shown_as_it_is_read() {
        for (path, text) in [
            ("finetune.kl", "0.01"),
            ("finetune.updates", "250"),
            ("finetune.baseline", "z_scored"),
            ("rater.hedge", "-0.3"),
            ("reward_model", r#"{"ratings":50,"heads":"scalar"}"#),
            ("reward_model", "null"),
        ] {
            assert_eq!(Change::parse(path, text).unwrap().to_string(), format!("{path}={text}"));
        }
        let mut experiment = Experiment::default();
        Change::parse("finetune.kl", "0.01").unwrap().apply(&mut experiment);
        assert_eq!(experiment.finetune.kl.to_bits(), 0.01f32.to_bits());
    }

    #[test]
    fn a_change_that_cannot_be_made_says_what_could_be() {
        assert!(said("finetune.updates", "0").contains("finetune.updates must lie between 1 and 100000, and is 0"));
        assert!(said("finetune.updates", "1e30").contains("between 1 and 100000"));
        assert!(said("finetune.prompts", "2.5").contains("finetune.prompts must be a whole number, and is 2.5"));
        assert!(said("rater.noise", "0,5").contains("rater.noise must be a number, and is \"0,5\""));
        assert!(said("rater.noise", "NaN").contains("between 0 and 100"));
        assert!(said("finetune.algorithm", "reinforce").contains("`policy_gradient`, `ppo`, `dpo`"));
        assert!(said("finetune.updatez", "3").contains("finetune.updatez"));
        assert!(said("reward_model", "{").contains("reward_model"));
        assert!(said("arms", "[]").contains("arms"));
    }

    #[test]
    fn nonsense_is_refused_with_its_name() {
        let mut experiment = Experiment::default();
        experiment.finetune.temperature = f32::NAN;
        assert!(experiment.validate().unwrap_err().to_string().contains("temperature"));
        let repeated = Experiment { seeds: vec![1, 1], ..Experiment::default() };
        assert!(repeated.validate().unwrap_err().to_string().contains("twice"));
        // It once took minutes to say so.
        let many = Experiment { seeds: (0..1_000_000).collect(), ..Experiment::default() };
        assert!(many.validate().unwrap_err().to_string().contains("2000000 models"));
        let with = |change: fn(&mut Experiment)| {
            let mut experiment = Experiment::default();
            change(&mut experiment);
            experiment.validate().unwrap_err().to_string()
        };
        assert!(with(|e| e.finetune.epochs = 2).contains("off-policy"));
        assert!(with(|e| e.finetune.ratio_clip = 0.0).contains("ratio"));
        assert!(with(|e| e.finetune.dpo_beta = f32::NAN).contains("beta"));
        assert!(with(|e| e.rater.misattribution = 1.5).contains("misattribution"));
        let untrained = Some(RewardModelConfig { ratings: 9, heads: RewardHeads::Scalar });
        let untrained = Experiment { reward_model: untrained, ..Experiment::default() };
        assert!(untrained.validate().unwrap_err().to_string().contains("ratings"));
    }

    #[test]
    fn a_setting_matters_where_something_reads_it() {
        let matters = |path: &str, experiment: &Experiment| (setting(path).unwrap().matters)(experiment);
        let mut experiment = Experiment::default();
        let idle = |experiment: &Experiment| {
            let idle = SETTINGS.iter().filter(|setting| !(setting.matters)(experiment));
            idle.map(|setting| setting.path).collect::<Vec<_>>()
        };
        let [misattribution, epochs] = ["rater.misattribution", "finetune.epochs"];
        let [ratio, beta, ratings] = ["finetune.ratio_clip", "finetune.dpo_beta", "reward_model.ratings"];
        assert_eq!(idle(&experiment), [misattribution, epochs, ratio, beta, ratings]);
        experiment.finetune.algorithm = Algorithm::Ppo;
        assert_eq!(idle(&experiment), [misattribution, ratio, beta, ratings]);
        experiment.finetune.epochs = 2;
        assert!(matters(ratio, &experiment));
        experiment.finetune.algorithm = Algorithm::Dpo;
        assert_eq!(idle(&experiment), [misattribution, "finetune.kl", ratio, ratings]);
        experiment.arms.push(Arm::Misattribution);
        assert!(matters(misattribution, &experiment) && matters(ratings, &with_reward_model()));
    }
}
