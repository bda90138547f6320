//! Where the reader of the story is, and what the reader expects.

use hedgerow::documents::example::Example;
use hedgerow::judgement::rater::Strategy;
use leptos::prelude::*;

use crate::model::story::Step;

/// The story.
#[derive(Clone, Copy)]
pub struct Story {
    /// The step that is read.
    pub step: RwSignal<Step>,
    /// Which of the three answers the reader thinks the model will learn, once chosen.
    pub guess: RwSignal<Option<Strategy>>,
    /// Questions of the site's worlds; empty until they are here.
    pub examples: RwSignal<Vec<Example>>,
    /// The question that the story opens with, if a real language model was asked it.
    pub opening: RwSignal<Option<Example>>,
}

impl Story {
    /// At its beginning.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        Story {
            step: RwSignal::new(Step::Question),
            guess: RwSignal::new(None),
            examples: RwSignal::new(Vec::new()),
            opening: RwSignal::new(None),
        }
    }
}
