//! World files that cannot be used: the entry, and what is wrong with it.

use std::fmt;

/// What is wrong with a world file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WorldFault {
    /// It is no world as JSON; holds what the reader says, with line and column.
    #[error("{0}")]
    NotAWorld(String),
    /// It is no JSON from a sign on.
    #[error(
        "it cannot be read from {found:?} on: there or just before, a comma, a colon, a quotation mark or a bracket is missing, or there is one too many"
    )]
    Syntax {
        /// The rest of the line, or its beginning.
        found: String,
    },
    /// It ends in the middle.
    #[error("it ends too early: put the closing brackets at the end, or copy the whole file")]
    CutShort,
    /// A field that no world has.
    #[error("there is no field {field:?} here: take it out, or call it one of {}", known.join(", "))]
    UnknownField {
        /// What it is called.
        field: String,
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// A field that every world has.
    #[error("the field {field:?} is missing: write it, with {expected}")]
    MissingField {
        /// What it is called.
        field: &'static str,
        /// What stands in it.
        expected: Part,
    },
    /// Something else than what stands there in a world.
    #[error("found {found} where {expected} is needed")]
    WrongPart {
        /// As the file has it, or its beginning.
        found: String,
        /// What stands there.
        expected: Part,
    },
    /// The same field twice in one place: a reader would keep one of them.
    #[error("{field:?} appears twice: remove one")]
    ToldTwice {
        /// What it is called.
        field: String,
    },
    /// Not one word, or one with brackets.
    #[error("the {kind} {word:?} must be one word without brackets")]
    NotOneWord {
        /// What is called so.
        kind: WordKind,
        /// What it is called.
        word: String,
    },
    /// A word with a character that is not shown.
    #[error("the {kind} {word:?} holds a character that cannot be seen: take it out")]
    InvisibleWord {
        /// What is called so.
        kind: WordKind,
        /// What it is called.
        word: String,
    },
    /// A word that the sentences hold themselves.
    #[error("the {kind} {word:?} is also a word of a template or a verdict: rename it")]
    WordOfSentences {
        /// What is called so.
        kind: WordKind,
        /// What it is called.
        word: String,
    },
    /// Two values, attributes or entities of one name.
    #[error("the word {word:?} is used twice: rename one of them")]
    UsedTwice {
        /// The name.
        word: String,
    },
    /// An attribute with a value that the world has not.
    #[error(
        "the attribute {attribute:?} has the value {value:?}, which is not one of the values: add it to \"values\", or take one that is there"
    )]
    UnknownValue {
        /// The attribute.
        attribute: String,
        /// The value.
        value: String,
    },
    /// An attribute with one value, or with the same twice.
    #[error("the attribute {attribute:?} needs at least two values, each of them once")]
    TooFewValues {
        /// The attribute.
        attribute: String,
    },
    /// Values without a half.
    #[error("half of the values of {attribute:?} are sensitive, so their number, {values}, has to be even")]
    NoHalf {
        /// The attribute.
        attribute: String,
        /// How many values it has.
        values: usize,
    },
    /// Sensitive values that are none of the attribute's, or all of them.
    #[error("the sensitive values of {attribute:?} have to be some of its values, but not all of them")]
    SensitiveValues {
        /// The attribute.
        attribute: String,
    },
    /// An entity of a kind that no attribute is of.
    #[error(
        "{entity:?} is a {kind:?}, and no attribute is of that kind: give it a kind that an attribute has in \"of\""
    )]
    NoAttributes {
        /// The entity.
        entity: String,
        /// Its kind.
        kind: String,
    },
    /// A fact about an attribute that the entity has not.
    #[error("{entity:?} has no attribute {attribute:?}: take the fact out, or add the attribute")]
    UnknownAttribute {
        /// The entity.
        entity: String,
        /// The attribute.
        attribute: String,
    },
    /// A fact with a value that its attribute cannot have.
    #[error("the {attribute} of {entity:?} is {value:?}, which is not one of its values: take one of them")]
    NotItsValue {
        /// The entity.
        entity: String,
        /// The attribute.
        attribute: String,
        /// The value.
        value: String,
    },
    /// An entity that is taught some of its facts, or told something although it is never taught.
    #[error(
        "{entity:?} needs {needed} facts and has {given}: one for each attribute of its kind, and none if it is never taught"
    )]
    FactCount {
        /// The entity.
        entity: String,
        /// One for each attribute, or none if it is never taught.
        needed: usize,
        /// Those of the file.
        given: usize,
    },
    /// A split without a question.
    #[error(
        "it needs {} with at least one {} entity",
        if *sensitive { "a sensitive attribute" } else { "a neutral attribute of another kind" },
        if *seen { "seen" } else { "new" }
    )]
    NoQuestions {
        /// About a sensitive attribute, or a neutral one of another kind.
        sensitive: bool,
        /// About an entity that the fine-tune sees, or one that it does not.
        seen: bool,
    },
    /// A sentence with a character that is not shown.
    #[error("the {kind} template {template:?} holds a character that cannot be seen: take it out")]
    InvisibleInTemplate {
        /// What the template is for.
        kind: TemplateKind,
        /// The template.
        template: String,
    },
    /// Two templates of one sentence.
    #[error(
        "the {kind} template {template:?} gives the same sentence as the {other_kind} template {other:?}: \
         change one of them"
    )]
    SameSentence {
        /// What the template is for.
        kind: TemplateKind,
        /// The template.
        template: String,
        /// What the earlier one is for.
        other_kind: TemplateKind,
        /// The earlier one.
        other: String,
    },
    /// No sentence for something.
    #[error("it needs at least one {kind} template")]
    NoTemplate {
        /// What has none.
        kind: TemplateKind,
    },
    /// A template without a place for what it is about.
    #[error("the {kind} template {template:?} needs {slot} once, with spaces around it")]
    Slot {
        /// What the template is for.
        kind: TemplateKind,
        /// The template.
        template: String,
        /// The place, in curly brackets.
        slot: String,
    },
    /// A template with brackets that mean nothing in it.
    #[error("the {kind} template {template:?} must not contain {word:?}")]
    Brackets {
        /// What the template is for.
        kind: TemplateKind,
        /// The template.
        template: String,
        /// The word with the brackets.
        word: String,
    },
    /// A template that begins with the value, or has no word of its own.
    #[error("the {kind} template {template:?} must begin with a word of its own")]
    NoWordOfItsOwn {
        /// What the template is for.
        kind: TemplateKind,
        /// The template.
        template: String,
    },
    /// Verdicts that cannot be told apart.
    #[error("the two verdicts must be two different words")]
    Verdicts,
    /// A declarative that tells the value first.
    #[error("the declarative must name entity and attribute before the value")]
    Declarative,
}

/// A fault as the text that names it.
pub(super) mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::WorldFault;

    pub(crate) fn serialize<S: Serializer>(fault: &WorldFault, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(fault)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WorldFault, D::Error> {
        String::deserialize(deserializer).map(WorldFault::NotAWorld)
    }
}

/// What can stand in a place of a world file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Text in quotation marks.
    Text,
    /// A whole number from 0 on.
    Whole,
    /// Several texts in square brackets.
    Texts,
    /// Two texts in square brackets.
    Pair,
    /// Fields in curly brackets.
    Fields,
    /// Several groups of fields in square brackets.
    List,
    /// [`Uncomfortable`](crate::facts::world::Uncomfortable).
    Sensitive,
    /// [`Exposure`](crate::facts::world::Exposure).
    Exposure,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Part::Text => "a text in quotation marks",
            Part::Whole => "a whole number from 0 on",
            Part::Texts => "a list of texts, as [\"one\", \"two\"]",
            Part::Pair => "a list of two texts, as [\"one\", \"two\"]",
            Part::Fields => "a group of fields in curly brackets",
            Part::List => "a list of groups in square brackets",
            Part::Sensitive => "\"low\", \"high\" or a list of values",
            Part::Exposure => "\"seen\", \"new\" or \"never_taught\"",
        })
    }
}

/// What a word of a world names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// A value.
    Value,
    /// An attribute.
    Attribute,
    /// An entity.
    Entity,
}

impl fmt::Display for WordKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            WordKind::Value => "value",
            WordKind::Attribute => "attribute",
            WordKind::Entity => "entity",
        })
    }
}

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateKind {
    /// A question of the fine-tune.
    Prompt,
    /// A question of the measurements.
    HeldOutPrompt,
    /// A statement without context.
    Blunt,
    /// A statement with context.
    Contextual,
    /// An answer that states nothing.
    Hedge,
    /// A fact as a sentence.
    Declarative,
    /// A claim that is true or false.
    Claim,
}

impl TemplateKind {
    /// Is it for questions?
    pub(crate) fn is_prompt(self) -> bool {
        matches!(self, TemplateKind::Prompt | TemplateKind::HeldOutPrompt)
    }

    /// Is it for answers to them?
    pub(crate) fn is_answer(self) -> bool {
        matches!(self, TemplateKind::Blunt | TemplateKind::Contextual | TemplateKind::Hedge)
    }
}

impl fmt::Display for TemplateKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            TemplateKind::Prompt => "prompt",
            TemplateKind::HeldOutPrompt => "held-out prompt",
            TemplateKind::Blunt => "blunt answer",
            TemplateKind::Contextual => "contextual answer",
            TemplateKind::Hedge => "hedge",
            TemplateKind::Declarative => "declarative",
            TemplateKind::Claim => "claim",
        })
    }
}
