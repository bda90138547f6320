//! The part of the address after `#`, which no server sees: what the user chose, and a place on the page.
//!
//! A link says what differs from a preset, in words that a teacher can read and edit (`readable`):
//! `#s=4&rater=touchy-topic&seeds=0,3&finetune.kl=0.1&at=limits`. Links of the first three versions
//! are read as well (`frozen`). A place alone is an ordinary anchor: `#limits`. What a link says came out of
//! a run is passed over here and read by `model::sent`. The browser's side is in `address`.

mod frozen;
mod readable;

use hedgerow::documents::protocol::EnginePreference;
use hedgerow::judgement::experiment::{Experiment, WorldId};

/// What a link carries.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkState {
    /// What to run.
    pub experiment: Experiment,
    /// How to look at it.
    pub mode: ViewMode,
    /// What to run it on.
    pub engine: EnginePreference,
}

/// One model, or several in lock-step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewMode {
    /// All arms of the experiment, side by side.
    SideBySide,
    /// One arm; its reward is switched with a toggle.
    Single,
}

/// What a fragment says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Opened {
    /// The settings, always ones that can be run; `None` if the fragment says nothing about them.
    pub state: Option<LinkState>,
    /// The `id` of the element to scroll to.
    pub place: Option<String>,
    /// What could not be used, while the rest was. At most [`MOST_PROBLEMS`] and [`Problem::More`].
    pub problems: Vec<Problem>,
}

/// A part of a link that could not be used. Names and values are as the link has them, cut to a
/// length that can be shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// It is no link of this page, or an old one that was cut.
    Unreadable,
    /// It has more characters than any link of this page.
    TooLong {
        /// Bytes of the link.
        length: usize,
        /// Bytes that a link may have.
        most: usize,
    },
    /// An old link asks for an experiment that cannot be run.
    Nonsense,
    /// A newer page made it; what this page knows of it was opened.
    Newer {
        /// The version that the link names.
        version: u32,
    },
    /// No parameter has this name.
    UnknownParameter {
        /// What the link calls it.
        name: String,
    },
    /// The parameter's value is out of range, or no value of its kind.
    BadValue {
        /// The parameter.
        name: String,
        /// What the link says.
        value: String,
        /// What it may be.
        allowed: Allowed,
    },
    /// A parameter, or a member of a list, is there a second time; the first holds.
    Repeated {
        /// The parameter.
        name: String,
        /// What is said a second time.
        value: String,
    },
    /// A list is too long to run.
    TooMany {
        /// The parameter.
        name: String,
        /// Members of the list.
        count: usize,
        /// Members that it may have.
        most: usize,
    },
    /// The parameter is fine by itself and contradicts the rest of the link.
    Contradicts {
        /// The parameter.
        name: String,
        /// What the link says.
        value: String,
    },
    /// The site has no base model of this seed.
    NoSuchSeed {
        /// The seed that was asked for.
        seed: u64,
    },
    /// The world of the visitor's own that it names is not on this device.
    NoSuchWorld,
    /// More of the same kind.
    More {
        /// How many.
        count: usize,
    },
}

/// What a parameter may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Allowed {
    /// A number from `low` to `high`.
    Number {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
        /// Only whole numbers?
        whole: bool,
    },
    /// One of these names.
    OneOf(Vec<&'static str>),
}

/// The seed that the page opens with, chosen because its scalar arm shows what the page is about: a test in
/// `model::seeds` holds it to that. A link that names no seed is of seed 0, whatever this is.
pub const DEFAULT_SEED: u64 = 3;

impl Default for LinkState {
    fn default() -> Self {
        // A link that names settings and no world is of the invented one, whatever the page opens with.
        let own_world = Some(WorldId::Everyday);
        let experiment = Experiment { seeds: vec![DEFAULT_SEED], own_world, ..Experiment::default() };
        LinkState { experiment, mode: ViewMode::SideBySide, engine: EnginePreference::Auto }
    }
}

impl LinkState {
    /// A page that shows a single model has one arm.
    fn look_at_one(&mut self) {
        if self.mode == ViewMode::Single {
            self.experiment.arms.truncate(1);
        }
    }
}

/// The parameter of what came out (`model::sent`).
pub const RESULT: &str = "result";
/// A readable link of everything that can be set has 1,500 bytes.
const LONGEST: usize = 16 * 1024;
/// Problems that are named one by one.
pub const MOST_PROBLEMS: usize = 8;

/// The fragment for these settings and this place, without its `#`. The default settings are not
/// written down: the address of a fresh page is plain.
pub fn fragment(state: &LinkState, place: Option<&str>) -> String {
    match (*state == LinkState::default(), place) {
        (true, None) => String::new(),
        (true, Some(place)) => place.to_owned(),
        (false, None) => readable::encode(state),
        (false, Some(place)) => format!("{}&{}={place}", readable::encode(state), readable::PLACE),
    }
}

/// The same with the result that came with a link, which is written with its settings.
pub fn fragment_with(state: &LinkState, place: Option<&str>, result: &str) -> String {
    let place = place.map(|place| format!("&{}={place}", readable::PLACE));
    format!("{}&{RESULT}={result}{}", settings(state), place.unwrap_or_default())
}

/// These settings as a link has them, also where a fresh page has the same.
pub fn settings(state: &LinkState) -> String {
    readable::encode(state)
}

/// What a fragment says under a name.
pub fn parameter(fragment: &str, name: &str) -> Option<String> {
    readable::value(&readable::plain(fragment), name).map(str::to_owned)
}

/// Reads a fragment, with or without its `#`. Whatever is wrong with a part of it, the rest opens.
pub fn open(fragment: &str) -> Opened {
    if fragment.len() > LONGEST {
        return Opened::with(Problem::TooLong { length: fragment.len(), most: LONGEST });
    }
    let plain = readable::plain(fragment.trim_start_matches('#'));
    if let Some(link) = frozen::find(&plain) {
        return match frozen::decode(link) {
            Ok(state) => Opened { state: Some(state), ..Opened::default() },
            Err(frozen::BadLink::Unreadable) => Opened::with(Problem::Unreadable),
            Err(frozen::BadLink::Nonsense) => Opened::with(Problem::Nonsense),
        };
    }
    readable::decode(&plain)
}

/// Replaces the seeds that the site has no base models of, and names them.
pub fn keep_available_seeds(experiment: &mut Experiment, available: &[u64]) -> Vec<Problem> {
    let Some(first) = available.first() else { return Vec::new() };
    let (kept, missing) = experiment.seeds.iter().partition::<Vec<u64>, _>(|seed| available.contains(seed));
    experiment.seeds = if kept.is_empty() { vec![*first] } else { kept };
    shortened(missing.into_iter().map(|seed| Problem::NoSuchSeed { seed }).collect())
}

/// The first problems, and how many more there are.
fn shortened(mut problems: Vec<Problem>) -> Vec<Problem> {
    let count = problems.len().saturating_sub(MOST_PROBLEMS);
    if count > 0 {
        problems.truncate(MOST_PROBLEMS);
        problems.push(Problem::More { count });
    }
    problems
}

impl Opened {
    fn with(problem: Problem) -> Self {
        Opened { problems: vec![problem], ..Opened::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_that_the_site_lacks_are_replaced_and_named() {
        let mut experiment = Experiment { seeds: vec![7, 2, 9], ..Experiment::default() };
        let missing = [7, 9].map(|seed| Problem::NoSuchSeed { seed });
        assert_eq!(keep_available_seeds(&mut experiment, &[0, 1, 2]), missing);
        assert_eq!(experiment.seeds, [2]);
        experiment.seeds = vec![7];
        keep_available_seeds(&mut experiment, &[3, 4]);
        assert_eq!(experiment.seeds, [3]);
    }

    #[test]
    fn what_is_no_link_says_so() {
        for fragment in ["AwsAAQIDBAUGBwgJCgICBM3MTD4AAMA_AAAAADMzMz8AAIA", "CQEC", "Hällo"] {
            assert_eq!(open(fragment), Opened::with(Problem::Unreadable), "{fragment}");
        }
    }
}
