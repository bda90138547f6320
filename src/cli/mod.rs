//! The subcommands that are more than a call.

pub(crate) mod experiment;
pub(crate) mod figures;
pub(crate) mod pretrain;
pub(crate) mod results;
pub(crate) mod reward_model;
pub(crate) mod table;
