//! What is hidden and what is locked while an exercise is open: attributes of the page's root, which the styles read, and
//! listeners that keep a click or a key from what is locked.
//!
//! Whatever gets past them, such as a link with other settings, is put back where the settings are (`model::exercise::hold`).

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, Element, Event, HtmlElement, KeyboardEvent};

/// On the root: the panels that are not to be seen, what is locked, whether results wait for a prediction, and whether the
/// report is open.
const HIDES: &str = "data-hides";
const LOCKS: &str = "data-locks";
const WAITS: &str = "data-awaits-prediction";
const REPORTS: &str = "data-reports";
/// The sentence that says who has locked it.
pub const NOTE: &str = "exercise-locks";
/// Where the controls of a lock are.
const PLACES: [(&str, &str); 6] = [
    ("rater", "#rater"),
    ("rater", "#experiments"),
    ("arms", ".control-row > .segmented, #settings fieldset.arms"),
    ("arms", "#experiments"),
    ("seeds", "#settings .seeds"),
    ("learning", "#settings .more"),
];
/// Controls; the other buttons of a panel explain.
const CONTROLS: &str = ":is(input,select,label),#experiments button";
/// What would change a locked control.
const EVENTS: [&str; 5] = ["pointerdown", "click", "keydown", "input", "change"];

/// What is marked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Panels that are not to be seen.
    pub hidden: Vec<&'static str>,
    /// What is locked.
    pub locked: Vec<String>,
    /// Do the results wait for a prediction?
    pub predicts: bool,
    /// Is the report open?
    pub reports: bool,
}

/// Marks the page's root.
pub fn mark(marks: &Marks) {
    let Some(root) = document().document_element() else { return };
    let set = |name: &str, value: Option<String>| {
        let _ = match value {
            Some(value) => root.set_attribute(name, &value),
            None => root.remove_attribute(name),
        };
    };
    let words = |words: String| (!words.is_empty()).then_some(words);
    set(HIDES, words(marks.hidden.join(" ")));
    set(LOCKS, words(marks.locked.join(" ")));
    set(WAITS, marks.predicts.then(String::new));
    set(REPORTS, marks.reports.then(String::new));
}

/// What the styles write beside what is locked.
pub fn name(fixed: &str) {
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let Some(root) = root {
        let _ = root.style().set_property("--fixed", &format!("\"{fixed}\""));
    }
}

/// Keeps what is locked as it is, as long as the owner of this call lives.
pub fn keep_closed() {
    let stop = Listener::new(|event: Event| {
        if locked_control(&event).is_some() && !leads_on(&event) {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    // Said where the focus comes, because panels draw their controls anew.
    let tell = Listener::new(|event: Event| {
        if let Some(control) = locked_control(&event) {
            let _ = control.set_attribute("aria-disabled", "true");
            let _ = control.set_attribute("aria-describedby", NOTE);
        }
    });
    listen(&stop, &tell, true);
    let kept = StoredValue::new_local((stop, tell));
    on_cleanup(move || kept.with_value(|(stop, tell)| listen(stop, tell, false)));
}

type Listener = Closure<dyn Fn(Event)>;

fn listen(stop: &Listener, tell: &Listener, on: bool) {
    let capture = AddEventListenerOptions::new();
    // Before the page's own listeners.
    capture.set_capture(true);
    for (event, listener) in EVENTS.map(|event| (event, stop)).into_iter().chain([("focusin", tell)]) {
        let function = listener.as_ref().unchecked_ref();
        let _ = if on {
            window().add_event_listener_with_callback_and_add_event_listener_options(event, function, &capture)
        } else {
            window().remove_event_listener_with_callback_and_bool(event, function, true)
        };
    }
}

/// The control that an event is about, if it is locked.
fn locked_control(event: &Event) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let control = target.closest(CONTROLS).ok().flatten()?;
    let locked = document().document_element()?.get_attribute(LOCKS)?;
    let is_locked = |(lock, place): &(&str, &str)| {
        locked.split(' ').any(|own| own == *lock) && control.closest(place).is_ok_and(|found| found.is_some())
    };
    PLACES.iter().any(is_locked).then_some(control)
}

/// A key that moves on, and not the control.
fn leads_on(event: &Event) -> bool {
    event.dyn_ref::<KeyboardEvent>().is_some_and(|event| {
        event.ctrl_key() || event.meta_key() || event.alt_key() || ["Tab", "Escape"].contains(&event.key().as_str())
    })
}
