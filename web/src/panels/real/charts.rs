//! What the arms answer about uncomfortable facts, all seeds together or one alone.

use hedgerow::documents::report::LanguageModelRun;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::chart::stack::{StackChart, StackWords};
use crate::model::outcomes::{Stack, stacks};
use crate::model::picture::layers::StackDrawing;
use crate::text::outcomes::results;
use crate::text::{Term, terms, text};

/// A chart an arm, and what they show in words.
pub fn charts(LanguageModelRun { report, .. }: &LanguageModelRun, seed: Option<u64>) -> AnyView {
    let (stacks, at) = (stacks(report, seed), RwSignal::new(None::<u32>));
    let sentences = results(report, &stacks).into_iter().map(|sentence| view! { <p>{sentence}</p> }).collect_view();
    let (updates, every) = (report.experiment.finetune.updates, report.experiment.measure.every);
    let chart = move |stack: Stack| {
        let &Term { name, meaning } = terms::arm(stack.arms[0]);
        let drawing = StackDrawing { stack: stack.clone(), updates, every, changes: vec![] };
        let value = Signal::derive({
            let stack = stack.clone();
            move || terms::moment(&stack, at.get())
        });
        view! {
            <article class="stack">
                <p class="stack-name"><ArmName arm=stack.arms[0] name meaning /></p>
                <StackChart
                    drawing=Signal::stored(Some(drawing))
                    label=Signal::stored(text().outcomes.chart(name))
                    value
                    at
                    words=StackWords { updates: text().outcomes.updates, layer: terms::layer }
                />
                <p class="hint">{value}</p>
            </article>
        }
    };
    view! {
        <h3>{text().outcomes.title}</h3>
        <div class="stacks">{stacks.into_iter().map(chart).collect_view()}</div>
        <div class="caption">{sentences}</div>
    }
    .into_any()
}
