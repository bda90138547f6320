//! Worlds of the visitor's own in the browser's storage: what `worlds.js` keeps, as the page's types.

use hedgerow::documents::protocol::{decode, encode};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::js::call;
use crate::model::own_world::{ForeignWorld, OwnWorld};

/// All that are kept, the latest first, and those that another build has kept in a way that this one cannot read.
///
/// # Errors
/// Why there is no storage.
pub async fn all() -> Result<(Vec<OwnWorld>, Vec<ForeignWorld>), JsValue> {
    let records: Array = call("worlds", "worlds", &[]).await?.dyn_into()?;
    let (mut own, mut foreign) = (Vec::new(), Vec::new());
    for named in records.iter() {
        let named: Array = named.dyn_into()?;
        let field = |name: &str| Reflect::get(&named.get(1), &name.into()).unwrap_or_default();
        let whole = field("whole").dyn_into::<Uint8Array>().map(|whole| whole.to_vec()).unwrap_or_default();
        match decode(&whole) {
            Ok(world) => own.push(world),
            Err(_) => foreign.push(ForeignWorld {
                id: named.get(0).as_string().unwrap_or_default(),
                world: field("world").as_string().unwrap_or_default(),
                tokenizer: field("tokenizer").as_string().unwrap_or_default(),
                models: field("models").dyn_into().map(|models: Array| models.iter().filter_map(model).collect())?,
            }),
        }
    }
    Ok((own, foreign))
}

fn model(record: JsValue) -> Option<(u64, Vec<u8>)> {
    let field = |name: &str| Reflect::get(&record, &name.into()).ok();
    let checkpoint = field("checkpoint")?.dyn_into::<Uint8Array>().ok()?;
    Some((field("seed")?.as_f64()? as u64, checkpoint.to_vec()))
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

/// Lets go of a world, by its name.
///
/// # Errors
/// Why there is no storage.
pub async fn drop_world(world: &str) -> Result<(), JsValue> {
    call("worlds", "drop", &[world.into()]).await.map(drop)
}
