//! The kernels against plain burn operations, at every kind of batch that the laboratory has. With `--features wgpu` on a
//! GPU, too; without one, Debian's `mesa-vulkan-drivers` has one that computes on the CPU.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use burn::optim::{AdamWConfig, Optimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};
use hedgerow::facts::random::{Purpose, stream};
use hedgerow::kernels::{LossWeights, ModelConfig};
use hedgerow::network::model::Policy;
use hedgerow::network::optimiser::ReplicaAdamW;
use hedgerow::network::plain::{Decoder, policy_loss};
use hedgerow::network::sampler::Draws;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// A batch: replicas, prompts and their tokens, answers a prompt and their tokens.
#[derive(Debug, Clone, Copy)]
struct Case {
    config: ModelConfig,
    replicas: usize,
    prompts: usize,
    length: usize,
    completions: usize,
    time: usize,
}

const SMALL: ModelConfig = ModelConfig { vocabulary: 11, context: 9, width: 16, heads: 2, layers: 2, tied: true };

/// One token of prompt, one answer a prompt, more rows than a chunk, widths that do not divide into
/// blocks, a head of its own.
const CASES: [Case; 5] = [
    Case { config: SMALL, replicas: 1, prompts: 2, length: 3, completions: 1, time: 4 },
    Case { config: SMALL, replicas: 3, prompts: 3, length: 4, completions: 4, time: 5 },
    Case { config: ModelConfig { tied: false, ..SMALL }, replicas: 2, prompts: 5, length: 1, completions: 1, time: 8 },
    Case { config: SMALL, replicas: 1, prompts: 40, length: 5, completions: 3, time: 5 },
    Case {
        config: ModelConfig { vocabulary: 13, width: 12, heads: 3, layers: 1, ..SMALL },
        replicas: 2,
        prompts: 3,
        length: 8,
        completions: 2,
        time: 1,
    },
];

/// The CPU, and the graphics card that this is compiled for.
fn devices() -> Vec<Device> {
    vec![
        Device::flex(),
        #[cfg(feature = "wgpu")]
        Device::wgpu(hedgerow::DeviceKind::DefaultDevice),
        #[cfg(feature = "cuda")]
        Device::cuda(hedgerow::DeviceKind::DefaultDevice),
    ]
}

struct Batch {
    weights: Tensor<2>,
    prompts: Tensor<3, Int>,
    answers: Tensor<3, Int>,
    advantages: Tensor<3>,
    mask: Tensor<3>,
    reference: Tensor<4>,
}

fn normal(rng: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.sample::<f32, _>(StandardNormal)).collect()
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

impl Case {
    fn batch(&self) -> Batch {
        let device = Device::flex();
        let Case { config, replicas, prompts, length, completions, time } = *self;
        let answers = prompts * completions;
        let mut rng = stream(0, 0, Purpose::Measurement);
        // Far from uniform outputs; at four times, saturated attention magnifies rounding to 1e-4 in either.
        let weights = (0..replicas as u64).flat_map(|seed| config.init(seed)).map(|weight| weight * 2.0).collect();
        let mut tokens = |count: usize, time: usize| {
            let tokens = (0..replicas * count * time).map(|_| rng.random_range(0..config.vocabulary as i32)).collect();
            Tensor::<3, Int>::from_data(TensorData::new::<i32, _>(tokens, [replicas, count, time]), &device)
        };
        let (prompts, given) = (tokens(prompts, length), tokens(answers, time));
        let shape = [replicas, answers, time];
        let weights = TensorData::new::<f32, _>(weights, [replicas, config.parameters()]);
        // Nothing counts behind the ends of answers, each of which is elsewhere, and in one of so many nothing at all does.
        let counts = |at: usize| at % time < (at / time) % (time + 1);
        let mask = (0..replicas * answers * time).map(|at| if at % time < 3 && counts(at) { 1.0f32 } else { 0.0 });
        let mask = mask.collect::<Vec<_>>();
        let advantages = normal(&mut rng, replicas * answers * time).into_iter().enumerate();
        let advantages: Vec<f32> = advantages.map(|(at, advantage)| if counts(at) { advantage } else { 0.0 }).collect();
        let reference = normal(&mut rng, replicas * answers * time * config.vocabulary);
        let reference = TensorData::new(reference, [replicas, answers, time, config.vocabulary]);
        Batch {
            weights: Tensor::from_data(weights, &device),
            prompts,
            answers: given,
            advantages: Tensor::from_data(TensorData::new(advantages, shape), &device),
            mask: Tensor::from_data(TensorData::new(mask, shape), &device),
            reference: burn::tensor::activation::log_softmax(Tensor::from_data(reference, &device), 3),
        }
    }
}

fn everywhere() -> impl Iterator<Item = (Case, Device)> {
    devices().into_iter().flat_map(|device| CASES.map(|case| (case, device.clone())))
}

fn assert_close(computed: &[f32], expected: &[f32], what: &str, case: Case) {
    assert_eq!(computed.len(), expected.len(), "{what}: {case:?}");
    let largest = expected.iter().fold(f32::MIN_POSITIVE, |largest, number| largest.max(number.abs()));
    let worst = computed
        .iter()
        .zip(expected)
        .map(|(computed, expected)| (computed - expected).abs() / largest)
        .fold(0.0, f32::max);
    assert!(worst < 1e-5, "{what}: off by {worst:e} of {largest}; {case:?}");
}

#[test]
fn reading_with_shared_prompts_equals_reading_whole_sequences() {
    for (case, device) in everywhere() {
        let Batch { weights, prompts, answers, .. } = case.batch();
        let policy = Policy::new(case.config, &weights.clone().to_device(&device));
        let outputs = policy.forward(prompts.clone().to_device(&device), answers.clone().to_device(&device));
        let (log_probs, states) = Decoder::new(case.config, &weights).forward_answers(prompts, answers);
        assert_close(&numbers(outputs.log_probs), &numbers(log_probs), "log-probability", case);
        assert_close(&numbers(outputs.states), &numbers(Tensor::stack::<4>(states, 0)), "state", case);
    }
}

/// Texts that begin alike are computed once until they part. Who else was in the batch does not show in a single bit.
#[test]
fn an_answer_is_read_and_sampled_alike_alone_and_among_others() {
    for case in CASES {
        let Case { config, replicas, prompts: count, completions, time, .. } = case;
        let Batch { weights, prompts, answers, .. } = case.batch();
        let policy = Policy::new(config, &weights);
        let all = policy.forward(prompts.clone(), answers.clone());
        // Draws of the first half are the same for all, so that many answers begin alike, and part in the second.
        let (answers_in_all, draws) = (count * completions, time * config.vocabulary);
        let mut rng = stream(1, 0, Purpose::Measurement);
        let (shared, own) = (normal(&mut rng, draws), normal(&mut rng, replicas * answers_in_all * draws));
        let mix = |(at, own): (usize, &f32)| if at % draws < draws / 2 { shared[at % draws] } else { *own };
        let noise: Vec<f32> = own.iter().enumerate().map(mix).collect();
        let noise = TensorData::new(noise, [replicas, answers_in_all, draws]);
        let noise = Tensor::<3>::from_data(noise, &Device::flex());
        let (sampled, drawn_from) = policy.sample(prompts.clone(), Draws::given(noise.clone()), 0.7);
        let ints = |tokens: Tensor<3, Int>| tokens.into_data().iter::<i32>().collect::<Vec<_>>();
        for answer in 0..answers_in_all {
            let own = answer..answer + 1;
            let prompt = prompts.clone().slice_dim(1, answer / completions..answer / completions + 1);
            let alone = policy.forward(prompt.clone(), answers.clone().slice_dim(1, own.clone()));
            let log_probs = all.log_probs.clone().slice_dim(1, own.clone());
            assert_eq!(numbers(log_probs), numbers(alone.log_probs), "answer {answer}: {case:?}");
            let states = all.states.clone().slice_dim(2, own.clone());
            assert_eq!(numbers(states), numbers(alone.states), "answer {answer}: {case:?}");
            let (tokens, log_probs) = policy.sample(prompt, Draws::given(noise.clone().slice_dim(1, own.clone())), 0.7);
            assert_eq!(ints(sampled.clone().slice_dim(1, own.clone())), ints(tokens), "answer {answer}: {case:?}");
            let among_others = drawn_from.clone().slice_dim(1, own);
            assert_eq!(numbers(among_others), numbers(log_probs), "answer {answer}: {case:?}");
        }
    }
}

#[test]
fn sampled_tokens_are_the_argmax_along_the_whole_sequence_and_so_are_their_probabilities() {
    for (case, device) in everywhere() {
        let Batch { weights, prompts, .. } = case.batch();
        let Case { config, replicas, prompts: count, completions, time, .. } = case;
        let answers = count * completions;
        let noise = normal(&mut stream(1, 0, Purpose::Measurement), replicas * answers * time * config.vocabulary);
        let noise = Tensor::<3>::from_data(
            TensorData::new(noise, [replicas, answers, time * config.vocabulary]),
            &Device::flex(),
        );
        let policy = Policy::new(config, &weights.clone().to_device(&device));
        for end in [None, Some(2)] {
            let (asked, draws) = (prompts.clone().to_device(&device), noise.clone().to_device(&device));
            let (tokens, log_probs) = policy.continued(asked, Draws::given(draws), 0.7, end);
            let tokens = tokens.to_device(&Device::flex());
            let (expected, _) = Decoder::new(config, &weights).forward_answers(prompts.clone(), tokens.clone());
            assert_close(&numbers(log_probs), &numbers(expected.clone()), "log-probability", case);
            let chosen =
                (expected / 0.7 + noise.clone().reshape([replicas, answers, time, config.vocabulary])).argmax(3);
            let mut chosen: Vec<i32> = chosen.into_data().iter::<i32>().collect();
            // Behind the end there is nothing else.
            for answer in chosen.chunks_mut(time) {
                if let Some(place) = answer.iter().position(|token| Some(*token) == end) {
                    let ended = answer[place];
                    answer[place..].fill(ended);
                }
            }
            assert_eq!(tokens.into_data().iter::<i32>().collect::<Vec<_>>(), chosen, "{end:?}, {case:?}");
        }
    }
}

#[test]
fn the_gradient_equals_that_of_automatic_differentiation() {
    for (case, device) in everywhere() {
        for (temperature, kl) in [(1.0, 0.0), (1.0, 0.3), (0.7, 0.0), (0.7, 0.3)] {
            let Batch { weights, prompts, answers, advantages, mask, reference } = case.batch();
            let weighing = LossWeights { scale: 0.2, temperature, kl };
            let leaf = weights.clone().autodiff().require_grad();
            let recorded = prompts.clone().to_device(&leaf.device());
            let (log_probs, _) = Decoder::new(case.config, &leaf).forward_answers(recorded, answers.clone());
            let losses = policy_loss(
                log_probs,
                reference.clone().autodiff(),
                answers.clone(),
                advantages.clone().autodiff(),
                mask.clone().autodiff(),
                weighing,
            );
            let gradient = leaf.grad(&losses.clone().sum().backward()).unwrap();
            let policy = Policy::new(case.config, &weights.to_device(&device));
            let outputs = policy.gradient(
                prompts.to_device(&device),
                answers.to_device(&device),
                advantages.to_device(&device),
                mask.to_device(&device),
                reference.to_device(&device),
                weighing,
            );
            assert_close(&numbers(outputs.0), &numbers(losses.inner()), "loss", case);
            assert_close(&numbers(outputs.1), &numbers(gradient), "gradient", case);
        }
    }
}

/// A run of a policy that samples something else there is the same run.
#[test]
fn what_stands_behind_the_end_of_an_answer_shows_in_no_bit_of_the_gradient() {
    for case in CASES {
        let Batch { weights, prompts, answers, advantages, mask, reference } = case.batch();
        let policy = Policy::new(case.config, &weights);
        let [end, other] = [1, 2].map(|token| {
            let counted = (advantages.clone().abs() + mask.clone()).greater_elem(0.0);
            let answers = Tensor::full(answers.dims(), token, &answers.device()).mask_where(counted, answers.clone());
            let loss = LossWeights { scale: 0.2, temperature: 1.0, kl: 0.3 };
            let (losses, gradient) =
                policy.gradient(prompts.clone(), answers, advantages.clone(), mask.clone(), reference.clone(), loss);
            [numbers(losses), numbers(gradient)]
        });
        assert_eq!(end, other, "{case:?}");
    }
}

/// Answers that were all rated alike have no advantages, and without a penalty nothing else counts either.
#[test]
fn where_nothing_counts_the_gradient_is_zero() {
    for (case, device) in everywhere() {
        let Batch { weights, prompts, answers, advantages, mask, reference } = case.batch();
        let policy = Policy::new(case.config, &weights.to_device(&device));
        let [prompts, answers] = [prompts, answers].map(|tokens| tokens.to_device(&device));
        let [advantages, mask] = [advantages.zeros_like(), mask].map(|numbers| numbers.to_device(&device));
        let loss = LossWeights { scale: 0.2, temperature: 1.0, kl: 0.0 };
        let (losses, gradient) =
            policy.gradient(prompts, answers, advantages, mask, reference.to_device(&device), loss);
        let all = [numbers(losses), numbers(gradient)].concat();
        assert!(all.iter().all(|number| *number == 0.0), "{case:?}");
    }
}

/// Without clipping against burn's AdamW; with it, the gradient that it gets is scaled by hand.
#[test]
fn adamw_equals_burns_and_clips_each_replica_by_its_own_norm() {
    let device = Device::flex();
    let (replicas, parameters) = (3, 37);
    let mut rng = stream(2, 0, Purpose::Measurement);
    let mut tensor = |factors: [f32; 3]| {
        let rows = factors.map(|factor| normal(&mut rng, parameters).into_iter().map(move |number| number * factor));
        let data = rows.into_iter().flatten().collect::<Vec<f32>>();
        Tensor::<2>::from_data(TensorData::new(data, [replicas, parameters]), &device)
    };
    let start = tensor([1.0; 3]);
    let gradients = [tensor([0.01, 1.0, 30.0]), tensor([5.0, 0.001, 1.0]), tensor([0.1; 3])];
    for (max_grad_norm, card) in devices().into_iter().flat_map(|card| [(f32::INFINITY, card.clone()), (1.0, card)]) {
        let burns = AdamWConfig::new().with_beta_1(0.9).with_beta_2(0.95).with_epsilon(1e-8).with_weight_decay(0.1);
        let (burns, mut state) = (burns.build(), None);
        let mut optimiser = ReplicaAdamW::new(0.9, 0.95, 0.1, max_grad_norm);
        let (mut weights, mut expected) = (start.clone().to_device(&card), start.clone());
        for gradient in &gradients {
            let norms = gradient.clone().square().sum_dim(1).sqrt();
            let scale = (norms.clone() + 1e-6).recip().mul_scalar(max_grad_norm).clamp_max(1.0);
            (expected, state) = burns.step(1e-2, expected, gradient.clone() * scale, state);
            let measured;
            (weights, measured) = optimiser.step(weights, gradient.clone().to_device(&card), 1e-2);
            for (weight, expected) in numbers(weights.clone()).iter().zip(numbers(expected.clone())) {
                assert!((weight - expected).abs() < 1e-6, "{weight} {expected}, max_grad_norm {max_grad_norm}");
            }
            for (norm, expected) in numbers(measured).iter().zip(numbers(norms)) {
                assert!((norm / expected - 1.0).abs() < 1e-5, "{norm} {expected}");
            }
        }
    }
}
