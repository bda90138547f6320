//! A choice among many: a native menu over values of any type.

use leptos::prelude::*;

/// A menu. What is chosen follows `selected`, also after the user has touched it.
#[component]
pub fn Menu<T>(
    /// Its name, where no label stands beside it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// Its class.
    #[prop(default = "inline")]
    class: &'static str,
    /// Values and their words.
    #[prop(into)]
    options: Signal<Vec<(T, String)>>,
    /// What is chosen.
    #[prop(into)]
    selected: Signal<Option<T>>,
    /// Called with the user's choice.
    on_select: Callback<T>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let words =
        Signal::derive(move || options.with(|options| options.iter().map(|(_, words)| words.clone()).collect()));
    let place = Signal::derive(move || {
        let chosen = selected.get()?;
        options.with(|options| options.iter().position(|(value, _)| *value == chosen))
    });
    let select = Callback::new(move |place: usize| {
        if let Some((value, _)) = options.with_untracked(|options| options.get(place).cloned()) {
            on_select.run(value);
        }
    });
    menu(label, class, words, place, select)
}

/// The same over places among the options: compiled once, whatever the values are.
fn menu(
    label: Option<Signal<String>>,
    class: &'static str,
    options: Signal<Vec<String>>,
    selected: Signal<Option<usize>>,
    on_select: Callback<usize>,
) -> AnyView {
    let choose = move |event| {
        if let Ok(place) = event_target_value(&event).parse() {
            on_select.run(place);
        }
    };
    let option = move |(place, words): (usize, String)| {
        view! { <option value=place.to_string() prop:selected=move || selected.get() == Some(place)>{words}</option> }
    };
    view! {
        <select class=class aria-label=move || label.map(|label| label.get()) on:change=choose>
            {move || options.get().into_iter().enumerate().map(option).collect_view()}
        </select>
    }
    .into_any()
}
