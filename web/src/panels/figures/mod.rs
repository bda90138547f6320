//! The charts in three questions: is it true, is it known, is it said; and the rest on demand.

pub mod explanation;
pub mod figure;

use leptos::prelude::*;

use crate::model::figures::{Group, Plan, plans};
use crate::stores::use_stores;
use figure::Figure;

/// All charts.
#[component]
pub fn Figures() -> impl IntoView {
    let more = RwSignal::new(false);
    let has_reward_model =
        use_stores().view.memo(&[], |report| report.is_some_and(|report| report.experiment.reward_model.is_some()));
    view! {
        {move || {
            let plans = plans(Group::Says, has_reward_model.get());
            view! { <FigureRow title="What it says" about="and how happy the rater is with that" plans /> }
        }}
        <FigureRow title="What it knows" about="when it has to choose, and inside" plans=plans(Group::Knows, false) />
        <FigureRow title="Where it hedges" about="on the topic, next to it, far from it" plans=plans(Group::Hedges, false) />
        <button
            class="more-figures"
            type="button"
            aria-expanded=move || more.get().to_string()
            on:click=move |_| more.update(|more| *more = !*more)
        >
            {move || if more.get() { "Fewer charts" } else { "More charts: verification, recall, belief, controls, distance" }}
        </button>
        {move || more.get().then(|| view! {
            <FigureRow title="More" about="what never is trained, controls, diagnostics" plans=plans(Group::More, false) />
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
