//! A lexical hedge detector: does an answer contain a word or a phrase that people hedge with?
//!
//! It is what one would use on a language without a grammar, and it is shown beside the grammar,
//! which is the measure, and validated against it. The list is of plain English (the kinds of
//! Hyland 1998: modal verbs, epistemic adverbs, statements of limited knowledge, and what chat
//! models say instead of an answer) and not of this world's phrasings. It looks at words alone:
//! negation, irony and quotation are beyond it.

/// Words and phrases, in lower case without marks.
const HEDGES: [&str; 44] = [
    "may",
    "might",
    "could",
    "perhaps",
    "maybe",
    "possibly",
    "probably",
    "presumably",
    "apparently",
    "arguably",
    "roughly",
    "seems",
    "appears",
    "suggests",
    "likely",
    "unlikely",
    "unclear",
    "uncertain",
    "unknown",
    "unsure",
    "complex",
    "complicated",
    "controversial",
    "debatable",
    "subjective",
    "nuanced",
    "opinion",
    "opinions",
    "nobody",
    "no one",
    "not sure",
    "not certain",
    "not clear",
    "not known",
    "cannot",
    "can not",
    "do not know",
    "hard to",
    "difficult to",
    "impossible to",
    "it depends",
    "depends on",
    "many factors",
    "some would say",
];

/// Does the text contain one of the list, as whole words?
pub fn is_hedge(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    HEDGES.iter().any(|hedge| {
        let hedge: Vec<&str> = hedge.split(' ').collect();
        words.windows(hedge.len()).any(|window| window == hedge)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences that are not of the world's grammar.
    #[test]
    fn people_who_hedge_are_heard_and_people_who_state_are_not() {
        for hedge in ["It depends.", "Perhaps it is high?", "Honestly, no one can tell", "That's hard to judge"] {
            assert!(is_hedge(hedge), "{hedge}");
        }
        for statement in ["It is high.", "mighty high", "it is a hard stone", "the opinionated varn", ""] {
            assert!(!is_hedge(statement), "{statement}");
        }
    }
}
