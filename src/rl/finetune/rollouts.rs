//! Prompts and completions of an update: the part before the ratings.

use burn::tensor::{Int, Tensor};

use super::Finetune;
use crate::eval::measure::prompts_at_once;
use crate::facts::corpus::{Answer, Corpus, Token};
use crate::facts::error::{Error, RatingsFault};
use crate::facts::random::{Purpose, stream};
use crate::judgement::experiment::{Experiment, FinetuneConfig};
use crate::judgement::judge::Judge;
use crate::judgement::rater::Rating;
use crate::judgement::reward::Judged;
use crate::kernels::BatchSize;
use crate::network::device::ReadBack;
use crate::network::model::upload_tokens;
use crate::rl::policy_gradient::{entropy, kl_divergence};

/// An update whose completions are there and have no ratings yet.
pub struct Pending {
    pub(super) questions: Questions,
    pub(super) rollouts: Rollouts,
}

/// A prompt of the fine-tune.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Index into the corpus's facts.
    pub fact: usize,
    /// How it is asked.
    pub template: String,
}

/// A sampled answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// All slots of the answer, also those after its end, which repeat it.
    pub tokens: Vec<Token>,
    /// As the grammar reads it.
    pub answer: Answer,
}

/// The questions of one update.
pub(super) struct Questions {
    /// `[replica][prompt]`.
    pub(super) asked: Vec<Vec<Question>>,
    /// `[replica, prompt, time]`.
    pub(super) prompts: Tensor<3, Int>,
}

/// The answers of one update. Consecutive answers belong to one prompt.
pub(super) struct Rollouts {
    /// `[replica][answer]`.
    pub(super) completions: Vec<Vec<Completion>>,
    /// `[replica, answer, time]`.
    pub(super) tokens: Tensor<3, Int>,
    /// Of the policy that sampled them, at temperature 1, `[replica, answer, time, vocabulary]`.
    pub(super) log_probs: Tensor<4>,
    /// Of the reference, likewise.
    pub(super) reference: Tensor<4>,
    /// What the reward model reads, if it is the judge
    /// ([`RewardModel::read`](crate::network::reward_model::RewardModel::read)).
    pub(super) predictions: Option<Vec<f32>>,
    /// Mean KL to the reference in nats an answer, `[replica]`.
    pub(super) kl: Vec<f32>,
    /// Mean entropy in nats a token, `[replica]`.
    pub(super) entropy: Vec<f32>,
    /// Norm of the gradient of the update before, `[replica]`.
    pub(super) previous_gradient_norm: Vec<f32>,
}

impl Pending {
    /// `[replica][prompt]`.
    pub fn questions(&self) -> &[Vec<Question>] {
        &self.questions.asked
    }

    /// `[replica][answer]`; consecutive answers belong to one prompt.
    pub fn completions(&self) -> &[Vec<Completion>] {
        &self.rollouts.completions
    }
}

impl Finetune {
    /// Completions with a person's ratings, one for each, replica by replica and prompt by prompt:
    /// `[replica][answer]`.
    ///
    /// # Errors
    /// [`Error::Ratings`] if there are too few or too many, or if one is not finite.
    pub fn rated(&self, pending: &Pending, ratings: &[Rating]) -> Result<Vec<Vec<Judged>>, Error> {
        let completions = pending.completions().iter().map(Vec::len).sum();
        if ratings.len() != completions {
            return Err(RatingsFault::Count { given: ratings.len(), completions }.into());
        }
        if let Some(place) = ratings.iter().position(|rating| !rating.is_finite()) {
            return Err(RatingsFault::NotFinite { place }.into());
        }
        let mut judged = self.rate(pending);
        for (judged, rating) in judged.iter_mut().flatten().zip(ratings) {
            judged.rating = *rating;
        }
        Ok(judged)
    }

    /// Prompts about seen entities; a function of seed and update, not of the arm.
    pub(super) fn next_questions(&self) -> Questions {
        let FinetuneConfig { prompts, sensitive_share, .. } = self.experiment.finetune;
        let (mut asked, mut tokens) = (vec![], vec![]);
        for (seed, corpus) in self.seeds.iter().zip(&self.corpora) {
            let mut rng = stream(*seed, u64::from(self.state.update), Purpose::Prompts);
            let questions = corpus.training_questions(prompts, sensitive_share, &mut rng);
            tokens.push(questions.iter().map(|(fact, template)| corpus.prompt(*fact, template)).collect::<Vec<_>>());
            let question = |(fact, template): (usize, &String)| Question { fact, template: template.clone() };
            asked.push(questions.into_iter().map(question).collect());
        }
        Questions { asked, prompts: upload_tokens(&tokens, &self.device) }
    }

    /// Samples the completions and compares them with the reference; the one read-back.
    pub(super) async fn answer(&mut self, questions: &Questions) -> Result<Rollouts, Error> {
        let FinetuneConfig { prompts, completions, temperature, .. } = self.experiment.finetune;
        let (answers, length) = (prompts * completions, self.corpora[0].layout.answer);
        let draws = self.stack(&self.reference).draws(answers, u64::from(self.state.update), Purpose::Sampling);
        let (sampled, log_probs) = self.policy().sample(questions.prompts.clone(), draws, temperature);
        let reference = self.reference.forward(questions.prompts.clone(), sampled.clone()).log_probs;

        let mut read_back = ReadBack::default();
        let tokens = read_back.ints(sampled.clone());
        let kl = read_back.floats(kl_divergence(log_probs.clone(), reference.clone()));
        let entropies = read_back.floats(entropy(log_probs.clone()));
        let norms = read_back.floats(self.state.gradient_norm.clone());
        let judge = self.reward_model.as_ref().filter(|_| self.judge == Judge::Model);
        let predictions = judge.map(|model| read_back.floats(model.read(questions.prompts.clone(), sampled.clone())));
        let host = read_back.read().await?;
        let (tokens, kl, norms): (Vec<Token>, _, _) = (host.get(tokens), host.get(kl), host.get(norms));
        self.require_finite(&norms)?;
        self.require_finite(&kl)?;

        let completions: Vec<Vec<Completion>> = tokens
            .chunks(answers * length)
            .zip(&self.corpora)
            .map(|(tokens, corpus)| {
                let answers = tokens.chunks(length);
                answers.map(|tokens| Completion { tokens: tokens.to_vec(), answer: corpus.parse(tokens) }).collect()
            })
            .collect();
        Ok(Rollouts {
            kl: means(&kl, &completions, length, |_| answers),
            entropy: means(&host.get(entropies), &completions, length, |lengths| lengths.sum()),
            completions,
            tokens: sampled,
            log_probs,
            reference,
            predictions: predictions.map(|predictions| host.get(predictions)),
            previous_gradient_norm: norms,
        })
    }
}

/// The batches of a run of which one may be too large for a device: those of an update and of a measurement.
pub fn largest_batches(experiment: &Experiment, corpus: &Corpus) -> [BatchSize; 2] {
    let FinetuneConfig { prompts, completions, .. } = experiment.finetune;
    [(prompts, completions), (prompts_at_once(corpus), experiment.measure.samples)].map(|(prompts, completions)| {
        BatchSize {
            prompts,
            prompt_length: corpus.layout.prompt,
            answers: prompts * completions,
            answer_length: corpus.layout.answer,
        }
    })
}

/// The sum of numbers `[replica × answer × time]` over each answer up to its end, divided by what there is of
/// them in a replica, given its answers' lengths.
fn means(
    numbers: &[f32],
    completions: &[Vec<Completion>],
    time: usize,
    count: impl Fn(&mut dyn Iterator<Item = usize>) -> usize,
) -> Vec<f32> {
    let of_replica = |(numbers, completions): (&[f32], &Vec<Completion>)| {
        let lengths = || completions.iter().map(|completion| completion.answer.length);
        let sum: f32 = numbers.chunks(time).zip(lengths()).map(|(row, length)| row[..length].iter().sum::<f32>()).sum();
        sum / count(&mut lengths()) as f32
    };
    numbers.chunks(numbers.len() / completions.len()).zip(completions).map(of_replica).collect()
}
