//! A worker that answers with a real language model (`web/assistant/worker.js`), beside the pool.
//!
//! It is told a file and questions, and tells what comes of them; leaves out who answers and what is shown of it
//! (`model::assistant`).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use hedgerow::documents::protocol::BUILD;
use js_sys::{Array, Reflect, Uint8Array};
use leptos::prelude::{IntervalHandle, set_interval_with_handle, set_timeout};
use wasm_bindgen::JsValue;

use super::fetch::Files;
use super::worker::Port;
use crate::js::{describe, spawn};
use crate::model::assistant::{Failure, Spoken, TOKENS, Voice};
use crate::model::site_files::{ASSISTANT_WORKER, FileFault};

/// How long a worker may be silent before it is taken for stuck, seconds: a slow machine unpacks a model for half a minute.
const PATIENCE: u32 = 180;
/// How long it may take to begin: its script is fetched.
const PATIENCE_TO_BEGIN: u32 = 20;

/// Where the model's weights are.
#[derive(Debug, Clone)]
pub enum Source {
    /// In a file that the visitor has chosen: the browser's own object.
    Chosen(JsValue),
    /// In the site.
    Site,
}

/// A model that is loaded and answers until it is ended.
#[derive(Clone)]
pub struct Assistant {
    port: Rc<RefCell<Option<Port>>>,
    files: Files,
    /// What was fetched of what runs have taught it, by name.
    adapters: Rc<RefCell<HashMap<&'static str, Uint8Array>>>,
    /// Seconds since anything was heard; nothing is awaited if there are none.
    silent: Rc<Cell<Option<u32>>>,
    /// Has the worker begun? The first thing that it says is that it is here.
    has_begun: Rc<Cell<bool>>,
    /// Has it been ended? What it still waits for comes to nothing then.
    is_over: Rc<Cell<bool>>,
    hear: Rc<dyn Fn(Spoken)>,
}

impl Assistant {
    /// Fetches what it takes, starts a worker and has it load the model. `hear` is told at most one failure, and nothing
    /// after it.
    pub fn start(files: Files, source: Source, hear: impl Fn(Spoken) + 'static) -> Self {
        let assistant = Assistant {
            port: Rc::default(),
            files,
            adapters: Rc::default(),
            silent: Rc::default(),
            has_begun: Rc::default(),
            is_over: Rc::default(),
            hear: Rc::new(hear),
        };
        let own = assistant.clone();
        spawn(async move {
            if let Err(failure) = own.load(source).await
                && !own.is_over.get()
            {
                own.end();
                (own.hear)(Spoken::Failed(failure));
            }
        });
        assistant
    }

    async fn load(&self, source: Source) -> Result<(), Failure> {
        let told = |loaded, bytes| (self.hear)(Spoken::Loaded { loaded, bytes });
        let engine = self.files.assistant(&told).await.map_err(Failure::File)?;
        let fields = match source {
            Source::Chosen(file) => vec![("file", file)],
            Source::Site => {
                let found = self.files.assistant_model().await.map_err(Failure::File)?;
                let (address, listed) = found.ok_or_else(|| Failure::Download(String::new()))?;
                let bytes = (listed.bytes as f64).into();
                vec![("address", address.into()), ("bytes", bytes), ("sha256", listed.sha256.into())]
            }
        };
        if self.is_over.get() {
            return Ok(());
        }
        let own = self.clone();
        let port = Port::start(&format!("./{ASSISTANT_WORKER}?build={BUILD}"), move |said| own.heard(said));
        let port = port.map_err(|reason| Failure::Stopped(Some(reason)))?;
        port.hand_out(&engine);
        port.post(&fields).map_err(|error| Failure::Stopped(Some(describe(&error))))?;
        self.port.replace(Some(port));
        self.wait();
        Ok(())
    }

    /// Has each voice answer a question, one after the other.
    pub fn ask(&self, question: String) {
        let own = self.clone();
        spawn(async move {
            if let Err(fault) = own.put(&question).await {
                own.fail(Failure::File(fault));
            }
        });
    }

    async fn put(&self, question: &str) -> Result<(), FileFault> {
        self.silent.set(Some(0));
        for (place, voice) in Voice::ALL.into_iter().enumerate() {
            let adapters = Array::new();
            for name in voice.adapters() {
                let known = self.adapters.borrow().get(name).cloned();
                let bytes = match known {
                    Some(bytes) => bytes,
                    None => {
                        let bytes = Uint8Array::from(self.files.adapters(name).await?.as_slice());
                        self.adapters.borrow_mut().insert(name, bytes.clone());
                        bytes
                    }
                };
                adapters.push(&bytes);
            }
            let fields = [
                ("voice", (place as f64).into()),
                ("question", question.into()),
                ("adapters", adapters.into()),
                ("tokens", (TOKENS as f64).into()),
            ];
            let posted = self.port.borrow().as_ref().map(|port| port.post(&fields));
            if let Some(Err(error)) = posted {
                self.fail(Failure::Stopped(Some(describe(&error))));
            }
        }
        Ok(())
    }

    /// Ends the worker, or sees to it that none begins.
    pub fn end(&self) {
        self.is_over.set(true);
        let port = self.port.borrow_mut().take();
        // Later: the worker's own callback may be what is running.
        set_timeout(move || drop(port), Duration::ZERO);
    }

    fn fail(&self, failure: Failure) {
        if self.port.borrow().is_some() {
            self.end();
            (self.hear)(Spoken::Failed(failure));
        }
    }

    /// As [`Assistant::fail`], unless one of the files that a worker begins with is what is wrong.
    fn give_up(&self, failure: Failure) {
        self.silent.set(None);
        let own = self.clone();
        spawn(async move {
            let fault = own.files.fault_of_assistant().await;
            own.fail(fault.map_or(failure, Failure::File));
        });
    }

    fn heard(&self, said: Result<JsValue, Option<String>>) {
        if self.port.borrow().is_none() {
            // It is being ended, and had more to say.
            return;
        }
        self.silent.set(Some(0));
        if said.is_ok() && !self.has_begun.replace(true) {
            return;
        }
        match said.map(|data| read(&data)) {
            Err(reason) | Ok(Some(Spoken::Failed(Failure::Stopped(reason)))) => self.give_up(Failure::Stopped(reason)),
            Ok(Some(Spoken::Failed(failure))) => self.fail(failure),
            Ok(Some(said)) => {
                // Nothing is awaited between questions.
                let is_over = |voice| Voice::ALL.last() == Some(&voice);
                if matches!(&said, Spoken::Ready)
                    || matches!(&said, Spoken::Text { voice, is_whole: true, .. } if is_over(*voice))
                {
                    self.silent.set(None);
                }
                (self.hear)(said);
            }
            Ok(None) => log::error!("the assistant's worker said something unknown"),
        }
    }

    /// Gives it up if it is silent for too long.
    fn wait(&self) {
        self.silent.set(Some(0));
        let (own, ticking) = (self.clone(), Rc::new(Cell::new(None::<IntervalHandle>)));
        let handle = ticking.clone();
        let tick = move || {
            own.silent.set(own.silent.get().map(|seconds| seconds + 1));
            if own.port.borrow().is_none() {
                if let Some(handle) = handle.take() {
                    handle.clear();
                }
                return;
            }
            let patience = if own.has_begun.get() { PATIENCE } else { PATIENCE_TO_BEGIN };
            if own.silent.get() > Some(patience) {
                own.give_up(Failure::Silent);
            }
        };
        ticking.set(set_interval_with_handle(tick, Duration::from_secs(1)).ok());
    }
}

fn read(data: &JsValue) -> Option<Spoken> {
    let field = |name: &str| Reflect::get(data, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    let text = |name: &str| field(name).as_string();
    if let Some(what) = text("failed") {
        let reason = text("reason").unwrap_or_default();
        return Some(Spoken::Failed(match what.as_str() {
            "download" => Failure::Download(reason),
            "model" => Failure::Model(reason),
            "adapters" => Failure::Adapters(reason),
            _ => Failure::Stopped(Some(reason)),
        }));
    }
    if let (Some(loaded), Some(bytes)) = (field("loaded").as_f64(), field("bytes").as_f64()) {
        return Some(Spoken::Loaded { loaded, bytes });
    }
    if let (Some(place), Some(text)) = (field("voice").as_f64(), text("text")) {
        let voice = *Voice::ALL.get(place as usize)?;
        return Some(Spoken::Text { voice, text, is_whole: field("isWhole").is_truthy() });
    }
    let is = |name| field(name).is_truthy();
    is("isUnpacking").then_some(Spoken::Unpacking).or_else(|| is("isReady").then_some(Spoken::Ready))
}
