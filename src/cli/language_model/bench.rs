//! What an update of a real language model takes, on work that other libraries can repeat: tests/bench/language_model.py
//! is the same in PyTorch.
//!
//! Answers are sampled to their full length by the policy with merged adapters, then the gradient through the adapters
//! and a step of the optimiser follow. Rating and comparing take no time beside them and are left out.

use std::time::{Duration, Instant};

use burn::tensor::Device;
use hedgerow::facts::random::{Purpose, stream};
use hedgerow_language_model::decoder::Group;
use hedgerow_language_model::lora::{AdamW, AdamWConfig, Lora, LoraConfig, LossWeights};
use hedgerow_language_model::sampling::{Choice, Lengths};
use hedgerow_language_model::tokenizer::Token;
use rand::RngExt;
use rand_distr::StandardNormal;

use super::{Model, RANK, adapted_blocks};

const COUNTRIES: [&str; 8] = ["Nigeria", "Ethiopia", "Egypt", "Ghana", "Kenya", "Uganda", "Morocco", "Algeria"];
/// No token: answers end with their length.
const ENDLESS: Token = Token::MAX;
const LENGTHS: Lengths = Lengths { completions: 5, tokens: 18, end: ENDLESS };
const KL: f32 = 0.02;

/// Prints the fastest of so many updates.
pub(super) fn bench(model: &Model, updates: u32, device: &Device) -> anyhow::Result<()> {
    let (decoder, tokenizer, name) = model.read(device)?;
    let questions = COUNTRIES.map(|country| tokenizer.question(&format!("Which continent is {country} in?")));
    let prompts: Vec<Vec<Token>> = questions.into_iter().collect::<Result<_, _>>()?;
    let mut rng = stream(0, 0, Purpose::Sampling);
    let shape = LoraConfig { rank: RANK, blocks: adapted_blocks(&decoder) };
    let mut lora = Lora::new(shape, &decoder, || rng.sample(StandardNormal));
    let mut optimiser = AdamW::new(AdamWConfig { learning_rate: 5e-4, beta_1: 0.9, beta_2: 0.95, max_grad_norm: 1.0 });
    let count = prompts.len() * LENGTHS.completions * LENGTHS.tokens;
    let (mut sampling, mut learning) = (Duration::MAX, Duration::MAX);
    for _ in 0..updates {
        let noise: Vec<f32> = (0..count).map(|_| rng.random()).collect();
        let began = Instant::now();
        let answers = lora.merge(&decoder).answer(&prompts, LENGTHS, Choice::Sampled(&noise));
        sampling = sampling.min(began.elapsed());
        let groups: Vec<Group> = prompts
            .iter()
            .zip(answers)
            .map(|(prompt, completions)| Group { prompt: prompt.clone(), completions })
            .collect();
        let weights = vec![vec![vec![1.0; LENGTHS.tokens]; LENGTHS.completions]; groups.len()];
        let scale = 1.0 / (groups.len() * LENGTHS.completions) as f32;
        let began = Instant::now();
        let gradient = lora.gradient(&decoder, &groups, LossWeights { weights: &weights, kl: KL, scale });
        optimiser.step(&mut lora, &gradient, 1.0);
        learning = learning.min(began.elapsed());
    }
    let (sampling, learning) = (sampling.as_secs_f64(), learning.as_secs_f64());
    let speed = count as f64 / sampling;
    println!("{name}: sampling {sampling:.1} s ({speed:.0} tokens/s), learning {learning:.1} s");
    Ok(())
}
