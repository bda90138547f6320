//! How wide an element is, as a signal.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::ResizeObserver;

/// The width of an element's content in CSS pixels; 0 before the element is there.
pub fn width_of(element: NodeRef<Div>) -> ReadSignal<f64> {
    let (width, set_width) = signal(0.0);
    element.on_load(move |element| {
        let own = element.clone();
        let measure = Closure::<dyn Fn()>::new(move || set_width.set(own.get_bounding_client_rect().width()));
        let Ok(observer) = ResizeObserver::new(measure.as_ref().unchecked_ref()) else { return };
        // It is called a first time at once.
        observer.observe(&element);
        let kept = StoredValue::new_local((observer, measure));
        on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
    });
    width
}
