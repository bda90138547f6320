//! A worker that trains one model on a world of the visitor's own, beside the pool.
//!
//! It is asked for news and tells them; leaves out what is kept of them and how a training is gone on with
//! (`panels::world`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hedgerow::Error;
use hedgerow::documents::own_world::{PretrainNews, PretrainOrder};
use hedgerow::documents::protocol::{Command, EnginePreference, Event, decode, encode};
use leptos::prelude::{set_interval_with_handle, set_timeout};

use super::fetch::Files;
use super::pool::{EngineFile, Heard};
use super::worker::EngineWorker;
use crate::js::spawn;
use crate::model::site_files::FileFault;

/// How long a worker may be silent before it is taken for stuck, seconds: an examination of a large world on a slow
/// machine takes a few.
const PATIENCE: u32 = 120;
/// Names in the workers' addresses that the pool does not use.
const FIRST_NAME: u32 = 1_000_000;

thread_local! {
    static NEXT_NAME: Cell<u32> = const { Cell::new(FIRST_NAME) };
}

/// What a trainer tells.
#[derive(Debug, Clone)]
pub enum Told {
    /// The engine has chosen its device, and the training begins.
    Begun,
    /// How the training goes.
    News(PretrainNews),
    /// It has ended, and why.
    Failed(Failure),
}

/// Why a training cannot go on.
#[derive(Debug, Clone)]
pub enum Failure {
    /// A file of the engine could not be had.
    File(FileFault),
    /// The engine says why.
    Engine(Error),
    /// The worker is gone; in the browser's words, if it has any.
    Crashed(Option<String>),
    /// It said nothing for too long.
    Silent,
}

/// A training that goes on until it is ended.
#[derive(Clone)]
pub struct Trainer {
    worker: Rc<RefCell<Option<EngineWorker>>>,
}

impl Trainer {
    /// Starts a worker and has it carry out an order. `hear` is told at most one failure, and nothing after it.
    pub fn start(
        files: Files,
        preference: EnginePreference,
        order: PretrainOrder,
        hear: impl Fn(Told) + Clone + 'static,
    ) -> Self {
        let trainer = Trainer { worker: Rc::default() };
        let silent = Rc::new(Cell::new(0));
        let name = NEXT_NAME.with(|next| next.replace(next.get() + 1));
        let (own, quiet, order) = (trainer.clone(), silent.clone(), encode(&order));
        let told = hear.clone();
        let on_heard = move |heard: Heard| {
            quiet.set(0);
            let failed = |failure| own.fail(failure, &told);
            match heard {
                Heard::Wants { kind, .. } => {
                    let (own, files, told, quiet) = (own.clone(), files.clone(), told.clone(), quiet.clone());
                    spawn(async move {
                        match files.engine(kind, &move |_, _| quiet.set(0)).await {
                            Ok(engine) => own.with(|worker| worker.hand_out(&engine)),
                            Err(fault) => own.fail(Failure::File(fault), &told),
                        }
                    });
                }
                Heard::Crashed(reason) => failed(Failure::Crashed(reason)),
                Heard::Event(event) => match *event {
                    Event::Ready { .. } => own.post(&Command::ChooseEngine { preference, replicas: 1 }),
                    Event::EngineChosen(_) => {
                        told(Told::Begun);
                        own.post(&Command::Pretrain(order.clone()));
                    }
                    Event::Pretraining(news) => match decode(&news) {
                        Ok(news) => told(Told::News(news)),
                        Err(error) => failed(Failure::Engine(error)),
                    },
                    Event::Failed { error, .. } => failed(Failure::Engine(error)),
                    // Of runs, which it has none of.
                    Event::Loaded { .. }
                    | Event::Updated { .. }
                    | Event::Measured { .. }
                    | Event::Waiting { .. }
                    | Event::Progress { .. }
                    | Event::WasReset { .. }
                    | Event::RewardChanged { .. }
                    | Event::ToRate { .. }
                    | Event::Inspected { .. }
                    | Event::Snapshot { .. } => {}
                },
            }
        };
        match EngineWorker::start(name, EngineFile::of(preference), on_heard) {
            Ok(worker) => drop(trainer.worker.replace(Some(worker))),
            Err(reason) => hear(Told::Failed(Failure::Crashed(Some(reason)))),
        }
        let own = trainer.clone();
        let ticking = Rc::new(Cell::new(None::<leptos::prelude::IntervalHandle>));
        let handle = ticking.clone();
        let tick = move || {
            silent.set(silent.get() + 1);
            if own.worker.borrow().is_none() {
                if let Some(handle) = handle.take() {
                    handle.clear();
                }
            } else if silent.get() > PATIENCE {
                own.fail(Failure::Silent, &hear);
            }
        };
        ticking.set(set_interval_with_handle(tick, Duration::from_secs(1)).ok());
        trainer
    }

    /// Asks for the state as it is, and has the worker stop.
    pub fn stop(&self) {
        self.post(&Command::Pretrain(encode(&PretrainOrder::Stop)));
    }

    /// Ends the worker.
    pub fn end(&self) {
        let worker = self.worker.borrow_mut().take();
        // Later: the worker's own callback may be what is running.
        set_timeout(move || drop(worker), Duration::ZERO);
    }

    fn fail(&self, failure: Failure, hear: &impl Fn(Told)) {
        if self.worker.borrow().is_some() {
            self.end();
            hear(Told::Failed(failure));
        }
    }

    fn post(&self, command: &Command) {
        self.with(|worker| worker.post(command));
    }

    fn with(&self, act: impl FnOnce(&EngineWorker)) {
        if let Some(worker) = &*self.worker.borrow() {
            act(worker);
        }
    }
}
