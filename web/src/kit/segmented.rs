//! A choice among a few: native radio buttons that look like one control.

use leptos::prelude::*;

/// Radio buttons in a row over values of any type.
#[component]
pub fn Segmented<T, Selected, Select>(
    /// Groups the radio buttons; unique on the page.
    name: &'static str,
    /// Read before the options.
    legend: &'static str,
    /// Values and their short words.
    options: Vec<(T, &'static str)>,
    /// What is chosen; `None` if it is no option. Tracks.
    selected: Selected,
    /// Called with the user's choice.
    on_select: Select,
    /// Show the legend above instead of to screen readers only.
    #[prop(optional)]
    show_legend: bool,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
    Selected: Fn() -> Option<T> + Send + Sync + 'static,
    Select: Fn(T) + Send + Sync + 'static,
{
    let (values, words): (Vec<T>, Vec<&'static str>) = options.into_iter().unzip();
    let own = values.clone();
    let place = Signal::derive(move || selected().and_then(|chosen| own.iter().position(|value| *value == chosen)));
    segments(name, legend, words, place, Callback::new(move |place: usize| on_select(values[place])), show_legend)
}

/// The same over places among the options: compiled once, whatever the values are.
fn segments(
    name: &'static str,
    legend: &'static str,
    options: Vec<&'static str>,
    selected: Signal<Option<usize>>,
    on_select: Callback<usize>,
    show_legend: bool,
) -> AnyView {
    let option = move |(place, words): (usize, &'static str)| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name=name
                    prop:checked=move || selected.get() == Some(place)
                    on:change=move |_| on_select.run(place)
                />
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segmented">
            <legend class=if show_legend { "field-label" } else { "unseen" }>{legend}</legend>
            <div class="segments">{options.into_iter().enumerate().map(option).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
