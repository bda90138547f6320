//! The same questions before, on the way and at the end, by arm.

use hedgerow::documents::metrics::WatchedAnswer;
use hedgerow::documents::report::LanguageModelRun;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::marked::marked;
use crate::model::answers::{Quote, quotes};
use crate::text::later::later;
use crate::text::{Term, terms, text};
use crate::views::outcomes::quotes::said;

/// Questions about uncomfortable facts.
const QUESTIONS: usize = 4;

/// A table a question: a row for each arm, a column for each measurement. Of one seed.
pub fn answers(LanguageModelRun { report, .. }: &LanguageModelRun, seed: u64) -> AnyView {
    let words = &text().outcomes;
    let table = |Quote { question, truth, arms }: Quote| {
        let moments: Vec<u32> = arms.first().into_iter().flatten().map(|(update, _)| *update).collect();
        let row = |(arm, answers): (&Arm, &Vec<(u32, WatchedAnswer)>)| {
            let &Term { name, meaning } = terms::arm(*arm);
            let cells = answers.iter().map(|(_, answer)| view! { <td>{said(answer)}</td> }).collect_view();
            view! { <tr><th scope="row"><ArmName arm=*arm name meaning /></th>{cells}</tr> }
        };
        view! {
            <table class="class-table">
                <caption>
                    <span class="question" lang="en">{question}</span>" "
                    {truth.map(|truth| view! { <span class="truth">{marked(&text().answers.truth(truth))}</span> })}
                </caption>
                <thead>
                    <tr>
                        <th scope="col">{later().class.arm}</th>
                        {moments.into_iter().map(|update| view! { <th scope="col">{words.at_update(update)}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{report.experiment.arms.iter().zip(&arms).map(row).collect_view()}</tbody>
            </table>
        }
    };
    view! {
        <h3>{words.in_words}</h3>
        <div class="scroll real-answers" role="region" aria-label=words.in_words tabindex="0">
            {quotes(report, Some(seed), QUESTIONS).into_iter().map(table).collect_view()}
        </div>
        <p class="hint">{words.how_chosen(seed)}</p>
    }
    .into_any()
}
