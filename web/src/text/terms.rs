//! The core's codes and ids in words: errors, engines, links, arms, slices, quantities.
//!
//! Leaves out the sentences, which are in the language's file, and everything that belongs to one panel.

use hedgerow::Error;
use hedgerow::documents::metrics::Slice;
use hedgerow::documents::protocol::EngineReason;
use hedgerow::facts::error::{ExperimentFault, InspectionFault, RatingsFault};
use hedgerow::judgement::experiment::Arm;
use hedgerow::judgement::settings;

use super::numbers::{count, fixed, list};
use super::{Term, text};

/// Quantities with a text that are no rate: probes by their fit, numbers of an update.
pub(super) const BESIDE_THE_RATES: [&str; 8] =
    ["probe_retrained", "probe_frozen", "probe_control", "rater_score", "proxy_score", "flat_groups", "kl", "entropy"];

/// Name and meaning of an arm.
pub fn arm(arm: Arm) -> &'static Term {
    text().arms.get(arm.id())
}

/// Name and meaning of a slice of the questions.
pub fn slice(slice: Slice) -> &'static Term {
    text().slices.get(slice.name())
}

/// What went wrong.
pub fn error(error: &Error) -> String {
    let errors = &text().errors;
    match error {
        Error::World(detail) => errors.world(detail),
        Error::Tokenizer(detail) => errors.tokenizer(detail),
        Error::Experiment(fault) => experiment_fault(fault),
        Error::Checkpoint(detail) => errors.checkpoint(detail),
        Error::Benchmark(detail) => errors.benchmark(detail),
        Error::UnknownWords(words) => {
            let quoted: Vec<String> = words.iter().map(|word| format!("“{word}”")).collect();
            errors.unknown_words.fill(words.len(), &[("words", &list(&quoted))])
        }
        Error::TooLong { tokens, limit } => errors.too_long(count(*tokens), count(*limit)),
        Error::Device(detail) => errors.device(detail),
        Error::NotFinite { update, arm, seed } => errors.not_finite(update, arm_named(arm), seed),
        Error::Message(detail) => errors.message(detail),
        Error::RunNotLoaded { .. } => errors.run_not_loaded.to_owned(),
        Error::Inspection(fault) => inspection_fault(fault),
        Error::Ratings(fault) => ratings_fault(fault),
        Error::Panicked { place } => errors.panicked(place),
    }
}

/// What makes no sense about an experiment.
pub fn experiment_fault(fault: &ExperimentFault) -> String {
    let errors = &text().errors;
    match fault {
        ExperimentFault::NoArms => errors.no_arms.to_owned(),
        ExperimentFault::NoSeeds => errors.no_seeds.to_owned(),
        ExperimentFault::Repeated => errors.repeated.to_owned(),
        ExperimentFault::OutOfRange { path, low, high, .. } => errors.out_of_range(setting_named(path), low, high),
        ExperimentFault::NotWhole { path, .. } => errors.not_whole(setting_named(path)),
        ExperimentFault::NotANumber { path, .. } => errors.not_a_number(setting_named(path)),
        ExperimentFault::NoSuchOption { path, text, options } => errors.no_such_option(path, text, list(options)),
        ExperimentFault::NotJson { path, reason, .. } => errors.not_json(path, reason),
        ExperimentFault::NoSuchSetting { path } => errors.no_such_setting(path),
        ExperimentFault::NoRewardModel => errors.no_reward_model.to_owned(),
        ExperimentFault::OffPolicyEpochs => errors.off_policy_epochs.to_owned(),
        ExperimentFault::ProbeInterval => errors.probe_interval.to_owned(),
        ExperimentFault::ArmNeedsReasons(arm) => errors.arm_needs_reasons(arm_named(arm)),
        ExperimentFault::ArmCount { arms, replicas } => errors.arm_count(count(*arms), count(*replicas)),
        ExperimentFault::NoBaseModel { seed } => errors.no_base_model(seed),
        ExperimentFault::NoReplica => errors.no_replica.to_owned(),
    }
}

fn inspection_fault(fault: &InspectionFault) -> String {
    let errors = &text().errors;
    match fault {
        InspectionFault::NoUpdate => errors.nothing_to_see.to_owned(),
        InspectionFault::NoPrompt { prompt, prompts } => errors.no_prompt(prompt, prompts),
        InspectionFault::NoLayer { layer, blocks } => errors.no_layer(layer, blocks),
    }
}

fn ratings_fault(fault: &RatingsFault) -> String {
    let errors = &text().errors;
    match fault {
        RatingsFault::NothingToRate => errors.nothing_to_rate.to_owned(),
        RatingsFault::Count { given, completions } => errors.rating_count(count(*given), count(*completions)),
        RatingsFault::NotFinite { .. } => errors.rating_not_finite.to_owned(),
    }
}

/// Why an engine was chosen.
pub fn engine_reason(reason: &EngineReason) -> String {
    let engine = &text().engine;
    match reason {
        EngineReason::ChosenCpu => engine.chosen_cpu.to_owned(),
        EngineReason::NotBuilt | EngineReason::NotOffered => engine.not_offered.to_owned(),
        EngineReason::NotOpened(reason) => engine.not_opened(reason),
        EngineReason::Differs(what) => engine.differs(what),
        EngineReason::ChosenGpu => engine.chosen_gpu.to_owned(),
        EngineReason::Software => engine.software_gpu.to_owned(),
        EngineReason::Faster(times) => engine.faster(fixed(*times, 1)),
        EngineReason::TooLargeForGpu => engine.too_large.to_owned(),
        EngineReason::Slower(times) => engine.slower(fixed(*times, 1)),
    }
}

/// The setting's name for people, or the path itself if there is no such setting.
pub fn setting_named(path: &str) -> &str {
    settings::setting(path).map_or(path, |setting| text().setting_names.get(setting.path))
}

/// The arm's name for people, or the id itself if this page does not have it.
fn arm_named(id: &str) -> &str {
    Arm::from_id(id).map_or(id, |known| arm(known).name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::speak_english;

    #[test]
    fn errors_are_whole_sentences_with_the_names_that_people_know() {
        speak_english();
        let not_finite = Error::NotFinite { update: 5, arm: "noise".into(), seed: 3 };
        assert!(error(&not_finite).starts_with("Update 5 of “Noise alone” with seed 3 "));
        let unknown = Error::UnknownWords(vec!["zorg".into()]);
        assert_eq!(error(&unknown), "The model does not know the word “zorg”.");
        let unknown = Error::UnknownWords(vec!["zorg".into(), "blip".into()]);
        assert_eq!(error(&unknown), "The model does not know the words “zorg” and “blip”.");
        let range = ExperimentFault::OutOfRange { path: "finetune.kl".into(), value: 2.0, low: 0.0, high: 1.0 };
        assert_eq!(error(&range.into()), "“KL coefficient” must be a number from 0 to 1.");
    }
}
