//! What the page does with its workers, as a state machine without a browser.
//!
//! [`Pool::take`] gets what happened and returns what is to be done, in order. Everything but the
//! answer to a single input follows from `advance`, which looks at what is there and does the
//! next thing: choose an engine, spread the replicas, load, grant updates. Training is driven by
//! the workers' answers and never by animation frames, so that it goes on in a hidden tab. Leaves
//! out workers, files, signals and the clock (`client`), and what events mean for the run
//! (`model::run`).

mod advance;
mod hearing;
mod messages;
mod requests;
mod slot;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hedgerow::documents::protocol::{Base, Command, EngineKind, EnginePreference, Event, RunId};
use hedgerow::documents::report::RewardChange;
use hedgerow::judgement::experiment::{Experiment, WorldId};

pub use self::messages::{Effect, EngineFile, Heard, Input, WorkerId};
use self::slot::Slot;
use crate::model::phase::{DownloadFault, Phase, StopReason};
use crate::model::saved::WorkerState;

/// Milliseconds that a worker may go on with what nobody waits for any more.
const PATIENCE: f64 = 5_000.0;

/// The workers and the run that they share.
pub struct Pool {
    cores: usize,
    slots: Vec<Slot>,
    next_worker: WorkerId,
    run: RunId,
    experiment: Experiment,
    preference: EnginePreference,
    /// Were the replicas spread over the workers?
    planned: bool,
    assignment: Vec<Vec<usize>>,
    bases: BTreeMap<u64, Base>,
    /// The world of the visitor's own that they are of, if they are not the site's.
    world: Option<WorldId>,
    fetching: Option<Fetching>,
    /// Engines that can be handed out, and those that are on their way.
    engines: Vec<EngineKind>,
    fetching_engines: Vec<EngineKind>,
    engine_progress: (f64, f64),
    /// Has the run taken the place of the one before?
    begun: bool,
    /// The update to train to; `None` waits.
    target: Option<u32>,
    pausing: bool,
    changes: Vec<RewardChange>,
    fault: Option<Phase>,
    /// What was looked into so far.
    inspections: u32,
    /// Milliseconds and updates, for the pace.
    pace: Vec<(f64, u32)>,
    /// When the silence of the workers was last looked at.
    ticked: f64,
    build: String,
    engine: Option<EngineKind>,
    shown: Option<Phase>,
    effects: Vec<Effect>,
}

/// Base models on their way.
struct Fetching {
    seeds: Vec<u64>,
    loaded: f64,
    total: f64,
}

impl Pool {
    /// A pool without workers, on a machine with so many cores.
    pub fn new(cores: usize) -> Self {
        Pool {
            cores,
            slots: Vec::new(),
            next_worker: 0,
            run: 0,
            experiment: Experiment::default(),
            preference: EnginePreference::Auto,
            planned: false,
            assignment: Vec::new(),
            bases: BTreeMap::new(),
            world: None,
            fetching: None,
            engines: Vec::new(),
            fetching_engines: Vec::new(),
            engine_progress: (0.0, 0.0),
            begun: false,
            target: None,
            pausing: false,
            changes: Vec::new(),
            fault: None,
            inspections: 0,
            pace: Vec::new(),
            ticked: 0.0,
            build: String::new(),
            engine: None,
            shown: None,
            effects: Vec::new(),
        }
    }

    /// Takes in what happened at this time in milliseconds; returns what is to be done.
    pub fn take(&mut self, now: f64, input: Input) -> Vec<Effect> {
        match input {
            Input::Start(draft, preference) => self.start(draft, preference),
            Input::Resume(saved) => self.resume(*saved),
            Input::Retry => self.retry(),
            Input::UseCpu => self.use_cpu(),
            Input::Train(draft) => self.aim(draft, |_, updates| updates),
            Input::Step(draft, updates) => self.aim(draft, |done, most| most.min(done + updates)),
            Input::Pause => self.pause(),
            Input::Reset(draft, preference) => self.reset(draft, preference),
            Input::ChangeReward(draft) => self.change_reward(draft),
            Input::Ask { text, truth } => self.ask(text, truth),
            Input::LeadOn { question, begun } => self.lead_on(question, begun),
            Input::LookAt(at) => self.look_at(at),
            Input::Heard(worker, heard) => {
                // A worker that was replaced has nothing to say.
                let is_it = |slot: &Slot| slot.id == worker && !slot.gone;
                let Some(place) = self.slots.iter().position(is_it) else { return Vec::new() };
                // Who only tells how far it is still owes the answer.
                if !matches!(&heard, Heard::Event(event) if matches!(**event, Event::Progress { .. })) {
                    self.slots[place].silent = 0.0;
                }
                self.hear(now, place, heard);
            }
            Input::NotSpawned(worker, reason) => {
                if self.slots.iter().any(|slot| slot.id == worker) {
                    self.give_up(StopReason::NoWorker(Some(reason)));
                }
            }
            Input::FoundOut(fault) => self.found_out(fault),
            Input::EngineProgress { loaded, total } => self.engine_progress = (loaded, total),
            Input::EngineFetched(kind, outcome) => self.engine_fetched(kind, outcome),
            Input::Tick => self.tick(now),
            Input::FetchProgress { loaded, total } => {
                if let Some(fetching) = &mut self.fetching {
                    (fetching.loaded, fetching.total) = (loaded, total);
                }
            }
            Input::Fetched(world, seed, base) => self.fetched(world, seed, base),
        }
        self.advance();
        std::mem::take(&mut self.effects)
    }

    /// The preference and the state of each worker, for the run that is shown; `None` for another, and while workers
    /// go back to the base models.
    pub fn states(&self, run: RunId) -> Option<(EnginePreference, Vec<Option<WorkerState>>)> {
        let state = |slot: &Slot| slot.snapshot.clone().map(|(update, bytes)| WorkerState { update, bytes });
        let is_it = self.begun && self.run == run && self.slots.len() == self.assignment.len();
        let is_it = is_it && !self.slots.iter().any(|slot| slot.resetting);
        is_it.then(|| (self.preference, self.slots.iter().map(state).collect()))
    }

    fn send_change(&mut self, place: usize, change: &RewardChange) {
        let (slot, places) = (&self.slots[place], &self.assignment[place]);
        if slot.loaded {
            let arms = places.iter().map(|place| change.arms[*place]).collect();
            let RewardChange { after, rater, person, .. } = change.clone();
            let command = Command::ChangeReward { run: self.run, after, rater, arms, person };
            self.effects.push(Effect::Post(slot.id, command));
        }
    }

    /// Another run begins.
    fn begin(&mut self) {
        self.run += 1;
        (self.planned, self.begun) = (false, false);
        self.changes.clear();
        self.pace.clear();
        if self.world != self.experiment.own_world {
            self.world = self.experiment.own_world;
            self.bases.clear();
            self.fetching = None;
        }
        if matches!(self.fault, Some(Phase::DownloadFailed(DownloadFault::Base(_)))) {
            // It may need other models.
            self.fault = None;
        }
        for slot in &mut self.slots {
            (slot.sent, slot.loaded, slot.resetting) = (false, false, false);
            (slot.measures, slot.measured) = (false, false);
            (slot.done, slot.reached, slot.granted, slot.waited, slot.looks) = (0, 0, 0, 0, 0);
            (slot.snapshot, slot.crashes, slot.crashed_at, slot.slowest) = (None, 0, 0, 0.0);
        }
        self.let_go();
    }

    /// Another worker for each that has long been at what nobody waits for any more. One that measures the models of this
    /// very run goes on.
    fn let_go(&mut self) {
        for place in 0..self.slots.len() {
            let slot = &self.slots[place];
            let is_wanted = slot.choice.is_none() || (slot.sent && !slot.measured);
            if slot.silent > PATIENCE && !is_wanted {
                self.respawn(place, slot.file);
            }
        }
    }

    fn spawn(&mut self, file: EngineFile) -> Slot {
        let id = self.next_worker;
        self.next_worker += 1;
        self.effects.push(Effect::Spawn(id, file));
        Slot::new(id, file)
    }

    /// Another worker at this place, with what is known of the run there.
    fn respawn(&mut self, place: usize, file: EngineFile) {
        let fresh = self.spawn(file);
        let old = std::mem::replace(&mut self.slots[place], fresh);
        if !old.gone {
            self.effects.push(Effect::Terminate(old.id));
        }
        if old.resetting && self.begun {
            // The new one begins at the base models, as the old one was to.
            self.effects.push(Effect::Apply(place, Event::WasReset { run: self.run }));
        }
        let slot = &mut self.slots[place];
        (slot.snapshot, slot.measured, slot.reached) = (old.snapshot, old.measured, old.reached);
        (slot.crashes, slot.crashed_at, slot.slowest) = (old.crashes, old.crashed_at, old.slowest);
    }

    /// No worker goes on. What was measured stays, and [`Pool::revive`] restores the rest.
    fn give_up(&mut self, why: StopReason) {
        (self.target, self.pausing) = (None, false);
        for slot in self.slots.iter_mut().filter(|slot| !slot.gone) {
            self.effects.push(Effect::Terminate(slot.id));
            (slot.gone, slot.loaded) = (true, false);
        }
        self.fault = Some(Phase::Stopped(why));
    }

    /// A new worker for each that is gone.
    fn revive(&mut self) {
        for place in 0..self.slots.len() {
            let slot = &mut self.slots[place];
            if slot.gone {
                slot.crashes = 0;
                let file = slot.file;
                self.respawn(place, file);
            }
        }
    }

    /// Ends all workers but the first few.
    fn end_workers(&mut self, kept: usize) {
        let surplus = self.slots.split_off(kept.min(self.slots.len()));
        let running = surplus.iter().filter(|slot| !slot.gone);
        self.effects.extend(running.map(|slot| Effect::Terminate(slot.id)));
    }

    /// Updates that every worker has done.
    fn done(&self) -> u32 {
        self.slots.iter().map(|slot| slot.reached).min().unwrap_or(0)
    }

    /// Updates that some worker was granted: what is sent now holds after them.
    fn granted(&self) -> u32 {
        self.slots.iter().map(|slot| slot.granted.max(slot.reached)).max().unwrap_or(0)
    }
}
