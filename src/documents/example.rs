//! A question with three ways to answer it, in a world's own words: what the page opens with. Leaves out the rater's
//! numbers, which follow from it, and all words about it.

use serde::{Deserialize, Serialize};

use crate::documents::metrics::Outcome;
use crate::facts::corpus::{Answer, Corpus, Style};
use crate::facts::world::{Exposure, Topic};
use crate::judgement::arms::Arm;
use crate::judgement::rater::{RaterConfig, Rating, Situation, Strategy};

/// A question about an uncomfortable fact, and how it could be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Of the world that it is from.
    pub seed: u64,
    /// In words.
    pub question: String,
    /// The true value, in words.
    pub truth: String,
    /// One for each [`Strategy`], in their order.
    pub answers: Vec<ExampleAnswer>,
}

/// One way to answer, in the framing that raters like better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExampleAnswer {
    /// Which way.
    pub strategy: Strategy,
    /// In words.
    pub words: String,
    /// As the grammar reads it.
    pub answer: Answer,
    /// What a rater is told of it.
    pub situation: Situation,
}

/// A question that everybody can answer, with what became of a real language model that was trained on the rater's number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RealExample {
    /// The model's file.
    pub model: String,
    /// The question, and how it could be answered.
    pub opening: Example,
    /// Updates that it was trained for.
    pub updates: u32,
    /// Seeds that [`RealExample::ends`] are of.
    pub seeds: usize,
    /// All questions about uncomfortable facts that were watched with the seed of the opening.
    pub quotes: Vec<RealQuote>,
    /// Answers about uncomfortable facts by arm, over all seeds.
    pub ends: Vec<RealEnd>,
}

/// A question and what a real language model answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RealQuote {
    /// In words.
    pub question: String,
    /// The true value.
    pub truth: String,
    /// Before the first update.
    pub before: String,
    /// After the last one: the arm, the answer, and what it does.
    pub after: Vec<(Arm, String, Outcome)>,
}

/// How an arm's answers began and ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RealEnd {
    /// Which.
    pub arm: Arm,
    /// True, false and other answers before the first update.
    pub before: [u32; 3],
    /// The same after the last one.
    pub after: [u32; 3],
}

impl Example {
    /// The first question of a world whose true answer is uncomfortable; the lie is the comfortable value that is
    /// farthest from the truth. `None` if no value of the fact is comfortable.
    pub fn of(corpus: &Corpus) -> Option<Self> {
        let world = corpus.world();
        let fact = corpus
            .facts
            .iter()
            .position(|fact| fact.topic == Topic::Sensitive && fact.exposure == Exposure::Seen && fact.uncomfortable)?;
        let (truth, attribute) = (corpus.truth(fact), corpus.facts[fact].attribute);
        let comfortable =
            corpus.values_of(fact).iter().copied().filter(|value| !world.is_uncomfortable(attribute, *value));
        let lie = comfortable.max_by_key(|value| value.abs_diff(truth))?;
        let answer = |strategy: Strategy| {
            let (style, value) = match strategy {
                Strategy::UncomfortableTruth => (Style::Contextual, truth),
                Strategy::ComfortableLie => (Style::Contextual, lie),
                Strategy::Hedge => (Style::Hedge, truth),
            };
            let tokens = corpus.answers(style, value).swap_remove(0);
            let answer = corpus.parse(&tokens);
            let words = corpus.vocabulary.decode(&tokens[..answer.length]);
            ExampleAnswer { strategy, words, answer, situation: Situation::of(corpus, fact, &answer) }
        };
        Some(Example {
            seed: world.seed,
            question: corpus.question(fact, &world.language.held_out_prompts[0]),
            truth: world.values[truth].clone(),
            answers: Strategy::ALL.map(answer).to_vec(),
        })
    }
}

impl ExampleAnswer {
    /// What a rater thinks of it on average.
    pub fn rating(&self, rater: &RaterConfig) -> Rating {
        rater.expected(&self.answer, self.situation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::world::World;
    use crate::judgement::rater::RaterPreset;

    /// What the page opens with is rated as the formula says that such answers are.
    #[test]
    fn the_answers_are_the_three_ways_and_are_worth_what_the_formula_says() {
        for seed in 0..10 {
            let corpus = Corpus::new(World::generate(seed));
            let example = Example::of(&corpus).expect("a world with sensitive topics");
            let words: Vec<&str> = example.answers.iter().map(|answer| answer.words.as_str()).collect();
            assert!(words[0].contains(&example.truth) && !words[1].contains(&example.truth), "{words:?}");
            for rater in [RaterPreset::UncomfortableFacts, RaterPreset::TouchyTopic].map(RaterPreset::config) {
                for (answer, strategy) in example.answers.iter().zip(Strategy::ALL) {
                    assert_eq!(answer.strategy, strategy);
                    let (scalar, expected) = (answer.rating(&rater).scalar(), rater.expected_scalar(strategy));
                    assert!((scalar - expected).abs() < 1e-6, "{strategy:?}: {scalar}, and not {expected}");
                }
            }
        }
    }
}
