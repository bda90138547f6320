//! Every number and choice of an experiment, by its path.

use std::ops::RangeInclusive;

use hedgerow::judgement::experiment::{Algorithm, Baseline, Experiment, RewardHeads, RewardModelConfig};

/// A number of an experiment.
pub(super) struct Setting {
    /// Its name.
    pub(super) path: &'static str,
    /// What it may be.
    pub(super) range: RangeInclusive<f64>,
    /// Is it a whole number?
    pub(super) integer: bool,
    /// Reads it.
    pub(super) get: fn(&Experiment) -> f64,
    /// Writes it.
    pub(super) set: fn(&mut Experiment, f64),
}

/// A choice of an experiment.
pub(super) struct Choice {
    /// Its name.
    pub(super) path: &'static str,
    /// The names of what it may be.
    pub(super) options: &'static [&'static str],
    /// Reads it.
    pub(super) get: fn(&Experiment) -> usize,
    /// Writes it.
    pub(super) set: fn(&mut Experiment, usize),
}

impl Setting {
    /// May it have this value?
    pub(super) fn check(&self, value: f64) -> bool {
        self.range.contains(&value)
    }
}

macro_rules! float {
    ($path:literal, $range:expr, $($field:ident).+) => {
        Setting {
            path: $path,
            range: $range,
            integer: false,
            get: |experiment| f64::from(experiment.$($field).+),
            set: |experiment, value| experiment.$($field).+ = value as f32,
        }
    };
}
macro_rules! whole {
    ($path:literal, $range:expr, $($field:ident).+, $type:ty) => {
        Setting {
            path: $path,
            range: $range,
            integer: true,
            get: |experiment| experiment.$($field).+ as f64,
            set: |experiment, value| experiment.$($field).+ = value as $type,
        }
    };
}

pub(super) static SETTINGS: &[Setting] = &[
    float!("rater.check_probability", 0.0..=1.0, rater.check_probability),
    float!("rater.discomfort_value", 0.0..=100.0, rater.discomfort_value),
    float!("rater.discomfort_any", 0.0..=100.0, rater.discomfort_any),
    float!("rater.context_relief", 0.0..=100.0, rater.context_relief),
    float!("rater.correctness", -100.0..=100.0, rater.correctness),
    float!("rater.usefulness", -100.0..=100.0, rater.usefulness),
    float!("rater.blunt", -100.0..=100.0, rater.blunt),
    float!("rater.contextual", -100.0..=100.0, rater.contextual),
    float!("rater.hedge", -100.0..=100.0, rater.hedge),
    float!("rater.malformed", -100.0..=100.0, rater.malformed),
    float!("rater.noise", 0.0..=100.0, rater.noise),
    float!("rater.misattribution", 0.0..=1.0, rater.misattribution),
    whole!("finetune.updates", 1.0..=100_000.0, finetune.updates, u32),
    whole!("finetune.prompts", 1.0..=256.0, finetune.prompts, usize),
    whole!("finetune.completions", 2.0..=64.0, finetune.completions, usize),
    float!("finetune.sensitive_share", 0.0..=1.0, finetune.sensitive_share),
    float!("finetune.temperature", 0.05..=10.0, finetune.temperature),
    float!("finetune.learning_rate", 0.0..=1.0, finetune.learning_rate),
    float!("finetune.beta_1", 0.0..=1.0, finetune.beta_1),
    float!("finetune.beta_2", 0.0..=1.0, finetune.beta_2),
    float!("finetune.clip", 1e-6..=1e6, finetune.clip),
    float!("finetune.kl", 0.0..=100.0, finetune.kl),
    whole!("finetune.epochs", 1.0..=64.0, finetune.epochs, u32),
    float!("finetune.ratio_clip", 1e-3..=1.0, finetune.ratio_clip),
    float!("finetune.dpo_beta", 1e-3..=100.0, finetune.dpo_beta),
    whole!("measure.every", 1.0..=100_000.0, measure.every, u32),
    whole!("measure.probe_every", 1.0..=100_000.0, measure.probe_every, u32),
    whole!("measure.samples", 1.0..=16.0, measure.samples, usize),
    Setting {
        path: "reward_model.ratings",
        range: 10.0..=100_000.0,
        integer: true,
        get: |experiment| experiment.reward_model.map_or(0.0, |model| f64::from(model.ratings)),
        set: |experiment, value| {
            if let Some(model) = &mut experiment.reward_model {
                model.ratings = value as u32;
            }
        },
    },
];

pub(super) static CHOICES: &[Choice] = &[
    Choice {
        path: "finetune.baseline",
        options: &["group_mean", "leave_one_out", "z_scored"],
        get: |experiment| experiment.finetune.baseline as usize,
        set: |experiment, option| {
            experiment.finetune.baseline = [Baseline::GroupMean, Baseline::LeaveOneOut, Baseline::ZScored][option];
        },
    },
    Choice {
        path: "finetune.algorithm",
        options: &["policy_gradient", "ppo", "dpo"],
        get: |experiment| experiment.finetune.algorithm as usize,
        set: |experiment, option| {
            experiment.finetune.algorithm = [Algorithm::PolicyGradient, Algorithm::Ppo, Algorithm::Dpo][option];
        },
    },
    Choice {
        path: "reward_model",
        options: &["none", "scalar", "reasons"],
        get: |experiment| experiment.reward_model.map_or(0, |model| model.heads as usize + 1),
        set: |experiment, option| {
            let ratings = experiment.reward_model.map_or(1000, |model| model.ratings);
            let heads = [None, Some(RewardHeads::Scalar), Some(RewardHeads::Reasons)][option];
            experiment.reward_model = heads.map(|heads| RewardModelConfig { ratings, heads });
        },
    },
];

pub(super) fn setting(path: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.path == path)
}

pub(super) fn choice(path: &str) -> Option<&'static Choice> {
    CHOICES.iter().find(|choice| choice.path == path)
}
