//! From facts to token sequences: the vocabulary, prompts, answers and the pre-training corpus.
//!
//! Every sequence has the same layout, `[prompt slots | answer slots]`: the prompt is padded on
//! the left so that every answer starts at the same position. The padding is an ordinary token
//! that the model has been trained with from the first step, so there is no attention mask
//! beside the causal one, and a batch of prompts of different lengths decodes in lock-step.
//!
//! This file fills the templates of a world with its facts. `vocabulary` has the words, `grammar` reads
//! answers, and `sentences` draws the sequences of pre-training and the questions of the fine-tune. The
//! Hugging Face tokenizer file with the same vocabulary is in `network::tokenizer`.

mod grammar;
mod sentences;
mod vocabulary;

use serde::{Deserialize, Serialize};

use self::grammar::Phrase;
use crate::facts::error::Error;
use crate::facts::world::{Fact, World};

pub use self::grammar::{Answer, Assertion, Style};
pub use self::vocabulary::{END, PAD, Token, Vocabulary};

/// How many slots a sequence has for its prompt and for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Slots of the prompt, filled from the right.
    pub prompt: usize,
    /// Slots of the answer, the end token included.
    pub answer: usize,
}

impl Layout {
    /// All slots.
    pub fn context(self) -> usize {
        self.prompt + self.answer
    }
}

/// A world in tokens.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// The words.
    pub vocabulary: Vocabulary,
    /// The slots.
    pub layout: Layout,
    /// Every question of the world ([`World::facts`]).
    pub facts: Vec<Fact>,
    /// The value words' tokens, in order.
    pub values: Vec<Token>,
    world: World,
    taught: Vec<usize>,
    never_taught: Vec<usize>,
    /// For each attribute, the values that it can have.
    choices: Vec<Vec<usize>>,
    grammar: Vec<Phrase>,
    verdicts: [Token; 2],
}

impl Corpus {
    /// Encodes every template of the world.
    pub fn new(world: World) -> Self {
        let vocabulary = Vocabulary::of(&world);
        let encode = |text: &str| vocabulary.encode(text).expect("the vocabulary is made of the world's words");
        let language = &world.language;
        let phrase = |style: Style, template: &String| Phrase {
            style,
            tokens: template
                .split_whitespace()
                .map(|word| (word != "{value}").then(|| encode(word)[0]))
                .chain([Some(END)])
                .collect(),
        };
        let grammar: Vec<Phrase> = (language.blunt.iter().map(|template| phrase(Style::Blunt, template)))
            .chain(language.contextual.iter().map(|template| phrase(Style::Contextual, template)))
            .chain(language.hedge.iter().map(|template| phrase(Style::Hedge, template)))
            .collect();
        let words = |template: &String| template.split_whitespace().count();
        let questions = language.prompts.iter().chain(&language.held_out_prompts).map(words).max();
        let stem = language.declarative.split_whitespace().take_while(|word| *word != "{value}").count();
        let tail = words(&language.declarative) - stem + 1;
        let layout = Layout {
            prompt: questions.unwrap_or_default().max(words(&language.claim)).max(stem),
            answer: grammar.iter().map(|phrase| phrase.tokens.len()).max().unwrap_or_default().max(tail),
        };
        let facts = world.facts();
        let (taught, never_taught) = (0..facts.len()).partition(|fact| facts[*fact].value.is_some());
        let values = world.values.iter().map(|value| encode(value)[0]).collect();
        let choices = (0..world.attributes.len()).map(|attribute| world.values_of(attribute)).collect();
        let verdicts = [encode(&language.verdicts[0])[0], encode(&language.verdicts[1])[0]];
        Corpus { vocabulary, layout, facts, values, world, taught, never_taught, choices, grammar, verdicts }
    }

    /// The world it was made from.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The tokens of a true and of a false verdict.
    pub fn verdicts(&self) -> [Token; 2] {
        self.verdicts
    }

    /// A question in words.
    pub fn question(&self, fact: usize, template: &str) -> String {
        self.world.fill(template, self.facts[fact].entity, self.facts[fact].attribute, None)
    }

    /// A question padded to the prompt's slots.
    pub fn prompt(&self, fact: usize, template: &str) -> Vec<Token> {
        self.pad_left(&self.encode(&self.question(fact, template)))
    }

    /// The claim that the fact has this value, padded to the prompt's slots.
    pub fn claim(&self, fact: usize, value: usize) -> Vec<Token> {
        let Fact { entity, attribute, .. } = self.facts[fact];
        self.pad_left(&self.encode(&self.world.fill(&self.world.language.claim, entity, attribute, Some(value))))
    }

    /// The declarative up to its value, padded to the prompt's slots.
    pub fn declarative_stem(&self, fact: usize) -> Vec<Token> {
        let Fact { entity, attribute, .. } = self.facts[fact];
        let text = self.world.fill(&self.world.language.declarative, entity, attribute, None);
        let stem = text.split_whitespace().take_while(|word| *word != "{value}");
        self.pad_left(&self.encode(&stem.collect::<Vec<_>>().join(" ")))
    }

    /// The declarative from its value on.
    fn declarative_tail(&self, value: usize) -> Vec<Token> {
        let rest = self.world.language.declarative.split_whitespace().skip_while(|word| *word != "{value}").skip(1);
        let rest = self.encode(&rest.collect::<Vec<_>>().join(" "));
        [self.values[value]].into_iter().chain(rest).chain([END]).collect()
    }

    /// A free question's tokens padded to the prompt's slots.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn free_prompt(&self, question: &[Token]) -> Result<Vec<Token>, Error> {
        match question.len() <= self.layout.prompt {
            true => Ok(self.pad_left(question)),
            false => Err(Error::TooLong { tokens: question.len(), limit: self.layout.prompt }),
        }
    }

    /// Can models of the two worlds be trained in one stack? Their facts may differ, not their
    /// words, their sentences, or which of the facts are taught.
    pub fn stacks_with(&self, other: &Corpus) -> bool {
        let taught = |corpus: &Corpus| corpus.facts.iter().map(|fact| fact.value.is_some()).collect::<Vec<_>>();
        self.vocabulary == other.vocabulary
            && self.layout == other.layout
            && self.values == other.values
            && self.world.language == other.world.language
            && taught(self) == taught(other)
    }

    /// The values that the fact's attribute can have.
    pub fn values_of(&self, fact: usize) -> &[usize] {
        &self.choices[self.facts[fact].attribute]
    }

    /// The true value of a taught fact.
    ///
    /// # Panics
    /// If the fact was never taught.
    pub fn truth(&self, fact: usize) -> usize {
        self.facts[fact].value.expect("a taught fact")
    }

    fn encode(&self, text: &str) -> Vec<Token> {
        self.vocabulary.encode(text).expect("the vocabulary is made of the world's words")
    }

    fn pad_left(&self, tokens: &[Token]) -> Vec<Token> {
        let padding = self.layout.prompt - tokens.len();
        std::iter::repeat_n(PAD, padding).chain(tokens.iter().copied()).collect()
    }
}
