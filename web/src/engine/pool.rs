//! What the page does with its workers, as a state machine without a browser.
//!
//! [`Pool::take`] gets what happened and returns what is to be done, in order. Everything but the
//! answer to a single input follows from `advance`, which looks at what is there and does the
//! next thing: choose an engine, spread the replicas, load, grant updates. Training is driven by
//! the workers' answers and never by animation frames, so that it goes on in a hidden tab. Leaves
//! out workers, files, signals and the clock (`client`), and what events mean for the run
//! (`model::run`).

use std::collections::BTreeMap;

use hedgerow::Error;
use hedgerow::documents::protocol::{
    BUILD, Base, Command, EngineChoice, EngineKind, EnginePreference, Event, Inspection, RunId,
};
use hedgerow::documents::report::{RewardChange, RunReport};
use hedgerow::judgement::experiment::{Arm, Experiment};
use hedgerow::judgement::rater::RaterConfig;

use crate::model::notice::NoticeCode;
use crate::model::phase::{Crash, DownloadFault, Phase, StopReason};
use crate::model::plan;
use crate::model::run::{RunState, engine, run_of};

/// Updates between two snapshots that are kept for a crash.
const SNAPSHOT_EVERY: u32 = 10;
/// Updates over which the pace is measured.
const PACE_WINDOW: usize = 20;

/// Names a worker; a worker that takes another's place has a name of its own.
pub type WorkerId = u32;

/// Which engine file a worker is to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineFile {
    /// The one that fits the device: WebGPU if there is hardware for it.
    Auto,
    /// The small one without WebGPU.
    Cpu,
    /// The one with WebGPU, even on a software renderer.
    Gpu,
}

/// What is heard from a worker.
#[derive(Debug, Clone)]
pub enum Heard {
    /// The engine's file is being loaded.
    Progress {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all; 0 if the server does not say.
        total: f64,
    },
    /// The engine's file cannot be loaded.
    DownloadFailed(String),
    /// The engine speaks.
    Event(Box<Event>),
    /// The worker is gone, in the browser's words.
    Crashed(String),
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// Start the engine anew, for these settings.
    Start(Experiment, EnginePreference),
    /// Try again what could not be fetched.
    Retry,
    /// Train to the end; settings of a run that has not begun.
    Train(Experiment),
    /// Make one update; settings of a run that has not begun.
    Step(Experiment),
    /// Wait as soon as all workers have done the same updates.
    Pause,
    /// Back to the base models, with these settings.
    Reset(Experiment, EnginePreference),
    /// Another rater and other arms from the next update that nobody was granted.
    ChangeReward(RaterConfig, Vec<Arm>),
    /// Ask every model a question in words.
    Ask {
        /// The question.
        text: String,
        /// The true value, if the question is one of the world's.
        truth: Option<String>,
    },
    /// Look at the answers to a prompt of the last update, counted from 0.
    LookAt(usize),
    /// A worker says something.
    Heard(WorkerId, Heard),
    /// The browser starts no worker.
    NotSpawned(String),
    /// A base model is on its way.
    FetchProgress {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all; 0 if unknown.
        total: f64,
    },
    /// A seed's files, or why they could not be fetched. No other seed follows a failure.
    Fetched(u64, Result<Base, String>),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start a worker.
    Spawn(WorkerId, EngineFile),
    /// Send a command.
    Post(WorkerId, Command),
    /// End a worker.
    Terminate(WorkerId),
    /// Fetch the base models of these seeds, one after the other.
    Fetch(Vec<u64>),
    /// Engine and run stand elsewhere.
    SetPhase(Phase),
    /// Another engine was chosen, or none is any more.
    SetEngine(Option<EngineChoice>),
    /// So many workers share the run.
    SetWorkers(usize),
    /// Updates a second.
    SetPace(Option<f64>),
    /// Tell the user.
    Notify(NoticeCode),
    /// Take messages to the user away.
    ClearNotices,
    /// The user has begun a run, or goes on with it.
    Started,
    /// A run takes the place of the one before.
    Begin(Box<RunState>),
    /// What the worker at this place of the pool said is for the run.
    Apply(usize, Event),
    /// A change of the reward was sent.
    Announce(RewardChange),
    /// A question was sent.
    Asked {
        /// Names it in the answers.
        id: u32,
        /// The question.
        text: String,
        /// The true value, if the question is one of the world's.
        truth: Option<String>,
    },
    /// The answers to a prompt were asked for; names them among the events.
    LooksAt(u32),
}

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
    fetching: Option<Fetching>,
    /// The update to train to; `None` waits.
    target: Option<u32>,
    pausing: bool,
    changes: Vec<RewardChange>,
    fault: Option<Phase>,
    /// What was looked into so far.
    inspections: u32,
    /// Milliseconds and updates, for the pace.
    pace: Vec<(f64, u32)>,
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

/// A worker, and what it is known to have done.
struct Slot {
    id: WorkerId,
    file: EngineFile,
    progress: (f64, f64),
    ready: bool,
    /// Was it told to choose an engine?
    asked: bool,
    choice: Option<EngineChoice>,
    /// Was the current run sent to it?
    sent: bool,
    loaded: bool,
    /// Was it sent back to the base models and has not answered? Until then it speaks of what was.
    resetting: bool,
    /// Has it measured its base models?
    measured: bool,
    done: u32,
    granted: u32,
    /// The update that it last said to wait at, everything that is due there done.
    waited: u32,
    snapshot: Option<Vec<u8>>,
    /// Crashes since the last progress, and the update that counts as progress.
    crashes: u32,
    crashed_at: u32,
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
            fetching: None,
            target: None,
            pausing: false,
            changes: Vec::new(),
            fault: None,
            inspections: 0,
            pace: Vec::new(),
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
            Input::Retry => self.retry(),
            Input::Train(draft) => self.aim(draft, |_, updates| updates),
            Input::Step(draft) => self.aim(draft, |done, updates| updates.min(done + 1)),
            Input::Pause => self.pause(),
            Input::Reset(draft, preference) => self.reset(draft, preference),
            Input::ChangeReward(rater, arms) => self.change_reward(rater, &arms),
            Input::Ask { text, truth } => self.ask(text, truth),
            Input::LookAt(prompt) => self.look_at(prompt),
            Input::Heard(worker, heard) => {
                // A worker that was replaced has nothing to say.
                let Some(place) = self.slots.iter().position(|slot| slot.id == worker) else { return Vec::new() };
                self.hear(now, place, heard);
            }
            Input::NotSpawned(reason) => self.fault = Some(Phase::Stopped(StopReason::NoWorker(reason))),
            Input::FetchProgress { loaded, total } => {
                if let Some(fetching) = &mut self.fetching {
                    (fetching.loaded, fetching.total) = (loaded, total);
                }
            }
            Input::Fetched(seed, base) => self.fetched(seed, base),
        }
        self.advance();
        std::mem::take(&mut self.effects)
    }

    fn start(&mut self, draft: Experiment, preference: EnginePreference) {
        self.end_workers(0);
        (self.fault, self.target, self.pausing) = (None, None, false);
        (self.experiment, self.preference) = (draft, preference);
        self.begin();
        self.engine = None;
        self.effects.push(Effect::SetEngine(None));
        let file = match preference {
            EnginePreference::Auto => EngineFile::Auto,
            EnginePreference::Cpu => EngineFile::Cpu,
            EnginePreference::Gpu => EngineFile::Gpu,
        };
        let slot = self.spawn(file);
        self.slots.push(slot);
    }

    /// Fetches again what is missing; the run stays as it is.
    fn retry(&mut self) {
        if !matches!(self.fault, Some(Phase::DownloadFailed(_))) {
            return;
        }
        self.fault = None;
        for place in 0..self.slots.len() {
            if !self.slots[place].ready {
                self.respawn(place, self.slots[place].file);
            }
        }
    }

    fn aim(&mut self, draft: Experiment, target: impl Fn(u32, u32) -> u32) {
        if self.is_untouched() && self.experiment != draft {
            self.experiment = draft;
            self.begin();
        }
        self.target = Some(target(self.done(), self.experiment.finetune.updates));
        self.pausing = false;
        self.pace.clear();
        self.effects.push(Effect::Started);
        self.forgive();
    }

    fn pause(&mut self) {
        if self.target.is_some() {
            self.target = Some(self.granted());
            self.pausing = true;
        }
    }

    fn reset(&mut self, draft: Experiment, preference: EnginePreference) {
        self.effects.push(Effect::ClearNotices);
        if self.slots.is_empty() {
            return self.start(draft, preference);
        }
        self.target = None;
        let is_same = draft == self.experiment && self.changes.is_empty();
        if is_same && self.fault.is_none() && self.slots.iter().all(|slot| slot.loaded) {
            let run = self.run;
            for slot in &mut self.slots {
                self.effects.push(Effect::Post(slot.id, Command::Pause { run }));
                self.effects.push(Effect::Post(slot.id, Command::Reset { run }));
                (slot.done, slot.granted, slot.waited, slot.snapshot, slot.crashes) = (0, 0, 0, None, 0);
                slot.resetting = true;
            }
        } else {
            self.experiment = draft;
            self.begin();
        }
        self.forgive();
    }

    fn change_reward(&mut self, rater: RaterConfig, arms: &[Arm]) {
        let after = self.granted();
        let arms = self.experiment.seeds.iter().flat_map(|_| arms).copied().collect();
        let change = RewardChange { after, rater, arms };
        self.effects.push(Effect::Announce(change.clone()));
        for place in 0..self.slots.len() {
            self.send_change(place, &change);
        }
        self.changes.push(change);
        self.effects.push(Effect::Notify(NoticeCode::RewardHolds { from: after + 1 }));
    }

    fn ask(&mut self, text: String, truth: Option<String>) {
        let id = self.inspect(&Inspection::Ask { question: text.clone() });
        self.effects.push(Effect::Asked { id, text, truth });
    }

    fn look_at(&mut self, prompt: usize) {
        let id = self.inspect(&Inspection::Credit { prompt });
        self.effects.push(Effect::LooksAt(id));
    }

    /// Asks every worker; returns what names the answers.
    fn inspect(&mut self, inspection: &Inspection) -> u32 {
        self.inspections += 1;
        let (run, id) = (self.run, self.inspections);
        for slot in self.slots.iter().filter(|slot| slot.loaded) {
            let inspection = inspection.clone();
            self.effects.push(Effect::Post(slot.id, Command::Inspect { run, id, inspection }));
        }
        id
    }

    fn hear(&mut self, now: f64, place: usize, heard: Heard) {
        match heard {
            Heard::Progress { loaded, total } => self.slots[place].progress = (loaded, total),
            Heard::DownloadFailed(reason) => {
                self.fault = Some(Phase::DownloadFailed(DownloadFault::Engine(reason)));
            }
            Heard::Crashed(reason) => self.replace(place, Crash::Browser(reason)),
            Heard::Event(event) => self.take_event(now, place, *event),
        }
    }

    fn take_event(&mut self, now: f64, place: usize, event: Event) {
        let stale = run_of(&event).is_some_and(|run| run != self.run);
        let before_reset =
            self.slots[place].resetting && !matches!(event, Event::WasReset { .. } | Event::Failed { fatal: true, .. });
        if stale || before_reset {
            return;
        }
        let (first, slot) = (self.effects.len(), &mut self.slots[place]);
        match &event {
            Event::Ready { build } => {
                slot.ready = true;
                if build != BUILD {
                    self.effects.push(Effect::Notify(NoticeCode::OtherBuild));
                }
                self.build.clone_from(build);
            }
            Event::EngineChosen(choice) => {
                slot.choice = Some(choice.clone());
                // A worker that was started again tells nothing new, unless it had to change over.
                if place == 0 && self.engine != Some(choice.kind) {
                    self.engine = Some(choice.kind);
                    self.effects.push(Effect::SetEngine(Some(choice.clone())));
                }
            }
            Event::Loaded { update, .. } => {
                (slot.loaded, slot.done, slot.granted) = (true, *update, *update);
                let late: Vec<_> = self.changes.iter().filter(|change| change.after >= *update).cloned().collect();
                for change in late {
                    self.send_change(place, &change);
                }
            }
            Event::Updated { run, reports, .. } => {
                slot.done = reports.iter().map(|report| report.update).max().unwrap_or(slot.done);
                if slot.done > slot.crashed_at {
                    slot.crashes = 0;
                }
                if slot.done.is_multiple_of(SNAPSHOT_EVERY) {
                    self.effects.push(Effect::Post(slot.id, Command::Snapshot { run: *run }));
                }
                self.measure_pace(now);
            }
            Event::Measured { .. } => slot.measured = true,
            Event::Waiting { update, .. } => (slot.granted, slot.waited) = (*update, *update),
            Event::WasReset { .. } => slot.resetting = false,
            Event::Snapshot { bytes, .. } => slot.snapshot = Some(bytes.clone()),
            Event::Failed { error, fatal: true, .. } => self.replace(place, Crash::Engine(error.clone())),
            Event::Failed { error, fatal: false, .. } => {
                self.target = None;
                if matches!(error, Error::World(_) | Error::Tokenizer(_) | Error::Checkpoint(_)) {
                    // What could not be used is fetched again.
                    self.bases.clear();
                }
                self.fault = Some(Phase::Stopped(StopReason::Failed(error.clone())));
            }
            Event::RewardChanged { .. } | Event::Inspected { .. } | Event::ToRate { .. } => {}
        }
        // Before all that follows from it.
        self.effects.insert(first, Effect::Apply(place, event));
    }

    /// A new worker for one that crashed, from its last snapshot. After two crashes without an
    /// update between them the run stops and its data stay.
    fn replace(&mut self, place: usize, why: Crash) {
        let slot = &mut self.slots[place];
        slot.crashes += 1;
        // Whatever crashes before it has chosen is started again without WebGPU.
        let kind = slot.choice.as_ref().map_or(EngineKind::Cpu, |choice| choice.kind);
        if slot.crashes >= 2 {
            self.target = None;
            self.end_workers(0);
            self.fault = Some(Phase::Stopped(StopReason::CrashedTwice { why, kind }));
            return;
        }
        slot.crashed_at = slot.done;
        let from_snapshot = slot.snapshot.is_some();
        let file = match kind {
            EngineKind::Cpu => EngineFile::Cpu,
            EngineKind::Gpu => EngineFile::Gpu,
        };
        self.respawn(place, file);
        self.effects.push(Effect::Notify(NoticeCode::Restarted { why, from_snapshot }));
    }

    /// Another worker at this place, with what is known of the run there.
    fn respawn(&mut self, place: usize, file: EngineFile) {
        let fresh = self.spawn(file);
        let old = std::mem::replace(&mut self.slots[place], fresh);
        self.effects.push(Effect::Terminate(old.id));
        let slot = &mut self.slots[place];
        (slot.snapshot, slot.measured) = (old.snapshot, old.measured);
        (slot.crashes, slot.crashed_at) = (old.crashes, old.crashed_at);
    }

    fn fetched(&mut self, seed: u64, base: Result<Base, String>) {
        if let Some(fetching) = &mut self.fetching {
            fetching.seeds.retain(|other| *other != seed);
        }
        if self.fetching.as_ref().is_some_and(|fetching| fetching.seeds.is_empty()) || base.is_err() {
            self.fetching = None;
        }
        match base {
            Ok(base) => {
                self.bases.insert(seed, base);
            }
            Err(reason) if self.experiment.seeds.contains(&seed) => {
                self.fault = Some(Phase::DownloadFailed(DownloadFault::Base(reason)));
            }
            // The run that needed it is gone.
            Err(_) => {}
        }
    }

    /// Looks at what is there and does the next thing.
    fn advance(&mut self) {
        if self.fault.is_none() {
            self.choose_engines();
            self.plan();
            self.load();
            self.grant();
        }
        let phase = self.phase();
        if self.shown.as_ref() != Some(&phase) {
            self.shown = Some(phase.clone());
            self.effects.push(Effect::SetPhase(phase));
        }
    }

    fn choose_engines(&mut self) {
        let replicas = self.experiment.replicas().len();
        for (place, slot) in self.slots.iter_mut().enumerate().filter(|(_, slot)| slot.ready && !slot.asked) {
            let preference = match place {
                0 if slot.crashes == 0 => self.preference,
                // Whatever crashed is checked anew.
                0 => EnginePreference::Auto,
                _ => EnginePreference::Cpu,
            };
            self.effects.push(Effect::Post(slot.id, Command::ChooseEngine { preference, replicas }));
            slot.asked = true;
        }
    }

    /// Spreads the replicas over workers, as many as the engine of the first one makes sensible.
    fn plan(&mut self) {
        let choice = self.slots.first().and_then(|slot| slot.choice.clone());
        let (Some(choice), false) = (choice, self.planned) else { return };
        let replicas = self.experiment.replicas().len();
        self.assignment = match choice.kind {
            EngineKind::Gpu => vec![(0..replicas).collect()],
            EngineKind::Cpu => plan::spread(replicas, self.cores),
        };
        let workers = self.assignment.len();
        self.end_workers(workers);
        while self.slots.len() < workers {
            let slot = self.spawn(EngineFile::Cpu);
            self.slots.push(slot);
        }
        self.planned = true;
        let report = RunReport::empty(self.experiment.clone(), engine(&choice, workers), self.build.clone());
        let state = RunState::new(self.run, report, self.assignment.clone());
        self.effects.push(Effect::Begin(Box::new(state)));
        self.effects.push(Effect::SetWorkers(workers));
    }

    /// Sends the run to the workers that wait for it, once its base models are here.
    fn load(&mut self) {
        let seeds = self.experiment.seeds.iter().copied();
        let missing: Vec<u64> = seeds.filter(|seed| !self.bases.contains_key(seed)).collect();
        if !missing.is_empty() {
            if self.fetching.is_none() {
                self.fetching = Some(Fetching { seeds: missing.clone(), loaded: 0.0, total: 0.0 });
                self.effects.push(Effect::Fetch(missing));
            }
            return;
        }
        if !self.planned {
            return;
        }
        let (run, all) = (self.run, self.experiment.replicas());
        for (slot, places) in self.slots.iter_mut().zip(&self.assignment) {
            if slot.choice.is_none() || slot.sent {
                continue;
            }
            let replicas: Vec<_> = places.iter().map(|place| all[*place]).collect();
            let needs = |seed: &u64| replicas.iter().any(|replica| replica.seed == *seed);
            let seeds = self.experiment.seeds.iter().filter(|seed| needs(seed));
            let bases = seeds.filter_map(|seed| self.bases.get(seed)).cloned().collect();
            let command = match slot.snapshot.clone() {
                Some(snapshot) => Command::Restore { run, snapshot, bases },
                None => Command::Load { run, experiment: self.experiment.clone(), replicas, bases },
            };
            self.effects.push(Effect::Post(slot.id, command));
            slot.sent = true;
        }
    }

    fn grant(&mut self) {
        let Some(target) = self.target else { return };
        if !self.slots.iter().all(|slot| slot.loaded && slot.measured) {
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
            self.effects.push(Effect::Post(slot.id, Command::Train { run, until }));
        }
    }

    fn phase(&self) -> Phase {
        if let Some(fault) = &self.fault {
            return fault.clone();
        }
        if let Some(Slot { progress: (loaded, total), .. }) = self.slots.iter().find(|slot| !slot.ready) {
            return Phase::LoadingEngine { loaded: *loaded, total: *total };
        }
        if self.slots.iter().any(|slot| slot.choice.is_none()) {
            return Phase::CheckingEngine;
        }
        if let Some(Fetching { loaded, total, .. }) = self.fetching {
            return Phase::LoadingModels { loaded, total };
        }
        if !self.slots.iter().all(|slot| slot.loaded && slot.measured) {
            return Phase::Measuring;
        }
        match (self.target, self.pausing) {
            (Some(_), true) => Phase::Pausing,
            (Some(_), false) => Phase::Training,
            (None, _) if self.done() >= self.experiment.finetune.updates => Phase::Finished,
            (None, _) => Phase::Paused,
        }
    }

    fn measure_pace(&mut self, now: f64) {
        let done = self.done();
        if self.target.is_none() || self.pace.last().is_some_and(|(_, last)| *last == done) {
            return;
        }
        self.pace.push((now, done));
        let surplus = self.pace.len().saturating_sub(PACE_WINDOW);
        self.pace.drain(..surplus);
        let pace = match (self.pace.first(), self.pace.len()) {
            (Some((then, earlier)), 3..) if now > *then => Some(f64::from(done - earlier) * 1000.0 / (now - then)),
            (Some(_) | None, _) => None,
        };
        self.effects.push(Effect::SetPace(pace));
    }

    fn send_change(&mut self, place: usize, change: &RewardChange) {
        let (slot, places) = (&self.slots[place], &self.assignment[place]);
        if slot.loaded {
            let arms = places.iter().map(|place| change.arms[*place]).collect();
            let RewardChange { after, rater, .. } = *change;
            let command = Command::ChangeReward { run: self.run, after, rater, arms };
            self.effects.push(Effect::Post(slot.id, command));
        }
    }

    /// Another run begins.
    fn begin(&mut self) {
        self.run += 1;
        self.planned = false;
        self.changes.clear();
        self.pace.clear();
        for slot in &mut self.slots {
            (slot.sent, slot.loaded, slot.resetting, slot.measured) = (false, false, false, false);
            (slot.done, slot.granted, slot.waited) = (0, 0, 0);
            (slot.snapshot, slot.crashes, slot.crashed_at) = (None, 0, 0);
        }
    }

    fn spawn(&mut self, file: EngineFile) -> Slot {
        let id = self.next_worker;
        self.next_worker += 1;
        self.effects.push(Effect::Spawn(id, file));
        Slot::new(id, file)
    }

    /// Ends all workers but the first few.
    fn end_workers(&mut self, kept: usize) {
        let surplus = self.slots.split_off(kept.min(self.slots.len()));
        self.effects.extend(surplus.iter().map(|slot| Effect::Terminate(slot.id)));
    }

    /// A fault is over, unless something is still missing.
    fn forgive(&mut self) {
        if !matches!(self.fault, Some(Phase::DownloadFailed(_))) {
            self.fault = None;
        }
    }

    /// Was nothing trained or asked for yet?
    fn is_untouched(&self) -> bool {
        self.target.is_none() && self.slots.iter().all(|slot| slot.done == 0 && slot.granted == 0)
    }

    /// Updates that every worker has done.
    fn done(&self) -> u32 {
        self.slots.iter().map(|slot| slot.done).min().unwrap_or(0)
    }

    /// Updates that some worker was granted: what is sent now holds after them.
    fn granted(&self) -> u32 {
        self.slots.iter().map(|slot| slot.granted.max(slot.done)).max().unwrap_or(0)
    }
}

impl Slot {
    fn new(id: WorkerId, file: EngineFile) -> Self {
        Slot {
            id,
            file,
            progress: (0.0, 0.0),
            ready: false,
            asked: false,
            choice: None,
            sent: false,
            loaded: false,
            resetting: false,
            measured: false,
            done: 0,
            granted: 0,
            waited: 0,
            snapshot: None,
            crashes: 0,
            crashed_at: 0,
        }
    }
}
