//! Were facts gone, or only not said? What the test of one seed's models found.

use hedgerow::documents::metrics::Relearning;
use hedgerow::documents::protocol::{Inspection, Relearned};
use hedgerow::judgement::experiment::Arm;

use super::run::{QuestionFault, RunState};
use super::states::of_seed;

/// What was found about one arm's model.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// The arm that it began with, and the one that it has.
    pub arms: [Arm; 2],
    /// Updates done before the test.
    pub update: u32,
    /// After each number of steps, none first.
    pub after: Vec<Relearning>,
}

impl Tested {
    /// What is still in the model beyond what the steps alone bring about, as a share: its facts after all steps less the
    /// names that it was never taught. `None` where one of them is not there to be asked about.
    pub fn still_there(&self) -> Option<f32> {
        let last = self.after.last()?;
        Some(last.model? - last.never_taught?)
    }
}

/// What the latest test found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// One for each arm; empty until all are there.
    pub arms: Vec<Tested>,
    /// Why nothing comes.
    pub fault: Option<QuestionFault>,
}

/// Of the chosen seed's models; `None` before any test.
pub fn found(run: &RunState, seed: Option<u64>) -> Option<Found> {
    let look = run.look(|at| matches!(at, Inspection::Relearning))?;
    let tested = |(arms, Relearned { update, after })| Tested { arms, update, after };
    let arms = of_seed(run, look, seed, |found: &Relearned| found.update).into_iter().map(tested).collect();
    Some(Found { arms, fault: look.fault.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_there_is_what_the_steps_alone_do_not_bring() {
        let tested = |model, never_taught| Tested {
            arms: [Arm::Scalar; 2],
            update: 0,
            after: [Some(0.0), model].map(|model| Relearning { steps: 0, model, base: Some(1.0), never_taught }).into(),
        };
        assert_eq!(tested(Some(0.75), Some(0.25)).still_there(), Some(0.5));
        assert_eq!(tested(Some(0.25), Some(0.5)).still_there(), Some(-0.25));
        assert_eq!(tested(None, Some(0.25)).still_there(), None, "a world without uncomfortable facts");
        assert_eq!(tested(Some(0.25), None).still_there(), None, "a world in which every name was taught");
    }
}
