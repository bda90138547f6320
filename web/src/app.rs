//! The page: what it remembers, and the order of its panels.
//!
//! [`Lab`] is the page's state as signals; every panel gets it from the context. Run data have
//! one writer ([`RunState::apply`]), the draft has the panels. Leaves out what any panel looks
//! like.

use hedgerow::documents::protocol::{EngineChoice, EnginePreference};
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Experiment;
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::address::Address;
use crate::assets;
use crate::client::Client;
use crate::components::Page;
use crate::link::{self, LinkState, Opened, ViewMode};
use crate::state::RunState;
use crate::theme::Theme;

/// Everything the panels share.
#[derive(Clone, Copy)]
pub struct Lab {
    /// The settings as the user sees them; the link carries them.
    pub draft: RwSignal<Experiment>,
    /// One model or several.
    pub mode: RwSignal<ViewMode>,
    /// Which engine the user wants.
    pub preference: RwSignal<EnginePreference>,
    /// The user's own run.
    pub run: RwSignal<RunState>,
    /// Runs that came with the site, by the rater of each.
    pub recorded: RwSignal<Vec<(RaterPreset, RunReport)>>,
    /// Why there is no recorded run.
    pub recorded_failed: RwSignal<bool>,
    /// Has the user begun a run?
    pub started: RwSignal<bool>,
    /// Where engine and run stand.
    pub phase: RwSignal<Phase>,
    /// The engine that was chosen.
    pub engine: RwSignal<Option<EngineChoice>>,
    /// Workers that share the run.
    pub workers: RwSignal<usize>,
    /// Updates a second.
    pub pace: RwSignal<Option<f64>>,
    /// Seeds that come with the site.
    pub seeds: RwSignal<Vec<u64>>,
    /// The seed whose answers are shown.
    pub seed: RwSignal<Option<u64>>,
    /// Messages to the user.
    pub notices: RwSignal<Vec<Notice>>,
    /// Light or dark.
    pub theme: Theme,
    /// Settings and place in the address bar.
    pub address: Address,
    client: StoredValue<Option<Client>, LocalStorage>,
}

/// Where engine and run stand.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// The engine's file is on its way.
    LoadingEngine {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all; 0 if unknown.
        total: f64,
    },
    /// The engine checks itself against the CPU and times itself.
    CheckingEngine,
    /// The base models are on their way.
    LoadingModels {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all; 0 if unknown.
        total: f64,
    },
    /// The first measurement is being made.
    Measuring,
    /// Waits for the user.
    Paused,
    /// Trains.
    Training,
    /// Ends what was granted, so that all workers wait at the same update.
    Pausing,
    /// All updates are done.
    Finished,
    /// Something could not be fetched; it can be tried again.
    DownloadFailed(String),
    /// The run cannot go on; its data stay.
    Stopped(String),
}

/// A message to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Tells notices apart.
    pub id: usize,
    /// How serious it is.
    pub tone: Tone,
    /// What happened, in words.
    pub text: String,
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// Something went wrong and was dealt with.
    Warning,
}

impl Lab {
    /// The state of a fresh page, with the settings of the link if there is one.
    pub fn new() -> Self {
        let LinkState { experiment, mode, engine } = LinkState::default();
        let empty = RunReport::empty(experiment.clone(), String::new(), String::new());
        let lab = Lab {
            draft: RwSignal::new(experiment),
            mode: RwSignal::new(mode),
            preference: RwSignal::new(engine),
            run: RwSignal::new(RunState::new(0, empty, Vec::new())),
            recorded: RwSignal::new(Vec::new()),
            recorded_failed: RwSignal::new(false),
            started: RwSignal::new(false),
            phase: RwSignal::new(Phase::LoadingEngine { loaded: 0.0, total: 0.0 }),
            engine: RwSignal::new(None),
            workers: RwSignal::new(0),
            pace: RwSignal::new(None),
            seeds: RwSignal::new(vec![0]),
            seed: RwSignal::new(None),
            notices: RwSignal::new(Vec::new()),
            theme: Theme::new(),
            address: Address::new(),
            client: StoredValue::new_local(None),
        };
        lab.client.set_value(Some(Client::new(lab)));
        lab.open_link();
        lab
    }

    /// Calls the client, which is there from the start.
    pub fn with_client(self, call: impl FnOnce(&Client)) {
        if let Some(client) = self.client.get_value() {
            call(&client);
        }
    }

    /// Tells the user something.
    pub fn notify(self, tone: Tone, text: String) {
        self.notices.update(|notices| {
            notices.retain(|notice| notice.text != text);
            let id = notices.iter().map(|notice| notice.id + 1).max().unwrap_or(0);
            notices.push(Notice { id, tone, text });
        });
    }

    /// Is the user's own run what is drawn? Tracks.
    pub fn is_live(self) -> bool {
        self.started.get() && self.run.with(|run| run.run > 0 && run.is_measured())
    }

    /// The preset that the draft's rater is, if it is one. Tracks.
    pub fn preset(self) -> Option<RaterPreset> {
        let rater = self.draft.with(|draft| draft.rater);
        [RaterPreset::UncomfortableFacts, RaterPreset::TouchyTopic].into_iter().find(|preset| preset.config() == rater)
    }

    /// Reads from the run that is drawn: the user's own once it has begun, a recorded one
    /// before. Tracks.
    pub fn with_report<T>(self, read: impl FnOnce(Option<&RunReport>) -> T) -> T {
        if self.is_live() {
            return self.run.with(|run| read(Some(&run.report)));
        }
        let preset = self.preset().unwrap_or(RaterPreset::UncomfortableFacts);
        self.recorded.with(|recorded| {
            let own = recorded.iter().find(|(rater, _)| *rater == preset);
            read(own.or(recorded.first()).map(|(_, report)| report))
        })
    }

    /// Does the run still use another reward than the draft? Tracks.
    pub fn reward_differs(self) -> bool {
        let (draft, current) = (self.draft.get(), self.run.with(RunState::current));
        self.has_progress() && (draft.rater != current.rater || draft.arms != current.arms)
    }

    /// Can the draft's reward be put to the run's models? The number of models must fit. Tracks.
    pub fn can_change_reward(self) -> bool {
        let (draft, current) = (self.draft.get(), self.run.with(RunState::current));
        draft.arms.len() == current.arms.len() && (draft.arms == current.arms || draft.arms.len() == 1)
    }

    /// Do other settings of the draft need a new run? Tracks.
    pub fn needs_new_run(self) -> bool {
        let (draft, current) = (self.draft.get(), self.run.with(RunState::current));
        let same = Experiment { rater: current.rater, arms: current.arms.clone(), ..draft.clone() };
        self.has_progress() && (same != current || (draft.arms != current.arms && !self.can_change_reward()))
    }

    /// Has the user's run made an update? Tracks.
    pub fn has_progress(self) -> bool {
        self.started.get() && self.run.with(|run| run.report.replicas.iter().any(|replica| !replica.updates.is_empty()))
    }

    /// What a link to this page would carry. Tracks.
    pub fn link_state(self) -> LinkState {
        LinkState { experiment: self.draft.get(), mode: self.mode.get(), engine: self.preference.get() }
    }

    /// Takes over the settings of the address, and names what could not be used.
    fn open_link(self) {
        let Opened { state, problems, .. } = self.address.open();
        if let Some(state) = state
            && self.link_state_untracked() != state
        {
            self.draft.set(state.experiment);
            self.mode.set(state.mode);
            self.preference.set(state.engine);
        }
        if !problems.is_empty() {
            self.notify(Tone::Warning, link::words(&problems));
        }
    }

    fn link_state_untracked(self) -> LinkState {
        untrack(|| self.link_state())
    }
}

impl Default for Lab {
    fn default() -> Self {
        Self::new()
    }
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let lab = Lab::new();
    provide_context(lab);
    lab.address.keep(move || lab.link_state(), move || lab.open_link());
    Effect::new(move |_| fetch_recorded(lab));
    // Only now that the page is drawn: engines are large.
    Effect::new(move |_| lab.with_client(Client::start));
    view! { <Page /> }
}

fn fetch_recorded(lab: Lab) {
    spawn_local(async move {
        if let Ok(seeds) = assets::seeds().await
            && !seeds.is_empty()
        {
            let mut draft = lab.draft.get_untracked();
            let problems = link::keep_available_seeds(&mut draft, &seeds);
            if !problems.is_empty() {
                lab.draft.set(draft);
                lab.notify(Tone::Warning, link::words(&problems));
            }
            lab.seeds.set(seeds);
        }
        let runs =
            [(RaterPreset::UncomfortableFacts, "uncomfortable-facts"), (RaterPreset::TouchyTopic, "touchy-topic")];
        for (preset, name) in runs {
            match assets::recorded(name).await {
                Ok(report) => lab.recorded.update(|recorded| recorded.push((preset, report))),
                Err(message) => {
                    log::warn!("{message}");
                    lab.recorded_failed.set(true);
                }
            }
        }
    });
}
