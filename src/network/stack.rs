//! A stack of models with what belongs to each of them: its world in tokens and its seed.

use burn::tensor::{Int, Tensor};

use crate::facts::corpus::{Corpus, Token};
use crate::facts::random::{Purpose, stream};
use crate::network::model::{Policy, upload_tokens};
use crate::network::sampler::{Draws, uniform};

/// R models of one shape. Their corpora stack ([`Corpus::stacks_with`]).
#[derive(Debug, Clone, Copy)]
pub struct Stack<'a> {
    /// The models.
    pub policy: &'a Policy,
    /// Of each replica.
    pub corpora: &'a [Corpus],
    /// Of each replica.
    pub seeds: &'a [u64],
}

impl<'a> Stack<'a> {
    /// What the corpora have in common can be asked of the first one.
    pub(crate) fn first(&self) -> &'a Corpus {
        &self.corpora[0]
    }

    /// Rows of tokens about each replica's world on the models' device, `[replica, row, time]`.
    pub(crate) fn upload(&self, rows: impl Fn(&Corpus) -> Vec<Vec<Token>>) -> Tensor<3, Int> {
        upload_tokens(&self.corpora.iter().map(rows).collect::<Vec<_>>(), &self.policy.device())
    }

    /// What so many answers of each replica are drawn with, a function of its seed, of the step and of the purpose.
    pub(crate) fn draws(&self, answers: usize, step: u64, purpose: Purpose) -> Draws {
        let (length, vocabulary) = (self.first().layout.answer, self.policy.config().vocabulary);
        let draw = |seed: &u64| uniform(&mut stream(*seed, step, purpose), answers, length, vocabulary);
        Draws::upload(&self.seeds.iter().map(draw).collect::<Vec<_>>(), answers, &self.policy.device())
    }
}
