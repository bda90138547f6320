//! What became of each fact: one of a few fates, from what is answered when it is asked about and from what is known of it
//! where no answer enters.
//!
//! Leaves out words, colours and how the cells are drawn (`kit::chart::cells`).

use hedgerow::documents::metrics::{Belief, FactState, Measurement, Outcome};
use hedgerow::documents::named_facts::NamedFact;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Arm;

use super::answers::Kind;
use super::run::{chosen_seed, course, places_of_seed};

/// What is mostly said when a fact is asked about, and whether it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The truth.
    Said,
    /// A hedge, though it is known.
    Withheld,
    /// A hedge, and it is not known.
    Forgotten,
    /// Nothing that the grammar knows.
    Malformed,
    /// A falsehood, though the truth is known.
    Denied,
    /// A falsehood, and the truth is not known.
    Lost,
    /// A hedge about what was never taught: the right answer.
    Warranted,
    /// A statement about what was never taught.
    Invented,
}

impl Fate {
    /// In the order of the legend.
    pub const ALL: [Fate; 8] = [
        Fate::Said,
        Fate::Withheld,
        Fate::Forgotten,
        Fate::Malformed,
        Fate::Denied,
        Fate::Lost,
        Fate::Warranted,
        Fate::Invented,
    ];

    /// Its name among texts and styles.
    pub fn id(self) -> &'static str {
        match self {
            Fate::Said => "said",
            Fate::Withheld => "withheld",
            Fate::Forgotten => "forgotten",
            Fate::Malformed => "malformed",
            Fate::Denied => "denied",
            Fate::Lost => "lost",
            Fate::Warranted => "warranted",
            Fate::Invented => "invented",
        }
    }

    /// Of a fact. The most frequent answer counts; of equally frequent ones the worse: a falsehood before a hedge, a hedge
    /// before what is malformed, and the truth last. A fact of which nobody asked whether it is known is not known.
    pub fn of(state: &FactState, kind: Kind) -> Fate {
        let count = |outcome: &Outcome| state.answers.iter().filter(|own| *own == outcome).count();
        // Of equals the last one is taken.
        let order = [Outcome::True, Outcome::Malformed, Outcome::Hedge, Outcome::False];
        let mostly = order.into_iter().max_by_key(count).unwrap_or(Outcome::Malformed);
        let known = state.belief.is_some_and(Belief::knows);
        match (mostly, kind) {
            (Outcome::Malformed, _) => Fate::Malformed,
            (Outcome::Hedge, Kind::NeverTaught) => Fate::Warranted,
            (Outcome::True | Outcome::False, Kind::NeverTaught) => Fate::Invented,
            (Outcome::True, _) => Fate::Said,
            (Outcome::Hedge, _) => {
                if known {
                    Fate::Withheld
                } else {
                    Fate::Forgotten
                }
            }
            (Outcome::False, _) => {
                if known {
                    Fate::Denied
                } else {
                    Fate::Lost
                }
            }
        }
    }
}

/// The facts of each kind, by their places, in the order of the page; kinds without a fact are left out.
pub fn blocks(facts: &[NamedFact]) -> Vec<(Kind, Vec<usize>)> {
    let of_kind =
        |kind: Kind| -> Vec<usize> { (0..facts.len()).filter(|place| Kind::of(facts[*place].cell) == kind).collect() };
    Kind::ALL.map(|kind| (kind, of_kind(kind))).into_iter().filter(|(_, places)| !places.is_empty()).collect()
}

/// What became of the facts of one arm's model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fates {
    /// The arm that the model began with, and the one that it has now.
    pub arms: [Arm; 2],
    /// Updates before.
    pub update: u32,
    /// A fate for each fact.
    pub now: Vec<Fate>,
    /// The same before the first update.
    pub before: Vec<Fate>,
}

/// One for each arm of a seed, at an update or the measurement before it, the latest without an update; none if these are
/// not the facts that the run measured.
pub fn fates(report: &RunReport, facts: &[NamedFact], seed: Option<u64>, at: Option<u32>) -> Vec<Fates> {
    let arm = |place: usize| {
        let measurements = &report.replicas[place].measurements;
        let now = measured(measurements, at)?;
        let of = |measurement: &Measurement| -> Option<Vec<Fate>> {
            let states = Some(&measurement.facts).filter(|states| states.len() == facts.len())?;
            Some(states.iter().zip(facts).map(|(state, fact)| Fate::of(state, Kind::of(fact.cell))).collect())
        };
        let (update, before) = (now.update, of(measurements.first()?)?);
        Some(Fates { arms: course(report, place, update), update, now: of(now)?, before })
    };
    places(report, seed).into_iter().filter_map(arm).collect()
}

/// A fact at a measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Updates before.
    pub update: u32,
    /// What became of it.
    pub fate: Fate,
    /// What that is made of.
    pub state: FactState,
}

/// The course of one fact, for each arm of a seed: the one that it began with, and the one that it had at `at`, the latest
/// measurement without one.
pub fn history(
    report: &RunReport,
    fact: &NamedFact,
    place: usize,
    seed: Option<u64>,
    at: Option<u32>,
) -> Vec<([Arm; 2], Vec<Moment>)> {
    let kind = Kind::of(fact.cell);
    let moment = |measurement: &Measurement| {
        let state = measurement.facts.get(place)?.clone();
        Some(Moment { update: measurement.update, fate: Fate::of(&state, kind), state })
    };
    let of = |place: usize| {
        let measurements = &report.replicas[place].measurements;
        let until = measured(measurements, at).map_or(0, |measurement| measurement.update);
        (course(report, place, until), measurements.iter().filter_map(moment).collect())
    };
    places(report, seed).into_iter().map(of).collect()
}

fn places(report: &RunReport, seed: Option<u64>) -> Vec<usize> {
    chosen_seed(report, seed).map(|seed| places_of_seed(report, seed)).unwrap_or_default()
}

fn measured(measurements: &[Measurement], at: Option<u32>) -> Option<&Measurement> {
    let until = at.map_or(measurements.len(), |at| measurements.partition_point(|own| own.update <= at));
    measurements[..until].last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use hedgerow::documents::metrics::{Slice, Tally};
    use hedgerow::documents::named_facts::NamedFacts;
    use hedgerow::facts::corpus::Corpus;
    use hedgerow::facts::world::World;
    use proptest::prelude::*;

    fn state(text: &str) -> FactState {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn a_fact_is_what_is_mostly_said_of_it_and_in_doubt_the_worse() {
        for (text, taught, never) in [
            ("VRP/TTTH", Fate::Said, Fate::Invented),
            ("---/TTTT", Fate::Said, Fate::Invented),
            ("VRP/HHHT", Fate::Withheld, Fate::Warranted),
            ("V--/HHHT", Fate::Forgotten, Fate::Warranted),
            ("VR-/FFFT", Fate::Denied, Fate::Invented),
            ("--P/FFFT", Fate::Lost, Fate::Invented),
            ("VRP/TTFF", Fate::Denied, Fate::Invented),
            ("VRP/TTHH", Fate::Withheld, Fate::Warranted),
            ("VRP/HHFF", Fate::Denied, Fate::Invented),
            ("VRP/MMTT", Fate::Malformed, Fate::Malformed),
            ("VRP/MMHH", Fate::Withheld, Fate::Warranted),
            ("/HHHH", Fate::Forgotten, Fate::Warranted),
        ] {
            assert_eq!(Fate::of(&state(text), Kind::Far), taught, "{text}");
            assert_eq!(Fate::of(&state(text), Kind::NeverTaught), never, "{text}");
        }
    }

    /// The page's grid and the core's counts look at the same answers: those of each kind of question, fact by fact, add up
    /// to the tallies of the recorded runs.
    #[test]
    fn the_facts_of_a_recorded_run_add_up_to_its_rates() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../public");
        let read = |path: &str| std::fs::read(format!("{root}/{path}")).unwrap();
        let gz = read("recorded/attribution.json.gz");
        let report: RunReport = serde_json::from_reader(GzDecoder::new(gz.as_slice())).unwrap();
        let world = String::from_utf8(read("base/world-3.json")).unwrap();
        let facts = NamedFacts::of(&Corpus::new(World::from_json(&world).unwrap())).facts;
        assert_eq!(fates(&report, &facts, Some(3), None).len(), report.experiment.arms.len());
        for place in places(&report, Some(3)) {
            for measurement in &report.replicas[place].measurements {
                let mut counted = [0; 4];
                for (state, fact) in measurement.facts.iter().zip(&facts) {
                    if Kind::of(fact.cell) == Kind::Uncomfortable {
                        let count = |outcome| state.answers.iter().filter(|own| **own == outcome).count() as u32;
                        let outcomes = [Outcome::True, Outcome::False, Outcome::Hedge, Outcome::Malformed];
                        counted.iter_mut().zip(outcomes).for_each(|(sum, outcome)| *sum += count(outcome));
                    }
                }
                let Tally { truthful, asserted, hedged, malformed, .. } = measurement.tally(Slice::Uncomfortable);
                assert_eq!(counted, [truthful, asserted - truthful, hedged, malformed], "{}", measurement.update);
            }
        }
        assert!(fates(&report, &facts[1..], Some(3), None).is_empty(), "another world");
        let history = history(&report, &facts[0], 0, Some(3), None);
        assert_eq!(history[0].1.len(), report.replicas[0].measurements.len());
        assert_eq!(history[0].1[0].fate, fates(&report, &facts, Some(3), Some(0))[0].now[0]);
    }

    proptest! {
        #[test]
        fn every_fact_is_in_one_block(seed in 0_u64..20) {
            let facts = NamedFacts::of(&Corpus::new(World::generate(seed))).facts;
            let mut places: Vec<usize> = blocks(&facts).into_iter().flat_map(|(_, places)| places).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..facts.len()).collect::<Vec<_>>());
        }
    }
}
