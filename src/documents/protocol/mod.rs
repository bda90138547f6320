//! Messages between the page and an engine worker: a closed set, encoded with postcard.
//!
//! The worker says [`Event::Ready`] first; nothing that was sent before it is received. Every
//! later event of a run carries its id, so that a page that has moved on ignores the rest.
//! Progress is granted: the worker trains up to the update it was told, which is how several
//! workers stay in lock-step, how one steps once, and how one pauses and resumes. A run whose judge is a
//! person also waits for their ratings in the middle of an update. A worker sends
//! codes with arguments and no sentence: words belong to the page.

mod command;
mod engine;
mod event;
mod inspection;
mod snapshot;

pub use command::{Base, Command};
pub use engine::{EngineChoice, EngineKind, EnginePreference, EngineReason, GpuCheck};
pub use event::{Event, PromptToRate, ToRate};
pub use inspection::{
    AskedAnswer, CreditedGroup, DealtCards, Encoded, FactOutcome, FactOutcomes, FactStates, Inspected, Inspection,
    NextToken, NextTokens, Relearned, RepresentedFact, State, UnfoldedAnswer,
};
pub use snapshot::Snapshot;

use serde::{Deserialize, Serialize};

use crate::facts::error::Error;

/// Names the build; page and engine have to agree on it.
pub const BUILD: &str = match option_env!("HEDGEROW_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

/// Counted by the page.
pub type RunId = u32;

/// Bytes of a message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_stdvec(message).expect("messages hold only plain data")
}

/// # Errors
/// [`Error::Message`] if the bytes are not such a message.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    postcard::from_bytes(bytes).map_err(|error| Error::Message(error.to_string()))
}

/// The first of several messages that follow one another, and the bytes of the others.
///
/// # Errors
/// [`Error::Message`] if the bytes do not begin with such a message.
pub fn decode_first<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Error> {
    postcard::take_from_bytes(bytes).map_err(|error| Error::Message(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::experiment::Experiment;

    #[test]
    fn a_truncated_or_foreign_message_is_an_error_and_not_a_panic() {
        let bytes = encode(&Command::Load {
            run: 1,
            experiment: Experiment::default(),
            replicas: vec![],
            bases: vec![],
            measures: true,
        });
        assert!(matches!(decode::<Command>(&bytes), Ok(Command::Load { run: 1, .. })));
        for length in 0..bytes.len() {
            assert!(decode::<Command>(&bytes[..length]).is_err(), "{length} bytes");
        }
        assert!(decode::<Event>(&[255; 16]).is_err());
    }

    #[test]
    fn an_error_crosses_the_boundary_as_it_is() {
        let error = Error::NotFinite { update: 7, arm: "scalar".into(), seed: 3 };
        let event = Event::Failed { run: Some(1), error, fatal: false };
        assert_eq!(decode(&encode(&event)), Ok(event));
    }
}
