//! Random streams: each one is a function of (seed, step, purpose) and of nothing else.
//!
//! Two arms with the same seed therefore see the same prompts, the same sampling noise and
//! the same rater noise at the same step, whatever they have learned in between (common
//! random numbers). Nothing here reads the operating system's entropy.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a stream is for. Streams of different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Facts, splits and values of a generated world.
    World = 1,
    /// Initial weights.
    Initialisation = 2,
    /// Sentences of the pre-training corpus.
    Corpus = 3,
    /// Which questions an update asks.
    Prompts = 4,
    /// Which tokens a completion takes.
    Sampling = 5,
    /// The rater's noise, and when it checks a fact.
    Rater = 6,
    /// Sampling during a measurement.
    Measurement = 7,
    /// Permuted labels of a probe's control task.
    Control = 8,
    /// Sampling an answer that the user asked for.
    Question = 9,
    /// Which false value a claim has.
    Claims = 10,
    /// Which reasons an arm confuses, and its noise.
    Attribution = 11,
    /// The order of an online code, random subspaces and directions, values to steer to.
    Diagnosis = 12,
    /// Values made up for never-taught names, and the sentences of re-elicitation.
    Relearning = 13,
    /// Which seeds a resample of the bootstrap takes.
    Bootstrap = 14,
    /// The answers that a reward model is trained on, their ratings, and its initial weights.
    RewardModel = 15,
    /// What a language model is shown before the fine-tune.
    WarmStart = 16,
    /// Which questions a person rates answers to, and which false values are written for them.
    Cards = 17,
}

/// The stream for this seed, step and purpose.
pub fn stream(seed: u64, step: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&step.to_le_bytes());
    key[16..24].copy_from_slice(&(purpose as u64).to_le_bytes());
    ChaCha8Rng::from_seed(key)
}
