//! Files that somebody hands to the page: what each of them is, or why it cannot be read.
//!
//! One reader for the shelf and for a class; what either wants of a run beyond that it is whole is its own business
//! (`shelf::run_of_file`, `class::read`). Leaves out where files come from and all words.

pub mod read;
mod zip;

#[cfg(test)]
mod tests;

use hedgerow::documents::ratings::Ratings;
use hedgerow::documents::report::RunReport;
use serde::{Deserialize, Serialize};
pub use zip::{LABEL, RUN, packed};

use super::prediction::Prediction;

/// The largest file: a run of 64 seeds has a tenth of it.
const MOST_BYTES: usize = 64 << 20;
/// A file's name says so many seeds, and of more how many they are.
const SEEDS_NAMED: usize = 4;
/// Letters and digits of a nickname that a file's name has room for.
const NICKNAME: usize = 40;

/// What a file is called that somebody hands in, without its ending: what it is, whose, of which exercise, with which
/// seeds. What is empty is left out, and so is all that is neither a letter nor a digit.
pub fn file_name(what: &str, nickname: &str, exercise: &str, seeds: &[u64]) -> String {
    let seeds = match seeds {
        [] => String::new(),
        [seed] => format!("seed-{seed}"),
        few if few.len() <= SEEDS_NAMED => few.iter().fold("seeds".to_owned(), |name, seed| format!("{name}-{seed}")),
        many => format!("{}-seeds", many.len()),
    };
    let nickname: String = nickname.chars().take(NICKNAME).collect();
    let parts = ["hedgerow", what, &nickname, exercise, &seeds];
    let words = parts.iter().flat_map(|part| part.split(|letter: char| !letter.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// A file, as somebody handed it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A file's name, of one in an archive with the archive's before it, and what it holds, or why that cannot be had.
pub type Entry = (String, Result<Vec<u8>, Fault>);

/// What the visitor says of a run, beside it in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Label {
    /// What it is called; empty without a name.
    pub name: String,
    /// The note to it.
    pub note: String,
}

/// What a file can hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A run, finished or not, with what its maker had predicted.
    Run(Box<RunReport>, Option<Prediction>),
    /// A prediction alone.
    Prediction(Prediction),
    /// A person's ratings, or those of several people together.
    Ratings(Box<Ratings>),
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is nothing in it.
    Empty,
    /// It is no text.
    NoText,
    /// It is too large to be one of the page's files.
    TooLarge,
    /// It is a web page.
    WebPage,
    /// It ends in the middle.
    CutShort,
    /// It is no JSON, from this line on.
    NoJson {
        /// Counted from 1.
        line: usize,
    },
    /// It is a table that this page saved: the numbers of a run or of a class.
    Table,
    /// It is JSON, and neither a run nor a prediction.
    Foreign,
    /// It says what to run, and is no run.
    Settings,
    /// A newer page wrote it.
    Newer {
        /// The version that it names.
        schema: u32,
    },
    /// An older page wrote it, and this one cannot read it.
    Older {
        /// The version that it is of.
        schema: u32,
    },
    /// It is a run or a prediction of which parts are missing, or are no values for their place.
    Damaged,
    /// It is of a real language model.
    RealModel,
    /// It holds ratings, where a run is wanted.
    Ratings,
    /// It holds something else, where ratings are wanted.
    NoRatings,
    /// Models of the run have not been measured even once.
    Unmeasured,
    /// The archive cannot be read.
    BadArchive,
    /// The file in the archive is encrypted, damaged, or packed in an unusual way.
    BadEntry,
}
