//! The story: ten steps in plain words, each with what it is about beside it, and something to change.

pub mod ending;
pub mod example;
pub mod live;
pub mod sources;

use leptos::html::H1;
use leptos::prelude::*;

use crate::kit::marked::marked;
use crate::lab::use_lab;
use crate::model::story::Step;
use crate::stores::use_stores;
use crate::text::text;
use crate::views::outcomes::OutcomesView;
use crate::views::outcomes::source::Source;
use ending::Ending;
use example::{ExampleCard, Guess};
use live::Live;
use sources::Sources;

/// The panel.
#[component]
pub fn Story(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (lab, story, text) = (use_lab(), use_stores().story, &text().story);
    let step = Memo::new(move |_| story.step.get());
    let heading = NodeRef::<H1>::new();
    let go = move |by: isize| {
        if let Some(to) = step.get_untracked().moved(by) {
            lab.tell(to);
            // So that a screen reader reads what is new, and the next arrow of the keyboard starts there.
            if let Some(heading) = heading.get_untracked() {
                let _ = heading.focus();
            }
        }
    };
    let is_there = move |by: isize| step.get().moved(by).is_some();
    let words = move || text.steps.get(step.get().id());
    view! {
        <section id=id class="story" aria-labelledby="headline">
            <div class="story-words">
                <p class="story-place">{move || text.place(step.get().number(), Step::ALL.len())}</p>
                <h1 id="headline" node_ref=heading tabindex="-1">{move || words().title}</h1>
                {move || words().text.split('\n').map(|paragraph| view! { <p>{marked(paragraph)}</p> }).collect_view()}
                {move || aside(step.get())}
                <nav class="story-nav" aria-label=text.steps_label>
                    <button type="button" on:click=move |_| go(-1) disabled=move || !is_there(-1)>{text.back}</button>
                    <button type="button" class="strong" on:click=move |_| go(1) disabled=move || !is_there(1)>
                        {move || words().next}
                    </button>
                    <a class="story-skip" href="#lab">{text.to_lab}</a>
                </nav>
            </div>
            <div class="story-stage">{move || stage(step.get())}</div>
        </section>
    }
}

/// What a step has below its words.
fn aside(step: Step) -> AnyView {
    match step {
        Step::Question => view! { <Guess /> }.into_any(),
        Step::Live => view! { <Live /> }.into_any(),
        Step::End => view! { <Ending /> }.into_any(),
        Step::Reasons | Step::Run | Step::Words | Step::Knows | Step::Feedback | Step::Other | Step::Limits => {
            ().into_any()
        }
    }
}

/// What stands beside a step.
fn stage(step: Step) -> AnyView {
    match step {
        Step::Question => view! { <ExampleCard reasons=false /> }.into_any(),
        Step::Reasons => view! { <ExampleCard reasons=true /> }.into_any(),
        Step::Limits => view! { <Sources /> }.into_any(),
        Step::Run => view! { <Predicted /> }.into_any(),
        Step::Words | Step::Knows | Step::Feedback | Step::Other | Step::Live | Step::End => figure(step, false),
    }
}

/// The figure, once there is a prediction to compare it with.
#[component]
fn Predicted() -> impl IntoView {
    let (story, text) = (use_stores().story, &text().story);
    let has_guessed = Memo::new(move |_| story.guess.get().is_some());
    move || match has_guessed.get() {
        true => figure(Step::Run, true),
        false => view! { <p class="hint">{text.guess_first}</p> <Guess /> }.into_any(),
    }
}

fn figure(step: Step, plays: bool) -> AnyView {
    let (arms, quoted) = (Signal::stored(step.arms()), Signal::stored(step.is_quoted()));
    view! {
        <div class="outcomes-head"><Source /></div>
        <OutcomesView arms quoted captioned=false plays />
    }
    .into_any()
}
