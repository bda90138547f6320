//! What stands beside the steps of the story, from the second on: the number taken apart, the figure, the reader's own
//! run, what came of it, and where to read on.

use leptos::prelude::*;

use super::ending::Ending;
use super::example::{ExampleCard, Guess};
use super::live::Live;
use super::real::{Answers, Ends};
use super::sources::Sources;
use crate::model::story::Step;
use crate::stores::use_stores;
use crate::text::text;
use crate::views::outcomes::OutcomesView;
use crate::views::outcomes::source::Source;

/// The stage of the step that is read.
#[component]
pub fn Stage(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let story = use_stores().story;
    let step = Memo::new(move |_| story.step.get());
    view! { <div id=id class="story-stage">{move || stage(step.get())}</div> }
}

fn stage(step: Step) -> AnyView {
    match step {
        Step::Question => ().into_any(),
        Step::Reasons => view! { <ExampleCard reasons=true /> }.into_any(),
        Step::Real => view! { <Predicted then=|| view! { <Answers /> }.into_any() /> }.into_any(),
        Step::Run => view! { <Predicted then=|| figure(Step::Run, true) /> }.into_any(),
        Step::Feedback => view! { {figure(step, false)} <Ends /> }.into_any(),
        Step::Knows | Step::Other => figure(step, false),
        Step::Live => view! { <Live /> {figure(step, false)} }.into_any(),
        Step::End => view! { <Ending /> {figure(step, false)} }.into_any(),
        Step::Limits => view! { <Sources /> }.into_any(),
    }
}

/// What happened, once there is a prediction to compare it with.
#[component]
fn Predicted(
    /// Draws it.
    then: fn() -> AnyView,
) -> impl IntoView {
    let (story, text) = (use_stores().story, &text().story);
    let has_guessed = Memo::new(move |_| story.guess.get().is_some());
    move || match has_guessed.get() {
        true => then(),
        false => view! { <p class="hint">{text.guess_first}</p> <Guess /> }.into_any(),
    }
}

/// The end says in its own sentence what came of it.
fn figure(step: Step, plays: bool) -> AnyView {
    let captioned = step != Step::End;
    let (arms, quoted) = (Signal::stored(step.arms()), Signal::stored(step.is_quoted()));
    view! {
        <div class="outcomes-head"><Source /></div>
        <OutcomesView arms quoted captioned numbered=false plays />
    }
    .into_any()
}
