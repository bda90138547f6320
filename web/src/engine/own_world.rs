//! Base models of a world of the visitor's own: what `worlds.js` keeps of them.

use std::pin::Pin;

use hedgerow::documents::protocol::Base;
use hedgerow::judgement::experiment::WorldId;
use js_sys::{Array, Uint8Array};
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::prelude::*;

use crate::js::{call, describe};
use crate::model::site_files::{FileFault, WhyNot};

/// What reads them. It is fetched when there is such a world.
#[derive(Clone, Copy)]
pub struct Reader {
    seeds: fn(WorldId) -> Reading<Vec<u64>>,
    base: fn(WorldId, u64) -> Reading<Base>,
}

/// What is read, or the browser's reason.
type Reading<T> = Pin<Box<dyn Future<Output = Result<T, JsValue>>>>;

#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
fn reader() -> Result<Reader, SplitLoaderError> {
    Ok(Reader { seeds: |world| Box::pin(read_seeds(world)), base: |world, seed| Box::pin(read_base(world, seed)) })
}

/// The seeds that a world has models of; `None` if the world is not here.
pub async fn seeds(world: WorldId) -> Option<Vec<u64>> {
    (reader().await.ok()?.seeds)(world).await.ok()
}

/// A seed's world and weights.
///
/// # Errors
/// The browser's reason.
pub async fn base(world: WorldId, seed: u64) -> Result<Base, FileFault> {
    let base = match reader().await {
        Ok(reader) => (reader.base)(world, seed).await.map_err(|error| describe(&error)),
        Err(error) => Err(error.to_string()),
    };
    base.map_err(|reason| FileFault { file: world.to_string(), why: WhyNot::NoAnswer(reason) })
}

async fn read_seeds(world: WorldId) -> Result<Vec<u64>, JsValue> {
    let seeds = call("worlds", "seeds", &[world.to_string().into()]).await?;
    Ok(seeds.dyn_into::<Array>()?.iter().filter_map(|seed| Some(seed.as_f64()? as u64)).collect())
}

async fn read_base(world: WorldId, seed: u64) -> Result<Base, JsValue> {
    let parts: Array = call("worlds", "base", &[world.to_string().into(), (seed as f64).into()]).await?.dyn_into()?;
    let text = |place| parts.get(place).as_string().unwrap_or_default();
    let checkpoint = parts.get(2).dyn_into::<Uint8Array>()?.to_vec();
    Ok(Base { seed, world: text(0), tokenizer: text(1), checkpoint })
}
