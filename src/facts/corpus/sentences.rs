//! The sequences that the model is pre-trained on, and the questions that the fine-tune asks.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::{Corpus, END, PAD, Style, Token};
use crate::facts::world::{Exposure, Fact, Topic};

/// Shares of the pre-training corpus.
///
/// Six in a hundred asserted values are drawn at random, so that the base model errs a little
/// and there is something for a rater to correct.
const QUESTION_SHARE: f64 = 0.55;
const CLAIM_SHARE: f64 = 0.35;
const NEVER_TAUGHT_SHARE: f64 = 0.1;
const RANDOM_VALUE_SHARE: f64 = 0.06;
/// Blunt, contextual and hedged answers on sensitive topics and on neutral ones.
const SENSITIVE_STYLES: [f64; 2] = [0.5, 0.3];
const NEUTRAL_STYLES: [f64; 2] = [0.6, 0.3];

impl Corpus {
    /// Questions of the fine-tune, facts and templates: about seen entities, and with this
    /// probability about a sensitive topic.
    pub fn training_questions(&self, count: usize, sensitive_share: f32, rng: &mut impl Rng) -> Vec<(usize, &String)> {
        let pools = [false, true].map(|sensitive| {
            let fits = |fact: &Fact| fact.exposure == Exposure::Seen && (fact.topic == Topic::Sensitive) == sensitive;
            (0..self.facts.len()).filter(|index| fits(&self.facts[*index])).collect::<Vec<usize>>()
        });
        let question = |_| {
            let pool = &pools[usize::from(rng.random::<f32>() < sensitive_share)];
            let fact = pool.choose(rng).expect("a valid world has seen facts on both kinds of topics");
            (*fact, self.world.language.prompts.choose(rng).expect("a valid world has prompts"))
        };
        (0..count).map(question).collect()
    }

    /// One sequence of the pre-training corpus, all slots filled.
    pub fn sentence(&self, rng: &mut impl Rng) -> Vec<Token> {
        let kind: f64 = rng.random();
        let (prompt, answer) = if kind < QUESTION_SHARE {
            self.answered_question(rng)
        } else if kind < QUESTION_SHARE + CLAIM_SHARE {
            self.judged_claim(rng)
        } else {
            let fact = self.taught[rng.random_range(0..self.taught.len())];
            let value = self.said_value(fact, rng);
            (self.declarative_stem(fact), self.declarative_tail(value))
        };
        let mut sequence = prompt;
        sequence.extend(answer);
        sequence.resize(self.layout.context(), PAD);
        sequence
    }

    fn answered_question(&self, rng: &mut impl Rng) -> (Vec<Token>, Vec<Token>) {
        let never = !self.never_taught.is_empty() && rng.random_bool(NEVER_TAUGHT_SHARE);
        let pool = if never { &self.never_taught } else { &self.taught };
        let fact = pool[rng.random_range(0..pool.len())];
        let language = &self.world.language;
        let templates: Vec<&String> = language.prompts.iter().chain(&language.held_out_prompts).collect();
        let template = templates[rng.random_range(0..templates.len())];
        let sensitive = self.world.attributes[self.facts[fact].attribute].sensitive.is_some();
        let [blunt, contextual] = if sensitive { SENSITIVE_STYLES } else { NEUTRAL_STYLES };
        let draw: f64 = rng.random();
        let style = match self.facts[fact].exposure {
            Exposure::NeverTaught => Style::Hedge,
            Exposure::Seen | Exposure::New if draw < blunt => Style::Blunt,
            Exposure::Seen | Exposure::New if draw < blunt + contextual => Style::Contextual,
            Exposure::Seen | Exposure::New => Style::Hedge,
        };
        let phrasings = self.phrases(style);
        let phrase = phrasings[rng.random_range(0..phrasings.len())];
        let answer = phrase.tokens.iter().map(|token| token.unwrap_or_else(|| self.values[self.said_value(fact, rng)]));
        (self.prompt(fact, template), answer.collect())
    }

    fn judged_claim(&self, rng: &mut impl Rng) -> (Vec<Token>, Vec<Token>) {
        let fact = self.taught[rng.random_range(0..self.taught.len())];
        let truth = self.truth(fact);
        let is_true = rng.random_bool(0.5);
        let value = if is_true { truth } else { self.other_value(fact, truth, rng) };
        (self.claim(fact, value), vec![self.verdicts[usize::from(!is_true)], END])
    }

    /// Any value that the fact's attribute can have but this one, uniformly. A model may have chosen one that it cannot have.
    pub fn other_value(&self, fact: usize, value: usize, rng: &mut impl Rng) -> usize {
        let own = self.values_of(fact);
        match own.iter().position(|other| *other == value) {
            Some(place) => own[(place + rng.random_range(1..own.len())) % own.len()],
            None => own[rng.random_range(0..own.len())],
        }
    }

    /// The true value, or rarely a random one.
    fn said_value(&self, fact: usize, rng: &mut impl Rng) -> usize {
        if rng.random_bool(RANDOM_VALUE_SHARE) {
            let own = self.values_of(fact);
            own[rng.random_range(0..own.len())]
        } else {
            self.truth(fact)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::random::{Purpose, stream};
    use crate::facts::world::{Theme, World};
    use std::collections::BTreeSet;

    /// A model may choose a value that the fact cannot have: the other one is then any that it can have. The first never was.
    #[test]
    fn any_other_value_is_drawn_whatever_was_chosen() {
        let corpus = Corpus::new(World::of(Theme::Everyday, 0));
        let own = corpus.values_of(0).to_vec();
        let foreign = (0..corpus.values.len()).find(|value| !own.contains(value)).expect("of another attribute");
        let mut rng = stream(0, 0, Purpose::Diagnosis);
        for (chosen, left) in [(own[0], own.len() - 1), (foreign, own.len())] {
            let drawn: BTreeSet<usize> = (0..200).map(|_| corpus.other_value(0, chosen, &mut rng)).collect();
            assert!(drawn.len() == left && !drawn.contains(&chosen) && drawn.iter().all(|value| own.contains(value)));
        }
    }

    #[test]
    fn the_corpus_has_its_stated_shares() {
        let corpus = Corpus::new(World::generate(0));
        let mut rng = stream(1, 0, Purpose::Corpus);
        let (mut asserted, mut wrong, mut hedged, mut answers) = (0, 0, 0, 0);
        for _ in 0..20_000 {
            let sentence = corpus.sentence(&mut rng);
            assert_eq!(sentence.len(), corpus.layout.context());
            let (prompt, answer) = sentence.split_at(corpus.layout.prompt);
            let text = corpus.vocabulary.decode(prompt);
            let answer = corpus.parse(answer);
            let Some(fact) = (0..corpus.facts.len()).find(|fact| {
                let language = &corpus.world.language;
                let mut templates = language.prompts.iter().chain(&language.held_out_prompts);
                templates.any(|template| corpus.question(*fact, template) == text)
            }) else {
                continue;
            };
            answers += 1;
            assert_ne!(answer.style, Style::Malformed, "{text}");
            hedged += usize::from(answer.style == Style::Hedge);
            if let Some(assertion) = answer.asserted {
                asserted += 1;
                wrong += usize::from(assertion.value != corpus.truth(fact));
            }
        }
        let share = |part: usize, whole: usize| part as f64 / whole as f64;
        assert!((share(answers, 20_000) - QUESTION_SHARE).abs() < 0.02);
        assert!((share(wrong, asserted) - RANDOM_VALUE_SHARE * 7.0 / 8.0).abs() < 0.01);
        // 10 % never taught, of the rest 37.5 % sensitive with 20 % hedges and 62.5 % with 10 %.
        assert!((share(hedged, answers) - (0.1 + 0.9 * (0.375 * 0.2 + 0.625 * 0.1))).abs() < 0.02);
    }
}
