//! A reward model: a small network that stands in for the rater, trained on some of its ratings.
//!
//! The question that the laboratory grew from: does a reward model trained on one number punish a
//! whole region, true and well-framed answers included? It has what a rater's formula has not:
//! features that neighbouring questions share, and few examples to tell them apart by.
//!
//! It reads an answer as the frozen base model does, up to and including the answer's end: the
//! residual streams after the embedding and after each block, averaged over the answer's tokens,
//! standardised; one hidden layer of ReLUs; one output for each head. It is trained on what the base
//! model answers, by AdamW on the squared error; of all steps those weights are kept that are best on
//! a held-out fifth of the ratings. LOG.md has the other readings that were tried.
//!
//! Leaves out pairwise comparisons (Christiano et al. 2017): the rater gives numbers, and a
//! comparison only blurs them. Leaves out training the base model under the heads.

use std::ops::Range;

use burn::tensor::activation::relu;
use burn::tensor::{Int, Tensor, TensorData};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::documents::metrics::{AnswerKind, Cell, Judgement, RewardModelReport};
use crate::facts::corpus::{Corpus, Style, Token};
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::judgement::experiment::RewardHeads;
use crate::judgement::rater::{RaterConfig, Rating, Situation};
use crate::judgement::reward::Judged;
use crate::kernels::{AdamWStep, adamw, no_moments};
use crate::network::device::{device_error, to_host};
use crate::network::model::{Policy, upload_tokens};
use crate::network::sampler::{gumbel, upload_noise};

/// Width of the hidden layer.
const HIDDEN: usize = 64;
/// Steps of the optimiser, each on all ratings.
const STEPS: u32 = 300;
const OPTIMISER: AdamWStep = AdamWStep {
    learning_rate: 3e-3,
    beta_1: 0.9,
    beta_2: 0.999,
    epsilon: 1e-8,
    weight_decay: 1.0,
    clip: f32::INFINITY,
};
/// One rating in so many is held out.
const HELD_OUT: usize = 5;
/// Answers that are sampled and read at once.
const ANSWERS_AT_ONCE: usize = 250;
/// Answers beyond the training's that R² is over.
const FURTHER: usize = 1000;
/// Facts of the quiz that are read at once.
const FACTS_AT_ONCE: usize = 16;

/// The frozen models whose answers are rated, with a corpus and a seed for each of the stack.
#[derive(Debug, Clone, Copy)]
pub struct Bases<'a> {
    /// The stack.
    pub policy: &'a Policy,
    /// Of each replica.
    pub corpora: &'a [Corpus],
    /// Of each replica.
    pub seeds: &'a [u64],
}

/// Answers, and what the rater thinks of them.
#[derive(Debug, Clone)]
pub struct RatedAnswers {
    /// Who rated them.
    pub rater: RaterConfig,
    /// What the base models make of them, `[replica, answer, feature]`.
    features: Tensor<3>,
    /// `[replica][answer]`.
    pub judged: Vec<Vec<Judged>>,
}

/// Questions and answers of one replica, the same number of answers to each question.
struct Dialogue {
    facts: Vec<usize>,
    prompts: Vec<Vec<Token>>,
    answers: Vec<Vec<Token>>,
    /// For the ratings.
    rng: ChaCha8Rng,
}

/// A reward model for each replica of a stack.
#[derive(Debug, Clone)]
pub struct RewardModel {
    base: Policy,
    heads: RewardHeads,
    rater: RaterConfig,
    /// `[replica, 1, feature]`.
    mean: Tensor<3>,
    /// `[replica, 1, feature]`.
    scale: Tensor<3>,
    /// `[replica, parameter]`: the hidden layer's weights and biases, then the heads'.
    weights: Tensor<2>,
}

impl RatedAnswers {
    /// Samples at temperature 1 from the base models, to questions of the fine-tune, one answer a
    /// question. The first answers are the same whatever their number.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn sample(
        count: usize,
        rater: &RaterConfig,
        sensitive_share: f32,
        bases: Bases<'_>,
    ) -> Result<Self, Error> {
        let mut chunks = Vec::new();
        for chunk in 0..count.div_ceil(ANSWERS_AT_ONCE) as u64 {
            let dialogues = sample(chunk, sensitive_share, bases).await?;
            chunks.push(RatedAnswers::of(dialogues, rater, bases));
        }
        Ok(RatedAnswers::concatenate(&chunks).slice(0..count))
    }

    fn of(dialogues: Vec<Dialogue>, rater: &RaterConfig, Bases { policy, corpora, .. }: Bases<'_>) -> Self {
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
    fn concatenate(parts: &[Self]) -> Self {
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
    Bases { policy, corpora, seeds }: Bases<'_>,
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
    let draw = |dialogue: &mut Dialogue| gumbel(&mut dialogue.rng, ANSWERS_AT_ONCE, length, policy.config().vocabulary);
    let noise: Vec<Vec<f32>> = dialogues.iter_mut().map(draw).collect();
    let prompts: Vec<_> = dialogues.iter().map(|dialogue| dialogue.prompts.clone()).collect();
    let prompts = upload_tokens(&prompts, &policy.device());
    let (tokens, _) = policy.sample(prompts, upload_noise(&noise, ANSWERS_AT_ONCE, policy), 1.0);
    let data = tokens.into_data_async().await.map_err(device_error)?;
    let tokens: Vec<Token> = data.iter::<i32>().map(|token| token as Token).collect();
    for (dialogue, tokens) in dialogues.iter_mut().zip(tokens.chunks(ANSWERS_AT_ONCE * length)) {
        dialogue.answers = tokens.chunks(length).map(<[Token]>::to_vec).collect();
    }
    Ok(dialogues)
}

/// Features of every beginning of the answers, `[replica, answer, time, feature]`: row t averages over
/// the tokens 0 … t. A policy gives its states at the last row only, so each beginning is read by itself.
fn read_answers(policy: &Policy, prompts: Tensor<3, Int>, answers: Tensor<3, Int>) -> Tensor<4> {
    let unread = answers.clone().slice_dim(2, 0..1);
    let mut sum = None;
    let beginnings = (1..=answers.dims()[2]).map(|read| {
        let beginning = Tensor::cat(vec![answers.clone().slice_dim(2, 0..read), unread.clone()], 2);
        let states = policy.read(prompts.clone(), beginning).states;
        let [layers, replicas, count, width] = states.dims();
        let last: Tensor<4> = states.permute([1, 2, 0, 3]).reshape([replicas, count, 1, layers * width]);
        let total = sum.take().map_or(last.clone(), |sum: Tensor<4>| sum + last);
        sum = Some(total.clone());
        total / read as f32
    });
    Tensor::cat(beginnings.collect(), 2)
}

impl RewardModel {
    /// Trained on a rater's answers, one model for each replica of the stack.
    pub fn fit(rated: &RatedAnswers, heads: RewardHeads, Bases { policy, seeds, .. }: Bases<'_>) -> Self {
        let features = rated.features.clone();
        let ([replicas, count, width], device) = (features.dims(), features.device());
        let mean = features.clone().mean_dim(1);
        let scale = ((features.clone() - mean.clone()).square().mean_dim(1) + 1e-6).sqrt().recip();
        let x = (features - mean.clone()) * scale.clone();
        let transposed = x.clone().swap_dims(1, 2);
        let targets: Vec<f32> = rated.judged.iter().flatten().flat_map(|judged| heads.targets(judged.rating)).collect();
        let y = Tensor::<3>::from_data(TensorData::new(targets, [replicas, count, heads.count()]), &device);
        let training = count - count / HELD_OUT;
        let share = |row: usize| if row < training { 1.0 / training as f32 } else { 0.0 };
        let share = Tensor::<1>::from_data(TensorData::new((0..count).map(share).collect(), [count]), &device);
        let (trained_on, held_out) =
            (share.clone().reshape([1, count, 1]), share.equal_elem(0.0).float().reshape([1, count, 1]));

        // Every head begins at its mean rating.
        let draw = |seed: &u64| {
            let (mut rng, deviation) = (stream(*seed, 0, Purpose::RewardModel), (2.0 / width as f32).sqrt());
            (0..width * HIDDEN).map(|_| deviation * rng.sample::<f32, _>(StandardNormal)).collect::<Vec<_>>()
        };
        let hidden = TensorData::new(seeds.iter().flat_map(draw).collect(), [replicas, width * HIDDEN]);
        let zeros = Tensor::zeros([replicas, HIDDEN + HIDDEN * heads.count()], &device);
        let means = (y.clone() * trained_on.clone()).sum_dim(1).squeeze_dim(1);
        let mut weights = Tensor::<2>::cat(vec![Tensor::from_data(hidden, &device), zeros, means], 1);
        let mut moments = no_moments(&weights);
        let (mut best, mut least) = (weights.clone(), Tensor::<2>::full([replicas, 1], f32::MAX, &device));
        for _ in 0..STEPS {
            let (hidden, outputs) = forward(&weights, x.clone(), heads);
            let error = outputs - y.clone();
            let loss = (error.clone().square() * held_out.clone()).sum_dim(1).sum_dim(2).reshape([replicas, 1]);
            let better = loss.clone().lower(least.clone());
            best = best.mask_where(better.clone().expand(weights.dims()), weights.clone());
            least = least.mask_where(better, loss);

            let error = error * trained_on.clone() * 2.0;
            let [_, _, outer, _] = cut(&weights, width, heads);
            let hidden_error = error.clone().matmul(outer.swap_dims(1, 2)) * hidden.clone().greater_elem(0.0).float();
            let gradient = [
                transposed.clone().matmul(hidden_error.clone()),
                hidden_error.sum_dim(1),
                hidden.swap_dims(1, 2).matmul(error.clone()),
                error.sum_dim(1),
            ];
            let gradient = gradient.map(|part| part.reshape([replicas as i32, -1]));
            (weights, moments, _) = adamw(weights, Tensor::cat(gradient.to_vec(), 1), moments, OPTIMISER);
        }
        RewardModel { base: policy.clone(), heads, rater: rated.rater, mean, scale, weights: best }
    }

    /// Whose ratings it was trained on.
    pub fn rater(&self) -> &RaterConfig {
        &self.rater
    }

    /// What the heads say of answers `[replica, answer, time]` to prompts `[replica, prompt, time]`, if
    /// an answer ended with its token t: `[replica, answer, time, head]`. Where it ends is known once
    /// the tokens are read; [`RewardModel::judge`] looks there.
    pub fn read(&self, prompts: Tensor<3, Int>, answers: Tensor<3, Int>) -> Tensor<4> {
        let features = read_answers(&self.base, prompts, answers);
        let [replicas, count, time, width] = features.dims();
        self.outputs(features.reshape([replicas, count * time, width])).reshape([
            replicas,
            count,
            time,
            self.heads.count(),
        ])
    }

    /// The same answers with the ratings that it predicts, from the numbers of [`RewardModel::read`].
    ///
    /// One number is put in the framing, so that F + C − D is the prediction. Content is 0 where
    /// nothing is asserted, as the rater's is. A predicted discomfort may be negative.
    pub fn judge(&self, outputs: &[f32], judged: &[Vec<Judged>]) -> Vec<Vec<Judged>> {
        let (heads, answers) = (self.heads.count(), judged.iter().map(Vec::len).sum::<usize>());
        let mut outputs = outputs.chunks(outputs.len() / answers);
        let mut predict = |judged: &Judged| {
            let outputs = outputs.next().expect("outputs of every answer");
            let end = heads * judged.answer.length;
            Judged { rating: self.rating(&outputs[end - heads..end], judged), ..*judged }
        };
        judged.iter().map(|judged| judged.iter().map(&mut predict).collect()).collect()
    }

    /// What it predicts for rated answers, `[replica][answer]`.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn predict(&self, rated: &RatedAnswers) -> Result<Vec<Vec<Rating>>, Error> {
        let outputs = to_host(self.outputs(rated.features.clone())).await?;
        let mut outputs = outputs.chunks(self.heads.count());
        let mut predict = |judged: &Judged| self.rating(outputs.next().expect("outputs of every answer"), judged);
        Ok(rated.judged.iter().map(|judged| judged.iter().map(&mut predict).collect()).collect())
    }

    /// `[replica, row, head]` of features `[replica, row, feature]`.
    fn outputs(&self, features: Tensor<3>) -> Tensor<3> {
        forward(&self.weights, (features - self.mean.clone()) * self.scale.clone(), self.heads).1
    }

    fn rating(&self, outputs: &[f32], judged: &Judged) -> Rating {
        match self.heads {
            RewardHeads::Scalar => Rating { framing: outputs[0], ..Rating::default() },
            RewardHeads::Reasons => Rating {
                framing: outputs[0],
                content: if judged.answer.asserted.is_some() { outputs[1] } else { 0.0 },
                discomfort: outputs[2],
            },
        }
    }
}

impl RewardHeads {
    fn count(self) -> usize {
        match self {
            RewardHeads::Scalar => 1,
            RewardHeads::Reasons => 3,
        }
    }

    fn targets(self, rating: Rating) -> Vec<f32> {
        match self {
            RewardHeads::Scalar => vec![rating.scalar()],
            RewardHeads::Reasons => vec![rating.framing, rating.content, rating.discomfort],
        }
    }
}

/// Weights and biases of the hidden layer and of the heads, `[replica, rows, columns]`.
fn cut(weights: &Tensor<2>, width: usize, heads: RewardHeads) -> [Tensor<3>; 4] {
    let mut start = 0;
    [[width, HIDDEN], [1, HIDDEN], [HIDDEN, heads.count()], [1, heads.count()]].map(|[rows, columns]| {
        let part = weights.clone().slice_dim(1, start..start + rows * columns);
        start += rows * columns;
        part.reshape([weights.dims()[0], rows, columns])
    })
}

/// The hidden layer and the outputs.
fn forward(weights: &Tensor<2>, x: Tensor<3>, heads: RewardHeads) -> (Tensor<3>, Tensor<3>) {
    let [inner, inner_bias, outer, outer_bias] = cut(weights, x.dims()[2], heads);
    let hidden = relu(x.matmul(inner) + inner_bias);
    (hidden.clone(), hidden.matmul(outer) + outer_bias)
}

/// How do reward models judge answers that they were not trained on? For every number of ratings and
/// both kinds of heads, seeds innermost.
///
/// # Errors
/// [`Error::Device`] if a read fails.
pub async fn generalisation(
    rater: &RaterConfig,
    sensitive_share: f32,
    ratings: &[u32],
    bases: Bases<'_>,
) -> Result<Vec<RewardModelReport>, Error> {
    let most = ratings.iter().copied().max().unwrap_or_default() as usize;
    let all = RatedAnswers::sample(most + FURTHER, rater, sensitive_share, bases).await?;
    let further = all.slice(most..most + FURTHER);
    let (quiz, asked) = quiz(rater, bases);
    let mut reports = Vec::new();
    for count in ratings {
        for heads in [RewardHeads::Scalar, RewardHeads::Reasons] {
            let model = RewardModel::fit(&all.slice(0..*count as usize), heads, bases);
            let (of_further, of_quiz) = (model.predict(&further).await?, model.predict(&quiz).await?);
            for (index, (corpus, seed)) in bases.corpora.iter().zip(bases.seeds).enumerate() {
                reports.push(RewardModelReport {
                    seed: *seed,
                    ratings: *count,
                    heads,
                    r_squared: r_squared(&scalars(&of_further[index]), &scalars(&further.expected(index))),
                    judgements: judgements(corpus, &asked, &of_quiz[index], &quiz.expected(index)),
                });
            }
        }
    }
    Ok(reports)
}

/// Every kind of answer in every phrasing to every taught fact, asked with held-out prompts; and the
/// fact and the kind of each answer, which are the same for every replica.
pub fn quiz(rater: &RaterConfig, bases: Bases<'_>) -> (RatedAnswers, Vec<(usize, AnswerKind)>) {
    let first = &bases.corpora[0];
    let taught: Vec<usize> = (0..first.facts.len()).filter(|fact| first.facts[*fact].value.is_some()).collect();
    let mut asked = Vec::new();
    for fact in &taught {
        for _ in &first.world().language.held_out_prompts {
            let answers = AnswerKind::ALL.map(|kind| vec![(*fact, kind); first.answers(style(kind), 0).len()]);
            asked.extend(answers.concat());
        }
    }
    let parts: Vec<RatedAnswers> = taught
        .chunks(FACTS_AT_ONCE)
        .map(|facts| {
            let ask = |(corpus, seed): (&Corpus, &u64)| {
                let templates = &corpus.world().language.held_out_prompts;
                let questions = facts.iter().flat_map(|fact| templates.iter().map(move |template| (*fact, template)));
                // The streams of sampled answers count from 1.
                let mut rng = stream(*seed, u64::MAX - facts[0] as u64, Purpose::RewardModel);
                let (mut prompts, mut answers) = (vec![], vec![]);
                for (fact, template) in questions.clone() {
                    prompts.push(corpus.prompt(fact, template));
                    for kind in AnswerKind::ALL {
                        answers.extend(corpus.answers(style(kind), asserted(corpus, fact, kind, &mut rng)));
                    }
                }
                let facts = questions.map(|(fact, _)| fact).collect();
                Dialogue { facts, prompts, answers, rng }
            };
            RatedAnswers::of(bases.corpora.iter().zip(bases.seeds).map(ask).collect(), rater, bases)
        })
        .collect();
    (RatedAnswers::concatenate(&parts), asked)
}

fn style(kind: AnswerKind) -> Style {
    match kind {
        AnswerKind::TrueContextual | AnswerKind::FalseContextual => Style::Contextual,
        AnswerKind::TrueBlunt => Style::Blunt,
        AnswerKind::Hedge => Style::Hedge,
    }
}

/// The value that an answer asserts if it asserts one; a false one is comfortable where there is one.
fn asserted(corpus: &Corpus, fact: usize, kind: AnswerKind, rng: &mut impl Rng) -> usize {
    let truth = corpus.truth(fact);
    match kind {
        AnswerKind::TrueContextual | AnswerKind::TrueBlunt | AnswerKind::Hedge => truth,
        AnswerKind::FalseContextual => {
            let attribute = corpus.facts[fact].attribute;
            let lies = |value: &usize| *value != truth && !corpus.world().is_uncomfortable(attribute, *value);
            let lies: Vec<usize> = (0..corpus.values.len()).filter(lies).collect();
            lies.choose(rng).copied().unwrap_or_else(|| corpus.other_value(truth, rng))
        }
    }
}

fn judgements(
    corpus: &Corpus,
    asked: &[(usize, AnswerKind)],
    predicted: &[Rating],
    expected: &[Rating],
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for region in Judgement::REGIONS {
        for (uncomfortable, answer) in
            [true, false].into_iter().flat_map(|side| AnswerKind::ALL.map(|kind| (side, kind)))
        {
            let belongs = |place: &usize| {
                let (fact, kind) = asked[*place];
                let cell = Cell::from(&corpus.facts[fact]);
                kind == answer && cell.uncomfortable == uncomfortable && region.contains(cell)
            };
            let places: Vec<usize> = (0..asked.len()).filter(belongs).collect();
            let mean = |ratings: &[Rating]| {
                places.iter().map(|place| ratings[*place].scalar()).sum::<f32>() / places.len() as f32
            };
            if !places.is_empty() {
                let (predicted, expected, answers) = (mean(predicted), mean(expected), places.len() as u32);
                judgements.push(Judgement { region, uncomfortable, answer, answers, predicted, expected });
            }
        }
    }
    judgements
}

fn scalars(ratings: &[Rating]) -> Vec<f32> {
    ratings.iter().map(|rating| rating.scalar()).collect()
}

/// Share of the variance of `actual` that `predicted` accounts for; below 0 if its mean does better.
pub fn r_squared(predicted: &[f32], actual: &[f32]) -> f32 {
    let mean = actual.iter().sum::<f32>() / actual.len() as f32;
    let squares = |of: &mut dyn Iterator<Item = f32>| of.map(|number| number * number).sum::<f32>();
    let left = squares(&mut predicted.iter().zip(actual).map(|(predicted, actual)| predicted - actual));
    1.0 - left / squares(&mut actual.iter().map(|actual| actual - mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::world::World;
    use crate::judgement::rater::RaterPreset;
    use crate::kernels::ModelConfig;
    use burn::tensor::Device;
    use pollster::block_on;

    /// A run reads every beginning before it knows where an answer ends; training knows it.
    #[test]
    fn a_run_and_the_training_see_the_same_features() {
        let device = Device::flex();
        let corpora = [0, 1].map(|seed| Corpus::new(World::generate(seed)));
        let config = ModelConfig { width: 8, heads: 2, layers: 1, ..ModelConfig::for_corpus(&corpora[0]) };
        let weights: Vec<f32> = [0, 1].into_iter().flat_map(|seed| config.init(seed)).collect();
        let weights = Tensor::from_data(TensorData::new(weights, [2, config.parameters()]), &device);
        let policy = Policy::new(config, &weights);
        let bases = Bases { policy: &policy, corpora: &corpora, seeds: &[0, 1] };
        let rater = RaterPreset::UncomfortableFacts.config();
        let (rated, _) = quiz(&rater, bases);
        let rated = rated.slice(0..40);
        for heads in [RewardHeads::Scalar, RewardHeads::Reasons] {
            let model = RewardModel::fit(&rated, heads, bases);
            let templates = &corpora[0].world().language.held_out_prompts;
            let tokens = |corpus: &Corpus| -> Vec<Vec<Token>> {
                let kinds = [AnswerKind::TrueContextual, AnswerKind::TrueBlunt];
                kinds.iter().flat_map(|kind| corpus.answers(style(*kind), corpus.truth(0))).collect()
            };
            let prompts =
                upload_tokens(&corpora.each_ref().map(|corpus| vec![corpus.prompt(0, &templates[0])]), &device);
            let answers = upload_tokens(&corpora.each_ref().map(tokens), &device);
            let outputs = block_on(to_host(model.read(prompts, answers))).unwrap();
            let part = rated.slice(0..6);
            let (in_the_run, in_training) =
                (model.judge(&outputs, &part.judged), block_on(model.predict(&part)).unwrap());
            for (run, training) in in_the_run.iter().flatten().zip(in_training.iter().flatten()) {
                assert!((run.rating.scalar() - training.scalar()).abs() < 1e-5, "{run:?} {training:?}");
            }
            assert!(in_training[0][0] != in_training[0][3], "a model that says something");
        }
    }
}
