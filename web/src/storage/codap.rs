//! CODAP around the page: whether there may be one, and what `codap.js` sends it.

use js_sys::Reflect;
use leptos::prelude::window;

use super::embed::host;
use crate::js::{call, describe};
use crate::model::codap::Failure;

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
    call("codap", "send", &[message.into()]).await.map(drop).map_err(|error| {
        let is_silence = Reflect::get(&error, &"isSilence".into()).is_ok_and(|is_silence| is_silence.is_truthy());
        if is_silence { Failure::Silent } else { Failure::Refused(describe(&error)) }
    })
}
