//! References to results: `{mean: attribution scalar lies uncomfortable end}` becomes a number of the recorded
//! runs that ship, so that no figure of a text is ever typed.
//!
//! | reference | what it becomes |
//! |---|---|
//! | `{mean: QUESTION ARM WHAT WHEN}` | the interquartile mean over the seeds, and its interval |
//! | `{seeds: QUESTION ARM WHAT WHEN}` | the value of each seed |
//! | `{above: PERCENT QUESTION ARM WHAT WHEN}` | in how many of the seeds a rate is above so many percent |
//! | `{more: QUESTION ARM OTHER-ARM WHAT WHEN}` | in how many of the seeds it is larger under the first arm |
//! | `{updates: QUESTION}` | how many updates the question's runs have |
//! | `{set: SETTING}` | the value of a setting of this exercise |
//!
//! QUESTION is a question of the lab, or the recording of a real language model (`language-model-uncomfortable-facts`).
//! WHAT is a metric and a slice of the questions, or a number of an update, and WHEN is `base` or `end`: names of the
//! core's tables. A number at the end is a mean over the last updates. A question that has no recording, or one from before something was measured, has words that say so.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use hedgerow::{
    documents::{
        metrics::{Metric, Number, Slice},
        protocol,
        quantity::Quantity,
        questions::Question,
        report::{LanguageModelRun, ReplicaReport, RunReport},
        statistics::{Estimate, estimate},
    },
    judgement::{
        experiment::{Arm, Experiment},
        rater::RaterPreset,
        settings::setting,
    },
};

use super::{
    fault::{Fault, line_of},
    plot,
    words::Words,
};

/// A number of an update at the end is the mean over so many of the last updates, or a fiftieth of them all, as in the
/// page's charts (`smoothing` in `web/src/model/series.rs`): a single update is noisy.
const WINDOW: u32 = 10;

/// The recorded runs, as the page reads them.
pub(super) struct Recordings(Vec<(Source, RunReport)>);

/// Whose runs they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The lab's own models, asked one of its questions.
    Question(Question),
    /// A real language model under a rater.
    LanguageModel(RaterPreset),
}

impl Source {
    fn all() -> impl Iterator<Item = Source> {
        Question::ALL.map(Source::Question).into_iter().chain(RaterPreset::ALL.map(Source::LanguageModel))
    }

    /// The name of its recording, and its word in a reference.
    fn id(self) -> String {
        match self {
            Source::Question(question) => question.id().to_owned(),
            Source::LanguageModel(rater) => LanguageModelRun::name(rater),
        }
    }

    fn from_id(id: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "runs are those of {}, and not of \"{id}\"",
                Source::all().map(Source::id).collect::<Vec<_>>().join(", ")
            )
        };
        Source::all().find(|source| source.id() == id).ok_or_else(unknown)
    }
}

impl Recordings {
    /// Reads the packed runs of a folder; a file without a run is empty.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let mut runs = Vec::new();
        for source in Source::all() {
            let path = folder.join(source.id()).with_extension("postcard");
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            if !bytes.is_empty() {
                let run = match source {
                    Source::Question(_) => RunReport::of_pieces(&bytes),
                    Source::LanguageModel(_) => protocol::decode(&bytes).map(|LanguageModelRun { report, .. }| report),
                };
                runs.push((source, run.with_context(|| format!("{} is no run", path.display()))?));
            }
        }
        Ok(Recordings(runs))
    }

    fn of(&self, source: Source) -> Option<&RunReport> {
        self.0.iter().find(|(other, _)| *other == source).map(|(_, run)| run)
    }

    /// What was run, or else what the lab runs; what a real language model ran, only its recording knows.
    fn experiment(&self, source: Source) -> Option<Experiment> {
        match (self.of(source), source) {
            (Some(run), _) => Some(run.experiment.clone()),
            (None, Source::Question(question)) => Some(question.experiment(vec![0])),
            (None, Source::LanguageModel(_)) => None,
        }
    }

    /// Reads `QUESTION ARM … WHAT WHEN`.
    fn asked(&self, words: &[&str], arms: usize) -> Result<Asked, String> {
        let form = || "it is a question, its arms, what was measured and when".to_owned();
        let (first, words) = words.split_first().ok_or_else(form)?;
        let source = Source::from_id(first)?;
        let (when, words) = words.split_last().ok_or_else(form)?;
        let at_end = match *when {
            "base" => false,
            "end" => true,
            other => return Err(format!("it ends with base or end, and not with \"{other}\"")),
        };
        let (named, what) = words.split_at_checked(arms).ok_or_else(form)?;
        let has = self.experiment(source).map_or_else(|| Arm::ALL.to_vec(), |experiment| experiment.arms);
        let arm = |id: &&str| {
            let arm = Arm::from_id(id).filter(|arm| has.contains(arm));
            arm.ok_or_else(|| format!("{first} has no arm \"{id}\": it has {}", ids(&has)))
        };
        let arms = named.iter().map(arm).collect::<Result<_, _>>()?;
        let quantity = match what {
            [number] => Number::from_id(number).map(Quantity::Number),
            [metric, slice] => {
                Metric::from_id(metric).zip(Slice::from_id(slice)).map(|(metric, slice)| Quantity::Rate(metric, slice))
            }
            _ => None,
        };
        let unknown =
            || format!("\"{}\" is no metric with a slice, and no number: docs/SCHEMA.md lists them", what.join(" "));
        Ok(Asked { source, arms, quantity: quantity.ok_or_else(unknown)?, at_end })
    }
}

/// What a reference asks of the runs.
struct Asked {
    source: Source,
    arms: Vec<Arm>,
    quantity: Quantity,
    at_end: bool,
}

/// A seed and its value.
type Value = (u64, f64);

/// Fills references in, in the words of a language.
#[derive(Clone, Copy)]
pub(super) struct Filler<'a> {
    /// The runs.
    pub(super) recordings: &'a Recordings,
    /// How numbers are said.
    pub(super) words: &'a Words,
    /// What the exercise runs; a page for teachers has none.
    pub(super) experiment: Option<&'a Experiment>,
}

impl Filler<'_> {
    /// The text with all of its references filled in.
    pub(super) fn fill(&self, text: &str) -> Result<String, Fault> {
        let (mut filled, mut rest) = (String::new(), text);
        // Braces that hold an id, after a heading, are Markdown's.
        while let Some(start) = rest.find('{') {
            let at = text.len() - rest.len() + start;
            let fault = |problem: String| (line_of(text, at), problem);
            let end = rest[start..].find('}').ok_or_else(|| fault("a brace is not closed".into()))? + start;
            let inner = &rest[start + 1..end];
            filled += &rest[..start];
            match inner.starts_with('#') {
                true => filled += &rest[start..=end],
                false => {
                    filled += &self.reference(inner).map_err(|problem| fault(format!("{{{inner}}}: {problem}")))?
                }
            }
            rest = &rest[end + 1..];
        }
        Ok(filled + rest)
    }

    fn reference(&self, text: &str) -> Result<String, String> {
        let (kind, of) =
            text.split_once(": ").ok_or("a reference is KIND: WORDS, as xtask/src/exercises/results.rs lists them")?;
        let words: Vec<&str> = of.split_whitespace().collect();
        match kind {
            "mean" => {
                let asked = self.recordings.asked(&words, 1)?;
                let Some(values) = self.values(&asked, asked.arms[0]) else { return Ok(self.missing()) };
                let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
                Ok(estimate(&[values]).map_or_else(|| self.missing(), |estimate| self.estimate(&asked, estimate)))
            }
            "seeds" => {
                let asked = self.recordings.asked(&words, 1)?;
                let Some(values) = self.values(&asked, asked.arms[0]) else { return Ok(self.missing()) };
                let values: Vec<String> = values.iter().map(|(_, value)| self.value(&asked, *value)).collect();
                Ok(values.join(&self.words.between))
            }
            "above" => {
                let (percent, words) = words.split_first().ok_or("it names no percentage")?;
                let percent: f64 = percent.parse().map_err(|_| format!("\"{percent}\" is no percentage"))?;
                let asked = self.recordings.asked(words, 1)?;
                let Some(values) = self.values(&asked, asked.arms[0]) else { return Ok(self.missing()) };
                let above = values.iter().filter(|(_, value)| *value > percent / 100.0).count();
                Ok(self.count(above, self.seeds(&asked)))
            }
            "more" => {
                let asked = self.recordings.asked(&words, 2)?;
                let [one, other] = [0, 1].map(|place| self.values(&asked, asked.arms[place]));
                let (Some(one), Some(other)) = (one, other) else { return Ok(self.missing()) };
                let find = |seed: u64| other.iter().find(|(found, _)| *found == seed);
                let larger = one.iter().filter(|(seed, value)| find(*seed).is_some_and(|(_, less)| value > less));
                Ok(self.count(larger.count(), self.seeds(&asked)))
            }
            "updates" => {
                let source = Source::from_id(words.first().copied().unwrap_or_default())?;
                let experiment = self.recordings.experiment(source);
                Ok(experiment.map_or_else(|| self.missing(), |experiment| experiment.finetune.updates.to_string()))
            }
            "set" => {
                let experiment = self.experiment.ok_or("only an exercise has settings")?;
                let setting = setting(of).ok_or("there is no such setting: docs/SCHEMA.md has a table of all")?;
                Ok(self.words.decimal(&((setting.get)(experiment) as f32).to_string()))
            }
            _ => Err(format!("\"{kind}\" is none of mean, seeds, above, more, updates and set")),
        }
    }

    /// A figure with a point for each seed, and what it is about in words for those who cannot see it.
    ///
    /// The text is `QUESTION ARM ARM … WHAT WHEN`.
    pub(super) fn plot(&self, text: &str) -> Result<String, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let arms = words.iter().skip(1).take_while(|word| Arm::from_id(word).is_some()).count();
        let asked = self.recordings.asked(&words, arms.max(1))?;
        if !matches!(asked.quantity, Quantity::Rate(..)) {
            return Err("a figure is of a metric, from nothing to a hundred percent".into());
        }
        let values = |arm: &Arm| (self.words.arm(*arm), self.values(&asked, *arm).unwrap_or_default());
        let rows: Vec<_> = asked.arms.iter().map(values).collect();
        Ok(match rows.iter().all(|(_, values)| values.is_empty()) {
            true => format!("<p>{}</p>\n", self.missing()),
            false => plot::by_seed(&rows, self.words),
        })
    }

    /// The values of an arm by seed, without those that were not measured or are rates over nothing.
    fn values(&self, asked: &Asked, arm: Arm) -> Option<Vec<Value>> {
        let run = self.recordings.of(asked.source)?;
        let last = run.experiment.finetune.updates;
        let updates = match (asked.at_end, asked.quantity) {
            (false, _) => 0..1,
            (true, Quantity::Number(_)) => last.saturating_sub(WINDOW.max(last / 50))..last,
            (true, _) => last..last + 1,
        };
        let mean = |replica: &ReplicaReport| {
            let values: Vec<f64> = updates.clone().filter_map(|update| replica.value(asked.quantity, update)).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let of_arm = run.replicas.iter().filter(|replica| replica.replica.arm == arm);
        let values: Vec<Value> = of_arm.filter_map(|replica| Some((replica.replica.seed, mean(replica)?))).collect();
        (!values.is_empty()).then_some(values)
    }

    fn seeds(&self, asked: &Asked) -> usize {
        self.recordings.of(asked.source).map_or(0, |run| run.experiment.seeds.len())
    }

    fn missing(&self) -> String {
        self.words.missing.clone()
    }

    fn count(&self, some: usize, all: usize) -> String {
        self.words.count.replace("{some}", &some.to_string()).replace("{all}", &all.to_string())
    }

    fn estimate(&self, asked: &Asked, Estimate { mean, interval, .. }: Estimate) -> String {
        let mean = self.value(asked, mean);
        match interval {
            None => mean,
            Some([low, high]) => {
                let [low, high] = [low, high].map(|end| self.value(asked, end));
                self.words.interval.replace("{mean}", &mean).replace("{low}", &low).replace("{high}", &high)
            }
        }
    }

    fn value(&self, asked: &Asked, value: f64) -> String {
        match asked.quantity.is_share() {
            true => self.words.percent(value),
            false => self.words.decimal(&format!("{value:.2}")),
        }
    }
}

fn ids(arms: &[Arm]) -> String {
    arms.iter().map(|arm| arm.id()).collect::<Vec<_>>().join(", ")
}
