//! Which seeds are run, and how the models of a recorded run's seeds end.

use hedgerow::documents::course::Ending;
use hedgerow::documents::questions::RecordedRun;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::{Arm, Experiment};

use super::recorded::wanted;
pub use crate::link::DEFAULT_SEED;
use crate::link::LinkState;

/// How the models of an arm end, one a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// How many there are.
    pub seeds: usize,
    /// Models that say what is false.
    pub liars: usize,
    /// Models that say nothing.
    pub hedgers: usize,
    /// Models that do neither.
    pub neither: usize,
}

/// The recorded run that the page opens with.
pub fn opening() -> Option<RecordedRun> {
    wanted(&LinkState::default().experiment)
}

/// Is it about the worlds that the page opens with?
pub fn is_in_opening_world(experiment: &Experiment) -> bool {
    experiment.own_world == LinkState::default().experiment.own_world
}

/// The seeds that can be chosen, in order: those of the site and those that are chosen already.
pub fn offered(site: &[u64], chosen: &[u64]) -> Vec<u64> {
    let mut seeds = [site, chosen].concat();
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

/// Adds a seed in its order, or takes it out unless it is the last.
pub fn toggle_seed(draft: &mut Experiment, seed: u64, on: bool) {
    let mut seeds: Vec<u64> = draft.seeds.iter().copied().filter(|other| *other != seed).collect();
    if on {
        let place = seeds.iter().position(|other| *other > seed).unwrap_or(seeds.len());
        seeds.insert(place, seed);
    }
    if !seeds.is_empty() {
        draft.seeds = seeds;
    }
}

/// How the models of an arm end in a run; `None` if the run has no such arm or was not measured.
pub fn ends(report: &RunReport, arm: Arm) -> Option<Ends> {
    let of_arm = report.replicas.iter().filter(|replica| replica.replica.arm == arm);
    let endings = of_arm.map(|replica| Ending::of(replica.measurements.last()?)).collect::<Option<Vec<_>>>()?;
    let count = |ending: Ending| endings.iter().filter(|own| **own == ending).count();
    (!endings.is_empty()).then(|| Ends {
        seeds: endings.len(),
        liars: count(Ending::Liar),
        hedgers: count(Ending::Hedger),
        neither: count(Ending::Neither),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use hedgerow::documents::metrics::{Measurement, Metric, Slice};
    use hedgerow::documents::report::ReplicaReport;

    /// The recorded run that the page opens with, as it ships.
    fn recorded() -> RunReport {
        let name = format!("../public/recorded/{}.json.gz", opening().expect("a recorded run").name());
        let file = std::fs::File::open(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
        let text = std::io::BufReader::new(GzDecoder::new(file.expect("the recorded run")));
        serde_json::from_reader(text).expect("a run")
    }

    #[test]
    fn the_seed_that_the_page_opens_with_shows_what_the_page_is_about() {
        let report = recorded();
        let last = |arm: Arm| {
            let is_it = |replica: &&ReplicaReport| (replica.replica.arm, replica.replica.seed) == (arm, DEFAULT_SEED);
            let model = report.replicas.iter().find(is_it).expect("the seed was recorded");
            model.measurements.last().expect("a measurement")
        };
        let (scalar, structured) = (last(Arm::Scalar), last(Arm::Structured));
        assert_eq!(Ending::of(scalar), Some(Ending::Liar));
        assert_eq!(Ending::of(structured), Some(Ending::Neither));
        // Clearly, and not just so.
        let lies = |measurement: &Measurement| measurement.rate(Metric::Lies, Slice::Uncomfortable).expect("a rate");
        assert!(lies(scalar) > 0.4 && lies(structured) < 0.1, "{} and {}", lies(scalar), lies(structured));
    }

    #[test]
    fn every_recorded_model_ends_in_one_way() {
        let Ends { seeds, liars, hedgers, neither } = ends(&recorded(), Arm::Scalar).expect("a scalar arm");
        assert_eq!(seeds, 10);
        assert_eq!(liars + hedgers + neither, seeds);
        assert_eq!(ends(&recorded(), Arm::Noise), None);
    }

    #[test]
    fn any_set_of_seeds_can_be_chosen_and_the_last_one_stays() {
        let mut draft = Experiment { seeds: vec![3], ..Experiment::default() };
        for (seed, on, expected) in
            [(9, true, &[3, 9][..]), (0, true, &[0, 3, 9]), (3, false, &[0, 9]), (9, false, &[0]), (0, false, &[0])]
        {
            toggle_seed(&mut draft, seed, on);
            assert_eq!(draft.seeds, expected);
        }
        assert_eq!(offered(&[0, 1, 2], &[7, 1]), [0, 1, 2, 7]);
    }
}
