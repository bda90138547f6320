//! The empty chart: a line from the first update to the last, whose end follows the pointer.

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::PointerEvent;

use crate::model::look::look;
use crate::model::prediction::{Bound, Expected};
use crate::text::later::later;
use crate::text::{numbers, terms};

/// The chart of one arm. For the keyboard there are the sliders below it.
#[component]
pub fn Expectation(
    /// What is expected.
    expected: Signal<Expected>,
    /// Called with another guess.
    change: Callback<(Bound, f64)>,
    /// The last update.
    updates: u32,
) -> impl IntoView {
    let text = &later().predict;
    let place = NodeRef::<Div>::new();
    let drags = StoredValue::new(false);
    let follow = move |event: &PointerEvent| {
        let Some(element) = place.get_untracked() else { return };
        let bounds = element.get_bounding_client_rect();
        if drags.get_value() && bounds.height() > 0.0 {
            let share = 1.0 - (f64::from(event.client_y()) - bounds.top()) / bounds.height();
            change.run((Bound::Likely, (share * 100.0).round() / 100.0));
        }
    };
    let down = move |event: PointerEvent| {
        drags.set_value(true);
        if let Some(element) = place.get_untracked() {
            // A pointer that is gone already has nothing to follow.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        follow(&event);
    };
    let y = |share: f64| format!("{:.1}", 100.0 - share * 100.0);
    let label = move || {
        let expected = expected.get();
        let [likely, low, high] = [expected.likely, expected.low, expected.high].map(numbers::percent);
        text.chart(terms::arm(expected.arm).name, likely, low, high)
    };
    let arm = expected.get_untracked().arm;
    view! {
        <div
            class=format!("expectation {}", look(arm).colour)
            node_ref=place
            role="img"
            aria-label=label
            on:pointerdown=down
            on:pointermove=move |event| follow(&event)
            on:pointerup=move |_| drags.set_value(false)
            on:pointercancel=move |_| drags.set_value(false)
        >
            <svg viewBox="0 0 200 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <path class="grid" d="M0 0H200M0 50H200M0 100H200" />
                <path
                    class="band"
                    d=move || {
                        let Expected { low, high, .. } = expected.get();
                        format!("M0 95L190 {}V{}Z", y(high), y(low))
                    }
                />
                <path class="guess" d=move || format!("M0 95L190 {}", y(expected.get().likely)) />
            </svg>
            <span class="end" style:top=move || format!("{:.1}%", 100.0 - expected.get().likely * 100.0)></span>
            <span class="most">{numbers::percent(1.0)}</span>
            <span class="least">{numbers::percent(0.0)}</span>
            <span class="last">{text.updates(updates)}</span>
        </div>
    }
}
