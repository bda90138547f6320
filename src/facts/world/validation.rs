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
        self.language.validate()
    }
}

impl Language {
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

        let message = World::from_json("{ not json").map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("line 1"), "{message}");
    }
}
