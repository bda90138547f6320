//! The page's binary: what `boot.js` starts when code and words are there.

use std::time::Duration;

use hedgerow_web::page::Page;
use hedgerow_web::text;
use leptos::mount::mount_to_body;
use leptos::prelude::set_timeout;
use wasm_bindgen::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    let _ = console_log::init_with_level(log::Level::Info);
}

/// Puts the page into the document, in this language, with the words of its file.
///
/// # Errors
/// Why the words cannot be used; nothing is drawn then.
#[wasm_bindgen]
pub fn start(language: String, words: &JsValue) -> Result<(), JsError> {
    text::speak(language, words).map_err(|faults| JsError::new(&faults))?;
    // In a task of its own: to read the words takes a slow machine long enough.
    set_timeout(|| mount_to_body(Page), Duration::ZERO);
    Ok(())
}
