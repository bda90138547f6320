//! The page inside another page: tells its host how high it is and how far an exercise has come, and hears the host's
//! choice of colours.
//!
//! Messages out, of which hosting/README.md says when they come: `{hedgerow: "ready"}`, `{hedgerow: "height", height}`,
//! `{hedgerow: "progress", …}` and `{hedgerow: "result", …}`. Messages in: `{hedgerow: "theme", theme: "dark" | "light"}`,
//! from the host alone. They go to any host, and so say nothing of who is at work or of what somebody wrote.

use js_sys::{Array, Object, Reflect};
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, ResizeObserver};

use super::local::show_theme;
use crate::model::embed::Embed;
use crate::model::exercise::Standing;
use crate::stores::prefs::Theme;

/// What the page's address asks for.
pub fn asked() -> Option<Embed> {
    Embed::read(&window().location().search().ok()?)
}

/// Does the page's address ask for an exercise?
pub fn has_exercise() -> bool {
    window().location().search().is_ok_and(|search| search.as_bytes().windows(9).any(|part| part == b"exercise="))
}

/// Speaks with the host from now on, whose choice of colours is taken over.
pub type Join = fn(Theme);

/// Fetches what speaks with the host, which a page that stands by itself has no use for.
#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn join() -> Result<Join, SplitLoaderError> {
    Ok(|theme| {
        tell_ready(None);
        tell_height();
        hear_theme(theme);
    })
}

/// Tells the host the height of the page from now on.
pub fn tell_height() {
    let Some(body) = document().body() else { return };
    let changed = Closure::<dyn FnMut(Array)>::new(move |_| {
        tell("height", &[("height", document().body().map_or(0, |body| body.scroll_height()).into())]);
    });
    if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(&body);
        // Both last as long as the page.
        std::mem::forget(observer);
        changed.forget();
    }
}

/// Tells the host that the page can be used.
pub fn tell_ready(exercise: Option<&str>) {
    match exercise {
        Some(exercise) => tell("ready", &[("exercise", exercise.into())]),
        None => tell("ready", &[]),
    }
}

/// Tells the host how far an exercise has come, and what the result is once it is complete.
pub fn tell_standing(exercise: &str, standing: Standing) {
    let Standing { done, steps, right, answered: _, questions } = standing;
    tell("progress", &[("exercise", exercise.into()), ("done", done.into()), ("steps", steps.into())]);
    if standing.is_complete() {
        tell("result", &[("exercise", exercise.into()), ("right", right.into()), ("questions", questions.into())]);
    }
}

fn tell(what: &str, fields: &[(&str, JsValue)]) {
    let Some(host) = host() else { return };
    let message = Object::new();
    for (name, value) in [("hedgerow", what.into())].iter().chain(fields) {
        // An object that was just made takes every field.
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    // What is in it is no secret, and the host may be any.
    let _ = host.post_message(&message, "*");
}

/// Shows the colours that the host wants: dark ones or light ones.
fn hear_theme(theme: Theme) {
    let choose = move |dark| {
        theme.choose(dark);
        show_theme(Some(dark));
    };
    // Listens as long as the page is there.
    window_event_listener(ev::message, move |event: MessageEvent| {
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
}

/// The window that this page is in; `None` where it stands by itself.
pub fn host() -> Option<web_sys::Window> {
    let host = window().parent().ok().flatten()?;
    (host != window()).then_some(host)
}
