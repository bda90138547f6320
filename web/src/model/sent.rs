//! A result that a link carries beside its settings: a summary that a person can read, and a digest of all figures, by
//! which whoever opens the link sees whether the same came out again, to the bit.
//!
//! `#s=4&seeds=3&result=updates:150,scalar:0.413:0.021:0.958,structured:0.004:0.015:0.979,build:…,sha256:…,check:…`.
//! The three numbers of an arm are those of [`FIGURES`], over its seeds. Only what the CPU engine counts in the same way
//! everywhere goes into the digest (docs/SCHEMA.md), and a run of WebGPU has none. The check holds the result to its
//! settings: it finds what was cut or changed on the way, and is no signature. Leaves out the address, clipboard and words.

use std::fmt::Write;

use hedgerow::documents::metrics::{Measurement, Metric, Slice, UpdateReport};
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::experiment::{Arm, Experiment};
use sha2::{Digest, Sha256};

use super::exercise::spelled;
use crate::link::{self, RESULT};

/// What is said of each arm: false answers and known facts among the uncomfortable, hedges among the sensitive.
pub const FIGURES: [(Metric, Slice); 3] = [
    (Metric::Incorrect, Slice::Uncomfortable),
    (Metric::Hedging, Slice::Sensitive),
    (Metric::StillKnown, Slice::Uncomfortable),
];
/// Hexadecimal digits of the digest, half of SHA-256's: nobody finds another run with the same 128 bits.
const DIGEST: usize = 32;
/// Those of the check, which guards against accidents.
const CHECK: usize = 8;
/// Stands where nothing was counted.
const NOTHING: &str = "none";
/// A link's shares have so many parts.
const PARTS: f64 = 1000.0;

/// What came out of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Updates of the run.
    pub updates: u32,
    /// Each arm with the interquartile means of [`FIGURES`] over its seeds, in thousandths.
    pub arms: Vec<(Arm, [Option<u16>; FIGURES.len()])>,
    /// The build that computed it.
    pub build: String,
    /// Of all its figures; `None` of a run that WebGPU has computed.
    pub digest: Option<String>,
}

/// What a link says: which run it is of, and what came out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The settings.
    pub experiment: Experiment,
    /// What came out.
    pub outcome: Outcome,
}

/// The link has a result that is not of its settings, or was cut or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

/// What a run that was made here says of a result that came with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same came out, to the bit.
    Same,
    /// The digest is that of the run that was made here, and the numbers are others.
    Changed,
    /// Something else came out.
    Differs {
        /// Has the same build computed both?
        same_build: bool,
    },
    /// WebGPU computed the run that was made here.
    GpuHere,
    /// WebGPU computed the sender's.
    GpuThere,
}

impl Outcome {
    /// What came out of a run; `None` unless it came to its end with the reward that it began with, because another run
    /// with its settings would not be the same.
    pub fn of(report: &RunReport) -> Option<Self> {
        let updates = report.experiment.finetune.updates;
        let is_measured = |own: &ReplicaReport| own.measurements.last().is_some_and(|last| last.update == updates);
        if report.updates_done() < updates || !report.changes.is_empty() || !report.replicas.iter().all(is_measured) {
            return None;
        }
        let end = |arm: Arm, (metric, slice): (Metric, Slice)| {
            let own = report.replicas.iter().filter(|replica| replica.replica.arm == arm);
            let shares = own.filter_map(|replica| replica.measurements.last()?.rate(metric, slice)).collect();
            estimate(&[shares]).map(|estimate| (estimate.mean * PARTS).round() as u16)
        };
        let arms = report.experiment.arms.iter().map(|arm| (*arm, FIGURES.map(|figure| end(*arm, figure))));
        let digest = is_of_cpus(&report.engine).then(|| digest(report));
        Some(Outcome { updates, arms: arms.collect(), build: report.build.clone(), digest })
    }

    /// As the link has it, without the check.
    fn text(&self) -> String {
        let mut text = format!("updates:{}", self.updates);
        for (arm, figures) in &self.arms {
            let _ = write!(text, ",{}", arm.id());
            for figure in figures {
                let share = figure.map_or(NOTHING.to_owned(), |parts| format!("{:.3}", f64::from(parts) / PARTS));
                let _ = write!(text, ":{share}");
            }
        }
        let _ = write!(text, ",build:{}", self.build);
        if let Some(digest) = &self.digest {
            let _ = write!(text, ",sha256:{digest}");
        }
        text
    }

    fn read(text: &str) -> Option<Self> {
        let (updates, rest) = text.strip_prefix("updates:")?.split_once(',')?;
        let (arms, rest) = rest.split_once(",build:")?;
        let (build, digest) = rest.split_once(",sha256:").map_or((rest, None), |(build, digest)| (build, Some(digest)));
        let arm = |text: &str| {
            let mut parts = text.split(':');
            let arm = Arm::from_id(parts.next()?)?;
            let mut figures = [None; FIGURES.len()];
            for figure in &mut figures {
                let share = parts.next()?;
                if share != NOTHING {
                    let share: f64 = share.parse().ok().filter(|share| (0.0..=1.0).contains(share))?;
                    *figure = Some((share * PARTS).round() as u16);
                }
            }
            parts.next().is_none().then_some((arm, figures))
        };
        Some(Outcome {
            updates: updates.parse().ok()?,
            arms: arms.split(',').map(arm).collect::<Option<_>>()?,
            build: build.to_owned(),
            digest: digest.map(str::to_owned),
        })
    }

    /// Does this, which was computed here, agree with what a link says?
    pub fn verdict(&self, sent: &Outcome) -> Verdict {
        match (&self.digest, &sent.digest) {
            (_, None) => Verdict::GpuThere,
            (None, Some(_)) => Verdict::GpuHere,
            (own, other) if own == other && self.arms == sent.arms => Verdict::Same,
            (own, other) if own == other => Verdict::Changed,
            (Some(_), Some(_)) => Verdict::Differs { same_build: self.build == sent.build },
        }
    }
}

/// The fragment of a link to a run's settings and what came out of it.
pub fn fragment(experiment: &Experiment, outcome: &Outcome) -> String {
    let (settings, text) = (spelled(experiment), outcome.text());
    let check = check(&settings, &text);
    format!("{settings}&{RESULT}={text},check:{check}")
}

/// What a fragment says came out; `None` if it says nothing of that.
pub fn read(fragment: &str) -> Option<Result<Sent, Damaged>> {
    let value = link::parameter(fragment, RESULT)?;
    let read = || {
        let experiment = link::open(fragment).state?.experiment;
        let (text, sum) = value.rsplit_once(",check:")?;
        let outcome = Outcome::read(text)?;
        let is_whole = check(&spelled(&experiment), text) == sum && outcome.text() == text;
        is_whole.then_some(Sent { experiment, outcome })
    };
    Some(read().ok_or(Damaged))
}

/// Have CPUs alone computed it? As the page and the command line say it; an engine may give way to another in between.
fn is_of_cpus(engine: &str) -> bool {
    engine.split(", then ").all(|engine| engine.starts_with("CPU") || engine == "flex")
}

fn check(settings: &str, text: &str) -> String {
    hexadecimal(&Sha256::digest(format!("{settings}&{RESULT}={text}")), CHECK)
}

fn hexadecimal(bytes: &[u8], digits: usize) -> String {
    bytes.iter().take(digits / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of a run's figures: SHA-256 of [`line_of_update`] and [`line_of_measurement`] of each replica in turn, below
/// a line with its arm and seed.
fn digest(report: &RunReport) -> String {
    let mut sha = Sha256::new();
    for own in &report.replicas {
        sha.update(format!("{} {}\n", own.replica.arm.id(), own.replica.seed));
        own.updates.iter().for_each(|update| sha.update(line_of_update(update)));
        own.measurements.iter().for_each(|measurement| sha.update(line_of_measurement(measurement)));
    }
    hexadecimal(&sha.finalize(), DIGEST)
}

/// `update`, its number, and the bits of framing, content, discomfort and hedging.
fn line_of_update(report: &UpdateReport) -> String {
    let rating = report.rating;
    let mut line = format!("update {}", report.update);
    for number in [rating.framing, rating.content, rating.discomfort, report.hedging] {
        let _ = write!(line, " {:08x}", number.to_bits());
    }
    line + "\n"
}

/// `measurement`, its update, for each cell the counts of its answers and choices, the watched answers, and the outcomes
/// of the answers about each fact.
fn line_of_measurement(own: &Measurement) -> String {
    let mut line = format!("measurement {}", own.update);
    for (_, tally) in &own.cells {
        let counts = [
            [tally.answers, tally.hedged, tally.malformed, tally.asserted, tally.truthful, tally.contextual],
            [
                tally.choices,
                tally.right_choices,
                tally.declaratives,
                tally.right_declaratives,
                tally.verdicts,
                tally.right_verdicts,
            ],
        ];
        for count in counts.as_flattened() {
            let _ = write!(line, " {count}");
        }
    }
    for watched in &own.answers {
        let _ = write!(line, " {:?}", watched.answer);
    }
    for fact in &own.facts {
        // What stands before the slash was read with probes, whose last bits are the platform's.
        let _ = write!(line, " {}", String::from(fact.clone()).rsplit('/').next().unwrap_or_default());
    }
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;

    fn recorded() -> RunReport {
        let gz = include_bytes!("../../../public/recorded/attribution.json.gz");
        serde_json::from_reader(GzDecoder::new(gz.as_slice())).expect("a run")
    }

    fn sent(report: &RunReport) -> (String, Sent) {
        let fragment = fragment(&report.experiment, &Outcome::of(report).expect("a finished run"));
        let read = read(&fragment).expect("a result").expect("a whole one");
        (fragment, read)
    }

    #[test]
    fn a_link_says_what_came_out_and_opens_the_same_settings() {
        let run = recorded();
        let (fragment, read) = sent(&run);
        assert_eq!((&read.experiment, Some(&read.outcome)), (&run.experiment, Outcome::of(&run).as_ref()));
        let opened = link::open(&format!("#{fragment}"));
        assert_eq!((opened.problems, opened.state.unwrap().experiment), (vec![], run.experiment.clone()));
        // A person can read it: the share that the charts show at the end.
        let wrong = |replica: &&ReplicaReport| replica.replica.arm == Arm::Scalar;
        let shares = run.replicas.iter().filter(wrong);
        let shares =
            shares.filter_map(|own| own.measurements.last()?.rate(Metric::Incorrect, Slice::Uncomfortable)).collect();
        let share = estimate(&[shares]).unwrap().mean;
        assert!(fragment.contains(&format!("result=updates:200,scalar:{share:.3}:")), "{fragment}");
        assert!(fragment.len() < 400, "{}", fragment.len());
        // Also with the settings that a page without a link opens with, which other links leave out.
        let seed = link::DEFAULT_SEED;
        let mut own = run.clone();
        own.experiment.seeds = vec![seed];
        own.replicas.retain(|replica| replica.replica.seed == seed);
        assert_eq!(sent(&own).1.experiment.seeds, [seed]);
    }

    #[test]
    fn a_letter_that_is_lost_or_another_is_noticed() {
        let (fragment, whole) = sent(&recorded());
        let start = fragment.find("result=").unwrap() + "result=".len();
        for at in start..fragment.len() {
            let mut changed = fragment.clone().into_bytes();
            changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
            assert_eq!(read(std::str::from_utf8(&changed).unwrap()), Some(Err(Damaged)), "{at}");
            assert_eq!(read(&fragment[..at]), Some(Err(Damaged)), "{at}");
        }
        let other = fragment.replacen("s=4", "s=4&finetune.kl=0.3", 1);
        assert_eq!(read(&other), Some(Err(Damaged)), "other settings have another result");
        assert_eq!(read("s=4&seeds=3"), None);
        // How it is looked at, what computes it and where on the page is no part of the run; nor is what mail programs do.
        let elsewhere = format!("#{}&engine=cpu&at=limits", fragment.replace(':', "%3A").replace(',', "%2C"));
        assert_eq!(read(&elsewhere), Some(Ok(whole)));
    }

    #[test]
    fn every_figure_is_in_the_digest_and_nothing_of_who_computed_it() {
        let run = recorded();
        let of = |change: &dyn Fn(&mut RunReport)| {
            let mut run = run.clone();
            change(&mut run);
            Outcome::of(&run).unwrap()
        };
        let own = of(&|_| ());
        let same = of(&|run| {
            run.engine = "CPU in a browser, 1 worker, then CPU in a browser, 2 workers".into();
            run.build = "another".into();
            run.replicas[0].measurements[0].probes.clear();
        });
        assert_eq!((own.verdict(&same), same.verdict(&own)), (Verdict::Same, Verdict::Same));
        type Change = fn(&mut RunReport);
        let changes: [Change; 4] = [
            |run| run.replicas[1].updates[4].hedging += f32::EPSILON,
            |run| run.replicas[0].updates[4].rating.content -= 1e-6,
            |run| run.replicas[0].measurements[1].cells[2].1.truthful += 1,
            |run| drop(run.replicas[0].measurements.remove(1)),
        ];
        for (place, change) in changes.iter().enumerate() {
            assert_eq!(of(change).verdict(&own), Verdict::Differs { same_build: true }, "{place}");
        }
        let other_build = of(&|run| {
            run.build = "another".into();
            changes[0](run);
        });
        assert_eq!(other_build.verdict(&own), Verdict::Differs { same_build: false });
        let gpu = of(&|run| run.engine = "CPU in a browser, 1 worker, then WebGPU in a browser, some adapter".into());
        assert_eq!(
            (gpu.digest.as_ref(), gpu.verdict(&own), own.verdict(&gpu)),
            (None, Verdict::GpuHere, Verdict::GpuThere)
        );
        // A summary that is not of these figures is not believed because their digest is right.
        let mut lied = own.clone();
        lied.arms[0].1[0] = Some(1);
        assert_eq!(own.verdict(&lied), Verdict::Changed);
    }

    #[test]
    fn only_a_run_that_its_settings_determine_is_sent() {
        let mut run = recorded();
        run.replicas[0].updates.pop();
        assert_eq!(Outcome::of(&run), None);
        let mut run = recorded();
        let change = hedgerow::documents::report::RewardChange {
            after: 5,
            rater: run.experiment.rater,
            arms: vec![],
            person: None,
        };
        run.changes.push(change);
        assert_eq!(Outcome::of(&run), None);
    }
}
