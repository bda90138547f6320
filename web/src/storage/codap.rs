//! CODAP around the page: whether there may be one, and what `codap.js` sends it.

use js_sys::Reflect;
use leptos::prelude::window;
use wasm_bindgen::prelude::*;

use super::embed::host;
use crate::js::{describe, fetch_script};
use crate::model::codap::Failure;

#[wasm_bindgen]
extern "C" {
    /// What `codap.js` offers.
    type Plugin;
    #[wasm_bindgen(method, catch, js_name = send)]
    async fn send_rows(this: &Plugin, message: &str) -> Result<(), JsValue>;
}

/// Does the page's address say that CODAP is around it?
pub fn is_around() -> bool {
    let search = window().location().search().unwrap_or_default();
    let mut parameters = search.trim_start_matches('?').split('&');
    host().is_some() && parameters.any(|parameter| parameter.split('=').next() == Some("codap"))
}

/// Sends a message (`text::codap`).
///
/// # Errors
/// Why CODAP has not taken it.
pub async fn send(message: &str) -> Result<(), Failure> {
    let sent = async { fetch_script("codap").await?.unchecked_into::<Plugin>().send_rows(message).await };
    sent.await.map_err(|error| {
        let is_silence = Reflect::get(&error, &"isSilence".into()).is_ok_and(|is_silence| is_silence.is_truthy());
        if is_silence { Failure::Silent } else { Failure::Refused(describe(&error)) }
    })
}
