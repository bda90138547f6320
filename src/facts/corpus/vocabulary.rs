//! The words of a world and their tokens.

use std::collections::HashMap;

use crate::facts::error::Error;
use crate::facts::world::World;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::corpus::Corpus;

    fn corpus() -> Corpus {
        Corpus::new(World::generate(0))
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
        let language = &corpus.world.language;
        let asked = language.as_prompt("What is the theft of varn?");
        assert_eq!(asked, "q : what is the theft of varn ? a :");
        assert_eq!(language.as_prompt(&asked), asked);
        assert!(corpus.vocabulary.encode(&asked).is_ok());
    }

    /// D8: the page asked in the words of the worlds that ship, whatever the world's own were.
    #[test]
    fn a_world_is_asked_in_its_own_words() {
        let mut world = World::generate(0);
        for prompt in world.language.prompts.iter_mut().chain(&mut world.language.held_out_prompts) {
            *prompt = prompt.replace("q : ", "please : ").replace(" a :", " say :");
        }
        let corpus = Corpus::new(World::from_json(&world.to_json()).unwrap());
        let language = &corpus.world.language;
        for subject in corpus.world.subjects() {
            for asked in subject.attributes {
                assert_eq!(
                    asked.question,
                    format!("please : what is the {} of {} ? say :", asked.attribute, subject.entity)
                );
                assert_eq!(language.as_prompt(&asked.question), asked.question);
                corpus.free_prompt(&corpus.vocabulary.encode(&asked.question).unwrap()).unwrap();
            }
        }
    }
}
