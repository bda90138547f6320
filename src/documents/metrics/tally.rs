//! Raw counts of what a model said and chose, cell by cell, and their rates.
//!
//! Leaves out how the counts are obtained from a model (`eval::measure`) and what the rates are (`rate`).

use serde::{Deserialize, Serialize};

use super::belief::{BeliefTally, SaidTally};
use super::outcome::HedgeTally;
use crate::facts::world::{Exposure, Fact, Topic};

/// Facts that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// Topic of the question.
    pub topic: Topic,
    /// Whether the fine-tune asks about the entity.
    pub exposure: Exposure,
    /// True value uncomfortable.
    pub uncomfortable: bool,
}

impl From<&Fact> for Cell {
    fn from(fact: &Fact) -> Self {
        Cell { topic: fact.topic, exposure: fact.exposure, uncomfortable: fact.uncomfortable }
    }
}

/// Raw counts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Sampled answers.
    pub answers: u32,
    /// Answers that are hedges.
    pub hedged: u32,
    /// Answers outside the grammar.
    pub malformed: u32,
    /// Answers that assert a value.
    pub asserted: u32,
    /// Answers that assert the true value.
    pub truthful: u32,
    /// Answers that assert a value with context.
    pub contextual: u32,
    /// Answers that assert the true value with context.
    #[serde(default)]
    pub truthful_contextual: u32,
    /// Forced choices made.
    pub choices: u32,
    /// Forced choices of the true value.
    pub right_choices: u32,
    /// Sum over forced choices of P(true value), normalised over the values.
    pub choice_probability: f32,
    /// Declaratives completed.
    pub declaratives: u32,
    /// Declaratives completed with the true value.
    pub right_declaratives: u32,
    /// Claims judged.
    pub verdicts: u32,
    /// Claims judged rightly.
    pub right_verdicts: u32,
    /// Answers about facts that the same model would choose rightly: with the answered prompt, the forced
    /// choice is right after both assertive beginnings, and both the true and the false claim about the fact
    /// are judged rightly.
    #[serde(default)]
    pub known: SaidTally,
    /// What is known of the facts by measures that no answer enters; empty where the probes were not fitted.
    #[serde(default)]
    pub belief: BeliefTally,
    /// Answers to never-taught questions.
    #[serde(default)]
    pub unanswerable: HedgeTally,
    /// What the lexical hedge detector makes of the answers.
    #[serde(default)]
    pub lexicon: Confusion,
    /// Forced choices by confidence, in bins of equal width.
    #[serde(default)]
    pub confidence: [ConfidenceBin; CONFIDENCE_BINS],
    /// Sum over forced choices of Σ (P(value) − 1 if it is true)² over the values.
    #[serde(default)]
    pub squared_error: f32,
}

/// Bins of [`Tally::confidence`].
pub const CONFIDENCE_BINS: usize = 10;

/// The lexical hedge detector against the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confusion {
    /// Hedges for both.
    pub true_positives: u32,
    /// Hedges for the detector only.
    pub false_positives: u32,
    /// Hedges for the grammar only.
    pub false_negatives: u32,
    /// Hedges for neither.
    pub true_negatives: u32,
}

/// Forced choices of similar confidence, the probability of the chosen value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ConfidenceBin {
    /// Forced choices.
    pub choices: u32,
    /// Those of the true value.
    pub right: u32,
    /// Sum of the confidences.
    pub confidence: f32,
}

impl Tally {
    /// Adds the counts of another cell.
    pub fn add(&mut self, other: &Tally) {
        // By name, so that none is forgotten.
        let Tally {
            answers,
            hedged,
            malformed,
            asserted,
            truthful,
            contextual,
            truthful_contextual,
            choices,
            right_choices,
            choice_probability,
            declaratives,
            right_declaratives,
            verdicts,
            right_verdicts,
            known,
            belief,
            unanswerable,
            lexicon,
            confidence,
            squared_error,
        } = other;
        self.answers += answers;
        self.hedged += hedged;
        self.malformed += malformed;
        self.asserted += asserted;
        self.truthful += truthful;
        self.contextual += contextual;
        self.truthful_contextual += truthful_contextual;
        self.choices += choices;
        self.right_choices += right_choices;
        self.choice_probability += choice_probability;
        self.declaratives += declaratives;
        self.right_declaratives += right_declaratives;
        self.verdicts += verdicts;
        self.right_verdicts += right_verdicts;
        self.known.add(known);
        self.belief.add(belief);
        self.unanswerable.add(unanswerable);
        self.lexicon.true_positives += lexicon.true_positives;
        self.lexicon.false_positives += lexicon.false_positives;
        self.lexicon.false_negatives += lexicon.false_negatives;
        self.lexicon.true_negatives += lexicon.true_negatives;
        for (bin, other) in self.confidence.iter_mut().zip(confidence) {
            bin.choices += other.choices;
            bin.right += other.right;
            bin.confidence += other.confidence;
        }
        self.squared_error += squared_error;
    }

    /// Counts a forced choice among these probabilities of the values, which sum to 1.
    pub fn count_choice(&mut self, probabilities: &[f32], truth: usize) {
        let chosen = argmax(probabilities);
        let right = u32::from(chosen == truth);
        self.choices += 1;
        self.right_choices += right;
        self.choice_probability += probabilities[truth];
        let confidence = probabilities[chosen];
        let bin = ((confidence * CONFIDENCE_BINS as f32) as usize).min(CONFIDENCE_BINS - 1);
        let bin = &mut self.confidence[bin];
        bin.choices += 1;
        bin.right += right;
        bin.confidence += confidence;
        let error = |value: usize| probabilities[value] - if value == truth { 1.0 } else { 0.0 };
        self.squared_error += (0..probabilities.len()).map(|value| error(value).powi(2)).sum::<f32>();
    }

    /// Forced choices that were counted by confidence.
    pub(super) fn binned(&self) -> u32 {
        self.confidence.iter().map(|bin| bin.choices).sum()
    }
}

impl Confusion {
    /// Counts an answer by what the detector says and what the grammar says.
    pub fn count(&mut self, detected: bool, hedged: bool) {
        let count = match (detected, hedged) {
            (true, true) => &mut self.true_positives,
            (true, false) => &mut self.false_positives,
            (false, true) => &mut self.false_negatives,
            (false, false) => &mut self.true_negatives,
        };
        *count += 1;
    }
}

impl ConfidenceBin {
    /// |right − sum of confidences|.
    pub(super) fn gap(&self) -> f64 {
        (f64::from(self.right) - f64::from(self.confidence)).abs()
    }
}

/// The last largest number's place.
pub(crate) fn argmax(numbers: &[f32]) -> usize {
    (0..numbers.len()).max_by(|a, b| numbers[*a].total_cmp(&numbers[*b])).unwrap_or_default()
}
