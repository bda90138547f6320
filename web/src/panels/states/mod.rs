//! What the models represent: the hidden states of their facts as a picture in two dimensions, for every arm of one seed.
//!
//! The models are looked into with each measurement while the panel is near the view, and not at all otherwise.

pub mod arm;
pub mod table;

use hedgerow::documents::protocol::Inspection;
use leptos::html::Div;
use leptos::prelude::*;

use crate::kit::card::WideCard;
use crate::kit::later::Later;
use crate::kit::menu::Menu;
use crate::kit::near::is_near;
use crate::kit::seed_menu::SeedMenu;
use crate::kit::segmented::Segmented;
use crate::lab::use_lab;
use crate::model::phase::Phase;
use crate::model::run::{Part, seeds};
use crate::model::sentence::plain;
use crate::model::states::{Facts, Fitted, Frame, Picture, Seen, frame, layers, moment, picture, seen};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms};
use arm::OfArm;
use table::ByValue;

/// What is drawn, and what it is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The values that a fact can have.
    pub values: Vec<String>,
    /// One for each arm.
    pub pictures: Vec<Picture>,
    /// What holds them all.
    pub frame: Frame,
}

/// Its place on the page.
pub const ID: &str = "states";

/// The panel.
#[component]
pub fn States() -> impl IntoView {
    view! { <Later draw=card /> }
}

fn card() -> AnyView {
    let (stores, words) = (use_stores(), &later().states);
    let seeds = stores.run.memo(&[], |run| seeds(Some(&run.report)));
    let chosen = stores.view.seed;
    let tools = move || view! { <SeedMenu seeds chosen words=terms::seed_words(words.seed) /> };
    view! {
        <WideCard id=ID title=words.title hint=move || words.about tools>
            <Inside />
        </WideCard>
    }
    .into_any()
}

#[component]
fn Inside() -> impl IntoView {
    let (lab, stores, words) = (use_lab(), use_stores(), &later().states);
    let place = NodeRef::<Div>::new();
    let is_near = is_near(place);
    let (picked, fitted, facts) =
        (RwSignal::new(None::<usize>), RwSignal::new(Fitted::Base), RwSignal::new(Facts::All));
    let chosen = RwSignal::new(None::<usize>);
    let layers = stores.run.memo(&[Part::Measurements], layers);
    // By default where the probes of the facts look: before the last block.
    let layer = Memo::new(move |_| picked.get().or(layers.get().checked_sub(2)));
    let can_ask = Memo::new(move |_| stores.engine.phase.with(Phase::can_ask));
    let waits = Memo::new(move |_| stores.engine.phase.with(Phase::waits));
    // What is to be looked at, and everything that makes another look of it.
    let wanted = Memo::new(move |_| {
        let waits = waits.get();
        let layer = layer.get().filter(|_| is_near.get() && can_ask.get())?;
        stores
            .run
            .with(&[Part::Measurements, Part::Updates], |run| Some((run.run, run.rewinds, moment(run, waits)?, layer)))
    });
    Effect::new(move |_| {
        if let Some((.., layer)) = wanted.get() {
            lab.look_at(Inspection::States { layer });
        }
    });
    let seen = Memo::new(move |before: Option<&Option<Seen>>| {
        let latest = stores.run.with(&[Part::Looks], |run| seen(run, stores.view.seed.get()));
        // While the next look is on its way, the last one of this run stays.
        let is_whole = |own: &Seen| !own.arms.is_empty() || own.fault.is_some();
        match (latest, before) {
            (Some(latest), _) if is_whole(&latest) => Some(latest),
            (Some(_), Some(before)) => before.clone(),
            (Some(_), None) | (None, _) => None,
        }
    });
    let drawn = Memo::new(move |_| {
        seen.with(|seen| {
            let arms = &seen.as_ref()?.arms;
            let values = arms.first()?.1.values.clone();
            let of = |(arms, states): &(_, _)| picture(*arms, states, fitted.get(), facts.get());
            let pictures: Vec<Picture> = arms.iter().map(of).collect();
            Some(Drawn { values, frame: frame(&pictures), pictures })
        })
    });
    let arms = Memo::new(move |_| drawn.with(|drawn| drawn.as_ref().map_or(0, |drawn| drawn.pictures.len())));
    let fault = move || {
        let fault = seen.with(|seen| seen.as_ref().and_then(|seen| seen.fault.clone()));
        fault.map(|fault| view! { <p class="problem" role="alert">{terms::question_fault(&fault)}</p> })
    };
    let others =
        move || (!stores.view.is_live() && arms.get() > 0).then(|| view! { <p class="hint">{words.own_models}</p> });
    let pictures = move || match arms.get() {
        0 => view! { <p class="empty">{words.empty}</p> }.into_any(),
        arms => (0..arms).map(|arm| view! { <OfArm arm drawn chosen /> }).collect_view().into_any(),
    };
    let options = move || (0..layers.get()).map(|layer| (layer, layer_name(layer))).collect::<Vec<_>>();
    let facts_options = move || {
        let of = |drawn: &Drawn| -> Vec<(Option<usize>, String)> {
            let points = drawn.pictures.first().map(|own| &own.points).into_iter().flatten();
            points.map(|point| (Some(point.fact), plain(&point.question))).collect()
        };
        let points = drawn.with(|drawn| drawn.as_ref().map(of).unwrap_or_default());
        std::iter::once((None, words.no_fact.to_owned())).chain(points).collect::<Vec<_>>()
    };
    view! {
        <div node_ref=place class="states">
            <p class="hint">{words.reading}</p>
            {others}
            <div class="states-tools">
                <Segmented
                    name="states-fitted"
                    legend=words.fitted
                    options=vec![(Fitted::Base, words.fitted_base), (Fitted::Now, words.fitted_now)]
                    selected=move || Some(fitted.get())
                    on_select=move |own| fitted.set(own)
                    show_legend=true
                />
                <Segmented
                    name="states-facts"
                    legend=words.facts
                    options=vec![(Facts::All, words.facts_all), (Facts::Uncomfortable, words.facts_uncomfortable)]
                    selected=move || Some(facts.get())
                    on_select=move |own| facts.set(own)
                    show_legend=true
                />
                <label class="stacked">
                    <span class="field-label">{words.layer}</span>
                    <Menu
                        options=Signal::derive(options)
                        selected=Signal::derive(move || layer.get())
                        on_select=Callback::new(move |own| picked.set(Some(own)))
                    />
                </label>
                <label class="stacked">
                    <span class="field-label">{words.fact}</span>
                    <Menu
                        options=Signal::derive(facts_options)
                        selected=Signal::derive(move || Some(chosen.get()))
                        on_select=Callback::new(move |own| chosen.set(own))
                    />
                </label>
            </div>
            {fault}
            <div class="states-arms">{pictures}</div>
            <ByValue drawn />
            <p class="hint">{words.limits}</p>
        </div>
    }
}

fn layer_name(layer: usize) -> String {
    let words = &later().states;
    if layer == 0 { words.embedding.to_owned() } else { words.block(numbers::count(layer)) }
}
