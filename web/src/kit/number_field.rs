//! A number with its label, and what is wrong with it.

use leptos::prelude::*;

/// One number.
#[component]
pub fn NumberField(
    /// Its name.
    label: &'static str,
    /// What the arrows add.
    step: f64,
    /// The smallest that makes sense.
    #[prop(optional)]
    low: f64,
    /// What it is.
    #[prop(into)]
    value: Signal<String>,
    /// Does it change nothing at present?
    #[prop(into, default = Signal::stored(false))]
    idle: Signal<bool>,
    /// What is to be said of it as it is.
    #[prop(into, default = Signal::stored(None))]
    note: Signal<Option<&'static str>>,
    /// What is wrong with what was typed.
    #[prop(into)]
    problem: Signal<Option<String>>,
    /// Called with what was typed.
    on_change: Callback<String>,
) -> impl IntoView {
    view! {
        <label class="field" class:idle=idle>
            <span>{label}" "<span class="note">{move || note.get()}</span></span>
            <input
                type="number"
                step=step.to_string()
                min=low.to_string()
                disabled=idle
                aria-invalid=move || problem.with(Option::is_some).to_string()
                prop:value=value
                on:change=move |event| on_change.run(event_target_value(&event))
            />
        </label>
        <p class="problem" role="alert">{problem}</p>
    }
}
