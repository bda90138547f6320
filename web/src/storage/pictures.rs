//! Pictures of charts as files.
//!
//! What draws them, its words and what makes pixels of them are fetched with the first picture. Leaves out what is on
//! them (`text::pictures`).

use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::files::{blob_of, save_blob};
use crate::model::picture::{Picture, PictureKind, WIDTH};
use crate::text::pictures::{Shown, sheet};

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = png)]
    async fn pixels(svg: &str, width: f64, height: f64) -> Result<JsValue, JsValue>;
}

/// Draws a picture and returns it with its height; `None` if the run has none.
pub type Draw = fn(Picture, &Shown<'_>) -> Option<(String, f64)>;

/// Fetches what draws them. Beside the visitor's runs, whose panel draws what this draws.
#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn studio() -> Result<Draw, SplitLoaderError> {
    Ok(|picture, shown| Some(sheet(picture, shown)?.svg()))
}

/// Saves a picture of this height, under a name without its ending.
///
/// # Errors
/// The browser's reason.
pub async fn save(name: &str, kind: PictureKind, svg: &str, height: f64) -> Result<(), JsValue> {
    match kind {
        PictureKind::Svg => save_blob(&format!("{name}.svg"), &blob_of(svg, "image/svg+xml")?),
        PictureKind::Png => {
            let pixels: Blob = pixels(svg, WIDTH, height).await?.unchecked_into();
            save_blob(&format!("{name}.png"), &pixels)
        }
    }
}
