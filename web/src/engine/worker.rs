//! One worker as the page sees it: start it, post commands, hear what comes back.
//!
//! `worker.js` asks for an engine and starts it; from then on the engine itself speaks the protocol. Leaves out what to say and when (`pool`).

use hedgerow::documents::protocol::{BUILD, Command, EngineKind, decode, encode};
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, WorkerOptions, WorkerType};

use super::fetch::Engine;
use super::pool::{EngineFile, Heard, WorkerId};
use crate::js::describe;
use crate::text::text;

/// A running worker of any kind; ended when it is dropped.
pub struct Port {
    worker: web_sys::Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
    _on_message_error: Closure<dyn FnMut(MessageEvent)>,
}

impl Port {
    /// Starts a worker; `hear` gets what it says, or that it is gone, with the browser's reason if there is one.
    ///
    /// # Errors
    /// The browser's reason, if it starts none.
    pub fn start(url: &str, hear: impl Fn(Result<JsValue, Option<String>>) + Clone + 'static) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(url, &options).map_err(|error| describe(&error))?;
        let on_message = {
            let hear = hear.clone();
            Closure::new(move |message: MessageEvent| hear(Ok(message.data())))
        };
        let on_error = {
            let hear = hear.clone();
            Closure::new(move |error: ErrorEvent| {
                error.prevent_default();
                // A file that cannot be fetched fires a plain event, which has no message.
                let message = Reflect::get(&error, &"message".into()).ok().and_then(|message| message.as_string());
                hear(Err(message.filter(|message| !message.is_empty())));
            })
        };
        let on_message_error = Closure::new(move |_: MessageEvent| hear(Err(Some(text().stops.message_lost.into()))));
        worker.set_onmessage(Some(AsRef::<JsValue>::as_ref(&on_message).unchecked_ref()));
        worker.set_onerror(Some(AsRef::<JsValue>::as_ref(&on_error).unchecked_ref()));
        worker.set_onmessageerror(Some(AsRef::<JsValue>::as_ref(&on_message_error).unchecked_ref()));
        Ok(Port { worker, _on_message: on_message, _on_error: on_error, _on_message_error: on_message_error })
    }

    /// Posts an object with these fields.
    ///
    /// # Errors
    /// The browser's reason.
    pub fn post(&self, fields: &[(&str, JsValue)]) -> Result<(), JsValue> {
        let message = Object::new();
        for (name, value) in fields {
            Reflect::set(&message, &(*name).into(), value)?;
        }
        self.worker.post_message(&message)
    }

    /// Gives it the engine that it needs.
    pub fn hand_out(&self, engine: &Engine) {
        let fields = [("script", engine.script.as_str().into()), ("module", engine.module.clone().into())];
        if let Err(error) = self.post(&fields) {
            log::error!("an engine could not be handed out: {}", describe(&error));
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
    }
}

/// A running worker with an engine of the laboratory.
pub struct EngineWorker(Port);

impl EngineWorker {
    /// Starts a worker; `hear` gets everything it says.
    ///
    /// # Errors
    /// The browser's reason, if it starts none.
    pub fn start(id: WorkerId, file: EngineFile, hear: impl Fn(Heard) + Clone + 'static) -> Result<Self, String> {
        let file = match file {
            EngineFile::Auto => "auto",
            EngineFile::Cpu => "cpu",
            EngineFile::Gpu => "gpu",
        };
        // With an address of its own: Chromium lets a worker wait for the stalled script of one before it.
        let url = format!("./worker.js?engine={file}&build={BUILD}&worker={id}");
        let said =
            move |said: Result<JsValue, Option<String>>| hear(said.map_or_else(Heard::Crashed, |data| read(&data)));
        Port::start(&url, said).map(EngineWorker)
    }

    /// Gives it the engine that it asked for.
    pub fn hand_out(&self, engine: &Engine) {
        self.0.hand_out(engine);
    }

    /// Sends a command; its bytes are moved, not copied.
    pub fn post(&self, command: &Command) {
        let bytes = Uint8Array::from(encode(command).as_slice()).buffer();
        if let Err(error) = self.0.worker.post_message_with_transfer(&bytes, &Array::of1(&bytes)) {
            log::error!("a command could not be posted: {}", describe(&error));
        }
    }
}

fn read(data: &JsValue) -> Heard {
    if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        return match decode(&Uint8Array::new(buffer).to_vec()) {
            Ok(event) => Heard::Event(Box::new(event)),
            Err(error) => Heard::Crashed(Some(error.to_string())),
        };
    }
    let field = |name: &str| Reflect::get(data, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    match field("wants").as_string().as_deref() {
        Some("cpu") => Heard::Wants { kind: EngineKind::Cpu, gpu_is_silent: field("gpuIsSilent").is_truthy() },
        Some("gpu") => Heard::Wants { kind: EngineKind::Gpu, gpu_is_silent: false },
        // What it says is in no protocol, unless it is why it stopped.
        Some(_) | None => {
            Heard::Crashed(field("crashed").as_string().or_else(|| Some(text().stops.message_lost.into())))
        }
    }
}
