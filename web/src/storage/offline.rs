//! The copy of the site in this browser: what `offline.js` says of it, as the page's types.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::js::{call, describe};
use crate::model::offline::Offline;

/// Where the copy stands.
pub async fn look() -> Offline {
    let seen = match call("offline", "look", &[]).await {
        Ok(seen) => seen,
        Err(error) => return Offline::Failed(describe(&error)),
    };
    let field = |name: &str| Reflect::get(&seen, &name.into()).unwrap_or(JsValue::UNDEFINED);
    if field("isAbsent").is_truthy() {
        Offline::Absent
    } else if field("isOff").is_truthy() {
        Offline::Off
    } else {
        let number = |name: &str| field(name).as_f64().unwrap_or(0.0);
        Offline::Kept { bytes: number("bytes"), missing: number("missing"), waits: field("waits").is_truthy() }
    }
}

/// Keeps all of the site; `progress` hears how many bytes are kept.
pub async fn keep_all(progress: impl FnMut(f64) + 'static) -> Offline {
    let progress = Closure::<dyn FnMut(f64)>::new(progress);
    match call("offline", "keepAll", &[progress.as_ref().clone()]).await {
        Ok(_) => look().await,
        Err(error) => {
            let is_full = Reflect::get(&error, &"isStorageFull".into()).is_ok_and(|is_full| is_full.is_truthy());
            if is_full { Offline::Full } else { Offline::Failed(describe(&error)) }
        }
    }
}

/// Lets go of the copy for good, or begins to keep one.
pub async fn switch(on: bool) -> Offline {
    match call("offline", if on { "switchOn" } else { "switchOff" }, &[]).await {
        Ok(_) => look().await,
        Err(error) => Offline::Failed(describe(&error)),
    }
}

/// Loads the newer build that waits, unless other pages of this one are open.
pub async fn take_over() -> Offline {
    match call("offline", "takeOver", &[]).await {
        Ok(others) => match others.as_f64() {
            Some(others) if others > 0.0 => Offline::Occupied(others as usize),
            // The page is about to go.
            Some(_) | None => Offline::Asked,
        },
        Err(error) => Offline::Failed(describe(&error)),
    }
}
