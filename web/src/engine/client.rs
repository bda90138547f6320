//! Carries out what the pool decides: starts workers, posts, fetches, writes the stores.
//!
//! Leaves out every decision (`pool`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use hedgerow::documents::protocol::EngineKind;
use hedgerow::judgement::experiment::WorldId;
use leptos::prelude::*;

use super::bases;
use super::fetch::{Engine, Files};
use super::pool::{Effect, Input, Pool, WorkerId};
use super::worker::EngineWorker;
use crate::js::spawn;
use crate::model::phase::Phase;
use crate::model::run::RunState;
use crate::model::saved::SavedRun;
use crate::stores::Stores;

/// How often the workers' silence is looked at.
const TICK: Duration = Duration::from_secs(1);

/// The pool with its workers.
#[derive(Clone)]
pub struct Client {
    shared: Rc<Shared>,
}

struct Shared {
    pool: RefCell<Pool>,
    workers: RefCell<BTreeMap<WorkerId, EngineWorker>>,
    files: Files,
    /// What workers are started with.
    engines: RefCell<Vec<(EngineKind, Engine)>>,
    stores: Stores,
}

impl Client {
    /// A pool without workers, for a page with these files.
    pub fn new(stores: Stores, files: Files) -> Self {
        let cores = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
        stores.engine.cores.set(cores as usize);
        let (pool, workers) = (RefCell::new(Pool::new(cores as usize)), RefCell::default());
        let client = Client { shared: Rc::new(Shared { pool, workers, files, engines: RefCell::default(), stores }) };
        let ticking = client.clone();
        set_interval(move || ticking.take(Input::Tick), TICK);
        client
    }

    /// The run that is shown, if it has made an update: as it can be kept. `bases` names its base models.
    pub fn saved(&self, bases: &str) -> Option<SavedRun> {
        let (pool, run) = (self.shared.pool.borrow(), self.shared.stores.run);
        untrack(|| {
            run.with(&[], |run| {
                let (preference, states) = pool.states(run.run).filter(|_| run.has_progress())?;
                Some(run.saved(preference, states, bases.to_owned()))
            })
        })
    }

    /// Takes in what happened, and does what follows from it.
    pub fn take(&self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let effects = self.shared.pool.borrow_mut().take(js_sys::Date::now(), input);
            inputs.extend(effects.into_iter().filter_map(|effect| self.carry_out(effect)));
        }
    }

    /// Returns what came of it at once, if anything did.
    fn carry_out(&self, effect: Effect) -> Option<Input> {
        let Stores { run, engine, notices, .. } = self.shared.stores;
        match effect {
            Effect::Spawn(id, file) => {
                let client = self.clone();
                match EngineWorker::start(id, file, move |heard| client.take(Input::Heard(id, heard))) {
                    Ok(worker) => drop(self.shared.workers.borrow_mut().insert(id, worker)),
                    Err(reason) => return Some(Input::NotSpawned(id, reason)),
                }
            }
            Effect::Post(id, command) => {
                if let Some(worker) = self.shared.workers.borrow().get(&id) {
                    worker.post(&command);
                }
            }
            Effect::Terminate(id) => {
                let worker = self.shared.workers.borrow_mut().remove(&id);
                // Later: the worker's own callback may be what is running.
                set_timeout(move || drop(worker), Duration::ZERO);
            }
            Effect::FetchEngine(kind) => self.fetch_engine(kind),
            Effect::HandOut(id, kind) => {
                let (workers, engines) = (self.shared.workers.borrow(), self.shared.engines.borrow());
                let engine = engines.iter().find(|(own, _)| *own == kind);
                if let (Some(worker), Some((_, engine))) = (workers.get(&id), engine) {
                    worker.hand_out(engine);
                }
            }
            Effect::FindOut(kind) => {
                let client = self.clone();
                spawn(async move {
                    let fault = client.shared.files.fault_of_worker(kind).await;
                    client.take(Input::FoundOut(fault));
                });
            }
            Effect::Fetch(world, seeds) => self.fetch(world, seeds),
            Effect::SetPhase(phase) => {
                if let Phase::Stopped(reason) = &phase {
                    run.change(|run| run.stopped(reason));
                }
                engine.phase.set(phase);
            }
            Effect::SetEngine(choice) => engine.choice.set(choice),
            Effect::SetWorkers(workers) => engine.workers.set(workers),
            Effect::SetPace(pace) => engine.pace.set(pace),
            Effect::SetProgress(share) => engine.progress.set(share),
            Effect::Notify(code) => notices.tell(code),
            Effect::ClearNotices => notices.clear(),
            Effect::Started => {
                run.started.set(true);
                run.change(RunState::resumed);
            }
            Effect::Keep => engine.keeps.update(|keeps| *keeps += 1),
            Effect::Begin(state) => run.replace(*state),
            // Many events may come between two frames of the screen: what shows them is drawn once a frame.
            Effect::Apply(place, event) => {
                if run.change_untold(|run| run.apply(place, &event)) {
                    request_animation_frame(move || run.tell());
                }
            }
            Effect::Announce(change) => run.change(|run| run.announced(change)),
            Effect::LooksAt(id, at) => run.change(|run| run.looks_at(id, at)),
            Effect::LeadsOn { id, question, begun } => run.change(|run| run.leads_on(id, question, begun)),
            Effect::Asked { id, text, truth } => run.change(|run| run.asked(id, text, truth)),
        }
        None
    }

    fn fetch_engine(&self, kind: EngineKind) {
        let client = self.clone();
        spawn(async move {
            let progress = |loaded, total| client.take(Input::EngineProgress { loaded, total });
            let outcome = client.shared.files.engine(kind, &progress).await;
            let outcome = outcome.map(|engine| client.shared.engines.borrow_mut().push((kind, engine)));
            client.take(Input::EngineFetched(kind, outcome));
        });
    }

    fn fetch(&self, world: Option<WorldId>, seeds: Vec<u64>) {
        let client = self.clone();
        spawn(async move {
            for seed in seeds {
                let progress = |loaded, total| client.take(Input::FetchProgress { loaded, total });
                let files = &client.shared.files;
                let base = bases::base(files, world, seed, &progress).await;
                let failed = base.is_err();
                client.take(Input::Fetched(world, seed, base));
                if failed {
                    break;
                }
            }
        });
    }
}
