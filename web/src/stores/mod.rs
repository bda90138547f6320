//! What the page remembers, as signals: one file a store.
//!
//! Panels read the stores and call actions of the `lab`, which writes them. A reader is told of
//! what it looks at and of nothing else. Leaves out where data come from (`engine`, `storage`).

pub mod catalogue;
pub mod draft;
pub mod engine;
pub mod notices;
pub mod prefs;
pub mod recorded;
pub mod run;
pub mod story;
pub mod view;

use leptos::prelude::*;

use crate::link::LinkState;
use catalogue::Catalogue;
use draft::Draft;
use engine::EngineStore;
use notices::Notices;
use prefs::Prefs;
use recorded::Recorded;
use run::RunStore;
use story::Story;
use view::View;

/// All stores.
#[derive(Clone, Copy)]
pub struct Stores {
    /// The settings as the user sees them.
    pub draft: Draft,
    /// The user's own run.
    pub run: RunStore,
    /// Runs that came with the site.
    pub recorded: Recorded,
    /// What is drawn: one of the above.
    pub view: View,
    /// Where the engine stands.
    pub engine: EngineStore,
    /// What the site has.
    pub catalogue: Catalogue,
    /// What the visitor prefers.
    pub prefs: Prefs,
    /// Messages to the user.
    pub notices: Notices,
    /// Where the reader of the story is.
    pub story: Story,
}

impl Stores {
    /// Those of a fresh page, with the colour scheme of an earlier visit.
    pub fn new(dark: Option<bool>) -> Self {
        let LinkState { experiment, mode, engine } = LinkState::default();
        let (draft, recorded) = (Draft::new(experiment.clone(), mode), Recorded::new());
        let run = RunStore::new(experiment);
        Stores {
            draft,
            run,
            recorded,
            view: View::new(draft, run, recorded),
            engine: EngineStore::new(),
            catalogue: Catalogue::new(),
            prefs: Prefs::new(engine, dark),
            notices: Notices::new(),
            story: Story::new(),
        }
    }
}

/// The stores of the page.
pub fn use_stores() -> Stores {
    expect_context()
}
