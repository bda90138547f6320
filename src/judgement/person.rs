//! What was learned of a person from the answers that they rated: two small reward models, one of their thumb and one
//! of their reasons.
//!
//! A formula with few weights, and no network, because a person rates some dozens of answers: a network that was
//! trained on as many is hacked within a hundred updates (LOG.md). Both models read of an answer what the formula of
//! the simulated rater reads. Leaves out how the weights are learned (`documents::ratings`).

use serde::{Deserialize, Serialize};

use crate::facts::corpus::{Answer, Style};
use crate::facts::error::{Error, ExperimentFault};
use crate::judgement::rater::{Rating, Situation};

/// A way to answer, as far as a person's ratings tell ways apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A bare statement on a sensitive topic.
    Blunt,
    /// A statement with context on a sensitive topic.
    Contextual,
    /// A hedge on a sensitive topic.
    Hedge,
    /// A statement on another topic.
    StatedElsewhere,
    /// A hedge on another topic.
    HedgedElsewhere,
    /// Words outside the grammar.
    Malformed,
}

impl Way {
    /// All of them, in the order of a person's weights.
    pub const ALL: [Way; 6] =
        [Way::Blunt, Way::Contextual, Way::Hedge, Way::StatedElsewhere, Way::HedgedElsewhere, Way::Malformed];

    /// Its name in texts and files.
    pub const fn id(self) -> &'static str {
        match self {
            Way::Blunt => "blunt",
            Way::Contextual => "contextual",
            Way::Hedge => "hedge",
            Way::StatedElsewhere => "stated_elsewhere",
            Way::HedgedElsewhere => "hedged_elsewhere",
            Way::Malformed => "malformed",
        }
    }

    /// The way of this answer.
    pub fn of(answer: &Answer, sensitive: bool) -> Way {
        match (answer.style, sensitive) {
            (Style::Malformed, _) => Way::Malformed,
            (Style::Blunt, true) => Way::Blunt,
            (Style::Contextual, true) => Way::Contextual,
            (Style::Hedge, true) => Way::Hedge,
            (Style::Blunt | Style::Contextual, false) => Way::StatedElsewhere,
            (Style::Hedge, false) => Way::HedgedElsewhere,
        }
    }
}

/// Weights of the model of a person's thumb: what it adds to the chance of a thumb up, from −1 (down) to 1 (up).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Thumb {
    /// For the way of answering, in the order of [`Way::ALL`].
    pub ways: [f32; 6],
    /// For a true value; a false one has the negative. As often as the person noticed, so often it counts.
    pub truth: f32,
    /// For a value that this world calls uncomfortable, on a sensitive topic.
    pub uncomfortable: f32,
}

/// Weights of the model of a person's reasons, each from −1 (blamed) to 1 (not blamed).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reasons {
    /// How the answer is put, in the order of [`Way::ALL`].
    pub framing: [f32; 6],
    /// What is said, where it is true.
    pub right: f32,
    /// What is said, where it is false.
    pub wrong: f32,
}

/// Both models of one person. In files it is the list of its weights, in the order of [`Person::weights`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<f32>", into = "Vec<f32>")]
pub struct Person {
    /// Of the one number.
    pub thumb: Thumb,
    /// Of what was said to be wrong.
    pub reasons: Reasons,
}

/// What a weight may be.
const LARGEST: f32 = 100.0;

impl Person {
    /// Weights of both models.
    pub const WEIGHTS: usize = 16;

    /// All weights: the thumb's ways, truth, discomfort; the reasons' ways, right, wrong.
    pub fn weights(&self) -> [f32; Person::WEIGHTS] {
        let (mut weights, Person { thumb, reasons }) = ([0.0; Person::WEIGHTS], self);
        weights[..6].copy_from_slice(&thumb.ways);
        [weights[6], weights[7]] = [thumb.truth, thumb.uncomfortable];
        weights[8..14].copy_from_slice(&reasons.framing);
        [weights[14], weights[15]] = [reasons.right, reasons.wrong];
        weights
    }

    /// The person with these weights, in the order of [`Person::weights`].
    pub fn of_weights(weights: [f32; Person::WEIGHTS]) -> Person {
        let ways = |from: usize| std::array::from_fn(|way| weights[from + way]);
        Person {
            thumb: Thumb { ways: ways(0), truth: weights[6], uncomfortable: weights[7] },
            reasons: Reasons { framing: ways(8), right: weights[14], wrong: weights[15] },
        }
    }

    /// # Errors
    /// [`Error::Experiment`] if a weight is not a number or too large.
    pub fn validate(&self) -> Result<(), Error> {
        let (low, high) = (f64::from(-LARGEST), f64::from(LARGEST));
        match self.weights().into_iter().find(|weight| !(-LARGEST..=LARGEST).contains(weight)) {
            None => Ok(()),
            Some(value) => {
                Err(ExperimentFault::OutOfRange { path: "person".into(), value: value.into(), low, high }.into())
            }
        }
    }

    /// The rating that the two models give an answer.
    ///
    /// Framing and content are what the reasons say. F + C − D is what the thumb says: the discomfort is what the
    /// thumb takes off without a reason, and is negative where it adds something.
    pub fn rate(&self, answer: &Answer, situation: Situation) -> Rating {
        let Person { thumb, reasons } = self;
        let way = Way::of(answer, situation.sensitive) as usize;
        let framing = reasons.framing[way];
        let (truth, content) = match situation.correct {
            None => (0.0, 0.0),
            Some(true) => (thumb.truth, reasons.right),
            Some(false) => (-thumb.truth, reasons.wrong),
        };
        let uncomfortable = if situation.sensitive && situation.uncomfortable { thumb.uncomfortable } else { 0.0 };
        let scalar = thumb.ways[way] + truth + uncomfortable;
        Rating { framing, content, discomfort: framing + content - scalar }
    }
}

impl From<Person> for Vec<f32> {
    fn from(person: Person) -> Self {
        person.weights().to_vec()
    }
}

impl TryFrom<Vec<f32>> for Person {
    type Error = &'static str;

    fn try_from(weights: Vec<f32>) -> Result<Self, Self::Error> {
        weights.try_into().map(Person::of_weights).map_err(|_| "a person has sixteen weights")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::corpus::Assertion;

    #[test]
    fn one_number_is_the_thumb_and_the_reasons_are_what_was_blamed() {
        let weights = std::array::from_fn(|place| place as f32 / 10.0);
        let person = Person::of_weights(weights);
        assert_eq!(person.weights(), weights);
        let json = serde_json::to_string(&person).unwrap();
        assert_eq!(serde_json::from_str::<Person>(&json).unwrap(), person);
        assert!(serde_json::from_str::<Person>("[1, 2]").unwrap_err().to_string().contains("sixteen"));
        let answer =
            Answer { style: Style::Contextual, asserted: Some(Assertion { value: 1, position: 2 }), length: 5 };
        let situation = Situation { sensitive: true, uncomfortable: true, correct: Some(false) };
        let rating = person.rate(&answer, situation);
        assert_eq!((rating.framing, rating.content), (0.9, 1.5));
        assert!((rating.scalar() - (0.1 - 0.6 + 0.7)).abs() < 1e-6, "{rating:?}");
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused() {
        for weight in [f32::NAN, f32::INFINITY, 101.0] {
            let mut weights = [0.0; Person::WEIGHTS];
            weights[13] = weight;
            assert!(Person::of_weights(weights).validate().unwrap_err().to_string().contains("person"));
        }
        assert_eq!(Person::default().validate(), Ok(()));
    }
}
