//! A class: the runs, predictions and ratings of many, pooled.
//!
//! [`read`] says what a file is to a class, [`pool`] which runs and predictions go together, [`raters`] what the ratings are
//! together, and [`table`] writes all of it as rows.
//! Nothing is guessed: a file that does not belong is left out, and its [`Fault`] says why. Leaves out what a file is at all
//! (`model::files`) and all words.

pub mod pool;
pub mod raters;
pub mod read;
pub mod table;

#[cfg(test)]
mod tests;

use super::files::{self, Content};

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it holds, or why it cannot be used.
    pub content: Result<Content, Fault>,
}

/// Why a file, or a part of it, is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Unreadable(files::Fault),
    /// The run ended early, or is not over.
    Unfinished {
        /// Updates done.
        done: u32,
        /// Updates asked for.
        updates: u32,
    },
    /// The reward was changed in the middle of the run.
    RewardChanged,
    /// The prediction was made when the run was under way.
    Late,
    /// It has other settings than the others.
    OtherSettings {
        /// The paths of those that differ.
        paths: Vec<&'static str>,
    },
    /// Another build computed it.
    OtherBuild {
        /// Its name.
        build: String,
    },
    /// It holds what another file holds.
    Copy {
        /// The place of the other file.
        of: usize,
    },
    /// Runs of these seeds are there already; what was predicted counts.
    SeedsThere {
        /// The seeds.
        seeds: Vec<u64>,
        /// The place of the file with the first of them.
        of: usize,
    },
    /// Cards that nobody has rated.
    NothingRated,
    /// Ratings of several people who cannot be told apart any more.
    SeveralPeople,
}

/// What a file is called where names are shown: its maker's nickname, or the file's name.
pub fn name(file: &File) -> &str {
    let prediction = match &file.content {
        Ok(Content::Run(_, prediction)) => prediction.as_ref(),
        Ok(Content::Prediction(prediction)) => Some(prediction),
        Ok(Content::Ratings(_)) | Err(_) => None,
    };
    prediction.map(|prediction| prediction.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&file.name)
}

/// The number that stands for a file where names are hidden, from 1. The order says nothing of that in which files
/// came or of their names, and is the same for the same files.
pub fn number(files: &[File], place: usize) -> usize {
    // FNV-1a.
    let mixed = |place: usize| {
        let name = files[place].name.bytes();
        let hash =
            name.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        // Names that differ at their end alone would else keep their order.
        (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32), place)
    };
    let own = mixed(place);
    1 + (0..files.len()).filter(|other| mixed(*other) < own).count()
}
