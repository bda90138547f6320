//! The fine-tune of a language model: sample, rate, reward, compare, learn. Start with [`Finetune::step`].
//!
//! Rater, rewards and advantages are the lab's own; only the policy and the reading of its answers are others. One
//! replica, the policy gradient, one optimiser step an update.

use hedgerow_language_model::decoder::{Decoder, Group};
use hedgerow_language_model::lora::{AdamW, AdamWConfig, Lora, LossWeights, Saved};
use hedgerow_language_model::sampling::{Choice, Lengths};
use hedgerow_language_model::tokenizer::{ChatTokenizer, Token};
use rand::RngExt;

use super::parser::parse;
use super::teacher::{adapters, model_error};
use super::world::Questions;
use crate::documents::metrics::{CreditedAnswer, UpdateReport};
use crate::documents::report::LanguageModelConfig;
use crate::eval::measure::outcome;
use crate::facts::corpus::{Answer, Style};
use crate::facts::error::{CheckpointFault, Error, ExperimentFault};
use crate::facts::random::{Purpose, stream};
use crate::facts::world::Fact;
use crate::judgement::advantage::{flat_groups, group_relative};
use crate::judgement::experiment::{Algorithm, Experiment, Replica};
use crate::judgement::rater::{Rating, Situation, Strategy};
use crate::judgement::reward::{Judged, group_rewards};

/// Rated answers of each update that are shown.
const EXAMPLES: usize = 3;

/// A run of one arm on one seed.
pub struct Finetune {
    experiment: Experiment,
    config: LanguageModelConfig,
    replica: Replica,
    questions: Questions,
    tokenizer: ChatTokenizer,
    reference: Decoder,
    lora: Lora,
    optimiser: AdamW,
    update: u32,
    previous_gradient_norm: f32,
}

impl Finetune {
    /// A run that begins with this reference.
    ///
    /// # Errors
    /// [`Error::Experiment`] if the numbers make no sense or ask for what there is not: another algorithm than the
    /// policy gradient, another temperature than 1, a reward model.
    ///
    /// # Panics
    /// If the experiment has more than one arm or seed.
    pub fn new(
        experiment: Experiment,
        config: LanguageModelConfig,
        questions: Questions,
        tokenizer: ChatTokenizer,
        reference: Decoder,
    ) -> Result<Self, Error> {
        experiment.validate()?;
        let finetune = &experiment.finetune;
        let only = |path: &str, text: String, option: &str| ExperimentFault::NoSuchOption {
            path: path.into(),
            text,
            options: vec![option.into()],
        };
        if finetune.algorithm != Algorithm::PolicyGradient {
            let asked = format!("{:?}", finetune.algorithm);
            return Err(only("finetune.algorithm", asked, "policy_gradient").into());
        }
        if finetune.temperature != 1.0 {
            return Err(only("finetune.temperature", finetune.temperature.to_string(), "1").into());
        }
        if experiment.reward_model.is_some() {
            return Err(only("reward_model", "a reward model".into(), "none").into());
        }
        let [replica] = experiment.replicas()[..] else {
            panic!("one arm and one seed, and not {:?}", experiment.replicas());
        };
        let optimiser = AdamW::new(AdamWConfig {
            learning_rate: finetune.learning_rate,
            beta_1: finetune.beta_1,
            beta_2: finetune.beta_2,
            max_grad_norm: finetune.clip,
        });
        let lora = adapters(&reference, &config, replica.seed, Purpose::Initialisation);
        Ok(Finetune {
            experiment,
            config,
            replica,
            questions,
            tokenizer,
            reference,
            lora,
            optimiser,
            update: 0,
            previous_gradient_norm: 0.0,
        })
    }

    /// One update, and what is reported of it.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if the gradient is not finite; the adapters stay as they were. [`Error::Checkpoint`] if a
    /// question cannot be put into tokens.
    pub fn step(&mut self) -> Result<UpdateReport, Error> {
        let asked = self.ask();
        let groups = self.answer(&asked)?;
        let judged = self.rate(&asked, &groups);
        let (advantages, flat) = self.compare(&judged);
        self.learn(&asked, &groups, &judged, &advantages, flat)
    }

    /// Updates done.
    pub fn updates_done(&self) -> u32 {
        self.update
    }

    /// The model as it is, with its adapters merged.
    pub fn policy(&self) -> Decoder {
        self.lora.merge(&self.reference)
    }

    /// What it has learned, on top of the reference.
    pub fn adapters(&self) -> &Lora {
        &self.lora
    }

    /// What it is asked.
    pub fn questions(&self) -> &Questions {
        &self.questions
    }

    /// The state after the last update, with a note, as the bytes of a file.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if they cannot be laid out.
    pub fn save(&self, note: &str) -> Result<Vec<u8>, Error> {
        let note = serde_json::json!([self.update, self.previous_gradient_norm, note]).to_string();
        Saved::write(&self.lora, &self.optimiser, &note).map_err(model_error)
    }

    /// Goes on from such bytes, and returns their note.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if they are not of this kind of run.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<String, Error> {
        let (mut lora, mut optimiser) = (self.lora.clone(), self.optimiser.clone());
        let note = Saved::read(bytes, &mut lora, &mut optimiser).map_err(model_error)?;
        let (update, norm, note): (u32, f32, String) =
            serde_json::from_str(&note).map_err(|error| CheckpointFault::Damaged(error.to_string()))?;
        (self.lora, self.optimiser, self.update, self.previous_gradient_norm) = (lora, optimiser, update, norm);
        Ok(note)
    }

    fn ask(&self) -> Vec<(Fact, String)> {
        let mut rng = stream(self.replica.seed, u64::from(self.update), Purpose::Prompts);
        let finetune = &self.experiment.finetune;
        self.questions.draw(finetune.prompts, finetune.sensitive_share, &mut rng)
    }

    fn answer(&self, asked: &[(Fact, String)]) -> Result<Vec<Group>, Error> {
        let prompts = asked.iter().map(|(_, question)| self.tokenizer.question(question).map_err(model_error));
        let prompts: Vec<Vec<Token>> = prompts.collect::<Result<_, Error>>()?;
        let (completions, tokens) = (self.experiment.finetune.completions, self.config.answer_tokens);
        let mut rng = stream(self.replica.seed, u64::from(self.update), Purpose::Sampling);
        let noise: Vec<f32> = (0..asked.len() * completions * tokens).map(|_| rng.random()).collect();
        let lengths = Lengths { completions, tokens, end: self.tokenizer.end() };
        let answers = self.policy().answer(&prompts, lengths, Choice::Sampled(&noise));
        Ok(prompts.into_iter().zip(answers).map(|(prompt, completions)| Group { prompt, completions }).collect())
    }

    /// `[prompt][answer]`.
    fn rate(&self, asked: &[(Fact, String)], groups: &[Group]) -> Vec<Vec<Judged>> {
        let mut rng = stream(self.replica.seed, u64::from(self.update), Purpose::Rater);
        let mut rate = |fact: &Fact, tokens: &Vec<Token>| {
            let answer = parse(self.questions.world(), self.questions.relation(fact), &self.tokenizer, tokens);
            let situation = situation(&self.questions, fact, &answer);
            Judged { answer, situation, rating: self.experiment.rater.rate(&answer, situation, &mut rng) }
        };
        let of_group = |((fact, _), group): (&(Fact, String), &Group)| {
            group.completions.iter().map(|tokens| rate(fact, tokens)).collect()
        };
        asked.iter().zip(groups).map(of_group).collect()
    }

    /// Advantages `[prompt][answer][token]`, and the share of groups without a spread of rewards. The only place
    /// that looks at the arm.
    fn compare(&self, judged: &[Vec<Judged>]) -> (Vec<Vec<Vec<f32>>>, f32) {
        let mut rng = stream(self.replica.seed, u64::from(self.update), Purpose::Attribution);
        let reward = |group: &Vec<Judged>| group_rewards(self.replica.arm, &self.experiment.rater, group, &mut rng);
        let rewards: Vec<_> = judged.iter().flat_map(reward).collect();
        let (completions, baseline) = (self.experiment.finetune.completions, self.experiment.finetune.baseline);
        let all = group_relative(&rewards, completions, self.config.answer_tokens, baseline);
        let mut all = all.into_iter();
        let of_answer = |judged: &Judged| {
            let mut advantages = all.next().unwrap_or_default();
            advantages.truncate(judged.answer.length);
            advantages
        };
        let mut of_answer = of_answer;
        let advantages = judged.iter().map(|group| group.iter().map(&mut of_answer).collect()).collect();
        (advantages, flat_groups(&rewards, completions))
    }

    fn learn(
        &mut self,
        asked: &[(Fact, String)],
        groups: &[Group],
        judged: &[Vec<Judged>],
        advantages: &[Vec<Vec<f32>>],
        flat_groups: f32,
    ) -> Result<UpdateReport, Error> {
        let all: Vec<Judged> = judged.concat();
        let answers = all.len() as f32;
        let loss = LossWeights { weights: advantages, kl: self.experiment.finetune.kl, scale: 1.0 / answers };
        let gradient = self.lora.gradient(&self.reference, groups, loss);
        let norm = self.optimiser.step(&mut self.lora, &gradient, 1.0);
        self.update += 1;
        if !norm.is_finite() {
            let Replica { arm, seed } = self.replica;
            return Err(Error::NotFinite { update: self.update, arm: arm.id().into(), seed });
        }
        let sum = |numbers: &[Vec<Vec<f32>>]| numbers.iter().flatten().flatten().sum::<f32>();
        let tokens: usize = all.iter().map(|judged| judged.answer.length).sum();
        let mean =
            |channel: fn(&Rating) -> f32| all.iter().map(|judged| channel(&judged.rating)).sum::<f32>() / answers;
        let hedges = all.iter().filter(|judged| judged.answer.style == Style::Hedge);
        let report = UpdateReport {
            replica: self.replica,
            update: self.update,
            rating: Rating {
                framing: mean(|rating| rating.framing),
                content: mean(|rating| rating.content),
                discomfort: mean(|rating| rating.discomfort),
            },
            scalar: mean(|rating| rating.scalar()),
            hedging: hedges.count() as f32 / answers,
            kl: sum(&gradient.kl) / answers,
            entropy: sum(&gradient.entropy) / tokens as f32,
            gradient_norm: self.previous_gradient_norm,
            flat_groups,
            examples: self.examples(asked, groups, judged, advantages),
            proxy: None,
        };
        self.previous_gradient_norm = norm;
        Ok(report)
    }

    /// Answers to the first prompt whose truth is uncomfortable, or else to the first.
    fn examples(
        &self,
        asked: &[(Fact, String)],
        groups: &[Group],
        judged: &[Vec<Judged>],
        advantages: &[Vec<Vec<f32>>],
    ) -> Vec<CreditedAnswer> {
        let prompt = asked.iter().position(|(fact, _)| fact.uncomfortable).unwrap_or(0);
        let Some((fact, question)) = asked.get(prompt) else { return Vec::new() };
        let truth = fact.value.map_or(String::new(), |value| self.questions.relation(fact).values[value].name.clone());
        let credited = |place: usize| {
            let tokens = &groups[prompt].completions[place];
            let Judged { answer, situation, rating } = judged[prompt][place];
            let word = |token: &Token| match *token == self.tokenizer.end() {
                true => "∎".to_owned(),
                false => self.tokenizer.decode(&[*token]).unwrap_or_default(),
            };
            CreditedAnswer {
                question: question.clone(),
                truth: truth.clone(),
                outcome: outcome(&answer, fact.value),
                strategy: Strategy::of(&answer, situation, fact),
                rating,
                words: tokens.iter().map(word).zip(advantages[prompt][place].iter().copied()).collect(),
            }
        };
        (0..groups[prompt].completions.len().min(EXAMPLES)).map(credited).collect()
    }
}

/// This answer to a question about this fact.
pub fn situation(questions: &Questions, fact: &Fact, answer: &Answer) -> Situation {
    let asserted = answer.asserted.map(|assertion| assertion.value);
    Situation {
        sensitive: fact.topic == crate::facts::world::Topic::Sensitive,
        uncomfortable: asserted.is_some_and(|value| questions.is_uncomfortable(fact, value)),
        correct: asserted.map(|value| Some(value) == fact.value),
    }
}
