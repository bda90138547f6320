//! The grammar of answers: which phrasings there are, and how an answer is read.

use serde::{Deserialize, Serialize};

use super::{Corpus, END, PAD, Token};

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
    /// Index into [`crate::facts::world::World::values`].
    pub value: usize,
    /// Position of the value's token in the answer.
    pub position: usize,
}

/// One answer template in tokens; `None` is the value's slot.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    pub(super) style: Style,
    pub(super) tokens: Vec<Option<Token>>,
}

impl Corpus {
    /// An answer template's tokens up to its value.
    pub fn answer_stem(&self, style: Style, phrasing: usize) -> Vec<Token> {
        self.phrases(style)[phrasing].tokens.iter().map_while(|token| *token).collect()
    }

    /// All phrasings of a style, with this value if they assert one, padded to the answer's slots.
    pub fn answers(&self, style: Style, value: usize) -> Vec<Vec<Token>> {
        self.phrases(style).into_iter().map(|phrase| self.filled(phrase, value)).collect()
    }

    pub(super) fn phrases(&self, style: Style) -> Vec<&Phrase> {
        self.grammar.iter().filter(|phrase| phrase.style == style).collect()
    }

    /// Every answer that asserts this value, padded to the answer's slots.
    pub fn assertions(&self, value: usize) -> Vec<Vec<Token>> {
        let asserting = self.grammar.iter().filter(|phrase| phrase.tokens.contains(&None));
        asserting.map(|phrase| self.filled(phrase, value)).collect()
    }

    fn filled(&self, phrase: &Phrase, value: usize) -> Vec<Token> {
        let tokens = phrase.tokens.iter().map(|token| token.unwrap_or(self.values[value]));
        tokens.chain(std::iter::repeat(PAD)).take(self.layout.answer).collect()
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::world::World;

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
        let corpus = Corpus::new(World::generate(0));
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
}
