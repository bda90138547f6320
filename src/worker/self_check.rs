//! Does a device compute what the CPU computes? One update's worth of work on fixed numbers.
//!
//! A kernel that fails validation on WebGPU is only logged, and stale buffers come back as if
//! they were results (tracel-ai/cubecl#1641). So nothing is trusted that was not compared here:
//! the forward pass, one-row products, sampling, the gradient, the optimiser, the probes.

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand_distr::StandardNormal;

use crate::facts::corpus::{Corpus, Token};
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::facts::world::World;
use crate::kernels::LossWeights;
use crate::kernels::ModelConfig;
use crate::network::device::ReadBack;
use crate::network::model::{Policy, upload_tokens};
use crate::network::optimiser::ReplicaAdamW;
use crate::network::sampler::{Draws, uniform};
use crate::rl::policy_gradient::{clipped_advantages, preference_advantages, token_log_probs};

/// Largest difference between two devices, relative to the largest number of the same kind.
/// Correct f32 devices differ by rounding and by how they approximate exp (LOG.md has what was
/// seen).
pub const TOLERANCE: f32 = 1e-3;

/// The size of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Models in the stack.
    pub replicas: usize,
    /// Prompts, each of them a group.
    pub prompts: usize,
    /// Completions a prompt.
    pub completions: usize,
}

/// What a device made of the work.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    /// Numbers by the name that a report gives them in any language.
    pub(super) numbers: Vec<(&'static str, Vec<f32>)>,
    /// The sampled tokens.
    tokens: Vec<i32>,
}

impl Outputs {
    /// The largest relative difference to the CPU's outputs, and what differs most. Infinite if
    /// anything is not a number. A sampled token may differ where two candidates tie within
    /// rounding; more than one in a hundred counts as a difference of 1.
    pub fn largest_difference(&self, cpu: &Outputs) -> (f32, &'static str) {
        let of = |own: &[f32], other: &[f32]| {
            let largest = other.iter().fold(f32::MIN_POSITIVE, |largest, number| largest.max(number.abs()));
            let differences = own.iter().zip(other).map(|(own, other)| (own - other).abs() / largest);
            differences.fold(0.0, |largest, difference| {
                if difference <= largest {
                    largest
                } else if difference.is_nan() {
                    f32::INFINITY
                } else {
                    difference
                }
            })
        };
        let numbers = self.numbers.iter().zip(&cpu.numbers).map(|((name, own), (_, other))| (of(own, other), *name));
        let others = self.tokens.iter().zip(&cpu.tokens).filter(|(own, cpu)| own != cpu).count();
        let tokens = if others * 100 > self.tokens.len() { 1.0 } else { 0.0 };
        numbers.chain([(tokens, "tokens")]).max_by(|a, b| a.0.total_cmp(&b.0)).expect("some outputs")
    }
}

/// Runs the work on a device and reads the results.
///
/// # Errors
/// [`Error::Device`] if the read fails.
pub async fn run(load: Load, device: &Device) -> Result<Outputs, Error> {
    let Load { replicas, prompts, completions } = load;
    let corpus = Corpus::new(World::generate(0));
    let (answers, length) = (prompts * completions, corpus.layout.answer);
    let config = ModelConfig::for_corpus(&corpus);
    let mut rng = stream(0, 0, Purpose::Measurement);
    // Larger than initial weights, so that nothing hides behind near-uniform outputs, and no larger:
    // four times as large, saturated attention makes 1e-3 of a device's rounding (LOG.md).
    let weights: Vec<f32> =
        (0..replicas as u64).flat_map(|seed| config.init(seed)).map(|weight| weight * 2.0).collect();
    let mut normal = |count: usize| (0..count).map(|_| rng.sample::<f32, _>(StandardNormal)).collect::<Vec<f32>>();
    let shape = [replicas, config.parameters()];
    let weights = Tensor::<2>::from_data(TensorData::new(weights, shape), device);
    let pseudo_gradient = Tensor::<2>::from_data(TensorData::new(normal(shape[0] * shape[1]), shape), device);
    let advantages = Tensor::<3>::from_data(
        TensorData::new(normal(replicas * answers * length), [replicas, answers, length]),
        device,
    );
    let questions: Vec<Vec<Token>> =
        (0..prompts).map(|prompt| corpus.prompt(prompt, &corpus.world().language.prompts[prompt % 4])).collect();
    let questions = upload_tokens(&vec![questions; replicas], device);
    let given: Vec<Vec<Token>> =
        (0..answers).map(|_| (0..length).map(|_| rng.random_range(0..config.vocabulary as Token)).collect()).collect();
    let given = upload_tokens(&vec![given; replicas], device);
    let uniform = vec![uniform(&mut stream(0, 0, Purpose::Sampling), answers, length, config.vocabulary); replicas];

    let policy = Policy::new(config, &weights);
    let (sampled, _) = policy.sample(questions.clone(), Draws::upload(&uniform, answers, device), 1.0);
    let one_row = policy.next_log_probs(questions.clone().slice_dim(1, 0..1));
    let forward = policy.forward(questions.clone(), given.clone());
    let (reference, states) = (forward.log_probs, forward.states);
    let moved = Policy::new(config, &(weights.clone() * 1.1));
    let mask = Tensor::ones_like(&advantages);
    let weighing = LossWeights { scale: 1.0 / answers as f32, temperature: 0.9, kl: 0.05 };
    let log_probs = |log_probs: Tensor<4>| token_log_probs(log_probs, given.clone(), weighing.temperature);
    let log_ratio = log_probs(moved.forward(questions.clone(), given.clone()).log_probs) - log_probs(reference.clone());
    let preferred = preference_advantages(advantages.clone().sign(), log_ratio, completions, 0.1);
    // Ratios from the host: computed ones might lie on different sides of the clip.
    let clipped = clipped_advantages(advantages.clone(), advantages.clone() * 0.3, 0.2);
    let (losses, gradient) = moved.gradient(questions, given, advantages, mask, reference.clone(), weighing);
    let mut optimiser = ReplicaAdamW::new(0.9, 0.95, 0.01, 1.0);
    let (stepped, _) = optimiser.step(weights, pseudo_gradient.clone(), 1e-3);
    let (stepped, norm) = optimiser.step(stepped, pseudo_gradient * 0.5, 1e-3);

    let mut read_back = ReadBack::default();
    let tokens = read_back.ints(sampled);
    let numbers = [
        ("log_probs", read_back.floats(reference)),
        ("states", read_back.floats(states)),
        ("one_row", read_back.floats(one_row)),
        ("clipped_advantages", read_back.floats(clipped)),
        ("preference_advantages", read_back.floats(preferred)),
        ("loss", read_back.floats(losses)),
        ("gradient", read_back.floats(gradient)),
        ("adamw", read_back.floats(stepped)),
        ("gradient_norm", read_back.floats(norm)),
    ];
    let host = read_back.read().await?;
    let numbers = numbers.into_iter().map(|(name, numbers)| (name, host.get(numbers)));
    Ok(Outputs { numbers: numbers.collect(), tokens: host.get(tokens) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollster::block_on;

    #[test]
    fn a_device_that_returns_stale_or_broken_numbers_is_found_out() {
        let load = Load { replicas: 2, prompts: 2, completions: 2 };
        let cpu = block_on(run(load, &Device::flex())).unwrap();
        let again = block_on(run(load, &Device::flex())).unwrap();
        assert_eq!(again.largest_difference(&cpu).0, 0.0);
        for kind in 0..cpu.numbers.len() {
            let mut stale = cpu.clone();
            let last = stale.numbers[kind].1.len() - 1;
            stale.numbers[kind].1[last] += 1.0;
            assert_eq!(stale.largest_difference(&cpu).1, cpu.numbers[kind].0);
            stale.numbers[kind].1[last] = f32::NAN;
            assert_eq!(stale.largest_difference(&cpu).0, f32::INFINITY);
        }
    }
}
