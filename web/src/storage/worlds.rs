//! Worlds of the visitor's own in the browser's storage: what `worlds.js` keeps, as the page's types.

use hedgerow::documents::protocol::{decode, encode};
use hedgerow::judgement::experiment::WorldId;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::js::call;
use crate::model::own_world::OwnWorld;

/// All that are kept, the latest first. What another build has written, and this one cannot read, is left out.
///
/// # Errors
/// Why there is no storage.
pub async fn all() -> Result<Vec<OwnWorld>, JsValue> {
    let records: Array = call("worlds", "worlds", &[]).await?.dyn_into()?;
    let world = |record: JsValue| {
        let record = record.dyn_into::<Array>().ok()?.get(1);
        let whole = Reflect::get(&record, &"whole".into()).ok()?.dyn_into::<Uint8Array>().ok()?;
        decode(&whole.to_vec()).ok()
    };
    Ok(records.iter().filter_map(world).collect())
}

/// Keeps a world in place of what was kept of it before.
///
/// # Errors
/// Why it cannot be kept.
pub async fn keep(own: &OwnWorld) -> Result<(), JsValue> {
    let record = |fields: &[(&str, JsValue)]| -> Result<JsValue, JsValue> {
        let record = Object::new();
        for (name, value) in fields {
            Reflect::set(&record, &(*name).into(), value)?;
        }
        Ok(record.into())
    };
    let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
    let models = own.models.iter().map(|model| {
        record(&[("seed", JsValue::from_f64(model.seed as f64)), ("checkpoint", bytes(&model.checkpoint))])
    });
    let models = models.collect::<Result<Array, _>>()?;
    let own_record = record(&[
        ("world", own.world.as_str().into()),
        ("tokenizer", own.tokenizer.as_str().into()),
        ("models", models.into()),
        ("whole", bytes(&encode(own))),
    ])?;
    call("worlds", "keep", &[own.id().to_string().into(), own_record]).await.map(drop)
}

/// Lets go of a world.
///
/// # Errors
/// Why there is no storage.
pub async fn drop_world(world: WorldId) -> Result<(), JsValue> {
    call("worlds", "drop", &[world.to_string().into()]).await.map(drop)
}
