//! The words of the lesson's sheets in a language, `words.toml`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, anyhow};
use hedgerow::{documents::questions::Question, judgement::experiment::Arm};
use serde::Deserialize;

use super::fault::line_of;

/// The words of a language's sheets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) language: String,
    /// `rtl` for a language that is written from right to left.
    pub(super) direction: Option<String>,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) exercises: String,
    pub(super) for_teachers: String,
    pub(super) student_sheet: String,
    pub(super) teacher_sheet: String,
    pub(super) overview: String,
    pub(super) goal: String,
    pub(super) minutes: String,
    pub(super) levels: Levels,
    pub(super) open_lab: String,
    pub(super) by_hand: String,
    pub(super) locked: String,
    pub(super) draw: String,
    pub(super) updates: String,
    pub(super) kinds: Kinds,
    pub(super) right: String,
    pub(super) wrong: String,
    pub(super) choose_all: String,
    pub(super) from_to: String,
    pub(super) print: String,
    pub(super) name: String,
    arms: BTreeMap<String, String>,
    pub(super) figure: String,
    percent: String,
    decimal: String,
    pub(super) interval: String,
    pub(super) count: String,
    pub(super) between: String,
    pub(super) missing: String,
    pub(super) not_heard: String,
}

/// The names of the levels.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Levels {
    pub(super) basic: String,
    pub(super) standard: String,
    pub(super) advanced: String,
}

/// The names of the kinds of steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kinds {
    pub(super) read: String,
    pub(super) predict: String,
    pub(super) run: String,
    pub(super) look: String,
    pub(super) answer: String,
    pub(super) explain: String,
}

impl Words {
    /// Reads the words of a language.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let fault = |error: toml::de::Error| {
            let line = 1 + line_of(&text, error.span().map_or(0, |span| span.start));
            anyhow!("{}:{line}: {}", path.display(), error.message())
        };
        let words: Words = toml::from_str(&text).map_err(fault)?;
        let arms = Question::ALL.map(|question| question.experiment(vec![0]).arms).concat();
        match arms.iter().find(|arm| !words.arms.contains_key(arm.id())) {
            None => Ok(words),
            Some(arm) => Err(anyhow!("{}: [arms] lacks a name of {}", path.display(), arm.id())),
        }
    }

    /// The name of an arm; of one that no recorded run has, its name in files.
    pub(super) fn arm(&self, arm: Arm) -> &str {
        self.arms.get(arm.id()).map_or(arm.id(), String::as_str)
    }

    /// A rate as the language has it.
    pub(super) fn percent(&self, rate: f64) -> String {
        self.percent.replace("{number}", &format!("{:.0}", rate * 100.0))
    }

    /// A number as the language has it, of one as programs have it.
    pub(super) fn decimal(&self, number: &str) -> String {
        number.replace('.', &self.decimal).replace('-', "−")
    }
}
