//! Whether an element is in the view or near it: what is far from it costs nothing.

use js_sys::Function;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Says whenever the element comes within so many pixels of the view or leaves it, until what it returns is called.
    fn watch_view(element: &Element, margin: i32, then: &Closure<dyn Fn(bool)>) -> Function;
}

/// How far from the view an element still is near.
const NEAR: i32 = 400;
/// How far within it an element is seen.
const IN_VIEW: i32 = -60;

/// Is the element near the view? It is not before it is there.
pub fn is_near(element: NodeRef<Div>) -> Signal<bool> {
    let (near, set_near) = signal(false);
    watch(element, move |is_near| {
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
    watch_within(element, IN_VIEW, move |is_seen| set_seen.set(is_seen));
    seen.into()
}

/// Calls whenever an element comes near the view or leaves it.
pub(super) fn watch(element: NodeRef<Div>, then: impl Fn(bool) + Copy + 'static) {
    watch_within(element, NEAR, then);
}

fn watch_within(element: NodeRef<Div>, margin: i32, then: impl Fn(bool) + Copy + 'static) {
    element.on_load(move |element| {
        let seen = Closure::new(then);
        let stop = watch_view(&element, margin, &seen);
        let kept = StoredValue::new_local((stop, seen));
        on_cleanup(move || kept.with_value(|(stop, _)| drop(stop.call0(&JsValue::NULL))));
    });
}
