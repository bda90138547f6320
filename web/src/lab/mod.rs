//! The actions of the page: what a click can do.
//!
//! [`Lab`] is a `Copy` bundle that panels get from the context. Everything that reaches beyond
//! the stores goes through it: the engine, the address, files, the browser's storage. Leaves out
//! what is remembered (`stores`) and what follows from it (`model`, `engine::pool`). Here are the page's own: address, language,
//! what is fetched, the copy of the site. A file beside this one has each other kind.

mod keeping;
mod own_worlds;
mod saving;
mod shelving;
mod teaching;
mod training;

use hedgerow::documents::example::RealExample;
use hedgerow::documents::named_facts::NamedFacts;
use hedgerow::documents::questions::RecordedRun;
use hedgerow::documents::report::LanguageModelRun;
use hedgerow::judgement::experiment::{Experiment, WorldId};
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

pub use crate::engine::assistant::Assistant;
use crate::engine::assistant::Source;
use crate::engine::bases;
use crate::engine::client::Client;
use crate::engine::fetch::Files;
use crate::engine::pool::Input;
pub use crate::engine::trainer::{Failure, Told, Trainer};
pub use crate::js::Latest;
use crate::js::{spawn, wake, woken};
use crate::link::{self, LinkState, Opened, Problem};
use crate::model::assistant::Spoken;
use crate::model::draft::asked;
use crate::model::embed::{snippet, whole_page};
use crate::model::notice::NoticeCode;
use crate::model::offline::Offline;
use crate::model::own_world::OwnWorld;
use crate::model::phase::Phase;
use crate::model::recorded::Recording;
use crate::model::saved::SavedRun;
use crate::model::sent::{self, Damaged, Outcome, Sent};
use crate::model::story::Step;
use crate::storage::address::Address;
pub use crate::storage::files::FileKind;
use crate::storage::runs::Kept;
pub use crate::storage::shelf::Taken;
use crate::storage::{address, embed, files, language, local, offline, worlds};
use crate::stores::Stores;
use keeping::Keeping;

/// The actions.
#[derive(Clone, Copy)]
pub struct Lab {
    stores: Stores,
    client: StoredValue<Client, LocalStorage>,
    files: StoredValue<Files, LocalStorage>,
    address: Address,
    /// A run that was kept and can be gone on with, or saved.
    kept: StoredValue<Option<Kept>, LocalStorage>,
    /// The run that gave way to this one.
    aside: StoredValue<Option<SavedRun>, LocalStorage>,
    /// Is a run being kept, and is there more of it by now?
    keeping: StoredValue<Keeping>,
    /// Was the user told that the browser keeps nothing? Once is enough.
    told_not_kept: StoredValue<bool>,
    /// Runs of the shelf that were to be shown.
    showing: Latest,
}

impl Lab {
    /// Makes the stores and the actions of the page, puts them into the context, and opens the link
    /// in the address.
    pub fn provide() -> Self {
        let dark = embed::asked().and_then(|embed| embed.dark).or_else(local::theme);
        local::show_theme(dark);
        let stores = Stores::new(dark);
        let files = Files::default();
        let client = StoredValue::new_local(Client::new(stores, files.clone()));
        let lab = Lab {
            stores,
            client,
            files: StoredValue::new_local(files),
            address: Address::new(),
            kept: StoredValue::new_local(None),
            aside: StoredValue::new_local(None),
            keeping: StoredValue::new(Keeping::Idle),
            told_not_kept: StoredValue::new(false),
            showing: Latest::new(),
        };
        provide_context(stores);
        provide_context(lab);
        lab.open_link();
        lab
    }

    /// Begins what goes on as long as the page is there: the address follows the settings, and recorded runs are
    /// fetched.
    pub fn start(self) {
        self.address.keep(
            move || self.link_state(),
            move || {
                self.open_link();
                spawn(self.fetch_seeds());
            },
        );
        Effect::new(move |_| {
            if let Some(run) = self.stores.view.wanted().filter(|wanted| !self.stores.recorded.is_asked_for(*wanted)) {
                self.fetch_recorded(run);
            }
        });
        self.fetch_examples();
        Effect::new(move |_| {
            if !self.stores.engine.phase.with(Phase::is_loading) {
                wake();
            }
        });
        Effect::new(move |before: Option<u32>| {
            let keeps = self.stores.engine.keeps.get();
            if before.is_some_and(|before| before != keeps) {
                self.keep_run();
            }
            keeps
        });
    }

    /// Fetches the engine once the page is drawn: engines are large, and ask for the models of the seeds at once. Goes on
    /// with a run that was kept.
    pub fn open(self) {
        spawn(async move {
            self.fetch_seeds().await;
            if !self.is_back().await {
                self.start_engine();
            }
        });
    }

    /// Fetches the recorded run again that could not be fetched.
    pub fn retry_recorded(self) {
        if let Some(run) = untrack(|| self.stores.view.wanted()) {
            self.fetch_recorded(run);
        }
    }

    /// Another step of the story. What stands beside it is set to what it is about, unless the reader has settings of
    /// their own or a run under way.
    pub fn tell(self, step: Step) {
        let Stores { draft, run, story, view, .. } = self.stores;
        story.step.set(step);
        view.at.set(None);
        let asked = asked(&draft.experiment.get_untracked());
        let has_progress = untrack(|| run.has_progress());
        if !has_progress && step.arms() > 0 && asked.is_some_and(|asked| asked != step.question()) {
            self.choose(step.question());
        }
    }

    /// Light instead of dark, or the other way round.
    pub fn toggle_theme(self) {
        let theme = self.stores.prefs.theme;
        theme.toggle();
        local::keep_theme(untrack(|| theme.chosen()));
    }

    /// The languages beside the page's own: code and name of each.
    pub fn other_languages(self) -> Vec<(String, String)> {
        language::others()
    }

    /// The page in another language; settings and run outlast it.
    pub fn choose_language(self, code: String) {
        spawn(async move {
            self.keep_run_once().await;
            language::choose(&code);
        });
    }

    /// A link to the settings as they are.
    pub fn link(self) -> String {
        address::link_to(&untrack(|| self.link_state()))
    }

    /// The page by itself with the present settings, whatever page it is in. Tracks.
    pub fn whole_page(self) -> String {
        whole_page(&address::link_to(&self.link_state()))
    }

    /// The lines of HTML that show the present settings in another page.
    pub fn embedding(self, title: &str) -> String {
        snippet(&self.link(), title)
    }

    /// Copies a text, and then says whether the browser allowed it.
    pub fn copy(self, text: String, then: impl FnOnce(bool) + 'static) {
        spawn(async move { then(address::copied(&text).await) });
    }

    /// What the address says came out of its run, if it says anything of that.
    pub fn sent(self) -> Option<Result<Sent, Damaged>> {
        sent::read(&address::fragment())
    }

    /// The same of every address that the visitor changes this one to, as long as the caller's owner is there.
    pub fn hear_sent(self, then: impl Fn(Option<Result<Sent, Damaged>>) + 'static) {
        address::hear(move |fragment| then(sent::read(fragment)));
    }

    /// A link to a run's settings and to what came out of it.
    pub fn link_with(self, experiment: &Experiment, outcome: &Outcome) -> String {
        whole_page(&address::link_of(&sent::fragment(experiment, outcome)))
    }

    /// What the facts of a world are called, as far as that is known here.
    async fn names(self, world: Option<WorldId>) -> Vec<NamedFacts> {
        match WorldId::theme(world) {
            Ok(theme) => self.files.get_value().named_facts(theme).await.unwrap_or_default(),
            Err(world) => {
                let (all, _) = worlds::all().await.unwrap_or_default();
                all.iter().find(|own| own.id() == world).map(OwnWorld::named_facts).unwrap_or_default()
            }
        }
    }

    /// Fetches the recorded runs of a real language model under a rater.
    pub fn fetch_language_model(self, rater: RaterPreset, found: RwSignal<Recording<LanguageModelRun>>) {
        found.set(Recording::Loading);
        spawn(async move { found.set(self.files.get_value().language_model(rater).await.into()) });
    }

    /// Fetches the questions of the story's beginning.
    pub fn fetch_examples(self) {
        let found = self.stores.story.examples;
        found.set(Recording::Loading);
        spawn(async move { found.set(self.files.get_value().examples().await.map(Some).into()) });
    }

    /// Fetches what a real language model answers to questions like the story's.
    pub fn fetch_real_example(self, found: RwSignal<Recording<RealExample>>) {
        found.set(Recording::Loading);
        spawn(async move { found.set(self.files.get_value().real_example().await.into()) });
    }

    /// Fetches what the facts of a world of the visitor's own are called, or those of the site's worlds.
    pub fn fetch_named_facts(self, world: Option<WorldId>, asked: Latest, found: RwSignal<Recording<Vec<NamedFacts>>>) {
        let is_latest = asked.ask();
        found.set(Recording::Loading);
        spawn(async move {
            let names = match WorldId::theme(world) {
                Ok(theme) => self.files.get_value().named_facts(theme).await.map(Some).into(),
                Err(_) => match self.names(world).await {
                    names if names.is_empty() => Recording::Missing,
                    names => Recording::Here(Box::new(names)),
                },
            };
            if is_latest() {
                found.set(names);
            }
        });
    }

    /// The bytes of a real language model's weights, if the site brings them along; `None` of the outer if it cannot have
    /// such a model answer.
    pub fn find_assistant(self, found: RwSignal<Option<Option<f64>>>) {
        spawn(async move {
            let model = self.files.get_value().assistant_model().await.ok();
            found.set(model.map(|model| model.map(|(_, listed)| listed.bytes as f64)));
        });
    }

    /// Has a real language model loaded, from the file that an event has chosen or from the site; `hear` is told how it goes
    /// and what it answers. `None` if the event has chosen none.
    pub fn load_assistant(self, chosen: Option<&JsValue>, hear: impl Fn(Spoken) + 'static) -> Option<Assistant> {
        let source = match chosen {
            Some(event) => Source::Chosen(files::chosen(event)?),
            None => Source::Site,
        };
        Some(Assistant::start(self.files.get_value(), source, hear))
    }

    /// Looks at the copy of the site in this browser.
    pub fn look_at_copy(self, found: RwSignal<Offline>) {
        spawn(async move { found.set(offline::look().await) });
    }

    /// Has this browser keep all of the site.
    pub fn keep_all(self, found: RwSignal<Offline>) {
        let Offline::Kept { bytes, missing, .. } = found.get_untracked() else { return };
        found.set(Offline::Fetching { kept: bytes - missing, bytes });
        let heard = move |kept: f64| found.set(Offline::Fetching { kept: kept.max(bytes - missing), bytes });
        spawn(async move { found.set(offline::keep_all(heard).await) });
    }

    /// Lets go of the copy for good, or begins to keep one.
    pub fn switch_copy(self, on: bool, found: RwSignal<Offline>) {
        spawn(async move { found.set(offline::switch(on).await) });
    }

    /// Loads the newer build of the page that waits.
    pub fn take_newer_build(self, found: RwSignal<Offline>) {
        spawn(async move { found.set(offline::take_over().await) });
    }

    fn take(self, input: Input) {
        self.client.with_value(|client| client.take(input));
    }

    fn start_engine(self) {
        let Stores { draft, prefs, .. } = self.stores;
        self.take(Input::Start(draft.experiment.get_untracked(), prefs.engine.get_untracked()));
    }

    /// What a link to this page would carry. Tracks.
    fn link_state(self) -> LinkState {
        let Stores { draft, prefs, .. } = self.stores;
        LinkState { experiment: draft.experiment.get(), mode: draft.mode.get(), engine: prefs.engine.get() }
    }

    /// Takes over the settings of the address, and names what could not be used.
    fn open_link(self) {
        let Opened { state, problems, .. } = self.address.open();
        if let Some(state) = state
            && untrack(|| self.link_state()) != state
        {
            self.stores.draft.experiment.set(state.experiment);
            self.stores.draft.mode.set(state.mode);
            self.stores.prefs.engine.set(state.engine);
        }
        if !problems.is_empty() {
            self.stores.notices.tell(NoticeCode::Link(problems));
        }
    }

    /// Finds out which seeds there are, in the world that the draft is of. If that is not here, the site's takes its
    /// place.
    async fn fetch_seeds(self) {
        let (draft, files) = (self.stores.draft, self.files.get_value());
        let present = || draft.experiment.with_untracked(|draft| draft.own_world);
        let world = present();
        let mut seeds = bases::seeds(&files, world).await.ok();
        if present() != world {
            // Another was chosen meanwhile.
            return;
        }
        if world.is_some() && seeds.as_ref().is_none_or(Vec::is_empty) {
            draft.change(|draft| draft.own_world = None);
            self.stores.notices.tell(NoticeCode::Link(vec![Problem::NoSuchWorld]));
            seeds = bases::seeds(&files, None).await.ok();
        }
        if let Some(seeds) = seeds.filter(|seeds| !seeds.is_empty()) {
            self.stores.catalogue.seeds.set(seeds);
            self.keep_available_seeds();
        }
    }

    /// A link may name a seed that this site has no base model of, and a site of one's own may lack the page's.
    fn keep_available_seeds(self) {
        let Stores { draft, catalogue, notices, .. } = self.stores;
        let mut experiment = draft.experiment.get_untracked();
        let is_asked_for = experiment != LinkState::default().experiment;
        let problems = link::keep_available_seeds(&mut experiment, &catalogue.seeds.get_untracked());
        if !problems.is_empty() {
            draft.experiment.set(experiment);
            if is_asked_for {
                notices.tell(NoticeCode::Link(problems));
            }
        }
    }

    fn fetch_recorded(self, run: RecordedRun) {
        let Stores { recorded, .. } = self.stores;
        recorded.set(run, Recording::Loading);
        spawn(async move {
            woken().await;
            recorded.set(run, self.files.get_value().recorded(run).await.into());
        });
    }
}

/// The actions of the page.
pub fn use_lab() -> Lab {
    expect_context()
}
