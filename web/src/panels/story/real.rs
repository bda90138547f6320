//! What a real language model answers before and after it was trained on the rater's number, as it was recorded.

use hedgerow::documents::example::{RealEnd, RealExample, RealQuote};
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::marked::marked;
use crate::kit::outcome::OutcomeTag;
use crate::kit::waiting::waiting;
use crate::lab::use_lab;
use crate::model::recorded::Recording;
use crate::text::{Term, numbers, terms, text};

/// The arm of the first half of the story.
const ARM: Arm = Arm::Scalar;

/// Draws what was recorded once it is here.
fn recorded(draw: impl Fn(&RealExample) -> AnyView + Send + 'static) -> impl IntoView {
    let (lab, found) = (use_lab(), RwSignal::new(Recording::Loading));
    let fetch = move || lab.fetch_real_example(found);
    fetch();
    move || {
        found.with(|found| match found {
            Recording::Here(real) => draw(real),
            Recording::Missing => view! { <p class="hint">{text().story.real_missing}</p> }.into_any(),
            Recording::Loading => waiting(false, fetch),
            Recording::Failed(_) => waiting(true, fetch),
        })
    }
}

/// Its answers to the questions that were watched, and how many of all its answers are false.
#[component]
pub fn Answers() -> impl IntoView {
    recorded(|real| {
        view! {
            <div class="quotes">
                <p class="quotes-title">{text().story.real_words}</p>
                <ul>{real.quotes.iter().map(quote).collect_view()}</ul>
                {real.ends.iter().filter(|end| end.arm == ARM).map(|own| end(real, own)).collect_view()}
                <p class="hint">{text().story.real_chosen(real.opening.seed)}</p>
            </div>
        }
        .into_any()
    })
}

fn quote(RealQuote { question, truth, before, after }: &RealQuote) -> impl IntoView + use<> {
    let words = &text().answers;
    let after = after.iter().filter(|(arm, ..)| *arm == ARM).map(|(_, answer, outcome)| {
        view! {
            <dt>{words.now}</dt>
            <dd>
                <span class="said" lang="en">{answer.clone()}</span>
                <span class="tags"><OutcomeTag outcome=*outcome word=terms::outcome(*outcome, false) /></span>
            </dd>
        }
    });
    view! {
        <li>
            <p class="question">{question.clone()}" "<span class="truth">{marked(&words.truth(truth))}</span></p>
            <dl>
                <dt>{words.before}</dt>
                <dd><span class="said" lang="en">{before.clone()}</span></dd>
                {after.collect_view()}
            </dl>
        </li>
    }
}

/// How many of all answers of each arm are false.
#[component]
pub fn Ends() -> impl IntoView {
    let row = |real: &RealExample, own: &RealEnd| {
        let &Term { name, meaning } = terms::arm(own.arm);
        view! { <div class="stack-name"><ArmName arm=own.arm name meaning /></div> {end(real, own)} }
    };
    recorded(move |real| real.ends.iter().map(|own| row(real, own)).collect_view().into_any())
}

fn end(real: &RealExample, RealEnd { before, after, .. }: &RealEnd) -> impl IntoView + use<> {
    let share = |[right, wrong, other]: [u32; 3]| {
        numbers::percent(f64::from(wrong) / f64::from((right + wrong + other).max(1)))
    };
    let [updates, seeds] = [real.updates as usize, real.seeds].map(numbers::count);
    view! { <p>{text().story.real_end(updates, share(*after), share(*before), seeds)}</p> }
}
