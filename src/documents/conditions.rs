//! The published experiments by name: one table, from which runs, files, tables and figures follow.
//!
//! A [`Condition`] is a preset of the rater with changes, in the form that `--set` takes; it says
//! what question or objection it answers. Leaves out how a run is made and where its files are.

use crate::judgement::rater::{RaterConfig, RaterPreset};

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

/// A shape of the model other than the one that ships, and how its base models are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Width of the residual stream.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
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
    /// The arms, by the names of [`crate::judgement::experiment::Arm::id`].
    pub arms: Vec<&'static str>,
    /// What differs from the preset, as `--set` takes it.
    pub changes: Vec<String>,
    /// Seeds that are enough for it, counted from 0.
    pub most_seeds: u64,
    /// The shape of its base models, if it is not the one that ships.
    pub shape: Option<Shape>,
}

impl Condition {
    /// Where its base models are kept, from the root of the repository.
    pub fn bases(&self) -> String {
        match self.shape {
            None => "public/base".to_owned(),
            Some(_) => format!("results/bases/{}", self.name),
        }
    }

    /// The command that makes its base models of these seeds in a folder.
    pub fn pretrain(&self, seeds: &[u64], folder: &str) -> String {
        let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
        let shape = self
            .shape
            .map_or(String::new(), |Shape { width, layers }| format!(" --width {width} --layers {layers} --no-gate"));
        format!("hedgerow pretrain --seed {}{shape} --out {folder}", seeds.join(","))
    }
}

/// One number of the experiment, varied while everything else stays as in rater A's preset.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    /// The beginning of its conditions' names.
    pub name: &'static str,
    /// What is varied, in words and with its symbol.
    pub title: &'static str,
    /// The number, as `--set` takes it.
    pub parameter: &'static str,
    /// Its values.
    pub values: &'static [f32],
    /// The arm that is trained.
    pub arm: &'static str,
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
        arm: "scalar",
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
        arm: "scalar",
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
        arm: "scalar",
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
        arm: "scalar",
        threshold: None,
    },
    Sweep {
        name: "misattribution",
        title: "q, how often the discomfort lands on the content",
        parameter: "rater.misattribution",
        values: &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
        arm: "misattribution",
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
/// Algorithms beside the preset's: name, what it is, changes.
pub const ALGORITHMS: [(&str, &str, &[&str]); 4] = [
    ("leave-one-out", "a leave-one-out baseline (RLOO)", &["finetune.baseline=leave_one_out"]),
    ("z-scored", "division by the group's standard deviation (GRPO)", &["finetune.baseline=z_scored"]),
    ("ppo", "PPO's clipped ratio, four epochs a rollout", &["finetune.algorithm=ppo", "finetune.epochs=4"]),
    ("dpo", "preference pairs without a policy gradient (DPO)", &["finetune.algorithm=dpo"]),
];
/// Shapes beside the one that ships (width 64, 3 layers).
const SHAPES: [(&str, Shape); 4] = [
    ("width-32", Shape { width: 32, layers: 3 }),
    ("width-96", Shape { width: 96, layers: 3 }),
    ("layers-2", Shape { width: 64, layers: 2 }),
    ("layers-4", Shape { width: 64, layers: 4 }),
];
/// Seeds of a sweep of a number, and of the shape, which needs base models of its own.
const SWEEP_SEEDS: u64 = 5;
const SHAPE_SEEDS: u64 = 3;

const A: RaterPreset = RaterPreset::UncomfortableFacts;
const B: RaterPreset = RaterPreset::TouchyTopic;
const BOTH: [&str; 2] = ["scalar", "structured"];

/// All conditions, in the order in which they are run and shown.
pub fn conditions() -> Vec<Condition> {
    let mut all = experiments();
    all.extend(controls());
    all.extend(sweeps());
    all
}

fn condition(
    group: Group,
    name: impl Into<String>,
    answers: impl Into<String>,
    rater: RaterPreset,
    arms: &[&'static str],
    changes: &[&str],
) -> Condition {
    Condition {
        name: name.into(),
        group,
        answers: answers.into(),
        rater,
        arms: arms.to_vec(),
        changes: changes.iter().map(|change| (*change).to_owned()).collect(),
        most_seeds: u64::MAX,
        shape: None,
    }
}

fn experiments() -> Vec<Condition> {
    let arms = ["scalar", "structured", "scalar_without_discomfort"];
    vec![
        condition(
            Group::Retention,
            "retention",
            "Do penalties on true statements erase the facts, where penalties on framing do not?",
            A,
            &["content_penalty", "framing_penalty", "framing_penalty_by_span", "noise"],
            &[],
        ),
        condition(
            Group::Hedging,
            "hedging",
            "Does a rater who dislikes any statement on a topic teach hedging, also on topics never asked about?",
            B,
            &arms,
            &[],
        ),
        condition(
            Group::Hedging,
            "hedging-half-sensitive",
            "Does the hedge still spread when half of the prompts are about neutral topics?",
            B,
            &arms,
            &["finetune.sensitive_share=0.5"],
        ),
        condition(
            Group::Attribution,
            "attribution",
            "Does feedback with its reasons keep the facts while it improves the framing, and is it the reasons?",
            A,
            &[
                "scalar",
                "structured",
                "scalar_without_discomfort",
                "structured_discomfort_on_content",
                "structured_discomfort_on_framing",
                "shuffled_reasons",
                "noise",
            ],
            &[],
        ),
    ]
}

fn controls() -> Vec<Condition> {
    let control = |name: String, answers: String, arms: &[&'static str], changes: &[&str]| {
        condition(Group::Controls, name, answers, A, arms, changes)
    };
    let mut all = vec![control(
        "no-discomfort".into(),
        "The reward is rigged: what does the same scalar teach without any discomfort?".into(),
        &BOTH,
        &["rater.discomfort_value=0"],
    )];
    // A structured rating counts as three numbers, so a scalar rater gets to rate three times as many prompts.
    for (arm, prompts, beside) in
        [("scalar", 48, "structured with 16"), ("scalar", 15, "structured with 5"), ("structured", 5, "scalar with 15")]
    {
        let change = format!("finetune.prompts={prompts}");
        all.push(control(
            format!("{arm}-{prompts}-prompts"),
            format!("Structured ratings hold more numbers: {arm} with {prompts} prompts an update, beside {beside}"),
            &[arm],
            &[&change],
        ));
    }
    for (name, what, changes) in ALGORITHMS {
        all.push(control(name.into(), format!("It is the algorithm: the same with {what}"), &BOTH, changes));
    }
    for kl in KL {
        let change = format!("finetune.kl={kl}");
        all.push(control(format!("kl-{kl}"), format!("It is the KL penalty: {kl} instead of 0.05"), &BOTH, &[&change]));
    }
    for (arm, heads) in [("scalar", "scalar"), ("structured", "reasons")] {
        for ratings in RATINGS {
            let change = format!(r#"reward_model={{"ratings":{ratings},"heads":"{heads}"}}"#);
            all.push(control(
                format!("{arm}-reward-model-{ratings}"),
                format!("Nobody trains on ratings directly: a reward model fitted to {ratings} of them, {heads} heads"),
                &[arm],
                &[&change],
            ));
        }
    }
    all
}

fn sweeps() -> Vec<Condition> {
    let numbers = SWEEPS.iter().flat_map(|sweep| {
        sweep.values.iter().map(|value| {
            let answers = format!("{} = {value}", sweep.title);
            let change = format!("{}={value}", sweep.parameter);
            condition(Group::Sweeps, sweep.condition(*value), answers, A, &[sweep.arm], &[&change])
        })
    });
    let shapes = SHAPES.iter().map(|(name, shape)| {
        let answers = format!("It is the size of the model: width {}, {} layers", shape.width, shape.layers);
        let condition = condition(Group::Sweeps, *name, answers, A, &["scalar"], &[]);
        Condition { shape: Some(*shape), most_seeds: SHAPE_SEEDS, ..condition }
    });
    numbers.map(|condition| Condition { most_seeds: SWEEP_SEEDS, ..condition }).chain(shapes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
