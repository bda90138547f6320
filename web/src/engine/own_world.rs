//! Base models of other worlds than the invented groups: the site's everyday facts, and what `worlds.js` keeps of the
//! visitor's own.

use std::pin::Pin;

use hedgerow::documents::protocol::Base;
use hedgerow::facts::world::Theme;
use hedgerow::judgement::experiment::WorldId;
use js_sys::{Array, Uint8Array};
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::prelude::*;

use super::fetch::Files;
use crate::js::{call, describe};
use crate::model::site_files::{FileFault, WhyNot};

/// What reads them. It is fetched when there is such a world.
#[derive(Clone, Copy)]
pub struct Reader {
    models: fn(Files, WorldId) -> Reading<Models>,
    base: fn(Files, WorldId, u64) -> Reading<Base>,
}

/// What is read, or why it cannot be.
type Reading<T> = Pin<Box<dyn Future<Output = Result<T, FileFault>>>>;

/// Which models there are of a world.
pub struct Models {
    /// Their seeds.
    pub seeds: Vec<u64>,
    /// Names them, so that other models are noticed.
    pub name: String,
}

#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
fn reader() -> Result<Reader, SplitLoaderError> {
    Ok(Reader {
        models: |files, world| Box::pin(read_models(files, world)),
        base: |files, world, seed| Box::pin(read_base(files, world, seed)),
    })
}

/// The models of a world; `None` if the world is not here.
pub async fn models(files: Files, world: WorldId) -> Option<Models> {
    (reader().await.ok()?.models)(files, world).await.ok()
}

/// A seed's world and weights.
///
/// # Errors
/// Which file could not be had, or the browser's reason.
pub async fn base(files: Files, world: WorldId, seed: u64) -> Result<Base, FileFault> {
    match reader().await {
        Ok(reader) => (reader.base)(files, world, seed).await,
        Err(error) => Err(no_answer(world, error.to_string())),
    }
}

async fn read_models(files: Files, world: WorldId) -> Result<Models, FileFault> {
    match WorldId::theme(Some(world)) {
        Ok(_) => {
            let list = files.for_few().await?;
            let seeds = list.seeds(Theme::Everyday);
            Ok(Models { name: list.versions(Theme::Everyday, &seeds), seeds })
        }
        // The world's name says what they were trained on and how.
        Err(own) => {
            let seeds = read_seeds(own).await.map_err(|error| no_answer(own, describe(&error)))?;
            Ok(Models { seeds, name: own.to_string() })
        }
    }
}

async fn read_base(files: Files, world: WorldId, seed: u64) -> Result<Base, FileFault> {
    match WorldId::theme(Some(world)) {
        Ok(_) => files.everyday_base(seed).await,
        Err(own) => read_own_base(own, seed).await.map_err(|error| no_answer(own, describe(&error))),
    }
}

fn no_answer(world: WorldId, reason: String) -> FileFault {
    FileFault { file: world.to_string(), why: WhyNot::NoAnswer(reason) }
}

async fn read_seeds(world: WorldId) -> Result<Vec<u64>, JsValue> {
    let seeds = call("worlds", "seeds", &[world.to_string().into()]).await?;
    Ok(seeds.dyn_into::<Array>()?.iter().filter_map(|seed| Some(seed.as_f64()? as u64)).collect())
}

async fn read_own_base(world: WorldId, seed: u64) -> Result<Base, JsValue> {
    let parts: Array = call("worlds", "base", &[world.to_string().into(), (seed as f64).into()]).await?.dyn_into()?;
    let text = |place| parts.get(place).as_string().unwrap_or_default();
    let checkpoint = parts.get(2).dyn_into::<Uint8Array>()?.to_vec();
    Ok(Base { seed, world: text(0), tokenizer: text(1), checkpoint })
}
