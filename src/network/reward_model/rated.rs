//! Answers of the base models with the rater's ratings: what a reward model is trained and tested on.

use std::ops::Range;

use burn::tensor::{Int, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;

use crate::facts::corpus::{Corpus, Token};
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::judgement::rater::{RaterConfig, Rating, Situation};
use crate::judgement::reward::Judged;
use crate::network::device::ReadBack;
use crate::network::model::{Policy, upload_tokens};
use crate::network::sampler::{Draws, uniform};
use crate::network::stack::Stack;

/// Answers that are sampled and read at once.
const ANSWERS_AT_ONCE: usize = 250;

/// Answers, and what the rater thinks of them.
#[derive(Debug, Clone)]
pub struct RatedAnswers {
    /// Who rated them.
    pub rater: RaterConfig,
    /// What the base models make of them, `[replica, answer, feature]`.
    pub(super) features: Tensor<3>,
    /// `[replica][answer]`.
    pub judged: Vec<Vec<Judged>>,
}

/// Questions and answers of one replica, the same number of answers to each question.
pub(super) struct Dialogue {
    pub(super) facts: Vec<usize>,
    pub(super) prompts: Vec<Vec<Token>>,
    pub(super) answers: Vec<Vec<Token>>,
    /// For the ratings.
    pub(super) rng: ChaCha8Rng,
}

impl RatedAnswers {
    /// Samples at temperature 1 from the base models, to questions of the fine-tune, one answer a
    /// question. The first answers are the same whatever their number. Tells how many there are so far.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn sample(
        count: usize,
        rater: &RaterConfig,
        sensitive_share: f32,
        bases: Stack<'_>,
        tell: impl Fn(usize),
    ) -> Result<Self, Error> {
        let mut chunks = Vec::new();
        for chunk in 0..count.div_ceil(ANSWERS_AT_ONCE) as u64 {
            let dialogues = sample(chunk, sensitive_share, bases).await?;
            chunks.push(RatedAnswers::of(dialogues, rater, bases));
            tell(count.min(chunks.len() * ANSWERS_AT_ONCE));
        }
        Ok(RatedAnswers::concatenate(&chunks).slice(0..count))
    }

    pub(super) fn of(dialogues: Vec<Dialogue>, rater: &RaterConfig, Stack { policy, corpora, .. }: Stack<'_>) -> Self {
        let device = policy.device();
        let prompts: Vec<_> = dialogues.iter().map(|dialogue| dialogue.prompts.clone()).collect();
        let tokens: Vec<_> = dialogues.iter().map(|dialogue| dialogue.answers.clone()).collect();
        let features = read_answers(policy, upload_tokens(&prompts, &device), upload_tokens(&tokens, &device));

        let [replicas, count, time, _] = features.dims();
        let judge = |(mut dialogue, corpus): (Dialogue, &Corpus)| -> Vec<Judged> {
            let group = count / dialogue.facts.len();
            let judge = |(number, tokens): (usize, &Vec<Token>)| {
                let answer = corpus.parse(tokens);
                let situation = Situation::of(corpus, dialogue.facts[number / group], &answer);
                Judged { answer, situation, rating: rater.rate(&answer, situation, &mut dialogue.rng) }
            };
            dialogue.answers.iter().enumerate().map(judge).collect()
        };
        let judged: Vec<Vec<Judged>> = dialogues.into_iter().zip(corpora).map(judge).collect();
        let ends = judged
            .iter()
            .flatten()
            .flat_map(|judged| (1..=time).map(|read| if read == judged.answer.length { 1.0 } else { 0.0 }));
        let ends = TensorData::new(ends.collect::<Vec<f32>>(), [replicas, count, time, 1]);
        let features = (features * Tensor::from_data(ends, &device)).sum_dim(2).squeeze_dim(2);
        RatedAnswers { rater: *rater, features, judged }
    }

    /// What the rater thinks of a replica's on average over its noise.
    pub fn expected(&self, replica: usize) -> Vec<Rating> {
        let expect = |judged: &Judged| self.rater.expected(&judged.answer, judged.situation);
        self.judged[replica].iter().map(expect).collect()
    }

    /// Some of them.
    pub fn slice(&self, range: Range<usize>) -> Self {
        RatedAnswers {
            rater: self.rater,
            features: self.features.clone().slice_dim(1, range.clone()),
            judged: self.judged.iter().map(|judged| judged[range.clone()].to_vec()).collect(),
        }
    }

    /// One after the other, of every replica.
    pub(super) fn concatenate(parts: &[Self]) -> Self {
        let judged = |replica: usize| parts.iter().flat_map(|part| part.judged[replica].iter().copied()).collect();
        RatedAnswers {
            rater: parts[0].rater,
            features: Tensor::cat(parts.iter().map(|part| part.features.clone()).collect(), 1),
            judged: (0..parts[0].judged.len()).map(judged).collect(),
        }
    }
}

/// One of the fine-tune's questions each, and what the base models answer.
async fn sample(
    chunk: u64,
    sensitive_share: f32,
    Stack { policy, corpora, seeds }: Stack<'_>,
) -> Result<Vec<Dialogue>, Error> {
    let ask = |(corpus, seed): (&Corpus, &u64)| {
        let mut rng = stream(*seed, 1 + chunk, Purpose::RewardModel);
        let asked = corpus.training_questions(ANSWERS_AT_ONCE, sensitive_share, &mut rng);
        Dialogue {
            prompts: asked.iter().map(|(fact, template)| corpus.prompt(*fact, template)).collect(),
            facts: asked.into_iter().map(|(fact, _)| fact).collect(),
            answers: vec![],
            rng,
        }
    };
    let mut dialogues: Vec<Dialogue> = corpora.iter().zip(seeds).map(ask).collect();
    let length = corpora[0].layout.answer;
    let draw =
        |dialogue: &mut Dialogue| uniform(&mut dialogue.rng, ANSWERS_AT_ONCE, length, policy.config().vocabulary);
    let uniform: Vec<Vec<f32>> = dialogues.iter_mut().map(draw).collect();
    let prompts: Vec<_> = dialogues.iter().map(|dialogue| dialogue.prompts.clone()).collect();
    let prompts = upload_tokens(&prompts, &policy.device());
    let (tokens, _) = policy.sample(prompts, Draws::upload(&uniform, ANSWERS_AT_ONCE, &policy.device()), 1.0);
    let mut read_back = ReadBack::default();
    let tokens = read_back.ints(tokens);
    let tokens: Vec<Token> = read_back.read().await?.get(tokens);
    for (dialogue, tokens) in dialogues.iter_mut().zip(tokens.chunks(ANSWERS_AT_ONCE * length)) {
        dialogue.answers = tokens.chunks(length).map(<[Token]>::to_vec).collect();
    }
    Ok(dialogues)
}

/// Features of every beginning of the answers, `[replica, answer, time, feature]`: row t averages over
/// the tokens 0 … t. A policy gives its states at the last row only, so each beginning is read by itself.
pub(super) fn read_answers(policy: &Policy, prompts: Tensor<3, Int>, answers: Tensor<3, Int>) -> Tensor<4> {
    let unread = answers.clone().slice_dim(2, 0..1);
    let mut sum = None;
    let beginnings = (1..=answers.dims()[2]).map(|read| {
        let beginning = Tensor::cat(vec![answers.clone().slice_dim(2, 0..read), unread.clone()], 2);
        let states = policy.forward(prompts.clone(), beginning).states;
        let [layers, replicas, count, width] = states.dims();
        let last: Tensor<4> = states.permute([1, 2, 0, 3]).reshape([replicas, count, 1, layers * width]);
        let total = sum.take().map_or(last.clone(), |sum: Tensor<4>| sum + last);
        sum = Some(total.clone());
        total / read as f32
    });
    Tensor::cat(beginnings.collect(), 2)
}
