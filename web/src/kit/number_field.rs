//! A number with its label, and what is wrong with it.

use leptos::prelude::*;

use crate::kit::number_input::NumberInput;

/// One number.
#[component]
pub fn NumberField(
    /// Its name.
    label: &'static str,
    /// The setting that it is, if it is one.
    #[prop(optional)]
    path: Option<&'static str>,
    /// What the arrows add.
    step: f64,
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
        <label class="field" class:idle=idle data-setting=path>
            <span>{label}" "<span class="note">{move || note.get()}</span></span>
            <NumberInput
                step
                value
                disabled=idle
                wrong=Signal::derive(move || problem.with(Option::is_some))
                on_change
            />
        </label>
        <p class="problem" role="alert">{problem}</p>
    }
}
