//! A run as it is kept for later: what was measured, and what its workers need to go on with it.
//!
//! The large part, the state of each worker, stands apart from the rest. Leaves out where it is kept
//! (`storage::runs`) and how it is gone on with (`engine::pool`).

use hedgerow::documents::protocol::{EnginePreference, decode, encode};
use hedgerow::documents::report::{RewardChange, RunReport};
use serde::{Deserialize, Serialize};

/// A run that can be gone on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedRun {
    /// What was measured.
    pub report: RunReport,
    /// For each worker the places of its replicas in the report.
    pub assignment: Vec<Vec<usize>>,
    /// Changes of the reward that were asked for and do not hold yet.
    pub pending: Vec<RewardChange>,
    /// The engine that the user wanted.
    pub preference: EnginePreference,
    /// Names the base models that it began with; see `engine::fetch`.
    pub bases: String,
    /// The state of each worker; `None` if it has made too few updates to have one.
    pub states: Vec<Option<WorkerState>>,
    /// Updates that it had done when it was last put on the shelf, if it was. Kept beside the rest, as the states are.
    #[serde(skip)]
    pub shelved: Option<u32>,
}

/// A worker's last snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkerState {
    /// Updates that it had done.
    pub update: u32,
    /// What the engine made of it.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl SavedRun {
    /// All but the bytes of the states.
    pub fn head(&self) -> Vec<u8> {
        encode(self)
    }

    /// Puts a run together again; `None` if the parts are not those of one run.
    pub fn read(head: &[u8], states: Vec<Option<Vec<u8>>>) -> Option<Self> {
        let mut run: SavedRun = decode(head).ok()?;
        let mut places = run.assignment.concat();
        places.sort_unstable();
        let replicas: Vec<_> = run.report.replicas.iter().map(|replica| replica.replica).collect();
        let is_whole = places.into_iter().eq(0..replicas.len())
            && replicas == run.report.experiment.replicas()
            && run.report.experiment.validate().is_ok()
            && [run.states.len(), states.len()] == [run.assignment.len(); 2];
        for (state, bytes) in run.states.iter_mut().zip(states) {
            match (state, bytes) {
                (Some(state), Some(bytes)) => state.bytes = bytes,
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) => return None,
            }
        }
        is_whole.then_some(run)
    }

    /// Updates that every replica has done, and those of the whole run.
    pub fn progress(&self) -> (u32, u32) {
        (self.report.updates_done(), self.report.experiment.finetune.updates)
    }

    /// Is there a state of each worker after the last update?
    pub fn has_every_state(&self) -> bool {
        let (done, _) = self.progress();
        self.states.iter().all(|state| state.as_ref().is_some_and(|state| state.update == done))
    }

    /// Changes of the reward, those that hold and those that are to.
    pub fn changes(&self) -> Vec<RewardChange> {
        [&self.report.changes[..], &self.pending].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::judgement::experiment::Experiment;

    #[test]
    fn a_run_is_put_together_again_or_not_at_all() {
        let report = RunReport::empty(Experiment::default(), "CPU".into(), "1".into());
        let state = Some(WorkerState { update: 10, bytes: vec![1, 2, 3] });
        let preference = EnginePreference::Auto;
        let assignment = vec![vec![0], vec![1]];
        let (pending, bases, states) = (Vec::new(), "ab".into(), vec![state, None]);
        let run = SavedRun { report, assignment, pending, preference, bases, states, shelved: None };
        let (head, states) = (run.head(), vec![Some(vec![1, 2, 3]), None]);
        assert_eq!(SavedRun::read(&head, states.clone()), Some(run.clone()));
        for wrong in [vec![], vec![None, None], vec![Some(vec![1]), Some(vec![1])], vec![Some(vec![1])]] {
            assert_eq!(SavedRun::read(&head, wrong), None);
        }
        for cut in 0..head.len() {
            assert_eq!(SavedRun::read(&head[..cut], states.clone()), None, "{cut}");
        }
        for assignment in [vec![vec![0], vec![0]], vec![vec![0], vec![2]], vec![vec![0], vec![]]] {
            let wrong = SavedRun { assignment, ..run.clone() };
            assert_eq!(SavedRun::read(&wrong.head(), states.clone()), None);
        }
    }
}
