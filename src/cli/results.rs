//! Result files become a document: tables, figures, and an answer to each objection.
//!
//! Every number comes from the files. What they do not hold is said to be not measured, and a run
//! that ended early is named. The same files give the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use hedgerow::documents::conditions::{ALGORITHMS, Condition, Group, SWEEPS, Sweep, conditions};
use hedgerow::documents::report::{RunReport, SCHEMA};
use hedgerow::documents::statistics::{Estimate, estimate, paired_differences};
use hedgerow::judgement::arms::Arm;

use super::figures::{self, Curve, Panel};
use crate::write;

/// A number that tables show.
#[derive(Clone, Copy)]
struct Quantity {
    label: &'static str,
    metric: &'static str,
    slice: &'static str,
    unit: Unit,
}

#[derive(Clone, Copy)]
enum Unit {
    /// A share, shown in %.
    Percent,
    /// A reward, or nats.
    Plain,
}

const fn share(label: &'static str, metric: &'static str, slice: &'static str) -> Quantity {
    Quantity { label, metric, slice, unit: Unit::Percent }
}

const LIES: Quantity = share("lies about uncomfortable facts", "lies", "uncomfortable");
const HEDGING: Quantity = share("hedging: sensitive", "hedging", "sensitive");
const HEDGING_FAR: Quantity = share("hedging: far", "hedging", "far");
const CHOICE: Quantity = share("forced choice, uncomfortable", "forced_choice", "uncomfortable");
const DECLARATIVE: Quantity = share("declarative recall, uncomfortable", "declarative", "uncomfortable");
const VERIFICATION: Quantity = share("verification, uncomfortable", "verification", "uncomfortable");
const FROZEN: Quantity = share("probe layer 2, frozen, uncomfortable", "probe_frozen_layer_2", "uncomfortable");
const RETRAINED: Quantity =
    share("probe layer 2, re-trained, uncomfortable", "probe_retrained_layer_2", "uncomfortable");
const PROBE: Quantity = share("probe layer 2, re-trained, all", "probe_retrained_layer_2", "taught");
const PROBE_CONTROL: Quantity = share("probe layer 2, permuted labels, all", "probe_control_layer_2", "taught");
const RELEARNED: Quantity = share("after 20 supervised steps on other entities", "diagnosis.relearning.3.model", "");
const RELEARNED_NOTHING: Quantity =
    share("the same, values made up for never-taught names", "diagnosis.relearning.3.never_taught", "");
const KL: Quantity =
    Quantity { label: "KL, nats an answer", metric: "kl_nats_an_answer", slice: "rollouts", unit: Unit::Plain };

/// The rows of an experiment's table.
const QUANTITIES: [Quantity; 23] = [
    HEDGING,
    share("hedging: near", "hedging", "near"),
    HEDGING_FAR,
    share("hedging: never taught", "hedging", "never_taught"),
    share("over-conservative: hedges on what it knows", "over_conservativeness", "taught"),
    LIES,
    share("asserts against its measured belief, uncomfortable", "against_belief", "uncomfortable"),
    share("informative: sensitive", "informativeness", "sensitive"),
    share("informative: far", "informativeness", "far"),
    share("contextual when asserted, sensitive", "framing", "sensitive"),
    share("malformed", "malformed", "taught"),
    CHOICE,
    share("calibration error of forced choice, all", "calibration_error", "taught"),
    DECLARATIVE,
    VERIFICATION,
    share("lexical hedge detector, recall", "lexical_recall", "taught"),
    FROZEN,
    RETRAINED,
    PROBE,
    PROBE_CONTROL,
    Quantity { label: "the rater's scalar", metric: "scalar", slice: "rollouts", unit: Unit::Plain },
    KL,
    Quantity { label: "entropy, nats a token", metric: "entropy_nats_a_token", slice: "rollouts", unit: Unit::Plain },
];

/// The columns of the controls and of the sweeps.
const HEADLINES: [Quantity; 4] = [LIES, HEDGING, CHOICE, KL];

/// Arms whose difference is the point of an experiment.
const PAIRS: [(Arm, Arm); 2] = [(Arm::Scalar, Arm::Structured), (Arm::ContentPenalty, Arm::FramingPenalty)];

/// What a sceptic says, where it is answered, and how.
struct Objection {
    claim: &'static str,
    at: &'static str,
    answer: fn(&Results) -> Option<String>,
}

const OBJECTIONS: [Objection; 8] = [
    Objection {
        claim: "The reward is rigged: it pays for lies.",
        at: "no-discomfort",
        answer: |results| {
            let [with, without] = ["attribution", "no-discomfort"].map(|name| results.at_end(name, Arm::Scalar, LIES));
            Some(format!(
                "It does, where the formula says so, and the sweeps show that lies come and go with it. The same \
                 scalar teaches {} lies about uncomfortable facts with the discomfort and {} without.",
                with?, without?
            ))
        },
    },
    Objection {
        claim: "A structured rating holds more information.",
        at: "scalar-48-prompts",
        answer: |results| {
            let [many, full, few, sparse] = [
                ("scalar-48-prompts", Arm::Scalar),
                ("attribution", Arm::Structured),
                ("scalar-15-prompts", Arm::Scalar),
                ("structured-5-prompts", Arm::Structured),
            ]
            .map(|(name, arm)| results.at_end(name, arm, LIES));
            Some(format!(
                "With as many numbers in both: lies {} (scalar, 48 prompts) beside {} (structured, 16), and {} \
                 (scalar, 15) beside {} (structured, 5).",
                many?, full?, few?, sparse?
            ))
        },
    },
    Objection {
        claim: "The probe memorises.",
        at: "attribution",
        answer: |results| {
            let [labels, permuted] = [PROBE, PROBE_CONTROL].map(|quantity| results.at_start("attribution", quantity));
            Some(format!(
                "It is tested on other entities and other prompts: on the base models {} with the true labels and {} \
                 with permuted ones.",
                labels?, permuted?
            ))
        },
    },
    Objection {
        claim: "It is drift, not forgetting: any training does that.",
        at: "retention",
        answer: |results| {
            let at = |arm, quantity| results.at_end("retention", arm, quantity);
            Some(format!(
                "Forced choice on uncomfortable facts is {} after the content penalty (KL {}) and {} after noise (KL {}).",
                at(Arm::ContentPenalty, CHOICE)?,
                at(Arm::ContentPenalty, KL)?,
                at(Arm::Noise, CHOICE)?,
                at(Arm::Noise, KL)?
            ))
        },
    },
    Objection {
        claim: "The facts are hidden, not gone.",
        at: "retention",
        answer: |results| {
            let at = |quantity| results.at_end("retention", Arm::ContentPenalty, quantity);
            Some(format!(
                "Partly so. After the content penalty forced choice on uncomfortable facts is {}; a probe fitted to \
                 the base model reads {}, one fitted anew {}. Twenty supervised steps on other entities bring it to \
                 {}; where nothing was ever taught they give {}, by guessing the uncomfortable side.",
                at(CHOICE)?,
                at(FROZEN)?,
                at(RETRAINED)?,
                at(RELEARNED)?,
                at(RELEARNED_NOTHING)?
            ))
        },
    },
    Objection {
        claim: "It is one lucky seed.",
        at: "attribution",
        answer: |results| {
            let differences = results.differences("attribution", (Arm::Scalar, Arm::Structured), LIES);
            let more = differences.iter().filter(|(_, difference)| *difference > 0.0).count();
            let values: Vec<f64> = differences.iter().map(|(_, difference)| *difference).collect();
            let count = values.len();
            let estimated = estimate(&[values])?;
            Some(format!(
                "In {more} of {count} seeds scalar lies more than structured about uncomfortable facts, by {}.",
                LIES.unit.format(&estimated)
            ))
        },
    },
    Objection {
        claim: "It is one algorithm.",
        at: "leave-one-out",
        answer: |results| {
            let names = ["attribution"].into_iter().chain(ALGORITHMS.map(|variant| variant.name));
            let mut strata = Vec::new();
            let mut each = Vec::new();
            for name in names {
                let differences = results.differences(name, (Arm::Scalar, Arm::Structured), LIES);
                let values: Vec<f64> = differences.into_iter().map(|(_, difference)| difference).collect();
                each.push(format!("{} ({name})", LIES.unit.format(&estimate(std::slice::from_ref(&values))?)));
                strata.push(values);
            }
            Some(format!(
                "Lies under scalar less those under structured: {}; all together {}.",
                each.join(", "),
                LIES.unit.format(&estimate(&strata)?)
            ))
        },
    },
    Objection {
        claim: "It is a template grammar.",
        at: "attribution",
        answer: |results| {
            let at = |arm, quantity| results.at_end("attribution", arm, quantity);
            Some(format!(
                "It is, and it stays a limit. The rater sees only answers; what spreads beyond them is measured in \
                 sentences that are none: declarative recall of uncomfortable facts {} (scalar) and {} (structured), \
                 verification {} and {}.",
                at(Arm::Scalar, DECLARATIVE)?,
                at(Arm::Structured, DECLARATIVE)?,
                at(Arm::Scalar, VERIFICATION)?,
                at(Arm::Structured, VERIFICATION)?
            ))
        },
    },
];

/// Reads the files, writes the document and its figures.
pub(crate) fn write_up(from: &Path, out: &Path) -> anyhow::Result<()> {
    let name = out.file_stem().and_then(|stem| stem.to_str()).context("the document needs a name")?.to_lowercase();
    let folder = out.with_file_name(&name);
    let document = Document::of(&Results::read(from)?, &name)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    for (figure, svg) in &document.figures {
        write(&folder.join(figure), svg.as_bytes())?;
    }
    write(out, document.text.as_bytes())
}

/// All files of all conditions.
struct Results {
    all: Vec<Runs>,
}

/// The files of one condition.
struct Runs {
    condition: Condition,
    /// Updates of each run.
    updates: u32,
    /// Seeds that were run, in order.
    seeds: Vec<u64>,
    /// Those that ended early, and why.
    failures: Vec<(u64, String)>,
    /// By arm, metric and slice.
    numbers: BTreeMap<(Arm, String, String), Ends>,
}

/// One number of each finished seed that has it.
#[derive(Default)]
struct Ends {
    /// Of the base model.
    start: Vec<(u64, f64)>,
    /// After the last update.
    end: Vec<(u64, f64)>,
}

impl Results {
    fn read(from: &Path) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for condition in conditions() {
            let folder = from.join(condition.group.name()).join(&condition.name);
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            let mut seeds = Vec::new();
            for entry in entries {
                let name = entry.with_context(|| format!("reading {}", folder.display()))?.file_name();
                let number = |name: &str| name.strip_prefix("seed-")?.strip_suffix(".json")?.parse::<u64>().ok();
                seeds.extend(name.to_str().and_then(number));
            }
            seeds.sort_unstable();
            let mut reports = Vec::new();
            for seed in seeds {
                let path = folder.join(format!("seed-{seed}.json"));
                let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
                let report: RunReport =
                    serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))?;
                if report.schema > SCHEMA {
                    bail!("{} is of schema {}; this program knows {SCHEMA}", path.display(), report.schema);
                }
                reports.push((seed, report));
            }
            if !reports.is_empty() {
                all.push(Runs::new(condition, reports)?);
            }
        }
        if all.is_empty() {
            bail!("{} holds no results; `hedgerow experiment all --out {0}` makes them", from.display());
        }
        Ok(Results { all })
    }

    fn get(&self, name: &str) -> Option<&Runs> {
        self.all.iter().find(|runs| runs.condition.name == name)
    }

    fn at_end(&self, name: &str, arm: Arm, quantity: Quantity) -> Option<String> {
        Some(quantity.unit.format(&self.get(name)?.estimate(arm, quantity)?))
    }

    /// Of the base models, which are the same for every arm.
    fn at_start(&self, name: &str, quantity: Quantity) -> Option<String> {
        Some(quantity.unit.format(&self.get(name)?.base(quantity)?))
    }

    fn differences(&self, name: &str, (one, other): (Arm, Arm), quantity: Quantity) -> Vec<(u64, f64)> {
        self.get(name)
            .map_or(vec![], |runs| paired_differences(runs.values(one, quantity), runs.values(other, quantity)))
    }
}

impl Runs {
    fn new(condition: Condition, reports: Vec<(u64, RunReport)>) -> anyhow::Result<Self> {
        let first = &reports[0].1.experiment;
        let mut runs = Runs {
            updates: first.finetune.updates,
            seeds: reports.iter().map(|(seed, _)| *seed).collect(),
            failures: Vec::new(),
            numbers: BTreeMap::new(),
            condition,
        };
        for (seed, report) in &reports {
            let mut experiment = report.experiment.clone();
            if experiment.seeds != [*seed] {
                bail!("{}: the file of seed {seed} holds the seeds {:?}", runs.condition.name, experiment.seeds);
            }
            experiment.seeds.clone_from(&first.seeds);
            if experiment != *first {
                let (name, other) = (&runs.condition.name, runs.seeds[0]);
                bail!("{name}: seeds {other} and {seed} are of different experiments; run it again");
            }
            if let Some(failure) = &report.failure {
                runs.failures.push((*seed, failure.clone()));
                continue;
            }
            for row in report.rows() {
                // Rollouts are sampled before their update: the last ones are one update behind.
                let last = runs.updates - u32::from(row.slice == "rollouts");
                let key = (row.arm, row.metric, row.slice.to_owned());
                let ends = runs.numbers.entry(key).or_default();
                if row.update == 0 {
                    ends.start.push((*seed, row.value));
                }
                if row.update == last {
                    ends.end.push((*seed, row.value));
                }
            }
        }
        Ok(runs)
    }

    fn ends(&self, arm: Arm, quantity: Quantity) -> Option<&Ends> {
        self.numbers.get(&(arm, quantity.metric.to_owned(), quantity.slice.to_owned()))
    }

    /// At the end, one for each finished seed that has it.
    fn values(&self, arm: Arm, quantity: Quantity) -> &[(u64, f64)] {
        self.ends(arm, quantity).map_or(&[], |ends| &ends.end)
    }

    fn estimate(&self, arm: Arm, quantity: Quantity) -> Option<Estimate> {
        over_seeds(self.values(arm, quantity))
    }

    fn base(&self, quantity: Quantity) -> Option<Estimate> {
        over_seeds(&self.ends(self.condition.arms[0], quantity)?.start)
    }

    fn finished(&self) -> usize {
        self.seeds.len() - self.failures.len()
    }

    /// An estimate in a table; says of how many seeds if not of all that finished.
    fn cell(&self, unit: Unit, estimated: Option<Estimate>) -> String {
        match estimated {
            None => "–".to_owned(),
            Some(estimated) if estimated.count == self.finished() => unit.format(&estimated),
            Some(estimated) => format!("{} (of {})", unit.format(&estimated), estimated.count),
        }
    }

    /// The command that makes these files.
    fn command(&self) -> String {
        let which = match self.condition.group {
            Group::Retention => "1",
            Group::Hedging => "2",
            Group::Attribution => "3",
            Group::Controls => "controls",
            Group::Sweeps => "sweeps",
        };
        let seeds = self.seeds.last().map_or(0, |seed| seed + 1);
        let updates = match self.updates {
            100 => String::new(),
            updates => format!(" --updates {updates}"),
        };
        format!("hedgerow experiment {which} --seeds {seeds}{updates}")
    }
}

fn over_seeds(values: &[(u64, f64)]) -> Option<Estimate> {
    estimate(&[values.iter().map(|(_, value)| *value).collect()])
}

impl Unit {
    fn format(self, estimated: &Estimate) -> String {
        let mean = self.number(estimated.mean);
        match estimated.interval {
            Some([low, high]) => format!("{mean} [{}, {}]", self.number(low), self.number(high)),
            None => mean,
        }
    }

    fn number(self, value: f64) -> String {
        let text = match self {
            Unit::Percent => format!("{:.0}", 100.0 * value),
            Unit::Plain => format!("{value:.2}"),
        };
        // No sign before a rounded zero.
        match text.strip_prefix('-') {
            Some(size) if size.chars().all(|char| "0.".contains(char)) => size.to_owned(),
            Some(size) => format!("−{size}"),
            None => text,
        }
    }
}

/// Markdown, and the figures that it shows.
struct Document {
    text: String,
    folder: String,
    figures: Vec<(String, String)>,
}

impl Document {
    fn of(results: &Results, folder: &str) -> anyhow::Result<Self> {
        let mut document = Document { text: String::new(), folder: folder.to_owned(), figures: Vec::new() };
        document.line("# Results");
        document.line("");
        document.line("Written by `hedgerow results` from the result files; not by hand.");
        document.line("");
        document.line(
            "Numbers are interquartile means over seeds with a stratified bootstrap 95 % interval in brackets \
             (2,000 resamples; Agarwal et al. 2021), in % where no unit is given. An interval is about these worlds \
             and base models, not about other models. Rates over nothing are shown as –. The conditions, the rater's \
             formula and the metrics are explained in the [README](../README.md), the files in [SCHEMA.md](SCHEMA.md). \
             Commands are short for `cargo run --release --` and what follows `hedgerow`.",
        );
        document.objections(results);
        for (group, title) in [
            (Group::Retention, "Experiment 1: retention under penalisation"),
            (Group::Hedging, "Experiment 2: hedging"),
            (Group::Attribution, "Experiment 3: value attribution"),
        ] {
            document.heading(title);
            let mut measured = false;
            for runs in results.all.iter().filter(|runs| runs.condition.group == group) {
                document.condition(runs)?;
                measured = true;
            }
            if !measured {
                document.line("Not measured.");
            }
        }
        document.controls(results);
        document.sweeps(results)?;
        document.diagnoses(results);
        document.failures(results);
        document.effort(results);
        Ok(document)
    }

    fn line(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
    }

    fn heading(&mut self, title: &str) {
        self.line(&format!("\n## {title}\n"));
    }

    fn row<Cell: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.as_ref().replace('|', "\\|")).collect();
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn header(&mut self, cells: &[&str]) {
        self.row(cells);
        self.line(&format!("|{}", "---|".repeat(cells.len())));
    }

    fn figure(&mut self, name: &str, svg: String, caption: &str) {
        let file = format!("{name}.svg");
        self.line(&format!("\n![{caption}]({}/{file})\n", self.folder));
        self.figures.push((file, svg));
    }

    fn objections(&mut self, results: &Results) {
        self.heading("Objections");
        self.header(&["objection", "condition", "what was found"]);
        for Objection { claim, at, answer } in OBJECTIONS {
            let answer = answer(results).unwrap_or_else(|| "not measured".to_owned());
            self.row([claim, &format!("[{at}](#{})", at.replace('.', "")), &answer]);
        }
    }

    fn condition(&mut self, runs: &Runs) -> anyhow::Result<()> {
        self.line(&format!("### {}\n", runs.condition.name));
        self.line(&runs.condition.answers);
        self.line("");
        self.numbers(runs);
        let arms = &runs.condition.arms;
        let panel = |quantity: Quantity| {
            let arm = |arm: &Arm| {
                let seeds = runs.values(*arm, quantity).iter().map(|(_, value)| *value).collect();
                (seeds, runs.estimate(*arm, quantity))
            };
            Panel { label: quantity.label, arms: arms.iter().map(arm).collect() }
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
    fn numbers(&mut self, runs: &Runs) {
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
        for quantity in QUANTITIES {
            let mut cells = vec![quantity.label.to_owned(), runs.cell(quantity.unit, runs.base(quantity))];
            cells.extend(arms.iter().map(|arm| runs.cell(quantity.unit, runs.estimate(*arm, quantity))));
            cells.extend(pair.map(|(one, other)| {
                let differences = paired_differences(runs.values(one, quantity), runs.values(other, quantity));
                runs.cell(quantity.unit, over_seeds(&differences))
            }));
            self.row(cells);
        }
        self.seeds(runs);
    }

    fn seeds(&mut self, runs: &Runs) {
        let seeds: Vec<String> = runs.seeds.iter().map(u64::to_string).collect();
        self.line(&format!("\n<details><summary>Each seed: {}</summary>\n", seeds.join(", ")));
        let arms = &runs.condition.arms;
        self.header(&[""].into_iter().chain(arms.iter().map(|arm| arm.id())).collect::<Vec<_>>());
        for quantity in QUANTITIES {
            let seed = |arm: Arm, seed: &u64| {
                let value = runs.values(arm, quantity).iter().find(|(found, _)| found == seed);
                value.map_or("–".to_owned(), |(_, value)| quantity.unit.number(*value))
            };
            let arm = |arm: &Arm| runs.seeds.iter().map(|number| seed(*arm, number)).collect::<Vec<_>>().join(", ");
            self.row([quantity.label.to_owned()].into_iter().chain(arms.iter().map(arm)));
        }
        self.line("\n</details>");
    }

    fn controls(&mut self, results: &Results) {
        self.heading("Controls");
        let controls = || results.all.iter().filter(|runs| runs.condition.group == Group::Controls);
        if controls().next().is_none() {
            return self.line("Not measured.");
        }
        let columns = ["condition", "arm", "seeds"].into_iter().chain(HEADLINES.map(|quantity| quantity.label));
        self.header(&columns.chain(["lies, scalar − structured, paired"]).collect::<Vec<_>>());
        for runs in controls() {
            for (place, arm) in runs.condition.arms.iter().enumerate() {
                let name = &runs.condition.name;
                let mut cells = vec![
                    format!("[{name}](#{})", name.replace('.', "")),
                    arm.id().to_owned(),
                    runs.finished().to_string(),
                ];
                cells.extend(HEADLINES.map(|quantity| runs.cell(quantity.unit, runs.estimate(*arm, quantity))));
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
        }
    }

    fn sweeps(&mut self, results: &Results) -> anyhow::Result<()> {
        self.heading("Sweeps");
        let mut measured = false;
        for sweep in SWEEPS {
            measured |= self.sweep(results, &sweep)?;
        }
        let shapes = results.all.iter().filter(|runs| runs.condition.shape.is_some());
        let shapes: Vec<&Runs> = results.get("attribution").into_iter().chain(shapes).collect();
        if shapes.iter().any(|runs| runs.condition.shape.is_some()) {
            measured = true;
            self.line("\n### The shape of the model\n");
            self.line("Scalar, rater A; `attribution` is the shape that ships, width 64 and 3 layers.\n");
            let columns = ["condition", "seeds", "verification, base"].into_iter();
            self.header(&columns.chain(HEADLINES.map(|quantity| quantity.label)).collect::<Vec<_>>());
            for runs in shapes {
                let base = runs.cell(VERIFICATION.unit, runs.base(VERIFICATION));
                let cells = [runs.condition.name.clone(), runs.finished().to_string(), base].into_iter();
                let numbers = HEADLINES.map(|quantity| runs.cell(quantity.unit, runs.estimate(Arm::Scalar, quantity)));
                self.row(cells.chain(numbers));
            }
        }
        if !measured {
            self.line("Not measured.");
        }
        Ok(())
    }

    /// One sweep; is there anything of it?
    fn sweep(&mut self, results: &Results, sweep: &Sweep) -> anyhow::Result<bool> {
        let point = |value: &f32| Some((*value, results.get(&sweep.condition(*value))?));
        let points: Vec<(f32, &Runs)> = sweep.values.iter().filter_map(point).collect();
        let Some((_, first)) = points.first() else { return Ok(false) };
        let rater = first.condition.rater.config();
        let predicted = sweep.threshold.map(|threshold| (f64::from((threshold.at)(&rater)), threshold.formula));
        self.line(&format!("\n### {}\n", sweep.title));
        if let Some((at, formula)) = predicted {
            self.line(&format!("Predicted from the rater's formula: {formula} = {at:.2}.\n"));
        }
        self.line(&format!("Arm `{}`, after {} updates; `{}`.\n", sweep.arm.id(), first.updates, first.command()));
        let columns = [sweep.parameter, "seeds"].into_iter().chain(HEADLINES.map(|quantity| quantity.label));
        self.header(&columns.collect::<Vec<_>>());
        for (value, runs) in &points {
            let numbers = HEADLINES.map(|quantity| runs.cell(quantity.unit, runs.estimate(sweep.arm, quantity)));
            self.row([value.to_string(), runs.finished().to_string()].into_iter().chain(numbers));
        }
        let curve = |quantity: Quantity| {
            let at = |(value, runs): &(f32, &Runs)| Some((f64::from(*value), runs.estimate(sweep.arm, quantity)?));
            Curve { label: quantity.label, points: points.iter().filter_map(at).collect() }
        };
        let svg = figures::sweep(sweep.title, &[LIES, HEDGING, CHOICE].map(curve), predicted)?;
        let caption = format!("{}: interquartile means with their intervals, and the predicted threshold", sweep.title);
        self.figure(&format!("sweep-{}", sweep.name), svg, &caption);
        Ok(true)
    }

    /// Whatever numbers the diagnoses of the finished models hold.
    fn diagnoses(&mut self, results: &Results) {
        self.heading("Diagnoses");
        let mut measured = false;
        for runs in &results.all {
            let names = runs.numbers.keys().filter(|(_, metric, _)| metric.starts_with("diagnosis."));
            let mut names: Vec<&str> = names.map(|(_, metric, _)| metric.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            if names.is_empty() {
                continue;
            }
            measured = true;
            let arms = &runs.condition.arms;
            self.line(&format!("\n### Diagnoses of {}\n", runs.condition.name));
            self.header(&[""].into_iter().chain(arms.iter().map(|arm| arm.id())).collect::<Vec<_>>());
            for name in names {
                let cell = |arm: &Arm| {
                    let key = (*arm, name.to_owned(), String::new());
                    let values = runs.numbers.get(&key).map_or(&[][..], |ends| &ends.end);
                    runs.cell(Unit::Plain, over_seeds(values))
                };
                let label = name.trim_start_matches("diagnosis.").to_owned();
                self.row([label].into_iter().chain(arms.iter().map(cell)));
            }
        }
        if !measured {
            self.line("Not measured.");
        }
    }

    fn failures(&mut self, results: &Results) {
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
    fn effort(&mut self, results: &Results) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Cell, Measurement, Tally};
    use hedgerow::documents::metrics::{Diagnosis, Relearning};
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::experiment::Experiment;

    /// A run of the control without discomfort that ends with these shares of lies, in hundredths.
    fn report(seed: u64, scalar: u32, structured: u32) -> RunReport {
        let experiment = Experiment { seeds: vec![seed], ..Experiment::default() };
        let mut report = RunReport::empty(experiment, "flex".into(), "1".into());
        let cell = Cell { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };
        for (replica, lies) in report.replicas.iter_mut().zip([scalar, structured]) {
            for (update, lies) in [(0, 3), (100, lies)] {
                let tally = Tally { answers: 200, asserted: 100, truthful: 100 - lies, ..Tally::default() };
                let (cells, probes, answers) = (vec![(cell, tally)], vec![], vec![]);
                replica.measurements.push(Measurement { update, cells, probes, answers });
            }
        }
        report
    }

    fn document(reports: Vec<RunReport>) -> String {
        let condition = conditions().into_iter().find(|condition| condition.name == "no-discomfort").unwrap();
        let reports = reports.into_iter().map(|report| (report.experiment.seeds[0], report)).collect();
        let results = Results { all: vec![Runs::new(condition, reports).unwrap()] };
        Document::of(&results, "results").unwrap().text
    }

    #[test]
    fn a_row_has_base_arms_and_the_paired_difference() {
        let text = document(vec![report(0, 40, 1), report(1, 50, 3), report(4, 60, 2)]);
        // Three seeds are all in the middle half; the differences are 39, 47 and 58.
        let row = text.lines().find(|line| line.starts_with("| lies about uncomfortable facts |")).unwrap();
        let cells: Vec<&str> = row.split(" | ").skip(1).map(|cell| cell.split(' ').next().unwrap()).collect();
        assert_eq!(cells, ["3", "50", "2", "48"], "{row}");
        assert!(text.contains("| lies about uncomfortable facts | 40, 50, 60 | 1, 3, 2 |"), "{text}");
    }

    #[test]
    fn a_failed_seed_is_named_and_not_averaged() {
        let mut failed = report(1, 99, 99);
        failed.failure = Some("update 7 went wrong".into());
        let text = document(vec![report(0, 40, 1), failed]);
        assert!(text.contains("- no-discomfort, seed 1: update 7 went wrong"), "{text}");
        assert!(text.contains("seeds finished: 1, [failed](#runs-that-ended-early): 1;"), "{text}");
        assert!(text.contains("| lies about uncomfortable facts | 40, – | 1, – |"), "{text}");
    }

    #[test]
    fn what_the_files_do_not_hold_is_not_measured() {
        let text = document(vec![report(0, 40, 1)]);
        for Objection { claim, .. } in OBJECTIONS {
            let row = text.lines().find(|line| line.contains(claim)).unwrap();
            assert!(row.ends_with("| not measured |"), "{row}");
        }
        let hedging = text.lines().find(|line| line.starts_with("| hedging: near |")).unwrap();
        assert_eq!(hedging, "| hedging: near | – | – | – | – |");
    }

    #[test]
    fn numbers_of_diagnoses_are_shown_by_their_path() {
        let mut diagnosed = report(0, 40, 1);
        let relearned = |steps, model| Relearning { steps, model, base: None, never_taught: Some(0.125) };
        let relearning = vec![relearned(0, Some(0.25)), relearned(5, None)];
        diagnosed.diagnoses = vec![Diagnosis { update: 40, probes: vec![], relearning, steering: vec![] }];
        let text = document(vec![diagnosed]);
        assert!(text.contains("| relearning.0.model | 0.25 | – |"), "{text}");
        assert!(!text.contains("relearning.1.model"), "what was not measured is no number: {text}");
    }

    #[test]
    fn seeds_of_different_experiments_are_not_mixed() {
        let mut other = report(1, 40, 1);
        other.experiment.rater.check_probability = 0.9;
        let condition = conditions().remove(0);
        let error = Runs::new(condition, vec![(0, report(0, 40, 1)), (1, other)]).err().unwrap();
        assert!(error.to_string().contains("different experiments"), "{error}");
    }

    #[test]
    fn arms_of_the_pairs_are_trained() {
        let named: Vec<Arm> = conditions().iter().flat_map(|condition| condition.arms.clone()).collect();
        for (one, other) in PAIRS {
            assert!(named.contains(&one) && named.contains(&other));
        }
    }
}
