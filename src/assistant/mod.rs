//! The same experiment on a real language model: facts that it brought along, in free English.
//!
//! 1. `world`: a world file names entities, relations with a few values each, and how people ask and answer.
//! 2. `parser`: what a free answer asserts, and how.
//! 3. `teacher`: the warm start, which shows the model the three styles on a third of the entities.
//! 4. `examiner`: what the model says, chooses, recalls and represents.
//! 5. `finetune`: the lab's rater, reward and advantage on the second third. Start with `Finetune::step`.
//!
//! Nothing of the judgement is written anew: an answer becomes an [`Answer`](crate::facts::corpus::Answer) and a
//! question a [`Fact`](crate::facts::world::Fact), which is all that rater, reward, advantage and metrics look at.
//! The decoder is the package `hedgerow-language-model`. Leaves out the reward model, PPO and DPO.

pub mod examiner;
pub mod finetune;
pub mod parser;
pub mod teacher;
pub mod world;
