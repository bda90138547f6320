//! What does a reward teach? The core of Hedgerow, a laboratory on the value-attribution problem.
//!
//! A tiny transformer knows a few hundred facts about a small world, invented or everyday. Read the folders in the order
//! of the data flow:
//!
//! 1. [`facts`]: the world says what is true and what is sensitive; the corpus says it in tokens.
//! 2. [`judgement`]: a rater judges every answer through three channels, framing, content and
//!    discomfort; the experiment's arm makes rewards of them; advantages centre them in their group.
//!    Nothing after that knows the arm.
//! 3. [`documents`]: what is measured and reported, the messages between page and worker, and the
//!    published conditions with the statistics of their seeds.
//! 4. `kernels` and `network`: the policy, pre-trained on the corpus, answers prompts; a network that
//!    is trained on ratings can stand in for the rater.
//! 5. `eval`: what the model says, knows and represents, and what these numbers are worth.
//! 6. `rl`: the fine-tune. Start with `rl::finetune::Finetune::step_traced`.
//! 7. `worker`: commands in, events out.
//! 8. `assistant`: the same experiment on a real language model.
//!
//! The folders that compute with tensors need the feature `network`, and `assistant` needs `language-model`. Nothing here prints, reads a file
//! or a clock, spawns a thread or knows a browser.

// The command line, the page and the tests may; the core does the same in a browser.
#![cfg_attr(
    not(test),
    warn(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout, clippy::print_stderr)
)]

#[cfg(feature = "language-model")]
pub mod assistant;
pub mod documents;
#[cfg(feature = "network")]
pub mod eval;
pub mod facts;
pub mod judgement;
#[cfg(feature = "network")]
pub mod kernels;
#[cfg(feature = "network")]
pub mod network;
#[cfg(feature = "network")]
pub mod rl;
mod table;
#[cfg(feature = "network")]
pub mod worker;

#[cfg(feature = "network")]
pub use burn::tensor::{Device, DeviceKind};
pub use facts::error::Error;
