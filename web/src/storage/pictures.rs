//! Pictures of charts as files.
//!
//! What draws them, its words and what makes pixels of them are fetched with the first picture. Leaves out what is on
//! them (`text::pictures`).

use js_sys::Uint8Array;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::files::{blob_of, save_blob};
use crate::js::call;
use crate::model::files::{Label, packed};
use crate::model::picture::{Picture, PictureKind, WIDTH};
use crate::model::tuned::ModelFiles;
use crate::text::bundle;
use crate::text::pictures::{Shown, sheet};

/// Packs a run.
pub type Pack = fn(&Shown<'_>, String, ModelFiles, &Label) -> Result<Vec<u8>, String>;

/// What draws a run and packs it.
#[derive(Clone, Copy)]
pub struct Studio {
    /// A picture with its height; `None` if the run has none.
    pub draw: fn(Picture, &Shown<'_>) -> Option<(String, f64)>,
    /// All of the run, with its JSON, the files of its models and what its visitor says of it, as an archive; why there is none.
    pub pack: Pack,
}

/// Fetches what draws them. Beside the visitor's runs, whose panel draws what this draws.
#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn studio() -> Result<Studio, SplitLoaderError> {
    Ok(Studio {
        draw: |picture, shown| Some(sheet(picture, shown)?.svg()),
        pack: |shown, json, models, label| {
            packed(&bundle::files(shown, json, models, label)).map_err(|error| error.to_string())
        },
    })
}

/// Saves an archive, under a name without its ending.
///
/// # Errors
/// The browser's reason.
pub fn save_archive(name: &str, archive: &[u8]) -> Result<(), JsValue> {
    // A copy: the browser takes none of the memory that the page goes on with.
    save_blob(&format!("{name}.zip"), &blob_of(Uint8Array::from(archive).into(), "application/zip")?)
}

/// Saves a picture of this height, under a name without its ending.
///
/// # Errors
/// The browser's reason.
pub async fn save(name: &str, kind: PictureKind, svg: &str, height: f64) -> Result<(), JsValue> {
    match kind {
        PictureKind::Svg => save_blob(&format!("{name}.svg"), &blob_of(svg.into(), "image/svg+xml")?),
        PictureKind::Png => {
            let pixels = call("picture", "png", &[svg.into(), WIDTH.into(), height.into()]).await?;
            save_blob(&format!("{name}.png"), &pixels.unchecked_into::<Blob>())
        }
    }
}
