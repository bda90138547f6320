//! The address bar. Its fragment holds the settings and the place on the page that was asked for.
//!
//! The browser would let an anchor replace the settings, so clicks on anchors are followed here.
//! Leaves out what a fragment means: that is `link`.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};

use hedgerow::judgement::experiment::Experiment;

use crate::link::{self, LinkState, Opened};

/// How often, and how many times, a place that a link opened is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
const LOOKS: u32 = 25;

/// Safari throws after 100 changes of the address in 30 seconds, which a slider makes in one pull.
const BETWEEN_WRITES: Duration = Duration::from_millis(400);

/// The address of this page. A bundle of signals.
#[derive(Clone, Copy)]
pub struct Address {
    place: RwSignal<Option<String>>,
    /// The result that came with the link, and the settings that it is of: it stays as long as they do.
    result: StoredValue<Option<(Experiment, String)>>,
    /// What the address is to say and does not say yet.
    unwritten: StoredValue<Option<String>>,
    /// Is a write on its way, or was one just made?
    resting: StoredValue<bool>,
}

impl Address {
    /// Not kept yet: see [`keep`](Self::keep).
    pub fn new() -> Self {
        Address {
            place: RwSignal::new(None),
            result: StoredValue::new(None),
            unwritten: StoredValue::new(None),
            resting: StoredValue::new(false),
        }
    }

    /// Reads the address. The place in it is scrolled to once the page is drawn.
    pub fn open(self) -> Opened {
        let fragment = fragment();
        let opened = link::open(&fragment);
        self.place.set(opened.place.clone());
        let of = opened.state.as_ref().map(|state| state.experiment.clone());
        self.result.set_value(of.zip(link::parameter(&fragment, link::RESULT)));
        if let Some(place) = opened.place.clone() {
            arrive(place, LOOKS);
        }
        opened
    }

    /// Writes the settings into the address whenever they change, and calls `open` when the visitor
    /// changed the address.
    pub fn keep(self, state: impl Fn() -> LinkState + 'static, open: impl Fn() + 'static) {
        Effect::new(move |before: Option<String>| {
            let (state, place) = (state(), self.place.get());
            let fragment = self.result.with_value(|kept| match kept {
                Some((of, result)) if *of == state.experiment => link::fragment_with(&state, place.as_deref(), result),
                _ => link::fragment(&state, place.as_deref()),
            });
            // The first run of the effect must not wipe out a link that could not be read.
            if before.is_some_and(|before| before != fragment) {
                self.write(fragment.clone());
            }
            fragment
        });
        let changed = window_event_listener(ev::hashchange, move |_| open());
        let clicked = window_event_listener(ev::click, move |event| {
            if let Some(place) = clicked_anchor(&event)
                && go_to(&place)
            {
                event.prevent_default();
                hold(place.clone());
                self.place.set(Some(place));
            }
        });
        let left = window_event_listener_untyped("pagehide", move |_| {
            self.write_now();
        });
        on_cleanup(move || {
            changed.remove();
            clicked.remove();
            left.remove();
        });
    }

    /// At once if the last write is long ago, and the latest one after a rest otherwise.
    fn write(self, fragment: String) {
        self.unwritten.set_value(Some(fragment));
        if !self.resting.get_value() {
            self.write_and_rest();
        }
    }

    fn write_and_rest(self) {
        let wrote = self.write_now();
        self.resting.set_value(wrote);
        if wrote {
            set_timeout(move || self.write_and_rest(), BETWEEN_WRITES);
        }
    }

    fn write_now(self) -> bool {
        let Some(fragment) = self.unwritten.try_update_value(Option::take).flatten() else { return false };
        // A browser that refuses keeps the old address; copying the link still works.
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&with_fragment(&fragment)));
        }
        true
    }
}

impl Default for Address {
    fn default() -> Self {
        Self::new()
    }
}

/// The settings that the address says now, if it says any.
pub fn settings() -> Option<LinkState> {
    link::open(&window().location().hash().ok()?).state
}

/// The page's address with these settings, to hand out.
pub fn link_to(state: &LinkState) -> String {
    link_of(&link::fragment(state, None))
}

/// The page's address with this fragment, to hand out.
pub fn link_of(fragment: &str) -> String {
    window().location().origin().unwrap_or_default() + &with_fragment(fragment)
}

/// What stands behind the `#` now.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Calls `then` with what stands behind the `#` of every address that the visitor changes this one to. The page may have
/// written its own over it by then.
pub fn hear(then: impl Fn(&str) + 'static) {
    let changed = window_event_listener(ev::hashchange, move |event| {
        then(event.new_url().split_once('#').map_or("", |(_, fragment)| fragment));
    });
    on_cleanup(move || changed.remove());
}

/// Copies a text. Pages on plain http have no clipboard, and a visitor may have forbidden it.
pub async fn copied(text: &str) -> bool {
    let navigator = window().navigator();
    let has_clipboard =
        js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    has_clipboard && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Loads the page again.
pub fn reload() {
    let _ = window().location().reload();
}

fn with_fragment(fragment: &str) -> String {
    let location = window().location();
    let page = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if fragment.is_empty() { page } else { format!("{page}#{fragment}") }
}

/// The place that an ordinary click on an anchor asks for. A click with a modifier opens a tab.
fn clicked_anchor(event: &web_sys::MouseEvent) -> Option<String> {
    let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    if event.button() != 0 || modified || event.default_prevented() {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    let anchor = target.closest("a[href^='#']").ok()??;
    link::open(&anchor.get_attribute("href")?).place
}

/// Scrolls to an element and moves the focus there, as following an anchor does.
fn go_to(place: &str) -> bool {
    let Some(element) = document().get_element_by_id(place) else { return false };
    if let Ok(Some(details)) = element.closest("details") {
        let _ = details.set_attribute("open", "");
    }
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        if !element.has_attribute("tabindex") {
            let _ = element.set_attribute("tabindex", "-1");
        }
        let _ = element.focus();
    }
    element.scroll_into_view();
    true
}

/// Goes to a place as soon as it is drawn.
fn arrive(place: String, looks: u32) {
    let look = move || {
        if go_to(&place) {
            hold(place);
        } else if looks > 0 {
            arrive(place, looks - 1);
        }
    };
    set_timeout(look, BETWEEN_LOOKS);
}

/// Keeps a place in view while charts, panels and recorded runs arrive above it, until the visitor moves.
fn hold(place: String) {
    let moved = StoredValue::new(false);
    let listeners = ["wheel", "touchstart", "pointerdown", "keydown"]
        .map(|event| window_event_listener_untyped(event, move |_| moved.set_value(true)));
    look_again(place, moved, LOOKS, page_height());
    let leave = move || {
        for listener in listeners {
            listener.remove();
        }
    };
    set_timeout(leave, BETWEEN_LOOKS * (LOOKS + 1));
}

fn look_again(place: String, moved: StoredValue<bool>, looks: u32, height: i32) {
    let look = move || {
        let now = page_height();
        if looks == 0 || moved.get_value() {
            return;
        }
        if now != height
            && let Some(element) = document().get_element_by_id(&place)
        {
            element.scroll_into_view();
        }
        look_again(place, moved, looks - 1, now);
    };
    set_timeout(look, BETWEEN_LOOKS);
}

fn page_height() -> i32 {
    document().document_element().map_or(0, |page| page.scroll_height())
}
