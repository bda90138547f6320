//! Hands files to the user: a run as JSON and as CSV.
//!
//! What writes them is fetched when it is wanted. Leaves out their contents, which are the report's business.

use std::time::Duration;

use hedgerow::documents::report::RunReport;
use js_sys::Array;
use leptos::prelude::{document, set_timeout};
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long a browser may take to begin with a download.
const BEFORE_LETTING_GO: Duration = Duration::from_secs(60);

/// A kind of file that a run is saved as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The whole report.
    Json,
    /// Its numbers as rows.
    Csv,
}

/// Writes a run as a file.
pub type Write = fn(&RunReport, FileKind) -> String;

/// Fetches what writes a run.
#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn writer() -> Result<Write, SplitLoaderError> {
    Ok(|report, kind| match kind {
        FileKind::Json => serde_json::to_string_pretty(report).unwrap_or_default(),
        FileKind::Csv => report.to_csv(),
    })
}

/// Saves a text in the user's downloads, under a name without its ending.
///
/// # Errors
/// The browser's reason.
pub fn save(name: &str, kind: FileKind, text: &str) -> Result<(), JsValue> {
    let (ending, media_type) = match kind {
        FileKind::Json => ("json", "application/json"),
        FileKind::Csv => ("csv", "text/csv"),
    };
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&JsValue::from_str(text)), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(&format!("{name}.{ending}"));
    link.click();
    // Safari fetches it later.
    set_timeout(move || drop(Url::revoke_object_url(&url)), BEFORE_LETTING_GO);
    Ok(())
}
