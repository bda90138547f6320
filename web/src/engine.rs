//! The browser around a [`Session`]: message port, clock, WebGPU, log and panics.

#[cfg(feature = "engine-gpu")]
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_channel::mpsc;
use futures_util::StreamExt;
use hedgerow::Error;
use hedgerow::documents::protocol::{Command, EngineReason, Event, decode, encode};
use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::BUILD;
use crate::bench::{self, Benches};
use hedgerow::worker::session::{Gpu, Host, Session};

static LOGGED_ERRORS: AtomicUsize = AtomicUsize::new(0);

/// Listens to commands and trains in between. Says [`Event::Ready`] when it listens.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
        // The instance is lost; the page starts another worker from the last snapshot.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        post(&Event::Failed { run: None, error: Error::Panicked { place }, fatal: true });
    }));
    log::set_boxed_logger(Box::new(CountingLog)).expect("no other logger");
    log::set_max_level(log::LevelFilter::Warn);

    let (sender, commands) = mpsc::unbounded();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let data = message.data();
        if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
            match decode::<Command>(&Uint8Array::new(buffer).to_vec()) {
                Ok(command) => drop(sender.unbounded_send(Message::Command(command))),
                Err(error) => post(&Event::Failed { run: None, error, fatal: false }),
            }
        } else if let Some(request) = bench::request(&data) {
            drop(sender.unbounded_send(Message::Bench(request)));
        } else {
            web_sys::console::warn_2(&"not a command:".into(), &data);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&Event::Ready { build: BUILD.into() });
    spawn_local(serve(commands));
}

/// What the worker is asked.
enum Message {
    /// By the page of the laboratory.
    Command(Command),
    /// By the page of the benchmark.
    Bench((String, Vec<u8>)),
}

async fn serve(mut messages: mpsc::UnboundedReceiver<Message>) {
    let mut session = Session::new(Browser);
    let mut benches = Benches::default();
    loop {
        let next = if session.has_work() {
            session.advance().await;
            let_messages_in().await;
            messages.try_recv().ok()
        } else {
            match messages.next().await {
                None => break,
                message => message,
            }
        };
        for message in next.into_iter().chain(std::iter::from_fn(|| messages.try_recv().ok())) {
            match message {
                Message::Command(command) => session.handle(command).await,
                Message::Bench(request) => {
                    // The page of the benchmark being gone is no failure.
                    drop(scope().post_message(&benches.answer(&Browser, request).await));
                }
            }
        }
    }
}

/// Gives the worker's event loop a turn: an update on the CPU never waits for anything.
async fn let_messages_in() {
    let promise = Promise::new(&mut |resolve, _| {
        scope().set_timeout_with_callback(&resolve).expect("a timer");
    });
    JsFuture::from(promise).await.expect("a timer that is never rejected");
}

struct Browser;

#[cfg(feature = "engine-gpu")]
thread_local! {
    /// burn refuses to initialise a device twice, and knows the first under no other name.
    static OPENED: RefCell<Option<hedgerow::Device>> = const { RefCell::new(None) };
}

impl Host for Browser {
    fn send(&self, event: &Event) {
        post(event);
    }

    fn now(&self) -> f64 {
        scope().performance().map_or(0.0, |clock| clock.now())
    }

    fn logged_errors(&self) -> usize {
        LOGGED_ERRORS.load(Ordering::Relaxed)
    }

    #[cfg(not(feature = "engine-gpu"))]
    async fn open_gpu(&self) -> Result<Gpu, EngineReason> {
        Err(EngineReason::NotBuilt)
    }

    #[cfg(feature = "engine-gpu")]
    async fn open_gpu(&self) -> Result<Gpu, EngineReason> {
        use hedgerow::Device;
        let Some((adapter, software)) = adapter().await else {
            return Err(EngineReason::NotOffered);
        };
        let device = match OPENED.with_borrow(Clone::clone) {
            Some(device) => device,
            None => {
                hedgerow::kernels::keep_buffers();
                Device::wgpu_options()
                    .tasks_max(TASKS)
                    .init_async()
                    .await
                    .map_err(|error| EngineReason::NotOpened(error.to_string()))?
            }
        };
        OPENED.set(Some(device.clone()));
        Ok(Gpu { device, adapter, software })
    }
}

/// Kernels in one submit: an update is a few submits instead of dozens.
#[cfg(feature = "engine-gpu")]
const TASKS: usize = 512;

/// The name of the WebGPU adapter and whether it is software; `None` without one.
#[cfg(feature = "engine-gpu")]
async fn adapter() -> Option<(String, bool)> {
    use js_sys::Reflect;
    let get = |object: &JsValue, key: &JsValue| Reflect::get(object, key);
    let text = |object: &JsValue, key: &str| {
        get(object, &key.into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
    };
    let gpu = get(&scope().navigator(), &"gpu".into()).ok().filter(JsValue::is_object)?;
    let request = get(&gpu, &"requestAdapter".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    let adapter = JsFuture::from(request.call0(&gpu).ok()?.dyn_into::<Promise>().ok()?).await.ok()?;
    if !adapter.is_object() {
        return None;
    }
    let info = get(&adapter, &"info".into()).unwrap_or_default();
    let names = ["vendor", "architecture", "device", "description"].map(|key| text(&info, key));
    let mut words: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    words.dedup();
    let name = words.join(" ");
    let fallback = [&info, &adapter]
        .iter()
        .any(|object| get(object, &"isFallbackAdapter".into()).is_ok_and(|flag| flag.is_truthy()));
    let software =
        fallback || ["swiftshader", "llvmpipe", "basic render"].iter().any(|part| name.to_lowercase().contains(part));
    Some((if name.is_empty() { "an adapter that does not tell its name".into() } else { name }, software))
}

/// Forwards warnings to the console and counts errors.
struct CountingLog;

impl log::Log for CountingLog {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            if record.level() == log::Level::Error {
                LOGGED_ERRORS.fetch_add(1, Ordering::Relaxed);
            }
            console_log::log(record);
        }
    }

    fn flush(&self) {}
}

fn post(event: &Event) {
    let buffer = Uint8Array::from(encode(event).as_slice()).buffer();
    // A failure to post is the page being gone.
    drop(scope().post_message_with_transfer(&buffer, &Array::of1(&buffer)));
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
