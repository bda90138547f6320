//! Hands files to the user, a run as JSON and as CSV, and takes files from the user.
//!
//! What writes them is fetched when it is wanted. Leaves out their contents, which are the report's business.

use std::time::Duration;

use hedgerow::documents::report::RunReport;
use js_sys::{Array, Function, Reflect, Uint8Array};
use leptos::prelude::{document, set_timeout};
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::{exercises, predictions};
use crate::model::class::table::{Dialect, semicolon_csv};
use crate::model::files::{Dropped, file_name};
use crate::model::prediction::{Prediction, settings};
use crate::model::shelf::{self, Line};

/// How long a browser may take to begin with a download.
const BEFORE_LETTING_GO: Duration = Duration::from_secs(60);

/// A kind of file that a run is saved as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The whole report.
    Json,
    /// Its numbers as rows.
    Csv(Dialect),
}

/// A run as a file of JSON.
#[derive(Serialize)]
struct Exported<'a> {
    #[serde(flatten)]
    report: &'a RunReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    prediction: Option<Prediction>,
}

/// What writes runs as text.
#[derive(Clone, Copy)]
pub struct Writer {
    /// A run as a file. What was predicted of it goes into its JSON.
    pub file: fn(&RunReport, FileKind) -> String,
    /// What a run's file is called.
    pub name: fn(&RunReport) -> String,
    /// Its name on the shelf, and what is said of it there.
    pub line: fn(&RunReport) -> (String, String),
    /// Reads what is said of a run.
    pub read_line: fn(&str) -> Option<Line>,
}

/// Fetches it.
#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn writer() -> Result<Writer, SplitLoaderError> {
    Ok(Writer {
        file: |report, kind| match kind {
            FileKind::Json => {
                let prediction = predictions::of(&settings(&report.experiment));
                serde_json::to_string_pretty(&Exported { report, prediction }).unwrap_or_default()
            }
            FileKind::Csv(Dialect::Comma) => report.to_csv(),
            FileKind::Csv(Dialect::Semicolon) => semicolon_csv(report),
        },
        name: |report| {
            let predicted = predictions::of(&settings(&report.experiment)).map(|prediction| prediction.name);
            let nickname = predicted.filter(|name| !name.is_empty()).or_else(exercises::nickname).unwrap_or_default();
            let exercise = exercises::asked().map(|asked| asked.name).unwrap_or_default();
            file_name("run", &nickname, &exercise, &report.experiment.seeds)
        },
        line: |report| (shelf::id(report), serde_json::to_string(&shelf::line(report)).unwrap_or_default()),
        read_line: |text| serde_json::from_str(text).ok(),
    })
}

/// The files of an event, which are read after it: chosen ones, dropped ones, or pasted ones. A pasted text is a file
/// without a name. `None` if the event brings nothing.
pub fn of_event(event: &JsValue) -> Option<impl Future<Output = Vec<Dropped>> + use<>> {
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().filter(JsValue::is_object);
    let transfer = field(event, "dataTransfer").or_else(|| field(event, "clipboardData"));
    let chosen = transfer.clone().or_else(|| field(event, "target"));
    // The list is emptied once the event is over; what is in it stays.
    let files = Array::from(&field(chosen.as_ref()?, "files")?).to_vec();
    if transfer.is_none() {
        // The same files can be chosen again.
        let _ = Reflect::set(chosen.as_ref()?, &"value".into(), &"".into());
    }
    let pasted = transfer.filter(|_| files.is_empty()).and_then(|transfer| {
        let get: Function = Reflect::get(&transfer, &"getData".into()).ok()?.dyn_into().ok()?;
        get.call1(&transfer, &"text/plain".into()).ok()?.as_string().filter(|text| !text.is_empty())
    });
    if files.is_empty() && pasted.is_none() {
        return None;
    }
    Some(async move {
        let mut read: Vec<Dropped> =
            pasted.map(|text| Dropped { name: String::new(), bytes: text.into_bytes() }).into_iter().collect();
        for file in files {
            let name = Reflect::get(&file, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default();
            let blob: Blob = file.unchecked_into();
            // What cannot be read, a folder among them, is named as empty.
            let bytes = JsFuture::from(blob.array_buffer()).await.map(|buffer| Uint8Array::new(&buffer).to_vec());
            read.push(Dropped { name, bytes: bytes.unwrap_or_default() });
        }
        read
    })
}

/// The first file that an event has chosen, unread: the browser's own object.
pub fn chosen(event: &JsValue) -> Option<JsValue> {
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().filter(JsValue::is_object);
    let target = field(event, "target")?;
    let file = field(&field(&target, "files")?, "0");
    let _ = Reflect::set(&target, &"value".into(), &"".into());
    file
}

/// Saves a text in the user's downloads, under a name without its ending.
///
/// # Errors
/// The browser's reason.
pub fn save(name: &str, kind: FileKind, text: &str) -> Result<(), JsValue> {
    let (ending, media_type) = match kind {
        FileKind::Json => (".json", "application/json"),
        FileKind::Csv(Dialect::Comma) => (".csv", "text/csv"),
        // As in an archive of a run.
        FileKind::Csv(Dialect::Semicolon) => ("-semicolon.csv", "text/csv"),
    };
    save_blob(&format!("{name}{ending}"), &blob_of(text.into(), media_type)?)
}

/// A text or bytes as the browser hands them out.
///
/// # Errors
/// The browser's reason.
pub fn blob_of(content: JsValue, media_type: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_str_sequence_and_options(&Array::of1(&content), &options)
}

/// Saves what the browser can hand out in the user's downloads.
///
/// # Errors
/// The browser's reason.
pub fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Safari fetches it later.
    set_timeout(move || drop(Url::revoke_object_url(&url)), BEFORE_LETTING_GO);
    Ok(())
}
