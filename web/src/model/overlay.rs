//! Runs over one another: their curves, where they end, how much one ends above the other seed by seed, and what cannot be
//! compared.
//!
//! A seed is a world, a base model and the questions about it. Where both runs have a seed, the spread between seeds is
//! no part of their difference. Means, intervals and pairs are the core's (`documents::statistics`). Leaves out what
//! differs in the settings (`shelf::differences`) and words.

use hedgerow::documents::metrics::{Metric, Number, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::documents::statistics::{Estimate, estimate, paired_differences};
use hedgerow::judgement::experiment::Arm;

use super::draft::rewards_differ;
use super::figures::Drawing;
use super::series::{Courses, Drawn, drawn, length};

/// What is drawn and compared.
pub const QUANTITIES: [Quantity; 4] = [
    Quantity::Rate(Metric::Incorrect, Slice::Uncomfortable),
    Quantity::Rate(Metric::Hedging, Slice::Sensitive),
    Quantity::Rate(Metric::StillKnown, Slice::Uncomfortable),
    Quantity::Number(Number::Scalar),
];

/// Why two runs cannot be compared as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barrier {
    /// Their raters, or what stands in for them, rate differently.
    OtherRaters,
    /// Builds of this page may have other worlds, models or measures.
    OtherBuild,
    /// The models of these seeds were asked other questions before the first update.
    OtherQuestions(Vec<u64>),
    /// The reward was changed on the way in the run at this place.
    Changed(usize),
    /// The run at this place has not come to its end.
    Unfinished(usize),
    /// No arm has a seed in both.
    NoPairs,
}

/// Why the run at `place` cannot be compared with the first as it is.
pub fn barriers(runs: &[&RunReport], place: usize) -> Vec<Barrier> {
    let (first, other) = (runs[0], runs[place]);
    let mut found = Vec::new();
    if first.experiment.rater != other.experiment.rater || rewards_differ(&first.experiment, &other.experiment) {
        found.push(Barrier::OtherRaters);
    }
    if first.build != other.build {
        found.push(Barrier::OtherBuild);
    }
    let shared = first.experiment.seeds.iter().filter(|seed| other.experiment.seeds.contains(seed));
    let others: Vec<u64> = shared.copied().filter(|seed| !asks_the_same(first, other, *seed)).collect();
    if !others.is_empty() {
        found.push(Barrier::OtherQuestions(others));
    }
    for (place, run) in [(0, first), (place, other)] {
        if !run.changes.is_empty() {
            found.push(Barrier::Changed(place));
        }
        if run.updates_done() < run.experiment.finetune.updates {
            found.push(Barrier::Unfinished(place));
        }
    }
    if rows(runs, QUANTITIES[0]).iter().all(|row| row.differences[place].is_none()) {
        found.push(Barrier::NoPairs);
    }
    found
}

/// Were the models of a seed asked equally many questions about facts of each kind before the first update? What they
/// answered may differ in the engines' last bits.
fn asks_the_same(one: &RunReport, other: &RunReport, seed: u64) -> bool {
    let asked = |run: &RunReport| {
        let replica = run.replicas.iter().find(|own| own.replica.seed == seed)?;
        let cells = &replica.measurements.first()?.cells;
        Some(cells.iter().map(|(cell, tally)| (*cell, tally.answers)).collect::<Vec<_>>())
    };
    if one.experiment.own_world != other.experiment.own_world {
        return false;
    }
    match (asked(one), asked(other)) {
        (Some(one), Some(other)) => one == other,
        // Nothing was asked yet.
        (None, _) | (_, None) => true,
    }
}

/// Where the models of an arm end.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The arm, as it began.
    pub arm: Arm,
    /// In each run; `None` where a run does not have it, or nothing to count.
    pub ends: Vec<Option<Estimate>>,
    /// Each run less the first one, over the seeds that both have; `None` of the first, and without such a seed.
    pub differences: Vec<Option<Estimate>>,
}

/// A row for each arm of any of the runs.
pub fn rows(runs: &[&RunReport], quantity: Quantity) -> Vec<Row> {
    let mut arms: Vec<Arm> = Vec::new();
    for arm in runs.iter().flat_map(|run| &run.experiment.arms) {
        if !arms.contains(arm) {
            arms.push(*arm);
        }
    }
    let row = |arm: Arm| {
        let ends: Vec<Vec<(u64, f64)>> = runs.iter().map(|run| ends(run, arm, quantity)).collect();
        let of = |values: Vec<(u64, f64)>| estimate(&[values.into_iter().map(|(_, value)| value).collect()]);
        let difference = |place: usize| {
            let same = |(seed, _): &&(u64, f64)| asks_the_same(runs[0], runs[place], *seed);
            let own: Vec<_> = ends[place].iter().filter(same).copied().collect();
            if place == 0 { None } else { of(paired_differences(&own, &ends[0])) }
        };
        Row {
            arm,
            differences: (0..runs.len()).map(difference).collect(),
            ends: ends.iter().cloned().map(of).collect(),
        }
    };
    arms.into_iter().map(row).collect()
}

/// The latest value of each seed.
fn ends(run: &RunReport, arm: Arm, quantity: Quantity) -> Vec<(u64, f64)> {
    let end = |replica: &ReplicaReport| {
        let last = length(replica, quantity).checked_sub(1)?;
        Some((replica.replica.seed, drawn(replica, quantity, last, run.experiment.finetune.updates)?.value?))
    };
    run.replicas.iter().filter(|replica| replica.replica.arm == arm).filter_map(end).collect()
}

/// The lines of all runs on the same axes, and the run of each line by its place.
pub fn drawing(runs: &[&RunReport], quantity: Quantity, chance: Option<f64>) -> (Drawing, Vec<usize>) {
    let longest = runs.iter().map(|run| run.experiment.finetune.updates).max().unwrap_or(0);
    let mut all = Drawing::of(None, longest, quantity, chance);
    let mut of = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        let lines = Courses::default().lines(Drawn::Run(0, 0), run, quantity);
        of.extend(vec![place; lines.len()]);
        all.lines.extend(lines);
    }
    (all, of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;

    fn recorded() -> RunReport {
        let gz = include_bytes!("../../../public/recorded/attribution.json.gz");
        serde_json::from_reader(GzDecoder::new(gz.as_slice())).expect("a run")
    }

    #[test]
    fn a_run_differs_in_nothing_from_itself() {
        let run = recorded();
        assert_eq!(barriers(&[&run, &run], 1), []);
        for quantity in QUANTITIES {
            for row in rows(&[&run, &run], quantity) {
                assert_eq!(row.ends[0], row.ends[1]);
                assert_eq!(row.differences[0], None);
                let difference = row.differences[1].expect("pairs");
                assert_eq!((difference.mean, difference.interval), (0.0, Some([0.0, 0.0])), "{quantity:?}");
                assert_eq!(difference.count, run.experiment.seeds.len());
            }
        }
        let (drawing, of) = drawing(&[&run, &run], QUANTITIES[0], None);
        assert_eq!(drawing.lines.len(), 2 * run.experiment.arms.len());
        assert_eq!((of[0], of[of.len() - 1]), (0, 1));
    }

    /// By hand: the middle half of the differences of the seeds that both have, and none of the others.
    #[test]
    fn seeds_are_paired_whatever_order_and_company_they_are_in() {
        let one = recorded();
        let mut other = one.clone();
        other.replicas.reverse();
        other.replicas.retain(|replica| [2, 3].contains(&replica.replica.seed));
        other.experiment.seeds = vec![3, 2];
        let arm = one.experiment.arms[0];
        for (seed, replica) in
            other.replicas.iter_mut().filter(|own| own.replica.arm == arm).map(|own| (own.replica.seed, own))
        {
            for (_, tally) in &mut replica.measurements.last_mut().unwrap().cells {
                (tally.hedged, tally.answers) =
                    if seed == 2 { (tally.answers, tally.answers) } else { (0, tally.answers) };
            }
        }
        let hedging = QUANTITIES[1];
        let row = rows(&[&one, &other], hedging).into_iter().find(|row| row.arm == arm).unwrap();
        let first = |seed| ends(&one, arm, hedging).into_iter().find(|(own, _)| *own == seed).unwrap().1;
        let expected = ((1.0 - first(2)) + (0.0 - first(3))) / 2.0;
        let difference = row.differences[1].unwrap();
        assert!((difference.mean - expected).abs() < 1e-12, "{} {expected}", difference.mean);
        assert_eq!(difference.count, 2);
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        let run = recorded();
        let mut other = run.clone();
        other.build = "another".into();
        other.replicas.iter_mut().filter(|own| own.replica.seed == 1).for_each(|own| {
            own.measurements[0].cells[0].1.answers += 1;
        });
        other.replicas.iter_mut().for_each(|own| own.updates.truncate(3));
        assert_eq!(
            barriers(&[&run, &other], 1),
            [Barrier::OtherBuild, Barrier::OtherQuestions(vec![1]), Barrier::Unfinished(1)]
        );
        let counts = rows(&[&run, &other], QUANTITIES[0])[0].differences[1].unwrap().count;
        assert_eq!(counts, run.experiment.seeds.len() - 1, "a seed with other questions is no pair");
        // Once the scores of different raters were compared as if one had given them.
        let mut touchier = run.clone();
        touchier.experiment.rater.discomfort_any += 0.5;
        assert_eq!(barriers(&[&run, &touchier], 1), [Barrier::OtherRaters]);
        let mut strange = run.clone();
        strange.experiment.seeds = vec![77];
        strange.replicas.retain(|own| own.replica.seed == 0);
        strange.replicas.iter_mut().for_each(|own| own.replica.seed = 77);
        assert_eq!(barriers(&[&run, &strange], 1), [Barrier::NoPairs]);
    }
}
