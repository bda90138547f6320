//! What the pool is told, and what it asks for: plain data.

use hedgerow::documents::protocol::{Base, Command, EngineChoice, EngineKind, EnginePreference, Event, Inspection};
use hedgerow::documents::report::RewardChange;
use hedgerow::judgement::experiment::{Experiment, WorldId};

use crate::model::notice::NoticeCode;
use crate::model::phase::Phase;
use crate::model::run::RunState;
use crate::model::saved::SavedRun;
use crate::model::site_files::FileFault;

/// Names a worker; a worker that takes another's place has a name of its own.
pub type WorkerId = u32;

/// Which engine file a worker is to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineFile {
    /// The one that fits the device: WebGPU if there is hardware for it.
    Auto,
    /// The small one without WebGPU.
    Cpu,
    /// The one with WebGPU, even on a software renderer.
    Gpu,
}

impl EngineFile {
    /// The one for what the user wants.
    pub fn of(preference: EnginePreference) -> Self {
        match preference {
            EnginePreference::Auto => EngineFile::Auto,
            EnginePreference::Cpu => EngineFile::Cpu,
            EnginePreference::Gpu => EngineFile::Gpu,
        }
    }
}

/// What is heard from a worker.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Its script runs, and asks for an engine.
    Wants {
        /// The one that fits the device.
        kind: EngineKind,
        /// Whether WebGPU was asked for and did not answer.
        gpu_is_silent: bool,
    },
    /// The engine speaks.
    Event(Box<Event>),
    /// The worker is gone; in the browser's words, if it has any.
    Crashed(Option<String>),
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// Start the engine anew, for these settings.
    Start(Experiment, EnginePreference),
    /// Go on with a run that was kept.
    Resume(Box<SavedRun>),
    /// Try again what has failed.
    Retry,
    /// The same, on the CPU.
    UseCpu,
    /// Train to the end; settings of a run that has not begun.
    Train(Experiment),
    /// Make so many updates; settings of a run that has not begun.
    Step(Experiment, u32),
    /// Wait as soon as all workers have done the same updates.
    Pause,
    /// Back to the base models, with these settings.
    Reset(Experiment, EnginePreference),
    /// The rater, the arms and the person of these settings from the next update that nobody was granted.
    ChangeReward(Experiment),
    /// Ask every model a question in words.
    Ask {
        /// The question.
        text: String,
        /// The true value, if the question is one of the world's.
        truth: Option<String>,
    },
    /// What would every model say next?
    LeadOn {
        /// The question.
        question: String,
        /// The answer's words so far.
        begun: String,
    },
    /// Look into every model.
    LookAt(Inspection),
    /// A worker says something.
    Heard(WorkerId, Heard),
    /// The browser starts no worker.
    NotSpawned(WorkerId, String),
    /// What a worker begins with was looked at: a file that could not be had, if there is one.
    FoundOut(Option<FileFault>),
    /// An engine is on its way.
    EngineProgress {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all.
        total: f64,
    },
    /// An engine can be handed out, or why it could not be fetched.
    EngineFetched(EngineKind, Result<(), FileFault>),
    /// Some time has passed.
    Tick,
    /// A base model is on its way.
    FetchProgress {
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all; 0 if unknown.
        total: f64,
    },
    /// The files of a seed in a world of the visitor's own or in the site's, or why they could not be fetched. No other
    /// seed follows a failure.
    Fetched(Option<WorldId>, u64, Result<Base, FileFault>),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start a worker.
    Spawn(WorkerId, EngineFile),
    /// Send a command.
    Post(WorkerId, Command),
    /// End a worker.
    Terminate(WorkerId),
    /// Fetch an engine.
    FetchEngine(EngineKind),
    /// Give a worker its engine.
    HandOut(WorkerId, EngineKind),
    /// Look whether the files that a worker begins with can be had: its own, and those of an engine.
    FindOut(Option<EngineKind>),
    /// Fetch the base models of these seeds, one after the other: those of a world of the visitor's own, or the site's.
    Fetch(Option<WorldId>, Vec<u64>),
    /// Engine and run stand elsewhere.
    SetPhase(Phase),
    /// Another engine was chosen, or none is any more.
    SetEngine(Option<EngineChoice>),
    /// So many workers share the run.
    SetWorkers(usize),
    /// Updates a second.
    SetPace(Option<f64>),
    /// So much of the first measurement, or of the training of reward models, is done, as a share.
    SetProgress(f64),
    /// Tell the user.
    Notify(NoticeCode),
    /// Take messages to the user away.
    ClearNotices,
    /// The user has begun a run, or goes on with it.
    Started,
    /// A run takes the place of the one before.
    Begin(Box<RunState>),
    /// There is more of the run to keep.
    Keep,
    /// What the worker at this place of the pool said is for the run.
    Apply(usize, Event),
    /// A change of the reward was sent.
    Announce(RewardChange),
    /// A question was sent.
    Asked {
        /// Names it in the answers.
        id: u32,
        /// The question.
        text: String,
        /// The true value, if the question is one of the world's.
        truth: Option<String>,
    },
    /// What comes next in an answer was asked for.
    LeadsOn {
        /// Names it among the events.
        id: u32,
        /// The question.
        question: String,
        /// The answer's words so far.
        begun: String,
    },
    /// The models are looked into; the number names what is found among the events.
    LooksAt(u32, Inspection),
}
