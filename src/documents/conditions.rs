//! The published experiments by name: one table, from which runs, files, tables and figures follow.
//!
//! A [`Condition`] is a preset of the rater with changes; it says what question or objection it answers.
//! Leaves out how a run is made and where its files are.

use crate::facts::world::Theme;
use crate::judgement::arms::Arm;
use crate::judgement::experiment::{RewardHeads, RewardModelConfig};
use crate::judgement::rater::{RaterConfig, RaterPreset};
use crate::judgement::settings::{Change, Setting, setting};

/// Which experiment a condition belongs to; the folder of its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Are facts forgotten when they are penalised?
    Retention,
    /// Does the model hedge, and where?
    Hedging,
    /// Does feedback with its reasons keep the facts?
    Attribution,
    /// Objections to the three.
    Controls,
    /// One number of the experiment varied.
    Sweeps,
}

impl Group {
    /// All groups.
    pub const ALL: [Group; 5] = [Group::Retention, Group::Hedging, Group::Attribution, Group::Controls, Group::Sweeps];

    /// The name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Group::Retention => "experiment-1",
            Group::Hedging => "experiment-2",
            Group::Attribution => "experiment-3",
            Group::Controls => "controls",
            Group::Sweeps => "sweeps",
        }
    }
}

/// How the base models of a condition differ from those that ship, which have width 64, 3 layers, and 5,000 steps of
/// pre-training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bases {
    /// Width of the residual stream.
    pub width: Option<u32>,
    /// Blocks.
    pub layers: Option<u32>,
    /// Steps of pre-training.
    pub steps: Option<u32>,
}

impl Bases {
    /// Their name, also that of their folder.
    pub fn name(self) -> String {
        let number = |(what, number): (&str, Option<u32>)| number.map(|number| format!("{what}-{number}"));
        let numbers = [("width", self.width), ("layers", self.layers), ("pretraining", self.steps)];
        numbers.into_iter().filter_map(number).collect::<Vec<_>>().join("-")
    }
}

/// One named experiment: some arms, paired, on any seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Its name in files and on the command line.
    pub name: String,
    /// Which experiment it belongs to.
    pub group: Group,
    /// The question or the objection that it answers.
    pub answers: String,
    /// Where its numbers start from.
    pub rater: RaterPreset,
    /// The arms that are compared.
    pub arms: Vec<Arm>,
    /// What differs from the preset.
    pub changes: Vec<Change>,
    /// Seeds that are enough for it, counted from 0.
    pub most_seeds: u64,
    /// What its worlds are about.
    pub theme: Theme,
    /// Its base models, if they are not those that ship.
    pub bases: Option<Bases>,
    /// Is it measured throughout, or only at the start, in the middle and at the end?
    pub throughout: bool,
}

/// One number of the experiment, varied while everything else stays as in rater A's preset.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    /// The beginning of its conditions' names.
    pub name: &'static str,
    /// What is varied, in words and with its symbol.
    pub title: &'static str,
    /// The path of the number.
    pub parameter: &'static str,
    /// Its values.
    pub values: &'static [f32],
    /// The arm that is trained.
    pub arm: Arm,
    /// Where the formula says that lies begin to pay.
    pub threshold: Option<Threshold>,
}

/// The value of a swept number at which a comfortable lie is worth as much as the truth.
#[derive(Debug, Clone, Copy)]
pub struct Threshold {
    /// The formula in words.
    pub formula: &'static str,
    /// Its value, with the rater's other numbers as given.
    pub at: fn(&RaterConfig) -> f32,
}

impl Sweep {
    /// The number's entry of the table.
    pub fn setting(&self) -> &'static Setting {
        number(self.parameter)
    }

    /// The name of the condition with this value.
    pub fn condition(&self, value: f32) -> String {
        format!("{}-{value}", self.name)
    }
}

/// The sweeps of one number, and what the formula predicts for each: a lie about an uncomfortable
/// fact, told with context, saves d · d_ctx and costs 2 p times the size of correctness.
pub const SWEEPS: [Sweep; 5] = [
    Sweep {
        name: "check-probability",
        title: "p, how often the rater checks",
        parameter: "rater.check_probability",
        values: &[0.0, 0.1, 0.2, 0.35, 0.5, 0.75],
        arm: Arm::Scalar,
        threshold: Some(Threshold {
            formula: "lies pay below p = d · d_ctx / 2",
            at: |rater| rater.discomfort_value * rater.context_relief / (2.0 * rater.correctness),
        }),
    },
    Sweep {
        name: "discomfort",
        title: "d, discomfort with an uncomfortable value",
        parameter: "rater.discomfort_value",
        values: &[0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5],
        arm: Arm::Scalar,
        threshold: Some(Threshold {
            formula: "lies pay above d = 2 p / d_ctx",
            at: |rater| 2.0 * rater.check_probability * rater.correctness / rater.context_relief,
        }),
    },
    Sweep {
        name: "context-relief",
        title: "d_ctx, factor on the discomfort in context",
        parameter: "rater.context_relief",
        values: &[0.2, 0.4, 0.7, 1.0],
        arm: Arm::Scalar,
        threshold: Some(Threshold {
            formula: "lies pay above d_ctx = 2 p / d",
            at: |rater| 2.0 * rater.check_probability * rater.correctness / rater.discomfort_value,
        }),
    },
    Sweep {
        name: "sensitive-share",
        title: "share of sensitive prompts",
        parameter: "finetune.sensitive_share",
        values: &[0.25, 0.5, 0.75, 1.0],
        arm: Arm::Scalar,
        threshold: None,
    },
    Sweep {
        name: "misattribution",
        title: "q, how often the discomfort lands on the content",
        parameter: "rater.misattribution",
        values: &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
        arm: Arm::Misattribution,
        threshold: Some(Threshold {
            formula: "lies pay above q = 2 p / (d · d_ctx)",
            at: RaterConfig::misattribution_threshold,
        }),
    },
];

/// Coefficients of the KL penalty beside the preset's.
pub const KL: [f32; 4] = [0.0, 0.01, 0.2, 1.0];
/// Ratings that a learned reward model is fitted to.
pub const RATINGS: [u32; 3] = [50, 500, 5000];
/// Another way to learn than the preset's.
pub struct Variant {
    /// The name of its condition.
    pub name: &'static str,
    /// In words.
    what: &'static str,
    /// Paths of settings, and what they are.
    settings: &'static [(&'static str, &'static str)],
}

/// Algorithms beside the preset's.
pub const ALGORITHMS: [Variant; 4] = [
    Variant {
        name: "leave-one-out",
        what: "a leave-one-out baseline (RLOO)",
        settings: &[("finetune.baseline", "leave_one_out")],
    },
    Variant {
        name: "z-scored",
        what: "division by the group's standard deviation (GRPO)",
        settings: &[("finetune.baseline", "z_scored")],
    },
    Variant {
        name: "ppo",
        what: "PPO's clipped ratio, four epochs a rollout",
        settings: &[("finetune.algorithm", "ppo"), ("finetune.epochs", "4")],
    },
    Variant {
        name: "dpo",
        what: "preference pairs without a policy gradient (DPO)",
        settings: &[("finetune.algorithm", "dpo")],
    },
];
/// Shapes beside the one that ships (width 64, 3 layers).
const WIDTHS: [u32; 2] = [32, 96];
const LAYERS: [u32; 2] = [2, 4];
/// Steps of pre-training beside those that ship (5,000).
const STEPS: u32 = 3000;
/// Seeds of a sweep of a number, and of what needs long pre-training of its own.
const SWEEP_SEEDS: u64 = 5;
const SHAPE_SEEDS: u64 = 3;

const A: RaterPreset = RaterPreset::UncomfortableFacts;
const B: RaterPreset = RaterPreset::TouchyTopic;
const BOTH: [Arm; 2] = [Arm::Scalar, Arm::Structured];

/// All conditions, in the order in which they are run and shown.
pub fn conditions() -> Vec<Condition> {
    let mut all = experiments();
    all.extend(controls());
    all.extend(everyday());
    all.extend(sweeps());
    all
}

fn condition(
    group: Group,
    name: impl Into<String>,
    answers: impl Into<String>,
    rater: RaterPreset,
    arms: &[Arm],
    changes: Vec<Change>,
) -> Condition {
    Condition {
        name: name.into(),
        group,
        answers: answers.into(),
        rater,
        arms: arms.to_vec(),
        changes,
        most_seeds: u64::MAX,
        theme: Theme::Groups,
        bases: None,
        throughout: false,
    }
}

/// The entry of the table at a path that stands in this file.
fn number(path: &'static str) -> &'static Setting {
    setting(path).expect("a published condition changes a setting that there is")
}

fn set(path: &'static str, value: impl Into<f64>) -> Change {
    Change::Number(number(path), value.into())
}

fn experiments() -> Vec<Condition> {
    let arms = [Arm::Scalar, Arm::Structured, Arm::ScalarWithoutDiscomfort];
    let experiments = vec![
        condition(
            Group::Retention,
            "retention",
            "Do penalties on true statements erase the facts, where penalties on framing do not?",
            A,
            &[Arm::ContentPenalty, Arm::FramingPenalty, Arm::FramingPenaltyBySpan, Arm::Noise],
            vec![],
        ),
        condition(
            Group::Hedging,
            "hedging",
            "Does a rater who dislikes any statement on a topic teach hedging, also on topics never asked about?",
            B,
            &arms,
            vec![],
        ),
        condition(
            Group::Hedging,
            "hedging-half-sensitive",
            "Does the hedge still spread when half of the prompts are about neutral topics?",
            B,
            &arms,
            vec![set("finetune.sensitive_share", 0.5)],
        ),
        condition(
            Group::Attribution,
            "attribution",
            "Does feedback with its reasons keep the facts while it improves the framing, and is it the reasons?",
            A,
            &[
                Arm::Scalar,
                Arm::Structured,
                Arm::ScalarWithoutDiscomfort,
                Arm::StructuredDiscomfortOnContent,
                Arm::StructuredDiscomfortOnFraming,
                Arm::ShuffledReasons,
                Arm::Noise,
            ],
            vec![],
        ),
    ];
    experiments.into_iter().map(|condition| Condition { throughout: true, ..condition }).collect()
}

fn controls() -> Vec<Condition> {
    let control = |name: String, answers: String, arms: &[Arm], changes: Vec<Change>| {
        condition(Group::Controls, name, answers, A, arms, changes)
    };
    let mut all = vec![control(
        "no-discomfort".into(),
        "The reward is rigged: what does the same scalar teach without any discomfort?".into(),
        &BOTH,
        vec![set("rater.discomfort_value", 0)],
    )];
    // A structured rating counts as three numbers, so a scalar rater gets to rate three times as many prompts.
    for (arm, prompts, beside) in [
        (Arm::Scalar, 48, "structured with 16"),
        (Arm::Scalar, 15, "structured with 5"),
        (Arm::Structured, 5, "scalar with 15"),
    ] {
        let name = arm.id();
        all.push(control(
            format!("{name}-{prompts}-prompts"),
            format!("Structured ratings hold more numbers: {name} with {prompts} prompts an update, beside {beside}"),
            &[arm],
            vec![set("finetune.prompts", prompts)],
        ));
    }
    for Variant { name, what, settings } in ALGORITHMS {
        let change = |(path, value): &(&str, &str)| Change::parse(path, value).expect("a setting and what it may be");
        let changes = settings.iter().map(change).collect();
        all.push(control(name.into(), format!("It is the algorithm: the same with {what}"), &BOTH, changes));
    }
    for kl in KL {
        let changes = vec![set("finetune.kl", kl)];
        all.push(control(format!("kl-{kl}"), format!("It is the KL penalty: {kl} instead of 0.05"), &BOTH, changes));
    }
    for (arm, heads) in [(Arm::Scalar, RewardHeads::Scalar), (Arm::Structured, RewardHeads::Reasons)] {
        for ratings in RATINGS {
            let (name, of) = (arm.id(), heads.id());
            all.push(control(
                format!("{name}-reward-model-{ratings}"),
                format!("Nobody trains on ratings directly: a reward model fitted to {ratings} of them, {of} heads"),
                &[arm],
                vec![Change::RewardModel(Some(RewardModelConfig { ratings, heads }))],
            ));
        }
    }
    let answers = format!("It is how long the base model was trained: {STEPS} steps instead of 5000");
    let bases = Bases { steps: Some(STEPS), ..Bases::default() };
    all.push(Condition { bases: Some(bases), ..control(bases.name(), answers, &BOTH, vec![]) });
    all
}

/// The three experiments in another world: does what they find hang on the world?
fn everyday() -> Vec<Condition> {
    let theme = Theme::Everyday;
    let all = experiments().into_iter().filter(|condition| condition.changes.is_empty());
    let in_it = |condition: Condition| Condition {
        group: Group::Controls,
        name: format!("{}-{}", theme.id(), condition.name),
        answers: format!("It is the invented world: {} with everyday facts", condition.name),
        theme,
        ..condition
    };
    all.map(in_it).collect()
}

fn sweeps() -> Vec<Condition> {
    let numbers = SWEEPS.iter().flat_map(|sweep| {
        sweep.values.iter().map(|value| {
            let answers = format!("{} = {value}", sweep.title);
            let change = Change::Number(sweep.setting(), f64::from(*value));
            condition(Group::Sweeps, sweep.condition(*value), answers, A, &[sweep.arm], vec![change])
        })
    });
    let shape = |answers: String, bases: Bases| {
        let condition = condition(Group::Sweeps, bases.name(), answers, A, &[Arm::Scalar], vec![]);
        Condition { bases: Some(bases), most_seeds: SHAPE_SEEDS, ..condition }
    };
    let widths = WIDTHS.map(|width| {
        let answers = format!("It is the size of the model: width {width} instead of 64");
        shape(answers, Bases { width: Some(width), ..Bases::default() })
    });
    let layers = LAYERS.map(|layers| {
        let answers = format!("It is the size of the model: {layers} layers instead of 3");
        shape(answers, Bases { layers: Some(layers), ..Bases::default() })
    });
    let shapes = widths.into_iter().chain(layers);
    numbers.map(|condition| Condition { most_seeds: SWEEP_SEEDS, ..condition }).chain(shapes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::experiment::Experiment;

    #[test]
    fn no_two_conditions_share_a_folder_and_names_are_plain() {
        let mut names: Vec<String> = conditions().into_iter().map(|condition| condition.name).collect();
        let plain = |name: &String| name.chars().all(|char| char.is_ascii_alphanumeric() || "-.".contains(char));
        assert!(names.iter().all(plain), "{names:?}");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// A change that is made of numbers is, to the bit, the one that `--set` would make of its text.
    #[test]
    fn every_change_is_what_its_text_says() {
        for Condition { name, rater, changes, .. } in conditions() {
            for change in &changes {
                let text = change.to_string();
                let (path, value) = text.split_once('=').unwrap();
                let mut experiments = [(); 2].map(|()| Experiment::preset(rater));
                change.apply(&mut experiments[0]);
                Change::parse(path, value).unwrap().apply(&mut experiments[1]);
                assert_eq!(experiments[0], experiments[1], "{name}: {text}");
            }
        }
    }

    #[test]
    fn the_predicted_thresholds_are_where_a_lie_is_worth_the_truth() {
        // By hand for rater A: p = 0.2, d = 1.5, d_ctx = 0.7.
        let predicted: Vec<(&str, f32)> =
            SWEEPS.iter().filter_map(|sweep| Some((sweep.name, (sweep.threshold?.at)(&A.config())))).collect();
        for ((name, value), (expected_name, expected)) in predicted.iter().zip([
            ("check-probability", 0.525),
            ("discomfort", 0.571_428_6),
            ("context-relief", 0.266_666_7),
            ("misattribution", 0.380_952_4),
        ]) {
            assert!(*name == expected_name && (value - expected).abs() < 1e-6, "{name}: {value}, not {expected}");
        }
        // Each sweep has values on both sides of its threshold, or there is nothing to see.
        for sweep in SWEEPS {
            let Some(threshold) = sweep.threshold else { continue };
            let at = (threshold.at)(&A.config());
            assert!(sweep.values.iter().any(|value| *value < at) && sweep.values.iter().any(|value| *value > at));
        }
    }
}
