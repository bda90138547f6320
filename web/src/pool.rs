//! What the page knows of its workers, and what it tells each of them.
//!
//! Bookkeeping only: which worker has been sent what, how far it is, its last snapshot. Leaves
//! out when to act (`client`).

use std::collections::BTreeMap;

use hedgerow::documents::protocol::{Base, Command, EngineChoice, EngineKind, EnginePreference, Event, RunId};
use hedgerow::documents::report::{RewardChange, RunReport};
use hedgerow::judgement::experiment::Experiment;
use leptos::prelude::*;

use crate::app::{Lab, Phase, Tone};
use crate::plan;
use crate::state::RunState;
use crate::words;
use crate::worker::EngineWorker;

/// Updates between two snapshots that are kept for a crash.
const SNAPSHOT_EVERY: u32 = 10;
/// Updates over which the pace is measured.
const PACE_WINDOW: usize = 20;

/// The workers of the page and the run that they share.
pub(crate) struct Pool {
    pub(crate) lab: Lab,
    pub(crate) slots: Vec<Slot>,
    pub(crate) next_id: u32,
    pub(crate) run: RunId,
    pub(crate) experiment: Experiment,
    /// Has the current run's state been set up?
    pub(crate) planned: bool,
    pub(crate) assignment: Vec<Vec<usize>>,
    pub(crate) bases: BTreeMap<u64, Base>,
    pub(crate) fetching: Option<(f64, f64)>,
    pub(crate) target: Option<u32>,
    pub(crate) pausing: bool,
    pub(crate) changes: Vec<RewardChange>,
    pub(crate) fault: Option<Phase>,
    pub(crate) questions: u32,
    pub(crate) pace: Vec<(f64, u32)>,
    pub(crate) build: String,
}

/// A worker, and what it is known to have done.
pub(crate) struct Slot {
    pub(crate) id: u32,
    pub(crate) worker: EngineWorker,
    pub(crate) progress: (f64, f64),
    pub(crate) ready: bool,
    pub(crate) asked: bool,
    pub(crate) choice: Option<EngineChoice>,
    /// Was the current run sent to it?
    pub(crate) sent: bool,
    pub(crate) loaded: bool,
    pub(crate) done: u32,
    pub(crate) granted: u32,
    /// The update that it last said to wait at, everything that is due there done.
    pub(crate) waited: u32,
    pub(crate) snapshot: Option<Vec<u8>>,
    /// Crashes since the last progress, and the update that counts as progress.
    pub(crate) crashes: u32,
    pub(crate) crashed_at: u32,
}

impl Pool {
    pub(crate) fn new(lab: Lab) -> Self {
        Pool {
            lab,
            slots: Vec::new(),
            next_id: 0,
            run: 0,
            experiment: lab.draft.get_untracked(),
            planned: false,
            assignment: Vec::new(),
            bases: BTreeMap::new(),
            fetching: None,
            target: None,
            pausing: false,
            changes: Vec::new(),
            fault: None,
            questions: 0,
            pace: Vec::new(),
            build: String::new(),
        }
    }

    /// Nothing was trained or asked for yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.target.is_none() && self.slots.iter().all(|slot| slot.done == 0 && slot.granted == 0)
    }

    pub(crate) fn done(&self) -> u32 {
        self.slots.iter().map(|slot| slot.done).min().unwrap_or(0)
    }

    pub(crate) fn begin(&mut self) {
        self.run += 1;
        self.planned = false;
        self.changes.clear();
        self.pace.clear();
        for slot in &mut self.slots {
            slot.forget();
        }
    }

    /// Takes in an event; returns a message if the worker has to be replaced.
    pub(crate) fn take(&mut self, index: usize, event: &Event) -> Option<String> {
        self.lab.run.update(|run| {
            run.apply(index, event);
        });
        let (current, slot) = (self.run, &mut self.slots[index]);
        match event {
            Event::Ready { build } => {
                slot.ready = true;
                if build != hedgerow::documents::protocol::BUILD {
                    let text = "The engine is of another version than this page. Reload the page to be sure.";
                    self.lab.notify(Tone::Warning, text.into());
                }
                self.build.clone_from(build);
            }
            Event::EngineChosen(choice) => {
                // A worker that was started again tells nothing new, unless it had to change over.
                let known = self.lab.engine.with_untracked(|known| known.as_ref().map(|known| known.kind));
                if index == 0 && known != Some(choice.kind) {
                    self.lab.engine.set(Some(choice.clone()));
                }
                slot.choice = Some(choice.clone());
            }
            Event::Loaded { run, update, .. } if *run == current => {
                (slot.loaded, slot.done, slot.granted) = (true, *update, *update);
                let late: Vec<_> = self.changes.iter().filter(|change| change.after >= *update).cloned().collect();
                for change in late {
                    self.send_change(index, &change);
                }
            }
            Event::Updated { run, reports, .. } if *run == current => {
                slot.done = reports.iter().map(|report| report.update).max().unwrap_or(slot.done);
                if slot.done > slot.crashed_at {
                    slot.crashes = 0;
                }
                if slot.done.is_multiple_of(SNAPSHOT_EVERY) {
                    slot.worker.post(&Command::Snapshot { run: current });
                }
                self.measure_pace();
            }
            Event::Waiting { run, update } if *run == current => (slot.granted, slot.waited) = (*update, *update),
            Event::WasReset { run } if *run == current => (slot.done, slot.granted, slot.waited) = (0, 0, 0),
            Event::Snapshot { run, bytes, .. } if *run == current => slot.snapshot = Some(bytes.clone()),
            Event::Failed { error, fatal: true, .. } => return Some(words::error(error)),
            Event::Failed { run, error, fatal: false } if run.is_none_or(|run| run == current) => {
                self.target = None;
                let message = words::error(error);
                self.fault = Some(Phase::Stopped(format!("Training stopped: {message}. What was measured is kept.")));
            }
            Event::Loaded { .. }
            | Event::Updated { .. }
            | Event::Measured { .. }
            | Event::Waiting { .. }
            | Event::WasReset { .. }
            | Event::RewardChanged { .. }
            | Event::ToRate { .. }
            | Event::Inspected { .. }
            | Event::Snapshot { .. }
            | Event::Failed { .. } => {}
        }
        None
    }

    pub(crate) fn choose_engines(&mut self) {
        let replicas = self.experiment.replicas().len();
        let wanted = self.lab.preference.get_untracked();
        for (index, slot) in self.slots.iter_mut().enumerate().filter(|(_, slot)| slot.ready && !slot.asked) {
            let preference = match index {
                0 if slot.crashes == 0 => wanted,
                // Whatever crashed is checked anew.
                0 => EnginePreference::Auto,
                _ => EnginePreference::Cpu,
            };
            slot.worker.post(&Command::ChooseEngine { preference, replicas });
            slot.asked = true;
        }
    }

    pub(crate) fn set_up_run(&mut self) {
        let choice = self.slots.first().and_then(|slot| slot.choice.clone());
        let engine = match (choice.as_ref().map(|choice| choice.kind), self.assignment.len()) {
            (Some(EngineKind::Gpu), _) => "WebGPU in a browser".to_owned(),
            (Some(EngineKind::Cpu) | None, 1) => "CPU in a browser, 1 worker".to_owned(),
            (Some(EngineKind::Cpu) | None, workers) => format!("CPU in a browser, {workers} workers"),
        };
        let report = RunReport::empty(self.experiment.clone(), engine, self.build.clone());
        self.lab.run.set(RunState::new(self.run, report, self.assignment.clone()));
        self.lab.workers.set(self.assignment.len());
    }

    /// Sends the run to the workers that wait for it. Returns whether files are missing.
    pub(crate) fn load(&mut self) -> bool {
        if self.experiment.seeds.iter().any(|seed| !self.bases.contains_key(seed)) {
            return true;
        }
        if !self.planned {
            return false;
        }
        let all = self.experiment.replicas();
        for (slot, places) in self.slots.iter_mut().zip(&self.assignment) {
            if slot.choice.is_none() || slot.sent {
                continue;
            }
            let replicas: Vec<_> = places.iter().map(|place| all[*place]).collect();
            let seeds =
                self.experiment.seeds.iter().filter(|seed| replicas.iter().any(|replica| replica.seed == **seed));
            let bases = seeds.filter_map(|seed| self.bases.get(seed)).cloned().collect();
            let run = self.run;
            slot.worker.post(&match slot.snapshot.clone() {
                Some(snapshot) => Command::Restore { run, snapshot, bases },
                None => Command::Load { run, experiment: self.experiment.clone(), replicas, bases },
            });
            slot.sent = true;
        }
        false
    }

    pub(crate) fn send_change(&self, index: usize, change: &RewardChange) {
        let (slot, places) = (&self.slots[index], &self.assignment[index]);
        if slot.loaded {
            let arms = places.iter().map(|place| change.arms[*place]).collect();
            let RewardChange { after, rater, .. } = *change;
            slot.worker.post(&Command::ChangeReward { run: self.run, after, rater, arms });
        }
    }

    pub(crate) fn grant(&mut self) {
        let Some(target) = self.target else { return };
        if self.slots.iter().any(|slot| !slot.loaded) || !self.lab.run.with_untracked(RunState::is_measured) {
            return;
        }
        let (done, run) = (self.done(), self.run);
        if done >= target {
            // The last measurement comes after the last update, and the wait after both.
            if self.slots.iter().all(|slot| slot.waited >= target) {
                (self.target, self.pausing) = (None, false);
            }
            return;
        }
        let until = plan::grant(done, target);
        for slot in self.slots.iter_mut().filter(|slot| slot.granted < until) {
            slot.granted = until;
            slot.worker.post(&Command::Train { run, until });
        }
    }

    pub(crate) fn measure_pace(&mut self) {
        let done = self.done();
        if self.target.is_none() || self.pace.last().is_some_and(|(_, last)| *last == done) {
            return;
        }
        let now = js_sys::Date::now();
        self.pace.push((now, done));
        let surplus = self.pace.len().saturating_sub(PACE_WINDOW);
        self.pace.drain(..surplus);
        let pace = match (self.pace.first(), self.pace.len()) {
            (Some((then, earlier)), 3..) if now > *then => Some(f64::from(done - earlier) * 1000.0 / (now - then)),
            (Some(_) | None, _) => None,
        };
        self.lab.pace.set(pace);
    }

    /// Tells the page where things stand.
    pub(crate) fn show(&self) {
        let chosen = |slot: &Slot| slot.choice.is_some();
        let phase = if let Some(fault) = &self.fault {
            fault.clone()
        } else if let Some(slot) = self.slots.iter().find(|slot| !slot.ready) {
            Phase::LoadingEngine { loaded: slot.progress.0, total: slot.progress.1 }
        } else if !self.slots.iter().all(chosen) {
            Phase::CheckingEngine
        } else if let Some((loaded, total)) = self.fetching {
            Phase::LoadingModels { loaded, total }
        } else if !self.lab.run.with_untracked(RunState::is_measured) || self.slots.iter().any(|slot| !slot.loaded) {
            Phase::Measuring
        } else if self.target.is_some() {
            if self.pausing { Phase::Pausing } else { Phase::Training }
        } else if self.done() >= self.experiment.finetune.updates {
            Phase::Finished
        } else {
            Phase::Paused
        };
        if self.lab.phase.with_untracked(|current| *current != phase) {
            self.lab.phase.set(phase);
        }
    }
}

impl Slot {
    pub(crate) fn new(id: u32, worker: EngineWorker) -> Self {
        Slot {
            id,
            worker,
            progress: (0.0, 0.0),
            ready: false,
            asked: false,
            choice: None,
            sent: false,
            loaded: false,
            done: 0,
            granted: 0,
            waited: 0,
            snapshot: None,
            crashes: 0,
            crashed_at: 0,
        }
    }

    /// Another run begins.
    pub(crate) fn forget(&mut self) {
        (self.sent, self.loaded, self.done, self.granted, self.waited) = (false, false, 0, 0, 0);
        (self.snapshot, self.crashes, self.crashed_at) = (None, 0, 0);
    }
}
