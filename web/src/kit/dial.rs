//! A label, a slider and a number box that are one setting.

use leptos::prelude::*;

use crate::kit::number_input::NumberInput;
use crate::model::fields;

/// One number with a slider.
#[component]
pub fn Dial(
    /// The setting that it is.
    path: &'static str,
    /// Its letter, and what stands below it after an underscore.
    symbol: &'static str,
    /// Its name.
    label: &'static str,
    /// The slider's name.
    slider_label: String,
    /// Where the slider begins.
    low: f64,
    /// Where it ends.
    high: f64,
    /// What the slider and the arrows add.
    step: f64,
    /// What it is.
    #[prop(into)]
    value: Signal<f64>,
    /// What is to be said of it as it is.
    #[prop(into)]
    note: Signal<Option<&'static str>>,
    /// Is what was typed no value for it?
    #[prop(into)]
    wrong: Signal<bool>,
    /// Called with what was typed.
    on_change: Callback<String>,
) -> impl IntoView {
    let (name, subscript) = symbol.split_once('_').unwrap_or((symbol, ""));
    let shown = move || fields::shown(value.get());
    view! {
        <div class="dial" class:wrong=wrong data-setting=path>
            <span class="dial-label">
                <var>{name}<sub>{subscript}</sub></var>
                {label}
                <span class="note">{move || note.get()}</span>
            </span>
            <input
                type="range"
                min=low.to_string()
                max=high.to_string()
                step=step.to_string()
                aria-label=slider_label
                prop:value=shown
                style:--fill=move || format!("{:.1}%", fields::share(value.get(), low, high) * 100.0)
                on:input=move |event| on_change.run(event_target_value(&event))
            />
            <NumberInput label step value=Signal::derive(shown) wrong on_change />
        </div>
    }
}
