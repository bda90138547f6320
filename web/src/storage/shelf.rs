//! The shelf in the browser's storage: what `runs.js` keeps there, as the page's types. Writing a run, and reading what is
//! said of it, needs code that is fetched when it is wanted (`storage::files`).

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::model::shelf::{Entry, Said};

#[wasm_bindgen(raw_module = "./runs.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = shelf)]
    async fn shelf_records() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = shelve)]
    async fn shelve_file(id: &str, done: u32, line: &str, file: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = addModels)]
    async fn add_packed_models(id: &str, done: u32, models: &Uint8Array) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = models)]
    async fn models_of(id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = putBack)]
    async fn put_back_record(record: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = file)]
    async fn file_of(id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = label)]
    async fn label_run(id: &str, field: &str, said: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = take)]
    async fn take_run(id: &str) -> Result<JsValue, JsValue>;
}

/// A run that was taken from the shelf, to be put back.
#[derive(Clone)]
pub struct Taken(JsValue);

/// What the shelf holds, the latest first. `read` reads what is said of a run.
///
/// # Errors
/// Why there is no storage.
pub async fn shelf(read: fn(&str) -> Option<crate::model::shelf::Line>) -> Result<Vec<Entry>, JsValue> {
    let records: Array = shelf_records().await?.dyn_into()?;
    let entry = |record: JsValue| {
        let field = |name: &str| Reflect::get(&record, &name.into()).unwrap_or_default();
        let text = |name: &str| field(name).as_string().unwrap_or_default();
        Entry {
            id: text("id"),
            at: field("at").as_f64().unwrap_or_default(),
            name: text("name"),
            note: text("note"),
            pinned: field("pinned").is_truthy(),
            has_models: field("ofModels").is_truthy(),
            line: read(&text("line")),
        }
    };
    Ok(records.iter().map(entry).collect())
}

/// Puts a run's file on the shelf: its name among others, updates done, what is said of it, and the file.
///
/// # Errors
/// Why it cannot be kept.
pub async fn shelve(id: &str, done: u32, line: &str, file: &str) -> Result<(), JsValue> {
    shelve_file(id, done, line, file).await
}

/// Puts the models of a run beside it, if it is there and has done so many updates.
///
/// # Errors
/// Why they cannot be kept.
pub async fn add_models(id: &str, done: u32, models: &[u8]) -> Result<(), JsValue> {
    add_packed_models(id, done, &Uint8Array::from(models)).await
}

/// The models of a run; `None` if there are none.
///
/// # Errors
/// Why there is no storage.
pub async fn models(id: &str) -> Result<Option<Vec<u8>>, JsValue> {
    Ok(models_of(id).await?.dyn_into::<Uint8Array>().ok().map(|models| models.to_vec()))
}

/// A run's file; `None` if it is not there any more.
///
/// # Errors
/// Why there is no storage.
pub async fn file(id: &str) -> Result<Option<String>, JsValue> {
    Ok(file_of(id).await?.as_string())
}

/// Keeps what the visitor says of a run, and leaves the rest of what was said as it is.
///
/// # Errors
/// Why it cannot be kept.
pub async fn label(id: &str, said: Said) -> Result<(), JsValue> {
    let (field, said) = match said {
        Said::Name(name) => ("name", name.into()),
        Said::Note(note) => ("note", note.into()),
        Said::Pinned(pinned) => ("pinned", pinned.into()),
    };
    label_run(id, field, &said).await
}

/// Takes a run from the shelf.
///
/// # Errors
/// Why there is no storage.
pub async fn take(id: &str) -> Result<Taken, JsValue> {
    Ok(Taken(take_run(id).await?))
}

/// Puts back what was taken.
///
/// # Errors
/// Why it cannot be kept.
pub async fn put_back(Taken(record): &Taken) -> Result<(), JsValue> {
    put_back_record(record).await
}
