//! The charts: which there are, in which rows, what each draws and reads out.
//!
//! Leaves out words and colours, and how a line gets from a run into points (`series`).

use hedgerow::documents::metrics::{Fit, Metric, Number, ProbeFacts, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;

use super::look::{Look, look, look_beside};
use super::series::{Line, Point};

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
    other("score", Quantity::Number(Number::Scalar)),
    rate("lies", Metric::Lies, Slice::Uncomfortable, KNOWLEDGE),
    rate("informative", Metric::Informativeness, Slice::Sensitive, KNOWLEDGE),
];
const KNOWS: &[Plan] = &[
    rate("still-known", Metric::StillKnown, Slice::Uncomfortable, KNOWLEDGE),
    rate("choice", Metric::ForcedChoice, Slice::Uncomfortable, KNOWLEDGE),
    other("probe", Quantity::Probe(Fit::Retrained, ProbeFacts::Uncomfortable, LAYER)),
];
const HEDGES: &[Plan] = &[
    rate("hedging-sensitive", Metric::Hedging, Slice::Sensitive, EVERYTHING),
    rate("hedging-near", Metric::Hedging, Slice::Near, EVERYTHING),
    rate("hedging-far", Metric::Hedging, Slice::Far, EVERYTHING),
];
const MORE: &[Plan] = &[
    rate("verification", Metric::Verification, Slice::Uncomfortable, KNOWLEDGE),
    rate("declarative", Metric::Declarative, Slice::Uncomfortable, KNOWLEDGE),
    other("frozen", Quantity::Probe(Fit::Frozen, ProbeFacts::Uncomfortable, LAYER)),
    other("control", Quantity::Probe(Fit::Control, ProbeFacts::Taught, LAYER)),
    rate("informative-far", Metric::Informativeness, Slice::Far, KNOWLEDGE),
    rate("hedging-never", Metric::Hedging, Slice::NeverTaught, EVERYTHING),
    rate("over-conservative", Metric::OverConservativeness, Slice::Taught, KNOWLEDGE),
    rate("lexical", Metric::LexicalHedging, Slice::Sensitive, EVERYTHING),
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

/// The charts of a row.
pub fn plans(group: Group, has_reward_model: bool) -> Vec<Plan> {
    match group {
        Group::Says => SAYS.iter().copied().chain(has_reward_model.then_some(PROXY)).collect(),
        Group::Knows => KNOWS.to_vec(),
        Group::Hedges => HEDGES.to_vec(),
        Group::More => MORE.to_vec(),
    }
}

/// What is drawn on the same axes as a quantity: of what a reward model thinks of the answers, also what the rater says of
/// them. Where the first rises and the second does not, the model is exploited.
pub fn together(quantity: Quantity) -> Vec<Quantity> {
    let rater = (quantity == PROXY.quantity).then_some(Quantity::Number(Number::Scalar));
    [quantity].into_iter().chain(rater).collect()
}

/// What a chart draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// One line for each quantity and arm.
    pub lines: Vec<Line>,
    /// Where the x axis ends.
    pub updates: u32,
    /// Points lie every so many updates.
    pub every: u32,
    /// Where the y axis ends, if the quantity has ends.
    pub range: Range,
    /// What guessing would give.
    pub chance: Option<f64>,
    /// Updates after which the reward was changed, and what it was changed to, in words.
    pub changes: Vec<(u32, String)>,
}

/// The ends of a y axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// A share, drawn as a percentage.
    Share,
    /// No less than zero.
    FromZero,
    /// Any number.
    Free,
}

/// The ends that a quantity has.
pub fn range(quantity: Quantity) -> Range {
    match quantity {
        Quantity::Rate(..) | Quantity::Probe(..) | Quantity::Number(_) if quantity.is_share() => Range::Share,
        Quantity::Rate(..) | Quantity::Number(Number::Kl | Number::Entropy | Number::GradientNorm) => Range::FromZero,
        Quantity::Number(_) | Quantity::Probe(..) | Quantity::Diagnosis(_) => Range::Free,
    }
}

impl Drawing {
    /// A run's lines; without a run, empty axes as long as the one that is planned.
    pub fn of(run: Option<(&RunReport, Vec<Line>)>, planned: u32, quantity: Quantity, chance: Option<f64>) -> Self {
        let range = range(quantity);
        let Some((report, lines)) = run else {
            return Drawing { lines: Vec::new(), updates: planned, every: 10, range, chance, changes: Vec::new() };
        };
        let every = if let Quantity::Number(_) = quantity { 1 } else { report.experiment.measure.every };
        Drawing { lines, updates: report.experiment.finetune.updates, every, range, chance, changes: Vec::new() }
    }

    /// Are its lines of more than one quantity?
    pub fn is_of_several(&self) -> bool {
        self.lines.iter().any(|line| line.of != self.lines[0].of)
    }

    /// How a line looks among the others.
    pub fn look(&self, line: &Line) -> Look {
        if line.of == self.lines[0].of { look(line.arm) } else { look_beside(line.arm) }
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

    /// The rows of the table behind a chart: some ten updates, and each line's point there.
    pub fn rows(&self) -> Vec<(u32, Vec<Option<&Point>>)> {
        let ticks = self.ticks();
        let step = ticks.len().div_ceil(11).max(1);
        let at = |tick: &u32| (*tick, self.lines.iter().map(|line| at(&line.points, *tick)).collect());
        ticks.iter().step_by(step).map(at).collect()
    }
}

/// The point at an update.
pub fn at(points: &[Point], update: u32) -> Option<&Point> {
    points.binary_search_by_key(&update, |point| point.update).ok().map(|place| &points[place])
}

/// The point at an update, or the one before it; the latest without an update.
pub fn value_at(points: &[Point], update: Option<u32>) -> Option<&Point> {
    let until = update.map_or(points.len(), |update| points.partition_point(|point| point.update <= update));
    points[..until].last()
}

/// Where an arrow key leads among the points; `None` is the latest, and where the key means nothing.
pub fn moved(ticks: &[u32], from: Option<u32>, key: &str) -> Option<u32> {
    let last = ticks.len().checked_sub(1)?;
    let place = from.map_or(last, |from| ticks.partition_point(|tick| *tick < from).min(last));
    let place = match key {
        "ArrowLeft" | "ArrowDown" => place.saturating_sub(1),
        "ArrowRight" | "ArrowUp" => (place + 1).min(last),
        "PageDown" => place.saturating_sub(10),
        "PageUp" => (place + 10).min(last),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(ticks[place])
}

/// Where a key leads among the things in their order; nothing where it means nothing. With none chosen, to the first.
pub fn moved_among(order: &[usize], from: Option<usize>, key: &str, columns: usize) -> Option<usize> {
    let last = order.len().checked_sub(1)?;
    let place = from.and_then(|from| order.iter().position(|own| *own == from));
    let to = match (key, place) {
        ("Home", _) => 0,
        ("End", _) => last,
        ("ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown", None) => 0,
        ("ArrowLeft", Some(place)) => place.saturating_sub(1),
        ("ArrowRight", Some(place)) => (place + 1).min(last),
        ("ArrowUp", Some(place)) => place.checked_sub(columns).unwrap_or(place),
        ("ArrowDown", Some(place)) => Some(place + columns).filter(|to| *to <= last).unwrap_or(place),
        _ => return None,
    };
    Some(order[to])
}

/// Layers that the run's probes were fitted on.
pub fn layers(report: Option<&RunReport>) -> usize {
    let probes = report.and_then(|report| Some(&report.replicas.first()?.measurements.first()?.probes));
    probes.map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::statistics::estimate;
    use hedgerow::judgement::experiment::Arm;
    use std::collections::BTreeSet;

    /// Axes that end where a quantity does: no number of a recorded run lies beyond.
    #[test]
    fn a_quantity_stays_between_the_ends_of_its_axis() {
        let gz = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../public/recorded/everyday/controls.json.gz"));
        let report: RunReport = serde_json::from_reader(flate2::read::GzDecoder::new(gz.unwrap().as_slice())).unwrap();
        let rates = Metric::ALL.into_iter().flat_map(|metric| Slice::ALL.map(|slice| Quantity::Rate(metric, slice)));
        let numbers = Number::ALL.into_iter().map(Quantity::Number);
        let (mut seen, last) = (0, report.experiment.finetune.updates);
        for quantity in rates.chain(numbers) {
            for (place, update) in
                (0..report.replicas.len()).flat_map(|place| [0, 10, last - 1, last].map(|at| (place, at)))
            {
                let Some(value) = report.value(place, quantity, update) else { continue };
                seen += 1;
                let is_within = match range(quantity) {
                    Range::Share => (0.0..=1.0).contains(&value),
                    // A divergence of two equal policies is zero but for what f32 rounds.
                    Range::FromZero => value > -1e-6,
                    Range::Free => true,
                };
                assert!(is_within, "{quantity:?} is {value}");
            }
        }
        assert!(seen > 1000, "{seen} numbers");
    }

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

    fn drawing(updates: u32) -> Drawing {
        let point = |update: u32| Point {
            update,
            seeds: Vec::new(),
            estimate: estimate(&[vec![f64::from(update)]]),
            raw: None,
            count: None,
        };
        let line = Line {
            arm: Arm::Scalar,
            later: Arm::Scalar,
            of: Quantity::Number(Number::Scalar),
            points: (0..=updates).map(point).collect(),
        };
        Drawing { lines: vec![line], updates, every: 1, range: Range::Free, chance: None, changes: Vec::new() }
    }

    #[test]
    fn the_table_has_ten_updates_and_the_readout_the_point_before_the_pointer() {
        let drawing = drawing(100);
        let rows = drawing.rows();
        assert_eq!(rows.len(), 11);
        assert_eq!((rows[3].0, rows[3].1[0].and_then(Point::mean)), (30, Some(30.0)));
        let points = &drawing.lines[0].points;
        assert_eq!(value_at(&points[..=20], Some(50)).map(|point| point.update), Some(20));
        assert_eq!(value_at(&points[..=20], None).map(|point| point.update), Some(20));
        assert_eq!(value_at(&points[10..], Some(5)), None);
    }

    #[test]
    fn arrow_keys_lead_from_point_to_point() {
        let ticks = [0, 10, 20, 30];
        assert_eq!(moved(&ticks, None, "ArrowLeft"), Some(20), "from the latest");
        assert_eq!(moved(&ticks, Some(20), "ArrowLeft"), Some(10));
        assert_eq!(moved(&ticks, Some(20), "ArrowRight"), Some(30));
        assert_eq!(moved(&ticks, Some(30), "ArrowRight"), Some(30));
        assert_eq!(moved(&ticks, Some(30), "Home"), Some(0));
        assert_eq!(moved(&ticks, Some(0), "PageUp"), Some(30));
        assert_eq!(moved(&ticks, Some(0), "a"), None);
        assert_eq!(moved(&[], None, "ArrowLeft"), None);
    }

    #[test]
    fn arrow_keys_lead_through_the_squares_and_not_out_of_them() {
        let order = [7, 3, 9, 1, 4];
        for (from, key, to) in [
            (None, "ArrowRight", Some(7)),
            (Some(7), "ArrowLeft", Some(7)),
            (Some(7), "ArrowRight", Some(3)),
            (Some(4), "ArrowRight", Some(4)),
            (Some(3), "ArrowDown", Some(1)),
            (Some(1), "ArrowDown", Some(1)),
            (Some(1), "ArrowUp", Some(3)),
            (Some(3), "ArrowUp", Some(3)),
            (Some(3), "Home", Some(7)),
            (None, "End", Some(4)),
            (Some(3), "Tab", None),
        ] {
            assert_eq!(moved_among(&order, from, key, 2), to, "{from:?} {key}");
        }
        assert_eq!(moved_among(&[], None, "Home", 2), None);
    }
}
