//! What is computed from log-probabilities: diagnostics, and the advantages that make other losses
//! of the policy gradient.
//!
//! The kernel differentiates Σ (−advantage · log π_T(token) + kl · KL) with the advantages held
//! constant ([`crate::kernels::LossWeights`] has the formula). Any loss L of the tokens'
//! log-probabilities has the gradient Σ ∂L/∂log π_T(token) · ∇log π_T(token), so that the
//! *effective advantage* −∂L/∂log π_T(token), at the policy as it is, makes one kernel compute
//! REINFORCE, PPO and DPO. All stay on the device.
//!
//! π_T is the policy at the temperature T that the answers were sampled with: the ratio of PPO is
//! one of sampling probabilities, and DPO compares what was sampled.

use burn::tensor::activation::{log_softmax, sigmoid};
use burn::tensor::{Int, Tensor};

/// KL(policy ‖ reference) in nats, exact over the vocabulary, for each position:
/// `[replica, answer, time]` from log-probabilities `[replica, answer, time, vocabulary]`.
pub fn kl_divergence(policy: Tensor<4>, reference: Tensor<4>) -> Tensor<3> {
    (policy.clone().exp() * (policy - reference)).sum_dim(3).squeeze_dim(3)
}

/// Entropy in nats for each position: `[replica, answer, time]`.
pub fn entropy(log_probs: Tensor<4>) -> Tensor<3> {
    (log_probs.clone().exp() * log_probs).sum_dim(3).squeeze_dim::<3>(3).neg()
}

/// log π_T of given tokens `[replica, answer, time]`, of the same shape, from log-probabilities at
/// temperature 1, `[replica, answer, time, vocabulary]`.
pub fn token_log_probs(log_probs: Tensor<4>, tokens: Tensor<3, Int>, temperature: f32) -> Tensor<3> {
    log_softmax(log_probs / temperature, 3).gather(3, tokens.unsqueeze_dim(3)).squeeze_dim(3)
}

/// Effective advantages of PPO's clipped surrogate Σ min(ρ A, clip(ρ, 1 ± ε) A) (Schulman et al. 2017):
/// ρ A, and 0 where the clip binds. `log_ratio` is log ρ = log π_T − log π_T at sampling time; all are
/// `[replica, answer, time]`.
pub fn clipped_advantages(advantages: Tensor<3>, log_ratio: Tensor<3>, clip: f32) -> Tensor<3> {
    let ratio = log_ratio.exp();
    let too_high = ratio.clone().greater_elem(1.0 + clip).bool_and(advantages.clone().greater_elem(0.0));
    let too_low = ratio.clone().lower_elem(1.0 - clip).bool_and(advantages.clone().lower_elem(0.0));
    (advantages * ratio).mask_fill(too_high.bool_or(too_low), 0.0)
}

/// Effective advantages of DPO's −log σ(β margin) (Rafailov et al. 2023), summed over the pairs:
/// ± β σ(−β margin) on the tokens of a pair.
///
/// `preferences` are 1 on the preferred tokens of each group of consecutive answers, −1 on the
/// rejected, 0 elsewhere; `log_ratio` is log π_T − log reference_T, both `[replica, answer, time]`.
/// The margin is the sum of the preferred tokens' log-ratios less that of the rejected ones'.
pub fn preference_advantages(preferences: Tensor<3>, log_ratio: Tensor<3>, group: usize, beta: f32) -> Tensor<3> {
    let [replicas, answers, time] = preferences.dims();
    let pairs = [replicas, answers / group, group * time];
    let margin = (preferences.clone() * log_ratio).reshape(pairs).sum_dim(2);
    let advantage = sigmoid(margin * -beta) * beta;
    (preferences.reshape(pairs) * advantage).reshape([replicas, answers, time])
}
