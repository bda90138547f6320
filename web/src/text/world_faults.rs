//! What is wrong with a world file, in words that come with the panels that load later.

use hedgerow::facts::error::{Part, TemplateKind, WordKind, WorldFault};

use super::later::later;
use super::numbers::{count, list};

/// What is wrong with a world file, in a sentence of its own.
pub fn world_fault(fault: &WorldFault) -> String {
    let worlds = &later().world_faults;
    let (named, template_for) = (word_kind, template_kind);
    match fault {
        WorldFault::NotAWorld(reason) => worlds.not_a_world(reason),
        WorldFault::Syntax { found } => worlds.syntax(found),
        WorldFault::CutShort => worlds.cut_short.to_owned(),
        WorldFault::UnknownField { field, known } => {
            worlds.unknown_field(field, list(&known.iter().map(|own| (*own).to_owned()).collect::<Vec<_>>()))
        }
        WorldFault::MissingField { field, expected } => worlds.missing_field(field, part(*expected)),
        WorldFault::WrongPart { found, expected } => worlds.wrong_part(found, part(*expected)),
        WorldFault::ToldTwice { field } => worlds.told_twice(field),
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

/// As it ends a sentence.
fn part(part: Part) -> &'static str {
    let worlds = &later().world_faults;
    match part {
        Part::Text => worlds.text,
        Part::Whole => worlds.whole,
        Part::Texts => worlds.texts,
        Part::Pair => worlds.pair,
        Part::Fields => worlds.fields,
        Part::List => worlds.list,
        Part::Sensitive => worlds.sensitive,
        Part::Exposure => worlds.exposure,
    }
}

/// As it begins a sentence.
fn word_kind(kind: WordKind) -> &'static str {
    let worlds = &later().world_faults;
    match kind {
        WordKind::Value => worlds.value,
        WordKind::Attribute => worlds.attribute,
        WordKind::Entity => worlds.entity,
    }
}

/// As it begins a sentence.
fn template_kind(kind: TemplateKind) -> &'static str {
    let worlds = &later().world_faults;
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

#[cfg(test)]
mod tests {
    use super::super::{later, speak_english};
    use super::*;
    use hedgerow::facts::world::World;

    fn refused(world: &World) -> String {
        world_fault(&World::read(&world.to_json(), &[]).unwrap_err().fault)
    }

    #[test]
    fn what_is_wrong_with_a_world_is_said_with_its_place() {
        speak_english();
        later::speak_english();
        let mut world = World::generate(0);
        world.attributes[0].values = vec!["red".into(), "high".into()];
        let expected = "The attribute “theft” has the value “red”, which is not among the world’s values. \
                        Add it to “values” at the top, or choose one that is there.";
        assert_eq!(refused(&world), expected);
        let mut world = World::generate(0);
        world.language.hedge.push(world.language.blunt[0].clone());
        assert!(refused(&world).starts_with("The hedge “"), "{}", refused(&world));
        // None of it in the words of a reader of JSON.
        let text = World::generate(0).to_json();
        for (broken, says) in [
            (text.replacen(':', "=", 1), "cannot be read from “= "),
            (text.replacen("\"sensitive\": \"high\"", "\"sensitive\": 7", 1), "Here stands 7"),
            (text.replacen("\"kind\"", "\"kin\"", 1), "called word, kind, exposure and facts"),
        ] {
            assert_ne!(broken, text);
            let said = world_fault(&World::read(&broken, &[]).unwrap_err().fault);
            assert!(said.contains(says), "{said}");
        }
    }
}
