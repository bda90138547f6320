//! Hands files to the user: a run as JSON and as CSV.
//!
//! Leaves out their contents, which are the report's business.

use std::time::Duration;

use js_sys::Array;
use leptos::prelude::{document, set_timeout};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long a browser may take to begin with a download.
const BEFORE_LETTING_GO: Duration = Duration::from_secs(60);

/// Saves a text under a name in the user's downloads.
///
/// # Errors
/// The browser's reason.
pub fn save(name: &str, kind: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&JsValue::from_str(text)), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Safari fetches it later.
    set_timeout(move || drop(Url::revoke_object_url(&url)), BEFORE_LETTING_GO);
    Ok(())
}
