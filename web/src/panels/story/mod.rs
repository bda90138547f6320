//! The story: ten steps in plain words, each with what it is about beside it, and something to change.

pub mod ending;
pub mod example;
pub mod live;
pub mod real;
pub mod sources;
pub mod stage;

use leptos::html::H1;
use leptos::prelude::*;

use crate::kit::marked::marked;
use crate::lab::use_lab;
use crate::model::story::Step;
use crate::stores::use_stores;
use crate::text::text;
use example::{ExampleCard, Guess};

/// The panel.
#[component]
pub fn Story(
    /// Its place on the page.
    id: &'static str,
    /// Draws what stands beside a later step; its code comes later, too.
    beside: fn() -> AnyView,
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
    let is_first = Memo::new(move |_| step.get() == Step::Question);
    let words = move || text.steps.get(step.get().id());
    view! {
        <section id=id class="story" class:unguessed=move || story.guess.get().is_none() aria-labelledby="headline">
            <div class="story-words">
                <p class="story-place">{move || text.place(step.get().number(), Step::ALL.len())}</p>
                <h1 id="headline" node_ref=heading tabindex="-1">{move || words().title}</h1>
                {move || words().text.split('\n').map(|paragraph| view! { <p>{marked(paragraph)}</p> }).collect_view()}
                {move || is_first.get().then(|| view! { <Guess /> })}
                <nav class="story-nav" aria-label=text.steps_label>
                    <button type="button" on:click=move |_| go(-1) disabled=move || !is_there(-1)>{text.back}</button>
                    <button type="button" class="strong" on:click=move |_| go(1) disabled=move || !is_there(1)>
                        {move || words().next}
                    </button>
                    <a class="story-skip" href="#lab">{text.to_lab}</a>
                </nav>
            </div>
            <div class="story-stage">
                {move || match is_first.get() {
                    true => view! { <ExampleCard reasons=false /> }.into_any(),
                    false => beside(),
                }}
            </div>
        </section>
    }
}
