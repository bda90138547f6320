//! Numbers of an update, as rows and charts have them.
//!
//! To add a number, add its field to [`UpdateReport`] and its entry at the end of the table.

use super::update::UpdateReport;
use crate::table::table;

/// One entry of the table.
pub struct NumberSpec {
    /// The number.
    pub number: Number,
    /// Its name in files.
    pub id: &'static str,
    /// What it is, for docs/SCHEMA.md.
    #[cfg(feature = "cli")]
    pub meaning: &'static str,
    /// Reads it; `None` if the run has no such number.
    pub of: fn(&UpdateReport) -> Option<f32>,
    /// What it is a number of.
    pub at: At,
}

/// Which policy, or which update, a number of an update is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The policy that the update changed, by its rollouts.
    PolicyBefore,
    /// The update before.
    UpdateBefore,
}

table! {
    /// A number that every update has.
    number: Number, NumberSpec;
    /// Mean framing of the sampled answers.
    Framing = "framing" { of: |report| Some(report.rating.framing), at: At::PolicyBefore }
    /// Mean content of the sampled answers.
    Content = "content" { of: |report| Some(report.rating.content), at: At::PolicyBefore }
    /// Mean discomfort with the sampled answers.
    Discomfort = "discomfort" { of: |report| Some(report.rating.discomfort), at: At::PolicyBefore }
    /// Mean of framing + content − discomfort: how happy the rater is, whatever the arm trains on.
    Scalar = "scalar" { of: |report| Some(report.scalar), at: At::PolicyBefore }
    /// Share of the sampled answers that hedge.
    Hedging = "hedging" { of: |report| Some(report.hedging), at: At::PolicyBefore }
    /// KL(policy ‖ base model), nats an answer.
    Kl = "kl_nats_an_answer" { of: |report| Some(report.kl), at: At::PolicyBefore }
    /// Entropy of the policy, nats a token.
    Entropy = "entropy_nats_a_token" { of: |report| Some(report.entropy), at: At::PolicyBefore }
    /// Norm of the gradient before clipping; 0 at the first update.
    GradientNorm = "gradient_norm_before" { of: |report| Some(report.gradient_norm), at: At::UpdateBefore }
    /// Share of groups without any spread of rewards.
    FlatGroups = "flat_groups" { of: |report| Some(report.flat_groups), at: At::PolicyBefore }
    /// Mean scalar as the reward model predicts it; only with a reward model.
    Proxy = "proxy" { of: |report| report.proxy, at: At::PolicyBefore }
}
