//! What somebody has done of the exercises, in the browser's storage. Without storage it lasts as long as the page.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::Math;
use leptos::prelude::window;

use super::local::storage;
use crate::model::exercise::{Asked, Progress};

const KEY: &str = "hedgerow-exercises";

thread_local! {
    static HERE: RefCell<BTreeMap<String, Progress>> = const { RefCell::new(BTreeMap::new()) };
    /// What the exercise of this page is kept under.
    static OPEN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The exercise that the page's address asks for.
pub fn asked() -> Option<Asked> {
    Asked::read(&window().location().search().ok()?)
}

/// What was done of an exercise.
pub fn progress(key: &str) -> Option<Progress> {
    OPEN.set(key.to_owned());
    all().remove(key)
}

/// What whoever does the exercise of this page has called themselves in its report.
pub fn nickname() -> Option<String> {
    let own = all().remove(&OPEN.with_borrow(String::clone))?;
    Some(own.name)
}

/// Keeps what was done of an exercise, or forgets it.
pub fn keep(key: &str, progress: Option<&Progress>) {
    OPEN.set(key.to_owned());
    let mut kept = all();
    match progress {
        Some(progress) => kept.insert(key.to_owned(), progress.clone()),
        None => kept.remove(key),
    };
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&kept)) {
        // A full storage leaves the copy of this page.
        let _ = storage.set_item(KEY, &text);
    }
    HERE.set(kept);
}

/// One of them, each as probable as another.
pub fn drawn(seeds: &[u64]) -> Option<u64> {
    seeds.get((Math::random() * seeds.len() as f64) as usize).copied()
}

fn all() -> BTreeMap<String, Progress> {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    // What another build has written, and this one cannot read, is as good as nothing.
    kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| HERE.with_borrow(Clone::clone))
}
