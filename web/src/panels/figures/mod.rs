//! How do we know? The charts in three questions: what is said, what is known, where it hedges; and the rest on
//! demand.

pub mod caption;
pub mod choices;
pub mod explanation;
pub mod figure;
pub mod readout;
pub mod sentences;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::kit::later::Later;
use crate::model::figures::{Group, plans};
use crate::stores::use_stores;
use crate::text::text;
use caption::Caption;
use figure::Figure;

/// All charts.
#[component]
pub fn Figures(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! { <section id=id class="figures" aria-label=text().figures.how_known><Later draw=inside /></section> }
}

fn inside() -> AnyView {
    let (more, text) = (RwSignal::new(false), &text().figures);
    // The chart whose explanation is open. One at a time, so that there is one to close.
    let open = RwSignal::new(None::<&'static str>);
    let is_inside =
        |element: Element, id: &str| element.closest(".figure-card").ok().flatten().is_some_and(|card| card.id() == id);
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if open.get_untracked().is_some_and(|id| !target.is_some_and(|target| is_inside(target, id))) {
            open.set(None);
        }
    });
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            open.set(None);
        }
    });
    on_cleanup(move || {
        outside.remove();
        escape.remove();
    });
    let has_reward_model =
        use_stores().view.memo(&[], |report| report.is_some_and(|report| report.experiment.reward_model.is_some()));
    view! {
        {move || row(text.says, text.says_about, Group::Says, has_reward_model.get(), open)}
        {row(text.knows, text.knows_about, Group::Knows, false, open)}
        {row(text.hedges, text.hedges_about, Group::Hedges, false, open)}
        <button
            class="more-figures"
            type="button"
            aria-expanded=move || more.get().to_string()
            on:click=move |_| more.update(|more| *more = !*more)
        >
            {move || if more.get() { text.show_fewer } else { text.show_more }}
        </button>
        {move || more.get().then(|| row(text.more, text.more_about, Group::More, false, open))}
    }
    .into_any()
}

fn row(
    title: &'static str,
    about: &'static str,
    group: Group,
    has_reward_model: bool,
    open: RwSignal<Option<&'static str>>,
) -> AnyView {
    let figures = plans(group, has_reward_model).into_iter().map(|plan| view! { <Figure plan open /> });
    view! {
        <section class="figure-row">
            <h2><span>{title}</span>" "<small>{about}</small></h2>
            <div class="figure-grid">{figures.collect_view()}</div>
            <Caption group />
        </section>
    }
    .into_any()
}
