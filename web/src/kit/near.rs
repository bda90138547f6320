//! Whether an element is in the view or near it: what is far from it costs nothing.

use js_sys::Array;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// How far from the view an element still is near.
const NEAR: &str = "400px";
/// How far within it an element is seen.
const IN_VIEW: &str = "-60px";

/// Is the element near the view? It is not before it is there.
pub fn is_near(element: NodeRef<Div>) -> Signal<bool> {
    let (near, set_near) = signal(false);
    watch(element, move |is_near, _| {
        if near.get_untracked() != is_near {
            set_near.set(is_near);
        }
    });
    near.into()
}

/// What is drawn of something while it is near the view. Far from it that stays as it was, once it was drawn: what comes above
/// may push it away before.
pub fn while_near<T>(is_near: Signal<bool>, fresh: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&T>| match before {
        Some(before) if !is_near.get() => before.clone(),
        Some(_) | None => fresh(),
    })
}

/// Is the element in the view itself, if only in part? It is not before it is there.
pub fn is_in_view(element: NodeRef<Div>) -> Signal<bool> {
    let (seen, set_seen) = signal(false);
    watch_within(element, IN_VIEW, move |is_seen, _| set_seen.set(is_seen));
    seen.into()
}

/// Calls whenever an element comes near the view or leaves it, as long as the observer, if there is one, observes it.
pub(super) fn watch(element: NodeRef<Div>, then: impl Fn(bool, Option<&IntersectionObserver>) + Copy + 'static) {
    watch_within(element, NEAR, then);
}

fn watch_within(
    element: NodeRef<Div>,
    margin: &'static str,
    then: impl Fn(bool, Option<&IntersectionObserver>) + Copy + 'static,
) {
    element.on_load(move |element| {
        let seen = Closure::<dyn Fn(Array, IntersectionObserver)>::new(
            move |entries: Array, observer: IntersectionObserver| {
                let is_near = |entry: JsValue| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting();
                then(entries.iter().any(is_near), Some(&observer));
            },
        );
        let options = IntersectionObserverInit::new();
        options.set_root_margin(margin);
        match IntersectionObserver::new_with_options(seen.as_ref().unchecked_ref(), &options) {
            Ok(observer) => {
                observer.observe(&element);
                let kept = StoredValue::new_local((observer, seen));
                on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
            }
            Err(_) => then(true, None),
        }
    });
}
