//! The benchmark page's side of the engine: plain messages instead of the page's protocol.
//!
//! `bench.js` posts `{ bench: request in JSON, numbers: ArrayBuffer }` and gets back
//! `{ bench: outcome in JSON }`. What is computed is in [`hedgerow::network::bench`]; this adds the clock.

use std::collections::BTreeMap;

use hedgerow::Device;
use hedgerow::network::bench::{Bench, Workload};
use hedgerow::worker::session::Host;
use js_sys::{ArrayBuffer, Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// Workloads on their devices, by the name that `bench.js` gave them.
#[derive(Default)]
pub(crate) struct Benches(BTreeMap<String, Bench>);

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "request")]
enum Request {
    /// Makes a workload ready; generated if there is no manifest.
    Open { name: String, config: String, manifest: Option<String>, replicas: usize, gpu: bool },
    /// Steps of training, the loss read every so many and at the last.
    Train { name: String, steps: usize, read_every: usize, reset: bool },
    /// Batches of continuations.
    Sample { name: String, steps: usize, greedy: bool, reset: bool },
}

#[derive(Default, Serialize)]
struct Outcome {
    steps: usize,
    ms_per_step: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_step_ms: Option<f64>,
    /// Of the first replica.
    #[serde(skip_serializing_if = "Option::is_none")]
    losses: Option<Vec<f32>>,
    /// Of the first replica, 16 for each prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Vec<i32>>,
    /// Bytes of the engine's WebAssembly memory.
    mem: u32,
    engine: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Outcome),
    Error(String),
}

/// The request in a message, if it is one of the benchmark's.
pub(crate) fn request(message: &JsValue) -> Option<(String, Vec<u8>)> {
    let request = Reflect::get(message, &"bench".into()).ok()?.as_string()?;
    let numbers =
        Reflect::get(message, &"numbers".into()).ok().and_then(|numbers| numbers.dyn_into::<ArrayBuffer>().ok());
    Some((request, numbers.map(|numbers| Uint8Array::new(&numbers).to_vec()).unwrap_or_default()))
}

impl Benches {
    /// Does what is asked; the message to post.
    pub(crate) async fn answer(&mut self, host: &impl Host, (request, numbers): (String, Vec<u8>)) -> JsValue {
        let answer = match self.serve(host, &request, &numbers).await {
            Ok(outcome) => Answer::Done(outcome),
            Err(error) => Answer::Error(error),
        };
        let json = serde_json::to_string(&answer).expect("an outcome is JSON");
        let message = Object::new();
        Reflect::set(&message, &"bench".into(), &json.into()).expect("a plain object");
        message.into()
    }

    async fn serve(&mut self, host: &impl Host, request: &str, numbers: &[u8]) -> Result<Outcome, String> {
        let request =
            serde_json::from_str(request).map_err(|error| format!("the request is not understood: {error}"))?;
        let text = |error: hedgerow::Error| error.to_string();
        let mut outcome = match request {
            Request::Open { name, config, manifest, replicas, gpu } => {
                let workload = match manifest {
                    Some(manifest) => Workload::parse(&manifest, numbers),
                    None => Workload::generate(&config),
                };
                let workload = workload.map_err(text)?;
                let (device, engine) = match gpu {
                    false => (Device::flex(), "CPU".to_owned()),
                    true => {
                        let gpu = host.open_gpu().await.map_err(|reason| format!("no WebGPU: {reason:?}"))?;
                        (gpu.device, format!("WebGPU ({})", gpu.adapter))
                    }
                };
                self.0.insert(name, Bench::new(workload, replicas.max(1), &device));
                Outcome { engine, ..Outcome::default() }
            }
            Request::Train { name, steps, read_every, reset } => {
                let bench = self.find(&name, reset)?;
                let (mut losses, mut first) = (vec![], None);
                let began = host.now();
                for step in 1..=steps {
                    let wanted = step == steps || step % read_every.max(1) == 0;
                    if let Some(loss) = bench.train(wanted).await.map_err(text)? {
                        losses.push(loss[0]);
                    }
                    first.get_or_insert(host.now() - began);
                }
                let ms_per_step = (host.now() - began) / steps.max(1) as f64;
                Outcome { steps, ms_per_step, first_step_ms: first, losses: Some(losses), ..Outcome::default() }
            }
            Request::Sample { name, steps, greedy, reset } => {
                let bench = self.find(&name, reset)?;
                let (mut tokens, mut first) = (vec![], None);
                let began = host.now();
                for step in 0..steps {
                    tokens = bench.sample(greedy, step as u64).await.map_err(text)?;
                    first.get_or_insert(host.now() - began);
                }
                let ms_per_step = (host.now() - began) / steps.max(1) as f64;
                tokens.truncate(tokens.len() / bench.replicas());
                Outcome { steps, ms_per_step, first_step_ms: first, tokens: Some(tokens), ..Outcome::default() }
            }
        };
        outcome.mem = wasm_bindgen::memory()
            .unchecked_into::<js_sys::WebAssembly::Memory>()
            .buffer()
            .unchecked_into::<ArrayBuffer>()
            .byte_length();
        Ok(outcome)
    }

    fn find(&mut self, name: &str, reset: bool) -> Result<&mut Bench, String> {
        let bench = self.0.get_mut(name).ok_or("the workload was not opened")?;
        if reset {
            bench.reset();
        }
        Ok(bench)
    }
}
