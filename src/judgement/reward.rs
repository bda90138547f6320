//! What an arm makes of ratings: rewards on spans of the answers, in one shape for all arms.
//!
//! This is the whole comparison. Nothing downstream knows which arm it serves: it sees spans,
//! each with a reward and with the pool of spans that its baseline is taken from.

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use crate::facts::corpus::Answer;
use crate::judgement::arms::{Arm, Case};
use crate::judgement::rater::{RaterConfig, Rating, Situation};

pub use crate::judgement::spans::{Pool, SpanReward};

/// An answer, what the rater was told about it, and what it thought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// As the grammar reads it.
    pub answer: Answer,
    /// The topic, and what a check would find.
    pub situation: Situation,
    /// By reason.
    pub rating: Rating,
}

/// The rewards of the answers to one prompt, `[answer][span]`. Tokens in no span get no credit.
///
/// The penalties read the situation and not the rating: they are a rater that always checks.
/// Every arm consumes the same random numbers.
///
/// # Panics
/// If there are fewer than two answers.
pub fn group_rewards(arm: Arm, rater: &RaterConfig, group: &[Judged], rng: &mut impl Rng) -> Vec<Vec<SpanReward>> {
    let shift = rng.random_range(1..group.len());
    let reward = |(index, judged): (usize, &Judged)| {
        let misattributed = rng.random::<f32>() < rater.misattribution;
        let noise: f32 = rng.sample(StandardNormal);
        arm.reward(&Case {
            answer: &judged.answer,
            situation: judged.situation,
            rating: judged.rating,
            other: group[(index + shift) % group.len()].rating,
            misattributed,
            noise: rater.noise * noise,
        })
    };
    group.iter().enumerate().map(reward).collect()
}
