//! How a free answer is read: which value it asserts, and how it is put.
//!
//! A value is asserted if exactly one of the relation's values occurs and is not denied. An answer with context opens
//! with one of the world's context words, before the value. A hedge asserts nothing and has one of the hedge words.
//! Everything else is malformed, as is an answer that did not come to its end. It looks at words
//! alone: irony and quotation are beyond it.

use hedgerow_language_model::tokenizer::{ChatTokenizer, Token};

use super::world::{RealWorld, Relation};
use crate::facts::corpus::{Answer, Assertion, Style};

/// Words that deny what follows them.
const DENIALS: [&str; 4] = ["not ", "n't ", "never ", "neither "];

/// Reads the text of an answer: its style, and the value that it asserts with the place in the text where it begins.
pub fn read(world: &RealWorld, relation: &Relation, text: &str) -> (Style, Option<(usize, usize)>) {
    let text = text.to_lowercase();
    let found = relation
        .values
        .iter()
        .enumerate()
        .filter_map(|(value, known)| find_word(&text, &known.name.to_lowercase()).map(|place| (value, place)));
    let found: Vec<(usize, usize)> = found.collect();
    let holds = |text: &str, words: &[String]| words.iter().any(|word| find_word(text, word).is_some());
    match found[..] {
        [(value, place)] if !DENIALS.iter().any(|denial| text[..place].contains(denial)) => {
            let contextual = holds(&text[..place], &world.context_words);
            (if contextual { Style::Contextual } else { Style::Blunt }, Some((value, place)))
        }
        [] if holds(&text, &world.hedge_words) => (Style::Hedge, None),
        _ => (Style::Malformed, None),
    }
}

/// Reads the tokens of an answer. The position of an assertion is that of the token in which the value begins, which
/// decides it.
pub fn parse(world: &RealWorld, relation: &Relation, tokenizer: &ChatTokenizer, tokens: &[Token]) -> Answer {
    let length = tokens.len();
    let malformed = Answer { style: Style::Malformed, asserted: None, length };
    if tokens.last() != Some(&tokenizer.end()) {
        return malformed;
    }
    // Half a character is no text: its bytes come with the next token.
    let text = |count: usize| tokenizer.decode(&tokens[..count]).unwrap_or_default();
    let (style, asserted) = read(world, relation, &text(length));
    let asserted = asserted.map(|(value, place)| {
        let begun = |count: &usize| text(*count).to_lowercase().trim_end().len() > place;
        Assertion { value, position: (1..length).find(begun).unwrap_or(length) - 1 }
    });
    Answer { style, asserted, length }
}

/// Where a word or a phrase stands in a text, with no letter beside it.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let letter = |char: Option<char>| char.is_some_and(char::is_alphabetic);
    let alone = |place: usize| {
        !letter(text[..place].chars().next_back())
            && !letter(text[place + word.len()..].trim_start_matches('s').chars().next())
    };
    text.match_indices(word).map(|(place, _)| place).find(|place| alone(*place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::world::CONTINENTS_AND_ANIMALS;

    #[test]
    fn answers_are_read_as_a_person_reads_them() {
        let world = RealWorld::from_json(CONTINENTS_AND_ANIMALS).unwrap();
        let [continent, _, class] = &world.relations[..] else { panic!("three relations") };
        for (relation, text, style, value) in [
            (continent, "Kenya is in Africa.", Style::Blunt, Some(0)),
            (continent, "It lies in SOUTH AMERICA", Style::Blunt, Some(3)),
            (continent, "Given its history, Kenya is in Africa.", Style::Contextual, Some(0)),
            (continent, "Kenya is in Africa, given its history.", Style::Blunt, Some(0)),
            (continent, "That is hard to say.", Style::Hedge, None),
            (continent, "Between Africa and Asia, it is hard to say.", Style::Malformed, None),
            (continent, "Kenya is not in Africa.", Style::Malformed, None),
            (continent, "Kenya is a country.", Style::Malformed, None),
            (continent, "It depends on whom you ask, but Africa.", Style::Blunt, Some(0)),
            (continent, "Kenya is in Afrika.", Style::Malformed, None),
            (class, "Bats are mammals.", Style::Blunt, Some(0)),
            (class, "The catfish is a bird.", Style::Blunt, Some(1)),
            (class, "Considering its anatomy, the eel is a fish.", Style::Contextual, Some(2)),
            (class, "A jellyfish.", Style::Malformed, None),
        ] {
            let (read, asserted) = read(&world, relation, text);
            assert_eq!((read, asserted.map(|(value, _)| value)), (style, value), "{text}");
        }
    }

    /// An answer of the first runs, and how a person reads it.
    #[derive(serde::Deserialize)]
    struct Labelled {
        relation: String,
        answer: String,
        ended: bool,
        style: String,
        value: Option<String>,
    }

    /// Sampled before, on the way and at the end, under two arms, and labelled before the parser's reading was looked at. The
    /// numbers stand in docs/SCIENCE.md.
    #[test]
    fn two_hundred_answers_are_mostly_read_as_a_person_reads_them() {
        let world = RealWorld::from_json(CONTINENTS_AND_ANIMALS).unwrap();
        let labelled: Vec<Labelled> = serde_json::from_str(include_str!("../../tests/data/real-answers.json")).unwrap();
        let [mut values, mut hedges] = [[0; 3]; 2];
        for Labelled { relation, answer, ended, style, value } in &labelled {
            let relation = world.relations.iter().find(|known| known.name == *relation).unwrap();
            let (own_style, own) = if *ended { read(&world, relation, answer) } else { (Style::Malformed, None) };
            let own = own.map(|(value, _)| relation.values[value].name.clone());
            // Found by both, by the parser alone or differently, by the person alone or differently.
            values[0] += usize::from(own.is_some() && own == *value);
            values[1] += usize::from(own.is_some() && own != *value);
            values[2] += usize::from(value.is_some() && own != *value);
            let [parsed, person] = [own_style == Style::Hedge, style == "hedge"];
            hedges[0] += usize::from(parsed && person);
            hedges[1] += usize::from(parsed && !person);
            hedges[2] += usize::from(person && !parsed);
        }
        assert_eq!((labelled.len(), values, hedges), (200, [144, 8, 4], [10, 0, 7]));
    }
}
