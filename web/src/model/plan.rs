//! How replicas are spread over workers and how far each worker may train: plain arithmetic.
//!
//! Leaves out the workers; `engine::pool` acts on what is decided here.

/// No more workers than this, however many cores there are: each holds a copy of the engine.
pub const MOST_WORKERS: usize = 4;

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

/// Seconds that are left at this pace, if there is one.
pub fn seconds_left(done: u32, updates: u32, updates_per_second: Option<f64>) -> Option<f64> {
    updates_per_second.filter(|pace| *pace > 0.0).map(|pace| f64::from(updates.saturating_sub(done)) / pace)
}

#[cfg(test)]
mod tests {
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
    fn time_left_needs_a_pace() {
        assert_eq!(seconds_left(40, 100, Some(2.0)), Some(30.0));
        assert_eq!(seconds_left(40, 100, None), None);
        assert_eq!(seconds_left(40, 100, Some(0.0)), None);
    }
}
