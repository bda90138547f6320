//! A chart with its title, its current values, and what it means one click away.

use hedgerow::documents::metrics::Slice;
use hedgerow::documents::report::RunReport;
use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use super::key::{Swatch, arm_class};
use super::scores::number;
use crate::app::Lab;
use crate::charts::{Chart, Drawing};
use crate::glossary;
use crate::series::{Point, ProbeFacts, Quantity, lines};

/// What a figure shows at first, and what else it can show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Unique on the page.
    pub id: &'static str,
    /// At first.
    pub quantity: Quantity,
    /// Other slices of the same rate.
    pub slices: &'static [Slice],
}

/// One chart.
#[component]
pub fn Figure(
    /// What it shows.
    plan: Plan,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let quantity = RwSignal::new(plan.quantity);
    let hovered = RwSignal::new(None::<u32>);
    let open = RwSignal::new(false);
    let entry = Memo::new(move |_| glossary::entry(quantity.get()));
    let drawing = Memo::new(move |_| {
        let entry = entry.get();
        lab.with_report(|report| draw(report, quantity.get(), entry.is_share, entry.chance_level))
    });
    let label = Signal::derive(move || summary(entry.get().title, &drawing.get(), quantity.get()));
    let details = format!("{}-details", plan.id);
    let heading = format!("{}-title", plan.id);
    let labelled_by = heading.clone();
    view! {
        <article class="figure-card" aria-labelledby=labelled_by on:keydown=move |event| if event.key() == "Escape" { open.set(false) }>
            <header>
                <h3 id=heading>{move || entry.get().title}</h3>
                <Choice plan quantity />
                <button
                    class="quiet icon-only info"
                    type="button"
                    aria-label=move || format!("What “{}” means", entry.get().title)
                    aria-expanded=move || open.get().to_string()
                    aria-controls=details.clone()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || {
                        let icon = if open.get() { Icon::Close } else { Icon::Info };
                        view! { <Glyph icon /> }
                    }}
                </button>
            </header>
            <div class="readout-line">
                <p class="readout">{move || readout(&drawing.get(), quantity.get(), hovered.get())}</p>
                <LayerChoice quantity />
            </div>
            <div class="figure-body">
                <Chart drawing=drawing.into() label hovered />
                <div id=details class="explanation" hidden=move || !open.get() tabindex="0">
                    {move || open.get().then(|| explanation(entry.get(), quantity.get(), &drawing.get()))}
                </div>
            </div>
        </article>
    }
}

/// Picks a slice, or the facts of a probe.
#[component]
fn Choice(plan: Plan, quantity: RwSignal<Quantity>) -> impl IntoView {
    let slice = move |chosen: Slice| {
        let choose = move |event| {
            let picked = event_target_value(&event);
            if let Some(slice) = plan.slices.iter().find(|slice| slice.name() == picked) {
                quantity.update(|quantity| {
                    if let Quantity::Rate(_, current) = quantity {
                        *current = *slice;
                    }
                });
            }
        };
        let option = |slice: &Slice| {
            view! { <option value=slice.name() selected=*slice == chosen>{glossary::slice(*slice)}</option> }
        };
        view! {
            <select class="inline" aria-label="Questions" on:change=choose>
                {plan.slices.iter().map(option).collect_view()}
            </select>
        }
    };
    let probe = move |facts: ProbeFacts| {
        let choose_facts = move |event| {
            let facts =
                if event_target_value(&event) == "all" { ProbeFacts::Taught } else { ProbeFacts::Uncomfortable };
            quantity.update(|quantity| {
                if let Quantity::Probe(_, current, _) = quantity {
                    *current = facts;
                }
            });
        };
        view! {
            <select class="inline" aria-label="Facts" on:change=choose_facts>
                <option value="uncomfortable" selected=facts == ProbeFacts::Uncomfortable>
                    {glossary::probe_facts(ProbeFacts::Uncomfortable)}
                </option>
                <option value="all" selected=facts == ProbeFacts::Taught>{glossary::probe_facts(ProbeFacts::Taught)}</option>
            </select>
        }
    };
    move || match quantity.get() {
        Quantity::Rate(_, chosen) if plan.slices.len() > 1 => slice(chosen).into_any(),
        Quantity::Rate(_, chosen) => view! { <span class="subject">{glossary::slice(chosen)}</span> }.into_any(),
        Quantity::Probe(_, facts, _) => probe(facts).into_any(),
        Quantity::RaterScore | Quantity::ProxyScore | Quantity::FlatGroups | Quantity::Kl | Quantity::Entropy => {
            ().into_any()
        }
    }
}

/// Picks the layer of a probe.
#[component]
fn LayerChoice(quantity: RwSignal<Quantity>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let layers = Memo::new(move |_| {
        lab.with_report(|report| {
            let probes = report.and_then(|report| Some(&report.replicas.first()?.measurements.first()?.probes));
            probes.map_or(0, Vec::len)
        })
    });
    move || {
        let Quantity::Probe(fit, facts, layer) = quantity.get() else { return None };
        let choose = move |event| {
            let layer = event_target_value(&event).parse().unwrap_or(layer);
            quantity.set(Quantity::Probe(fit, facts, layer));
        };
        let option = |index: usize| {
            view! { <option value=index.to_string() selected=index == layer>{format!("layer {index}")}</option> }
        };
        Some(view! {
            <select class="inline" aria-label="Layer" on:change=choose>
                {(0..layers.get().max(layer + 1)).map(option).collect_view()}
            </select>
        })
    }
}

fn draw(report: Option<&RunReport>, quantity: Quantity, is_share: bool, chance: Option<f64>) -> Drawing {
    match report {
        Some(report) => Drawing {
            lines: lines(report, quantity),
            updates: report.experiment.finetune.updates,
            is_share,
            chance,
            changes: report.changes.iter().map(|change| change.after).collect(),
        },
        None => Drawing { lines: Vec::new(), updates: 100, is_share, chance, changes: Vec::new() },
    }
}

/// The values under the pointer, or the latest.
fn readout(drawing: &Drawing, quantity: Quantity, hovered: Option<u32>) -> impl IntoView + use<> {
    let at = |points: &[Point]| match hovered {
        Some(update) => points.iter().rev().find(|point| point.update <= update).copied(),
        None => points.last().copied(),
    };
    let values = drawing.lines.iter().map(|line| {
        let arm = line.arm;
        let value = at(&line.points);
        let text = value.map_or_else(|| "–".to_owned(), |point| number(point.mean, quantity));
        let count = value.and_then(|point| point.count).map(|count| format!(" of {count}"));
        view! {
            <span class=arm_class(arm) title=glossary::arm(arm)>
                <Swatch arm />
                <span class="unseen">{glossary::arm(arm)}": "</span>
                <strong>{text}</strong>
                <span class="count">{count}</span>
            </span>
        }
    });
    let when = hovered.map(|update| view! { <span class="when">"at update "{update}</span> });
    (values.collect_view(), when)
}

/// Definition, formula, chance, and the numbers as a table.
fn explanation(entry: glossary::Entry, quantity: Quantity, drawing: &Drawing) -> impl IntoView + use<> {
    let subject = match quantity {
        Quantity::Rate(_, slice) => Some(glossary::slice_meaning(slice)),
        Quantity::Probe(..)
        | Quantity::RaterScore
        | Quantity::ProxyScore
        | Quantity::FlatGroups
        | Quantity::Kl
        | Quantity::Entropy => None,
    };
    let mut ticks: Vec<u32> =
        drawing.lines.iter().flat_map(|line| line.points.iter().map(|point| point.update)).collect();
    ticks.sort_unstable();
    ticks.dedup();
    let step = (drawing.updates / 10).max(1);
    ticks.retain(|tick| tick.is_multiple_of(step));
    let rows = ticks.into_iter().map(|tick| {
        let cells = drawing.lines.iter().map(|line| {
            let point = line.points.iter().find(|point| point.update == tick);
            let text = point.map_or_else(|| "–".to_owned(), |point| number(point.mean, quantity));
            view! { <td>{text}</td> }
        });
        view! { <tr><th scope="row">{tick}</th>{cells.collect_view()}</tr> }
    });
    let heads = drawing.lines.iter().map(|line| view! { <th scope="col">{glossary::arm(line.arm)}</th> });
    view! {
        <p>{entry.definition}</p>
        {subject.map(|subject| view! { <p>{subject}</p> })}
        <p class="formula">{entry.formula}</p>
        <p>{entry.chance}</p>
        <table class="numbers">
            <thead><tr><th scope="col">"Update"</th>{heads.collect_view()}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

/// What a screen reader says of the picture.
fn summary(title: &str, drawing: &Drawing, quantity: Quantity) -> String {
    let line = |line: &crate::series::Line| {
        let (first, last) = (line.points.first()?, line.points.last()?);
        Some(format!(
            "{} from {} to {} at update {}",
            glossary::arm(line.arm),
            number(first.mean, quantity),
            number(last.mean, quantity),
            last.update
        ))
    };
    let lines: Vec<String> = drawing.lines.iter().filter_map(line).collect();
    if lines.is_empty() { format!("{title}: no data yet") } else { format!("{title}: {}", lines.join("; ")) }
}
