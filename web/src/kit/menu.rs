//! A choice among many: a native menu over values of any type.

use leptos::prelude::*;

/// A menu. What is chosen follows `selected`, also after the user has touched it.
#[component]
pub fn Menu<T>(
    /// Its name, where no label stands beside it.
    #[prop(optional)]
    label: Option<&'static str>,
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
    let choose = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        let value = place.and_then(|place| options.with_untracked(|options| options.get(place).cloned()));
        if let Some((value, _)) = value {
            on_select.run(value);
        }
    };
    let option = move |(place, (value, words)): (usize, (T, String))| {
        let is_chosen = move || selected.with(|selected| selected.as_ref() == Some(&value));
        view! { <option value=place.to_string() prop:selected=is_chosen>{words}</option> }
    };
    view! {
        <select class=class aria-label=label on:change=choose>
            {move || options.get().into_iter().enumerate().map(option).collect_view()}
        </select>
    }
}
