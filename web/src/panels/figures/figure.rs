//! A chart with its title, its current values, and what it means one click away.

use hedgerow::documents::metrics::{ProbeFacts, Slice};
use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use super::explanation::explanation;
use crate::kit::arm::Swatch;
use crate::kit::chart::lines::{Chart, ChartWords};
use crate::kit::icons::{Glyph, Icon};
use crate::kit::menu::Menu;
use crate::model::figures::{Drawing, Plan, layers, value_at};
use crate::model::look::look;
use crate::model::run::Part;
use crate::model::series::parts;
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// One chart.
#[component]
pub fn Figure(
    /// What it shows.
    plan: Plan,
) -> impl IntoView {
    let (stores, text) = (use_stores(), &text().figures);
    let words = ChartWords { chance: text.chance, changed: text.reward_changed };
    let quantity = RwSignal::new(plan.quantity);
    let hovered = RwSignal::new(None::<u32>);
    let open = RwSignal::new(false);
    let entry = Memo::new(move |_| terms::entry(quantity.get(), stores.view.values()));
    // What a chart is made of does not change, other than which facts or questions.
    let drawing = stores.view.memo(parts(plan.quantity), move |report| {
        let entry = entry.get();
        Drawing::of(report, quantity.get(), entry.is_share, entry.chance_level)
    });
    let label = Signal::derive(move || summary(entry.get().text.title, &drawing.get(), quantity.get()));
    let id = plan.id;
    let icon = move || if open.get() { Icon::Close } else { Icon::Info };
    view! {
        <article
            class="figure-card"
            aria-labelledby=format!("{id}-title")
            on:keydown=move |event| if event.key() == "Escape" { open.set(false) }
        >
            <header>
                <h3 id=format!("{id}-title")>{move || entry.get().text.title}</h3>
                <FactsChoice plan quantity />
                <button
                    class="quiet icon-only info"
                    type="button"
                    aria-label=move || text.meaning_of(entry.get().text.title)
                    aria-expanded=move || open.get().to_string()
                    aria-controls=format!("{id}-details")
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || view! { <Glyph icon=icon() /> }}
                </button>
            </header>
            <div class="readout-line">
                <p class="readout">{move || readout(&drawing.get(), quantity.get(), hovered.get())}</p>
                <LayerChoice quantity />
            </div>
            <div class="figure-body">
                <Chart
                    drawing=drawing.into()
                    label
                    hovered
                    dark=Signal::derive(move || stores.prefs.theme.is_dark())
                    words
                />
                <div id=format!("{id}-details") class="explanation" hidden=move || !open.get() tabindex="0">
                    {move || open.get().then(|| explanation(entry.get(), quantity.get(), &drawing.get()))}
                </div>
            </div>
        </article>
    }
}

/// Picks a slice of the questions, or the facts of a probe.
#[component]
fn FactsChoice(plan: Plan, quantity: RwSignal<Quantity>) -> impl IntoView {
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
            view! { <Menu label=text().figures.questions options=Signal::stored(slices) selected on_select=select /> }
                .into_any()
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
            view! { <Menu label=text().figures.facts options=Signal::stored(facts) selected on_select=select /> }
                .into_any()
        }
        Quantity::Number(_) | Quantity::Diagnosis(_) => ().into_any(),
    }
}

/// Picks the layer of a probe.
#[component]
fn LayerChoice(quantity: RwSignal<Quantity>) -> impl IntoView {
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
    is_probe.then(|| view! { <Menu label=text().figures.layer options selected on_select=select /> })
}

/// The values under the pointer, or the latest.
fn readout(drawing: &Drawing, quantity: Quantity, hovered: Option<u32>) -> impl IntoView + use<> {
    let values = drawing.lines.iter().map(|line| {
        let (arm, name) = (line.arm, terms::arm(line.arm).name);
        let value = value_at(&line.points, hovered);
        let shown = value.map_or_else(numbers::nothing, |point| numbers::quantity(point.mean, quantity));
        let count = value.and_then(|point| point.count).map(|count| format!(" {}", text().figures.of(count)));
        view! {
            <span class=look(arm).class() title=name>
                <Swatch arm />
                <span class="unseen">{name}": "</span>
                <strong>{shown}</strong>
                <span class="count">{count}</span>
            </span>
        }
    });
    let when = hovered.map(|update| view! { <span class="when">{text().figures.at_update(update)}</span> });
    (values.collect_view(), when)
}

/// What a screen reader says of the picture.
fn summary(title: &str, drawing: &Drawing, quantity: Quantity) -> String {
    let text = &text().figures;
    let lines = drawing.lines.iter().filter_map(|line| {
        let (first, last) = (line.points.first()?, line.points.last()?);
        let [from, to] = [first, last].map(|point| numbers::quantity(point.mean, quantity));
        Some(text.line(terms::arm(line.arm).name, from, to, last.update))
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { text.no_data(title) } else { text.summary(title, lines.join("; ")) }
}
