//! What became of each fact: a square for each, by kind of question, for every arm of one seed; which of them are what, before
//! and now; and the course of the one that is chosen.

pub mod course;
pub mod legend;

use hedgerow::documents::named_facts::{NamedFact, NamedFacts};
use leptos::html::Div;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::kit::card::WideCard;
use crate::kit::chart::cells::{Block, Cells};
use crate::kit::later::Later;
use crate::kit::near::{is_near, while_near};
use crate::kit::seed_menu::SeedMenu;
use crate::kit::waiting::waiting;
use crate::lab::{Latest, use_lab};
use crate::model::answers::Kind;
use crate::model::fact_cells::{Fate, Fates, blocks, fates};
use crate::model::outcomes::stacks;
use crate::model::picture::Picture;
use crate::model::recorded::Recording;
use crate::model::run::{Part, chosen_seed, seeds};
use crate::model::sentence::plain;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{terms, text};
use crate::views::outcomes::moments::Moments;
use crate::views::save_picture::SavePicture;
use course::Course;
use legend::Legend;

/// The panel.
#[component]
pub fn Facts(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let view = use_stores().view;
    let seeds = view.memo(&[], seeds);
    view! {
        <WideCard
            id
            title=text().page.facts
            tools=move || view! { <SeedMenu seeds chosen=view.seed words=terms::seed_words(text().answers.seed) /> }
        >
            <Later draw=inside />
        </WideCard>
    }
}

fn inside() -> AnyView {
    let (lab, words) = (use_lab(), &later().facts);
    let (asked, names) = (Latest::new(), RwSignal::new(Recording::Loading));
    let world = use_stores().view.memo(&[], |report| report.and_then(|report| report.experiment.own_world));
    let fetch = move || lab.fetch_named_facts(world.get_untracked(), asked, names);
    Effect::new(move |_| {
        world.track();
        fetch();
    });
    let squares = move || {
        names.with(|names| match names {
            Recording::Here(names) => of_run(names.to_vec()),
            Recording::Missing => view! { <p class="hint">{words.no_names}</p> }.into_any(),
            Recording::Loading => waiting(false, fetch),
            Recording::Failed(fault) => {
                view! { {waiting(true, fetch)}<p class="hint">{terms::file_fault_sentence(fault)}</p> }.into_any()
            }
        })
    };
    view! { <p class="hint">{words.about}" "{words.rule}</p> {squares} }.into_any()
}

/// The squares of the seed that is looked at.
fn of_run(names: Vec<NamedFacts>) -> AnyView {
    let (view, words) = (use_stores().view, &later().facts);
    let seed = view.memo(&[], move |report| chosen_seed(report?, view.seed.get()));
    let of_seed = move |seed: u64| names.iter().find(|own| own.seed == seed).map(|own| own.facts.clone());
    let squares = move || match seed.get().map(&of_seed) {
        None => view! { <p class="empty">{words.empty}</p> }.into_any(),
        Some(None) => view! { <p class="hint">{words.no_names}</p> }.into_any(),
        Some(Some(facts)) => view! { <OfSeed facts /> }.into_any(),
    };
    squares.into_any()
}

/// The squares, what they mean, and the course of one of them.
#[component]
fn OfSeed(
    /// The facts of the world.
    facts: Vec<NamedFact>,
) -> impl IntoView {
    const PARTS: &[Part] = &[Part::Measurements, Part::Changes];
    let (view, facts) = (use_stores().view, StoredValue::new(facts));
    let place = NodeRef::<Div>::new();
    let is_near = is_near(place);
    let shown = while_near(is_near, move || {
        view.with(PARTS, |report| {
            let of = |report| facts.with_value(|facts| fates(report, facts, view.seed.get(), view.at.get()));
            report.map(of).unwrap_or_default()
        })
    });
    let moments = while_near(is_near, move || {
        view.with(PARTS, |report| report.map(|own| stacks(own, view.seed.get())).unwrap_or_default())
    });
    let (arms, chosen) = (Memo::new(move |_| shown.with(Vec::len)), RwSignal::new(None::<usize>));
    let squares = move || match arms.get() {
        0 => view! { <p class="empty">{later().facts.empty}</p> }.into_any(),
        arms => (0..arms).map(|arm| view! { <OfArm arm facts shown chosen /> }).collect_view().into_any(),
    };
    view! {
        <div node_ref=place class="fates">
            <Moments shown=moments plays=false />
            {move || (arms.get() > 0).then(|| view! {
                <SavePicture title=text().page.facts.to_owned() picture=Picture::Facts />
            })}
            <div class="fact-squares">{squares}</div>
            <Course facts chosen />
            <Legend shown />
        </div>
    }
}

#[component]
fn OfArm(
    /// Its place among the arms.
    arm: usize,
    /// The facts of the world.
    facts: StoredValue<Vec<NamedFact>>,
    /// What became of them.
    shown: Memo<Vec<Fates>>,
    /// The fact that is looked at.
    chosen: RwSignal<Option<usize>>,
) -> impl IntoView {
    let (outcomes, words) = (&text().outcomes, &later().facts);
    let arms = Memo::new(move |_| shown.with(|shown| shown.get(arm).map(|own| own.arms)));
    let fate = move |place: usize| shown.with(|shown| shown.get(arm).and_then(|own| own.now.get(place).copied()));
    let class = move |place| fate(place).map_or("", Fate::id);
    let said = move |place: usize| {
        let question = facts.with_value(|facts| plain(&facts[place].question));
        words.square(question, fate(place).map_or("", |fate| words.fates.get(fate.id())))
    };
    let block = |(kind, places): (Kind, _)| Block { title: text().answers.kinds.get(kind.id()), places };
    let blocks = facts.with_value(|facts| blocks(facts).into_iter().map(block).collect::<Vec<_>>());
    let label = move || arms.get().map_or_else(|| outcomes.title.to_owned(), |arms| words.squares(terms::course(arms)));
    view! {
        <article>
            <p class="stack-name">
                {move || arms.get().map(|arms| view! { <ArmCourse arms words=terms::arm then=text().scores.then /> })}
            </p>
            <Cells
                id=format!("fact-{arm}")
                label=Signal::derive(label)
                blocks
                class=Callback::new(class)
                words=Callback::new(said)
                chosen
            />
        </article>
    }
}
