//! The course of one fact: what became of it at each measurement, and what that is made of at the one that is looked at.

use hedgerow::documents::metrics::{Belief, Outcome};
use hedgerow::documents::named_facts::NamedFact;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::kit::marked::marked;
use crate::model::answers::Kind;
use crate::model::fact_cells::{Moment, history};
use crate::model::run::Part;
use crate::model::sentence::plain;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms, text};

/// The fact that is chosen, or how one is chosen.
#[component]
pub fn Course(
    /// The facts of the world.
    facts: StoredValue<Vec<NamedFact>>,
    /// The fact that is looked at.
    chosen: RwSignal<Option<usize>>,
) -> impl IntoView {
    let view = use_stores().view;
    let fact = move || Some((chosen.get()?, facts.with_value(|facts| facts.get(chosen.get()?).cloned())?));
    let arms = view.memo(&[Part::Measurements], move |report| {
        let (place, fact) = fact()?;
        Some((history(report?, &fact, place, view.seed.get(), view.at.get()), fact))
    });
    move || match arms.get() {
        None => view! { <p class="hint fact-course">{later().facts.choose}</p> }.into_any(),
        Some((arms, NamedFact { question, truth, cell })) => {
            let kind = Kind::of(cell);
            let truth = match truth {
                Some(truth) => marked(&text().answers.truth(truth)).into_any(),
                None => text().answers.never_taught.into_any(),
            };
            view! {
                <div class="fact-course" aria-live="polite">
                    <p><strong class="question" lang="en">{plain(&question)}</strong>" "<span class="truth">{truth}</span></p>
                    <p class="hint">{*text().answers.kinds.get(kind.id())}</p>
                    {arms.into_iter().map(|(arms, moments)| course(arms, moments, kind, view.at.get())).collect_view()}
                </div>
            }
            .into_any()
        }
    }
}

fn course(arms: [Arm; 2], moments: Vec<Moment>, kind: Kind, at: Option<u32>) -> Option<AnyView> {
    let words = &later().facts;
    let until = at.map_or(moments.len(), |at| moments.partition_point(|own| own.update <= at));
    let Moment { update, fate, state } = moments[..until].last()?.clone();
    let is_never = kind == Kind::NeverTaught;
    let square = |moment: &Moment| {
        let class = format!("cell {}{}", moment.fate.id(), if moment.update == update { " chosen" } else { "" });
        view! { <span class=class></span> }
    };
    let squares = moments.iter().map(square).collect_view();
    let said = [Outcome::True, Outcome::False, Outcome::Hedge, Outcome::Malformed].into_iter().filter_map(|outcome| {
        let count = state.answers.iter().filter(|own| **own == outcome).count();
        (count > 0).then(|| words.said(numbers::count(count), terms::outcome(outcome, is_never)))
    });
    let said = words.answers(numbers::list(&said.collect::<Vec<_>>()));
    let known = state.belief.map(known).unwrap_or_default();
    let course = view! {
        <div class="fact-arm">
            <p class="stack-name"><ArmCourse arms words=terms::arm then=text().scores.then /></p>
            <p class="cells" aria-hidden="true">{squares}</p>
            <p>{words.history(terms::course(arms), update)}": "<strong>{*words.fates.get(fate.id())}</strong>". "{said}" "{known}</p>
        </div>
    };
    Some(course.into_any())
}

/// Which measures have the fact right.
fn known(belief: Belief) -> String {
    let (words, texts) = (&later().facts, text());
    let [verified, recalled] = ["verification", "declarative"].map(|id| texts.rates.get(id).title);
    let names = [verified, recalled, texts.probes.get("retrained").title];
    let right = belief.measures().into_iter().zip(names).filter(|(right, _)| *right);
    let right: Vec<String> = right.map(|(_, name)| name.to_owned()).collect();
    if right.is_empty() { words.known_by_none.to_owned() } else { words.known_by(numbers::list(&right)) }
}
