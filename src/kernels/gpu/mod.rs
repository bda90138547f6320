//! The operations in CubeCL, for every GPU that burn knows.
//!
//! A launch costs more than the arithmetic of a model this small, so everything about a row, a
//! product with what goes before and after it, or an answer is one kernel, and the replica is a
//! dimension of the grid: R replicas take as many launches as one. A gradient takes 21 L + 10
//! launches for L blocks, AdamW two, a whole batch of sampled answers a single one.
//!
//! Each file has the kernels of a family and their launches; `decoder` puts them together, and this file
//! makes operations of them. Nothing depends on the order in which workgroups run, so results repeat bit
//! for bit on one device. Within WebGPU's default limits: at most 8 buffers a kernel with CubeCL's own, 256
//! units a workgroup, 16 KiB of shared memory ([`super::limits`]); no subgroups, no atomics, no infinities.

// CubeCL's macro expands to code with other names than one writes.
#![allow(missing_docs, reason = "the macro's items cannot be documented")]

mod activation;
mod adamw;
mod attention;
mod batch;
mod buffers;
mod decoder;
mod embedding;
mod launcher;
mod loss;
mod norm;
mod product;
mod reduce;
mod sampling;

use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::DType;
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;

use self::batch::Sizes;
use self::decoder::BlockTape;
use self::launcher::{Launcher, empty};
use super::limits::UNITS;
use super::{AdamWStep, DecoderOps, LossWeights, ModelConfig, Noise, Sampling};

pub use self::buffers::keep_buffers;

/// Less than any logarithm of a probability.
const LEAST: f32 = -1.0e30;

impl DecoderOps for CubeBackend {
    fn decoder_forward(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [weights, prompts, answers] = [weights, prompts, answers].map(into_contiguous);
        let [replicas, count, time] = answers.shape().dims();
        let s = Sizes::new(config, &prompts, [count, time]);
        let launcher = Launcher { weights: &weights, replicas, s };
        let states = empty(&weights, [config.layers + 1, replicas, count, config.width], DType::F32);
        let (residual, _) = launcher.embed(&prompts, &answers);
        launcher.keep(&residual, &states, 0);
        for layer in 0..config.layers {
            launcher.block(layer, &residual);
            launcher.keep(&residual, &states, layer + 1);
        }
        let (_, logits) = launcher.head(&residual);
        launcher.log_softmax(&logits);
        (logits, states)
    }

    fn decoder_sample(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        noise: FloatTensor<Self>,
        sampling: Sampling,
        config: ModelConfig,
    ) -> (IntTensor<Self>, FloatTensor<Self>) {
        assert_eq!(sampling.noise, Noise::Given, "a GPU is given its noise, with the logarithms of the host");
        let [weights, prompts, noise] = [weights, prompts, noise].map(into_contiguous);
        let [replicas, count, noises] = noise.shape().dims();
        let s = Sizes::new(config, &prompts, [count, noises / config.vocabulary]);
        Launcher { weights: &weights, replicas, s }.sample(prompts, noise, sampling)
    }

    fn decoder_gradient(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        advantages: FloatTensor<Self>,
        mask: FloatTensor<Self>,
        reference: FloatTensor<Self>,
        loss: LossWeights,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [weights, prompts, answers] = [weights, prompts, answers].map(into_contiguous);
        let [replicas, count, time] = answers.shape().dims();
        let s = Sizes::new(config, &prompts, [count, time]);
        let launcher = Launcher { weights: &weights, replicas, s };
        let gradient = launcher.floats(s.parameters);
        let (residual, tokens) = launcher.embed(&prompts, &answers);
        let tapes: Vec<BlockTape> = (0..config.layers).map(|layer| launcher.block(layer, &residual)).collect();
        let (normed, logits) = launcher.head(&residual);
        let [mask, reference] =
            [mask, reference].map(|tensor| if loss.kl == 0.0 { launcher.floats(1) } else { into_contiguous(tensor) });
        let losses = launcher.objective(&logits, answers, [into_contiguous(advantages), mask, reference], loss);
        // From here on, `residual` is the gradient with respect to the residual stream.
        let upstream = launcher.head_backward(&normed.output, &logits, &gradient);
        launcher.normalise_backward(&normed, s.offsets.final_norm, &upstream, &gradient, &residual);
        for (layer, tape) in tapes.iter().enumerate().rev() {
            launcher.block_backward(layer, tape, &residual, &gradient);
        }
        launcher.embed_backward(residual, tokens, &gradient);
        (losses, gradient)
    }

    fn adamw_step(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [weights, gradient, moments] = [weights, gradient, moments].map(into_contiguous);
        adamw::step(&weights, gradient, moments, step)
    }
}
