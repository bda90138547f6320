//! One arm's chart: its name, what it answers, and the rater's score below.

use hedgerow::documents::metrics::Number;
use hedgerow::documents::quantity::Quantity;
use leptos::prelude::*;

use super::beside;
use crate::kit::arm::ArmCourse;
use crate::kit::chart::stack::{StackChart, StackWords};
use crate::model::outcomes::Stack;
use crate::model::picture::layers::StackDrawing;
use crate::model::series::mean_at;
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

const SCORE: Quantity = Quantity::Number(Number::Scalar);

/// Chart and score of the arm at a place.
#[component]
pub fn ArmOutcomes(
    /// Its place among the arms.
    place: usize,
    /// What is shown of the arms.
    shown: Memo<Vec<Stack>>,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().outcomes);
    let drawing = beside(shown, move |report| {
        let experiment = &report?.experiment;
        let stack = shown.with_untracked(|shown| shown.get(place).cloned())?;
        let changes = terms::changes(report?);
        let (updates, every) = (experiment.finetune.updates, experiment.measure.every);
        Some(StackDrawing { stack, updates, every, changes })
    });
    let arms = Memo::new(move |_| shown.with(|shown| Some(shown.get(place)?.arms)));
    // With the measurements and not with each update: a chart of every update is in the laboratory.
    let score = Memo::new(move |_| {
        shown.track();
        let (at, seed) = (view.at.get(), view.seed.get());
        untrack(|| view.with(&[], |report| [Some(0), at].map(|update| mean_at(report?, place, SCORE, update, seed))))
    });
    let rater = move || match score.get() {
        [Some(before), Some(now)] => text.score(numbers::signed(before), numbers::signed(now)),
        _ => String::new(),
    };
    let label = Signal::derive(move || {
        arms.get().map_or_else(|| text.title.to_owned(), |arms| text.chart(terms::course(arms)))
    });
    let value = Signal::derive(move || {
        shown.with(|shown| shown.get(place).map(|stack| terms::moment(stack, view.at.get()))).unwrap_or_default()
            + " "
            + &rater()
    });
    let words = StackWords { updates: text.updates, layer: terms::layer };
    view! {
        <article class="stack">
            <p class="stack-name">
                {move || arms.get().map(|arms| view! {
                    <ArmCourse arms words=terms::arm then=super::text().scores.then />
                })}
            </p>
            <StackChart drawing label value at=view.at words />
            <p class="rater-score">{rater}</p>
        </article>
    }
}
