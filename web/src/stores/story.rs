//! Where the reader of the story is, and what the reader expects.

use hedgerow::documents::example::Example;
use hedgerow::judgement::rater::Strategy;
use leptos::prelude::*;

use crate::model::recorded::Recording;
use crate::model::story::Step;

/// Questions of the site's worlds, and the one that the story opens with, if a real language model was asked it.
pub type Examples = (Vec<Example>, Option<Example>);

/// The story.
#[derive(Clone, Copy)]
pub struct Story {
    /// The step that is read.
    pub step: RwSignal<Step>,
    /// Which of the three answers the reader thinks the model will learn, once chosen.
    pub guess: RwSignal<Option<Strategy>>,
    /// What it asks about.
    pub examples: RwSignal<Recording<Examples>>,
}

impl Story {
    /// At its beginning.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        Story {
            step: RwSignal::new(Step::Question),
            guess: RwSignal::new(None),
            examples: RwSignal::new(Recording::Loading),
        }
    }
}
