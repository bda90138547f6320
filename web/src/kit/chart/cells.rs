//! Squares in rows, one for each of many things: a list from which one is chosen by pointer or with the arrow keys.
//!
//! Leaves out what the squares stand for.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::kit::width::width_of;
use crate::model::figures::moved_among;

/// From one square to the next, in CSS pixels: large enough to be hit with a finger (WCAG 2.2, 2.5.8).
const PITCH: f64 = 24.0;
/// Holds a square's place among the things.
const PLACE: &str = "data-place";

/// Squares that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Stands above them.
    pub title: &'static str,
    /// The things, by their places.
    pub places: Vec<usize>,
}

/// The squares of one subject.
#[component]
pub fn Cells(
    /// Names it among the page's elements.
    id: String,
    /// What it shows.
    #[prop(into)]
    label: Signal<String>,
    /// The squares.
    blocks: Vec<Block>,
    /// The class of a thing. Tracks.
    class: Callback<usize, &'static str>,
    /// What a thing is, and what became of it. Tracks.
    words: Callback<usize, String>,
    /// The thing that is looked at.
    chosen: RwSignal<Option<usize>>,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let width = width_of(node);
    let order: Vec<usize> = blocks.iter().flat_map(|block| block.places.iter().copied()).collect();
    let go = move |event: KeyboardEvent| {
        let columns = (width.get_untracked() / PITCH).max(1.0) as usize;
        if let Some(to) = moved_among(&order, chosen.get_untracked(), &event.key(), columns) {
            event.prevent_default();
            chosen.set(Some(to));
        }
    };
    let point = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let place = target.and_then(|target| target.get_attribute(PLACE)).and_then(|place| place.parse().ok());
        if place.is_some() {
            chosen.set(place);
        }
    };
    let option = {
        let id = id.clone();
        move |place: usize| format!("{id}-{place}")
    };
    let cell = |place: usize| {
        view! {
            <span
                role="option"
                id=option(place)
                data-place=place.to_string()
                class=move || format!("cell {}", class.run(place))
                class:chosen=move || chosen.get() == Some(place)
                aria-selected=move || (chosen.get() == Some(place)).to_string()
                aria-label=move || words.run(place)
            ></span>
        }
    };
    let block = |Block { title, places }: Block| {
        let cells = places.into_iter().map(cell).collect_view();
        view! {
            <div class="cell-block" role="group" aria-label=title>
                <p class="hint" aria-hidden="true">{title}</p>
                <div class="cells">{cells}</div>
            </div>
        }
    };
    let blocks = blocks.into_iter().map(block).collect_view();
    view! {
        <div
            node_ref=node
            role="listbox"
            tabindex="0"
            aria-label=label
            aria-activedescendant=move || chosen.get().map(&option)
            on:keydown=go
            on:click=point
        >
            {blocks}
        </div>
    }
}
