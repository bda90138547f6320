//! What is computed from log-probabilities: the loss is REINFORCE with given advantages plus the
//! KL divergence to the reference policy, and these are the diagnostics beside it.
//!
//! On-policy, one update for each batch of rollouts, so that there is no importance ratio and
//! nothing to clip but the gradient. [`crate::kernels::LossWeights`] has the formula.

use burn::tensor::Tensor;

/// KL(policy ‖ reference) in nats, exact over the vocabulary, for each position:
/// `[replica, answer, time]` from log-probabilities `[replica, answer, time, vocabulary]`.
pub fn kl_divergence(policy: Tensor<4>, reference: Tensor<4>) -> Tensor<3> {
    (policy.clone().exp() * (policy - reference)).sum_dim(3).squeeze_dim(3)
}

/// Entropy in nats for each position: `[replica, answer, time]`.
pub fn entropy(log_probs: Tensor<4>) -> Tensor<3> {
    (log_probs.clone().exp() * log_probs).sum_dim(3).squeeze_dim::<3>(3).neg()
}
