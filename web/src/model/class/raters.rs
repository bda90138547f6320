//! The ratings of a class: what each person is like, what all of them are together, and what a model would learn of them.
//!
//! Whoever saved twice counts once, with the more ratings. Leaves out how it is computed (`hedgerow::documents::raters`).

use hedgerow::documents::raters::{Agreement, Together, agreement, together};
use hedgerow::documents::ratings::{AsRater, Estimate, Learned, Ratings};
use hedgerow::judgement::person::Person;

use super::{Fault, File};
use crate::model::files::Content;
use crate::model::ratings::{is_same, pooled};

/// A number of the simulated rater: its path among the settings, and where an estimate has it.
pub type OfRater = (&'static str, fn(&AsRater) -> Estimate);

/// The numbers that are estimated of everybody.
pub const NUMBERS: [OfRater; 3] = [
    ("rater.check_probability", |own| own.check_probability),
    ("rater.discomfort_value", |own| own.discomfort_value),
    ("rater.discomfort_any", |own| own.discomfort_any),
];

/// One of the class.
#[derive(Debug, Clone, PartialEq)]
pub struct Rater {
    /// The place of the file.
    pub file: usize,
    /// The world of the cards.
    pub seed: u64,
    /// Ratings given.
    pub rated: usize,
    /// What the ratings say.
    pub learned: Learned,
}

/// The ratings of a class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Raters {
    /// Each person.
    pub people: Vec<Rater>,
    /// All of them, for each of [`NUMBERS`]; empty of nobody.
    pub together: Vec<Together>,
    /// How far they agree on the same cards.
    pub agreement: Agreement,
    /// The reward models that are fitted to all ratings, each of the same weight; `None` of nobody.
    pub person: Option<Person>,
    /// What is left out: the place of the file, and why.
    pub left_out: Vec<(usize, Fault)>,
}

/// Puts the ratings among files together.
pub fn raters(files: &[File]) -> Raters {
    let ratings = |file: &File| match &file.content {
        Ok(Content::Ratings(ratings)) => Some(ratings.clone()),
        Ok(Content::Run(..) | Content::Prediction(_)) | Err(_) => None,
    };
    let all: Vec<(usize, Box<Ratings>)> =
        files.iter().enumerate().filter_map(|(place, file)| Some((place, ratings(file)?))).collect();
    let mut left_out = Vec::new();
    let mut kept: Vec<&(usize, Box<Ratings>)> = Vec::new();
    for own in &all {
        // Which of two is kept does not depend on the order of the files, unless they are the same.
        let better = all.iter().find(|other| {
            let is_longer = other.1.rated.len() > own.1.rated.len();
            other.0 != own.0
                && is_same(&other.1, &own.1)
                && (is_longer || other.1.rated == own.1.rated && other.0 < own.0)
        });
        match better {
            Some((of, _)) => left_out.push((own.0, Fault::Copy { of: *of })),
            None => kept.push(own),
        }
    }
    let people: Vec<Rater> = kept
        .iter()
        .filter_map(|(file, own)| {
            Some(Rater { file: *file, seed: own.seed, rated: own.rated.len(), learned: own.learn()? })
        })
        .collect();
    let of =
        |(_, number): OfRater| together(&people.iter().map(|own| number(&own.learned.as_rater)).collect::<Vec<_>>());
    let together = NUMBERS.into_iter().filter_map(of).collect();
    let agreement = agreement(kept.iter().map(|(_, own)| &**own));
    let person = pooled(kept.iter().map(|(_, own)| (**own).clone())).and_then(|all| Some(all.learn()?.person));
    Raters { people, together, agreement, person, left_out }
}
