//! Gone, or only not said? A copy of each model is taught half of the uncomfortable facts again and asked about the other half.

use hedgerow::documents::metrics::Relearning;
use hedgerow::documents::protocol::Inspection;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::kit::card::WideCard;
use crate::kit::later::Later;
use crate::kit::seed_menu::SeedMenu;
use crate::lab::use_lab;
use crate::model::look::look;
use crate::model::phase::Phase;
use crate::model::relearning::{Tested, found};
use crate::model::run::{Part, seeds};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms, text};

/// Its place on the page.
pub const ID: &str = "hidden";

/// The panel.
#[component]
pub fn Hidden() -> impl IntoView {
    view! { <Later draw=card /> }
}

fn card() -> AnyView {
    let (stores, words) = (use_stores(), &later().hidden);
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
    let (lab, stores, words) = (use_lab(), use_stores(), &later().hidden);
    let found = Memo::new(move |_| stores.run.with(&[Part::Looks], |run| found(run, stores.view.seed.get())));
    let can_ask = Memo::new(move |_| stores.engine.phase.with(Phase::can_ask));
    let works = Memo::new(move |_| {
        found.with(|found| found.as_ref().is_some_and(|own| own.arms.is_empty() && own.fault.is_none()))
    });
    let is_off = move || !can_ask.get() || works.get();
    let test = move |_| {
        if !is_off() {
            lab.look_at(Inspection::Relearning);
        }
    };
    let label = move || if found.with(Option::is_some) { words.again } else { words.test };
    let said = move || match (can_ask.get(), works.get()) {
        (false, _) => words.empty,
        (true, true) => words.working,
        (true, false) => "",
    };
    let fault = move || {
        let fault = found.with(|found| found.as_ref().and_then(|found| found.fault.clone()));
        fault.map(|fault| view! { <p class="problem" role="alert">{terms::question_fault(&fault)}</p> })
    };
    let others = move || {
        let is_there = found.with(|found| found.as_ref().is_some_and(|found| !found.arms.is_empty()));
        (is_there && !stores.view.is_live()).then(|| view! { <p class="hint">{later().states.own_models}</p> })
    };
    let arms = move || found.with(|found| found.iter().flat_map(|found| &found.arms).map(of_arm).collect_view());
    view! {
        <p class="hint">{words.how}</p>
        <div class="hidden-test">
            <button type="button" aria-disabled=move || is_off().to_string() on:click=test>{label}</button>
            <span class="hint" role="status">{said}</span>
        </div>
        {fault}
        {others}
        <div class="histograms">{arms}</div>
        <p class="hint">{words.limits}</p>
    }
}

fn of_arm(tested: &Tested) -> impl IntoView + use<> {
    let words = &later().hidden;
    let Tested { arms, update, after } = tested;
    let row = |own: &Relearning| {
        let cells = [own.model, own.never_taught, own.base].map(|share| {
            let share = share.map(f64::from);
            let width = format!("{:.1}%", 100.0 * share.unwrap_or(0.0));
            view! {
                <td>
                    <span class="bin came" style:width=width aria-hidden="true"></span>
                    <span class="bin-count">{share.map_or_else(|| "–".to_owned(), numbers::percent)}</span>
                </td>
            }
        });
        view! {
            <tr>
                <th scope="row">{numbers::count(own.steps as usize)}</th>
                {cells.collect_view()}
            </tr>
        }
    };
    let sentence = match tested.still_there().map(|share| (share * 100.0).round()) {
        Some(points) if points > 0.0 => words.something(numbers::count(points as usize)),
        Some(_) => words.nothing.to_owned(),
        None => words.no_facts.to_owned(),
    };
    view! {
        <section class="hidden-arm">
            <table class=format!("histogram {}", look(arms[1]).colour)>
                <caption>
                    <ArmCourse arms=*arms words=terms::arm then=text().scores.then />
                    <span class="when">{text().credit.update(*update)}</span>
                </caption>
                <thead>
                    <tr>
                        {[words.steps, words.own, words.made_up, words.base].map(|head| view! { <th scope="col">{head}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{after.iter().map(row).collect_view()}</tbody>
            </table>
            <p>{sentence}</p>
        </section>
    }
}
