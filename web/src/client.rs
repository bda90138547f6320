//! The page's side of the engine: a pool of workers in lock-step.
//!
//! Panels call [`Client`]; everything else here follows from one method, `advance`, that looks
//! at what is there and does the next thing: choose an engine, spread the replicas, load, grant
//! updates. It leaves out what each worker is told and has said (`pool`), what the events mean
//! (`state`) and how replicas are spread (`plan`). Training is driven by the workers' answers and never by animation frames, so that
//! it goes on in a hidden tab.

use std::cell::RefCell;
use std::rc::Rc;

use hedgerow::documents::protocol::{Command, EngineKind, EnginePreference, Inspection};
use hedgerow::documents::report::RewardChange;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::app::{Lab, Phase, Tone};
use crate::assets;
use crate::plan;
use crate::pool::{Pool, Slot};
use crate::state::RunState;
use crate::worker::{EngineFile, EngineWorker, Heard};

/// What the panels can ask for.
#[derive(Clone)]
pub struct Client {
    pool: Rc<RefCell<Pool>>,
}

impl Client {
    /// A pool without workers.
    pub fn new(lab: Lab) -> Self {
        Client { pool: Rc::new(RefCell::new(Pool::new(lab))) }
    }

    /// Starts the engine anew: at first, after another preference, after a failure.
    pub fn start(&self) {
        {
            let mut pool = self.pool.borrow_mut();
            pool.slots.clear();
            pool.fault = None;
            pool.target = None;
            pool.experiment = pool.lab.draft.get_untracked();
            pool.begin();
            pool.lab.engine.set(None);
            let file = match pool.lab.preference.get_untracked() {
                EnginePreference::Auto => EngineFile::Auto,
                EnginePreference::Cpu => EngineFile::Cpu,
                EnginePreference::Gpu => EngineFile::Gpu,
            };
            self.spawn(&mut pool, file);
        }
        self.advance();
    }

    /// Trains to the end of the run.
    pub fn train(&self) {
        self.aim(|_, updates| updates);
    }

    /// Makes one update.
    pub fn step(&self) {
        self.aim(|done, updates| updates.min(done + 1));
    }

    fn aim(&self, target: impl Fn(u32, u32) -> u32) {
        {
            let mut pool = self.pool.borrow_mut();
            if pool.is_untouched() && pool.experiment != pool.lab.draft.get_untracked() {
                pool.experiment = pool.lab.draft.get_untracked();
                pool.begin();
            }
            let target = target(pool.done(), pool.experiment.finetune.updates);
            (pool.target, pool.pausing) = (Some(target), false);
            pool.pace.clear();
            pool.lab.started.set(true);
            pool.lab.run.update(RunState::resumed);
            if !matches!(pool.fault, Some(Phase::DownloadFailed(_))) {
                pool.fault = None;
            }
        }
        self.advance();
    }

    /// Waits as soon as all workers have done the same updates: what was granted is made.
    pub fn pause(&self) {
        {
            let mut pool = self.pool.borrow_mut();
            if pool.target.is_some() {
                pool.target = pool.slots.iter().map(|slot| slot.granted.max(slot.done)).max();
                pool.pausing = true;
            }
        }
        self.advance();
    }

    /// Back to the base models, with the settings as they are now.
    pub fn reset(&self) {
        {
            let mut pool = self.pool.borrow_mut();
            pool.target = None;
            pool.lab.notices.set(Vec::new());
            let draft = pool.lab.draft.get_untracked();
            let everyone = pool.slots.iter().all(|slot| slot.loaded);
            if draft == pool.experiment && pool.changes.is_empty() && everyone && pool.fault.is_none() {
                let run = pool.run;
                for slot in &mut pool.slots {
                    slot.worker.post(&Command::Pause { run });
                    slot.worker.post(&Command::Reset { run });
                    (slot.done, slot.granted, slot.waited, slot.snapshot, slot.crashes) = (0, 0, 0, None, 0);
                }
            } else {
                pool.experiment = draft;
                pool.begin();
            }
            if !matches!(pool.fault, Some(Phase::DownloadFailed(_))) {
                pool.fault = None;
            }
        }
        if self.pool.borrow().slots.is_empty() { self.start() } else { self.advance() }
    }

    /// The draft's reward holds from the first update that no worker has been granted yet.
    /// Returns that update.
    pub fn change_reward(&self) -> u32 {
        let mut pool = self.pool.borrow_mut();
        let draft = pool.lab.draft.get_untracked();
        let after = pool.slots.iter().map(|slot| slot.granted.max(slot.done)).max().unwrap_or(0);
        let seeds = pool.experiment.seeds.len();
        let arms = (0..seeds).flat_map(|_| draft.arms.clone()).collect();
        let change = RewardChange { after, rater: draft.rater, arms };
        pool.lab.run.update(|run| run.announced(change.clone()));
        for index in 0..pool.slots.len() {
            pool.send_change(index, &change);
        }
        pool.changes.push(change);
        after
    }

    /// Asks every model a question in words.
    pub fn ask(&self, text: String, truth: Option<String>) {
        let mut pool = self.pool.borrow_mut();
        pool.questions += 1;
        let (run, id) = (pool.run, pool.questions);
        pool.lab.run.update(|state| state.asked(id, text.clone(), truth));
        for slot in pool.slots.iter().filter(|slot| slot.loaded) {
            let inspection = Inspection::Ask { question: text.clone() };
            slot.worker.post(&Command::Inspect { run, id, inspection });
        }
    }

    fn spawn(&self, pool: &mut Pool, file: EngineFile) {
        let id = pool.next_id;
        pool.next_id += 1;
        match self.worker(id, file) {
            Ok(worker) => pool.slots.push(Slot::new(id, worker)),
            Err(message) => pool.fault = Some(Phase::Stopped(format!("The browser starts no worker: {message}."))),
        }
    }

    fn worker(&self, id: u32, file: EngineFile) -> Result<EngineWorker, String> {
        let client = self.clone();
        EngineWorker::start(file, move |heard| client.hear(id, heard))
    }

    fn hear(&self, id: u32, heard: Heard) {
        let crash = {
            let mut pool = self.pool.borrow_mut();
            let Some(index) = pool.slots.iter().position(|slot| slot.id == id) else { return };
            match heard {
                Heard::Progress { loaded, total } => {
                    pool.slots[index].progress = (loaded, total);
                    None
                }
                Heard::DownloadFailed(message) => {
                    pool.fault = Some(Phase::DownloadFailed(format!("The engine could not be loaded: {message}.")));
                    None
                }
                Heard::Crashed(message) => Some((index, message)),
                Heard::Event(event) => pool.take(index, &event).map(|message| (index, message)),
            }
        };
        if let Some((index, message)) = crash {
            self.replace(index, &message);
        }
        self.advance();
    }

    /// A new worker for one that crashed, from its last snapshot; after two crashes in a row
    /// the run stops and the data stay.
    fn replace(&self, index: usize, message: &str) {
        let mut pool = self.pool.borrow_mut();
        let file = match pool.slots[index].choice.as_ref().map(|choice| choice.kind) {
            Some(EngineKind::Cpu) => EngineFile::Cpu,
            Some(EngineKind::Gpu) => EngineFile::Gpu,
            None => EngineFile::Cpu,
        };
        pool.slots[index].crashes += 1;
        let (crashes, done) = (pool.slots[index].crashes, pool.slots[index].done);
        if crashes >= 2 {
            let advice = match file {
                EngineFile::Gpu => "Choosing the CPU engine usually helps",
                EngineFile::Auto | EngineFile::Cpu => "Fewer seeds or arms, or a reload of the page, usually help",
            };
            let text = format!("The engine stopped twice in a row ({message}). {advice}. What was measured is kept.");
            pool.target = None;
            pool.slots.clear();
            pool.fault = Some(Phase::Stopped(text));
            return;
        }
        let id = pool.next_id;
        pool.next_id += 1;
        match self.worker(id, file) {
            Ok(worker) => {
                let fresh = Slot::new(id, worker);
                let old = std::mem::replace(&mut pool.slots[index], fresh);
                let slot = &mut pool.slots[index];
                (slot.snapshot, slot.crashes, slot.crashed_at) = (old.snapshot, crashes, done);
                let place = if slot.snapshot.is_some() { "its last snapshot" } else { "the beginning" };
                pool.lab.notify(Tone::Warning, format!("The engine stopped ({message}). It was started again from {place}; nothing that was measured is lost."));
            }
            Err(message) => pool.fault = Some(Phase::Stopped(format!("The browser starts no worker: {message}."))),
        }
    }

    /// Looks at what is there and does the next thing.
    fn advance(&self) {
        let mut pool = self.pool.borrow_mut();
        let cores = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
        if pool.fault.is_none() {
            pool.choose_engines();
            let kind = pool.slots.first().and_then(|slot| slot.choice.as_ref()).map(|choice| choice.kind);
            if let (Some(kind), false) = (kind, pool.planned) {
                let replicas = pool.experiment.replicas().len();
                pool.assignment = match kind {
                    EngineKind::Gpu => vec![(0..replicas).collect()],
                    EngineKind::Cpu => plan::spread(replicas, cores as usize),
                };
                let workers = pool.assignment.len();
                pool.slots.truncate(workers);
                while pool.slots.len() < workers && pool.fault.is_none() {
                    self.spawn(&mut pool, EngineFile::Cpu);
                }
                pool.planned = true;
                pool.set_up_run();
            }
            if pool.load() {
                self.fetch(&mut pool);
            }
            pool.grant();
        }
        pool.show();
    }

    /// Fetches the base models that the experiment needs and that are not here yet.
    fn fetch(&self, pool: &mut Pool) {
        let needed = pool.experiment.seeds.iter().copied();
        let missing: Vec<u64> = needed.filter(|seed| !pool.bases.contains_key(seed)).collect();
        if missing.is_empty() || pool.fetching.is_some() {
            return;
        }
        pool.fetching = Some((0.0, 0.0));
        let client = self.clone();
        spawn_local(async move {
            for seed in missing {
                let progress = |loaded, total| {
                    let mut pool = client.pool.borrow_mut();
                    pool.fetching = Some((loaded, total));
                    pool.show();
                };
                let base = assets::base(seed, progress).await;
                let mut pool = client.pool.borrow_mut();
                match base {
                    Ok(base) => {
                        pool.bases.insert(seed, base);
                    }
                    Err(message) => {
                        pool.fault = Some(Phase::DownloadFailed(format!("A base model is missing: {message}.")));
                        break;
                    }
                }
            }
            client.pool.borrow_mut().fetching = None;
            client.advance();
        });
    }
}
