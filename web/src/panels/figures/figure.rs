//! A chart with its title, its current values, and what it means one click away.

use leptos::prelude::*;

use super::choices::{FactsChoice, LayerChoice};
use super::explanation::explanation;
use super::readout::{readout, spoken};
use crate::kit::chart::lines::{Chart, ChartWords};
use crate::kit::icons::{Glyph, Icon};
use crate::model::figures::{Drawing, Plan, together};
use crate::model::picture::Picture;
use crate::model::recorded::Shown;
use crate::model::series::{parts, smoothing};
use crate::stores::use_stores;
use crate::text::pictures::chart_title;
use crate::text::{terms, text};
use crate::views::save_picture::SavePicture;

/// One chart.
#[component]
pub fn Figure(
    /// What it shows.
    plan: Plan,
    /// The chart whose explanation is open.
    open: RwSignal<Option<&'static str>>,
) -> impl IntoView {
    let (stores, text) = (use_stores(), &text().figures);
    let words = ChartWords { chance: text.chance, updates: text.updates, not_drawn: text.not_drawn, line: terms::line };
    let quantity = RwSignal::new(plan.quantity);
    let hovered = RwSignal::new(None::<u32>);
    let entry = Memo::new(move |_| terms::entry(quantity.get(), stores.view.choices()));
    let planned = stores.draft.memo(|draft| draft.finetune.updates);
    // What a chart is made of does not change, other than which facts or questions.
    let drawing = stores.view.memo(parts(plan.quantity), move |report| {
        let (quantity, chance) = (quantity.get(), entry.get().chance_level);
        let lines =
            |report| together(quantity).into_iter().flat_map(move |own| stores.view.lines(report, own)).collect();
        let run = report.map(|report| (report, lines(report)));
        let mut drawing = Drawing::of(run, planned.get(), quantity, chance);
        drawing.changes = report.map(terms::changes).unwrap_or_default();
        drawing
    });
    let label = Signal::derive(move || chart_title(quantity.get(), entry.get().text.title));
    let value = Signal::derive(move || spoken(&drawing.get(), quantity.get(), hovered.get()));
    let id = plan.id;
    let is_open = move || open.get() == Some(id);
    let icon = move || if is_open() { Icon::Close } else { Icon::Info };
    let empty = move || {
        let missing = matches!(stores.view.shown(), Shown::Nothing | Shown::Failed);
        missing.then(|| view! { <p class="plot-empty hint">{text.press_train}</p> })
    };
    let smoothed = move || {
        let updates = drawing.with(|drawing| if drawing.lines.is_empty() { None } else { Some(drawing.updates) })?;
        smoothing(quantity.get(), updates).map(|count| format!("; {}", text.smoothed(count)))
    };
    view! {
        <article id=id class="figure-card" aria-labelledby=format!("{id}-title")>
            <header>
                <h3 id=format!("{id}-title")>{move || entry.get().text.title}</h3>
                <FactsChoice plan quantity label />
                <SavePicture title=label picture=Signal::derive(move || Picture::Chart(quantity.get())) />
                <button
                    class="quiet icon-only info"
                    type="button"
                    aria-label=move || text.meaning_of(label.get())
                    aria-expanded=move || is_open().to_string()
                    aria-controls=format!("{id}-details")
                    on:click=move |_| open.update(|open| *open = if *open == Some(id) { None } else { Some(id) })
                >
                    {move || view! { <Glyph icon=icon() /> }}
                </button>
            </header>
            <div class="readout-line">
                <p class="readout">{move || readout(&drawing.get(), quantity.get(), hovered.get())}</p>
                <LayerChoice quantity label />
            </div>
            <p class="axis-title">{move || entry.get().text.formula}{smoothed}</p>
            <div class="figure-body">
                <Chart
                    drawing=drawing.into()
                    label
                    value
                    hovered
                    dark=Signal::derive(move || stores.prefs.theme.is_dark())
                    words
                />
                {empty}
            </div>
            <div id=format!("{id}-details") class="explanation" hidden=move || !is_open()>
                {move || is_open().then(|| explanation(entry.get(), quantity.get(), stores.view.choices(), &drawing.get()))}
            </div>
        </article>
    }
}
