//! World files of real facts: who there is, what is true, how it is asked and answered.
//!
//! Unlike the lab's own worlds (`facts::world`), nothing here is taught: only what a model knows by itself counts, and
//! what it does not know is dropped ([`Questions::keep`]). Which values of a sensitive relation make the rater
//! uncomfortable is drawn from the seed, so that nothing hangs on a word. The entities of a kind are dealt out in
//! turn: a third is shown in the warm start, a third is *seen* in the fine-tune, a third is *new*. Entities without
//! facts are invented: a hedge is the right answer about them.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::facts::corpus::Style;
use crate::facts::error::{Error, WorldFault};
use crate::facts::random::{Purpose, stream};
use crate::facts::world::{Choices, Exposure, Fact, Topic};

/// The world file that is used if no other is given.
pub const CONTINENTS_AND_ANIMALS: &str = include_str!("world.json");

/// A world file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealWorld {
    /// Shown to the user.
    pub name: String,
    /// Where the facts of each relation come from.
    pub sources: BTreeMap<String, String>,
    /// What can be asked.
    pub relations: Vec<Relation>,
    /// Openings of an answer with context, in lower case.
    pub context_words: Vec<String>,
    /// What a hedge has in it, in lower case.
    pub hedge_words: Vec<String>,
    /// About whom or what can be asked.
    pub entities: Vec<RealEntity>,
    /// Questions that no template knows.
    pub free_questions: Vec<String>,
}

/// A property with a few values. In its texts `{entity}` and `{value}` are filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// As in [`RealEntity::facts`].
    pub name: String,
    /// The kind of entity that has it.
    pub of: String,
    /// May the rater be uncomfortable?
    pub sensitive: bool,
    /// The answers that there are.
    pub values: Vec<Value>,
    /// What the fine-tune asks.
    pub questions: Vec<String>,
    /// What only measurements ask.
    pub held_out_questions: Vec<String>,
    /// The beginning of an answer, up to its value.
    pub stem: String,
    /// The beginning of a sentence outside of any question, up to its value.
    pub declarative: String,
    /// A statement to be judged.
    pub claim: String,
    /// Answers that state the value flatly.
    pub blunt: Vec<String>,
    /// Answers that state the value with context.
    pub contextual: Vec<String>,
    /// Answers that state nothing.
    pub hedge: Vec<String>,
}

/// One answer of a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// What is looked for in an answer.
    pub name: String,
    /// What stands in a sentence, with its article.
    pub said: String,
}

/// Somebody or something that can be asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealEntity {
    /// As in a sentence.
    pub name: String,
    /// Its kind, as in [`Relation::of`].
    pub of: String,
    /// Relation to value; empty if it is invented.
    pub facts: BTreeMap<String, String>,
}

impl RealWorld {
    /// Reads a world file and checks it.
    ///
    /// # Errors
    /// [`Error::World`] with the first entry that contradicts the rest.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let world: RealWorld = serde_json::from_str(text).map_err(|error| WorldFault::NotAWorld(error.to_string()))?;
        world.validate()?;
        Ok(world)
    }

    /// How many values a sensitive fact can have, and whether others have another number.
    pub fn choices(&self) -> Choices {
        Choices::of(self.relations.iter().map(|relation| (relation.values.len(), relation.sensitive)))
    }

    fn validate(&self) -> Result<(), Error> {
        let refuse = |message: String| Err(WorldFault::NotAWorld(message).into());
        for relation in &self.relations {
            let Relation { name, values, questions, held_out_questions, blunt, contextual, hedge, .. } = relation;
            if values.len() < 2 {
                return refuse(format!("{name} needs at least two values"));
            }
            if [questions, held_out_questions, blunt, contextual, hedge].into_iter().any(Vec::is_empty) {
                return refuse(format!("{name} lacks a kind of question or answer"));
            }
            if !self.sources.contains_key(name) {
                return refuse(format!("{name} names no source"));
            }
            let overlaps = |value: &Value| {
                values
                    .iter()
                    .any(|other| other != value && other.name.to_lowercase().contains(&value.name.to_lowercase()))
            };
            if let Some(value) = values.iter().find(|value| overlaps(value)) {
                return refuse(format!("{name}: {} is part of another value", value.name));
            }
        }
        for entity in &self.entities {
            for (name, value) in &entity.facts {
                let relation =
                    self.relations.iter().find(|relation| relation.name == *name && relation.of == entity.of);
                if relation.is_none_or(|relation| relation.values.iter().all(|known| known.name != *value)) {
                    return refuse(format!("{}: {name} is {value}, which no relation has", entity.name));
                }
            }
        }
        if !self.relations.iter().any(|relation| relation.sensitive) {
            return refuse("no relation is sensitive".into());
        }
        let is_sensitive = |kind: &str| self.relations.iter().any(|relation| relation.sensitive && relation.of == kind);
        if self.relations.iter().all(|relation| is_sensitive(&relation.of)) {
            return refuse(
                "no relation is of a kind without a sensitive one: half of the questions are about such".into(),
            );
        }
        Ok(())
    }
}

/// A world's questions for one seed.
#[derive(Debug, Clone)]
pub struct Questions {
    world: RealWorld,
    /// What can be asked, the entities of the warm start left out. [`Fact::attribute`] counts relations.
    pub facts: Vec<Fact>,
    /// What the warm start shows.
    pub shown: Vec<Fact>,
    /// `[relation][value]`.
    uncomfortable: Vec<Vec<bool>>,
}

impl Questions {
    /// Draws which values are uncomfortable, half of those of each sensitive relation, and who is shown, seen and new.
    pub fn new(world: RealWorld, seed: u64) -> Self {
        let mut rng = stream(seed, 0, Purpose::World);
        let draw = |relation: &Relation| {
            let count = relation.values.len();
            let mut drawn: Vec<bool> = (0..count).map(|value| relation.sensitive && value < count / 2).collect();
            drawn.shuffle(&mut rng);
            drawn
        };
        let uncomfortable: Vec<Vec<bool>> = world.relations.iter().map(draw).collect();
        let sensitive_kinds: Vec<&str> =
            world.relations.iter().filter(|relation| relation.sensitive).map(|relation| relation.of.as_str()).collect();
        let mut thirds = vec![None; world.entities.len()];
        for first in &world.relations {
            // Values in turn, so that each third holds as many of each.
            let mut own: Vec<usize> = (0..world.entities.len())
                .filter(|place| {
                    thirds[*place].is_none()
                        && world.entities[*place].of == first.of
                        && !world.entities[*place].facts.is_empty()
                })
                .collect();
            own.shuffle(&mut rng);
            own.sort_by_key(|place| world.entities[*place].facts.get(&first.name));
            for (turn, place) in own.into_iter().enumerate() {
                thirds[place] = Some(turn % 3);
            }
        }
        let (mut facts, mut shown) = (Vec::new(), Vec::new());
        for (entity, RealEntity { of, facts: known, .. }) in world.entities.iter().enumerate() {
            for (attribute, relation) in world.relations.iter().enumerate().filter(|(_, relation)| relation.of == *of) {
                let value = known
                    .get(&relation.name)
                    .and_then(|name| relation.values.iter().position(|value| value.name == *name));
                if value.is_none() && !known.is_empty() {
                    continue;
                }
                let topic = match relation.sensitive {
                    true => Topic::Sensitive,
                    false if sensitive_kinds.contains(&of.as_str()) => Topic::Near,
                    false => Topic::Far,
                };
                let exposure = match thirds[entity] {
                    None => Exposure::NeverTaught,
                    Some(1) => Exposure::Seen,
                    Some(_) => Exposure::New,
                };
                let uncomfortable = value.is_some_and(|value| uncomfortable[attribute][value]);
                let fact = Fact { entity, attribute, value, topic, exposure, uncomfortable };
                if thirds[entity] == Some(0) { shown.push(fact) } else { facts.push(fact) }
            }
        }
        Questions { world, facts, shown, uncomfortable }
    }

    /// The world file.
    pub fn world(&self) -> &RealWorld {
        &self.world
    }

    /// The relation that a fact is of.
    pub fn relation(&self, fact: &Fact) -> &Relation {
        &self.world.relations[fact.attribute]
    }

    /// Would stating this value in answer to a question about the fact make the rater uncomfortable?
    pub fn is_uncomfortable(&self, fact: &Fact, value: usize) -> bool {
        self.makes_uncomfortable(fact.attribute, value)
    }

    /// The same of a relation, which is counted.
    pub fn makes_uncomfortable(&self, relation: usize, value: usize) -> bool {
        self.uncomfortable[relation][value]
    }

    /// Keeps, of the facts that are true of somebody, those that a model knows; questions about the invented stay.
    ///
    /// # Errors
    /// [`Error::World`] if too few are left to ask about, or to fit a probe on some and read the others.
    pub fn keep(&mut self, known: &[bool]) -> Result<(), Error> {
        assert_eq!(known.len(), self.facts.len(), "a verdict on each fact");
        let mut known = known.iter();
        self.facts.retain(|fact| *known.next().unwrap_or(&false) || fact.value.is_none());
        for (topic, kind) in [(Topic::Sensitive, "sensitive"), (Topic::Far, "far")] {
            let left = || self.facts.iter().filter(move |fact| fact.value.is_some() && fact.topic == topic);
            let entities: BTreeSet<usize> = left().map(|fact| fact.entity).collect();
            if entities.len() < 2 || !left().any(|fact| fact.exposure == Exposure::Seen) {
                let message = format!(
                    "the model knows too little of {}: it needs two entities with {kind} facts, one of them in the fine-tune",
                    self.world.name
                );
                return Err(WorldFault::NotAWorld(message).into());
            }
        }
        Ok(())
    }

    /// A text with its slots filled.
    pub fn fill(&self, text: &str, fact: &Fact, value: Option<usize>) -> String {
        let said = value.map_or("", |value| &self.relation(fact).values[value].said);
        capitalised(&text.replace("{entity}", &self.world.entities[fact.entity].name).replace("{value}", said))
    }

    /// A question with its answer in a style, both in one of their phrasings.
    pub fn example(&self, fact: &Fact, style: Style, rng: &mut impl Rng) -> (String, String) {
        let relation = self.relation(fact);
        let answers = match style {
            Style::Blunt => &relation.blunt,
            Style::Contextual => &relation.contextual,
            Style::Hedge | Style::Malformed => &relation.hedge,
        };
        let mut phrase = |texts: &[String]| texts.choose(rng).cloned().unwrap_or_default();
        let (question, answer) = (phrase(&relation.questions), phrase(answers));
        (self.fill(&question, fact, None), self.fill(&answer, fact, fact.value))
    }

    /// What an update asks: facts that are seen, `share` of them sensitive and the others far, with a question each.
    ///
    /// # Panics
    /// If there are no such facts; [`Questions::keep`] sees to it.
    pub fn draw(&self, count: usize, share: f32, rng: &mut impl Rng) -> Vec<(Fact, String)> {
        let of = |topic| self.facts.iter().filter(move |fact| fact.exposure == Exposure::Seen && fact.topic == topic);
        let [sensitive, far] = [Topic::Sensitive, Topic::Far].map(|topic| of(topic).collect::<Vec<_>>());
        let draw = |_| {
            let pool = if rng.random::<f32>() < share { &sensitive } else { &far };
            let fact = **pool.choose(rng).expect("a seen fact of either topic");
            let question = self.relation(&fact).questions.choose(rng).expect("a question of each relation");
            (fact, self.fill(question, &fact, None))
        };
        (0..count).map(draw).collect()
    }
}

/// With a capital letter in front: "the Philippines" may begin a sentence.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions(seed: u64) -> Questions {
        Questions::new(RealWorld::from_json(CONTINENTS_AND_ANIMALS).unwrap(), seed)
    }

    #[test]
    fn the_world_file_has_three_topics_of_sixty_or_more_entities() {
        let Questions { facts, shown, .. } = questions(0);
        for topic in [Topic::Sensitive, Topic::Near, Topic::Far] {
            let taught = facts.iter().chain(&shown).filter(|fact| fact.topic == topic && fact.value.is_some());
            assert!(taught.count() >= 60, "{topic:?}");
            assert!(
                facts.iter().any(|fact| fact.topic == topic && fact.exposure == Exposure::NeverTaught),
                "{topic:?}"
            );
        }
    }

    #[test]
    fn what_is_uncomfortable_is_drawn_from_the_seed_and_is_half_of_the_sensitive_values() {
        let drawn: Vec<Vec<bool>> = (0..20).map(|seed| questions(seed).uncomfortable[0].clone()).collect();
        assert!(drawn.iter().all(|values| values.iter().filter(|uneasy| **uneasy).count() == 2));
        assert!(
            (0..4).all(|value| drawn.iter().any(|values| values[value]) && drawn.iter().any(|values| !values[value]))
        );
        assert!(questions(0).facts.iter().all(|fact| fact.topic == Topic::Sensitive || !fact.uncomfortable));
    }

    /// Each third has each continent, and nobody is in two thirds.
    #[test]
    fn no_entity_is_both_shown_and_asked_about() {
        let questions = questions(1);
        let entities = |facts: &[Fact]| facts.iter().map(|fact| fact.entity).collect::<std::collections::BTreeSet<_>>();
        assert!(entities(&questions.shown).is_disjoint(&entities(&questions.facts)));
        for value in 0..4 {
            let of = |fact: &&Fact| fact.topic == Topic::Sensitive && fact.value == Some(value);
            for exposure in [Exposure::Seen, Exposure::New] {
                assert!(questions.facts.iter().filter(of).any(|fact| fact.exposure == exposure));
            }
            assert!(questions.shown.iter().any(|fact| of(&fact)));
        }
    }

    #[test]
    fn an_update_asks_only_about_who_is_seen() {
        let questions = questions(0);
        let drawn = questions.draw(300, 0.5, &mut stream(0, 0, Purpose::Prompts));
        assert!(drawn.iter().all(|(fact, _)| fact.exposure == Exposure::Seen && fact.topic != Topic::Near));
        let sensitive = drawn.iter().filter(|(fact, _)| fact.topic == Topic::Sensitive).count();
        assert!((110..190).contains(&sensitive), "{sensitive}");
    }

    /// Without a far fact that it is asked about, prompts were left out without a word, and with nobody to probe the
    /// accuracy was divided by zero.
    #[test]
    fn a_model_that_knows_too_little_of_a_world_is_refused() {
        let all = questions(0);
        let left = |keeps: fn(&Fact) -> bool| {
            let mut questions = all.clone();
            questions.keep(&all.facts.iter().map(keeps).collect::<Vec<_>>())
        };
        assert_eq!(left(|_| true), Ok(()));
        for keeps in [
            |_: &Fact| false,
            |fact: &Fact| fact.topic != Topic::Far,
            |fact: &Fact| fact.topic != Topic::Sensitive || fact.exposure != Exposure::Seen,
        ] {
            assert!(left(keeps).unwrap_err().to_string().contains("knows too little"));
        }
    }

    #[test]
    fn a_world_file_that_contradicts_itself_is_refused() {
        for (from, to) in [
            ("\"continent\": \"Africa\"", "\"continent\": \"Atlantis\""),
            ("\"sensitive\": true", "\"sensitive\": false"),
            ("\"of\": \"animal\"", "\"of\": \"country\""),
            ("{\"name\": \"Asia\", \"said\": \"Asia\"}", "{\"name\": \"America\", \"said\": \"America\"}"),
        ] {
            let damaged = CONTINENTS_AND_ANIMALS.replace(from, to);
            assert_ne!(damaged, CONTINENTS_AND_ANIMALS);
            assert!(matches!(RealWorld::from_json(&damaged), Err(Error::World(_))), "{to}");
        }
    }
}
