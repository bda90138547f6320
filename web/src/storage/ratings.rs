//! The visitor's ratings, in the browser's storage.

use hedgerow::documents::ratings::Ratings;

use super::local::storage;
use crate::model::files::read::ratings;
use crate::model::ratings::Waits;

const KEY: &str = "hedgerow-ratings";
const WAITS: &str = "hedgerow-ratings-wait";

/// Those of an earlier visit.
pub fn kept() -> Option<Ratings> {
    let text = storage()?.get_item(KEY).ok().flatten()?;
    // What another build has written, and this one cannot read, is as good as nothing.
    ratings(&text).ok()
}

/// Keeps ratings in the place of earlier ones, or forgets those. Returns whether the browser did.
pub fn keep(given: Option<&Ratings>) -> bool {
    let Some(storage) = storage() else { return false };
    match given.map(serde_json::to_string) {
        None => storage.remove_item(KEY).is_ok(),
        Some(text) => text.is_ok_and(|text| storage.set_item(KEY, &text).is_ok()),
    }
}

/// Does this tab's training wait for its rater? Of this tab, because another one has another run.
pub fn kept_waits() -> Option<Waits> {
    serde_json::from_str(&session()?.get_item(WAITS).ok().flatten()?).ok().filter(|waits: &Waits| waits.every > 0)
}

/// Keeps that, or forgets it. Without storage a page that is loaded again just does not know.
pub fn keep_waits(waits: Option<Waits>) {
    let Some(storage) = session() else { return };
    let _ = match waits.map(|waits| serde_json::to_string(&waits)) {
        Some(Ok(text)) => storage.set_item(WAITS, &text),
        _ => storage.remove_item(WAITS),
    };
}

fn session() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
