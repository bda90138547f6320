//! The maths that a sceptic would doubt, on models small enough to check by other means.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use common::{small_bases, small_experiment};
use hedgerow::facts::corpus::{Answer, Style, Token};
use hedgerow::facts::random::{Purpose, stream};
use hedgerow::judgement::advantage::preferences;
use hedgerow::judgement::experiment::{Algorithm, Arm};
use hedgerow::judgement::rater::{RaterPreset, Rating, Situation};
use hedgerow::judgement::reward::{Judged, Pool, group_rewards};
use hedgerow::kernels::LossWeights;
use hedgerow::kernels::ModelConfig;
use hedgerow::network::model::{Policy, upload_tokens};
use hedgerow::network::plain::{Decoder, policy_loss};
use hedgerow::network::sampler::{Draws, uniform};
use hedgerow::rl::finetune::Finetune;
use hedgerow::rl::policy_gradient::{clipped_advantages, kl_divergence, preference_advantages, token_log_probs};
use pollster::block_on;
use rand::RngExt;

const CONFIG: ModelConfig = ModelConfig { vocabulary: 9, context: 7, width: 8, heads: 2, layers: 2, tied: true };
const PROMPT: usize = 3;
const ANSWER: usize = 4;

fn tensor<const D: usize>(data: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(data, shape), &Device::flex())
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Weights large enough that the outputs are far from uniform.
fn weights(seed: u64) -> Vec<f32> {
    CONFIG.init(seed).into_iter().map(|weight| weight * 3.0).collect()
}

fn policy(seed: u64) -> Policy {
    Policy::new(CONFIG, &tensor(weights(seed), [1, CONFIG.parameters()]))
}

fn random_tokens(rows: usize, time: usize, seed: u64) -> Vec<Vec<Token>> {
    let mut rng = stream(seed, 0, Purpose::Prompts);
    (0..rows).map(|_| (0..time).map(|_| rng.random_range(0..CONFIG.vocabulary as Token)).collect()).collect()
}

/// Holds the gradient at weights(3) to central differences of the loss, along it and along random directions.
fn assert_gradient(gradient: &[f32], loss: impl Fn(Vec<f32>) -> f32) {
    let mut rng = stream(11, 0, Purpose::Initialisation);
    for direction in 0..6 {
        let direction: Vec<f32> = match direction {
            0 => gradient.to_vec(),
            _ => (0..gradient.len()).map(|_| rng.random_range(-1.0f32..1.0)).collect(),
        };
        let norm = direction.iter().map(|number| number * number).sum::<f32>().sqrt();
        let direction: Vec<f32> = direction.iter().map(|number| number / norm).collect();
        let step = 3e-3;
        let at = |sign: f32| {
            let moved = weights(3).iter().zip(&direction).map(|(weight, unit)| weight + sign * step * unit).collect();
            loss(moved)
        };
        let measured = (at(1.0) - at(-1.0)) / (2.0 * step);
        let predicted: f32 = gradient.iter().zip(&direction).map(|(gradient, unit)| gradient * unit).sum();
        let scale = gradient.iter().map(|number| number * number).sum::<f32>().sqrt();
        assert!(
            (measured - predicted).abs() < 0.01 * scale,
            "measured {measured}, predicted {predicted}, norm {scale}"
        );
    }
}

#[test]
fn the_gradient_of_the_policy_loss_agrees_with_finite_differences() {
    let device = Device::flex();
    let (prompts, answers) = (random_tokens(2, PROMPT, 1), random_tokens(4, ANSWER, 2));
    let (prompts, answers) = (upload_tokens(&[prompts], &device), upload_tokens(&[answers], &device));
    let reference = policy(5).forward(prompts.clone(), answers.clone()).log_probs;
    let mut rng = stream(7, 0, Purpose::Rater);
    let advantages = tensor((0..4 * ANSWER).map(|_| rng.random_range(-1.0..1.0)).collect(), [1, 4, ANSWER]);
    let mask =
        tensor((0..4 * ANSWER).map(|index| if index % ANSWER < 3 { 1.0 } else { 0.0 }).collect(), [1, 4, ANSWER]);
    let weighing = LossWeights { scale: 0.25, temperature: 0.8, kl: 0.3 };
    let loss = |weights: Vec<f32>| {
        let decoder = Decoder::new(CONFIG, &tensor(weights, [1, CONFIG.parameters()]));
        let (log_probs, _) = decoder.forward_answers(prompts.clone(), answers.clone());
        let (advantages, mask) = (advantages.clone(), mask.clone());
        numbers(policy_loss(log_probs, reference.clone(), answers.clone(), advantages, mask, weighing))[0]
    };
    let (losses, gradient) = policy(3).gradient(
        prompts.clone(),
        answers.clone(),
        advantages.clone(),
        mask.clone(),
        reference.clone(),
        weighing,
    );
    assert!((numbers(losses)[0] - loss(weights(3))).abs() < 1e-5);
    assert_gradient(&numbers(gradient), loss);
}

/// Answers to two prompts, four each, and what other policies say of them.
struct Batch {
    prompts: Tensor<3, Int>,
    answers: Tensor<3, Int>,
    tokens: Vec<Vec<Token>>,
}

const GROUP: usize = 4;
const TEMPERATURE: f32 = 0.8;

impl Batch {
    fn new() -> Self {
        let device = Device::flex();
        let tokens = random_tokens(2 * GROUP, ANSWER, 2);
        let prompts = upload_tokens(&[random_tokens(2, PROMPT, 1)], &device);
        Batch { prompts, answers: upload_tokens(std::slice::from_ref(&tokens), &device), tokens }
    }

    fn forward(&self, policy: &Policy) -> Tensor<4> {
        policy.forward(self.prompts.clone(), self.answers.clone()).log_probs
    }

    /// log π_T of the tokens as the library has it.
    fn log_probs(&self, policy: &Policy) -> Tensor<3> {
        token_log_probs(self.forward(policy), self.answers.clone(), TEMPERATURE)
    }

    /// The same by hand: `[answer × time]`.
    fn log_probs_by_hand(&self, policy: &Policy) -> Vec<f32> {
        let rows = numbers(self.forward(policy));
        let rows = rows.chunks(CONFIG.vocabulary).zip(self.tokens.iter().flatten());
        rows.map(|(row, token)| {
            let sum: f32 = row.iter().map(|log_prob| (log_prob / TEMPERATURE).exp()).sum();
            row[*token as usize] / TEMPERATURE - sum.ln()
        })
        .collect()
    }

    /// The kernel's gradient with these effective advantages and no KL.
    fn gradient(&self, policy: &Policy, advantages: Tensor<3>, scale: f32) -> Vec<f32> {
        let weighing = LossWeights { scale, temperature: TEMPERATURE, kl: 0.0 };
        let (prompts, answers) = (self.prompts.clone(), self.answers.clone());
        numbers(policy.gradient(prompts, answers, advantages.clone(), advantages, self.forward(policy), weighing).1)
    }
}

fn of(weights: Vec<f32>) -> Policy {
    Policy::new(CONFIG, &tensor(weights, [1, CONFIG.parameters()]))
}

#[test]
fn the_gradient_of_ppo_agrees_with_finite_differences_of_the_clipped_surrogate() {
    let (batch, clip, scale) = (Batch::new(), 0.2, 0.125);
    let mut rng = stream(7, 0, Purpose::Rater);
    let advantages: Vec<f32> = (0..2 * GROUP * ANSWER).map(|_| rng.random_range(-1.0f32..1.0)).collect();
    // The policy that sampled is near the present one: some ratios are clipped and others are not.
    let old = of(weights(3).into_iter().map(|weight| weight + rng.random_range(-0.04f32..0.04)).collect());
    let sampled = batch.log_probs_by_hand(&old);
    let surrogate = |weights: Vec<f32>| {
        let now = batch.log_probs_by_hand(&of(weights));
        let terms = now.iter().zip(&sampled).zip(&advantages).map(|((now, sampled), advantage)| {
            let ratio = (now - sampled).exp();
            (ratio * advantage).min(ratio.clamp(1.0 - clip, 1.0 + clip) * advantage)
        });
        -scale * terms.sum::<f32>()
    };
    let log_ratio = batch.log_probs(&policy(3)) - batch.log_probs(&old);
    let shaped = tensor(advantages.clone(), [1, 2 * GROUP, ANSWER]);
    let effective = clipped_advantages(shaped, log_ratio, clip);
    let clipped = numbers(effective.clone()).iter().filter(|advantage| **advantage == 0.0).count();
    assert!((3..2 * GROUP * ANSWER - 8).contains(&clipped), "{clipped} tokens are clipped");
    assert_gradient(&batch.gradient(&policy(3), effective, scale), surrogate);
}

#[test]
fn the_gradient_of_dpo_agrees_with_finite_differences_of_its_loss_over_spans() {
    let (batch, beta, scale) = (Batch::new(), 0.7, 0.5);
    // In each group one pair of openings and one of values; they share no token.
    let at = |answer: usize, time: usize| answer * ANSWER + time;
    let mut pools = [vec![0.0; 2 * GROUP * ANSWER], vec![0.0; 2 * GROUP * ANSWER]];
    for (pool, answer, tokens, sign) in [
        (0, 0, 0..2, 1.0),
        (0, 3, 0..4, -1.0),
        (0, 5, 0..1, 1.0),
        (0, 4, 0..3, -1.0),
        (1, 0, 2..3, -1.0),
        (1, 2, 1..2, 1.0),
    ] {
        tokens.for_each(|time| pools[pool][at(answer, time)] = sign);
    }
    let reference = batch.log_probs_by_hand(&policy(5));
    let loss = |weights: Vec<f32>| {
        let now = batch.log_probs_by_hand(&of(weights));
        let pairs = pools.iter().flat_map(|pool| [0, 1].map(|group| (pool, group * GROUP * ANSWER)));
        let losses = pairs.map(|(pool, first)| {
            let tokens = first..first + GROUP * ANSWER;
            if pool[tokens.clone()].iter().all(|sign| *sign == 0.0) {
                return 0.0;
            }
            let margin: f32 = tokens.map(|token| pool[token] * (now[token] - reference[token])).sum();
            (1.0 + (-beta * margin).exp()).ln()
        });
        scale * losses.sum::<f32>()
    };
    let log_ratio = batch.log_probs(&policy(3)) - batch.log_probs(&policy(5));
    let [opening, content] = pools
        .clone()
        .map(|pool| preference_advantages(tensor(pool, [1, 2 * GROUP, ANSWER]), log_ratio.clone(), GROUP, beta));
    assert_gradient(&batch.gradient(&policy(3), opening + content, scale), loss);
}

#[test]
fn with_one_number_an_answer_dpo_compares_whole_answers() {
    let (batch, beta) = (Batch::new(), 0.3);
    let situation = Situation { sensitive: true, uncomfortable: false, correct: None };
    let judged: Vec<Judged> = [0.1f32, 0.4, 0.9, -0.2, 0.0, 0.0, 0.0, 0.0]
        .into_iter()
        .map(|framing| Judged {
            answer: Answer { style: Style::Hedge, asserted: None, length: 3 },
            situation,
            rating: Rating { framing, ..Rating::default() },
        })
        .collect();
    let rater = RaterPreset::UncomfortableFacts.config();
    let mut rng = stream(0, 0, Purpose::Attribution);
    let rewards: Vec<_> =
        judged.chunks(GROUP).flat_map(|group| group_rewards(Arm::Scalar, &rater, group, &mut rng)).collect();
    let [opening, content] = [Pool::Opening, Pool::Content].map(|pool| preferences(&rewards, GROUP, ANSWER, pool));
    assert!(content.iter().flatten().all(|sign| *sign == 0.0), "a scalar has no spans for the value");
    let log_ratio = batch.log_probs(&policy(3)) - batch.log_probs(&policy(5));
    let effective = preference_advantages(tensor(opening.concat(), [1, 2 * GROUP, ANSWER]), log_ratio, GROUP, beta);

    let (now, reference) = (batch.log_probs_by_hand(&policy(3)), batch.log_probs_by_hand(&policy(5)));
    let sequence = |answer: usize| -> f32 {
        (answer * ANSWER..answer * ANSWER + 3).map(|token| now[token] - reference[token]).sum()
    };
    // Answer 2 is the best of the first group, 3 the worst; the second group is a tie.
    let weight = beta / (1.0 + (beta * (sequence(2) - sequence(3))).exp());
    for (answer, tokens) in numbers(effective).chunks(ANSWER).enumerate() {
        let expected = match answer {
            2 => weight,
            3 => -weight,
            _ => 0.0,
        };
        assert_eq!(tokens[3], 0.0, "the token after the end");
        assert!(tokens[..3].iter().all(|token| (token - expected).abs() < 1e-5), "{answer}: {tokens:?}, {expected}");
    }
}

#[test]
fn ppo_with_one_epoch_is_the_policy_gradient_and_more_epochs_go_on_from_there() {
    let run = |algorithm, epochs, ratio_clip| {
        let mut experiment = small_experiment(&[Arm::Scalar, Arm::Structured], &[0]);
        (experiment.finetune.algorithm, experiment.finetune.epochs) = (algorithm, epochs);
        experiment.finetune.ratio_clip = ratio_clip;
        let replicas = experiment.replicas();
        let mut run = Finetune::new(experiment, replicas, small_bases(), &Device::flex()).unwrap();
        for _ in 0..2 {
            block_on(run.step()).unwrap();
        }
        block_on(run.snapshot()).unwrap().weights
    };
    let plain = run(Algorithm::PolicyGradient, 1, 0.2);
    assert!(run(Algorithm::Ppo, 1, 0.2) == plain);
    let (tight, wide) = (run(Algorithm::Ppo, 3, 0.01), run(Algorithm::Ppo, 3, 1.0));
    let distance = |one: &[f32], other: &[f32]| {
        one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f32>().sqrt()
    };
    assert!(distance(&tight, &wide) > 1e-3 && distance(&plain, &wide) > 1e-3, "the clip and the epochs matter");
}

#[test]
fn no_token_sees_the_ones_after_it() {
    let device = Device::flex();
    let read = |prompts: &[Vec<Token>], answers: &[Vec<Token>]| {
        let (prompts, answers) =
            (upload_tokens(&[prompts.to_vec()], &device), upload_tokens(&[answers.to_vec()], &device));
        numbers(policy(4).forward(prompts, answers).log_probs)
    };
    let (prompts, mut answers) = (random_tokens(1, PROMPT, 8), random_tokens(1, ANSWER, 9));
    let before = read(&prompts, &answers);
    answers[0][1] = (answers[0][1] + 1) % CONFIG.vocabulary as Token;
    let after = read(&prompts, &answers);
    // Rows 0 and 1 predict the answer's tokens 0 and 1; row 2 has read token 1.
    let (same, different) = (2 * CONFIG.vocabulary, 2 * CONFIG.vocabulary..);
    assert_eq!(before[..same], after[..same]);
    assert_ne!(before[different.clone()], after[different]);
}

/// Draws first tokens and compares their frequencies with the model's probabilities.
fn sampled_frequencies(policy: &Policy, temperature: f32) -> (Vec<f32>, Vec<f32>) {
    let device = Device::flex();
    let draws = 20_000;
    let prompts = upload_tokens(&[random_tokens(1, PROMPT, 9)], &device);
    let uniform = vec![uniform(&mut stream(10, 0, Purpose::Sampling), draws, 1, CONFIG.vocabulary)];
    let (tokens, _) = policy.sample(prompts.clone(), Draws::upload(&uniform, draws, &device), temperature);
    let mut frequencies = vec![0.0; CONFIG.vocabulary];
    for token in tokens.into_data().iter::<i32>() {
        frequencies[token as usize] += 1.0 / draws as f32;
    }
    let log_probs = policy.next_log_probs(prompts) / temperature;
    (frequencies, numbers(log_softmax(log_probs, 2).exp()))
}

#[test]
fn tokens_are_drawn_from_the_models_distribution() {
    for temperature in [1.0, 0.5] {
        let (frequencies, probabilities) = sampled_frequencies(&policy(4), temperature);
        let spread = probabilities.iter().fold(0.0f32, |largest, probability| largest.max(*probability));
        assert!(spread > 0.2, "the model is too uniform to tell: {probabilities:?}");
        for (frequency, probability) in frequencies.iter().zip(&probabilities) {
            assert!((frequency - probability).abs() < 0.012, "{frequencies:?} against {probabilities:?}");
        }
    }
}

#[test]
fn a_uniform_model_samples_uniformly() {
    let uniform = Policy::new(CONFIG, &tensor(vec![0.0; CONFIG.parameters()], [1, CONFIG.parameters()]));
    for frequency in sampled_frequencies(&uniform, 1.0).0 {
        assert!((frequency - 1.0 / CONFIG.vocabulary as f32).abs() < 0.009, "{frequency}");
    }
}

#[test]
fn the_kl_divergence_is_that_of_the_formula_and_zero_only_for_equals() {
    let p = [0.7f32, 0.2, 0.1];
    let q = [0.5f32, 0.25, 0.25];
    let logs = |numbers: [f32; 3]| tensor(numbers.map(f32::ln).to_vec(), [1, 1, 1, 3]);
    let expected: f32 = p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum();
    assert!((numbers(kl_divergence(logs(p), logs(q)))[0] - expected).abs() < 1e-6);
    assert!(numbers(kl_divergence(logs(p), logs(p)))[0].abs() < 1e-7);
}

#[test]
fn the_policy_starts_at_the_reference_and_then_leaves_it() {
    let mut run = Finetune::new(
        small_experiment(&[Arm::Scalar], &[0]),
        small_experiment(&[Arm::Scalar], &[0]).replicas(),
        small_bases(),
        &Device::flex(),
    )
    .unwrap();
    let first = block_on(run.step()).unwrap();
    assert!(first[0].kl.abs() < 1e-5, "{}", first[0].kl);
    let second = block_on(run.step()).unwrap();
    assert!(second[0].kl > 1e-4 && second[0].gradient_norm > 0.0, "{:?}", second[0]);
}

#[test]
fn a_stack_of_replicas_equals_single_runs() {
    let experiment = small_experiment(&[Arm::Scalar, Arm::Structured], &[0, 1]);
    let run = |replicas: Vec<_>| {
        let mut run = Finetune::new(experiment.clone(), replicas, small_bases(), &Device::flex()).unwrap();
        let mut reports = vec![block_on(run.step()).unwrap()];
        reports.push(block_on(run.step()).unwrap());
        reports.push(block_on(run.step()).unwrap());
        (reports, block_on(run.snapshot()).unwrap().weights, block_on(run.measure()).unwrap())
    };
    let (stacked_reports, stacked_weights, stacked_measurements) = run(experiment.replicas());
    for (index, replica) in experiment.replicas().into_iter().enumerate() {
        let (reports, weights, measurements) = run(vec![replica]);
        let replica_weights = &stacked_weights[index * weights.len()..(index + 1) * weights.len()];
        let largest =
            replica_weights.iter().zip(&weights).map(|(stacked, single)| (stacked - single).abs()).fold(0.0, f32::max);
        assert!(largest < 1e-5, "{replica:?}: weights differ by {largest}");
        for (stacked, single) in stacked_reports.iter().zip(&reports) {
            assert_eq!(stacked[index].examples[0].words.len(), single[0].examples[0].words.len());
            assert!((stacked[index].scalar - single[0].scalar).abs() < 1e-5);
            assert!((stacked[index].gradient_norm - single[0].gradient_norm).abs() < 1e-4);
        }
        assert_eq!(stacked_measurements[index].answers, measurements[0].answers);
    }
    // And they are four different models.
    let count = stacked_weights.len() / 4;
    for (one, other) in [(0, 1), (0, 2), (1, 3)] {
        let weights_of = |index: usize| &stacked_weights[index * count..(index + 1) * count];
        assert!(weights_of(one) != weights_of(other), "replicas {one} and {other} are one model");
    }
}
