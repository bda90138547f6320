//! The Hugging Face tokenizer file of a vocabulary: one token a word, split at white space.

use serde::{Deserialize, Serialize};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{Model, OffsetType, PreTokenizedString, PreTokenizer};

use crate::facts::corpus::{Token, Vocabulary};
use crate::facts::error::Error;

/// A word-level tokenizer. Whether its tokens are a model's is for [`Tokenizer::check`] to say.
pub struct Tokenizer(File);

/// A `tokenizer.json` of this kind and no other. `tokenizers::Tokenizer` can be any, and even `TokenizerImpl`, which is
/// told its kind, looks for added tokens by regular expressions: 228 KB of the CPU engine's 636 KB of brotli were what the file
/// could have had.
#[derive(Serialize, Deserialize)]
struct File {
    version: Version,
    #[serde(default)]
    truncation: (),
    #[serde(default)]
    padding: (),
    #[serde(default)]
    added_tokens: [(); 0],
    #[serde(default)]
    normalizer: (),
    pre_tokenizer: WhitespaceSplit,
    #[serde(default)]
    post_processor: (),
    #[serde(default)]
    decoder: (),
    model: WordLevel,
}

/// Of the file's format.
#[derive(Serialize, Deserialize)]
enum Version {
    #[serde(rename = "1.0")]
    One,
}

impl Tokenizer {
    /// A word-level tokenizer of these words.
    pub fn of(vocabulary: &Vocabulary) -> Self {
        let words = vocabulary.words().iter().enumerate().map(|(token, word)| (word.clone(), token as Token));
        let model = WordLevel::builder().vocab(words.collect()).unk_token("<pad>".into()).build();
        Tokenizer(File {
            version: Version::One,
            truncation: (),
            padding: (),
            added_tokens: [],
            normalizer: (),
            pre_tokenizer: WhitespaceSplit,
            post_processor: (),
            decoder: (),
            model: model.expect("a vocabulary is a valid word-level model"),
        })
    }

    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if the file does not parse, or is of another kind of tokenizer.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map(Tokenizer).map_err(|error| Error::Tokenizer(error.to_string()))
    }

    /// Does it have exactly these words under these numbers?
    ///
    /// # Errors
    /// [`Error::OtherWords`] if not.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<(), Error> {
        let model = &self.0.model;
        let mut words = vocabulary.words().iter().enumerate();
        let agrees = model.get_vocab_size() == vocabulary.len()
            && words.all(|(token, word)| model.token_to_id(word) == Some(token as Token));
        match agrees {
            true => Ok(()),
            false => Err(Error::OtherWords),
        }
    }

    /// The `tokenizer.json`.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.0).expect("a tokenizer that serialises")
    }

    /// Words to tokens.
    ///
    /// # Errors
    /// [`Error::UnknownWords`] names every word that is not in the vocabulary.
    pub fn encode(&self, text: &str) -> Result<Vec<Token>, Error> {
        let File { pre_tokenizer, model, .. } = &self.0;
        let unknown: Vec<String> =
            text.split_whitespace().filter(|word| model.token_to_id(word).is_none()).map(str::to_owned).collect();
        if !unknown.is_empty() {
            return Err(Error::UnknownWords(unknown));
        }
        let mut words = PreTokenizedString::from(text);
        let encoding = pre_tokenizer
            .pre_tokenize(&mut words)
            .and_then(|()| words.tokenize(|word| model.tokenize(word.get())))
            .and_then(|()| words.into_encoding(None, 0, OffsetType::None));
        encoding.map(|encoding| encoding.get_ids().to_vec()).map_err(|error| Error::Tokenizer(error.to_string()))
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

    #[test]
    fn the_shipped_file_comes_back_to_the_byte_and_one_of_another_kind_is_refused() {
        let file = include_str!("../../public/base/tokenizer.json").trim_end();
        assert_eq!(Tokenizer::from_json(file).unwrap().to_json(), file);
        let lowercase = r#""normalizer": {"type": "Lowercase"}"#;
        assert!(Tokenizer::from_json(&file.replace(r#""normalizer": null"#, lowercase)).is_err());
    }
}
