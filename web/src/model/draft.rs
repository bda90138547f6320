//! The settings that the user is about to run: presets, questions, and how they differ from the
//! run that is there.

pub use hedgerow::documents::questions::Question;
use hedgerow::judgement::experiment::{Algorithm, Arm, Experiment, RewardHeads, RewardModelConfig};
use hedgerow::judgement::person::Person;
use hedgerow::judgement::rater::{RaterConfig, RaterPreset};
use hedgerow::judgement::settings::{CHOICES, SETTINGS};

use crate::link::ViewMode;

/// Ratings that a reward model is trained on until the user says otherwise.
const RATINGS: u32 = 500;

/// Where rewards can come from: the rater itself (`None`) or a reward model.
pub fn heads() -> impl Iterator<Item = Option<RewardHeads>> {
    std::iter::once(None).chain(RewardHeads::ALL.map(Some))
}

/// The preset that a rater is, if it is one.
pub fn preset(rater: &RaterConfig) -> Option<RaterPreset> {
    RaterPreset::ALL.into_iter().find(|preset| preset.config() == *rater)
}

/// The arms that the toggle beside the buttons offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The scalar arm alone.
    Scalar,
    /// Both, side by side.
    Both,
    /// The structured arm alone.
    Structured,
}

impl Compared {
    /// What the toggle shows; `None` if a single arm is another one.
    pub fn of(mode: ViewMode, arms: &[Arm]) -> Option<Compared> {
        match (mode, arms.first()) {
            (ViewMode::SideBySide, _) => Some(Compared::Both),
            (ViewMode::Single, Some(Arm::Scalar)) => Some(Compared::Scalar),
            (ViewMode::Single, Some(Arm::Structured)) => Some(Compared::Structured),
            (ViewMode::Single, _) => None,
        }
    }

    /// How they are looked at.
    pub fn mode(self) -> ViewMode {
        if self == Compared::Both { ViewMode::SideBySide } else { ViewMode::Single }
    }

    /// The arms to run.
    pub fn arms(self) -> Vec<Arm> {
        match self {
            Compared::Scalar => vec![Arm::Scalar],
            Compared::Both => vec![Arm::Scalar, Arm::Structured],
            Compared::Structured => vec![Arm::Structured],
        }
    }
}

/// The question of the laboratory that a draft asks, in whatever world, if it is one.
pub fn asked(draft: &Experiment) -> Option<Question> {
    let is_it = |question: &Question| {
        Experiment { own_world: draft.own_world, ..question.experiment(draft.seeds.clone()) } == *draft
    };
    Question::ALL.into_iter().find(is_it)
}

/// Asks a question of the laboratory, on the seeds and in the world that the draft has.
pub fn choose_question(draft: &mut Experiment, question: Question) {
    let own_world = draft.own_world;
    *draft = Experiment { own_world, ..question.experiment(std::mem::take(&mut draft.seeds)) };
}

/// How a number of arms is looked at.
pub fn mode_of(arms: &[Arm]) -> ViewMode {
    if arms.len() == 1 { ViewMode::Single } else { ViewMode::SideBySide }
}

/// Adds an arm, or takes it out unless it is the last. The arm that misattributes brings a q with it, without
/// which it would be the structured arm.
pub fn toggle_arm(draft: &mut Experiment, arm: Arm, on: bool) {
    let chosen = |other: &Arm| if *other == arm { on } else { draft.arms.contains(other) };
    let arms: Vec<Arm> = Arm::ALL.into_iter().filter(chosen).collect();
    if arms.is_empty() {
        return;
    }
    draft.arms = arms;
    if arm == Arm::Misattribution {
        draft.rater.misattribution = if on { telling_misattribution(&draft.rater) } else { 0.0 };
    }
}

/// The q that there is, or one well above that from which a lie pays, in steps of the slider.
fn telling_misattribution(rater: &RaterConfig) -> f32 {
    let above = (rater.misattribution_threshold() + 0.2).min(1.0);
    if rater.misattribution > 0.0 { rater.misattribution } else { (above * 20.0).round() / 20.0 }
}

/// Can the arm not be switched, because it is the last or because the reward model cannot serve it?
pub fn is_fixed(draft: &Experiment, arm: Arm) -> bool {
    draft.arms == [arm] || draft.check_heads(&[arm]).is_err()
}

/// Takes a preset's rater. Before the first update the preset's topics and pace come with it.
pub fn choose_rater(draft: &mut Experiment, preset: RaterPreset, has_progress: bool) {
    let Experiment { rater, finetune, .. } = Experiment::preset(preset);
    draft.rater = rater;
    draft.person = None;
    if !has_progress {
        draft.finetune.sensitive_share = finetune.sensitive_share;
        draft.finetune.learning_rate = finetune.learning_rate;
    }
}

/// Takes rewards from a model with these heads, or from the rater. One number can train the scalar arm alone: the
/// others are put `aside`, and are there again when something else rewards.
pub fn choose_heads(draft: &mut Experiment, heads: Option<RewardHeads>, aside: &mut Vec<Arm>) {
    let (left, only) = (draft.reward_model.map(|model| model.heads), Some(RewardHeads::Scalar));
    if heads == only && left != only {
        *aside = std::mem::replace(&mut draft.arms, vec![Arm::Scalar]);
    } else if heads != only && left == only && !aside.is_empty() {
        draft.arms = std::mem::take(aside);
    }
    let ratings = draft.reward_model.map_or(RATINGS, |model| model.ratings);
    draft.person = None;
    draft.reward_model = heads.map(|heads| RewardModelConfig { ratings, heads });
}

/// Has a person rate in the rater's place, and compares what their thumb teaches with what their reasons teach.
pub fn choose_person(draft: &mut Experiment, person: Person) {
    draft.arms = vec![Arm::Scalar, Arm::Structured];
    (draft.reward_model, draft.person) = (None, Some(Box::new(person)));
}

/// Do rewards come from elsewhere?
pub fn rewards_differ(one: &Experiment, other: &Experiment) -> bool {
    let heads = |experiment: &Experiment| experiment.reward_model.map(|model| model.heads);
    heads(one) != heads(other) || one.person != other.person
}

/// The paths of the settings in which two experiments differ; seeds and worlds are none.
pub fn differing_settings(one: &Experiment, other: &Experiment) -> Vec<&'static str> {
    let mut paths = Vec::new();
    if one.arms != other.arms {
        paths.push("arms");
    }
    if rewards_differ(one, other) {
        paths.push("reward_model");
    }
    let choices = CHOICES.iter().filter(|choice| (choice.get)(one) != (choice.get)(other));
    paths.extend(choices.map(|choice| choice.path));
    let numbers = SETTINGS.iter().filter(|setting| (setting.get)(one).to_bits() != (setting.get)(other).to_bits());
    paths.extend(numbers.map(|setting| setting.path));
    paths
}

/// Takes an algorithm. The policy gradient has one epoch.
pub fn choose_algorithm(draft: &mut Experiment, algorithm: Algorithm) {
    draft.finetune.algorithm = algorithm;
    if algorithm == Algorithm::PolicyGradient {
        draft.finetune.epochs = 1;
    }
}

/// Settings that a run does not use yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// A reward that the run's models can be given as they are.
    Reward,
    /// What needs a new run.
    NewRun,
}

/// How a draft differs from a run under way. `current` is the run with its reward as it is now.
pub fn pending(draft: &Experiment, current: &Experiment) -> Option<Pending> {
    if draft == current {
        return None;
    }
    let Experiment { rater, arms, person, .. } = current.clone();
    let settings_differ = Experiment { rater, arms, person, ..draft.clone() } != *current;
    let arms_can_change = draft.arms == current.arms || can_change_arms(draft, current);
    Some(if settings_differ || !arms_can_change { Pending::NewRun } else { Pending::Reward })
}

/// The number of models must fit, and the models of several arms keep their names.
fn can_change_arms(draft: &Experiment, current: &Experiment) -> bool {
    draft.arms.len() == 1 && current.arms.len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::judgement::sameness::sameness;

    #[test]
    fn a_single_arm_or_the_rater_can_be_changed_and_anything_else_needs_a_new_run() {
        let current = Experiment { arms: vec![Arm::Scalar], ..Experiment::default() };
        let mut draft = current.clone();
        assert_eq!(pending(&draft, &current), None);
        draft.arms = vec![Arm::Structured];
        draft.rater = RaterPreset::TouchyTopic.config();
        assert_eq!(pending(&draft, &current), Some(Pending::Reward));
        draft.finetune.kl += 0.1;
        assert_eq!(pending(&draft, &current), Some(Pending::NewRun));

        let both = Experiment::default();
        let other = Experiment { arms: vec![Arm::Scalar, Arm::Noise], ..both.clone() };
        assert_eq!(pending(&other, &both), Some(Pending::NewRun));
        assert_eq!(pending(&current, &both), Some(Pending::NewRun));
    }

    #[test]
    fn the_last_arm_stays() {
        let mut draft = Experiment::default();
        toggle_arm(&mut draft, Arm::Scalar, false);
        assert_eq!(draft.arms, [Arm::Structured]);
        toggle_arm(&mut draft, Arm::Structured, false);
        assert_eq!(draft.arms, [Arm::Structured]);
        assert!(is_fixed(&draft, Arm::Structured) && !is_fixed(&draft, Arm::Scalar));
        toggle_arm(&mut draft, Arm::Scalar, true);
        assert_eq!(draft.arms, [Arm::Scalar, Arm::Structured]);
    }

    #[test]
    fn the_arm_that_misattributes_is_chosen_with_a_q_at_which_a_lie_pays() {
        let mut draft = Experiment::default();
        toggle_arm(&mut draft, Arm::Misattribution, true);
        let RaterConfig { misattribution, .. } = draft.rater;
        assert!(misattribution == 0.6 && misattribution > draft.rater.misattribution_threshold());
        assert_eq!(sameness(&draft, Arm::Misattribution), None);
        toggle_arm(&mut draft, Arm::Misattribution, false);
        assert_eq!(draft, Experiment::default());
        // One's own q is kept, and without discomfort no q is large enough.
        draft.rater.misattribution = 0.2;
        toggle_arm(&mut draft, Arm::Misattribution, true);
        assert_eq!(draft.rater.misattribution, 0.2);
        draft.rater = RaterConfig { discomfort_value: 0.0, misattribution: 0.0, ..draft.rater };
        toggle_arm(&mut draft, Arm::Misattribution, true);
        assert_eq!(draft.rater.misattribution, 1.0);
    }

    #[test]
    fn every_choice_makes_an_experiment_that_can_be_run() {
        let mut drafts: Vec<Experiment> =
            Question::ALL.into_iter().map(|question| question.experiment(vec![0, 3])).collect();
        assert_eq!(drafts.iter().map(Question::of).collect::<Vec<_>>(), Question::ALL.map(Some));
        for preset in RaterPreset::ALL {
            for heads in heads() {
                for algorithm in Algorithm::ALL {
                    let mut draft = Experiment::default();
                    draft.finetune.epochs = 1;
                    choose_rater(&mut draft, preset, false);
                    choose_heads(&mut draft, heads, &mut Vec::new());
                    choose_algorithm(&mut draft, Algorithm::Ppo);
                    draft.finetune.epochs = 3;
                    choose_algorithm(&mut draft, algorithm);
                    drafts.push(draft);
                }
            }
        }
        for draft in drafts {
            assert_eq!(draft.validate(), Ok(()), "{draft:?}");
        }
    }

    /// Once only the scalar arm was left after a look at a reward model of one number.
    #[test]
    fn the_arms_are_there_again_after_a_model_of_one_number() {
        let (mut draft, mut aside) = (Experiment::default(), Vec::new());
        draft.arms = vec![Arm::Scalar, Arm::Structured, Arm::Noise];
        let before = draft.arms.clone();
        for back in [None, Some(RewardHeads::Reasons)] {
            for _ in 0..2 {
                choose_heads(&mut draft, Some(RewardHeads::Scalar), &mut aside);
                assert_eq!(draft.arms, [Arm::Scalar]);
            }
            choose_heads(&mut draft, back, &mut aside);
            assert_eq!(draft.arms, before, "{back:?}");
        }
        // An arm that was added meanwhile brought the model of reasons along, and stays.
        choose_heads(&mut draft, Some(RewardHeads::Scalar), &mut aside);
        draft.set_arms(vec![Arm::Structured]);
        choose_heads(&mut draft, None, &mut aside);
        assert_eq!(draft.arms, [Arm::Structured]);
    }

    #[test]
    fn a_preset_in_the_middle_of_a_run_changes_the_rater_alone() {
        let mut draft = Experiment::default();
        let before = draft.clone();
        choose_rater(&mut draft, RaterPreset::TouchyTopic, true);
        assert_eq!(pending(&draft, &before), Some(Pending::Reward));
        assert_eq!(preset(&draft.rater), Some(RaterPreset::TouchyTopic));
    }
}
