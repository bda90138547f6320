//! The fine-tune: sample, rate, reward, compare, learn. Start with [`Finetune::step`].
//!
//! All replicas of a run are updated at once. The device is read once a step: tokens, KL,
//! entropy and the gradient norm of the update before come back together.

use burn::tensor::{Device, Int, Tensor, TensorData, Transaction};
use serde::{Deserialize, Serialize};

use crate::documents::metrics::{CreditedAnswer, Diagnosis, Measurement, UpdateReport};
use crate::documents::protocol::AskedAnswer;
use crate::eval::diagnosis::Diagnostician;
use crate::eval::measure::{Examiner, outcome};
use crate::facts::corpus::{Answer, Corpus, Style, Token};
use crate::facts::error::{Error, ExperimentFault};
use crate::facts::random::{Purpose, stream};
use crate::facts::world::{Topic, World};
use crate::judgement::advantage::{flat_groups, group_relative, preferences};
use crate::judgement::experiment::{Algorithm, Arm, Experiment, FinetuneConfig, Replica};
use crate::judgement::rater::{RaterConfig, Rating, Situation};
use crate::judgement::reward::{Judged, Pool, SpanReward, group_rewards};
use crate::kernels::LossWeights;
use crate::kernels::ModelConfig;
use crate::network::checkpoint::Checkpoint;
use crate::network::device::{device_error, to_host};
use crate::network::model::{Policy, upload_tokens};
use crate::network::optimiser::ReplicaAdamW;
use crate::network::reward_model::{Bases, RatedAnswers, RewardModel};
use crate::network::sampler::{gumbel, upload_noise};
use crate::rl::policy_gradient::{clipped_advantages, entropy, kl_divergence, preference_advantages, token_log_probs};

/// Rated answers of each update that are shown, per replica.
const EXAMPLES: usize = 2;
/// Answers sampled to a question of the user.
const ANSWERS: usize = 4;

/// A run: the models, their rewards and their measurements.
pub struct Finetune {
    experiment: Experiment,
    replicas: Vec<Replica>,
    arms: Vec<Arm>,
    rater: RaterConfig,
    corpora: Vec<Corpus>,
    examiner: Examiner,
    model: ModelConfig,
    device: Device,
    base: Tensor<2>,
    reference: Policy,
    /// Trained at the first step, and again when the rater changes.
    reward_model: Option<RewardModel>,
    state: State,
    /// Before the last update: what remains if that turns out not to be a number.
    before: Option<State>,
}

/// What an update changes.
#[derive(Clone)]
struct State {
    update: u32,
    weights: Tensor<2>,
    optimiser: ReplicaAdamW,
    /// Of the last update, before clipping, `[replica]`.
    gradient_norm: Tensor<1>,
}

/// A world and the weights that were trained on it.
#[derive(Debug, Clone)]
pub struct BaseModel {
    /// The seed it stands for.
    pub seed: u64,
    /// The world.
    pub corpus: Corpus,
    /// Shape of the model.
    pub config: ModelConfig,
    /// In the order of [`ModelConfig::tensors`].
    pub weights: Vec<f32>,
}

impl BaseModel {
    /// From the two files of a seed.
    ///
    /// # Errors
    /// [`Error::World`] and [`Error::Checkpoint`]; also if the checkpoint is of another seed.
    pub fn read(seed: u64, world: &str, checkpoint: &[u8]) -> Result<Self, Error> {
        let corpus = Corpus::new(World::from_json(world)?);
        let checkpoint = Checkpoint::from_bytes(checkpoint)?;
        if checkpoint.seed != seed {
            return Err(Error::Checkpoint(format!("it is of seed {} and not of seed {seed}", checkpoint.seed)));
        }
        Ok(BaseModel { seed, corpus, config: checkpoint.config, weights: checkpoint.weights })
    }
}

/// A run's state in bytes, without the base models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The experiment.
    pub experiment: Experiment,
    /// The replicas of this stack.
    pub replicas: Vec<Replica>,
    /// Their rewards at the moment.
    pub arms: Vec<Arm>,
    /// The rater at the moment.
    pub rater: RaterConfig,
    /// Updates done.
    pub update: u32,
    /// `[replica × parameter]`.
    pub weights: Vec<f32>,
    /// AdamW's moments, empty before the first update.
    pub moments: Vec<f32>,
    /// Gradient norms of the last update, `[replica]`; the next report has them.
    pub gradient_norms: Vec<f32>,
}

/// The questions of one update, `[replica][prompt]`.
struct Questions {
    facts: Vec<Vec<usize>>,
    templates: Vec<Vec<String>>,
    prompts: Tensor<3, Int>,
}

/// The answers of one update, `[replica][answer]` on the host, the rest on the device.
struct Rollouts {
    answers: Vec<Vec<(Vec<Token>, Answer)>>,
    tokens: Tensor<3, Int>,
    /// Of the policy that sampled them, and of the reference, at temperature 1.
    log_probs: Tensor<4>,
    reference: Tensor<4>,
    /// What the reward model reads, if there is one ([`RewardModel::read`]).
    predictions: Vec<f32>,
    /// Mean KL in nats an answer, mean entropy in nats a token, gradient norm; each `[replica]`.
    diagnostics: [Vec<f32>; 3],
}

/// A number for each token, `[replica][answer][time]`.
type PerToken = Vec<Vec<Vec<f32>>>;

/// What comes of comparing the spans of a group; on the host or on the device.
enum Credit<T> {
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
    /// Of one answer's tokens, pools together.
    fn of(&self, replica: usize, answer: usize) -> Vec<f32> {
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
    /// A run of these replicas of the experiment from the base models of their seeds.
    ///
    /// # Errors
    /// [`Error::Experiment`] if the numbers make no sense, if an arm needs reasons and the reward model
    /// gives none, or if a base model is missing,
    /// [`Error::Checkpoint`] if the base models differ in shape or do not fit their worlds.
    pub fn new(
        experiment: Experiment,
        replicas: Vec<Replica>,
        bases: &[BaseModel],
        device: &Device,
    ) -> Result<Self, Error> {
        experiment.validate()?;
        let arms: Vec<Arm> = replicas.iter().map(|replica| replica.arm).collect();
        experiment.check_heads(&arms)?;
        let find = |replica: &Replica| {
            let base = bases.iter().find(|base| base.seed == replica.seed);
            base.ok_or(ExperimentFault::NoBaseModel { seed: replica.seed })
        };
        let own: Vec<&BaseModel> = replicas.iter().map(find).collect::<Result<_, _>>()?;
        let Some(first) = own.first() else {
            return Err(ExperimentFault::NoReplica.into());
        };
        let model = first.config;
        for base in &own {
            let corpus = &base.corpus;
            let fits = base.config == model
                && base.weights.len() == model.parameters()
                && corpus.vocabulary.len() == model.vocabulary
                && corpus.layout.context() <= model.context
                && corpus.stacks_with(&first.corpus);
            if !fits {
                return Err(Error::Checkpoint(format!(
                    "the weights of seed {} do not fit its world or the other seeds",
                    base.seed
                )));
            }
        }
        let weights: Vec<f32> = own.iter().flat_map(|base| base.weights.iter().copied()).collect();
        let base = Tensor::<2>::from_data(TensorData::new(weights, [own.len(), model.parameters()]), device);
        let corpora: Vec<Corpus> = own.iter().map(|base| base.corpus.clone()).collect();
        let seeds: Vec<u64> = replicas.iter().map(|replica| replica.seed).collect();
        let state = State::initial(&experiment.finetune, &base);
        Ok(Finetune {
            examiner: Examiner::new(corpora.clone(), &seeds, experiment.measure.samples),
            arms,
            rater: experiment.rater,
            reference: Policy::new(model, &base),
            reward_model: None,
            device: device.clone(),
            before: None,
            experiment,
            replicas,
            corpora,
            model,
            base,
            state,
        })
    }

    /// One update of every replica. If a reward model stands in for the rater, the first one trains it,
    /// which reads the device once for every 250 ratings.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if the update before this one went wrong; the state before it is
    /// restored. [`Error::Device`] if the read fails.
    pub async fn step(&mut self) -> Result<Vec<UpdateReport>, Error> {
        self.train_reward_model().await?;
        let questions = self.next_questions();
        let rollouts = self.answer(&questions).await?;
        let judged = self.rate(&questions, &rollouts);
        let predicted = self.reward_model.as_ref().map(|model| model.judge(&rollouts.predictions, &judged));
        let rewards = self.reward(predicted.as_ref().unwrap_or(&judged));
        let credit = self.compare(&rewards);
        self.learn(&questions, &rollouts, &credit);
        Ok(self.report(&questions, &rollouts, &judged, predicted.as_deref(), &rewards, &credit))
    }

    /// Measures every replica as it is. The first measurement must be at update 0.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if a weight is not a number; the state before the last update is
    /// restored. [`Error::Device`] if a read fails.
    pub async fn measure(&mut self) -> Result<Vec<Measurement>, Error> {
        let sums = to_host(self.state.weights.clone().sum_dim(1)).await?;
        self.require_finite(&sums)?;
        let with_probes = self.experiment.probes_at(self.state.update);
        self.examiner.measure(&self.policy(), self.state.update, with_probes).await
    }

    /// What the numbers about the models as they are can be trusted for.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn diagnose(&self) -> Result<Vec<Diagnosis>, Error> {
        let seeds: Vec<u64> = self.replicas.iter().map(|replica| replica.seed).collect();
        let diagnostician = Diagnostician::new(self.corpora.clone(), &seeds);
        diagnostician.diagnose(&self.policy(), &self.reference, self.state.update).await
    }

    /// Updates done.
    pub fn updates_done(&self) -> u32 {
        self.state.update
    }

    /// What is run.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// The stack.
    pub fn replicas(&self) -> &[Replica] {
        &self.replicas
    }

    /// The models as they are.
    pub fn policy(&self) -> Policy {
        Policy::new(self.model, &self.state.weights)
    }

    /// Back to the base models, the experiment's reward and update 0.
    pub fn reset(&mut self) {
        self.state = State::initial(&self.experiment.finetune, &self.base);
        self.before = None;
        self.rater = self.experiment.rater;
        self.arms = self.replicas.iter().map(|replica| replica.arm).collect();
    }

    /// Rewards the updates from now on like this.
    ///
    /// # Errors
    /// [`Error::Experiment`] if the rater makes no sense, or if an arm needs reasons and the reward
    /// model gives none.
    ///
    /// # Panics
    /// If there is not one arm for each replica.
    pub fn change_reward(&mut self, rater: RaterConfig, arms: Vec<Arm>) -> Result<(), Error> {
        rater.validate()?;
        self.experiment.check_heads(&arms)?;
        assert_eq!(arms.len(), self.replicas.len(), "arms and replicas");
        (self.rater, self.arms) = (rater, arms);
        Ok(())
    }

    /// Sampled answers to a question, before and now, with the same noise.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Device`].
    pub async fn ask(&self, question: &[Token], number: u64) -> Result<Vec<AskedAnswer>, Error> {
        let corpus = &self.corpora[0];
        let prompt = corpus.free_prompt(question)?;
        let prompts = upload_tokens(&vec![vec![prompt]; self.replicas.len()], &self.device);
        let noise: Vec<Vec<f32>> = self
            .replicas
            .iter()
            .map(|replica| {
                let mut rng = stream(replica.seed, number, Purpose::Question);
                gumbel(&mut rng, ANSWERS, corpus.layout.answer, self.model.vocabulary)
            })
            .collect();
        let noise = upload_noise(&noise, ANSWERS, &self.reference);
        let ask = |policy: &Policy| policy.sample(prompts.clone(), noise.clone(), 1.0).0;
        let data = Transaction::default().register(ask(&self.reference)).register(ask(&self.policy()));
        let data = data.execute_async().await.map_err(device_error)?;
        let [before, now] =
            [0, 1].map(|index| data[index].iter::<i32>().map(|token| token as Token).collect::<Vec<_>>());
        let words = |tokens: &[Token], replica: usize| -> Vec<String> {
            let length = corpus.layout.answer;
            let answers = tokens.chunks(length).skip(replica * ANSWERS).take(ANSWERS);
            answers.map(|answer| corpus.vocabulary.decode(&answer[..corpus.parse(answer).length])).collect()
        };
        let answers = self.replicas.iter().enumerate().map(|(index, replica)| AskedAnswer {
            replica: *replica,
            before: words(&before, index),
            now: words(&now, index),
        });
        Ok(answers.collect())
    }

    /// The state in bytes' worth of numbers; reads the device.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if the last update went wrong; the state before it is restored.
    /// [`Error::Device`] if a read fails.
    pub async fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let gradient_norms = to_host(self.state.gradient_norm.clone()).await?;
        self.require_finite(&gradient_norms)?;
        let moments = self.state.optimiser.read_moments().await?;
        let weights = to_host(self.state.weights.clone()).await?;
        let (experiment, replicas, arms) = (self.experiment.clone(), self.replicas.clone(), self.arms.clone());
        Ok(Snapshot {
            experiment,
            replicas,
            arms,
            rater: self.rater,
            update: self.state.update,
            weights,
            moments,
            gradient_norms,
        })
    }

    /// Goes on from a snapshot. Measures the base models once, for the frozen probes.
    ///
    /// # Errors
    /// As [`Finetune::new`] and [`Finetune::measure`]; [`Error::Checkpoint`] if the snapshot
    /// does not fit the base models.
    pub async fn restore(snapshot: Snapshot, bases: &[BaseModel], device: &Device) -> Result<Self, Error> {
        let Snapshot { experiment, replicas, arms, rater, update, weights, moments, gradient_norms } = snapshot;
        let mut run = Finetune::new(experiment, replicas, bases, device)?;
        let shape = [run.replicas.len(), run.model.parameters()];
        let length = shape[0] * shape[1];
        if weights.len() != length || [arms.len(), gradient_norms.len()] != [shape[0]; 2] {
            return Err(Error::Checkpoint("the snapshot does not fit the base models".into()));
        }
        run.examiner.measure(&run.reference, 0, true).await?;
        run.change_reward(rater, arms)?;
        run.state.update = update;
        run.state.weights = Tensor::from_data(TensorData::new(weights, shape), device);
        run.state.gradient_norm = Tensor::from_data(TensorData::new(gradient_norms, [shape[0]]), device);
        run.state.optimiser.restore(moments, &run.state.weights)?;
        Ok(run)
    }

    /// Has a model of the present rater, if the experiment says so.
    async fn train_reward_model(&mut self) -> Result<(), Error> {
        let Some(config) = self.experiment.reward_model else {
            return Ok(());
        };
        if self.reward_model.as_ref().is_none_or(|model| *model.rater() != self.rater) {
            let seeds: Vec<u64> = self.replicas.iter().map(|replica| replica.seed).collect();
            let bases = Bases { policy: &self.reference, corpora: &self.corpora, seeds: &seeds };
            let share = self.experiment.finetune.sensitive_share;
            let rated = RatedAnswers::sample(config.ratings as usize, &self.rater, share, bases).await?;
            self.reward_model = Some(RewardModel::fit(&rated, config.heads, bases));
        }
        Ok(())
    }

    /// Prompts about seen entities; a function of seed and update, not of the arm.
    fn next_questions(&self) -> Questions {
        let FinetuneConfig { prompts, sensitive_share, .. } = self.experiment.finetune;
        let (mut facts, mut templates, mut tokens) = (vec![], vec![], vec![]);
        for (replica, corpus) in self.replicas.iter().zip(&self.corpora) {
            let mut rng = stream(replica.seed, u64::from(self.state.update), Purpose::Prompts);
            let asked = corpus.training_questions(prompts, sensitive_share, &mut rng);
            tokens.push(asked.iter().map(|(fact, template)| corpus.prompt(*fact, template)).collect::<Vec<_>>());
            facts.push(asked.iter().map(|(fact, _)| *fact).collect());
            templates.push(asked.into_iter().map(|(_, template)| template.clone()).collect());
        }
        Questions { facts, templates, prompts: upload_tokens(&tokens, &self.device) }
    }

    /// Samples the completions and compares them with the reference; the one read-back.
    async fn answer(&mut self, questions: &Questions) -> Result<Rollouts, Error> {
        let FinetuneConfig { prompts, completions, temperature, .. } = self.experiment.finetune;
        let (answers, length) = (prompts * completions, self.corpora[0].layout.answer);
        let noise: Vec<Vec<f32>> = self
            .replicas
            .iter()
            .map(|replica| {
                let mut rng = stream(replica.seed, u64::from(self.state.update), Purpose::Sampling);
                gumbel(&mut rng, answers, length, self.model.vocabulary)
            })
            .collect();
        let noise = upload_noise(&noise, answers, &self.reference);
        let (sampled, log_probs) = self.policy().sample(questions.prompts.clone(), noise, temperature);
        let reference = self.reference.read(questions.prompts.clone(), sampled.clone()).log_probs;
        let mut transaction = Transaction::default()
            .register(sampled.clone())
            .register(kl_divergence(log_probs.clone(), reference.clone()))
            .register(entropy(log_probs.clone()))
            .register(self.state.gradient_norm.clone());
        if let Some(model) = &self.reward_model {
            transaction = transaction.register(model.read(questions.prompts.clone(), sampled.clone()));
        }
        let data = transaction.execute_async().await.map_err(device_error)?;
        let tokens: Vec<Token> = data[0].iter::<i32>().map(|token| token as Token).collect();
        let [kl, entropy, norms] = [1, 2, 3].map(|index| data[index].iter::<f32>().collect::<Vec<_>>());
        self.require_finite(&norms)?;
        self.require_finite(&kl)?;

        let parsed: Vec<Vec<(Vec<Token>, Answer)>> = tokens
            .chunks(answers * length)
            .zip(&self.corpora)
            .map(|(tokens, corpus)| {
                tokens.chunks(length).map(|answer| (answer.to_vec(), corpus.parse(answer))).collect()
            })
            .collect();
        let mean_to_the_end = |numbers: &[f32], per_token: bool| -> Vec<f32> {
            numbers
                .chunks(answers * length)
                .zip(&parsed)
                .map(|(numbers, parsed)| {
                    let sum: f32 = numbers
                        .chunks(length)
                        .zip(parsed)
                        .map(|(row, (_, answer))| row[..answer.length].iter().sum::<f32>())
                        .sum();
                    let count: usize =
                        if per_token { parsed.iter().map(|(_, answer)| answer.length).sum() } else { answers };
                    sum / count as f32
                })
                .collect()
        };
        let diagnostics = [mean_to_the_end(&kl, false), mean_to_the_end(&entropy, true), norms];
        let predictions = data.get(4).map(|data| data.iter::<f32>().collect()).unwrap_or_default();
        Ok(Rollouts { answers: parsed, tokens: sampled, log_probs, reference, predictions, diagnostics })
    }

    /// `[replica][answer]`.
    fn rate(&self, questions: &Questions, rollouts: &Rollouts) -> Vec<Vec<Judged>> {
        let completions = self.experiment.finetune.completions;
        self.replicas
            .iter()
            .enumerate()
            .map(|(index, replica)| {
                let mut rng = stream(replica.seed, u64::from(self.state.update), Purpose::Rater);
                rollouts.answers[index]
                    .iter()
                    .enumerate()
                    .map(|(number, (_, answer))| {
                        let fact = questions.facts[index][number / completions];
                        let situation = Situation::of(&self.corpora[index], fact, answer);
                        Judged { answer: *answer, situation, rating: self.rater.rate(answer, situation, &mut rng) }
                    })
                    .collect()
            })
            .collect()
    }

    /// `[replica][answer]`. The only place that looks at the arm.
    fn reward(&self, judged: &[Vec<Judged>]) -> Vec<Vec<Vec<SpanReward>>> {
        let of_replica = |((replica, arm), judged): ((&Replica, &Arm), &Vec<Judged>)| {
            let mut rng = stream(replica.seed, u64::from(self.state.update), Purpose::Attribution);
            let groups = judged.chunks(self.experiment.finetune.completions);
            groups.flat_map(|group| group_rewards(*arm, &self.rater, group, &mut rng)).collect()
        };
        self.replicas.iter().zip(&self.arms).zip(judged).map(of_replica).collect()
    }

    /// What each token gets: spans against their group.
    fn compare(&self, rewards: &[Vec<Vec<SpanReward>>]) -> Credit<PerToken> {
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
    fn learn(&mut self, questions: &Questions, rollouts: &Rollouts, credit: &Credit<PerToken>) {
        let FinetuneConfig { prompts, completions, temperature, learning_rate, .. } = self.experiment.finetune;
        let FinetuneConfig { kl, epochs, ratio_clip, dpo_beta, .. } = self.experiment.finetune;
        let length = self.corpora[0].layout.answer;
        let shape = [self.replicas.len(), prompts * completions, length];
        let upload = |data: Vec<f32>| Tensor::<3>::from_data(TensorData::new(data, shape), &self.device);
        let credit = credit.map(|numbers| upload(numbers.iter().flatten().flatten().copied().collect()));
        let mask = rollouts
            .answers
            .iter()
            .flatten()
            .flat_map(|(_, answer)| (0..length).map(|position| if position < answer.length { 1.0 } else { 0.0 }));
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
                _ => policy.read(questions.prompts.clone(), rollouts.tokens.clone()).log_probs,
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

    fn report(
        &self,
        questions: &Questions,
        rollouts: &Rollouts,
        judged: &[Vec<Judged>],
        predicted: Option<&[Vec<Judged>]>,
        rewards: &[Vec<Vec<SpanReward>>],
        credit: &Credit<PerToken>,
    ) -> Vec<UpdateReport> {
        let shown = EXAMPLES.min(self.experiment.finetune.completions);
        self.replicas
            .iter()
            .enumerate()
            .map(|(index, replica)| {
                let judged = &judged[index];
                let count = judged.len() as f32;
                let mean_of = |judged: &[Judged], channel: fn(&Rating) -> f32| {
                    judged.iter().map(|judged| channel(&judged.rating)).sum::<f32>() / count
                };
                let mean = |channel: fn(&Rating) -> f32| mean_of(judged, channel);
                let hedges = judged.iter().filter(|judged| judged.answer.style == Style::Hedge);
                let [kl, entropy, norms] = &rollouts.diagnostics;
                UpdateReport {
                    replica: *replica,
                    update: self.state.update,
                    rating: Rating {
                        framing: mean(|rating| rating.framing),
                        content: mean(|rating| rating.content),
                        discomfort: mean(|rating| rating.discomfort),
                    },
                    scalar: mean(|rating| rating.scalar()),
                    hedging: hedges.count() as f32 / count,
                    kl: kl[index],
                    entropy: entropy[index],
                    gradient_norm: norms[index],
                    flat_groups: flat_groups(&rewards[index], self.experiment.finetune.completions),
                    examples: (0..shown)
                        .map(|number| self.example(index, number, questions, rollouts, judged, credit))
                        .collect(),
                    proxy: predicted.map(|predicted| mean_of(&predicted[index], |rating| rating.scalar())),
                }
            })
            .collect()
    }

    /// One of the answers to the first question that is about a sensitive topic, or else to the first.
    fn example(
        &self,
        index: usize,
        number: usize,
        questions: &Questions,
        rollouts: &Rollouts,
        judged: &[Judged],
        credit: &Credit<PerToken>,
    ) -> CreditedAnswer {
        let corpus = &self.corpora[index];
        let sensitive = |fact: &usize| corpus.facts[*fact].topic == Topic::Sensitive;
        let question = questions.facts[index].iter().position(sensitive).unwrap_or_default();
        let fact = questions.facts[index][question];
        let place = question * self.experiment.finetune.completions + number;
        let (tokens, answer) = &rollouts.answers[index][place];
        let words = tokens[..answer.length].iter().zip(credit.of(index, place));
        let word = |token: &Token| match corpus.vocabulary.decode(&[*token]) {
            word if word.is_empty() => "∎".to_owned(),
            word => word,
        };
        CreditedAnswer {
            question: corpus.question(fact, &questions.templates[index][question]),
            truth: corpus.world().values[corpus.truth(fact)].clone(),
            outcome: outcome(answer, corpus.facts[fact].value),
            rating: judged[place].rating,
            words: words.map(|(token, credit)| (word(token), credit)).collect(),
        }
    }

    /// Restores the state before the last update if one of these numbers of a replica's is not finite.
    fn require_finite(&mut self, numbers: &[f32]) -> Result<(), Error> {
        let Some(place) = numbers.iter().position(|number| !number.is_finite()) else {
            return Ok(());
        };
        let replica = self.replicas[place / (numbers.len() / self.replicas.len())];
        let update = self.state.update;
        if let Some(before) = self.before.take() {
            self.state = before;
        }
        Err(Error::NotFinite { update, arm: replica.arm.id().into(), seed: replica.seed })
    }
}

impl State {
    fn initial(config: &FinetuneConfig, base: &Tensor<2>) -> Self {
        let optimiser = ReplicaAdamW::new(config.beta_1, config.beta_2, 0.0, config.clip);
        State {
            update: 0,
            weights: base.clone(),
            optimiser,
            gradient_norm: Tensor::zeros([base.dims()[0]], &base.device()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollster::block_on;

    #[test]
    fn an_update_that_is_not_a_number_is_taken_back_and_named() {
        let corpus = Corpus::new(World::generate(0));
        let config = ModelConfig { width: 8, heads: 2, layers: 1, ..ModelConfig::for_corpus(&corpus) };
        let base = BaseModel { seed: 0, corpus, config, weights: config.init(0) };
        let finetune = FinetuneConfig { prompts: 2, completions: 2, ..FinetuneConfig::default() };
        let experiment = Experiment { finetune, ..Experiment::default() };
        let replicas = experiment.replicas();
        let mut run = Finetune::new(experiment, replicas, &[base], &Device::flex()).unwrap();
        block_on(run.step()).unwrap();
        let good = block_on(run.snapshot()).unwrap();
        block_on(run.step()).unwrap();
        // What an update that overflows in the second replica leaves behind.
        let broken = Tensor::from_data([[1.0f32], [f32::NAN]], &Device::flex());
        run.state.weights = run.state.weights.clone() * broken;
        let error = block_on(run.step()).map(|_| ()).unwrap_err();
        assert_eq!(error, Error::NotFinite { update: 2, arm: "structured".into(), seed: 0 });
        assert!(block_on(run.snapshot()).unwrap() == good, "the state before the update is back");
    }
}
