//! What the visitor has predicted, in the browser's storage. Without storage it lasts as long as the page.

use std::cell::RefCell;

use js_sys::Math;

use super::local::storage;
use crate::model::prediction::Prediction;

const KEY: &str = "hedgerow-predictions";
/// Of so many settings; the oldest is forgotten first.
const MOST: usize = 50;

thread_local! {
    static HERE: RefCell<Vec<Prediction>> = const { RefCell::new(Vec::new()) };
}

/// What was predicted of these settings.
pub fn of(settings: &str) -> Option<Prediction> {
    all().into_iter().find(|prediction| prediction.settings == settings)
}

/// Keeps a prediction in the place of an earlier one of the same settings.
pub fn keep(prediction: Prediction) {
    let mut kept = all();
    kept.retain(|earlier| earlier.settings != prediction.settings);
    kept.push(prediction);
    kept.drain(..kept.len().saturating_sub(MOST));
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&kept)) {
        // A full storage leaves the copy of this page.
        let _ = storage.set_item(KEY, &text);
    }
    HERE.set(kept);
}

/// A name that no other prediction has.
pub fn new_id() -> String {
    format!("{:013x}", (Math::random() * 2_f64.powi(52)) as u64)
}

fn all() -> Vec<Prediction> {
    let here = HERE.with_borrow(Clone::clone);
    if !here.is_empty() {
        return here;
    }
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    // What another build has written, and this one cannot read, is as good as nothing.
    kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
