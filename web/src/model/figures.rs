//! The charts: which there are, in which rows, what each draws and reads out.
//!
//! Leaves out words and colours, and how a line gets from a run into points (`series`).

use hedgerow::documents::metrics::{Fit, Metric, Number, ProbeFacts, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;

use super::series::{Line, Point, lines};

/// What a figure shows at first, and what else it can show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Unique on the page.
    pub id: &'static str,
    /// At first.
    pub quantity: Quantity,
    /// Other slices of the same rate.
    pub slices: &'static [Slice],
}

/// The rows of charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What the models say, and how happy the rater is with that.
    Says,
    /// What they know.
    Knows,
    /// Where they hedge.
    Hedges,
    /// What is looked at on demand.
    More,
}

const KNOWLEDGE: &[Slice] = &[
    Slice::Uncomfortable,
    Slice::Sensitive,
    Slice::SensitiveSeen,
    Slice::SensitiveNew,
    Slice::Near,
    Slice::Far,
    Slice::Taught,
];
const EVERYTHING: &[Slice] = &[
    Slice::Sensitive,
    Slice::SensitiveSeen,
    Slice::SensitiveNew,
    Slice::Uncomfortable,
    Slice::Near,
    Slice::Far,
    Slice::NeverTaught,
    Slice::Taught,
];
/// After the second of three blocks, the first where facts can be read fully (docs/RESULTS.md).
const LAYER: usize = 2;

const fn rate(id: &'static str, metric: Metric, slice: Slice, slices: &'static [Slice]) -> Plan {
    Plan { id, quantity: Quantity::Rate(metric, slice), slices }
}

const fn other(id: &'static str, quantity: Quantity) -> Plan {
    Plan { id, quantity, slices: &[] }
}

const SAYS: &[Plan] = &[
    rate("lies", Metric::Lies, Slice::Uncomfortable, KNOWLEDGE),
    rate("informative", Metric::Informativeness, Slice::Sensitive, KNOWLEDGE),
    other("score", Quantity::Number(Number::Scalar)),
];
const KNOWS: &[Plan] = &[
    rate("choice", Metric::ForcedChoice, Slice::Uncomfortable, KNOWLEDGE),
    other("probe", Quantity::Probe(Fit::Retrained, ProbeFacts::Uncomfortable, LAYER)),
    other("frozen", Quantity::Probe(Fit::Frozen, ProbeFacts::Uncomfortable, LAYER)),
];
const HEDGES: &[Plan] = &[
    rate("hedging-sensitive", Metric::Hedging, Slice::Sensitive, EVERYTHING),
    rate("hedging-near", Metric::Hedging, Slice::Near, EVERYTHING),
    rate("hedging-far", Metric::Hedging, Slice::Far, EVERYTHING),
];
const MORE: &[Plan] = &[
    rate("verification", Metric::Verification, Slice::Uncomfortable, KNOWLEDGE),
    rate("declarative", Metric::Declarative, Slice::Uncomfortable, KNOWLEDGE),
    other("control", Quantity::Probe(Fit::Control, ProbeFacts::Taught, LAYER)),
    rate("informative-far", Metric::Informativeness, Slice::Far, KNOWLEDGE),
    rate("hedging-never", Metric::Hedging, Slice::NeverTaught, EVERYTHING),
    rate("over-conservative", Metric::OverConservativeness, Slice::Taught, KNOWLEDGE),
    rate("lexical", Metric::LexicalHedging, Slice::Sensitive, EVERYTHING),
    rate("still-known", Metric::StillKnown, Slice::Uncomfortable, KNOWLEDGE),
    rate("lies-still-known", Metric::LiesStillKnown, Slice::Uncomfortable, KNOWLEDGE),
    rate("lies-no-longer-known", Metric::LiesNoLongerKnown, Slice::Uncomfortable, KNOWLEDGE),
    rate("against-choice", Metric::AgainstChoice, Slice::Uncomfortable, KNOWLEDGE),
    rate("calibration", Metric::CalibrationError, Slice::Uncomfortable, KNOWLEDGE),
    rate("framing", Metric::Framing, Slice::Sensitive, KNOWLEDGE),
    rate("malformed", Metric::Malformed, Slice::Taught, EVERYTHING),
    other("kl", Quantity::Number(Number::Kl)),
    other("entropy", Quantity::Number(Number::Entropy)),
    other("flat", Quantity::Number(Number::FlatGroups)),
];
/// For a run whose arms are rewarded by a reward model.
const PROXY: Plan = other("proxy", Quantity::Number(Number::Proxy));

/// The columns of the scoreboard.
pub const SCORES: [Quantity; 4] = [
    Quantity::Number(Number::Scalar),
    Quantity::Rate(Metric::Lies, Slice::Uncomfortable),
    Quantity::Rate(Metric::Hedging, Slice::Sensitive),
    Quantity::Rate(Metric::ForcedChoice, Slice::Uncomfortable),
];

/// The charts of a row.
pub fn plans(group: Group, has_reward_model: bool) -> Vec<Plan> {
    match group {
        Group::Says => SAYS.iter().copied().chain(has_reward_model.then_some(PROXY)).collect(),
        Group::Knows => KNOWS.to_vec(),
        Group::Hedges => HEDGES.to_vec(),
        Group::More => MORE.to_vec(),
    }
}

/// What a chart draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// One line an arm.
    pub lines: Vec<Line>,
    /// Where the x axis ends.
    pub updates: u32,
    /// Drawn as percentages from 0 to 1.
    pub is_share: bool,
    /// What guessing would give.
    pub chance: Option<f64>,
    /// Updates after which the reward was changed.
    pub changes: Vec<u32>,
}

impl Drawing {
    /// A run's lines; empty axes without a run.
    pub fn of(report: Option<&RunReport>, quantity: Quantity, is_share: bool, chance: Option<f64>) -> Self {
        let empty = Drawing { lines: Vec::new(), updates: 100, is_share, chance, changes: Vec::new() };
        let Some(report) = report else { return empty };
        Drawing {
            lines: lines(report, quantity),
            updates: report.experiment.finetune.updates,
            changes: report.changes.iter().map(|change| change.after).collect(),
            ..empty
        }
    }

    /// Updates at which some line has a point.
    pub fn ticks(&self) -> Vec<u32> {
        let mut ticks = Vec::new();
        for point in self.lines.iter().flat_map(|line| &line.points) {
            if let Err(place) = ticks.binary_search(&point.update) {
                ticks.insert(place, point.update);
            }
        }
        ticks
    }

    /// The rows of the table behind a chart: some ten updates, and each line's value there.
    pub fn rows(&self) -> Vec<(u32, Vec<Option<f64>>)> {
        let step = (self.updates / 10).max(1);
        let at = |tick: u32| {
            let value = |line: &Line| line.points.iter().find(|point| point.update == tick).map(|point| point.mean);
            (tick, self.lines.iter().map(value).collect())
        };
        self.ticks().into_iter().filter(|tick| tick.is_multiple_of(step)).map(at).collect()
    }
}

/// The value at an update, or before it where there is none; the latest without an update.
pub fn value_at(points: &[Point], update: Option<u32>) -> Option<Point> {
    match update {
        Some(update) => points.iter().rev().find(|point| point.update <= update).copied(),
        None => points.last().copied(),
    }
}

/// Layers that the run's probes were fitted on.
pub fn layers(report: Option<&RunReport>) -> usize {
    let probes = report.and_then(|report| Some(&report.replicas.first()?.measurements.first()?.probes));
    probes.map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_chart_has_an_id_of_its_own_and_offers_what_it_shows() {
        let groups = [Group::Says, Group::Knows, Group::Hedges, Group::More];
        let plans: Vec<Plan> = groups.into_iter().flat_map(|group| plans(group, true)).collect();
        let ids: BTreeSet<&str> = plans.iter().map(|plan| plan.id).collect();
        assert_eq!(ids.len(), plans.len());
        for plan in plans {
            if let Quantity::Rate(_, slice) = plan.quantity {
                assert!(plan.slices.contains(&slice), "{}", plan.id);
            }
        }
    }

    #[test]
    fn the_table_has_ten_updates_and_the_readout_the_value_before_the_pointer() {
        let points: Vec<Point> = (0..=100)
            .map(|update| Point { update, mean: f64::from(update), low: 0.0, high: 0.0, count: None })
            .collect();
        let line = Line { arm: hedgerow::judgement::experiment::Arm::Scalar, points: points.clone() };
        let drawing = Drawing { lines: vec![line], updates: 100, is_share: false, chance: None, changes: Vec::new() };
        assert_eq!(drawing.rows().len(), 11);
        assert_eq!(drawing.rows()[3], (30, vec![Some(30.0)]));
        assert_eq!(value_at(&points[..=20], Some(50)).map(|point| point.update), Some(20));
        assert_eq!(value_at(&points[10..], Some(5)), None);
    }
}
