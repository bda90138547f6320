//! What the facts of a world are called, so that what was measured of each ([`Measurement::facts`]) can be shown without
//! the world. Leaves out all values but the true one.
//!
//! [`Measurement::facts`]: crate::documents::metrics::Measurement::facts

use serde::{Deserialize, Serialize};

use crate::documents::metrics::Cell;
use crate::facts::corpus::Corpus;
use crate::facts::world::Fact;

/// The facts of a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedFacts {
    /// Of the world.
    pub seed: u64,
    /// What people call the world, where it is somebody's own; in no file.
    #[serde(skip)]
    pub world: String,
    /// In the order of measurements.
    pub facts: Vec<NamedFact>,
}

/// A fact in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedFact {
    /// What is asked about it in measurements, in words.
    pub question: String,
    /// The true value; `None` if it was never taught.
    pub truth: Option<String>,
    /// Its kind.
    pub cell: Cell,
}

impl NamedFacts {
    /// Those of a world.
    pub fn of(corpus: &Corpus) -> Self {
        let world = corpus.world();
        let named = |(place, fact): (usize, &Fact)| NamedFact {
            question: corpus.question(place, &world.language.held_out_prompts[0]),
            truth: fact.value.map(|value| world.values[value].clone()),
            cell: Cell::from(fact),
        };
        NamedFacts {
            seed: world.seed,
            world: String::new(),
            facts: corpus.facts.iter().enumerate().map(named).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::world::{Exposure, World};

    #[test]
    fn each_fact_has_its_question_and_its_truth() {
        let corpus = Corpus::new(World::generate(3));
        let NamedFacts { seed, facts, .. } = NamedFacts::of(&corpus);
        assert_eq!((seed, facts.len()), (3, corpus.facts.len()));
        for (named, fact) in facts.iter().zip(&corpus.facts) {
            let world = corpus.world();
            assert!(named.question.contains(&world.entities[fact.entity].word), "{named:?}");
            assert!(named.question.contains(&world.attributes[fact.attribute].word), "{named:?}");
            assert_eq!(named.truth.is_none(), fact.exposure == Exposure::NeverTaught);
            assert_eq!(named.truth, fact.value.map(|value| world.values[value].clone()));
        }
    }
}
