//! The loss: REINFORCE with given advantages, plus the KL divergence to the reference policy.
//!
//! On-policy, one update for each batch of rollouts, so that there is no importance ratio and
//! nothing to clip but the gradient. Losses are pure functions of log-probabilities.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};

use crate::experiment::FinetuneConfig;
use crate::model::{Cache, Policy, repeat_rows};

/// Log-probabilities, `[replica, answer, time, vocabulary]`, of all next tokens along given
/// answers `[replica, answer, time]` to prompts `[replica, prompt, time]`. Consecutive answers
/// belong to one prompt, which is read once for all of them.
pub fn answer_log_probs(policy: &Policy, prompts: Tensor<3, Int>, answers: Tensor<3, Int>) -> Tensor<4> {
    let [replicas, prompt_count, _] = prompts.dims();
    let [_, answer_count, time] = answers.dims();
    let completions = answer_count / prompt_count;
    let vocabulary = policy.config().vocabulary;
    let mut cache = Cache::default();
    let first = policy.next_log_probs(prompts, &mut cache).reshape([replicas * prompt_count, vocabulary]);
    let first = repeat_rows(first, completions).reshape([replicas, answer_count, 1, vocabulary]);
    if time == 1 {
        return first;
    }
    let mut cache = cache.repeat(completions);
    let residual = policy.residuals(answers.slice_dim(2, 0..time - 1), &mut cache).pop().expect("a residual stream");
    let rest = log_softmax(policy.logits(residual), 2).reshape([replicas, answer_count, time - 1, vocabulary]);
    Tensor::cat(vec![first, rest], 2)
}

/// KL(policy ‖ reference) in nats, exact over the vocabulary, for each position:
/// `[replica, answer, time]` from log-probabilities `[replica, answer, time, vocabulary]`.
pub fn kl_divergence(policy: Tensor<4>, reference: Tensor<4>) -> Tensor<3> {
    (policy.clone().exp() * (policy - reference)).sum_dim(3).squeeze_dim(3)
}

/// Entropy in nats for each position: `[replica, answer, time]`.
pub fn entropy(log_probs: Tensor<4>) -> Tensor<3> {
    (log_probs.clone().exp() * log_probs).sum_dim(3).squeeze_dim::<3>(3).neg()
}

/// Σ over replicas of the mean over answers of Σ over tokens of
/// −advantage · log π_T(token) + β · KL(π ‖ reference), π_T being the policy at the temperature
/// that the tokens were sampled with.
///
/// Replicas do not interact: the gradient of a replica's weights is that of its own mean.
/// `tokens`, `advantages` and `mask` (1 up to and including the end token, then 0) are
/// `[replica, answer, time]`.
pub fn loss(
    log_probs: Tensor<4>,
    reference: Tensor<4>,
    tokens: Tensor<3, Int>,
    advantages: Tensor<3>,
    mask: Tensor<3>,
    FinetuneConfig { temperature, kl, .. }: FinetuneConfig,
) -> Tensor<1> {
    let [_, answers, _, _] = log_probs.dims();
    let sampled_from = match temperature == 1.0 {
        true => log_probs.clone(),
        false => log_softmax(log_probs.clone() / temperature, 3),
    };
    let chosen = sampled_from.gather(3, tokens.unsqueeze_dim(3)).squeeze_dim::<3>(3);
    let objective = chosen * advantages - kl_divergence(log_probs, reference) * mask * kl;
    objective.sum().neg() / answers as f32
}
