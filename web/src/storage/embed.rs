//! The page inside another page: tells its host how high it is, and hears the host's choice of colours.
//!
//! Messages out: `{hedgerow: "height", height}` in pixels, whenever it changes. Messages in: `{hedgerow: "theme",
//! theme: "dark" | "light"}`, from the host alone. Nothing that a host could misuse is sent or heard.

use js_sys::{Array, Object, Reflect};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, ResizeObserver};

use crate::model::embed::Embed;

/// What the page's address asks for.
pub fn asked() -> Option<Embed> {
    Embed::read(&window().location().search().ok()?)
}

/// Does the page's address ask for an exercise?
pub fn has_exercise() -> bool {
    window().location().search().is_ok_and(|search| search.as_bytes().windows(9).any(|part| part == b"exercise="))
}

/// Tells the host the height of the page from now on.
pub fn tell_height() {
    let Some(body) = document().body() else { return };
    let tell = move || {
        let height = f64::from(document().body().map_or(0, |body| body.scroll_height()));
        let message = Object::new();
        let set = |name: &str, value: JsValue| Reflect::set(&message, &name.into(), &value).is_ok();
        if set("hedgerow", "height".into()) && set("height", height.into()) {
            // The height of a page is no secret, and its host may be any.
            let _ = host().map(|host| host.post_message(&message, "*"));
        }
    };
    let changed = Closure::<dyn FnMut(Array)>::new(move |_| tell());
    if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(&body);
        // Both last as long as the page.
        std::mem::forget(observer);
        changed.forget();
    }
}

/// Calls `choose` when the host wants other colours: dark ones or light ones.
pub fn hear_theme(choose: impl Fn(bool) + 'static) {
    let heard = window_event_listener(ev::message, move |event: MessageEvent| {
        let is_host = host().is_some_and(|host| event.source().is_some_and(|source| Object::is(&source, &host)));
        let field = |name: &str| Reflect::get(&event.data(), &name.into()).ok().and_then(|value| value.as_string());
        if is_host && field("hedgerow").as_deref() == Some("theme") {
            match field("theme").as_deref() {
                Some("dark") => choose(true),
                Some("light") => choose(false),
                Some(_) | None => {}
            }
        }
    });
    on_cleanup(move || heard.remove());
}

/// The window that this page is in.
fn host() -> Option<web_sys::Window> {
    let host = window().parent().ok().flatten()?;
    (host != window()).then_some(host)
}
