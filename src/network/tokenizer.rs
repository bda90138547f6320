//! The Hugging Face tokenizer file of a vocabulary: one token a word, split at white space.

use std::str::FromStr;

use tokenizers::TokenizerImpl;
use tokenizers::decoders::wordpiece::WordPiece;
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::normalizers::Lowercase;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::processors::bert::BertProcessing;

use crate::facts::corpus::{Token, Vocabulary};
use crate::facts::error::Error;

/// The file's kind of tokenizer and no other: `tokenizers::Tokenizer` can be any, and a third of the
/// CPU engine's bytes was what it could have been. Normaliser, post-processor and decoder have to be
/// of some type; the file has none of them.
type WordTokenizer = TokenizerImpl<WordLevel, Lowercase, WhitespaceSplit, BertProcessing, WordPiece>;

/// A word-level tokenizer. Whether its tokens are a model's is for [`Tokenizer::check`] to say.
pub struct Tokenizer(WordTokenizer);

impl Tokenizer {
    /// A word-level tokenizer of these words.
    pub fn of(vocabulary: &Vocabulary) -> Self {
        let words = vocabulary.words().iter().enumerate().map(|(token, word)| (word.clone(), token as Token));
        let model = WordLevel::builder().vocab(words.collect()).unk_token("<pad>".into()).build();
        let mut tokenizer = WordTokenizer::new(model.expect("a vocabulary is a valid word-level model"));
        tokenizer.with_pre_tokenizer(Some(WhitespaceSplit));
        Tokenizer(tokenizer)
    }

    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if the file does not parse.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        WordTokenizer::from_str(text).map(Tokenizer).map_err(|error| Error::Tokenizer(error.to_string()))
    }

    /// Does it have exactly these words under these numbers?
    ///
    /// # Errors
    /// [`Error::OtherWords`] if not.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<(), Error> {
        let mut words = vocabulary.words().iter().enumerate();
        let agrees = self.0.get_vocab_size(true) == vocabulary.len()
            && words.all(|(token, word)| self.0.token_to_id(word) == Some(token as Token));
        match agrees {
            true => Ok(()),
            false => Err(Error::OtherWords),
        }
    }

    /// The `tokenizer.json`.
    pub fn to_json(&self) -> String {
        self.0.to_string(true).expect("a tokenizer that serialises")
    }

    /// Words to tokens.
    ///
    /// # Errors
    /// [`Error::UnknownWords`] names every word that is not in the vocabulary.
    pub fn encode(&self, text: &str) -> Result<Vec<Token>, Error> {
        let unknown: Vec<String> =
            text.split_whitespace().filter(|word| self.0.token_to_id(word).is_none()).map(str::to_owned).collect();
        if !unknown.is_empty() {
            return Err(Error::UnknownWords(unknown));
        }
        let encoding = self.0.encode(text, false).map_err(|error| Error::Tokenizer(error.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::world::World;

    #[test]
    fn the_file_and_the_corpus_agree_on_every_sentence() {
        let world = World::generate(0);
        let vocabulary = Vocabulary::of(&world);
        let tokenizer = Tokenizer::from_json(&Tokenizer::of(&vocabulary).to_json()).unwrap();
        assert_eq!(tokenizer.check(&vocabulary), Ok(()));
        for fact in world.facts() {
            for template in &world.language.prompts {
                let text = world.fill(template, fact.entity, fact.attribute, None);
                assert_eq!(tokenizer.encode(&text), vocabulary.encode(&text));
            }
        }
        assert_eq!(tokenizer.encode("the zorg"), Err(Error::UnknownWords(vec!["zorg".into()])));
    }

    #[test]
    fn a_tokenizer_of_another_world_is_refused() {
        let mut other = World::generate(0);
        other.entities[0].word = "zorg".into();
        let tokenizer = Tokenizer::of(&Vocabulary::of(&other));
        assert!(tokenizer.check(&Vocabulary::of(&World::generate(0))).is_err());
        assert!(Tokenizer::from_json("{}").is_err());
    }
}
