//! What is hidden and what is locked while an exercise is open: attributes that the styles read, and listeners that keep a
//! click or a key from what is locked.
//!
//! Whatever gets past them, such as a link with other settings, is put back where the settings are (`model::exercise::hold`).

use hedgerow::judgement::settings::setting;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{
    AddEventListenerOptions, Element, Event, HtmlElement, KeyboardEvent, MutationObserver, MutationObserverInit,
};

use crate::model::exercise::LEARNING;

/// On the root: the panels that are not to be seen, and whether results wait for a prediction.
const HIDES: &str = "data-hides";
const WAITS: &str = "data-awaits-prediction";
/// On what is locked.
const FIXED: &str = "data-fixed";
/// The sentence that says who has locked it.
pub const NOTE: &str = "exercise-locks";
/// Where the controls of a lock are. A number has the name of its setting at its field.
const PLACES: [(&str, &str); 9] = [
    ("rater", "#rater, #experiments"),
    ("arms", ".control-row > .segmented, #settings fieldset.arms, #experiments"),
    ("view", ".control-row > .segmented, #settings fieldset.arms, #experiments"),
    ("seeds", "#settings .seeds"),
    (LEARNING, "#settings > .more"),
    ("finetune.algorithm", "#settings .segmented:has([name=algorithm])"),
    ("finetune.baseline", "#settings .segmented:has([name=baseline])"),
    ("reward_model", "#settings .segmented:has([name=rewards]), [data-setting='reward_model.ratings']"),
    ("reward_model.heads", "#settings .segmented:has([name=rewards])"),
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
    /// Do the results wait for a prediction?
    pub predicts: bool,
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
    set(HIDES, (!marks.hidden.is_empty()).then(|| marks.hidden.join(" ")));
    set(WAITS, marks.predicts.then(String::new));
}

/// What the styles write beside what is locked.
pub fn name(fixed: &str) {
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let Some(root) = root {
        let _ = root.style().set_property("--fixed", &format!("\"{fixed}\""));
    }
}

/// Keeps what is locked as it is, and says of each control that it is, as long as the owner of this call lives.
pub fn keep_closed(locked: &[String]) {
    let places = places(locked);
    if places.is_empty() {
        return;
    }
    let of_event = places.clone();
    let stop = Listener::new(move |event: Event| {
        if is_locked_control(&event, &of_event) && !leads_on(&event) {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    listen(&stop, true);
    // Panels come later, and draw their controls anew.
    let of_panels = places.clone();
    let drawn = Closure::<dyn FnMut(Array)>::new(move |_| tell(&of_panels));
    tell(&places);
    let observer = MutationObserver::new(drawn.as_ref().unchecked_ref()).ok();
    let options = MutationObserverInit::new();
    options.set_child_list(true);
    options.set_subtree(true);
    if let (Some(observer), Ok(Some(rail))) = (&observer, document().query_selector(".rail")) {
        // Without it a control is only not told of.
        let _ = observer.observe_with_options(&rail, &options);
    }
    let kept = StoredValue::new_local((stop, drawn, observer));
    on_cleanup(move || {
        kept.with_value(|(stop, _, observer)| {
            listen(stop, false);
            if let Some(observer) = observer {
                observer.disconnect();
            }
        });
        each(&places, |place| place.remove_attribute(FIXED));
    });
}

/// Selects the places of what is locked; a name that nothing has is none.
fn places(locked: &[String]) -> String {
    let place = |lock: &String| {
        let named = PLACES.iter().find(|(name, _)| name == lock).map(|(_, place)| (*place).to_owned());
        named.or_else(|| setting(lock).map(|own| format!("[data-setting='{}']", own.path)))
    };
    locked.iter().filter_map(place).collect::<Vec<_>>().join(", ")
}

/// Marks the places, and tells whoever comes to a control that it is locked and by whom.
fn tell(places: &str) {
    each(places, |place| place.set_attribute(FIXED, ""));
    let controls = format!(":is({places}) :is(input, select), #experiments[{FIXED}] button");
    each(&controls, |control| {
        control.set_attribute("aria-disabled", "true")?;
        control.set_attribute("aria-describedby", NOTE)
    });
}

fn each(selector: &str, change: impl Fn(&Element) -> Result<(), JsValue>) {
    let found = document().query_selector_all(selector).map(|found| Array::from(&found)).unwrap_or_default();
    for element in found.iter() {
        // An attribute with a name of this file's is never refused.
        let _ = change(element.unchecked_ref());
    }
}

type Listener = Closure<dyn Fn(Event)>;

fn listen(stop: &Listener, on: bool) {
    let capture = AddEventListenerOptions::new();
    // Before the page's own listeners.
    capture.set_capture(true);
    let function = stop.as_ref().unchecked_ref();
    for event in EVENTS {
        let _ = if on {
            window().add_event_listener_with_callback_and_add_event_listener_options(event, function, &capture)
        } else {
            window().remove_event_listener_with_callback_and_bool(event, function, true)
        };
    }
}

/// Is an event about a locked control?
fn is_locked_control(event: &Event, places: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let control = target.and_then(|target| target.closest(CONTROLS).ok().flatten());
    control.is_some_and(|control| control.closest(places).is_ok_and(|found| found.is_some()))
}

/// A key that moves on, and not the control.
fn leads_on(event: &Event) -> bool {
    event.dyn_ref::<KeyboardEvent>().is_some_and(|event| {
        event.ctrl_key() || event.meta_key() || event.alt_key() || ["Tab", "Escape"].contains(&event.key().as_str())
    })
}
