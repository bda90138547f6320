//! The hot path: the decoder's forward pass, its gradient, sampling and AdamW, each as one
//! operation of burn's backends, fused by hand.
//!
//! A model this small is bound by launches on a GPU and by matrix products on a CPU, so stock
//! kernels and a recorded graph cost more than the arithmetic (docs/PERFORMANCE.md has the
//! figures). [`DecoderOps`] is implemented twice: in plain Rust for the CPU (`cpu`), and in CubeCL
//! for every GPU (`gpu`). Tests hold both to a decoder of plain burn operations with burn's own
//! automatic differentiation (`network::plain`), and to finite differences.
//!
//! **The rows of a batch.** Of R replicas each has G prompts of P tokens, and each prompt has
//! C answers of T tokens; consecutive answers belong to one prompt, A = G·C. An answer's row t is
//! the position *before* its token t: the inputs of an answer are the prompt's last token and the
//! answer without its last. So the first P − 1 tokens of a prompt are read once for all of its
//! answers (its *prefix*); row t stands at position P − 1 + t, sees the whole prefix of its prompt
//! and the answer's own rows up to itself. With P = 1 and C = 1 this is an ordinary batch.

pub(crate) mod config;
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(crate) mod limits;
pub(crate) mod maths;

#[cfg(feature = "gpu")]
pub use gpu::keep_buffers;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Int, Tensor};

pub use config::{ImpossibleShape, ModelConfig, TensorSpec};
pub use limits::{BatchSize, TooLarge, fits_gpu};

/// Added to a variance before its root is taken.
pub(crate) const NORM_EPSILON: f32 = 1e-5;

/// The coefficients of the loss of a policy, [`crate::network::plain::policy_loss`]:
/// `scale · Σ (−advantage · log π_T(token) + kl · mask · KL(π ‖ reference))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossWeights {
    /// Factor of the whole sum; 1 / answers makes it a mean over answers.
    pub scale: f32,
    /// The temperature T that the tokens were sampled with.
    pub temperature: f32,
    /// Coefficient of the KL divergence; with 0 the reference and the mask are not read.
    pub kl: f32,
}

/// How answers are sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Divides the log-probabilities.
    pub temperature: f32,
    /// The token that ends an answer, after which there is nothing else, if there is one.
    pub end: Option<i32>,
    /// What is given as noise.
    pub noise: Noise,
}

/// Of what noise consists that is added to log-probabilities, so that the largest sum chooses a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// Of the numbers that are given.
    Given,
    /// Of Gumbel noise, −ln(−ln u), of uniform numbers u that are given: computed where it can decide. On the CPU alone,
    /// because a GPU's logarithm has other digits.
    Gumbel,
}

/// The settings of one step of AdamW (Loshchilov & Hutter, 2019).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWStep {
    /// Step size.
    pub learning_rate: f32,
    /// Decay of the running mean of gradients.
    pub beta_1: f32,
    /// Decay of the running mean of their squares.
    pub beta_2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Decoupled: weights shrink by the step size times this.
    pub weight_decay: f32,
    /// Norm to which a longer gradient of a replica is scaled down; infinite for no clipping.
    pub max_grad_norm: f32,
}

/// AdamW's moments before the first step of `weights [R, N]`: `[2, R, N + 1]`, the mean of the
/// gradients and the mean of their squares.
///
/// The last column of each is the mean of ones, 1 − βᵗ after t steps: what a mean that began at zero
/// has to be divided by. So a step needs to know no time, and every step launches the same kernels
/// with the same arguments: CubeCL keeps a buffer for each that it has not seen.
pub(crate) fn no_moments(weights: &Tensor<2>) -> Tensor<3> {
    let [replicas, parameters] = weights.dims();
    Tensor::zeros([2, replicas, parameters + 1], &weights.device())
}

/// The operations. Sizes: R replicas, G prompts of P tokens, A = G·C answers of T tokens, V tokens
/// in the vocabulary, N parameters in the order of [`ModelConfig::tensors`], L blocks of width D.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"))]
pub trait DecoderOps: Backend {
    /// Log-probabilities of the tokens of given answers, `[R, A·T, V]`, and the residual stream at
    /// each answer's last row, after the embedding and after each block, `[L + 1, R, A, D]`.
    ///
    /// `weights [R, N]`, `prompts [R, G, P]`, `answers [R, A, T]`.
    fn decoder_forward(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// Samples A answers of T tokens: `[R, A, T]`, and the log-probabilities at temperature 1 that
    /// they were drawn from, `[R, A·T, V]`.
    ///
    /// `weights [R, N]`, `prompts [R, G, P]`, `noise [R, A, T·V]` as [`Noise`] says. A token is the smallest argmax of
    /// log-probability / temperature + noise; Gumbel noise makes it a draw, zeros the mode. After the token that ends an
    /// answer it is that token again.
    fn decoder_sample(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        noise: FloatTensor<Self>,
        sampling: Sampling,
        config: ModelConfig,
    ) -> (IntTensor<Self>, FloatTensor<Self>);

    /// The loss of each replica, `[R]` ([`crate::network::plain::policy_loss`]), and its gradient with respect to
    /// the weights, `[R, N]`.
    ///
    /// `weights [R, N]`, `prompts [R, G, P]`, `answers [R, A, T]`, `advantages [R, A, T]`,
    /// `mask [R, A, T]` (1 where the KL counts), `reference [R, A·T, V]` log-probabilities.
    #[allow(clippy::too_many_arguments, reason = "tensors of a backend do not group without a type for each backend")]
    fn decoder_gradient(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        advantages: FloatTensor<Self>,
        mask: FloatTensor<Self>,
        reference: FloatTensor<Self>,
        loss: LossWeights,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// One step of AdamW: the new weights `[R, N]`, the new moments `[2, R, N + 1]` ([`no_moments`]),
    /// and the gradient's norm before clipping, `[R]`.
    fn adamw_step(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// [`DecoderOps::decoder_forward`].
pub(crate) fn forward(
    weights: Tensor<2>,
    prompts: Tensor<3, Int>,
    answers: Tensor<3, Int>,
    config: ModelConfig,
) -> (Tensor<3>, Tensor<4>) {
    let (log_probs, states) =
        Dispatch::decoder_forward(weights.into_dispatch(), prompts.into_dispatch(), answers.into_dispatch(), config);
    (Tensor::from_dispatch(log_probs), Tensor::from_dispatch(states))
}

/// [`DecoderOps::decoder_sample`].
pub(crate) fn sample(
    weights: Tensor<2>,
    prompts: Tensor<3, Int>,
    noise: Tensor<3>,
    sampling: Sampling,
    config: ModelConfig,
) -> (Tensor<3, Int>, Tensor<3>) {
    let (tokens, log_probs) = Dispatch::decoder_sample(
        weights.into_dispatch(),
        prompts.into_dispatch(),
        noise.into_dispatch(),
        sampling,
        config,
    );
    (Tensor::from_dispatch(tokens), Tensor::from_dispatch(log_probs))
}

/// [`DecoderOps::decoder_gradient`] of `[prompts, answers]` and `[advantages, mask, reference]`.
pub(crate) fn gradient(
    weights: Tensor<2>,
    [prompts, answers]: [Tensor<3, Int>; 2],
    [advantages, mask, reference]: [Tensor<3>; 3],
    loss: LossWeights,
    config: ModelConfig,
) -> (Tensor<1>, Tensor<2>) {
    let (losses, gradient) = Dispatch::decoder_gradient(
        weights.into_dispatch(),
        prompts.into_dispatch(),
        answers.into_dispatch(),
        advantages.into_dispatch(),
        mask.into_dispatch(),
        reference.into_dispatch(),
        loss,
        config,
    );
    (Tensor::from_dispatch(losses), Tensor::from_dispatch(gradient))
}

/// [`DecoderOps::adamw_step`].
pub(crate) fn adamw(
    weights: Tensor<2>,
    gradient: Tensor<2>,
    moments: Tensor<3>,
    step: AdamWStep,
) -> (Tensor<2>, Tensor<3>, Tensor<1>) {
    let (weights, moments, norms) =
        Dispatch::adamw_step(weights.into_dispatch(), gradient.into_dispatch(), moments.into_dispatch(), step);
    (Tensor::from_dispatch(weights), Tensor::from_dispatch(moments), Tensor::from_dispatch(norms))
}
