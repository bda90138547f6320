//! The visitor's ratings, in the browser's storage.

use hedgerow::documents::ratings::Ratings;

use super::local::storage;
use crate::model::files::read::ratings;

const KEY: &str = "hedgerow-ratings";

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
