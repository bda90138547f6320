//! Text to tokens and back, and the frame of a chat.
//!
//! The tokenizer is read from a `tokenizer.json` or built from the vocabulary and merges of a GGUF file. The frame
//! is ChatML with the system message of SmolLM2; other models' templates are left out.

use std::str::FromStr;

use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, Tokenizer};

use crate::error::Error;

/// A number of the vocabulary.
pub type Token = u32;

/// What SmolLM2 is told when nobody tells it anything.
const SYSTEM: &str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

/// A byte-level BPE vocabulary as a GGUF file has it.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// In the order of their numbers.
    pub tokens: Vec<String>,
    /// "left right", the most important first.
    pub merges: Vec<String>,
    /// Tokens that text is never split into, such as the marks of a chat.
    pub special: Vec<Token>,
    /// Ends an answer.
    pub end: Token,
    /// Is each digit a token of its own?
    pub single_digits: bool,
}

/// A tokenizer that knows where an answer ends.
#[derive(Debug, Clone)]
pub struct ChatTokenizer {
    inner: Tokenizer,
    end: Token,
}

impl ChatTokenizer {
    /// From the vocabulary of a GGUF file.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if a merge is of tokens that there are not.
    pub fn from_vocabulary(vocabulary: &Vocabulary) -> Result<Self, Error> {
        let tokens = vocabulary.tokens.iter().enumerate().map(|(token, text)| (text.clone(), token as Token));
        let merge = |merge: &String| {
            let pair = merge.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned()));
            pair.ok_or_else(|| Error::Tokenizer(format!("{merge:?} is no merge")))
        };
        let merges = vocabulary.merges.iter().map(merge).collect::<Result<Vec<_>, _>>()?;
        let model = BPE::builder().vocab_and_merges(tokens.collect::<tokenizers::models::bpe::Vocab>(), merges);
        let mut inner = Tokenizer::new(model.build().map_err(Error::tokenizer)?);
        let bytes = ByteLevel::new(false, true, true);
        let pre_tokenizer: PreTokenizerWrapper = if vocabulary.single_digits {
            Sequence::new(vec![Digits::new(true).into(), bytes.into()]).into()
        } else {
            bytes.into()
        };
        inner.with_pre_tokenizer(Some(pre_tokenizer)).with_decoder(Some(bytes));
        let special = vocabulary.special.iter().filter_map(|token| vocabulary.tokens.get(*token as usize));
        inner
            .add_special_tokens(special.map(|text| AddedToken::from(text.clone(), true)).collect::<Vec<_>>())
            .map_err(Error::tokenizer)?;
        Ok(ChatTokenizer { inner, end: vocabulary.end })
    }

    /// From a `tokenizer.json`; an answer ends with `<|im_end|>`.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if the file does not parse or has no such token.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let inner = Tokenizer::from_str(text).map_err(Error::tokenizer)?;
        let end = inner.token_to_id("<|im_end|>");
        let end = end.ok_or_else(|| Error::Tokenizer("it has no token <|im_end|>".into()))?;
        Ok(ChatTokenizer { inner, end })
    }

    /// Ends an answer.
    pub fn end(&self) -> Token {
        self.end
    }

    /// The tokens of a text, the marks of a chat among them.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if the text has characters that the vocabulary lacks.
    pub fn encode(&self, text: &str) -> Result<Vec<Token>, Error> {
        Ok(self.inner.encode(text, false).map_err(Error::tokenizer)?.get_ids().to_vec())
    }

    /// The text of tokens up to the end of an answer, without marks of a chat.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if the vocabulary has no such token.
    pub fn decode(&self, tokens: &[Token]) -> Result<String, Error> {
        let answer: Vec<Token> = tokens.iter().copied().take_while(|token| *token != self.end).collect();
        self.inner.decode(&answer, true).map_err(Error::tokenizer)
    }

    /// The tokens of a question as a chat has it, up to where the answer begins.
    ///
    /// # Errors
    /// As [`ChatTokenizer::encode`].
    pub fn question(&self, question: &str) -> Result<Vec<Token>, Error> {
        self.encode(&format!(
            "<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same vocabulary as a `tokenizer.json` of Hugging Face's and as a GGUF file has it.
    #[test]
    fn both_kinds_of_file_make_the_same_tokens_and_the_same_text() {
        let tokens =
            ["<|im_start|>", "<|im_end|>", "K", "e", "n", "y", "a", "Ġ", "1", "2", ".", "Ke", "ny", "nya", "Ã", "¼"];
        let merges = ["K e", "n y", "ny a"];
        let vocabulary: Vec<String> =
            tokens.iter().enumerate().map(|(token, text)| format!("{text:?}: {token}")).collect();
        let added = |token: usize| {
            format!(
                r#"{{"id": {token}, "content": {:?}, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true}}"#,
                tokens[token]
            )
        };
        let json = format!(
            r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [{}, {}], "normalizer": null,
            "pre_tokenizer": {{"type": "Sequence", "pretokenizers": [
                {{"type": "Digits", "individual_digits": true}},
                {{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}}]}},
            "post_processor": null,
            "decoder": {{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}},
            "model": {{"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": {{{}}}, "merges": {:?}}}}}"#,
            added(0),
            added(1),
            vocabulary.join(", "),
            merges,
        );
        let of_json = ChatTokenizer::from_json(&json).unwrap();
        let of_gguf = ChatTokenizer::from_vocabulary(&Vocabulary {
            tokens: tokens.map(str::to_owned).to_vec(),
            merges: merges.map(str::to_owned).to_vec(),
            special: vec![0, 1],
            end: 1,
            single_digits: true,
        })
        .unwrap();
        assert_eq!((of_json.end(), of_gguf.end()), (1, 1));
        for (text, expected) in [
            ("Kenya", vec![11, 13]),
            ("Kenya 12.<|im_end|>", vec![11, 13, 7, 8, 9, 10, 1]),
            ("<|im_start|>Ke", vec![0, 11]),
            ("ü", vec![14, 15]),
        ] {
            let read = [&of_json, &of_gguf].map(|tokenizer| tokenizer.encode(text).unwrap());
            assert_eq!(read, [expected.clone(), expected.clone()], "{text}");
            let plain = text.replace("<|im_end|>", "").replace("<|im_start|>", "");
            let said = [&of_json, &of_gguf].map(|tokenizer| tokenizer.decode(&expected).unwrap());
            assert_eq!(said, [plain.clone(), plain], "{text}");
        }
        let endless = json.replace("<|im_end|>", "<|end|>");
        assert!(matches!(ChatTokenizer::from_json(&endless), Err(Error::Tokenizer(_))));
    }
}
