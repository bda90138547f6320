//! What the models say, in their own words, to a few questions at the update that is looked at.

use hedgerow::documents::metrics::{Belief, Outcome, WatchedAnswer};
use leptos::prelude::*;

use super::beside;
use crate::kit::arm::ArmCourse;
use crate::kit::marked::marked;
use crate::kit::outcome::OutcomeTag;
use crate::model::answers::{Quote, quoted, quotes};
use crate::model::outcomes::Stack;
use crate::model::run::chosen_seed;
use crate::model::sentence::plain;
use crate::stores::use_stores;
use crate::text::{terms, text};

/// Questions.
const QUESTIONS: usize = 3;

/// The sentences of the arms that are shown.
#[component]
pub fn Quotes(
    /// What is shown of the arms.
    shown: Memo<Vec<Stack>>,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().outcomes);
    let chosen = beside(shown, move |report| {
        report.map(|report| quotes(report, view.seed.get(), QUESTIONS)).unwrap_or_default()
    });
    let names = Memo::new(move |_| shown.with(|shown| shown.iter().map(|stack| stack.arms).collect::<Vec<_>>()));
    let seed = beside(shown, move |report| chosen_seed(report?, view.seed.get()));
    let quote = move |Quote { question, truth, arms: answers }: Quote| {
        let at = view.at.get();
        let said = answers.iter().zip(names.get()).filter_map(|(answers, arms)| {
            let (update, answer) = quoted(answers, at)?;
            Some(view! { <dt><ArmCourse arms words=terms::arm then=super::text().scores.then /></dt> <dd>{said(answer)}{after(*update, at)}</dd> })
        });
        view! {
            <li>
                <p class="question">{plain(&question)}" "{truth.map(|truth| view! {
                    <span class="truth">{marked(&super::text().answers.truth(truth))}</span>
                })}</p>
                <dl>{said.collect_view()}</dl>
            </li>
        }
    };
    view! {
        <div class="quotes">
            <p class="quotes-title">{text.in_words}</p>
            <ul>{move || chosen.get().into_iter().map(quote).collect_view()}</ul>
            <p class="hint">{move || seed.get().map(|seed| text.how_chosen(seed))}</p>
        </div>
    }
}

/// An answer, what it does, and whether the model knows better.
pub fn said(answer: &WatchedAnswer) -> impl IntoView + use<> {
    let text = &text().outcomes;
    let known = answer.known.map(Belief::knows);
    let belief = match (answer.outcome, known) {
        (Outcome::True | Outcome::Malformed, _) | (_, None) => None,
        (_, Some(true)) => Some(view! { <span class="belief knows">{text.still_known}</span> }),
        (_, Some(false)) => Some(view! { <span class="belief lost">{super::text().answers.no_longer_known}</span> }),
    };
    view! {
        <span class="said" lang="en">{plain(&answer.answer)}</span>
        <span class="tags">
            <OutcomeTag outcome=answer.outcome word=terms::outcome(answer.outcome, false) />
            {belief}
        </span>
    }
}

/// When it was said, if that is not the update that is looked at: a recording may keep fewer answers than figures.
fn after(update: u32, at: Option<u32>) -> Option<impl IntoView> {
    let is_other = at.is_some_and(|at| at != update);
    is_other.then(|| view! { <span class="when">" "{text().outcomes.said_at(update)}</span> })
}
