//! The engine worker: a [`Session`] behind the message port of a dedicated module worker.
//!
//! Commands come in, the session trains in between, and events go out as bytes. What is trained, and
//! how, is in [`hedgerow::worker`]; this crate adds the browser (`host`) and the messages of the
//! benchmark's page (`bench`). The page fetches the result, and `worker.js` starts it.

mod bench;
mod host;

use futures_channel::mpsc;
use futures_util::StreamExt;
use hedgerow::documents::protocol::{BUILD, Command, Event, decode};
use hedgerow::worker::session::Session;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use crate::bench::Benches;
use crate::host::{Browser, pause, post, scope};

fn main() {
    if cfg!(target_arch = "wasm32") {
        listen();
    } else {
        eprintln!("the engine runs in a browser's worker; `cargo xtask demo` serves it");
    }
}

/// Takes commands and benchmark requests from here on, and says so with [`Event::Ready`].
fn listen() {
    host::report_panics();
    host::count_errors();
    let (sender, messages) = mpsc::unbounded();
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
    spawn_local(serve(messages));
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
            // An update on the CPU never waits for anything: the worker's event loop gets a turn.
            pause(0).await;
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
