//! The charts in three questions: is it true, is it known, is it said; and the rest on demand.

pub mod explanation;
pub mod figure;

use leptos::prelude::*;

use crate::model::figures::{Group, Plan, plans};
use crate::stores::use_stores;
use crate::text::text;
use figure::Figure;

/// All charts.
#[component]
pub fn Figures() -> impl IntoView {
    let (more, text) = (RwSignal::new(false), &text().figures);
    let has_reward_model =
        use_stores().view.memo(&[], |report| report.is_some_and(|report| report.experiment.reward_model.is_some()));
    view! {
        {move || {
            let plans = plans(Group::Says, has_reward_model.get());
            view! { <FigureRow title=text.says about=text.says_about plans /> }
        }}
        <FigureRow title=text.knows about=text.knows_about plans=plans(Group::Knows, false) />
        <FigureRow title=text.hedges about=text.hedges_about plans=plans(Group::Hedges, false) />
        <button
            class="more-figures"
            type="button"
            aria-expanded=move || more.get().to_string()
            on:click=move |_| more.update(|more| *more = !*more)
        >
            {move || if more.get() { text.show_fewer } else { text.show_more }}
        </button>
        {move || more.get().then(|| view! {
            <FigureRow title=text.more about=text.more_about plans=plans(Group::More, false) />
        })}
    }
}

#[component]
fn FigureRow(title: &'static str, about: &'static str, plans: Vec<Plan>) -> impl IntoView {
    view! {
        <section class="figure-row">
            <h2><span>{title}</span>" "<small>{about}</small></h2>
            <div class="figure-grid">{plans.into_iter().map(|plan| view! { <Figure plan /> }).collect_view()}</div>
        </section>
    }
}
