//! Errors in words.

use hedgerow::Error;
use hedgerow::facts::error::{
    CheckpointFault, ExperimentFault, InspectionFault, RatingsFault, TemplateKind, WordKind, WorldFault,
};

use super::numbers::{count, exact, list};
use super::terms::{arm_named, setting_named};
use super::text;

/// What went wrong.
pub fn error(error: &Error) -> String {
    let errors = &text().errors;
    match error {
        Error::World(fault) => errors.world(world_fault(fault)),
        Error::Tokenizer(detail) => errors.tokenizer(detail),
        Error::OtherWords => errors.other_words.to_owned(),
        Error::Experiment(fault) => experiment_fault(fault),
        Error::Checkpoint(fault) => errors.checkpoint(checkpoint_fault(fault)),
        Error::Benchmark(detail) => errors.benchmark(detail),
        Error::UnknownWords(words) => {
            let quoted: Vec<String> = words.iter().map(|word| errors.quoted(word)).collect();
            errors.unknown_words.fill(words.len(), "words", &list(&quoted))
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

/// What is wrong with a world file, in a sentence of its own.
fn world_fault(fault: &WorldFault) -> String {
    let worlds = &text().worlds;
    let (named, template_for) = (word_kind, template_kind);
    match fault {
        WorldFault::NotAWorld(reason) => worlds.not_a_world(reason),
        WorldFault::NotOneWord { kind, word } => worlds.not_one_word(named(*kind), word),
        WorldFault::InvisibleWord { kind, word } => worlds.invisible(named(*kind), word),
        WorldFault::WordOfSentences { kind, word } => worlds.word_of_sentences(named(*kind), word),
        WorldFault::UsedTwice { word } => worlds.used_twice(word),
        WorldFault::UnknownValue { attribute, value } => worlds.unknown_value(attribute, value),
        WorldFault::TooFewValues { attribute } => worlds.too_few_values(attribute),
        WorldFault::NoHalf { attribute, values } => worlds.no_half(attribute, count(*values)),
        WorldFault::SensitiveValues { attribute } => worlds.sensitive_values(attribute),
        WorldFault::NoAttributes { entity, kind } => worlds.no_attributes(entity, kind),
        WorldFault::UnknownAttribute { entity, attribute } => worlds.unknown_attribute(entity, attribute),
        WorldFault::NotItsValue { entity, attribute, value } => worlds.not_its_value(entity, attribute, value),
        WorldFault::FactCount { entity, needed, given } => worlds.fact_count(entity, count(*needed), count(*given)),
        WorldFault::NoQuestions { sensitive: true, seen: true } => worlds.no_sensitive_seen.to_owned(),
        WorldFault::NoQuestions { sensitive: true, seen: false } => worlds.no_sensitive_new.to_owned(),
        WorldFault::NoQuestions { sensitive: false, seen: true } => worlds.no_neutral_seen.to_owned(),
        WorldFault::NoQuestions { sensitive: false, seen: false } => worlds.no_neutral_new.to_owned(),
        WorldFault::InvisibleInTemplate { kind, template } => worlds.invisible(template_for(*kind), template),
        WorldFault::SameSentence { kind, template, other, .. } => {
            worlds.same_sentence(template_for(*kind), template, other)
        }
        WorldFault::NoTemplate { kind } => worlds.no_template(template_for(*kind)),
        WorldFault::Slot { kind, template, slot } => worlds.slot(template_for(*kind), template, slot),
        WorldFault::Brackets { kind, template, word } => worlds.brackets(template_for(*kind), template, word),
        WorldFault::NoWordOfItsOwn { kind, template } => worlds.no_word_of_its_own(template_for(*kind), template),
        WorldFault::Verdicts => worlds.verdicts.to_owned(),
        WorldFault::Declarative => worlds.declarative_order.to_owned(),
    }
}

/// As it begins a sentence.
fn word_kind(kind: WordKind) -> &'static str {
    let worlds = &text().worlds;
    match kind {
        WordKind::Value => worlds.value,
        WordKind::Attribute => worlds.attribute,
        WordKind::Entity => worlds.entity,
    }
}

/// As it begins a sentence.
fn template_kind(kind: TemplateKind) -> &'static str {
    let worlds = &text().worlds;
    match kind {
        TemplateKind::Prompt => worlds.prompt,
        TemplateKind::HeldOutPrompt => worlds.held_out_prompt,
        TemplateKind::Blunt => worlds.blunt,
        TemplateKind::Contextual => worlds.contextual,
        TemplateKind::Hedge => worlds.hedge,
        TemplateKind::Declarative => worlds.declarative,
        TemplateKind::Claim => worlds.claim,
    }
}

/// What is wrong with a base model or a saved state, in a sentence of its own.
fn checkpoint_fault(fault: &CheckpointFault) -> String {
    let worlds = &text().worlds;
    match fault {
        CheckpointFault::Damaged(reason) => worlds.damaged(reason),
        CheckpointFault::ImpossibleShape(reason) => worlds.impossible_shape(reason),
        CheckpointFault::NotFinite => worlds.not_finite.to_owned(),
        CheckpointFault::OtherSeed { found, wanted } => worlds.other_seed(found, wanted),
        CheckpointFault::OtherWorld { seed } => worlds.other_world(seed),
        CheckpointFault::OtherModels => worlds.other_models.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::speak_english;
    use super::*;
    use hedgerow::facts::world::World;

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
    fn what_is_wrong_with_a_world_is_said_with_its_place() {
        speak_english();
        let mut world = World::generate(0);
        world.attributes[0].values = vec!["red".into(), "high".into()];
        let refused = World::from_json(&world.to_json()).map(|_| ()).unwrap_err();
        let expected = "The world file cannot be used. The attribute “theft” has the value “red”, which is not among the \
                        world's values.";
        assert_eq!(error(&refused), expected);
        let mut world = World::generate(0);
        world.language.hedge.push(world.language.blunt[0].clone());
        let said = error(&World::from_json(&world.to_json()).map(|_| ()).unwrap_err());
        assert!(said.starts_with("The world file cannot be used. The hedge “"), "{said}");
        let other = Error::from(CheckpointFault::OtherSeed { found: 3, wanted: 4 });
        assert_eq!(error(&other), "The base model cannot be used. It is the one of seed 3, and not of seed 4.");
    }
}
