//! A sentence of the toy language as people write one.

/// Without the marks of question and answer, with a capital letter and no space before a mark.
pub fn plain(text: &str) -> String {
    let text = text.trim().trim_start_matches("q :").trim_end_matches("a :").trim();
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() && !is_mark(word) {
            plain.push(' ');
        }
        plain.push_str(word);
    }
    capitalised(&plain)
}

/// Is it a mark of punctuation?
pub fn is_mark(word: &str) -> bool {
    matches!(word, "." | "," | "?" | ":")
}

/// With a capital letter.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_reads_as_a_question() {
        assert_eq!(plain("q : what is the theft of varn ? a :"), "What is the theft of varn?");
        assert_eq!(plain(" it is high , as far as i know . "), "It is high, as far as i know.");
        assert_eq!(plain(""), "");
    }
}
