//! A button that opens a box below it. Escape closes it, and so does leaving it.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, Node};

/// Button and box.
#[component]
pub fn Popover(
    /// The box's id, unique on the page.
    id: &'static str,
    /// The box's name.
    label: &'static str,
    /// What is on the button.
    #[prop(into)]
    button: ViewFn,
    /// What is in the box.
    children: Children,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let host = NodeRef::<Div>::new();
    let close_when_left = move |event: FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        if !host.get_untracked().is_some_and(|host| host.contains(to.as_ref())) {
            open.set(false);
        }
    };
    view! {
        <div
            class="popover-host"
            node_ref=host
            tabindex="-1"
            on:focusout=close_when_left
            on:keydown=move |event| if event.key() == "Escape" { open.set(false) }
        >
            <button
                class="quiet"
                type="button"
                aria-expanded=move || open.get().to_string()
                aria-controls=id
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {button.run()}
            </button>
            <div id=id class="popover" hidden=move || !open.get() role="group" aria-label=label>
                <p class="popover-title">{label}</p>
                {children()}
            </div>
        </div>
    }
}
