//! Where the focus goes when what had it is taken away: a message that was closed, a panel's frame whose panel came.
//!
//! A browser gives it to the whole page, and a screen reader then reads that from its top.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, EventTarget, FocusOptions, HtmlElement};

/// Until the browser has noticed that what has the focus is not to be seen any more.
const NOTICED: Duration = Duration::from_millis(100);
/// What has the focus by itself or not at all.
const CONTROLS: &str = "a,button,input,select,summary,textarea";

/// From now on it goes to what was around its holder, whether a click took that away or something that arrived.
pub fn keep() {
    let turns = Rc::new(Cell::new(0));
    let kept = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        turns.set(turns.get() + 1);
        watch(around(event.target().and_then(|holder| holder.dyn_into().ok())), turns.clone(), turns.get());
    });
    let _ = window().add_event_listener_with_callback("focusin", kept.as_ref().unchecked_ref());
    kept.forget();
}

/// Gives the focus away once its holder is gone. That may be when the engine has answered.
fn watch(held: Vec<Element>, turns: Rc<Cell<u32>>, turn: u32) {
    let look = move || {
        if turns.get() != turn {
            return; // What has it now is watched for itself.
        }
        if focused().is_some() {
            watch(held, turns, turn);
        } else if held.first().is_some_and(is_gone) {
            // From a holder that is still there the visitor has gone, maybe out of the page.
            give_to(&held);
        }
    };
    set_timeout(look, NOTICED);
}

/// It cannot have the focus any more.
fn is_gone(holder: &Element) -> bool {
    let room = holder.get_bounding_client_rect();
    room.width() * room.height() == 0.0 || holder.matches(":disabled").unwrap_or(true)
}

/// Gives it to what was opened.
pub fn give(opened: Option<EventTarget>) {
    if let Some(opened) = opened.and_then(|opened| opened.dyn_into::<HtmlElement>().ok()) {
        let _ = opened.focus();
    }
}

/// Draws something anew. Where the element with this id had the focus, the new one gets it.
pub fn keep_at(id: &'static str, draw: impl FnOnce()) {
    let is_there = focused().is_some_and(|element| element.id() == id);
    draw();
    if is_there {
        set_timeout(move || give_to(&around(document().get_element_by_id(id))), Duration::ZERO);
    }
}

/// What has the focus; nothing if that is the page.
fn focused() -> Option<Element> {
    document()
        .active_element()
        .filter(|element| element.parent_element().is_some_and(|parent| parent.tag_name() != "HTML"))
}

/// An element and what it is in, the innermost first.
fn around(element: Option<Element>) -> Vec<Element> {
    let below_page = |element: &Element| element.parent_element().filter(|parent| parent.tag_name() != "BODY");
    std::iter::successors(element, below_page).collect()
}

/// The first one that takes it, if nothing has it.
fn give_to(around: &[Element]) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let can_be_given = |element: &&Element| element.is_connected() && !element.matches(CONTROLS).unwrap_or(true);
    for element in around.iter().filter(can_be_given) {
        if focused().is_some() {
            return;
        }
        if !element.has_attribute("tabindex") {
            let _ = element.set_attribute("tabindex", "-1");
        }
        if let Some(element) = element.dyn_ref::<HtmlElement>() {
            let _ = element.focus_with_options(&options);
        }
    }
}
