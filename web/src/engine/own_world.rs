//! Base models of a world of the visitor's own: what `worlds.js` keeps of them.

use hedgerow::documents::protocol::Base;
use hedgerow::judgement::experiment::WorldId;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::js::describe;
use crate::model::site_files::{FileFault, WhyNot};

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Fetches `worlds.js`.
    #[wasm_bindgen(catch, js_name = worlds)]
    async fn fetch() -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    type Keeper;
    #[wasm_bindgen(method, catch, js_name = base)]
    async fn kept_base(this: &Keeper, world: &str, seed: f64) -> Result<JsValue, JsValue>;
}

async fn kept(world: &str, seed: u64) -> Result<JsValue, JsValue> {
    fetch().await?.unchecked_into::<Keeper>().kept_base(world, seed as f64).await
}

/// A seed's world and weights.
///
/// # Errors
/// The browser's reason.
pub async fn base(world: WorldId, seed: u64) -> Result<Base, FileFault> {
    let world = world.to_string();
    let base = kept(&world, seed).await.and_then(|parts| {
        let parts: Array = parts.dyn_into()?;
        let text = |place| parts.get(place).as_string().unwrap_or_default();
        let checkpoint = parts.get(2).dyn_into::<Uint8Array>()?.to_vec();
        Ok(Base { seed, world: text(0), tokenizer: text(1), checkpoint })
    });
    base.map_err(|error| FileFault { file: world, why: WhyNot::NoAnswer(describe(&error)) })
}
