//! One model's answers to a prompt, and what they are.

use hedgerow::judgement::rater::Strategy;
use leptos::prelude::*;

use super::answer::answer;
use crate::kit::arm::ArmCourse;
use crate::model::credit::{Choice, Column};
use crate::text::{numbers, terms, text};

/// The column.
pub fn column(Column { arms, update, choice, answers }: Column) -> impl IntoView {
    view! {
        <section class="credit-column" aria-label=terms::course(arms)>
            <h3>
                <ArmCourse arms words=terms::arm then=text().scores.then />
                <span class="when">{text().credit.update(update)}</span>
            </h3>
            <p class="hint">{chosen(&choice)}</p>
            {answers.into_iter().map(answer).collect_view()}
        </section>
    }
}

/// What the answers are, and what there was none of.
fn chosen(choice: &Choice) -> Option<String> {
    let text = &text().credit;
    let Choice::OfEach(missing) = choice else { return None };
    Some(match missing.len() {
        0 => text.one_prompt.to_owned(),
        all if all == Strategy::ALL.len() => text.none.to_owned(),
        _ => {
            let names = missing.iter().map(|strategy| terms::strategy(*strategy).to_owned()).collect::<Vec<_>>();
            text.missing(numbers::list(&names))
        }
    })
}
