//! A world from a few lists of words: the small case, without a line of JSON.
//!
//! What is true is drawn by chance, which is what an invented world is; the world file that comes of it can be changed.

use std::collections::BTreeMap;

use hedgerow::facts::random::{Purpose, stream};
use hedgerow::facts::world::{Attribute, Entity, Exposure, Language, Uncomfortable, World};
use rand::seq::IndexedRandom;

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

impl Simple {
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
    use crate::model::own_world::OwnWorld;
    use hedgerow::documents::own_world::Recipe;

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

    #[test]
    fn what_is_missing_is_said() {
        for (lack, message) in [
            (Simple { names: "varn".into(), ..minerals() }, "new"),
            (Simple { much: String::new(), little: String::new(), ..minerals() }, "sensitive"),
            (Simple { other_topics: String::new(), ..minerals() }, "attribute"),
            (Simple { values: "none, little, half".into(), ..minerals() }, "even"),
            (Simple { neutral: "very heavy".into(), ..minerals() }, "one word"),
            (Simple { neutral: "rust".into(), ..minerals() }, "twice"),
        ] {
            let error = World::from_json(&lack.world(1).to_json()).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
