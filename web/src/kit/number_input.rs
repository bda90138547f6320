//! What a number is typed into: with a decimal point or a decimal comma, and with arrow keys that step. It shows the sign of
//! the page's language.
//!
//! A text to the browser: a number's input would take the comma away and keep its digits, 0,5 becoming 5.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::model::fields;
use crate::text::numbers;

/// The input alone; its name and what is wrong with it belong to what is around it.
#[component]
pub fn NumberInput(
    /// Its name, where no label stands around it.
    #[prop(optional)]
    label: Option<&'static str>,
    /// What the arrows add.
    step: f64,
    /// What it is.
    #[prop(into)]
    value: Signal<String>,
    /// Can it not be changed at present?
    #[prop(into, default = Signal::stored(false))]
    disabled: Signal<bool>,
    /// Is what was typed no value for it?
    #[prop(into)]
    wrong: Signal<bool>,
    /// Called with the number as it is written in links.
    on_change: Callback<String>,
) -> impl IntoView {
    let typed = |text: String| fields::typed(&text, &numbers::decimal_sign());
    let go = move |event: KeyboardEvent| {
        let steps = match event.key().as_str() {
            "ArrowUp" => 1.0,
            "ArrowDown" => -1.0,
            _ => return,
        };
        if let Some(stepped) = fields::stepped(&typed(event_target_value(&event)), steps * step) {
            event.prevent_default();
            on_change.run(stepped);
        }
    };
    view! {
        <input
            type="text"
            inputmode="decimal"
            autocomplete="off"
            aria-label=label
            aria-invalid=move || wrong.get().to_string()
            disabled=disabled
            prop:value=move || numbers::in_field(&value.get())
            on:keydown=go
            on:change=move |event| on_change.run(typed(event_target_value(&event)))
        />
    }
}
