//! Worlds of the visitor's own in the browser's storage: what `worlds.js` keeps, as the page's types.

use hedgerow::documents::protocol::{decode, encode};
use hedgerow::judgement::experiment::WorldId;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::js::call;
use crate::model::own_world::{ForeignWorld, OwnWorld, WorldName, name_of};

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
                whole,
                id: named.get(0).as_string().unwrap_or_default(),
                world: field("world").as_string().unwrap_or_default(),
                tokenizer: field("tokenizer").as_string().unwrap_or_default(),
                models: field("models").dyn_into().map(|models: Array| models.iter().filter_map(model).collect())?,
            }),
        }
    }
    Ok((own, foreign))
}

/// What all that are kept are called, without reading their models.
///
/// # Errors
/// Why there is no storage.
pub async fn names() -> Result<Vec<WorldName>, JsValue> {
    let records: Array = call("worlds", "worlds", &[]).await?.dyn_into()?;
    let name = |named: JsValue| {
        let named: Array = named.dyn_into().ok()?;
        let id = WorldId::try_from(named.get(0).as_string()?).ok()?;
        let world = Reflect::get(&named.get(1), &"world".into()).ok()?.as_string()?;
        Some((id, name_of(&world)?))
    };
    Ok(records.iter().filter_map(name).collect())
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
    let models = own.models.iter().map(|model| (model.seed, model.checkpoint.as_slice()));
    put(&own.id().to_string(), [&own.world, &own.tokenizer], models, &encode(own)).await
}

/// Keeps a world of another build as it was.
///
/// # Errors
/// Why it cannot be kept.
pub async fn keep_foreign(foreign: &ForeignWorld) -> Result<(), JsValue> {
    let models = foreign.models.iter().map(|(seed, checkpoint)| (*seed, checkpoint.as_slice()));
    put(&foreign.id, [&foreign.world, &foreign.tokenizer], models, &foreign.whole).await
}

async fn put<'a>(
    id: &str,
    [world, tokenizer]: [&str; 2],
    models: impl Iterator<Item = (u64, &'a [u8])>,
    whole: &[u8],
) -> Result<(), JsValue> {
    let record = |fields: &[(&str, JsValue)]| -> Result<JsValue, JsValue> {
        let record = Object::new();
        for (name, value) in fields {
            Reflect::set(&record, &(*name).into(), value)?;
        }
        Ok(record.into())
    };
    let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
    let models = models
        .map(|(seed, model)| record(&[("seed", JsValue::from_f64(seed as f64)), ("checkpoint", bytes(model))]))
        .collect::<Result<Array, _>>()?;
    let world = record(&[
        ("world", world.into()),
        ("tokenizer", tokenizer.into()),
        ("models", models.into()),
        ("whole", bytes(whole)),
    ])?;
    call("worlds", "keep", &[id.into(), world]).await.map(drop)
}

/// Lets go of a world, by its name.
///
/// # Errors
/// Why there is no storage.
pub async fn drop_world(world: &str) -> Result<(), JsValue> {
    call("worlds", "drop", &[world.into()]).await.map(drop)
}
