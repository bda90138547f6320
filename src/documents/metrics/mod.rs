//! What is measured: counts and their rates, numbers of updates, and what they are worth.
//!
//! A file a subject. Rates with a zero denominator are `None`, never 0.

mod belief;
mod diagnosis;
mod measurement;
mod number;
mod outcome;
mod rate;
mod reward_model;
mod slice;
mod tally;
mod update;

pub use belief::{Belief, BeliefTally, FactState, SaidTally};
pub use diagnosis::{CodeLength, Diagnosis, ProbeControls, ProbeDiagnosis, Relearning, Steering};
pub use measurement::{Fit, Measurement, ProbeAccuracy, ProbeFacts, ProbeReport, WatchedAnswer};
pub use number::{At, Number, NumberSpec};
pub use outcome::{HedgeTally, Outcome};
pub use rate::{Chance, Metric, RateSpec, Ratio};
pub use reward_model::{AnswerKind, Judgement, RewardModelReport};
pub use slice::{Slice, SliceSpec};
#[cfg(feature = "network")]
pub(crate) use tally::argmax;
pub use tally::{CONFIDENCE_BINS, Cell, ConfidenceBin, Confusion, Tally};
pub use update::{CreditedAnswer, UpdateReport};
