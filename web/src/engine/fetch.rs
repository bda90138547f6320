//! Fetches the site's own files, with progress.
//!
//! Base models, recorded runs and the list of seeds. Leaves out the engine, which its worker
//! fetches itself.

use hedgerow::documents::protocol::{Base, decode};
use hedgerow::documents::report::RunReport;
use js_sys::{Array, JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

use crate::js::describe;
use crate::model::draft::Question;
use crate::text::text;

/// The seeds that come with the site.
///
/// # Errors
/// Why it could not be fetched, for the user.
pub async fn seeds() -> Result<Vec<u64>, String> {
    let path = "base/index.json";
    let index = JSON::parse(&read(path).await?).and_then(|index| Reflect::get(&index, &"seeds".into()));
    let seeds = index.ok().and_then(|seeds| seeds.dyn_into::<Array>().ok());
    let seeds = seeds.and_then(|seeds| seeds.iter().map(|seed| Some(seed.as_f64()? as u64)).collect());
    seeds.ok_or_else(|| text().stops.not_read(path))
}

/// The recorded run of a question; `None` if the site has none, for which an empty file stands.
///
/// # Errors
/// Why it could not be fetched, for the user.
pub async fn recorded(question: Question) -> Result<Option<RunReport>, String> {
    let path = format!("recorded/{}.postcard", question.id());
    let bytes = bytes(&path, |_, _| ()).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    decode(&bytes).map(Some).map_err(|_| text().stops.not_read(path))
}

/// A seed's world and weights. `progress` hears the bytes loaded and expected so far.
///
/// # Errors
/// Why it could not be fetched, for the user.
pub async fn base(seed: u64, progress: impl Fn(f64, f64)) -> Result<Base, String> {
    let world = read(&format!("base/world-{seed}.json")).await?;
    let tokenizer = read("base/tokenizer.json").await?;
    let checkpoint = bytes(&format!("base/base-{seed}.safetensors"), progress).await?;
    Ok(Base { seed, world, tokenizer, checkpoint })
}

async fn read(path: &str) -> Result<String, String> {
    let bytes = bytes(path, |_, _| ()).await?;
    String::from_utf8(bytes).map_err(|_| text().stops.not_read(path))
}

async fn bytes(path: &str, progress: impl Fn(f64, f64)) -> Result<Vec<u8>, String> {
    let failed = |error: JsValue| text().stops.not_fetched(path, describe(&error));
    let window = leptos::prelude::window();
    let response: Response =
        JsFuture::from(window.fetch_with_str(path)).await.map_err(failed)?.dyn_into().map_err(failed)?;
    if !response.ok() {
        return Err(text().stops.answered(path, response.status()));
    }
    let packed = response.headers().has("content-encoding").unwrap_or(false);
    let length = response.headers().get("content-length").ok().flatten().and_then(|length| length.parse().ok());
    let total: f64 = length.filter(|_| !packed).unwrap_or(0.0);
    let Some(body) = response.body() else { return Ok(Vec::new()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|_| text().stops.not_read(path))?;
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(failed)?;
        let field = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name));
        if field("done").is_ok_and(|done| done.is_truthy()) {
            return Ok(bytes);
        }
        let part: Uint8Array = field("value").map_err(failed)?.dyn_into().map_err(failed)?;
        bytes.extend(part.to_vec());
        progress(bytes.len() as f64, total);
    }
}
