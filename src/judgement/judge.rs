//! Where the ratings come from that a policy is rewarded with.

use serde::{Deserialize, Serialize};

/// Whose ratings are turned into rewards. It is not a part of the experiment: a run can change its judge
/// between two updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    /// The rater's formula, or what was learned of a person in its place.
    Formula,
    /// The reward model that was trained on some of the formula's ratings.
    Model,
    /// Somebody who reads the completions. The run waits between *answer* and *rate*.
    Person,
}
