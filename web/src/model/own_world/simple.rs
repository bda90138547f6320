//! A world from a few lists of words: the small case, without a line of JSON.
//!
//! What is true is drawn by chance, which is what an invented world is; the world file that comes of it can be changed.

use std::collections::BTreeMap;

use hedgerow::documents::own_world::Recipe;
use hedgerow::facts::error::WorldFault;
use hedgerow::facts::random::{Purpose, stream};
use hedgerow::facts::world::{Attribute, Entity, Exposure, Language, Uncomfortable, World};
use rand::seq::IndexedRandom;

use super::{Flaw, OwnWorld};

/// Of so many names one is held out from the fine-tune.
const NEW: usize = 3;
/// Of so many names one is never taught; of fewer, none.
const NEVER_TAUGHT: usize = 8;

/// Lists of words, with commas between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simple {
    /// What people call the world.
    pub name: String,
    /// From the least to the most.
    pub values: String,
    /// Who or what the rater is touchy about.
    pub names: String,
    /// Their topics of which much makes the rater uncomfortable.
    pub much: String,
    /// Their topics of which little makes the rater uncomfortable.
    pub little: String,
    /// Their other topics.
    pub neutral: String,
    /// Something else, for comparison.
    pub other_names: String,
    /// Its topics.
    pub other_topics: String,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "those of `Simple`")]
pub enum Field {
    Name,
    Values,
    Names,
    Much,
    Little,
    Neutral,
    OtherNames,
    OtherTopics,
}

/// What is wrong with the lists.
#[derive(Debug, Clone, PartialEq)]
pub enum Slip {
    /// There are fewer entries in a field than this.
    TooFew(Field, usize),
    /// A field has something that no world has.
    Fault(Field, WorldFault),
    /// It is about no field.
    Flaw(Flaw),
}

impl Simple {
    /// The world file, or what is wrong with the lists, by their fields: whoever fills them in sees no line of the file.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn file(&self, seed: u64) -> Result<String, Slip> {
        // One of the names is held out, of either kind.
        let needed = [
            (Field::Name, &self.name, 1),
            (Field::Values, &self.values, 2),
            (Field::Names, &self.names, NEW),
            (Field::OtherNames, &self.other_names, NEW),
            (Field::OtherTopics, &self.other_topics, 1),
        ];
        if let Some((field, _, least)) = needed.into_iter().find(|(_, own, least)| list(own).len() < *least) {
            return Err(Slip::TooFew(field, least));
        }
        if list(&self.much).is_empty() && list(&self.little).is_empty() {
            return Err(Slip::TooFew(Field::Much, 1));
        }
        let file = self.world(seed).to_json();
        match OwnWorld::new(&file, Recipe::default()) {
            Ok(_) => Ok(file),
            Err(Flaw::World(misplaced)) => Err(match self.field(&misplaced.path) {
                Some(field) => Slip::Fault(field, misplaced.fault),
                None => Slip::Flaw(Flaw::World(misplaced)),
            }),
            Err(flaw) => Err(Slip::Flaw(flaw)),
        }
    }

    /// The field that a part of the file was made of.
    fn field(&self, path: &[String]) -> Option<Field> {
        let place = path.get(1).and_then(|number| number.parse::<usize>().ok());
        // The lists stand in the file one after another.
        let of = |lists: &[(Field, &String)]| {
            let mut place = place?;
            for (field, words) in lists {
                let count = list(words).len();
                if place <= count {
                    return Some(*field);
                }
                place -= count;
            }
            None
        };
        match path.first()?.as_str() {
            "name" => Some(Field::Name),
            "values" => Some(Field::Values),
            "attributes" => of(&[
                (Field::Much, &self.much),
                (Field::Little, &self.little),
                (Field::Neutral, &self.neutral),
                (Field::OtherTopics, &self.other_topics),
            ]),
            "entities" => of(&[(Field::Names, &self.names), (Field::OtherNames, &self.other_names)]),
            _ => None,
        }
    }

    /// The world, with facts that the seed draws. Whether the words make one is for the core to say.
    pub fn world(&self, seed: u64) -> World {
        let values = list(&self.values);
        let (much, little, neutral) = (list(&self.much), list(&self.little), list(&self.neutral));
        let sensitive = |words: Vec<String>, which: Uncomfortable| {
            let attribute =
                move |word| Attribute { word, of: MAIN.into(), values: vec![], sensitive: Some(which.clone()) };
            words.into_iter().map(attribute)
        };
        let plain = |words: Vec<String>, of: &'static str| {
            words.into_iter().map(move |word| Attribute { word, of: of.into(), values: vec![], sensitive: None })
        };
        let attributes: Vec<Attribute> = sensitive(much, Uncomfortable::High)
            .chain(sensitive(little, Uncomfortable::Low))
            .chain(plain(neutral, MAIN))
            .chain(plain(list(&self.other_topics), OTHER))
            .collect();
        let mut rng = stream(seed, 0, Purpose::World);
        let mut entities = Vec::new();
        for (kind, names) in [(MAIN, list(&self.names)), (OTHER, list(&self.other_names))] {
            let count = names.len();
            for (place, word) in names.into_iter().enumerate() {
                let exposure = exposure(place, count);
                let own =
                    attributes.iter().filter(|attribute| attribute.of == kind && exposure != Exposure::NeverTaught);
                let fact = |attribute: &Attribute| Some((attribute.word.clone(), values.choose(&mut rng)?.clone()));
                let facts: BTreeMap<String, String> = own.filter_map(fact).collect();
                entities.push(Entity { word, kind: kind.into(), exposure, facts });
            }
        }
        World { name: self.name.trim().to_owned(), seed, values, attributes, entities, language: Language::default() }
    }
}

const MAIN: &str = "main";
const OTHER: &str = "other";

/// Two of three names are seen; the last of every eight is never taught.
fn exposure(place: usize, count: usize) -> Exposure {
    match (place % NEW, place % NEVER_TAUGHT) {
        (_, last) if last == NEVER_TAUGHT - 1 && count >= NEVER_TAUGHT => Exposure::NeverTaught,
        (last, _) if last == NEW - 1 => Exposure::New,
        _ => Exposure::Seen,
    }
}

fn list(words: &str) -> Vec<String> {
    let words = words.split([',', ';', '\n']).map(|word| word.trim().to_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minerals() -> Simple {
        Simple {
            name: "Rocks".into(),
            values: "none, little, half, much".into(),
            names: "varn, Delk, oss ,, tirn\nbram; kell, zand, lorv, mish".into(),
            much: "rust".into(),
            little: "shine".into(),
            neutral: "weight".into(),
            other_names: "gale, fog, hail".into(),
            other_topics: "speed, cold".into(),
        }
    }

    #[test]
    fn lists_of_words_make_a_world_that_can_be_trained_on() {
        let world = minerals().world(1);
        assert_eq!(world.entities.len(), 12);
        assert_eq!(world.entities[1].word, "delk");
        assert!(OwnWorld::new(&world.to_json(), Recipe::default()).is_ok());
        assert_eq!(world, minerals().world(1));
        assert_ne!(world, minerals().world(2), "other facts");
        let of = |exposure| world.entities.iter().filter(|entity| entity.exposure == exposure).count();
        assert_eq!([Exposure::Seen, Exposure::New, Exposure::NeverTaught].map(of), [7, 4, 1]);
    }

    /// Once it was said of a line of the file, which the form does not show.
    #[test]
    fn what_is_wrong_with_the_lists_is_said_of_their_field() {
        for (lack, field, message) in [
            (Simple { name: " ".into(), ..minerals() }, Field::Name, ""),
            (Simple { names: "varn".into(), ..minerals() }, Field::Names, ""),
            (Simple { much: String::new(), little: String::new(), ..minerals() }, Field::Much, ""),
            (Simple { other_names: "gale, fog".into(), ..minerals() }, Field::OtherNames, ""),
            (Simple { other_topics: String::new(), ..minerals() }, Field::OtherTopics, ""),
            (Simple { values: "none, little, half".into(), ..minerals() }, Field::Values, "even"),
            (Simple { values: "none, none, half, half".into(), ..minerals() }, Field::Values, "twice"),
            (Simple { little: "shine, very heavy".into(), ..minerals() }, Field::Little, "one word"),
            (Simple { neutral: "very heavy".into(), ..minerals() }, Field::Neutral, "one word"),
            (Simple { neutral: "rust".into(), ..minerals() }, Field::Neutral, "twice"),
            (Simple { other_topics: "speed, rust".into(), ..minerals() }, Field::OtherTopics, "twice"),
            (Simple { other_names: "gale, fog, varn".into(), ..minerals() }, Field::OtherNames, "twice"),
        ] {
            match lack.file(1) {
                Err(Slip::TooFew(own, _)) => assert_eq!((own, message), (field, "")),
                Err(Slip::Fault(own, fault)) => {
                    assert_eq!(own, field, "{fault}");
                    assert!(!message.is_empty() && fault.to_string().contains(message), "{fault}");
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(minerals().file(1), Ok(minerals().world(1).to_json()));
        let many = (0..400).map(|place| format!("n{place},")).collect();
        let flaw = Simple { names: many, ..minerals() }.file(1);
        assert!(matches!(flaw, Err(Slip::Flaw(Flaw::TooLarge { .. }))), "{flaw:?}");
    }
}
