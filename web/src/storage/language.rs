//! The page's languages, which `index.html` lists, and the choice of another. `first.js` has chosen one before anything
//! is drawn.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use super::address;
use super::local::storage;
use crate::model::embed::{add_parameter, parameters};
use crate::text::language;

const LANGUAGE: &str = "hedgerow-language";

/// The languages beside the one that is spoken: code and own name of each.
pub fn others() -> Vec<(String, String)> {
    let named = |link: JsValue| {
        let link: Element = link.unchecked_into();
        Some((link.get_attribute("hreflang")?, link.get_attribute("title")?))
    };
    let links = document().query_selector_all("link[hreflang]").map(|links| Array::from(&links)).unwrap_or_default();
    links.iter().filter_map(named).filter(|(code, _)| code != language()).collect()
}

/// Remembers a choice, and begins the page again with it. A link's own language gives way, and what else it asks for
/// stays; without storage the address says the choice.
pub fn choose(code: &str) {
    let location = window().location();
    let is_kept = storage().is_some_and(|storage| storage.set_item(LANGUAGE, code).is_ok());
    let mut search = parameters(&location.search().unwrap_or_default(), false);
    if !is_kept {
        add_parameter(&mut search, &format!("lang={code}"));
    }
    let address = location.pathname().unwrap_or_default() + &search + &location.hash().unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    address::reload();
}
