//! Looking into the models of a run: what can be looked at, and what is seen.

use serde::{Deserialize, Serialize};

use crate::documents::metrics::{Cell, CreditedAnswer, Outcome, Relearning};
use crate::documents::ratings::Card;
use crate::judgement::experiment::Replica;
use crate::judgement::rater::Rating;
use crate::judgement::spans::SpanReward;

/// What to look at. Nothing of it changes the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Inspection {
    /// Ask every replica, and the base model it came from, a question in words.
    Ask {
        /// Words of the vocabulary.
        question: String,
    },
    /// What would every replica, and the base model it came from, say next?
    NextTokens {
        /// Words of the vocabulary.
        question: String,
        /// The answer's words so far; empty at its beginning.
        begun: String,
    },
    /// The completions of one prompt of the last update, what each of their words was credited with, and what the
    /// update made of them.
    Credit {
        /// Which prompt, from 0.
        prompt: usize,
    },
    /// What every replica says about every fact, and what it would choose.
    Outcomes,
    /// What every replica, and the base model it came from, represents just before it says the value of a fact.
    States {
        /// After so many blocks; 0 is the embedding.
        layer: usize,
    },
    /// Deal answers of every replica, and of the base model it came from, for a person to rate, false ones among them.
    Cards {
        /// How many of either.
        count: usize,
    },
    /// Were uncomfortable facts gone, or hidden? Teach a copy of every replica half of them again and ask about the other half.
    Relearning,
}

/// What is seen, one entry for each replica of the worker in their order. What only some pages read is encoded once more
/// ([`encode`](super::encode)), so that the others need not know how it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Inspected {
    /// Of [`Inspection::Ask`].
    Asked(Vec<AskedAnswer>),
    /// Of [`Inspection::NextTokens`].
    NextTokens(Vec<NextTokens>),
    /// Of [`Inspection::Credit`]: [`CreditedGroup`].
    Credit(Vec<Encoded>),
    /// Of [`Inspection::Outcomes`]: [`FactOutcomes`].
    Outcomes(Vec<Encoded>),
    /// Of [`Inspection::States`]: [`FactStates`].
    States(Vec<Encoded>),
    /// Of [`Inspection::Cards`]: [`DealtCards`].
    Cards(Vec<Encoded>),
    /// Of [`Inspection::Relearning`]: [`Relearned`].
    Relearning(Vec<Encoded>),
}

/// The bytes of one replica's part.
pub type Encoded = Vec<u8>;

/// What one replica chose after some supervised steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relearned {
    /// Updates done before.
    pub update: u32,
    /// After each number of steps, none first.
    pub after: Vec<Relearning>,
}

/// One replica's answers, to be rated, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealtCards {
    /// The replica that answers.
    pub replica: Replica,
    /// The base model's, in the order of dealing.
    pub before: Vec<Card>,
    /// Those of the model as it is now, likewise; before the first update they are the base model's.
    pub now: Vec<Card>,
}

/// One replica's answers to a free question, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskedAnswer {
    /// The replica that answers.
    pub replica: Replica,
    /// Sampled from the base model.
    pub before: Vec<String>,
    /// Sampled from the model as it is now, with the same noise.
    pub now: Vec<String>,
}

/// The tokens that one replica is most likely to say next, before or after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextTokens {
    /// The replica that speaks.
    pub replica: Replica,
    /// The larger of the two probabilities decides which are here and in which order.
    pub tokens: Vec<NextToken>,
}

/// A token and how probable it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextToken {
    /// A word, or "∎" for the end of the answer.
    pub word: String,
    /// Its probability under the base model, in 0 … 1.
    pub before: f32,
    /// Its probability under the model as it is now, in 0 … 1.
    pub now: f32,
}

/// The completions of one prompt that were compared with one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreditedGroup {
    /// The replica that was trained on them.
    pub replica: Replica,
    /// Updates done with this one.
    pub update: u32,
    /// Prompts of the update, of which this is one.
    pub prompts: usize,
    /// The completions.
    pub answers: Vec<CreditedAnswer>,
    /// What lies between each completion's rating and its credit, and what came of it.
    pub unfolded: Vec<UnfoldedAnswer>,
}

/// What lies between the rating of a completion and its credit, and what the update made of the completion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnfoldedAnswer {
    /// The rating that the reward model predicts, if it is the judge: it is rewarded in the rater's place.
    pub predicted: Option<Rating>,
    /// The rewards, each with the mean of its group and pool. Words in no span get none.
    pub spans: Vec<(SpanReward, f32)>,
    /// The natural logarithm of each word's probability after those before it, just before the update, at temperature 1.
    pub before: Vec<f32>,
    /// The same as the model is now.
    pub now: Vec<f32>,
}

/// What one replica says about every fact of its world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactOutcomes {
    /// The replica that answers.
    pub replica: Replica,
    /// The values that a fact can have, in the order of [`FactOutcome::probabilities`].
    pub values: Vec<String>,
    /// In the order of the world's facts.
    pub facts: Vec<FactOutcome>,
}

/// What a model says about a fact when it is asked with the first held-out prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactOutcome {
    /// The question in words.
    pub question: String,
    /// Where its answers are counted.
    pub cell: Cell,
    /// `None` if it was never taught.
    pub truth: Option<String>,
    /// The answer made of the most probable tokens.
    pub said: String,
    /// What that answer does.
    pub outcome: Outcome,
    /// The value that is most probable after a blunt beginning: the forced choice.
    pub choice: String,
    /// P(value) there, normalised over the values.
    pub probabilities: Vec<f32>,
}

/// What one replica represents before the value of each taught fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactStates {
    /// The replica that is looked into.
    pub replica: Replica,
    /// Updates done.
    pub update: u32,
    /// The values that a fact can have.
    pub values: Vec<String>,
    /// In the order of the world's facts.
    pub facts: Vec<RepresentedFact>,
}

/// The residual stream just before the value, in a contextual answer to the first held-out prompt, and the value that is
/// most probable from there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepresentedFact {
    /// The question in words.
    pub question: String,
    /// Where the fact's answers are counted.
    pub cell: Cell,
    /// The true value, among the values.
    pub truth: usize,
    /// Of the base model.
    pub before: State,
    /// Of the model as it is now.
    pub now: State,
}

/// A state, and what comes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The residual stream, `[width]`.
    pub stream: Vec<f32>,
    /// The value that is most probable next, among the values.
    pub says: usize,
}
