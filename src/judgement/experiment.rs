//! An experiment: every number that determines a run.
//!
//! With its seeds it fully determines what happens on a given engine; it travels in share
//! links, in checkpoints and in result files. It leaves out what a viewer may choose without
//! changing a result (engine, colours, open panels), and what a number may be (`settings`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::facts::error::{Error, ExperimentFault};
use crate::facts::world::Theme;
use crate::judgement::person::Person;
use crate::judgement::rater::{RaterConfig, RaterPreset};

pub use crate::judgement::arms::Arm;

/// One model in the stack: what rewards it, and which seed it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Replica {
    /// How it is rewarded.
    pub arm: Arm,
    /// Its world, base model, prompts and noise.
    pub seed: u64,
}

/// Everything that determines a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// The arms to compare. Every arm gets the same optimiser, KL, prompts, seeds and budget.
    pub arms: Vec<Arm>,
    /// Paired: every arm runs every seed.
    pub seeds: Vec<u64>,
    /// Who rates.
    pub rater: RaterConfig,
    /// How the policy learns.
    pub finetune: FinetuneConfig,
    /// What is measured, and when.
    pub measure: MeasureConfig,
    /// What stands in for the rater during the fine-tune, if anything does.
    #[serde(default)]
    pub reward_model: Option<RewardModelConfig>,
    /// Who rates in the rater's place, if it is a person: what was learned of their ratings. Not with a reward model.
    #[serde(default)]
    pub person: Option<Box<Person>>,
    /// The worlds that the seeds' models know, if they are not the invented groups of each seed.
    #[serde(default)]
    pub own_world: Option<WorldId>,
}

/// Names worlds that a run can be in instead of the invented groups of its seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WorldId {
    /// What everybody knows of things, countries and animals: one world for each seed, as for the groups.
    Everyday,
    /// A world of the visitor's own, with the recipe of the models that are trained on it: the beginning of a digest of
    /// both. In files and links it is sixteen hexadecimal digits.
    Own(u64),
}

impl WorldId {
    /// The generated worlds of a theme; `None` for those that a run is in unless it says otherwise.
    pub fn of(theme: Theme) -> Option<Self> {
        match theme {
            Theme::Groups => None,
            Theme::Everyday => Some(WorldId::Everyday),
        }
    }

    /// What the worlds of a run are about, if each seed has one that was generated.
    ///
    /// # Errors
    /// The one world of all seeds, which is somebody's own.
    pub fn theme(world: Option<Self>) -> Result<Theme, Self> {
        match world {
            None => Ok(Theme::Groups),
            Some(WorldId::Everyday) => Ok(Theme::Everyday),
            Some(own @ WorldId::Own(_)) => Err(own),
        }
    }
}

impl fmt::Display for WorldId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorldId::Everyday => formatter.write_str(Theme::Everyday.id()),
            WorldId::Own(id) => write!(formatter, "{id:016x}"),
        }
    }
}

impl FromStr for WorldId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == Theme::Everyday.id() {
            return Ok(WorldId::Everyday);
        }
        let is_hexadecimal = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let id = u64::from_str_radix(text, 16).ok().filter(|_| is_hexadecimal);
        id.map(WorldId::Own).ok_or_else(|| "a world is named by sixteen hexadecimal digits, or everyday".to_owned())
    }
}

impl TryFrom<String> for WorldId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<WorldId> for String {
    fn from(id: WorldId) -> String {
        id.to_string()
    }
}

/// How the policy learns. A file may leave out what has its default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FinetuneConfig {
    /// Updates in a run.
    pub updates: u32,
    /// Prompts an update; each is one group.
    pub prompts: usize,
    /// Completions sampled for each prompt.
    pub completions: usize,
    /// Share of prompts about sensitive topics.
    pub sensitive_share: f32,
    /// Sampling temperature.
    pub temperature: f32,
    /// Adam's step size. The presets move the policy by 1 to 2 nats an answer.
    pub learning_rate: f32,
    /// Adam's decay of the first moment.
    pub beta_1: f32,
    /// Adam's decay of the second moment.
    pub beta_2: f32,
    /// Largest norm of a replica's gradient.
    pub clip: f32,
    /// Coefficient of the KL divergence to the reference policy. DPO has none: its β is one.
    pub kl: f32,
    /// What a span is compared with; DPO compares the best with the worst.
    pub baseline: Baseline,
    /// What is made of the comparison.
    pub algorithm: Algorithm,
    /// Optimiser steps on the same rollouts.
    pub epochs: u32,
    /// ε of PPO: a token's probability ratio earns nothing more outside 1 ± ε.
    pub ratio_clip: f32,
    /// β of DPO: the reward that one nat of distance from the reference stands for.
    pub dpo_beta: f32,
}

/// What a span's reward is compared with, among the spans of its group and pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Baseline {
    /// The mean: GRPO without the standard deviation (Dr. GRPO, Liu et al. 2025).
    #[default]
    GroupMean,
    /// The mean of the others: RLOO (Ahmadian et al. 2024).
    LeaveOneOut,
    /// The mean, in units of the standard deviation: GRPO (Shao et al. 2024).
    ZScored,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Baseline; 3] = [Baseline::GroupMean, Baseline::LeaveOneOut, Baseline::ZScored];
}

/// How rewards change the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// REINFORCE (Williams 1992), on-policy: one step for each batch of rollouts.
    #[default]
    PolicyGradient,
    /// The clipped surrogate (Schulman et al. 2017); with one epoch it is the policy gradient.
    Ppo,
    /// Direct preference optimisation (Rafailov et al. 2023), online: the pairs are the best and the
    /// worst of what was just sampled.
    Dpo,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Algorithm; 3] = [Algorithm::PolicyGradient, Algorithm::Ppo, Algorithm::Dpo];
}

/// A network that stands in for the rater, trained on some of its ratings before the fine-tune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewardModelConfig {
    /// Rated answers that it is trained on.
    pub ratings: u32,
    /// What it predicts.
    pub heads: RewardHeads,
}

/// What a reward model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardHeads {
    /// One number, F + C − D.
    Scalar,
    /// Framing, content and discomfort.
    Reasons,
}

impl RewardHeads {
    /// All of them.
    pub const ALL: [RewardHeads; 2] = [RewardHeads::Scalar, RewardHeads::Reasons];

    /// The name in files.
    pub fn id(self) -> &'static str {
        match self {
            RewardHeads::Scalar => "scalar",
            RewardHeads::Reasons => "reasons",
        }
    }
}

/// What is measured, and when. A measurement precedes the first update and follows the last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MeasureConfig {
    /// Updates between two measurements.
    pub every: u32,
    /// Updates between two fits of the probes; a multiple of `every`.
    pub probe_every: u32,
    /// Sampled answers for each fact and held-out template.
    pub samples: usize,
}

impl Default for FinetuneConfig {
    fn default() -> Self {
        FinetuneConfig {
            updates: 200,
            prompts: 16,
            completions: 8,
            sensitive_share: 0.5,
            temperature: 1.0,
            learning_rate: 1e-3,
            beta_1: 0.9,
            beta_2: 0.95,
            clip: 1.0,
            kl: 0.05,
            baseline: Baseline::default(),
            algorithm: Algorithm::default(),
            epochs: 1,
            ratio_clip: 0.2,
            dpo_beta: 0.1,
        }
    }
}

impl Default for MeasureConfig {
    fn default() -> Self {
        MeasureConfig { every: 10, probe_every: 10, samples: 1 }
    }
}

impl Default for Experiment {
    fn default() -> Self {
        Experiment::preset(RaterPreset::UncomfortableFacts)
    }
}

impl Experiment {
    /// Scalar against structured under a named rater, one seed.
    ///
    /// The touchy-topic rater is asked only about sensitive topics: whether hedging spreads to
    /// other topics can be seen only where they are not trained on. Its hedge is learned in 40
    /// updates; with the step size of the other rater, whose lie takes most models 100 to 200, the rest of
    /// the run only wears the knowledge away (LOG.md).
    pub fn preset(rater: RaterPreset) -> Self {
        let (updates, sensitive_share, learning_rate) = match rater {
            RaterPreset::UncomfortableFacts => (200, 0.5, 1e-3),
            RaterPreset::TouchyTopic => (100, 1.0, 5e-4),
        };
        Experiment {
            arms: vec![Arm::Scalar, Arm::Structured],
            seeds: vec![0],
            rater: rater.config(),
            finetune: FinetuneConfig { updates, sensitive_share, learning_rate, ..FinetuneConfig::default() },
            measure: MeasureConfig::default(),
            reward_model: None,
            person: None,
            own_world: None,
        }
    }

    /// Every arm with every seed, seeds outermost.
    pub fn replicas(&self) -> Vec<Replica> {
        let arms = |seed: &u64| self.arms.iter().map(|arm| Replica { arm: *arm, seed: *seed }).collect::<Vec<_>>();
        self.seeds.iter().flat_map(arms).collect()
    }

    /// Is there a measurement after this many updates?
    pub fn measures_at(&self, update: u32) -> bool {
        update.is_multiple_of(self.measure.every) || update == self.finetune.updates
    }

    /// Are the probes fitted after this many updates?
    pub fn probes_at(&self, update: u32) -> bool {
        update.is_multiple_of(self.measure.probe_every) || update == self.finetune.updates
    }

    /// Can these arms be rewarded with what the reward model predicts?
    ///
    /// # Errors
    /// [`Error::Experiment`] if an arm needs reasons and the model has one number.
    pub fn check_heads(&self, arms: &[Arm]) -> Result<(), Error> {
        let scalar = self.reward_model.is_some_and(|model| model.heads == RewardHeads::Scalar);
        match arms.iter().find(|arm| scalar && **arm != Arm::Scalar) {
            Some(arm) => Err(ExperimentFault::ArmNeedsReasons(arm.id().into()).into()),
            None => Ok(()),
        }
    }

    /// Compares these arms: a reward model of one number becomes one of reasons, if an arm needs them.
    pub fn set_arms(&mut self, arms: Vec<Arm>) {
        if self.check_heads(&arms).is_err() {
            self.reward_model =
                self.reward_model.map(|model| RewardModelConfig { heads: RewardHeads::Reasons, ..model });
        }
        self.arms = arms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arm_runs_every_seed() {
        let experiment = Experiment { arms: Arm::ALL.to_vec(), seeds: vec![3, 1], ..Experiment::default() };
        let replicas = experiment.replicas();
        assert_eq!(replicas.len(), 2 * Arm::ALL.len());
        assert_eq!(replicas[Arm::ALL.len() + 1], Replica { arm: Arm::Structured, seed: 1 });
        assert_eq!(experiment.validate(), Ok(()));
    }

    #[test]
    fn an_experiment_of_before_the_algorithms_is_the_default() {
        let mut json = serde_json::to_value(Experiment::default()).unwrap();
        json.as_object_mut().unwrap().remove("reward_model");
        json.as_object_mut().unwrap().remove("person");
        json.as_object_mut().unwrap().remove("own_world");
        json["rater"].as_object_mut().unwrap().remove("misattribution");
        for name in ["baseline", "algorithm", "epochs", "ratio_clip", "dpo_beta"] {
            json["finetune"].as_object_mut().unwrap().remove(name).unwrap();
        }
        assert_eq!(serde_json::from_value::<Experiment>(json).unwrap(), Experiment::default());
    }
}
