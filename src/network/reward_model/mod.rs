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

mod quiz;
mod rated;

use burn::tensor::activation::relu;
use burn::tensor::{Int, Tensor, TensorData};
use rand::RngExt;
use rand_distr::StandardNormal;

use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::judgement::experiment::RewardHeads;
use crate::judgement::rater::{RaterConfig, Rating};
use crate::judgement::reward::Judged;
use crate::kernels::{AdamWStep, adamw, no_moments};
use crate::network::device::to_host;
use crate::network::model::Policy;
use crate::network::stack::Stack;
use rated::read_answers;

pub use quiz::{generalisation, quiz, r_squared};
pub use rated::RatedAnswers;

/// Width of the hidden layer.
pub(crate) const HIDDEN: usize = 64;
/// Steps of the optimiser, each on all ratings.
const STEPS: u32 = 300;
const OPTIMISER: AdamWStep = AdamWStep {
    learning_rate: 3e-3,
    beta_1: 0.9,
    beta_2: 0.999,
    epsilon: 1e-8,
    weight_decay: 1.0,
    max_grad_norm: f32::INFINITY,
};
/// One rating in so many is held out.
const HELD_OUT: usize = 5;

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

impl RewardModel {
    /// Trained on a rater's answers, one model for each replica of the stack.
    pub fn fit(rated: &RatedAnswers, heads: RewardHeads, Stack { policy, seeds, .. }: Stack<'_>) -> Self {
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

#[cfg(test)]
mod tests {
    use super::quiz::style;
    use super::*;
    use crate::documents::metrics::AnswerKind;
    use crate::facts::corpus::{Corpus, Token};
    use crate::facts::world::World;
    use crate::judgement::rater::RaterPreset;
    use crate::kernels::ModelConfig;
    use crate::network::model::upload_tokens;
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
        let bases = Stack { policy: &policy, corpora: &corpora, seeds: &[0, 1] };
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
