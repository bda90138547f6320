//! A question that was asked, and what each model answered.

use hedgerow::documents::protocol::AskedAnswer;
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::kit::marked::marked;
use crate::lab::use_lab;
use crate::model::ask::{Asked, Reply};
use crate::model::run::Question;
use crate::model::sentence::plain;
use crate::text::later::later;
use crate::text::{terms, text};

/// The question with its answers, or why it has none.
pub fn question(Asked { question, replies, waits }: Asked) -> impl IntoView {
    let lab = use_lab();
    let Question { text: asked, truth, update, fault, .. } = question;
    let question = asked.clone();
    let truth = truth.map(|truth| view! { <span class="truth">{marked(&text().answers.truth(truth))}</span> });
    let body = match fault {
        Some(fault) => view! { <p class="problem">{terms::question_fault(&fault)}</p> }.into_any(),
        None => view! {
            <ul class="replies">{replies.into_iter().map(reply).collect_view()}</ul>
            <button class="small" type="button" on:click=move |_| lab.lead_on(question.clone(), String::new())>
                {later().ask.word_by_word}
            </button>
            {waits.then(|| view! { <p class="hint">{later().ask.waiting}</p> })}
        }
        .into_any(),
    };
    view! {
        <li>
            <p class="asked">{plain(&asked)}" "{truth}<span class="when">{later().ask.after(update)}</span></p>
            {body}
        </li>
    }
}

fn reply(Reply { arms, answer }: Reply) -> impl IntoView {
    let AskedAnswer { replica, before, now } = answer;
    let (then, text) = (text().scores.then, &text().answers);
    let list = |answers: Vec<String>| answers.iter().map(|answer| view! { <li>{plain(answer)}</li> }).collect_view();
    view! {
        <li class="reply">
            <p>
                <ArmCourse arms words=terms::arm then />
                <span class="when">{text.seed_number(replica.seed)}</span>
            </p>
            <div class="reply-columns">
                <div><span class="field-label">{text.before}</span><ul>{list(before)}</ul></div>
                <div><span class="field-label">{text.now}</span><ul>{list(now)}</ul></div>
            </div>
        </li>
    }
}
