//! A panel whose code is fetched when it comes near the view and the engine is there, and drawn when anybody moves there.
//!
//! Until then a frame of about its height stands in its place, so that nothing moves when it comes. Leaves out
//! which panels come like this (`page`) and how their code is cut out of the page's (`xtask`).

use std::pin::Pin;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;
use wasm_bindgen::prelude::*;
use web_sys::Element;

use crate::js::spawn;
use crate::kit::focus;
use crate::kit::near::watch;
use crate::kit::waiting::waiting;

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Returns when nobody holds the pointer down.
    async fn released();
    /// Returns when anybody has moved, or when the element is in the view.
    async fn wanted(element: &Element);
    /// Returns when the page has time and a line for what is near the view.
    async fn called(element: &Element);
}

/// Draws a panel with this id.
pub type Draw = fn(&'static str) -> AnyView;
/// A panel's code on its way.
pub type Fetching = Pin<Box<dyn Future<Output = Result<Draw, SplitLoaderError>>>>;

/// The panel, or what stands in its place.
#[component]
pub fn Deferred(
    /// The panel's place on the page.
    id: &'static str,
    /// Its title.
    title: &'static str,
    /// The classes of its frame.
    class: &'static str,
    /// Fetches its code.
    fetch: fn() -> Fetching,
) -> impl IntoView {
    let (drawn, failed) = (RwSignal::new(None::<Draw>), RwSignal::new(false));
    let (place, asked) = (NodeRef::<Div>::new(), StoredValue::new(false));
    let load = move || {
        failed.set(false);
        spawn(async move {
            let place = place.get_untracked();
            if let Some(place) = &place {
                called(place).await;
            }
            let fetched = fetch().await;
            if let Some(place) = &place {
                wanted(place).await;
            }
            released().await;
            match fetched {
                Ok(draw) => focus::keep_at(id, || drawn.set(Some(draw))),
                Err(_) => failed.set(true),
            }
        });
    };
    watch(place, move |is_near| {
        if is_near && !asked.get_value() {
            asked.set_value(true);
            load();
        }
    });
    // The frame is drawn once, whatever is said in it: what looks for it is called once.
    move || match drawn.get() {
        Some(draw) => draw(id),
        None => frame(id, title, class, place, (move || waiting(failed.get(), load)).into_any()),
    }
}

fn frame(id: &'static str, title: &'static str, class: &'static str, place: NodeRef<Div>, inside: AnyView) -> AnyView {
    view! {
        <section id=id class=class aria-labelledby=format!("{id}-title")>
            <div node_ref=place>
                <h2 id=format!("{id}-title")>{title}</h2>
                {inside}
            </div>
        </section>
    }
    .into_any()
}
