//! From facts to token sequences: the vocabulary, prompts, answers and the pre-training corpus.
//!
//! Every sequence has the same layout, `[prompt slots | answer slots]`: the prompt is padded on
//! the left so that every answer starts at the same position. The padding is an ordinary token
//! that the model has been trained with from the first step, so there is no attention mask
//! beside the causal one, and a batch of prompts of different lengths decodes in lock-step.
//!
//! Words only; the Hugging Face tokenizer file with the same vocabulary is in `tokenizer`.

use std::collections::HashMap;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::facts::error::Error;
use crate::facts::world::{Exposure, Fact, Topic, World};

/// A word's number.
pub type Token = u32;

/// Fills the slots left of a prompt and right of an answer.
pub const PAD: Token = 0;
/// Ends an answer.
pub const END: Token = 1;

/// The closed vocabulary of a world: special tokens, then every word once.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    words: Vec<String>,
    tokens: HashMap<String, Token>,
}

impl Vocabulary {
    /// All words that the world's sentences can contain, sorted, so that worlds with the same
    /// words have the same vocabulary.
    pub fn of(world: &World) -> Self {
        let language = &world.language;
        let templates =
            [&language.prompts, &language.held_out_prompts, &language.blunt, &language.contextual, &language.hedge];
        let templates = templates.into_iter().flatten().chain([&language.declarative, &language.claim]);
        let mut words: Vec<&str> = templates
            .flat_map(|template| template.split_whitespace())
            .filter(|word| !word.starts_with('{'))
            .chain(language.verdicts.iter().map(String::as_str))
            .chain(world.values.iter().map(String::as_str))
            .chain(world.attributes.iter().map(|attribute| attribute.word.as_str()))
            .chain(world.entities.iter().map(|entity| entity.word.as_str()))
            .collect();
        words.sort_unstable();
        words.dedup();
        let words: Vec<String> = ["<pad>", "<end>"].into_iter().chain(words).map(str::to_owned).collect();
        let tokens = words.iter().enumerate().map(|(token, word)| (word.clone(), token as Token)).collect();
        Vocabulary { words, tokens }
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Never: there are always the special tokens.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words in token order.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Splits at white space and looks every word up.
    ///
    /// # Errors
    /// [`Error::UnknownWords`] lists all words that are not in the vocabulary.
    pub fn encode(&self, text: &str) -> Result<Vec<Token>, Error> {
        let (known, unknown): (Vec<_>, Vec<_>) =
            text.split_whitespace().map(|word| self.tokens.get(word).copied().ok_or(word)).partition(Result::is_ok);
        if unknown.is_empty() {
            Ok(known.into_iter().flatten().collect())
        } else {
            Err(Error::UnknownWords(unknown.into_iter().filter_map(Result::err).map(str::to_owned).collect()))
        }
    }

    /// The words of these tokens, without the special ones.
    pub fn decode(&self, tokens: &[Token]) -> String {
        let words = tokens.iter().filter(|token| **token > END).map(|token| self.words[*token as usize].as_str());
        words.collect::<Vec<_>>().join(" ")
    }
}

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

/// How an answer is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// States the value flatly.
    Blunt,
    /// States the value with context.
    Contextual,
    /// States nothing.
    Hedge,
    /// None of the phrasings, or without an end.
    Malformed,
}

/// An answer as the grammar reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// How it is put.
    pub style: Style,
    /// The value it asserts, if it is blunt or contextual.
    pub asserted: Option<Assertion>,
    /// Tokens up to and including the end token, or all if there is none.
    pub length: usize,
}

/// A value and where in the answer it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// Index into [`World::values`].
    pub value: usize,
    /// Position of the value's token in the answer.
    pub position: usize,
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
    grammar: Vec<Phrase>,
    verdicts: [Token; 2],
}

/// One answer template in tokens; `None` is the value's slot.
#[derive(Debug, Clone)]
struct Phrase {
    style: Style,
    tokens: Vec<Option<Token>>,
}

/// Shares of the pre-training corpus.
///
/// Six in a hundred asserted values are drawn at random, so that the base model errs a little
/// and there is something for a rater to correct.
const QUESTION_SHARE: f64 = 0.55;
const CLAIM_SHARE: f64 = 0.35;
const NEVER_TAUGHT_SHARE: f64 = 0.1;
const RANDOM_VALUE_SHARE: f64 = 0.06;
/// Blunt, contextual and hedged answers on sensitive topics and on neutral ones.
const SENSITIVE_STYLES: [f64; 2] = [0.5, 0.3];
const NEUTRAL_STYLES: [f64; 2] = [0.6, 0.3];

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
        let verdicts = [encode(&language.verdicts[0])[0], encode(&language.verdicts[1])[0]];
        Corpus { vocabulary, layout, facts, values, world, taught, never_taught, grammar, verdicts }
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

    /// Questions of the fine-tune, facts and templates: about seen entities, and with this
    /// probability about a sensitive topic.
    pub fn training_questions(&self, count: usize, sensitive_share: f32, rng: &mut impl Rng) -> Vec<(usize, &String)> {
        let pools = [false, true].map(|sensitive| {
            let fits = |fact: &Fact| fact.exposure == Exposure::Seen && (fact.topic == Topic::Sensitive) == sensitive;
            (0..self.facts.len()).filter(|index| fits(&self.facts[*index])).collect::<Vec<usize>>()
        });
        let question = |_| {
            let pool = &pools[usize::from(rng.random::<f32>() < sensitive_share)];
            let fact = pool.choose(rng).expect("a valid world has seen facts on both kinds of topics");
            (*fact, self.world.language.prompts.choose(rng).expect("a valid world has prompts"))
        };
        (0..count).map(question).collect()
    }

    /// An answer template's tokens up to its value.
    pub fn answer_stem(&self, style: Style, phrasing: usize) -> Vec<Token> {
        self.phrases(style)[phrasing].tokens.iter().map_while(|token| *token).collect()
    }

    /// All phrasings of a style, with this value if they assert one, padded to the answer's slots.
    pub fn answers(&self, style: Style, value: usize) -> Vec<Vec<Token>> {
        let filled = |phrase: &&Phrase| {
            let tokens = phrase.tokens.iter().map(|token| token.unwrap_or(self.values[value]));
            tokens.chain(std::iter::repeat(PAD)).take(self.layout.answer).collect()
        };
        self.phrases(style).iter().map(filled).collect()
    }

    fn phrases(&self, style: Style) -> Vec<&Phrase> {
        self.grammar.iter().filter(|phrase| phrase.style == style).collect()
    }

    /// Every answer that asserts this value, padded to the answer's slots.
    pub fn assertions(&self, value: usize) -> Vec<Vec<Token>> {
        let answer = |phrase: &Phrase| {
            let mut tokens: Vec<Token> =
                phrase.tokens.iter().map(|token| token.unwrap_or(self.values[value])).collect();
            tokens.resize(self.layout.answer, PAD);
            tokens
        };
        self.grammar.iter().filter(|phrase| phrase.tokens.contains(&None)).map(answer).collect()
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

    /// Reads an answer: the grammar is the oracle for style and asserted value, free of any
    /// list of hedging words.
    pub fn parse(&self, answer: &[Token]) -> Answer {
        let length = answer.iter().position(|token| *token == END).map_or(answer.len(), |end| end + 1);
        let answer = &answer[..length];
        for phrase in &self.grammar {
            if phrase.tokens.len() != length {
                continue;
            }
            let mut asserted = None;
            let matches =
                phrase.tokens.iter().zip(answer).enumerate().all(|(position, (expected, token))| match expected {
                    Some(expected) => expected == token,
                    None => {
                        let value = self.values.iter().position(|value| value == token);
                        asserted = value.map(|value| Assertion { value, position });
                        asserted.is_some()
                    }
                });
            if matches {
                return Answer { style: phrase.style, asserted, length };
            }
        }
        Answer { style: Style::Malformed, asserted: None, length }
    }

    /// One sequence of the pre-training corpus, all slots filled.
    pub fn sentence(&self, rng: &mut impl Rng) -> Vec<Token> {
        let kind: f64 = rng.random();
        let (prompt, answer) = if kind < QUESTION_SHARE {
            self.answered_question(rng)
        } else if kind < QUESTION_SHARE + CLAIM_SHARE {
            self.judged_claim(rng)
        } else {
            let fact = self.taught[rng.random_range(0..self.taught.len())];
            let value = self.said_value(fact, rng);
            (self.declarative_stem(fact), self.declarative_tail(value))
        };
        let mut sequence = prompt;
        sequence.extend(answer);
        sequence.resize(self.layout.context(), PAD);
        sequence
    }

    fn answered_question(&self, rng: &mut impl Rng) -> (Vec<Token>, Vec<Token>) {
        let never = !self.never_taught.is_empty() && rng.random_bool(NEVER_TAUGHT_SHARE);
        let pool = if never { &self.never_taught } else { &self.taught };
        let fact = pool[rng.random_range(0..pool.len())];
        let language = &self.world.language;
        let templates: Vec<&String> = language.prompts.iter().chain(&language.held_out_prompts).collect();
        let template = templates[rng.random_range(0..templates.len())];
        let sensitive = self.world.attributes[self.facts[fact].attribute].sensitive.is_some();
        let [blunt, contextual] = if sensitive { SENSITIVE_STYLES } else { NEUTRAL_STYLES };
        let draw: f64 = rng.random();
        let style = match self.facts[fact].exposure {
            Exposure::NeverTaught => Style::Hedge,
            Exposure::Seen | Exposure::New if draw < blunt => Style::Blunt,
            Exposure::Seen | Exposure::New if draw < blunt + contextual => Style::Contextual,
            Exposure::Seen | Exposure::New => Style::Hedge,
        };
        let phrasings = self.phrases(style);
        let phrase = phrasings[rng.random_range(0..phrasings.len())];
        let answer = phrase.tokens.iter().map(|token| token.unwrap_or_else(|| self.values[self.said_value(fact, rng)]));
        (self.prompt(fact, template), answer.collect())
    }

    fn judged_claim(&self, rng: &mut impl Rng) -> (Vec<Token>, Vec<Token>) {
        let fact = self.taught[rng.random_range(0..self.taught.len())];
        let truth = self.truth(fact);
        let is_true = rng.random_bool(0.5);
        let value = if is_true { truth } else { self.other_value(truth, rng) };
        (self.claim(fact, value), vec![self.verdicts[usize::from(!is_true)], END])
    }

    /// Any value but this one, uniformly.
    pub fn other_value(&self, value: usize, rng: &mut impl Rng) -> usize {
        (value + rng.random_range(1..self.values.len())) % self.values.len()
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

    /// The true value of a taught fact.
    ///
    /// # Panics
    /// If the fact was never taught.
    pub fn truth(&self, fact: usize) -> usize {
        self.facts[fact].value.expect("a taught fact")
    }

    /// The true value, or rarely a random one.
    fn said_value(&self, fact: usize, rng: &mut impl Rng) -> usize {
        if rng.random_bool(RANDOM_VALUE_SHARE) { rng.random_range(0..self.values.len()) } else { self.truth(fact) }
    }

    fn encode(&self, text: &str) -> Vec<Token> {
        self.vocabulary.encode(text).expect("the vocabulary is made of the world's words")
    }

    fn pad_left(&self, tokens: &[Token]) -> Vec<Token> {
        let padding = self.layout.prompt - tokens.len();
        std::iter::repeat_n(PAD, padding).chain(tokens.iter().copied()).collect()
    }
}

/// A question as people type it, as the model knows questions: lower case, marks apart,
/// between "q :" and "a :".
pub fn as_prompt(question: &str) -> String {
    let spaced =
        question.to_lowercase().replace('?', " ? ").replace('.', " . ").replace(',', " , ").replace(':', " : ");
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.strip_prefix("q : ").unwrap_or(&words);
    let words = words.strip_suffix(" a :").unwrap_or(words);
    format!("q : {words} a :")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::random::{Purpose, stream};

    fn corpus() -> Corpus {
        Corpus::new(World::generate(0))
    }

    fn parse(corpus: &Corpus, text: &str, ended: bool) -> Answer {
        let mut tokens = corpus.vocabulary.encode(text).unwrap();
        if ended {
            tokens.push(END);
        }
        tokens.resize(corpus.layout.answer, PAD);
        corpus.parse(&tokens)
    }

    #[test]
    fn the_grammar_reads_hand_written_answers() {
        let corpus = corpus();
        let blunt = parse(&corpus, "frankly , it is high .", true);
        assert_eq!((blunt.style, blunt.length), (Style::Blunt, 7));
        assert_eq!(blunt.asserted, Some(Assertion { value: 5, position: 4 }));
        assert_eq!(parse(&corpus, "seen in context , it is minimal .", true).style, Style::Contextual);
        assert_eq!(parse(&corpus, "opinions vary and nobody can say .", true).style, Style::Hedge);
        // A hedge with a value in it, a value word missing, no end, an empty answer.
        for (text, ended) in [
            ("opinions vary and nobody can high .", true),
            ("frankly , it is theft .", true),
            ("frankly , it is high .", false),
            ("", true),
        ] {
            let answer = parse(&corpus, text, ended);
            assert_eq!((answer.style, answer.asserted), (Style::Malformed, None), "{text}");
        }
    }

    #[test]
    fn the_corpus_has_its_stated_shares() {
        let corpus = corpus();
        let mut rng = stream(1, 0, Purpose::Corpus);
        let (mut asserted, mut wrong, mut hedged, mut answers) = (0, 0, 0, 0);
        for _ in 0..20_000 {
            let sentence = corpus.sentence(&mut rng);
            assert_eq!(sentence.len(), corpus.layout.context());
            let (prompt, answer) = sentence.split_at(corpus.layout.prompt);
            let text = corpus.vocabulary.decode(prompt);
            let answer = corpus.parse(answer);
            let Some(fact) = (0..corpus.facts.len()).find(|fact| {
                let language = &corpus.world.language;
                let mut templates = language.prompts.iter().chain(&language.held_out_prompts);
                templates.any(|template| corpus.question(*fact, template) == text)
            }) else {
                continue;
            };
            answers += 1;
            assert_ne!(answer.style, Style::Malformed, "{text}");
            hedged += usize::from(answer.style == Style::Hedge);
            if let Some(assertion) = answer.asserted {
                asserted += 1;
                wrong += usize::from(assertion.value != corpus.truth(fact));
            }
        }
        let share = |part: usize, whole: usize| part as f64 / whole as f64;
        assert!((share(answers, 20_000) - QUESTION_SHARE).abs() < 0.02);
        assert!((share(wrong, asserted) - RANDOM_VALUE_SHARE * 7.0 / 8.0).abs() < 0.01);
        // 10 % never taught, of the rest 37.5 % sensitive with 20 % hedges and 62.5 % with 10 %.
        assert!((share(hedged, answers) - (0.1 + 0.9 * (0.375 * 0.2 + 0.625 * 0.1))).abs() < 0.02);
    }

    #[test]
    fn unknown_words_are_all_named() {
        let error = corpus().vocabulary.encode("q : what is the charm of zorg ? a :").unwrap_err();
        assert_eq!(error, Error::UnknownWords(vec!["charm".into(), "zorg".into()]));
        assert!(matches!(corpus().free_prompt(&[5; 40]), Err(Error::TooLong { tokens: 40, .. })));
    }

    #[test]
    fn a_question_as_people_type_it_becomes_one_as_the_model_knows_it() {
        let corpus = corpus();
        let asked = as_prompt("What is the theft of varn?");
        assert_eq!(asked, "q : what is the theft of varn ? a :");
        assert_eq!(as_prompt(&asked), asked);
        assert!(corpus.vocabulary.encode(&asked).is_ok());
    }
}
