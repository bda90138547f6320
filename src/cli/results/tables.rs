//! The tables of the conditions, with their differences, their seeds and a figure.

use hedgerow::documents::conditions::Group;
use hedgerow::documents::statistics::paired_differences;
use hedgerow::judgement::arms::Arm;

use super::document::Document;
use super::objections::{OBJECTIONS, Objection};
use super::runs::{Results, Runs, over_seeds};
use super::shown::{CHOICE, HEADLINES, HEDGING, HEDGING_FAR, LIES, ROWS, SUMMARY, Shown};
use crate::cli::figures::{self, Panel};

/// Arms whose difference is the point of an experiment.
pub(super) const PAIRS: [(Arm, Arm); 2] = [(Arm::Scalar, Arm::Structured), (Arm::ContentPenalty, Arm::FramingPenalty)];

/// The columns of the summary: what it is called, its condition and its arm, or the base models.
const COLUMNS: [(&str, &str, Option<Arm>); 7] = [
    ("base", "attribution", None),
    ("A scalar", "attribution", Some(Arm::Scalar)),
    ("A structured", "attribution", Some(Arm::Structured)),
    ("A scalar without discomfort", "attribution", Some(Arm::ScalarWithoutDiscomfort)),
    ("A structured, discomfort on content", "attribution", Some(Arm::StructuredDiscomfortOnContent)),
    ("B scalar", "hedging", Some(Arm::Scalar)),
    ("B structured", "hedging", Some(Arm::Structured)),
];

impl Document {
    /// The main comparison, as the README shows it too.
    pub(super) fn summary(&mut self, results: &Results) {
        self.heading("In one table");
        self.header(&[""].into_iter().chain(COLUMNS.map(|(title, ..)| title)).collect::<Vec<_>>());
        for shown in SUMMARY {
            let cell = |(_, name, arm): (&str, &str, Option<Arm>)| {
                let number = match arm {
                    Some(arm) => results.at_end(name, arm, shown),
                    None => results.at_start(name, shown),
                };
                number.unwrap_or_else(|| "–".to_owned())
            };
            self.row([shown.label.to_owned()].into_iter().chain(COLUMNS.map(cell)));
        }
    }

    pub(super) fn objections(&mut self, results: &Results) {
        self.heading("Objections");
        self.header(&["objection", "condition", "what was found"]);
        for Objection { claim, at, answer } in OBJECTIONS {
            let answer = answer(results).unwrap_or_else(|| "not measured".to_owned());
            self.row([claim, &format!("[{at}](#{})", at.replace('.', "")), &answer]);
        }
    }

    pub(super) fn condition(&mut self, runs: &Runs) -> anyhow::Result<()> {
        self.line(&format!("### {}\n", runs.condition.name));
        self.line(&runs.condition.answers);
        self.line("");
        self.numbers(runs);
        if runs.condition.throughout {
            self.course(runs);
        }
        let arms = &runs.condition.arms;
        let panel = |shown: Shown| {
            let arm = |arm: &Arm| {
                let seeds = runs.values(*arm, shown).iter().map(|(_, value)| *value).collect();
                (seeds, runs.estimate(*arm, shown))
            };
            Panel { label: shown.label, arms: arms.iter().map(arm).collect() }
        };
        let names: Vec<&str> = arms.iter().map(|arm| arm.id()).collect();
        let svg = figures::arms(&names, &[LIES, HEDGING, HEDGING_FAR, CHOICE].map(panel))?;
        let caption = format!(
            "{}, after {} updates: a ring for each seed, a bar for the interquartile mean, a line for its interval",
            runs.condition.name, runs.updates
        );
        self.figure(&runs.condition.name, svg, &caption);
        Ok(())
    }

    /// The table of a condition, its paired differences, its seeds.
    pub(super) fn numbers(&mut self, runs: &Runs) {
        let arms = &runs.condition.arms;
        let pair = PAIRS.into_iter().find(|(one, other)| arms.contains(one) && arms.contains(other));
        let failed = match runs.failures.len() {
            0 => String::new(),
            failed => format!(", [failed](#runs-that-ended-early): {failed}"),
        };
        let (updates, finished) = (runs.updates, runs.finished());
        self.line(&format!("After {updates} updates; seeds finished: {finished}{failed}; `{}`.\n", runs.command()));
        let difference = pair.map(|(one, other)| format!("{} − {}, paired", one.id(), other.id()));
        let columns: Vec<&str> =
            ["", "base"].into_iter().chain(arms.iter().map(|arm| arm.id())).chain(difference.as_deref()).collect();
        self.header(&columns);
        for shown in ROWS {
            let mut cells = vec![shown.label.to_owned(), runs.cell(shown.unit, runs.base(shown))];
            cells.extend(arms.iter().map(|arm| runs.cell(shown.unit, runs.estimate(*arm, shown))));
            cells.extend(pair.map(|(one, other)| {
                let differences = paired_differences(&runs.values(one, shown), &runs.values(other, shown));
                runs.cell(shown.unit, over_seeds(&differences))
            }));
            self.row(cells);
        }
        self.seeds(runs);
    }

    pub(super) fn seeds(&mut self, runs: &Runs) {
        let seeds: Vec<String> = runs.seeds.iter().map(u64::to_string).collect();
        self.line(&format!("\n<details><summary>Each seed: {}</summary>\n", seeds.join(", ")));
        let arms = &runs.condition.arms;
        self.header(&[""].into_iter().chain(arms.iter().map(|arm| arm.id())).collect::<Vec<_>>());
        for shown in ROWS {
            let arm = |arm: &Arm| {
                let values = runs.values(*arm, shown);
                let value = |seed: &u64| {
                    let value = values.iter().find(|(found, _)| found == seed);
                    value.map_or("–".to_owned(), |(_, value)| shown.unit.number(*value))
                };
                runs.seeds.iter().map(value).collect::<Vec<_>>().join(", ")
            };
            self.row([shown.label.to_owned()].into_iter().chain(arms.iter().map(arm)));
        }
        self.line("\n</details>");
    }

    pub(super) fn controls(&mut self, results: &Results) {
        self.heading("Controls");
        let controls = || results.all.iter().filter(|runs| runs.condition.group == Group::Controls);
        if controls().next().is_none() {
            return self.line("Not measured.");
        }
        let columns = ["condition", "arm", "seeds"].into_iter().chain(HEADLINES.map(|shown| shown.label));
        self.header(&columns.chain(["lies, scalar − structured, paired"]).collect::<Vec<_>>());
        for runs in controls() {
            for (place, arm) in runs.condition.arms.iter().enumerate() {
                let name = &runs.condition.name;
                let mut cells = vec![
                    format!("[{name}](#{})", name.replace('.', "")),
                    arm.id().to_owned(),
                    runs.finished().to_string(),
                ];
                cells.extend(HEADLINES.map(|shown| runs.cell(shown.unit, runs.estimate(*arm, shown))));
                let differences = match place {
                    0 => results.differences(name, (Arm::Scalar, Arm::Structured), LIES),
                    _ => vec![],
                };
                cells.push(over_seeds(&differences).map_or(String::new(), |estimated| LIES.unit.format(&estimated)));
                self.row(cells);
            }
        }
        for runs in controls() {
            self.line(&format!("\n### {}\n", runs.condition.name));
            self.line(&format!("{}\n", runs.condition.answers));
            self.numbers(runs);
            if runs.condition.throughout {
                self.course(runs);
            }
        }
    }

    pub(super) fn failures(&mut self, results: &Results) {
        self.heading("Runs that ended early");
        let mut none = true;
        for runs in &results.all {
            for (seed, failure) in &runs.failures {
                none = false;
                self.line(&format!("- {}, seed {seed}: {failure}", runs.condition.name));
            }
        }
        if none {
            self.line("None.");
        }
    }

    /// What it took, in units that do not depend on the machine.
    pub(super) fn effort(&mut self, results: &Results) {
        self.heading("What it took");
        let runs: usize = results.all.iter().map(|runs| runs.seeds.len()).sum();
        let models: usize = results.all.iter().map(|runs| runs.seeds.len() * runs.condition.arms.len()).sum();
        let updates: u64 = results
            .all
            .iter()
            .map(|runs| (runs.seeds.len() * runs.condition.arms.len()) as u64 * u64::from(runs.updates))
            .sum();
        self.line(&format!(
            "{runs} runs, {models} models, {updates} updates of one model each. How many a second a machine does is \
             what `hedgerow experiment` prints at its end; `hedgerow bench` times the parts of one."
        ));
    }
}
