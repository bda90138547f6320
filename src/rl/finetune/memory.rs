//! How much memory a run needs on a CPU, known before any of it is allocated.
//!
//! Leaves out GPUs, which have a memory of their own and say themselves when it is full.

use super::{BaseModel, largest_batches};
use crate::eval::measure::states_read;
use crate::judgement::experiment::Experiment;
use crate::kernels::ModelConfig;
use crate::network::reward_model::HIDDEN;

/// Bytes that so many replicas of a run need at most at any time, to be loaded, measured, trained and kept:
///
/// `4 · replicas · (11 P + max(6 P, 5 U + 2 C, 3 M + 4 S, 3 R))`, where
/// - `P` are the parameters. Base model, policy, gradient and Adam's two moments are there twice, before the last update
///   and after it, and six more make the state that is sent;
/// - `U` are the log-probabilities of an update, answers · tokens · words, of policy, reference, noise and loss;
/// - `C` is what a reward model reads of an update, answers · tokens · width · (blocks + 1);
/// - `M` are the log-probabilities of a measurement's largest batch;
/// - `S` are the states that probes read, facts · prompts · width · (blocks + 1);
/// - `R` is what a reward model is fitted on, ratings · (width · (blocks + 1) + its hidden layer).
///
/// The factors are those of docs/PERFORMANCE.md: `tests/memory.rs` compares the whole with what is allocated.
pub fn bytes_needed(experiment: &Experiment, replicas: usize, BaseModel { corpus, config, .. }: &BaseModel) -> u64 {
    let ModelConfig { vocabulary, width, layers, .. } = *config;
    let [update, measurement] =
        largest_batches(experiment, corpus).map(|batch| batch.answers as f64 * batch.answer_length as f64);
    let (words, states) = (vocabulary as f64, width as f64 * (layers + 1) as f64);
    let (read, rated) = match experiment.reward_model {
        Some(model) => (update * states, f64::from(model.ratings) * (states + HIDDEN as f64)),
        None => (0.0, 0.0),
    };
    let parameters = config.parameters() as f64;
    let stages = [
        6.0 * parameters,
        5.0 * update * words + 2.0 * read,
        3.0 * measurement * words + 4.0 * states_read(corpus) as f64 * states,
        3.0 * rated,
    ];
    let numbers = 11.0 * parameters + stages.into_iter().fold(0.0, f64::max);
    (4.0 * replicas as f64 * numbers) as u64
}
