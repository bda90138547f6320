//! The fine-tune: a policy learns from rewards.

pub mod finetune;
pub mod policy_gradient;
