//! Runs in the browser's storage: what `runs.js` keeps, as the page's types.
//!
//! Each is kept with the engine's build: another build might read something else out of it. A run that waits is
//! kept as a file as well, which any build can hand out.

use hedgerow::documents::protocol::BUILD;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::model::saved::{SavedRun, WorkerState};

#[wasm_bindgen(raw_module = "./runs.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = find)]
    async fn find_kept() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = keep)]
    async fn keep_record(record: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = forget)]
    async fn forget_named(id: &JsValue) -> Result<(), JsValue>;
}

/// A run that was kept.
#[derive(Clone)]
pub struct Kept {
    /// Names it.
    pub id: String,
    /// Is this the tab that it was made in, opened again?
    pub again: bool,
    /// The run; `None` if another build has kept it.
    pub run: Option<SavedRun>,
    /// The run as a file, if it waited.
    pub file: Option<String>,
}

/// The run of this tab, or else the latest that no open tab has.
///
/// # Errors
/// Why there is no storage.
pub async fn find() -> Result<Option<Kept>, JsValue> {
    let record = find_kept().await?;
    if record.is_null() {
        return Ok(None);
    }
    let field = |name: &str| Reflect::get(&record, &name.into());
    let id = field("id")?.as_string().unwrap_or_default();
    let head = field("head")?.dyn_into::<Uint8Array>()?.to_vec();
    let states: Array = field("states")?.dyn_into()?;
    let bytes = |state: JsValue| state.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec());
    let states = states.iter().map(bytes).collect();
    let is_of_this_build = field("build")?.as_string().as_deref() == Some(BUILD);
    let shelved = field("shelved")?.as_f64().map(|done| done as u32);
    let run = if is_of_this_build { SavedRun::read(&head, states) } else { None };
    let run = run.map(|run| SavedRun { shelved, ..run });
    Ok(Some(Kept { id, again: field("again")?.is_truthy(), run, file: field("file")?.as_string() }))
}

/// Keeps this tab's run, in place of what was kept of it before; `file` is the run as a file.
///
/// # Errors
/// Why it cannot be kept.
pub async fn keep(run: &SavedRun, file: Option<&str>) -> Result<(), JsValue> {
    let bytes = |state: &Option<WorkerState>| match state {
        Some(state) => Uint8Array::from(state.bytes.as_slice()).into(),
        None => JsValue::NULL,
    };
    let states: Array = run.states.iter().map(bytes).collect();
    let head = Uint8Array::from(run.head().as_slice());
    let record = Object::new();
    for (name, value) in [
        ("build", BUILD.into()),
        ("head", head.into()),
        ("states", states.into()),
        ("file", file.map_or(JsValue::NULL, JsValue::from)),
        ("shelved", run.shelved.map_or(JsValue::NULL, JsValue::from)),
    ] {
        Reflect::set(&record, &name.into(), &value)?;
    }
    keep_record(&record).await
}

/// Lets go of a run of that name, or of this tab's.
///
/// # Errors
/// Why there is no storage.
pub async fn forget(id: Option<&str>) -> Result<(), JsValue> {
    forget_named(&id.map_or(JsValue::UNDEFINED, JsValue::from_str)).await
}
