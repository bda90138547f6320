//! A choice among a few: native radio buttons that look like one control.

use leptos::prelude::*;

/// Radio buttons in a row. `selected` is the index, or past the end if none is.
#[component]
pub fn Segmented(
    /// Groups the radio buttons; unique on the page.
    name: &'static str,
    /// Read before the options.
    legend: &'static str,
    /// Short texts.
    options: Vec<&'static str>,
    /// The index of the option that is chosen.
    selected: Signal<usize>,
    /// Called with an index.
    on_select: Callback<usize>,
    /// Show the legend above instead of to screen readers only.
    #[prop(optional)]
    show_legend: bool,
) -> impl IntoView {
    let option = move |(index, label): (usize, &'static str)| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name=name
                    prop:checked=move || selected.get() == index
                    on:change=move |_| on_select.run(index)
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segmented">
            <legend class=if show_legend { "field-label" } else { "unseen" }>{legend}</legend>
            <div class="segments">{options.into_iter().enumerate().map(option).collect_view()}</div>
        </fieldset>
    }
}
