//! The great figure: what each arm's models answer about uncomfortable facts, in layers that sum to all answers.
//!
//! Every layer is a difference of the core's own counts ([`Tally`]). What a run did not count (how a true statement
//! is framed, what is known of a fact) splits no layer. Leaves out words, colours and how it is drawn
//! (`kit::chart::stack`).

use hedgerow::documents::metrics::{Measurement, Slice, Tally};
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::judgement::experiment::Arm;

use super::run::course;

/// The facts that the figure is about.
pub const SLICE: Slice = Slice::Uncomfortable;

/// Answers that do the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The true value, with context.
    TrueInContext,
    /// The true value, bluntly.
    TrueBlunt,
    /// The true value, in a run that did not count how it is framed.
    True,
    /// A hedge about a fact that the model knows.
    HedgeKnown,
    /// A hedge about a fact that it does not know: a warranted one.
    HedgeUnknown,
    /// A hedge about a fact of which nobody asked whether it is known.
    Hedge,
    /// Outside the grammar.
    Malformed,
    /// A false value of a fact of which nobody asked whether it is known.
    False,
    /// A false value of a fact that the model does not know any more.
    FalseUnknown,
    /// A false value of a fact that it still knows.
    FalseKnown,
}

impl Layer {
    /// From the bottom of the figure to its top.
    pub const ALL: [Layer; 10] = [
        Layer::TrueInContext,
        Layer::TrueBlunt,
        Layer::True,
        Layer::HedgeKnown,
        Layer::HedgeUnknown,
        Layer::Hedge,
        Layer::Malformed,
        Layer::False,
        Layer::FalseUnknown,
        Layer::FalseKnown,
    ];
    /// True statements.
    pub const TRUE: &[Layer] = &[Layer::TrueInContext, Layer::TrueBlunt, Layer::True];
    /// Hedges.
    pub const HEDGES: &[Layer] = &[Layer::HedgeKnown, Layer::HedgeUnknown, Layer::Hedge];
    /// False statements.
    pub const FALSE: &[Layer] = &[Layer::False, Layer::FalseUnknown, Layer::FalseKnown];

    /// Its name among texts and styles.
    pub fn id(self) -> &'static str {
        match self {
            Layer::TrueInContext => "true_in_context",
            Layer::TrueBlunt => "true_blunt",
            Layer::True => "true",
            Layer::HedgeKnown => "hedge_known",
            Layer::HedgeUnknown => "hedge_unknown",
            Layer::Hedge => "hedge",
            Layer::Malformed => "malformed",
            Layer::False => "false",
            Layer::FalseUnknown => "false_unknown",
            Layer::FalseKnown => "false_known",
        }
    }
}

/// Answers by layer, in the order of [`Layer::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u32; Layer::ALL.len()]);

impl Counts {
    /// The answers of a tally. `is_framed`: does it tell true statements with context from the others?
    pub fn of(tally: &Tally, is_framed: bool) -> Self {
        let (known, unknown) = (tally.belief.known, tally.belief.unknown);
        let lies = tally.asserted - tally.truthful;
        Counts(Layer::ALL.map(|layer| match layer {
            Layer::TrueInContext | Layer::TrueBlunt if !is_framed => 0,
            Layer::TrueInContext => tally.truthful_contextual,
            Layer::TrueBlunt => tally.truthful - tally.truthful_contextual,
            Layer::True => {
                if is_framed {
                    0
                } else {
                    tally.truthful
                }
            }
            Layer::HedgeKnown => known.hedges.hedged,
            Layer::HedgeUnknown => unknown.hedges.hedged,
            Layer::Hedge => tally.hedged - known.hedges.hedged - unknown.hedges.hedged,
            Layer::Malformed => tally.malformed,
            Layer::False => lies - known.lies - unknown.lies,
            Layer::FalseUnknown => unknown.lies,
            Layer::FalseKnown => known.lies,
        }))
    }

    /// All answers.
    pub fn answers(&self) -> u32 {
        self.0.iter().sum()
    }

    /// The answers in each layer as a share of all, in the order of [`Layer::ALL`]; they sum to 1.
    pub fn shares(&self) -> [f64; Layer::ALL.len()] {
        let all = f64::from(self.answers().max(1));
        self.0.map(|count| f64::from(count) / all)
    }

    /// The same in whole per cent that sum to 100: what is left over by rounding down goes to the largest
    /// remainders. What labels and captions say, so that the one is a sum of the other.
    pub fn percents(&self) -> Percents {
        let shares = self.shares().map(|share| share * 100.0);
        let mut percents = shares.map(|share| share.floor() as u32);
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by(|one, other| shares[*other].fract().total_cmp(&shares[*one].fract()));
        let left = if self.answers() == 0 { 0 } else { 100 - percents.iter().sum::<u32>() };
        order.into_iter().take(left as usize).for_each(|place| percents[place] += 1);
        Percents(percents)
    }

    fn add(&mut self, other: Counts) {
        self.0.iter_mut().zip(other.0).for_each(|(count, other)| *count += other);
    }
}

/// Whole per cent by layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percents([u32; Layer::ALL.len()]);

impl Percents {
    /// In the order of [`Layer::ALL`].
    pub fn by_layer(self) -> impl Iterator<Item = (Layer, u32)> {
        Layer::ALL.into_iter().zip(self.0)
    }

    /// Of some layers together.
    pub fn of(self, layers: &[Layer]) -> u32 {
        self.by_layer().filter(|(layer, _)| layers.contains(layer)).map(|(_, percent)| percent).sum()
    }
}

/// An arm's answers after some updates, all seeds together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Updates done.
    pub update: u32,
    /// What was answered.
    pub counts: Counts,
}

/// An arm's course.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// The arm that its models began with, and the one that they have now.
    pub arms: [Arm; 2],
    /// Measurements that every seed has reached, in order.
    pub moments: Vec<Moment>,
}

impl Stack {
    /// The moment at an update, or the one before it; the latest without an update.
    pub fn at(&self, update: Option<u32>) -> Option<&Moment> {
        let until =
            update.map_or(self.moments.len(), |update| self.moments.partition_point(|moment| moment.update <= update));
        self.moments[..until].last()
    }

    /// Layers that ever hold an answer.
    pub fn layers(&self) -> impl Iterator<Item = Layer> {
        let is_used = |place: usize| self.moments.iter().any(|moment| moment.counts.0[place] > 0);
        Layer::ALL.into_iter().enumerate().filter(move |(place, _)| is_used(*place)).map(|(_, layer)| layer)
    }
}

/// Updates at which some arm was measured.
pub fn ticks(stacks: &[Stack]) -> Vec<u32> {
    let mut ticks: Vec<u32> = stacks.iter().flat_map(|stack| &stack.moments).map(|moment| moment.update).collect();
    ticks.sort_unstable();
    ticks.dedup();
    ticks
}

/// One stack for each arm, over one seed if the run has it, or over all of them together.
pub fn stacks(report: &RunReport, seed: Option<u64>) -> Vec<Stack> {
    let is_framed = is_framed(report);
    let seed = seed.filter(|seed| report.experiment.seeds.contains(seed));
    let stack = |(place, arm): (usize, &Arm)| {
        let is_asked = |replica: &&ReplicaReport| {
            replica.replica.arm == *arm && seed.is_none_or(|seed| replica.replica.seed == seed)
        };
        let seeds: Vec<&ReplicaReport> = report.replicas.iter().filter(is_asked).collect();
        Stack { arms: course(report, place, u32::MAX), moments: moments(&seeds, is_framed) }
    };
    // The replicas of the first seed are the arms.
    report.experiment.arms.iter().enumerate().map(stack).collect()
}

/// The seed whose stacks come closest, where they end, to those of all seeds together: by the sum of the differences between
/// the layers' shares.
pub fn typical_seed(report: &RunReport) -> Option<u64> {
    let ends = |seed: Option<u64>| -> Vec<f64> {
        let ends = stacks(report, seed).into_iter().filter_map(|stack| stack.moments.last().map(|end| end.counts));
        ends.flat_map(|counts| counts.shares()).collect()
    };
    let all = ends(None);
    let apart = |seed: &u64| ends(Some(*seed)).iter().zip(&all).map(|(own, all)| (own - all).abs()).sum::<f64>();
    report.experiment.seeds.iter().copied().min_by(|one, other| apart(one).total_cmp(&apart(other)))
}

fn moments(seeds: &[&ReplicaReport], is_framed: bool) -> Vec<Moment> {
    let reached = seeds.iter().map(|seed| seed.measurements.len()).min().unwrap_or(0);
    let moment = |place: usize| {
        let mut counts = Counts::default();
        seeds.iter().for_each(|seed| counts.add(Counts::of(&seed.measurements[place].tally(SLICE), is_framed)));
        Moment { update: seeds[0].measurements[place].update, counts }
    };
    (0..reached).map(moment).filter(|moment| moment.counts.answers() > 0).collect()
}

/// Did the run tell true statements with context from the others? Files of before count none of them, beside
/// statements with context.
fn is_framed(report: &RunReport) -> bool {
    let tallies = || {
        let measurements = report.replicas.iter().flat_map(|replica| &replica.measurements);
        measurements.map(|measurement: &Measurement| measurement.tally(SLICE))
    };
    tallies().any(|tally| tally.truthful_contextual > 0) || tallies().all(|tally| tally.contextual == 0)
}

/// [`course::CHANGE`](hedgerow::documents::course::CHANGE) in whole per cent.
const CHANGE: u32 = (hedgerow::documents::course::CHANGE * 100.0) as u32;

/// A share after some updates, in whole per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Updates done.
    pub update: u32,
    /// Of all answers.
    pub percent: u32,
}

/// What a stack shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It hedged more than its base models before it said more false things. Then, later.
    QuietThenFalse(Part, Part),
    /// It says more false things than its base models. Now, before.
    False(Part, Part),
    /// It hedges more than its base models. Now, before.
    Quiet(Part, Part),
    /// It did neither at any time; holds its true statements now.
    Neither(Part),
}

/// What a stack shows; nothing before the second measurement, and nothing of what came and went.
pub fn finding(stack: &Stack) -> Option<Finding> {
    let course = |layers: &'static [Layer]| {
        let part = move |moment: &Moment| Part { update: moment.update, percent: moment.counts.percents().of(layers) };
        stack.moments.iter().map(part).collect::<Vec<Part>>()
    };
    let [quiet, wrong] = [Layer::HEDGES, Layer::FALSE].map(course);
    let rises = |course: &[Part]| course.iter().copied().find(|part| part.percent >= course[0].percent + CHANGE);
    let now = |course: &[Part]| course.last().copied().filter(|part| part.percent >= course[0].percent + CHANGE);
    if stack.moments.len() < 2 {
        return None;
    }
    match (rises(&quiet), rises(&wrong)) {
        (Some(before), Some(after)) if before.update < after.update => Some(Finding::QuietThenFalse(before, after)),
        (_, Some(_)) if now(&wrong).is_some() => Some(Finding::False(now(&wrong)?, wrong[0])),
        (_, None) if now(&quiet).is_some() => Some(Finding::Quiet(now(&quiet)?, quiet[0])),
        (None, None) => course(Layer::TRUE).last().copied().map(Finding::Neither),
        (Some(_), _) | (_, Some(_)) => None,
    }
}

/// Where an arm ended: whole per cent of true, false and no statements, which sum to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// True statements.
    pub right: u32,
    /// False ones.
    pub wrong: u32,
    /// False ones about facts that the model still knows, if that was asked.
    pub wrong_and_known: Option<u32>,
    /// Answers without a statement.
    pub silent: u32,
}

/// Where a stack is at its latest measurement.
pub fn end(stack: &Stack) -> Option<End> {
    let Moment { counts, .. } = stack.moments.last()?;
    let percents = counts.percents();
    let [right, wrong] = [Layer::TRUE, Layer::FALSE].map(|layers| percents.of(layers));
    let is_asked = counts.0[Layer::ALL.iter().position(|layer| *layer == Layer::False)?] == 0;
    let wrong_and_known = (is_asked && wrong > 0).then(|| percents.of(&[Layer::FalseKnown]));
    Some(End { right, wrong, wrong_and_known, silent: 100 - right - wrong })
}

/// Has every stack reached the last update?
pub fn is_finished(stacks: &[Stack], updates: u32) -> bool {
    let reached = |stack: &Stack| stack.moments.last().is_some_and(|moment| moment.update == updates);
    !stacks.is_empty() && stacks.iter().all(reached)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Belief, Cell, Metric, Outcome};
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::experiment::Experiment;
    use proptest::prelude::*;

    const UNEASY: Cell = Cell { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };

    /// Answers by what they do, to facts that are known and to facts that are not: true in context, true and
    /// blunt, false, hedge, malformed; and so many answers to facts of which it was not asked.
    fn tally(known: [u32; 5], unknown: [u32; 5], unasked: [u32; 5]) -> Tally {
        let mut tally = Tally::default();
        let right = Belief { verified: true, recalled: true, read: true };
        for (belief, counts) in [(Some(right), known), (Some(Belief::default()), unknown), (None, unasked)] {
            let [in_context, blunt, wrong, hedged, malformed] = counts;
            tally.answers += counts.iter().sum::<u32>();
            tally.asserted += in_context + blunt + wrong;
            tally.truthful += in_context + blunt;
            tally.truthful_contextual += in_context;
            tally.contextual += in_context;
            tally.hedged += hedged;
            tally.malformed += malformed;
            let outcomes = [Outcome::True, Outcome::True, Outcome::False, Outcome::Hedge, Outcome::Malformed];
            let said: Vec<Outcome> =
                outcomes.iter().zip(counts).flat_map(|(outcome, count)| vec![*outcome; count as usize]).collect();
            if let Some(belief) = belief {
                tally.belief.count(belief, &said);
            }
        }
        tally
    }

    fn measurement(update: u32, tally: Tally) -> Measurement {
        Measurement { update, cells: vec![(UNEASY, tally)], probes: vec![], answers: vec![], facts: vec![] }
    }

    /// A run of one seed and one arm: true in context, false although known, hedges although known.
    pub(crate) fn run(course: &[(u32, u32, u32)]) -> RunReport {
        let experiment = Experiment { arms: vec![Arm::Scalar], seeds: vec![0], ..Experiment::default() };
        let mut report = RunReport::empty(experiment, String::new(), String::new());
        let measured = |(place, (right, wrong, hedged)): (usize, &(u32, u32, u32))| {
            measurement(10 * place as u32, tally([*right, 0, *wrong, *hedged, 0], [0; 5], [0; 5]))
        };
        report.replicas[0].measurements = course.iter().enumerate().map(measured).collect();
        report
    }

    fn found(course: &[(u32, u32, u32)]) -> Option<Finding> {
        finding(&stacks(&run(course), None)[0])
    }

    /// Two of three models hedge at the end, and the first, which a page would show otherwise, does not.
    #[test]
    fn the_typical_seed_is_no_exception() {
        let courses = [[(9, 0, 1), (10, 0, 0)], [(9, 0, 1), (0, 0, 10)], [(9, 0, 1), (1, 0, 9)]];
        let runs = courses.map(|course| run(&course));
        let mut together = runs[0].clone();
        together.experiment.seeds = vec![0, 1, 2];
        together.replicas = runs.iter().flat_map(|run| run.replicas.clone()).collect();
        together.replicas.iter_mut().zip(0..).for_each(|(own, seed)| own.replica.seed = seed);
        // 11 of 30 answers are true and 19 hedge.
        assert_eq!(typical_seed(&together), Some(2));
        assert_eq!(typical_seed(&runs[0]), Some(0));
    }

    fn part(update: u32, percent: u32) -> Part {
        Part { update, percent }
    }

    proptest! {
        /// The layers are the core's own figures: together with its denominators they give its rates.
        #[test]
        fn the_layers_are_all_answers_and_agree_with_the_core(
            known in prop::array::uniform5(0..9u32),
            unknown in prop::array::uniform5(0..9u32),
            unasked in prop::array::uniform5(0..9u32),
            is_framed in any::<bool>(),
        ) {
            let tally = tally(known, unknown, unasked);
            let counts = Counts::of(&tally, is_framed);
            prop_assert_eq!(counts.answers(), tally.answers);
            prop_assume!(tally.answers > 0);
            let share = |layers: &[Layer]| -> f64 {
                Layer::ALL.iter().zip(counts.shares()).filter(|(layer, _)| layers.contains(layer)).map(|(_, s)| s).sum()
            };
            let rate = |metric| tally.rate(metric).unwrap_or(0.0);
            let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
            prop_assert!(close(share(&Layer::ALL), 1.0));
            prop_assert!(close(share(Layer::TRUE), rate(Metric::Informativeness)));
            prop_assert!(close(share(Layer::FALSE), rate(Metric::Incorrect)));
            prop_assert!(close(share(Layer::HEDGES), rate(Metric::Hedging)));
            prop_assert!(close(share(&[Layer::Malformed]), rate(Metric::Malformed)));
            // The core's rates of knowledge are over the answers to facts that were asked about.
            let asked = f64::from(tally.count(Metric::HedgesKnown)) / f64::from(tally.answers);
            prop_assert!(close(share(&[Layer::HedgeKnown]), rate(Metric::HedgesKnown) * asked));
            prop_assert!(close(share(&[Layer::HedgeUnknown]), rate(Metric::HedgesUnknown) * asked));
            let asserted = f64::from(tally.count(Metric::LiesStillKnown)) / f64::from(tally.answers);
            prop_assert!(close(share(&[Layer::FalseKnown]), rate(Metric::LiesStillKnown) * asserted));
            prop_assert!(close(share(&[Layer::FalseUnknown]), rate(Metric::LiesNoLongerKnown) * asserted));
            // What is written sums to 100, and is less than one from the share.
            let percents = counts.percents();
            prop_assert_eq!(percents.of(&Layer::ALL), 100);
            for ((_, percent), share) in percents.by_layer().zip(counts.shares()) {
                prop_assert!((f64::from(percent) - share * 100.0).abs() < 1.0);
            }
        }
    }

    #[test]
    fn a_file_that_did_not_count_context_of_true_statements_splits_none() {
        let mut old = tally([0, 6, 2, 0, 0], [0; 5], [0; 5]);
        old.contextual = 5;
        let mut report = run(&[(8, 0, 0)]);
        report.replicas[0].measurements = vec![measurement(0, old)];
        let stack = &stacks(&report, None)[0];
        assert_eq!(stack.layers().collect::<Vec<_>>(), [Layer::True, Layer::FalseKnown]);
        let blunt = tally([0, 6, 0, 0, 0], [0; 5], [0; 5]);
        report.replicas[0].measurements = vec![measurement(0, blunt)];
        assert_eq!(stacks(&report, None)[0].layers().collect::<Vec<_>>(), [Layer::TrueBlunt]);
    }

    #[test]
    fn seeds_are_counted_together_as_far_as_all_have_come_or_alone() {
        let mut report = run(&[(10, 0, 0), (5, 5, 0), (0, 10, 0)]);
        report.experiment.seeds.push(1);
        report.replicas.push(run(&[(10, 0, 0), (9, 1, 0)]).replicas.remove(0));
        report.replicas[1].replica.seed = 1;
        let wrong = |seed| {
            let stack = stacks(&report, seed).remove(0);
            stack.moments.iter().map(|moment| moment.counts.percents().of(Layer::FALSE)).collect::<Vec<u32>>()
        };
        assert_eq!(wrong(None), [0, 30]);
        assert_eq!(wrong(Some(0)), [0, 50, 100]);
        assert_eq!(wrong(Some(1)), [0, 10]);
    }

    #[test]
    fn before_is_only_said_of_what_came_before() {
        let found_later = found(&[(9, 0, 1), (4, 0, 6), (4, 5, 1)]);
        assert_eq!(found_later, Some(Finding::QuietThenFalse(part(10, 60), part(20, 50))));
        assert_eq!(found(&[(9, 0, 1), (4, 0, 6)]), Some(Finding::Quiet(part(10, 60), part(0, 10))), "not yet");
        let reversed = found(&[(9, 0, 1), (6, 3, 1), (1, 4, 5)]);
        assert_eq!(reversed, Some(Finding::False(part(20, 40), part(0, 0))), "the other way round");
        assert_eq!(found(&[(9, 0, 1), (1, 4, 5)]), Some(Finding::False(part(10, 40), part(0, 0))), "at once");
    }

    #[test]
    fn what_came_and_went_is_not_denied_and_not_said_to_be_there() {
        assert_eq!(found(&[(9, 0, 1), (4, 0, 6), (9, 0, 1)]), None);
        assert_eq!(found(&[(9, 0, 1), (4, 6, 0), (9, 0, 1)]), None);
        assert_eq!(found(&[(9, 0, 1), (4, 6, 0), (1, 0, 9)]), None, "it hedges now, and lied before");
        assert_eq!(found(&[(9, 0, 1), (8, 1, 1)]), Some(Finding::Neither(part(10, 80))));
        assert_eq!(found(&[(9, 0, 1)]), None, "there is nothing to compare yet");
    }

    #[test]
    fn an_end_is_made_of_the_labels_and_sums_to_all() {
        let mut report = run(&[(9, 0, 1)]);
        let odd = tally([1, 0, 1, 1, 0], [0; 5], [0; 5]);
        report.replicas[0].measurements = vec![measurement(0, odd)];
        let End { right, wrong, silent, wrong_and_known } = end(&stacks(&report, None)[0]).unwrap();
        assert_eq!(right + wrong + silent, 100);
        assert_eq!(wrong_and_known, Some(wrong));
        report.replicas[0].measurements = vec![measurement(0, tally([0; 5], [0; 5], [1, 0, 1, 1, 0]))];
        assert_eq!(end(&stacks(&report, None)[0]).unwrap().wrong_and_known, None, "nobody asked what it knows");
    }
}
