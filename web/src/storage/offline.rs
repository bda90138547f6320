//! The copy of the site in this browser: what `offline.js` says of it, as the page's types.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::js::{describe, fetch_script};
use crate::model::offline::Offline;

#[wasm_bindgen]
extern "C" {
    /// What `offline.js` offers.
    type Keeper;
    #[wasm_bindgen(method, catch, js_name = look)]
    async fn look_at_copy(this: &Keeper) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = keepAll)]
    async fn keep_all_files(this: &Keeper, progress: &Closure<dyn FnMut(f64)>) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = switchOff)]
    async fn switch_off(this: &Keeper) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = switchOn)]
    async fn switch_on(this: &Keeper) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = takeOver)]
    async fn let_take_over(this: &Keeper) -> Result<JsValue, JsValue>;
}

async fn keeper() -> Result<Keeper, JsValue> {
    Ok(fetch_script("offline").await?.unchecked_into())
}

async fn looked() -> Result<JsValue, JsValue> {
    keeper().await?.look_at_copy().await
}

/// Where the copy stands.
pub async fn look() -> Offline {
    let seen = match looked().await {
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
    let progress = Closure::new(progress);
    let kept = async { keeper().await?.keep_all_files(&progress).await };
    match kept.await {
        Ok(()) => look().await,
        Err(error) => {
            let is_full = Reflect::get(&error, &"isStorageFull".into()).is_ok_and(|is_full| is_full.is_truthy());
            if is_full { Offline::Full } else { Offline::Failed(describe(&error)) }
        }
    }
}

/// Lets go of the copy for good, or begins to keep one.
pub async fn switch(on: bool) -> Offline {
    let done = async {
        let keeper = keeper().await?;
        if on { keeper.switch_on().await } else { keeper.switch_off().await }
    };
    match done.await {
        Ok(()) => look().await,
        Err(error) => Offline::Failed(describe(&error)),
    }
}

/// Loads the newer build that waits, unless other pages of this one are open.
pub async fn take_over() -> Offline {
    let taken = async { keeper().await?.let_take_over().await };
    match taken.await {
        Ok(others) => match others.as_f64() {
            Some(others) if others > 0.0 => Offline::Occupied(others as usize),
            // The page is about to go.
            Some(_) | None => Offline::Asked,
        },
        Err(error) => Offline::Failed(describe(&error)),
    }
}
