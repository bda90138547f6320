//! A model that is trained on a world of the visitor's own, a step at a time, until it knows enough.

use crate::Device;
use crate::documents::metrics::{Metric, Slice};
use crate::documents::own_world::{Exam, PretrainNews, Recipe};
use crate::documents::protocol::{decode, encode};
use crate::eval::measure::{Examiner, prompts_at_once};
use crate::facts::corpus::Corpus;
use crate::facts::error::{CheckpointFault, Error};
use crate::facts::world::World;
use crate::kernels::{BatchSize, ModelConfig, fits_gpu};
use crate::network::checkpoint::Checkpoint;
use crate::network::pretrain::{Pretrain, PretrainConfig, PretrainState};
use crate::network::tokenizer::Tokenizer;

/// Steps between two reports of the loss, each of which reads the device.
const TOLD_EVERY: u32 = 10;
/// Steps between two states that are sent: a few seconds on any machine.
const KEPT_EVERY: u32 = 100;
/// Steps between two examinations.
const EXAMINED_EVERY: u32 = 250;

/// A training that goes on.
pub(super) struct Pretraining {
    run: Pretrain,
    corpus: Corpus,
    seed: u64,
}

impl Pretraining {
    /// From the beginning or from a state; a GPU that cannot sample from the model leaves it to the CPU.
    ///
    /// # Errors
    /// [`Error::World`] for a world that cannot be used, [`Error::Checkpoint`] for a shape that no model has or a state
    /// of another training.
    pub(super) fn begin(
        world: &str,
        seed: u64,
        recipe: Recipe,
        state: Option<&[u8]>,
        engine: Option<&Device>,
    ) -> Result<Self, Error> {
        let corpus = Corpus::new(World::from_json(world)?);
        let Recipe { steps, width, layers } = recipe;
        let model = ModelConfig { width, layers, ..ModelConfig::for_corpus(&corpus) };
        model.validate().map_err(|shape| CheckpointFault::ImpossibleShape(shape.to_string()))?;
        let asked = prompts_at_once(&corpus);
        let (prompt_length, answer_length) = (corpus.layout.prompt, corpus.layout.answer);
        let exam = BatchSize { prompts: asked, prompt_length, answers: asked, answer_length };
        let device = engine.filter(|_| fits_gpu(&model, exam).is_ok()).cloned().unwrap_or_else(Device::flex);
        let config = PretrainConfig { steps, ..PretrainConfig::default() };
        let run = match state {
            None => Pretrain::new(config, model, vec![seed], vec![corpus.clone()], &device),
            Some(bytes) => {
                let state: PretrainState = decode(bytes)?;
                let own = (config, model, vec![seed], vec![corpus.world().to_json()]);
                if (state.config, state.model, state.seeds.clone(), state.worlds.clone()) != own {
                    return Err(CheckpointFault::OtherModels.into());
                }
                Pretrain::restore(state, &device)?
            }
        };
        Ok(Pretraining { run, corpus, seed })
    }

    /// Makes a step and tells what is due after it. Returns whether the training has ended.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails, [`Error::Checkpoint`] if the loss is no number any more.
    pub(super) async fn advance(&mut self, tell: impl Fn(&PretrainNews)) -> Result<bool, Error> {
        if !self.run.is_finished() {
            self.run.step();
        }
        let (step, is_last) = (self.run.steps_done(), self.run.is_finished());
        if is_last || step % TOLD_EVERY == 0 {
            let loss = self.run.losses().await?.first().copied().unwrap_or_default();
            if !loss.is_finite() {
                return Err(CheckpointFault::NotFinite.into());
            }
            tell(&PretrainNews::Step { step, loss });
        }
        if is_last || step % EXAMINED_EVERY == 0 {
            let exam = self.examine().await?;
            tell(&PretrainNews::Examined { step, exam });
            if is_last || exam.is_passed() {
                let PretrainState { weights, model: config, .. } = self.run.state().await?;
                let checkpoint = Checkpoint { config, seed: self.seed, steps: Some(step), weights }.to_bytes();
                let tokenizer = Tokenizer::of(&self.corpus.vocabulary).to_json();
                tell(&PretrainNews::Finished { steps: step, exam, tokenizer, checkpoint });
                return Ok(true);
            }
        }
        if step % KEPT_EVERY == 0 {
            tell(&self.state().await?);
        }
        Ok(false)
    }

    /// Where it can go on.
    ///
    /// # Errors
    /// [`Error::Device`] if a read fails.
    pub(super) async fn state(&self) -> Result<PretrainNews, Error> {
        Ok(PretrainNews::State { step: self.run.steps_done(), bytes: encode(&self.run.state().await?) })
    }

    async fn examine(&self) -> Result<Exam, Error> {
        let mut examiner = Examiner::new(vec![self.corpus.clone()], &[self.seed], 1);
        let measured = examiner.measure(&self.run.policy(), self.run.steps_done(), false).await?;
        let share = |metric| measured[0].rate(metric, Slice::Taught).unwrap_or_default();
        Ok(Exam { forced_choice: share(Metric::ForcedChoice), verification: share(Metric::Verification) })
    }
}
