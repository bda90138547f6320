//! The fine-tune: sample, rate, reward, compare, learn. Start with [`Finetune::step_traced`].
//!
//! All replicas of a run are updated at once. The device is read once a step: tokens, KL,
//! entropy and the gradient norm of the update before come back together. How prompts are answered is in
//! `rollouts`, what is learned from rewards in `learn`, what is told about it in `report`, what it all needs of memory
//! in `memory`.

mod learn;
mod memory;
mod report;
mod rollouts;
mod snapshot;

use burn::tensor::{Device, Tensor, TensorData};

use crate::documents::metrics::{Diagnosis, Measurement, UpdateReport};
use crate::eval::diagnosis::Diagnostician;
use crate::eval::measure::Examiner;
use crate::facts::corpus::Corpus;
use crate::facts::error::{CheckpointFault, Error, ExperimentFault};
use crate::facts::random::{Purpose, stream};
use crate::facts::world::World;
use crate::judgement::experiment::{Arm, Experiment, FinetuneConfig, Replica};
use crate::judgement::judge::Judge;
use crate::judgement::person::Person;
use crate::judgement::rater::{RaterConfig, Situation};
use crate::judgement::reward::{Judged, SpanReward, group_rewards};
use crate::kernels::ModelConfig;
use crate::network::checkpoint::Checkpoint;
use crate::network::device::to_host;
use crate::network::model::Policy;
use crate::network::optimiser::ReplicaAdamW;
use crate::network::reward_model::{RatedAnswers, RewardModel};
use crate::network::stack::Stack;
use rollouts::Rollouts;

pub use crate::documents::protocol::Snapshot;
pub use learn::{Credit, PerToken};
pub use memory::bytes_needed;
pub use report::Trace;
pub use rollouts::{Completion, Pending, Question, largest_batches};

/// A run: the models, their rewards and their measurements.
pub struct Finetune {
    experiment: Experiment,
    replicas: Vec<Replica>,
    arms: Vec<Arm>,
    rater: RaterConfig,
    person: Option<Box<Person>>,
    judge: Judge,
    corpora: Vec<Corpus>,
    seeds: Vec<u64>,
    examiner: Examiner,
    model: ModelConfig,
    device: Device,
    base: Tensor<2>,
    reference: Policy,
    /// Trained at the first step that needs it, and again when the rater changes.
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
            return Err(CheckpointFault::OtherSeed { found: checkpoint.seed, wanted: seed }.into());
        }
        Ok(BaseModel { seed, corpus, config: checkpoint.config, weights: checkpoint.weights })
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
                return Err(CheckpointFault::OtherWorld { seed: base.seed }.into());
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
            person: experiment.person.clone(),
            judge: if experiment.reward_model.is_some() { Judge::Model } else { Judge::Formula },
            reference: Policy::new(model, &base),
            reward_model: None,
            device: device.clone(),
            before: None,
            experiment,
            replicas,
            corpora,
            seeds,
            model,
            base,
            state,
        })
    }

    /// One update of every replica, and what is reported of it.
    ///
    /// # Errors
    /// As [`Finetune::step_traced`].
    pub async fn step(&mut self) -> Result<Vec<UpdateReport>, Error> {
        Ok(self.step_traced().await?.reports)
    }

    /// One update of every replica, frame by frame. If a reward model stands in for the rater, the first
    /// update trains it, which reads the device once for every 250 ratings. The formula stands in for a
    /// person: to ask them, begin the step, and finish it with [`Finetune::rated`].
    ///
    /// # Errors
    /// [`Error::NotFinite`] if the update before this one went wrong; the state before it is
    /// restored. [`Error::Device`] if the read fails.
    pub async fn step_traced(&mut self) -> Result<Trace, Error> {
        let pending = self.begin_step().await?;
        let judged = self.rate(&pending);
        Ok(self.finish_step(pending, judged))
    }

    /// The part of an update before the ratings: prompts and completions. It changes no weight, and
    /// begun again it gives the same completions.
    ///
    /// # Errors
    /// As [`Finetune::step_traced`].
    pub async fn begin_step(&mut self) -> Result<Pending, Error> {
        self.train_reward_model(|_| ()).await?;
        let questions = self.next_questions();
        let rollouts = self.answer(&questions).await?;
        Ok(Pending { questions, rollouts })
    }

    /// What the rater's formula, or the person in its place, makes of completions, `[replica][answer]`.
    pub fn rate(&self, Pending { questions, rollouts }: &Pending) -> Vec<Vec<Judged>> {
        let completions = self.experiment.finetune.completions;
        let rate = |(index, seed): (usize, &u64)| {
            let mut rng = stream(*seed, u64::from(self.state.update), Purpose::Rater);
            let rate = |(number, Completion { answer, .. }): (usize, &Completion)| {
                let fact = questions.asked[index][number / completions].fact;
                let situation = Situation::of(&self.corpora[index], fact, answer);
                let rating = match &self.person {
                    None => self.rater.rate(answer, situation, &mut rng),
                    Some(person) => person.rate(answer, situation),
                };
                Judged { answer: *answer, situation, rating }
            };
            rollouts.completions[index].iter().enumerate().map(rate).collect()
        };
        self.seeds.iter().enumerate().map(rate).collect()
    }

    /// The part of an update from the ratings on: rewards, what they say of each token, the weights.
    ///
    /// # Panics
    /// If there is not one judgement for each completion.
    pub fn finish_step(&mut self, Pending { questions, rollouts }: Pending, judged: Vec<Vec<Judged>>) -> Trace {
        let predicted = self.predict(&rollouts, &judged);
        let rewards = self.reward(predicted.as_ref().unwrap_or(&judged));
        let credit = self.compare(&rewards);
        self.learn(&questions, &rollouts, &credit);
        self.trace(questions, rollouts, judged, predicted, rewards, credit)
    }

    /// Measures every replica as it is. The first measurement must be at update 0, or come after
    /// [`Finetune::fit_base_probes`].
    ///
    /// # Errors
    /// [`Error::NotFinite`] if a weight is not a number; the state before the last update is
    /// restored. [`Error::Device`] if a read fails.
    pub async fn measure(&mut self) -> Result<Vec<Measurement>, Error> {
        self.measure_telling(|_| ()).await
    }

    /// The same, and tells which share of the work is done.
    ///
    /// # Errors
    /// As [`Finetune::measure`].
    pub async fn measure_telling(&mut self, tell: impl Fn(f64)) -> Result<Vec<Measurement>, Error> {
        let sums = to_host(self.state.weights.clone().sum_dim(1)).await?;
        self.require_finite(&sums)?;
        let with_probes = self.experiment.probes_at(self.state.update);
        self.examiner.measure_telling(&self.policy(), self.state.update, with_probes, tell).await
    }

    /// Fits the frozen probes on the base models, where others measure these.
    pub fn fit_base_probes(&mut self) {
        self.examiner.fit_base_probes(&self.reference);
    }

    /// What the numbers about the models as they are can be trusted for.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn diagnose(&self) -> Result<Vec<Diagnosis>, Error> {
        let diagnostician = Diagnostician::new(self.corpora.clone(), &self.seeds);
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

    /// The models before the last update, if one was made since the run was loaded.
    pub fn before_last_update(&self) -> Option<Policy> {
        self.before.as_ref().map(|before| Policy::new(self.model, &before.weights))
    }

    /// The base models that they came from.
    pub fn reference(&self) -> &Policy {
        &self.reference
    }

    /// These models, with the corpora and the seeds of the run.
    pub fn stack<'a>(&'a self, policy: &'a Policy) -> Stack<'a> {
        Stack { policy, corpora: &self.corpora, seeds: &self.seeds }
    }

    /// Back to the base models, the experiment's reward and update 0. The judge stays.
    pub fn reset(&mut self) {
        self.state = State::initial(&self.experiment.finetune, &self.base);
        self.before = None;
        self.rater = self.experiment.rater;
        self.person.clone_from(&self.experiment.person);
        self.arms = self.replicas.iter().map(|replica| replica.arm).collect();
    }

    /// Rewards the updates from now on like this.
    ///
    /// # Errors
    /// [`Error::Experiment`] if the rater or the person makes no sense, if there is not one arm for each replica, if an
    /// arm needs reasons and the reward model gives none, or if there are a reward model and a person.
    pub fn change_reward(
        &mut self,
        rater: RaterConfig,
        arms: Vec<Arm>,
        person: Option<Box<Person>>,
    ) -> Result<(), Error> {
        self.check_reward(&rater, &arms, person.as_deref())?;
        (self.rater, self.arms, self.person) = (rater, arms, person);
        Ok(())
    }

    /// Can the replicas be rewarded like this?
    ///
    /// # Errors
    /// As [`Finetune::change_reward`].
    pub fn check_reward(&self, rater: &RaterConfig, arms: &[Arm], person: Option<&Person>) -> Result<(), Error> {
        rater.validate()?;
        if let Some(person) = person {
            person.validate()?;
            if self.experiment.reward_model.is_some() {
                return Err(ExperimentFault::TwoJudges.into());
            }
        }
        if arms.len() != self.replicas.len() {
            return Err(ExperimentFault::ArmCount { arms: arms.len(), replicas: self.replicas.len() }.into());
        }
        self.experiment.check_heads(arms)
    }

    /// Who rates.
    pub fn judge(&self) -> Judge {
        self.judge
    }

    /// Has the updates from now on rated by this judge.
    ///
    /// # Errors
    /// [`Error::Experiment`] if that is a reward model and the experiment has none.
    pub fn set_judge(&mut self, judge: Judge) -> Result<(), Error> {
        if judge == Judge::Model && self.experiment.reward_model.is_none() {
            return Err(ExperimentFault::NoRewardModel.into());
        }
        self.judge = judge;
        Ok(())
    }

    /// Has a model of the present rater, if that is the judge; a step sees to it itself. Tells which share of the work
    /// is done: the ratings are about half of it.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub async fn train_reward_model(&mut self, tell: impl Fn(f64)) -> Result<(), Error> {
        let (Judge::Model, Some(config)) = (self.judge, self.experiment.reward_model) else {
            return Ok(());
        };
        if self.reward_model.as_ref().is_none_or(|model| *model.rater() != self.rater) {
            let bases = self.stack(&self.reference);
            let share = self.experiment.finetune.sensitive_share;
            let count = config.ratings as usize;
            let told = |rated: usize| tell(rated as f64 / (2 * count) as f64);
            let rated = RatedAnswers::sample(count, &self.rater, share, bases, told).await?;
            self.reward_model = Some(RewardModel::fit(&rated, config.heads, bases));
        }
        Ok(())
    }

    /// The same completions with the ratings that the reward model predicts, if that is the judge.
    fn predict(&self, rollouts: &Rollouts, judged: &[Vec<Judged>]) -> Option<Vec<Vec<Judged>>> {
        self.reward_model.as_ref().zip(rollouts.predictions.as_ref()).map(|(model, read)| model.judge(read, judged))
    }

    /// `[replica][answer]`. The only place that looks at the arm.
    fn reward(&self, judged: &[Vec<Judged>]) -> Vec<Vec<Vec<SpanReward>>> {
        let of_replica = |((seed, arm), judged): ((&u64, &Arm), &Vec<Judged>)| {
            let mut rng = stream(*seed, u64::from(self.state.update), Purpose::Attribution);
            let groups = judged.chunks(self.experiment.finetune.completions);
            groups.flat_map(|group| group_rewards(*arm, &self.rater, group, &mut rng)).collect()
        };
        self.seeds.iter().zip(&self.arms).zip(judged).map(of_replica).collect()
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
