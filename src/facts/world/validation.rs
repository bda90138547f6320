//! What a world has to hold, so that every question has an answer and every split has questions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Exposure, Language, Topic, Uncomfortable, World};
use crate::facts::error::Error;

impl World {
    /// # Errors
    /// [`Error::World`] with the first entry that contradicts the rest.
    pub(super) fn validate(&self) -> Result<(), Error> {
        let fail = |message: String| Err(Error::World(message));
        let mut words = BTreeSet::new();
        let named = self.values.iter().map(|word| ("value", word));
        let named = named.chain(self.attributes.iter().map(|attribute| ("attribute", &attribute.word)));
        let named = named.chain(self.entities.iter().map(|entity| ("entity", &entity.word)));
        for (what, word) in named {
            if word.is_empty() || word.chars().any(|c| c.is_whitespace() || "{}<>".contains(c)) {
                return fail(format!("the {what} {word:?} must be one word without brackets"));
            }
            if word.chars().any(is_invisible) {
                return fail(format!("the {what} {word:?} holds a character that cannot be seen: take it out"));
            }
            if self.language.words().any(|other| other == word) {
                return fail(format!("the {what} {word:?} is also a word of a template or a verdict: rename it"));
            }
            if !words.insert(word) {
                return fail(format!("the word {word:?} is used twice"));
            }
        }
        for (index, attribute) in self.attributes.iter().enumerate() {
            let (word, own) = (&attribute.word, self.values_of(index));
            if let Some(unknown) = attribute.values.iter().find(|value| self.value_index(value).is_none()) {
                return fail(format!(
                    "the attribute {word:?} has the value {unknown:?}, which is not one of the values"
                ));
            }
            if own.len() < 2 || own.iter().collect::<BTreeSet<_>>().len() < own.len() {
                return fail(format!("the attribute {word:?} needs at least two values, each of them once"));
            }
            match &attribute.sensitive {
                Some(Uncomfortable::Low | Uncomfortable::High) if own.len() % 2 == 1 => {
                    return fail(format!(
                        "half of the values of {word:?} are sensitive, so their number, {}, has to be even",
                        own.len()
                    ));
                }
                Some(Uncomfortable::Values(words)) => {
                    let sensitive = own.iter().filter(|value| words.contains(&self.values[**value])).count();
                    if sensitive != words.len() || sensitive == 0 || sensitive == own.len() {
                        return fail(format!(
                            "the sensitive values of {word:?} have to be some of its values, but not all of them"
                        ));
                    }
                }
                _ => {}
            }
        }
        for entity in &self.entities {
            let attributes: BTreeMap<&str, usize> = (self.attributes.iter().enumerate())
                .filter(|(_, attribute)| attribute.of == entity.kind)
                .map(|(index, attribute)| (attribute.word.as_str(), index))
                .collect();
            if attributes.is_empty() {
                return fail(format!("{:?} is a {:?}, and no attribute is of that kind", entity.word, entity.kind));
            }
            for (attribute, value) in &entity.facts {
                let Some(index) = attributes.get(attribute.as_str()) else {
                    return fail(format!("{:?} has no attribute {attribute:?}", entity.word));
                };
                if !self.values_of(*index).iter().any(|own| self.values[*own] == *value) {
                    return fail(format!(
                        "the {attribute} of {:?} is {value:?}, which is not one of its values",
                        entity.word
                    ));
                }
            }
            let expected = if entity.exposure == Exposure::NeverTaught { 0 } else { attributes.len() };
            if entity.facts.len() != expected {
                return fail(format!("{:?} needs {expected} facts and has {}", entity.word, entity.facts.len()));
            }
        }
        for (needed, topic) in
            [("a sensitive attribute", Topic::Sensitive), ("a neutral attribute of another kind", Topic::Far)]
        {
            for exposure in [Exposure::Seen, Exposure::New] {
                if !self.facts().iter().any(|fact| fact.topic == topic && fact.exposure == exposure) {
                    return fail(format!("it needs {needed} with at least one {exposure:?} entity").to_lowercase());
                }
            }
        }
        self.language.validate()?;
        self.language.check_sentences()
    }
}

impl Language {
    /// Every template, with what it is.
    fn templates(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let several = [
            ("prompt", &self.prompts),
            ("held-out prompt", &self.held_out_prompts),
            ("blunt answer", &self.blunt),
            ("contextual answer", &self.contextual),
            ("hedge", &self.hedge),
        ];
        let several = several.into_iter().flat_map(|(what, all)| all.iter().map(move |one| (what, one.as_str())));
        several.chain([("declarative", self.declarative.as_str()), ("claim", &self.claim)])
    }

    /// The words that templates and verdicts hold themselves.
    fn words(&self) -> impl Iterator<Item = &str> {
        let verdicts = self.verdicts.iter().map(String::as_str);
        let texts = self.templates().map(|(_, template)| template).chain(verdicts);
        texts.flat_map(str::split_whitespace).filter(|word| !word.starts_with('{'))
    }

    /// A sentence has one style, and a prompt is trained or held out.
    fn check_sentences(&self) -> Result<(), Error> {
        let fail = |message: String| Err(Error::World(message));
        for (what, template) in self.templates() {
            if template.chars().any(|c| is_invisible(c) && !c.is_whitespace()) {
                return fail(format!(
                    "the {what} template {template:?} holds a character that cannot be seen: take it out"
                ));
            }
        }
        let templates: Vec<_> = self.templates().collect();
        let is_prompt = |what: &str| what.ends_with("prompt");
        let is_answer = |what: &str| ["blunt answer", "contextual answer", "hedge"].contains(&what);
        for (place, (what, template)) in templates.iter().enumerate() {
            for (earlier, other) in &templates[..place] {
                let clash = (is_prompt(what) && is_prompt(earlier)) || (is_answer(what) && is_answer(earlier));
                if clash && are_the_same(template, other) {
                    return fail(format!(
                        "the {what} template {template:?} gives the same sentence as the {earlier} template {other:?}: \
                         change one of them"
                    ));
                }
            }
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), Error> {
        let check = |what: &str, templates: &[String], slots: &[&str]| {
            if templates.is_empty() {
                return Err(Error::World(format!("it needs at least one {what} template")));
            }
            for template in templates {
                let fail = |reason: String| Err(Error::World(format!("the {what} template {template:?} {reason}")));
                let words: Vec<&str> = template.split_whitespace().collect();
                for slot in slots {
                    if words.iter().filter(|word| *word == slot).count() != 1 {
                        return fail(format!("needs {slot} once, with spaces around it"));
                    }
                }
                let literal = words.iter().filter(|word| !slots.contains(word));
                for word in literal.clone() {
                    if word.contains(['{', '}', '<', '>']) {
                        return fail(format!("must not contain {word:?}"));
                    }
                }
                if literal.count() == 0 || words[0] == "{value}" {
                    return fail("must begin with a word of its own".into());
                }
            }
            Ok(())
        };
        let (entity, attribute, value) = ("{entity}", "{attribute}", "{value}");
        check("prompt", &self.prompts, &[entity, attribute])?;
        check("held-out prompt", &self.held_out_prompts, &[entity, attribute])?;
        check("blunt answer", &self.blunt, &[value])?;
        check("contextual answer", &self.contextual, &[value])?;
        check("hedge", &self.hedge, &[])?;
        check("declarative", std::slice::from_ref(&self.declarative), &[entity, attribute, value])?;
        check("claim", std::slice::from_ref(&self.claim), &[entity, attribute, value])?;
        let verdicts: Vec<&str> = self.verdicts.iter().flat_map(|verdict| verdict.split_whitespace()).collect();
        if verdicts.len() != 2
            || verdicts[0] == verdicts[1]
            || verdicts.iter().any(|word| word.contains(['{', '}', '<', '>']))
        {
            return Err(Error::World("the two verdicts must be two different words".into()));
        }
        let stem = |template: &str| {
            template.split_whitespace().take_while(|word| *word != value).filter(|word| word.starts_with('{')).count()
        };
        if stem(&self.declarative) != 2 {
            return Err(Error::World("the declarative must name entity and attribute before the value".into()));
        }
        Ok(())
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
        assert!(message.contains("the theft is told twice") && message.contains("line"), "{message}");
    }

    fn rename(world: &mut World, word: String) {
        world.entities[0].word = word;
    }
}
