//! What a world has to hold, so that every question has an answer and every split has questions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entity, Exposure, Language, Topic, Uncomfortable, World};
use crate::facts::error::{TemplateKind, WordKind, WorldFault};

impl World {
    /// # Errors
    /// The first entry that contradicts the rest.
    pub(super) fn validate(&self) -> Result<(), WorldFault> {
        let mut words = BTreeSet::new();
        let named = self.values.iter().map(|word| (WordKind::Value, word));
        let named = named.chain(self.attributes.iter().map(|attribute| (WordKind::Attribute, &attribute.word)));
        let named = named.chain(self.entities.iter().map(|entity| (WordKind::Entity, &entity.word)));
        for (kind, word) in named {
            if word.is_empty() || word.chars().any(|c| c.is_whitespace() || "{}<>".contains(c)) {
                return Err(WorldFault::NotOneWord { kind, word: word.clone() });
            }
            if word.chars().any(is_invisible) {
                return Err(WorldFault::InvisibleWord { kind, word: word.clone() });
            }
            if self.language.words().any(|other| other == word) {
                return Err(WorldFault::WordOfSentences { kind, word: word.clone() });
            }
            if !words.insert(word) {
                return Err(WorldFault::UsedTwice { word: word.clone() });
            }
        }
        for (index, attribute) in self.attributes.iter().enumerate() {
            let own = self.values_of(index);
            let name = || attribute.word.clone();
            if let Some(unknown) = attribute.values.iter().find(|value| self.value_index(value).is_none()) {
                return Err(WorldFault::UnknownValue { attribute: name(), value: unknown.clone() });
            }
            if own.len() < 2 || own.iter().collect::<BTreeSet<_>>().len() < own.len() {
                return Err(WorldFault::TooFewValues { attribute: name() });
            }
            match &attribute.sensitive {
                Some(Uncomfortable::Low | Uncomfortable::High) if own.len() % 2 == 1 => {
                    return Err(WorldFault::NoHalf { attribute: name(), values: own.len() });
                }
                Some(Uncomfortable::Values(words)) => {
                    let sensitive = own.iter().filter(|value| words.contains(&self.values[**value])).count();
                    if sensitive != words.len() || sensitive == 0 || sensitive == own.len() {
                        return Err(WorldFault::SensitiveValues { attribute: name() });
                    }
                }
                _ => {}
            }
        }
        for entity in &self.entities {
            self.validate_facts(entity)?;
        }
        for topic in [Topic::Sensitive, Topic::Far] {
            for exposure in [Exposure::Seen, Exposure::New] {
                if !self.facts().iter().any(|fact| fact.topic == topic && fact.exposure == exposure) {
                    let (sensitive, seen) = (topic == Topic::Sensitive, exposure == Exposure::Seen);
                    return Err(WorldFault::NoQuestions { sensitive, seen });
                }
            }
        }
        self.language.validate()?;
        self.language.check_sentences()
    }

    fn validate_facts(&self, entity: &Entity) -> Result<(), WorldFault> {
        let name = || entity.word.clone();
        let attributes: BTreeMap<&str, usize> = (self.attributes.iter().enumerate())
            .filter(|(_, attribute)| attribute.of == entity.kind)
            .map(|(index, attribute)| (attribute.word.as_str(), index))
            .collect();
        if attributes.is_empty() {
            return Err(WorldFault::NoAttributes { entity: name(), kind: entity.kind.clone() });
        }
        for (attribute, value) in &entity.facts {
            let Some(index) = attributes.get(attribute.as_str()) else {
                return Err(WorldFault::UnknownAttribute { entity: name(), attribute: attribute.clone() });
            };
            if !self.values_of(*index).iter().any(|own| self.values[*own] == *value) {
                let (attribute, value) = (attribute.clone(), value.clone());
                return Err(WorldFault::NotItsValue { entity: name(), attribute, value });
            }
        }
        let needed = if entity.exposure == Exposure::NeverTaught { 0 } else { attributes.len() };
        if entity.facts.len() != needed {
            return Err(WorldFault::FactCount { entity: name(), needed, given: entity.facts.len() });
        }
        Ok(())
    }
}

impl Language {
    /// Every template, with what it is for.
    fn templates(&self) -> impl Iterator<Item = (TemplateKind, &str)> {
        let several = [
            (TemplateKind::Prompt, &self.prompts),
            (TemplateKind::HeldOutPrompt, &self.held_out_prompts),
            (TemplateKind::Blunt, &self.blunt),
            (TemplateKind::Contextual, &self.contextual),
            (TemplateKind::Hedge, &self.hedge),
        ];
        let several = several.into_iter().flat_map(|(kind, all)| all.iter().map(move |one| (kind, one.as_str())));
        several.chain([(TemplateKind::Declarative, self.declarative.as_str()), (TemplateKind::Claim, &self.claim)])
    }

    /// The words that templates and verdicts hold themselves.
    fn words(&self) -> impl Iterator<Item = &str> {
        let verdicts = self.verdicts.iter().map(String::as_str);
        let texts = self.templates().map(|(_, template)| template).chain(verdicts);
        texts.flat_map(str::split_whitespace).filter(|word| !word.starts_with('{'))
    }

    /// A sentence has one style, and a prompt is trained or held out.
    fn check_sentences(&self) -> Result<(), WorldFault> {
        let templates: Vec<_> = self.templates().collect();
        for &(kind, template) in &templates {
            if template.chars().any(|c| is_invisible(c) && !c.is_whitespace()) {
                return Err(WorldFault::InvisibleInTemplate { kind, template: template.to_owned() });
            }
        }
        for (place, &(kind, template)) in templates.iter().enumerate() {
            for &(other_kind, other) in &templates[..place] {
                let clash =
                    (kind.is_prompt() && other_kind.is_prompt()) || (kind.is_answer() && other_kind.is_answer());
                if clash && are_the_same(template, other) {
                    let (template, other) = (template.to_owned(), other.to_owned());
                    return Err(WorldFault::SameSentence { kind, template, other_kind, other });
                }
            }
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), WorldFault> {
        for (kind, templates) in [
            (TemplateKind::Prompt, &self.prompts),
            (TemplateKind::HeldOutPrompt, &self.held_out_prompts),
            (TemplateKind::Blunt, &self.blunt),
            (TemplateKind::Contextual, &self.contextual),
            (TemplateKind::Hedge, &self.hedge),
        ] {
            if templates.is_empty() {
                return Err(WorldFault::NoTemplate { kind });
            }
        }
        for (kind, template) in self.templates() {
            check_template(kind, template)?;
        }
        let is_word = |word: &String| {
            !word.is_empty() && !word.chars().any(|c| c.is_whitespace() || is_invisible(c) || "{}<>".contains(c))
        };
        if self.verdicts[0] == self.verdicts[1] || !self.verdicts.iter().all(is_word) {
            return Err(WorldFault::Verdicts);
        }
        let before_value = self.declarative.split_whitespace().take_while(|word| *word != VALUE);
        match before_value.filter(|word| word.starts_with('{')).count() {
            2 => Ok(()),
            _ => Err(WorldFault::Declarative),
        }
    }
}

const ENTITY: &str = "{entity}";
const ATTRIBUTE: &str = "{attribute}";
const VALUE: &str = "{value}";

/// A template has each of its slots once, no other brackets, and begins with a word of its own.
fn check_template(kind: TemplateKind, template: &str) -> Result<(), WorldFault> {
    let slots: &[&str] = match kind {
        TemplateKind::Prompt | TemplateKind::HeldOutPrompt => &[ENTITY, ATTRIBUTE],
        TemplateKind::Blunt | TemplateKind::Contextual => &[VALUE],
        TemplateKind::Hedge => &[],
        TemplateKind::Declarative | TemplateKind::Claim => &[ENTITY, ATTRIBUTE, VALUE],
    };
    let words: Vec<&str> = template.split_whitespace().collect();
    let template = || template.to_owned();
    for slot in slots {
        if words.iter().filter(|word| *word == slot).count() != 1 {
            return Err(WorldFault::Slot { kind, template: template(), slot: (*slot).to_owned() });
        }
    }
    let literal = words.iter().filter(|word| !slots.contains(word));
    for word in literal.clone() {
        if word.contains(['{', '}', '<', '>']) {
            return Err(WorldFault::Brackets { kind, template: template(), word: (*word).to_owned() });
        }
    }
    match literal.count() > 0 && words[0] != VALUE {
        true => Ok(()),
        false => Err(WorldFault::NoWordOfItsOwn { kind, template: template() }),
    }
}

/// Do two templates come out as one sentence? No word of their own is a value.
fn are_the_same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// Characters that change how others are shown, or nothing, and control characters: Unicode's categories Cc and Cf.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_world_file_says_which_entry_and_why() {
        let mut world = World::generate(0);
        world.entities[3].facts.insert("theft".into(), "purple".into());
        let message = World::from_json(&world.to_json()).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("purple") && message.contains(&world.entities[3].word), "{message}");

        let mut world = World::generate(0);
        world.language.blunt = vec!["so it is .".into()];
        let message = World::from_json(&world.to_json()).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("{value}") && message.contains("blunt"), "{message}");

        for (template, problem) in
            [("it is {value}.", "spaces"), ("{value} .", "begin"), ("it is {value} {entity} .", "{entity}")]
        {
            let mut world = World::generate(0);
            world.language.blunt = vec![template.into()];
            let message = World::from_json(&world.to_json()).map(|_| ()).unwrap_err().to_string();
            assert!(message.contains(problem), "{message}");
        }

        let [colour, all] = [["red"].as_slice(), &["low", "high"]]
            .map(|words| Some(Uncomfortable::Values(words.iter().map(|word| (*word).into()).collect())));
        for (values, sensitive, problem) in [
            (vec!["red", "green"], colour.clone(), "\"red\", which is not one of the values"),
            (vec!["low"], None, "at least two"),
            (vec!["low", "low"], None, "once"),
            (vec!["low", "high", "severe"], Some(Uncomfortable::Low), "even"),
            (vec!["low", "high"], colour, "some of its values"),
            (vec!["low", "high"], all, "some of its values"),
        ] {
            let mut world = World::generate(0);
            world.attributes[0].values = values.into_iter().map(str::to_owned).collect();
            world.attributes[0].sensitive = sensitive;
            let message = World::from_json(&world.to_json()).map(|_| ()).unwrap_err().to_string();
            assert!(message.contains(problem) && message.contains("theft"), "{message}");
        }

        let json = World::generate(0).to_json();
        let mended = World::from_json(&format!("\u{feff}{}", json.replace('\n', "\r\n")));
        assert_eq!(mended, Ok(World::generate(0)), "a byte-order mark and the line ends of Windows");

        let message = World::from_json("{ not json").map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("line 1"), "{message}");
    }

    /// A verdict with a space before it once was accepted, and had no place in the vocabulary.
    #[test]
    fn a_verdict_is_one_word_and_nothing_else() {
        for verdict in [" alse", "not true", "", "fal\u{200b}se", "<false>", "true"] {
            let mut world = World::generate(0);
            world.language.verdicts[1] = verdict.into();
            let message = World::from_json(&world.to_json()).map(|_| ()).unwrap_err().to_string();
            assert!(message.contains("two different words"), "{verdict:?}: {message}");
        }
    }

    /// Such worlds were accepted, and left a style, a split or a value undefined.
    #[test]
    fn a_world_that_leaves_something_undefined_is_refused_with_place_and_mend() {
        type Slip = fn(&mut World);
        let slips: [(Slip, &str, &str); 7] = [
            (|world| world.language.contextual.push(world.language.blunt[0].clone()), "same sentence", "change one"),
            (
                |world| {
                    let told = world.language.blunt[0].replace("{value}", &world.values[1]);
                    world.language.hedge.push(told);
                },
                "also a word of a template",
                "rename it",
            ),
            (
                |world| world.language.held_out_prompts.push(world.language.prompts[1].clone()),
                "held-out prompt",
                "change one",
            ),
            (|world| world.language.prompts.push(format!(" {}  ", world.language.prompts[0])), "prompt", "change one"),
            (|world| rename(world, world.language.verdicts[0].clone()), "verdict", "rename it"),
            (|world| rename(world, "va\u{202e}rn".into()), "cannot be seen", "take it out"),
            (|world| world.language.hedge.push("who kn\u{200b}ows .".into()), "cannot be seen", "take it out"),
        ];
        for (slip, place, mend) in slips {
            let mut world = World::generate(0);
            slip(&mut world);
            let message = World::from_json(&world.to_json()).map(|_| ()).unwrap_err().to_string();
            assert!(message.contains(place) && message.contains(mend), "{message}");
        }
        let json = World::generate(0).to_json();
        let fact = r#""theft":"#;
        let twice = json.replacen(fact, &format!("{fact} \"low\", {fact}"), 1);
        assert_ne!(json, twice);
        let message = World::from_json(&twice).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("the theft appears twice") && message.contains("line"), "{message}");
    }

    fn rename(world: &mut World, word: String) {
        world.entities[0].word = word;
    }
}
