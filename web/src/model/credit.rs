//! What each word of the latest answers was credited with: one column an arm.

use hedgerow::documents::metrics::CreditedAnswer;
use hedgerow::documents::protocol::CreditedGroup;
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::judgement::experiment::Arm;

use super::run::{RunState, chosen_seed, of_seed};

/// Advantages of this size have the full colour.
const FULL: f32 = 1.2;
/// Advantages below this are drawn as none.
const NONE: f32 = 0.005;
/// Answers shown for each arm.
const SHOWN: usize = 3;
/// The token that ends an answer, as reports spell it.
const END: &str = "∎";

/// One arm's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Whose.
    pub arm: Arm,
    /// The update that was made of them.
    pub update: u32,
    /// A few of them.
    pub answers: Vec<CreditedAnswer>,
}

/// A word and its credit as they are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shade {
    /// Says more, less or none.
    pub class: &'static str,
    /// Of the colour, in 0 … 1.
    pub strength: f32,
}

/// The columns of one seed; empty before the first update.
pub fn columns(report: &RunReport, seed: Option<u64>) -> Vec<Column> {
    let Some(seed) = chosen_seed(report, seed) else { return Vec::new() };
    let latest = |replica: &ReplicaReport| {
        let report = replica.updates.iter().rev().find(|report| !report.examples.is_empty())?;
        let answers = report.examples.iter().take(SHOWN).cloned().collect();
        Some(Column { arm: replica.replica.arm, update: report.update, answers })
    };
    of_seed(report, seed).filter_map(latest).collect()
}

/// The whole group of the prompt that is looked at, of one seed; empty until it is there.
pub fn looked_at(run: &RunState, seed: Option<u64>) -> Vec<Column> {
    let (Some(looked_at), Some(seed)) = (&run.looked_at, chosen_seed(&run.report, seed)) else { return Vec::new() };
    let groups = looked_at.groups.iter().flatten().filter(|group| group.replica.seed == seed);
    let column =
        |group: &CreditedGroup| Column { arm: group.replica.arm, update: group.update, answers: group.answers.clone() };
    groups.map(column).collect()
}

/// The colour of an advantage.
pub fn shade(advantage: f32) -> Shade {
    let class = match advantage {
        advantage if advantage > NONE => "word more",
        advantage if advantage < -NONE => "word less",
        _ => "word none",
    };
    Shade { class, strength: (advantage.abs() / FULL).min(1.0) }
}

/// Does the word stand for the end of the answer?
pub fn is_end(word: &str) -> bool {
    word == END
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_needs_an_advantage_and_never_passes_its_full_strength() {
        assert_eq!(shade(0.004).class, "word none");
        assert_eq!(shade(-0.01).class, "word less");
        assert_eq!(shade(9.0), Shade { class: "word more", strength: 1.0 });
    }
}
