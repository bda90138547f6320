//! The warm start: a language model is shown the three styles, on a third of the entities.
//!
//! Without it an assistant hardly ever hedges and rambles past its answer, and a policy gradient can only choose
//! among what is sampled. The adapters are then merged into the weights, and what comes of it is the reference that
//! the fine-tune starts from. Supervised learning: each token of an answer weighs the same.

use hedgerow_language_model::decoder::{Decoder, Group};
use hedgerow_language_model::lora::{AdamW, AdamWConfig, Lora, LoraConfig, LossWeights};
use hedgerow_language_model::tokenizer::{ChatTokenizer, Token};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use super::world::Questions;
use crate::documents::report::LanguageModelConfig;
use crate::facts::corpus::Style;
use crate::facts::error::{CheckpointFault, Error, WorldFault};
use crate::facts::random::{Purpose, stream};
use crate::facts::world::Topic;

/// Shares of blunt answers and of those with context on sensitive and on neutral topics; the rest are hedges. Those
/// of the lab's own corpus.
const SENSITIVE_STYLES: [f32; 2] = [0.5, 0.3];
const NEUTRAL_STYLES: [f32; 2] = [0.6, 0.3];

/// Errors of the language model as the lab's.
pub(super) fn model_error(error: hedgerow_language_model::Error) -> Error {
    CheckpointFault::Damaged(error.to_string()).into()
}

/// Adapters as a seed begins with them: those of the warm start and of the fine-tune differ.
pub(super) fn adapters(decoder: &Decoder, config: &LanguageModelConfig, seed: u64, purpose: Purpose) -> Lora {
    let mut rng = stream(seed, 0, purpose);
    let shape = LoraConfig { rank: config.rank, blocks: config.blocks };
    Lora::new(shape, decoder, || rng.sample(StandardNormal))
}

/// Teaches the styles and returns the adapters with the loss of each step in nats a token, which `told` hears of.
///
/// # Errors
/// [`Error::Checkpoint`] if a text cannot be put into tokens.
pub fn warm_start(
    decoder: &Decoder,
    tokenizer: &ChatTokenizer,
    questions: &Questions,
    config: &LanguageModelConfig,
    seed: u64,
    mut told: impl FnMut(f32),
) -> Result<(Lora, Vec<f32>), Error> {
    let mut lora = adapters(decoder, config, seed, Purpose::WarmStart);
    let learning_rate = config.warm_start_learning_rate;
    let mut optimiser = AdamW::new(AdamWConfig { learning_rate, beta_1: 0.9, beta_2: 0.95, max_grad_norm: 1.0 });
    let mut losses = Vec::new();
    for step in 0..config.warm_start_steps {
        let mut rng = stream(seed, u64::from(step) + 1, Purpose::WarmStart);
        let groups = (0..config.warm_start_sequences).map(|_| lesson(tokenizer, questions, &mut rng));
        let groups = groups.collect::<Result<Vec<Group>, Error>>()?;
        let weights: Vec<Vec<Vec<f32>>> =
            groups.iter().map(|group| vec![vec![1.0; group.completions[0].len()]]).collect();
        let tokens: usize = groups.iter().map(|group| group.completions[0].len()).sum();
        let scale = 1.0 / tokens as f32;
        let gradient = lora.gradient(decoder, &groups, LossWeights { weights: &weights, kl: 0.0, scale });
        optimiser.step(&mut lora, &gradient, 1.0 - step as f32 / config.warm_start_steps as f32);
        let loss = -gradient.log_probs.iter().flatten().flatten().sum::<f32>() * scale;
        losses.push(loss);
        told(loss);
    }
    Ok((lora, losses))
}

/// A question with one answer.
fn lesson(tokenizer: &ChatTokenizer, questions: &Questions, rng: &mut impl Rng) -> Result<Group, Error> {
    let fact = questions.shown.choose(rng).ok_or_else(|| WorldFault::NotAWorld("nothing can be shown".into()))?;
    let [blunt, contextual] = if fact.topic == Topic::Sensitive { SENSITIVE_STYLES } else { NEUTRAL_STYLES };
    let style = match rng.random::<f32>() {
        draw if draw < blunt => Style::Blunt,
        draw if draw < blunt + contextual => Style::Contextual,
        _ => Style::Hedge,
    };
    let (question, answer) = questions.example(fact, style, rng);
    let mut completion: Vec<Token> = tokenizer.encode(&answer).map_err(model_error)?;
    completion.push(tokenizer.end());
    Ok(Group { prompt: tokenizer.question(&question).map_err(model_error)?, completions: vec![completion] })
}
