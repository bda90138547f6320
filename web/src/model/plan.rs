//! How replicas are spread over workers and how far each worker may train: plain arithmetic.
//!
//! Leaves out the workers; `engine::pool` acts on what is decided here.

use hedgerow::documents::protocol::{EngineChoice, EngineKind};
use hedgerow::judgement::experiment::{Experiment, FinetuneConfig, WorldId};

/// No more workers than this, however many cores there are: each holds a copy of the engine.
pub const MOST_WORKERS: usize = 4;

/// Answers of the update that [`EngineChoice::cpu_model_ms`] is for.
const TIMED_ANSWERS: f64 = 128.0;

/// What a measurement costs, in updates like that one (docs/PERFORMANCE.md).
pub const MEASUREMENT: f64 = 5.0;

/// Updates that a worker may be ahead of the slowest one.
const LEAD: u32 = 2;

/// Places of the replicas for each of `min(replicas, cores, MOST_WORKERS)` workers, as even as
/// possible, neighbours together so that a seed's files go to few workers.
pub fn spread(replicas: usize, cores: usize) -> Vec<Vec<usize>> {
    let workers = replicas.min(cores).clamp(1, MOST_WORKERS);
    let (each, more) = (replicas / workers, replicas % workers);
    let mut next = 0;
    (0..workers)
        .map(|worker| {
            let first = next;
            next += each + usize::from(worker < more);
            (first..next).collect()
        })
        .collect()
}

/// The update up to which every worker may train now, on the way to `target`.
pub fn grant(slowest: u32, target: u32) -> u32 {
    target.min(slowest.saturating_add(LEAD))
}

/// Updates like that of the engine's check in one of this run.
pub fn timed_updates(finetune: &FinetuneConfig) -> f64 {
    (finetune.prompts * finetune.completions) as f64 / TIMED_ANSWERS * f64::from(finetune.epochs)
}

/// Seconds that a run will take, from the engine's check. `None` where that tells nothing: it was of models of another
/// size than a world of the visitor's own may have, and of a smaller update on a software renderer.
pub fn seconds(choice: &EngineChoice, experiment: &Experiment, cores: usize) -> Option<f64> {
    WorldId::theme(experiment.own_world).ok()?;
    let Experiment { finetune, measure, .. } = experiment;
    let ms = match choice.kind {
        EngineKind::Cpu => {
            let shares = spread(experiment.replicas().len(), cores);
            choice.cpu_model_ms * shares.iter().map(Vec::len).max()? as f64
        }
        // A stack of models takes it about as long as one.
        EngineKind::Gpu => choice.gpu.as_ref().filter(|gpu| !gpu.software)?.ms,
    };
    let measurements = f64::from(1 + finetune.updates / measure.every.max(1)) * measure.samples as f64;
    Some(ms / 1000.0 * (f64::from(finetune.updates) * timed_updates(finetune) + measurements * MEASUREMENT))
}

/// Seconds that are left at this pace, if there is one.
pub fn seconds_left(done: u32, updates: u32, updates_per_second: Option<f64>) -> Option<f64> {
    updates_per_second.filter(|pace| *pace > 0.0).map(|pace| f64::from(updates.saturating_sub(done)) / pace)
}

#[cfg(test)]
mod tests {
    use hedgerow::documents::protocol::{EngineReason, GpuCheck};

    use super::*;

    #[test]
    fn every_replica_has_one_worker_and_no_worker_has_two_more_than_another() {
        for replicas in 1..20 {
            for cores in 0..12 {
                let plan = spread(replicas, cores);
                assert!(plan.len() <= MOST_WORKERS && plan.len() <= replicas);
                assert_eq!(plan.concat(), (0..replicas).collect::<Vec<_>>());
                let sizes = plan.iter().map(Vec::len);
                assert!(sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1, "{plan:?}");
            }
        }
    }

    #[test]
    fn nobody_runs_away_and_nobody_passes_the_target() {
        assert_eq!(grant(0, 100), 2);
        assert_eq!(grant(99, 100), 100);
        assert_eq!(grant(5, 6), 6);
    }

    #[test]
    fn a_run_takes_what_its_settings_multiply_and_is_not_foretold_from_a_check_of_other_work() {
        let gpu =
            |software| GpuCheck { adapter: String::new(), software, ms: 20.0, largest_difference: 0.0, correct: true };
        let choice =
            |kind, gpu| EngineChoice { kind, reason: EngineReason::ChosenCpu, cpu_ms: 7.0, cpu_model_ms: 50.0, gpu };
        let cpu = choice(EngineKind::Cpu, Some(gpu(true)));
        let with = |set: &dyn Fn(&mut Experiment)| {
            let mut experiment = Experiment::default();
            (experiment.own_world, experiment.seeds, experiment.measure.samples) = (None, vec![0], 0);
            set(&mut experiment);
            experiment
        };
        let plain = with(&|_| {});
        assert_eq!(plain.replicas().len(), 2);
        let one = seconds(&cpu, &plain, 2).unwrap();
        let expected = 0.05 * f64::from(plain.finetune.updates) * timed_updates(&plain.finetune);
        assert!((one - expected).abs() < 1e-9, "{one} s");
        assert_eq!(seconds(&cpu, &plain, 1), Some(2.0 * one), "one core has both models");
        assert_eq!(seconds(&cpu, &with(&|own| own.seeds = vec![0, 1, 2]), 2), Some(3.0 * one));
        assert_eq!(seconds(&cpu, &with(&|own| own.finetune.prompts *= 2), 2), Some(2.0 * one));
        assert!(seconds(&cpu, &with(&|own| own.measure.samples = 1), 2) > Some(one));
        let gpu = |software| seconds(&choice(EngineKind::Gpu, Some(gpu(software))), &plain, 2);
        assert_eq!((gpu(false), gpu(true)), (Some(one * 0.4), None));
        assert_eq!(seconds(&cpu, &with(&|own| own.own_world = Some(WorldId::Own(1))), 2), None);
    }

    #[test]
    fn time_left_needs_a_pace() {
        assert_eq!(seconds_left(40, 100, Some(2.0)), Some(30.0));
        assert_eq!(seconds_left(40, 100, None), None);
        assert_eq!(seconds_left(40, 100, Some(0.0)), None);
    }
}
