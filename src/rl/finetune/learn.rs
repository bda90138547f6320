//! From rewards to weights: what each token is credited with, and the optimiser's steps.

use burn::tensor::{Tensor, TensorData};

use super::Finetune;
use super::rollouts::{Completion, Questions, Rollouts};
use crate::judgement::advantage::{group_relative, preferences};
use crate::judgement::experiment::{Algorithm, FinetuneConfig};
use crate::judgement::reward::{Pool, SpanReward};
use crate::kernels::LossWeights;
use crate::rl::policy_gradient::{clipped_advantages, preference_advantages, token_log_probs};

/// A number for each token, `[replica][answer][time]`.
pub type PerToken = Vec<Vec<Vec<f32>>>;

/// What comes of comparing the spans of a group; on the host or on the device.
#[derive(Debug, Clone, PartialEq)]
pub enum Credit<T> {
    /// How much better each is than its baseline.
    Advantages(T),
    /// For each pool, 1 on the best and −1 on the worst.
    Preferences([T; 2]),
}

impl<T> Credit<T> {
    fn map<U>(&self, change: impl Fn(&T) -> U) -> Credit<U> {
        match self {
            Credit::Advantages(advantages) => Credit::Advantages(change(advantages)),
            Credit::Preferences(pools) => Credit::Preferences(pools.each_ref().map(change)),
        }
    }
}

impl Credit<PerToken> {
    /// Of one answer's tokens, pools together, `[time]`.
    pub fn of(&self, replica: usize, answer: usize) -> Vec<f32> {
        match self {
            Credit::Advantages(advantages) => advantages[replica][answer].clone(),
            Credit::Preferences([opening, content]) => {
                let (opening, content) = (&opening[replica][answer], &content[replica][answer]);
                opening.iter().zip(content).map(|(opening, content)| opening + content).collect()
            }
        }
    }
}

impl Finetune {
    /// What each token gets: spans against their group.
    pub(super) fn compare(&self, rewards: &[Vec<Vec<SpanReward>>]) -> Credit<PerToken> {
        let FinetuneConfig { completions, baseline, algorithm, .. } = self.experiment.finetune;
        let length = self.corpora[0].layout.answer;
        match algorithm {
            Algorithm::PolicyGradient | Algorithm::Ppo => {
                let advantages = |rewards: &Vec<_>| group_relative(rewards, completions, length, baseline);
                Credit::Advantages(rewards.iter().map(advantages).collect())
            }
            Algorithm::Dpo => Credit::Preferences([Pool::Opening, Pool::Content].map(|pool| {
                let preferences = |rewards: &Vec<_>| preferences(rewards, completions, length, pool);
                rewards.iter().map(preferences).collect()
            })),
        }
    }

    /// The optimiser's steps of every replica, one an epoch. The loss is a mean over answers; DPO's
    /// is a mean over prompts, each of which has at most one pair in a pool.
    pub(super) fn learn(&mut self, questions: &Questions, rollouts: &Rollouts, credit: &Credit<PerToken>) {
        let FinetuneConfig { prompts, completions, temperature, learning_rate, .. } = self.experiment.finetune;
        let FinetuneConfig { kl, epochs, ratio_clip, dpo_beta, .. } = self.experiment.finetune;
        let length = self.corpora[0].layout.answer;
        let shape = [self.replicas.len(), prompts * completions, length];
        let upload = |data: Vec<f32>| Tensor::<3>::from_data(TensorData::new(data, shape), &self.device);
        let credit = credit.map(|numbers| upload(numbers.iter().flatten().flatten().copied().collect()));
        let mask = rollouts.completions.iter().flatten().flat_map(|Completion { answer, .. }| {
            (0..length).map(|position| if position < answer.length { 1.0 } else { 0.0 })
        });
        let mask = upload(mask.collect());
        let loss = match credit {
            Credit::Advantages(_) => LossWeights { scale: 1.0 / shape[1] as f32, temperature, kl },
            Credit::Preferences(_) => LossWeights { scale: 1.0 / prompts as f32, temperature, kl: 0.0 },
        };

        self.before = Some(self.state.clone());
        for epoch in 0..epochs {
            let policy = self.policy();
            let given = |log_probs: Tensor<4>| token_log_probs(log_probs, rollouts.tokens.clone(), temperature);
            let now = || match epoch {
                0 => rollouts.log_probs.clone(),
                _ => policy.forward(questions.prompts.clone(), rollouts.tokens.clone()).log_probs,
            };
            let advantages = match &credit {
                // Every ratio is 1.
                Credit::Advantages(advantages) if epoch == 0 => advantages.clone(),
                Credit::Advantages(advantages) => {
                    let log_ratio = given(now()) - given(rollouts.log_probs.clone());
                    clipped_advantages(advantages.clone(), log_ratio, ratio_clip)
                }
                Credit::Preferences(pools) => {
                    let log_ratio = given(now()) - given(rollouts.reference.clone());
                    let [opening, content] = pools
                        .each_ref()
                        .map(|pool| preference_advantages(pool.clone(), log_ratio.clone(), completions, dpo_beta));
                    opening + content
                }
            };
            let (prompts, tokens) = (questions.prompts.clone(), rollouts.tokens.clone());
            let (_, gradient) =
                policy.gradient(prompts, tokens, advantages, mask.clone(), rollouts.reference.clone(), loss);
            (self.state.weights, self.state.gradient_norm) =
                self.state.optimiser.step(self.state.weights.clone(), gradient, learning_rate);
        }
        self.state.update += 1;
    }
}
