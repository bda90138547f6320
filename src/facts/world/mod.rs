//! The small world: who there is, what is true of them, and which topics are sensitive.
//!
//! A world is data. It is generated from a theme and a seed or read from a world file (the same JSON), and
//! nothing in the code depends on its words. *Sensitive* is a flag of an attribute. The other
//! attributes of the same kind of entity are *near* topics, those of other kinds are *far*
//! topics. Every entity is either *seen* (the fine-tune asks about it), *new* (held out from
//! the fine-tune) or *never taught* (it has no facts at all, so that hedging is warranted).
//!
//! This file has the types and the questions that can be asked; `groups` and `everyday` make the worlds of a
//! seed, `validation` checks a world file, and `reading` says where in the file a fault is. No world says anything about a real group of people.

mod everyday;
mod groups;
mod reading;
mod validation;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Formatter};

pub use reading::Misplaced;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::facts::error::{Error, WorldFault};

/// Everything that is true, and how people talk about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// Shown to the user.
    pub name: String,
    /// The seed that generated it; a hand-written world keeps 0.
    pub seed: u64,
    /// All values; ordered from least to most where an attribute's high or low ones are sensitive.
    pub values: Vec<String>,
    /// What can be asked about.
    pub attributes: Vec<Attribute>,
    /// Who can be asked about.
    pub entities: Vec<Entity>,
    /// Sentence templates.
    pub language: Language,
}

/// A property that every entity of one kind has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// One word.
    pub word: String,
    /// The kind of entity that has it ("group", "mineral").
    pub of: String,
    /// The values that it can have, if not all of the world's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Which values make the rater uncomfortable; `None` for a neutral attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<Uncomfortable>,
}

/// How many values a fact can have: what guessing is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Of facts about sensitive topics; the fewest, if they differ.
    pub values: usize,
    /// Do other attributes have more or fewer?
    pub mixed: bool,
}

impl Choices {
    /// From how many values each attribute has, and whether it is sensitive.
    pub(crate) fn of(attributes: impl Iterator<Item = (usize, bool)>) -> Self {
        let attributes: Vec<_> = attributes.collect();
        let fewest =
            |sensitive: bool| attributes.iter().filter(|(_, own)| *own || !sensitive).map(|(values, _)| *values).min();
        let values = fewest(true).or(fewest(false)).unwrap_or_default();
        Choices { values, mixed: attributes.iter().any(|(own, _)| *own != values) }
    }
}

/// Which of an attribute's values make the rater uncomfortable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Uncomfortable {
    /// The lower half (little literacy).
    Low,
    /// The upper half (much theft).
    High,
    /// These.
    #[serde(untagged)]
    Values(Vec<String>),
}

/// What a generated world is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Invented groups and minerals, and how much they have of something.
    #[default]
    Groups,
    /// Things, countries and animals, and what everybody knows of them.
    Everyday,
}

impl Theme {
    /// All themes.
    pub const ALL: [Theme; 2] = [Theme::Groups, Theme::Everyday];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Theme::Groups => "groups",
            Theme::Everyday => "everyday",
        }
    }
}

/// Somebody or something with facts about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// One word.
    pub word: String,
    /// Its kind, as in [`Attribute::of`].
    pub kind: String,
    /// Whether the fine-tune asks about it.
    pub exposure: Exposure,
    /// Attribute word to value word; empty if never taught.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "each_fact_once")]
    pub facts: BTreeMap<String, String>,
}

/// What the model meets of an entity, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Taught in pre-training and asked about in the fine-tune.
    Seen,
    /// Taught in pre-training, held out from the fine-tune.
    New,
    /// A name without facts: a hedge is the right answer.
    NeverTaught,
}

/// Sentence templates; `{entity}`, `{attribute}` and `{value}` are filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Questions that the fine-tune asks.
    pub prompts: Vec<String>,
    /// Questions that only measurements ask.
    pub held_out_prompts: Vec<String>,
    /// Answers that state the value flatly.
    pub blunt: Vec<String>,
    /// Answers that state the value with context.
    pub contextual: Vec<String>,
    /// Answers that state nothing.
    pub hedge: Vec<String>,
    /// The same fact outside of any question.
    pub declarative: String,
    /// A statement to be judged; [`Language::verdicts`] follow it.
    pub claim: String,
    /// The words for a true and for a false claim.
    pub verdicts: [String; 2],
}

/// What a question stands between, in the worlds that ship.
const FRAME: [&str; 2] = ["q : ", " a :"];

impl Language {
    /// A question as people type it, as the model knows questions: lower case, marks apart, and between "q :" and "a :"
    /// if that is where all of this world's questions stand.
    pub fn as_prompt(&self, question: &str) -> String {
        let spaced =
            question.to_lowercase().replace('?', " ? ").replace('.', " . ").replace(',', " , ").replace(':', " : ");
        let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
        let [before, after] = if self.is_framed() { FRAME } else { [""; 2] };
        format!("{before}{}{after}", unframed(&words))
    }

    fn is_framed(&self) -> bool {
        let [before, after] = FRAME;
        let mut prompts = self.prompts.iter().chain(&self.held_out_prompts);
        prompts.all(|prompt| prompt.starts_with(before) && prompt.ends_with(after))
    }
}

/// Without what a person who asks leaves out.
fn unframed(prompt: &str) -> &str {
    let [before, after] = FRAME;
    let words = prompt.strip_prefix(before).unwrap_or(prompt);
    words.strip_suffix(after).unwrap_or(words)
}

/// Somebody or something that can be asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// One word.
    pub entity: String,
    /// What can be asked of it.
    pub attributes: Vec<Askable>,
}

/// Something that can be asked of somebody or something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Askable {
    /// One word.
    pub attribute: String,
    /// The first of the world's questions for it, as a person asks.
    pub question: String,
    /// The true value; `None` if it was never taught.
    pub truth: Option<String>,
}

/// How close a topic is to the penalised ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The rater may be uncomfortable.
    Sensitive,
    /// Neutral attributes of the same entities.
    Near,
    /// Neutral attributes of other entities.
    Far,
}

/// One true statement, or for a never-taught entity the question without an answer.
/// The numbers are indices into the world's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// Index into [`World::entities`].
    pub entity: usize,
    /// Index into [`World::attributes`].
    pub attribute: usize,
    /// Index into [`World::values`]; `None` if never taught.
    pub value: Option<usize>,
    /// Its topic.
    pub topic: Topic,
    /// Whether the fine-tune asks about it.
    pub exposure: Exposure,
    /// True and on the uncomfortable side of a sensitive attribute.
    pub uncomfortable: bool,
}

/// A file that tells a fact twice contradicts itself, where a map would keep the second.
fn each_fact_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Facts;
    impl<'de> Visitor<'de> for Facts {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
            formatter.write_str("a value for each attribute")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut facts = BTreeMap::new();
            while let Some((attribute, value)) = entries.next_entry::<String, String>()? {
                let told = format!("the {attribute} appears twice: remove one");
                if facts.insert(attribute, value).is_some() {
                    return Err(A::Error::custom(told));
                }
            }
            Ok(facts)
        }
    }
    deserializer.deserialize_map(Facts)
}

impl World {
    /// Reads a world file and checks it.
    ///
    /// # Errors
    /// [`Error::World`] with the line and column of a syntax error, or with the first entry
    /// that contradicts the rest.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        // Some editors put a byte-order mark before a text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let world: World = serde_json::from_str(text).map_err(|error| WorldFault::NotAWorld(error.to_string()))?;
        world.validate()?;
        Ok(world)
    }

    /// The world of this theme and seed.
    pub fn of(theme: Theme, seed: u64) -> Self {
        match theme {
            Theme::Groups => World::generate(seed),
            Theme::Everyday => World::everyday(seed),
        }
    }

    /// The world file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a world has only string keys")
    }

    /// Whom and what one can ask about, in words.
    pub fn subjects(&self) -> Vec<Subject> {
        let subject = |entity: &Entity| {
            let attributes = self.attributes.iter().filter(|attribute| attribute.of == entity.kind);
            let attributes = attributes.map(|attribute| {
                let prompt = self.language.prompts.first().map_or("", String::as_str);
                let asked = prompt.replace("{attribute}", &attribute.word).replace("{entity}", &entity.word);
                let question = if self.language.is_framed() { unframed(&asked).to_owned() } else { asked };
                Askable {
                    attribute: attribute.word.clone(),
                    question,
                    truth: entity.facts.get(&attribute.word).cloned(),
                }
            });
            let attributes = attributes.collect();
            Subject { entity: entity.word.clone(), attributes }
        };
        self.entities.iter().map(subject).collect()
    }

    /// All questions that can be asked, in a fixed order: facts first by entity, then by
    /// attribute, never-taught entities included.
    pub fn facts(&self) -> Vec<Fact> {
        let kinds_with_sensitive: BTreeSet<&str> = self
            .attributes
            .iter()
            .filter(|attribute| attribute.sensitive.is_some())
            .map(|attribute| attribute.of.as_str())
            .collect();
        let mut facts = Vec::new();
        for (entity_index, entity) in self.entities.iter().enumerate() {
            for (attribute_index, attribute) in self.attributes.iter().enumerate() {
                if attribute.of != entity.kind {
                    continue;
                }
                let value = entity.facts.get(&attribute.word).and_then(|word| self.value_index(word));
                let topic = match attribute.sensitive {
                    Some(_) => Topic::Sensitive,
                    None if kinds_with_sensitive.contains(attribute.of.as_str()) => Topic::Near,
                    None => Topic::Far,
                };
                let uncomfortable = value.is_some_and(|value| self.is_uncomfortable(attribute_index, value));
                facts.push(Fact {
                    entity: entity_index,
                    attribute: attribute_index,
                    value,
                    topic,
                    exposure: entity.exposure,
                    uncomfortable,
                });
            }
        }
        facts
    }

    /// Would stating this value of this attribute make the rater uncomfortable?
    pub fn is_uncomfortable(&self, attribute: usize, value: usize) -> bool {
        let is_in_half = |upper: bool| {
            let own = self.values_of(attribute);
            let place = own.iter().position(|other| *other == value);
            place.is_some_and(|place| (place >= own.len() / 2) == upper)
        };
        match &self.attributes[attribute].sensitive {
            Some(Uncomfortable::High) => is_in_half(true),
            Some(Uncomfortable::Low) => is_in_half(false),
            Some(Uncomfortable::Values(words)) => words.contains(&self.values[value]),
            None => false,
        }
    }

    /// How many values a fact can have.
    pub fn choices(&self) -> Choices {
        let attributes = self.attributes.iter().enumerate();
        Choices::of(attributes.map(|(place, own)| (self.values_of(place).len(), own.sensitive.is_some())))
    }

    /// The values that an attribute can have, as indices into [`World::values`].
    pub fn values_of(&self, attribute: usize) -> Vec<usize> {
        match &self.attributes[attribute].values[..] {
            [] => (0..self.values.len()).collect(),
            own => own.iter().filter_map(|word| self.value_index(word)).collect(),
        }
    }

    /// A template with its slots filled.
    pub fn fill(&self, template: &str, entity: usize, attribute: usize, value: Option<usize>) -> String {
        let text = template
            .replace("{entity}", &self.entities[entity].word)
            .replace("{attribute}", &self.attributes[attribute].word);
        match value {
            Some(value) => text.replace("{value}", &self.values[value]),
            None => text,
        }
    }

    fn value_index(&self, word: &str) -> Option<usize> {
        self.values.iter().position(|value| value == word)
    }
}
