//! Menus beside a chart: of which questions or facts it is, and after which block.

use hedgerow::documents::metrics::{ProbeFacts, Slice};
use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use crate::kit::menu::Menu;
use crate::model::figures::{Plan, layers};
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::{terms, text};

/// Picks a slice of the questions, or the facts of a probe.
#[component]
pub fn FactsChoice(
    /// The chart.
    plan: Plan,
    /// What it shows.
    quantity: RwSignal<Quantity>,
    /// The chart's name.
    label: Signal<String>,
) -> impl IntoView {
    let slices: Vec<_> = plan.slices.iter().map(|slice| (*slice, terms::slice(*slice).name.to_owned())).collect();
    let facts = [ProbeFacts::Uncomfortable, ProbeFacts::Taught];
    let facts: Vec<_> = facts.into_iter().map(|facts| (facts, terms::probe_facts(facts).to_owned())).collect();
    match plan.quantity {
        Quantity::Rate(metric, _) if plan.slices.len() > 1 => {
            let select = Callback::new(move |slice: Slice| quantity.set(Quantity::Rate(metric, slice)));
            let selected = Signal::derive(move || {
                let Quantity::Rate(_, slice) = quantity.get() else { return None };
                Some(slice)
            });
            let label = Signal::derive(move || text().figures.questions(label.get()));
            view! { <Menu label options=Signal::stored(slices) selected on_select=select /> }.into_any()
        }
        Quantity::Rate(_, slice) => view! { <span class="subject">{terms::slice(slice).name}</span> }.into_any(),
        Quantity::Probe(..) => {
            let select = Callback::new(move |other| {
                quantity.update(|quantity| {
                    if let Quantity::Probe(_, facts, _) = quantity {
                        *facts = other
                    }
                });
            });
            let selected = Signal::derive(move || {
                let Quantity::Probe(_, facts, _) = quantity.get() else { return None };
                Some(facts)
            });
            let label = Signal::derive(move || text().figures.facts(label.get()));
            view! { <Menu label options=Signal::stored(facts) selected on_select=select /> }.into_any()
        }
        Quantity::Number(_) | Quantity::Diagnosis(_) => ().into_any(),
    }
}

/// Picks the layer of a probe.
#[component]
pub fn LayerChoice(
    /// What the chart shows.
    quantity: RwSignal<Quantity>,
    /// The chart's name.
    label: Signal<String>,
) -> impl IntoView {
    let measured = use_stores().view.memo(&[Part::Measurements], layers);
    let selected = Memo::new(move |_| {
        let Quantity::Probe(_, _, layer) = quantity.get() else { return None };
        Some(layer)
    });
    let options = Memo::new(move |_| {
        let count = measured.get().max(selected.get().map_or(0, |layer| layer + 1));
        (0..count).map(|layer| (layer, text().figures.layer_number(layer))).collect::<Vec<_>>()
    });
    let select = Callback::new(move |other| {
        quantity.update(|quantity| {
            if let Quantity::Probe(_, _, layer) = quantity {
                *layer = other
            }
        });
    });
    let is_probe = matches!(quantity.get_untracked(), Quantity::Probe(..));
    let label = Signal::derive(move || text().figures.layer(label.get()));
    is_probe.then(|| view! { <Menu label options selected on_select=select /> })
}
