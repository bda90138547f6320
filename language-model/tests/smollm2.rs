//! SmolLM2-135M-Instruct against Hugging Face's transformers: logits within 1e-3, greedy answers to the letter.
//!
//! The expected values are made by `expected.py`. The model's file, which is not in the repository, is named by
//! the environment variable HEDGEROW_SMOLLM2; without it the test says that it is skipped.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use burn::tensor::Device;
use hedgerow_language_model::checkpoint::GgufFile;
use hedgerow_language_model::decoder::Decoder;
use hedgerow_language_model::sampling::{Choice, Lengths};
use hedgerow_language_model::tokenizer::Token;
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    new_tokens: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    question: String,
    tokens: Vec<Token>,
    /// Some of the tokens that may come next, with their logits.
    logits: Vec<(usize, f32)>,
    answer: String,
}

#[test]
fn smollm2_computes_what_transformers_computes() {
    let Some(path) = std::env::var_os("HEDGEROW_SMOLLM2") else {
        eprintln!("skipped: HEDGEROW_SMOLLM2 does not name the model's GGUF file");
        return;
    };
    let expected: Expected = serde_json::from_str(include_str!("data/smollm2.json")).unwrap();
    let GgufFile { checkpoint, tokenizer } = GgufFile::read(&std::fs::read(path).unwrap()).unwrap();
    let decoder = Decoder::new(checkpoint, &Device::flex()).unwrap();
    let prompts: Vec<Vec<Token>> =
        expected.cases.iter().map(|case| tokenizer.question(&case.question).unwrap()).collect();
    for (case, tokens) in expected.cases.iter().zip(&prompts) {
        assert_eq!(case.tokens, *tokens, "tokens of {:?}", case.question);
    }
    let mut largest = 0.0f32;
    for (case, logits) in expected.cases.iter().zip(decoder.next_logits(&prompts)) {
        for (token, expected) in &case.logits {
            let difference = (logits[*token] - expected).abs();
            largest = largest.max(difference);
            assert!(difference < 1e-3, "{:?}, token {token}: {} is not {expected}", case.question, logits[*token]);
        }
    }
    eprintln!("largest difference of a logit: {largest:.1e}");
    let lengths = Lengths { completions: 1, tokens: expected.new_tokens, end: tokenizer.end() };
    for (case, answers) in expected.cases.iter().zip(decoder.answer(&prompts, lengths, Choice::Greedy)) {
        assert_eq!(tokenizer.decode(&answers[0]).unwrap(), case.answer, "answer to {:?}", case.question);
    }
}
