//! What the engine sends as codes, in sentences.

use hedgerow::Error;
use hedgerow::documents::protocol::EngineReason;

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
