//! Errors in words.

use hedgerow::Error;
use hedgerow::facts::error::{ExperimentFault, InspectionFault, RatingsFault};

use super::names::{arm_named, setting_named};
use super::numbers::{count, exact, fixed, list};
use super::text;

/// What went wrong.
pub fn error(error: &Error) -> String {
    let errors = &text().errors;
    match error {
        Error::World(fault) => {
            // What is wrong with a world of the visitor's own is said before anything is done with it (`world_faults`).
            log::error!("{fault}");
            errors.world.to_owned()
        }
        Error::Tokenizer(detail) => errors.tokenizer(detail),
        Error::OtherWords => errors.other_words.to_owned(),
        Error::Experiment(fault) => experiment_fault(fault),
        Error::Checkpoint(fault) => errors.checkpoint(fault),
        Error::Benchmark(detail) => errors.benchmark(detail),
        Error::UnknownWords(words) => {
            let quoted: Vec<String> = words.iter().map(|word| errors.quoted(word)).collect();
            errors.unknown_words.fill(words.len(), "words", &list(&quoted))
        }
        Error::TooLong { tokens, limit } => errors.too_long(count(*tokens), count(*limit)),
        Error::Device(detail) => errors.device(detail),
        Error::Differs(_) => errors.differs.to_owned(),
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
        ExperimentFault::TooManyModels { models, most } => errors.too_many_models(count(*models), count(*most)),
        ExperimentFault::Repeated => errors.repeated.to_owned(),
        ExperimentFault::OutOfRange { path, low, high, .. } => {
            errors.out_of_range(setting_named(path), exact(*low), exact(*high))
        }
        ExperimentFault::NotWhole { path, .. } => errors.not_whole(setting_named(path)),
        ExperimentFault::NotANumber { path, .. } => errors.not_a_number(setting_named(path)),
        ExperimentFault::NoSuchOption { path, text, options } => errors.no_such_option(path, text, list(options)),
        ExperimentFault::NotJson { path, reason, .. } => errors.not_json(path, reason),
        ExperimentFault::NoSuchSetting { path } => errors.no_such_setting(path),
        ExperimentFault::NoRewardModel => errors.no_reward_model.to_owned(),
        ExperimentFault::TwoJudges => errors.two_judges.to_owned(),
        ExperimentFault::OffPolicyEpochs => errors.off_policy_epochs.to_owned(),
        ExperimentFault::ProbeInterval => errors.probe_interval.to_owned(),
        ExperimentFault::ArmNeedsReasons(arm) => errors.arm_needs_reasons(arm_named(arm)),
        ExperimentFault::ArmCount { arms, replicas } => errors.arm_count(count(*arms), count(*replicas)),
        ExperimentFault::NoBaseModel { seed } => errors.no_base_model(seed),
        ExperimentFault::NoReplica => errors.no_replica.to_owned(),
        ExperimentFault::TooMuchMemory { bytes, most } => {
            let [needed, most] = [bytes, most].map(|bytes| fixed(*bytes as f64 / 1e9, 1));
            errors.too_much_memory(needed, most)
        }
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

#[cfg(test)]
mod tests {
    use super::super::speak_english;
    use super::*;
    use hedgerow::facts::error::CheckpointFault;

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

    #[test]
    fn what_is_wrong_with_a_base_model_is_said() {
        speak_english();
        let other = Error::from(CheckpointFault::OtherSeed { found: 3, wanted: 4 });
        assert!(error(&other).starts_with("The base model cannot be used ("), "{}", error(&other));
    }
}
