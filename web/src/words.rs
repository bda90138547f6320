//! What the engine and the page say as codes, in sentences.

use hedgerow::Error;
use hedgerow::documents::protocol::{EngineKind, EngineReason};

use crate::link;
use crate::model::notice::NoticeCode;
use crate::model::phase::{Crash, DownloadFault, StopReason};
use crate::model::run::QuestionFault;
use crate::model::sentence::capitalised;

/// What went wrong.
pub fn error(error: &Error) -> String {
    match error {
        Error::Panicked { place } => format!("The engine stopped because of an error in its code ({place})."),
        Error::World(_)
        | Error::Tokenizer(_)
        | Error::Experiment(_)
        | Error::Checkpoint(_)
        | Error::Benchmark(_)
        | Error::UnknownWords(_)
        | Error::TooLong { .. }
        | Error::Device(_)
        | Error::NotFinite { .. }
        | Error::Message(_)
        | Error::RunNotLoaded { .. }
        | Error::Inspection(_)
        | Error::Ratings(_) => error.to_string(),
    }
}

/// Why an engine was chosen.
pub fn engine_reason(reason: &EngineReason) -> String {
    match reason {
        EngineReason::ChosenCpu => "You chose the CPU.".into(),
        EngineReason::NotBuilt | EngineReason::NotOffered => {
            "The CPU, because this browser offers no WebGPU here.".into()
        }
        EngineReason::NotOpened(error) => format!("The CPU, because WebGPU could not be opened ({error})."),
        EngineReason::Differs(what) => {
            format!("The CPU, because WebGPU computed something else in the self-check ({what}).")
        }
        EngineReason::ChosenGpu => "You chose WebGPU, and it agrees with the CPU.".into(),
        EngineReason::Software => "The CPU, because this WebGPU is a software renderer.".into(),
        EngineReason::Faster(times) => format!("WebGPU: it agrees with the CPU and is {times:.1} times as fast."),
        EngineReason::TooLargeForGpu => "The CPU, because this world is too large for WebGPU.".into(),
        EngineReason::Slower(times) => format!("The CPU: WebGPU agrees with it and takes {times:.1} times as long."),
    }
}

/// A message to the user.
pub fn notice(code: &NoticeCode) -> String {
    match code {
        NoticeCode::OtherBuild => "The engine is of another version than this page. Reload the page to be sure.".into(),
        NoticeCode::Restarted { why, from_snapshot } => {
            let place = if *from_snapshot { "its last snapshot" } else { "the beginning" };
            format!(
                "The engine stopped ({}). It was started again from {place}; nothing that was measured is lost.",
                crash(why)
            )
        }
        NoticeCode::RewardHolds { from } => {
            format!("The new reward holds from update {from} on; the models stay as they are.")
        }
        NoticeCode::NotSaved(reason) => format!("The file could not be saved: {reason}."),
        NoticeCode::Link(problems) => link::words(problems),
    }
}

/// What could not be fetched.
pub fn download_fault(fault: &DownloadFault) -> String {
    match fault {
        DownloadFault::Engine(reason) => format!("The engine could not be loaded: {reason}."),
        DownloadFault::Base(reason) => format!("A base model is missing: {reason}."),
    }
}

/// Why a run cannot go on.
pub fn stop_reason(reason: &StopReason) -> String {
    match reason {
        StopReason::Failed(fault) => format!("Training stopped: {}. What was measured is kept.", error(fault)),
        StopReason::NoWorker(reason) => format!("The browser starts no worker: {reason}."),
        StopReason::CrashedTwice { why, kind } => {
            let advice = match kind {
                EngineKind::Gpu => "Choosing the CPU engine usually helps",
                EngineKind::Cpu => "Fewer seeds or arms, or a reload of the page, usually help",
            };
            let why = crash(why);
            format!("The engine stopped twice in a row ({why}). {advice}. What was measured is kept.")
        }
    }
}

/// Why a question has no answer.
pub fn question_fault(fault: &QuestionFault) -> String {
    let text = match fault {
        QuestionFault::Refused(fault) => error(fault),
        QuestionFault::Restarted => "the engine was started again before it answered; please ask once more".into(),
    };
    let text = capitalised(&text);
    if text.ends_with('.') { text } else { text + "." }
}

fn crash(why: &Crash) -> String {
    match why {
        Crash::Browser(message) => message.clone(),
        Crash::Engine(fault) => error(fault),
    }
}
