//! What JavaScript threw, in words.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// The message of an error, or the text that was thrown.
pub fn describe(error: &JsValue) -> String {
    let message = Reflect::get(error, &JsValue::from_str("message")).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "unknown error".into())
}
