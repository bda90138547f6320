//! How an arm is marked: its line with dash and marker, in its colour, and its name.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::model::look::{Look, Marker, look};
use crate::text::Term;

/// A piece of a line.
#[component]
pub fn Swatch(
    /// How the line looks.
    look: Look,
) -> impl IntoView {
    let dash = look.dash.iter().map(|length| format!("{}", length * 0.6)).collect::<Vec<_>>().join(" ");
    let shape = match look.marker {
        Marker::Circle => "M14 2.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7Z",
        Marker::Square => "M10.8 2.8h6.4v6.4h-6.4z",
        Marker::Triangle => "M14 2l4 7.2h-8z",
        Marker::Diamond => "M14 1.5 18.5 6 14 10.5 9.5 6z",
        Marker::Wedge => "M14 10l4-7.2h-8z",
        Marker::Plus => "M12.7 1.8h2.6v2.9h2.9v2.6h-2.9v2.9h-2.6v-2.9h-2.9v-2.6h2.9z",
    };
    view! {
        <svg class="swatch" viewBox="0 0 28 12" width="28" height="12" aria-hidden="true" focusable="false">
            <path d="M0 6h28" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray=dash />
            <path d=shape fill="currentColor" />
        </svg>
    }
}

/// Swatch and name.
#[component]
pub fn ArmName(
    /// Whose.
    arm: Arm,
    /// The name for people.
    name: &'static str,
    /// What the arm trains on, shown on hovering.
    meaning: &'static str,
) -> impl IntoView {
    view! {
        <span class=look(arm).class() title=meaning>
            <Swatch look=look(arm) />
            <span class="arm-name">{name}</span>
        </span>
    }
}

/// The arm that a model began with, and the one that it had later if that is another.
#[component]
pub fn ArmCourse(
    /// Began with, and had later.
    arms: [Arm; 2],
    /// Their words.
    words: fn(Arm) -> &'static Term,
    /// Stands between the two.
    then: &'static str,
) -> impl IntoView {
    let name = |arm: Arm| {
        let &Term { name, meaning } = words(arm);
        view! { <ArmName arm name meaning /> }
    };
    let [began, later] = arms;
    let changed = (began != later).then(|| view! { " "<span class="then">{then}</span>" "{name(later)} });
    view! { <span class="course">{name(began)}{changed}</span> }.into_any()
}
