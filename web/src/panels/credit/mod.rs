//! What each word of the last sampled answers was credited with.

pub mod answer;
pub mod column;
pub mod prompt_menu;
pub mod slow;

use hedgerow::documents::protocol::Inspection;
use leptos::prelude::*;

use crate::kit::card::WideCard;
use crate::kit::later::Later;
use crate::kit::seed_menu::SeedMenu;
use crate::lab::use_lab;
use crate::model::credit::{columns, looked_at};
use crate::model::phase::Phase;
use crate::model::run::{Part, seeds};
use crate::stores::use_stores;
use crate::text::{terms, text};
use column::column;
use prompt_menu::PromptMenu;
use slow::{IsSlow, Picked, slow};

/// The panel.
#[component]
pub fn Credit(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (lab, stores, text) = (use_lab(), use_stores(), &text().credit);
    let view = stores.view;
    let (prompt, is_slow) = (RwSignal::new(None::<usize>), RwSignal::new(false));
    provide_context(Picked(prompt));
    provide_context(IsSlow(is_slow));
    let examples = view.memo(&[Part::Updates, Part::Changes], move |report| {
        report.map(|report| columns(report, view.seed.get())).unwrap_or_default()
    });
    let group = stores.run.memo(&[Part::Looks, Part::Changes], move |run| looked_at(run, view.seed.get()));
    let shown = Memo::new(move |_| match prompt.get() {
        Some(_) if group.with(|group| !group.is_empty()) => group.get(),
        Some(_) | None => examples.get(),
    });
    // While it trains, the answers that were asked for stay; where it stops, the last ones come.
    let waits = Memo::new(move |_| stores.engine.phase.with(Phase::waits));
    let done = stores.run.memo(&[Part::Updates], |run| run.report.updates_done());
    Effect::new(move |_| {
        let done = if waits.get() { done.get() } else { done.get_untracked() };
        if let Some(prompt) = prompt.get().filter(|_| done > 0) {
            lab.look_at(Inspection::Credit { prompt });
        }
    });
    let seeds = view.memo(&[], seeds);
    view! {
        <WideCard
            id
            title=text.title
            hint=hint
            tools=move || view! { <PromptMenu prompt /> <SeedMenu seeds chosen=view.seed words=terms::seed_words(text.seed) /> }
        >
            <Later draw=slow />
            {move || {
                if is_slow.get() {
                    return ().into_any();
                }
                let columns = shown.get();
                if columns.is_empty() {
                    return view! { <p class="empty">{text.empty}</p> }.into_any();
                }
                view! { <div class="credit-columns">{columns.into_iter().map(column).collect_view()}</div> }.into_any()
            }}
        </WideCard>
    }
}

fn hint() -> impl IntoView {
    let text = &text().credit;
    view! {
        {text.about}" "
        <span class="scale"><span>{text.less}</span><span class="ramp" aria-hidden="true"></span><span>{text.more}</span></span>
    }
}
