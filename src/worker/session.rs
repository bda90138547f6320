//! The worker's side: commands drive a fine-tune, events tell what came of it.
//!
//! A session knows no browser: its [`Host`] sends, tells the time and opens the GPU, so that the
//! same code is tested natively. It leaves out the message loop, which the engine binary has.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::documents::own_world::PretrainOrder;
use crate::documents::protocol::{
    Base, Command, EnginePreference, Event, Inspection, PromptToRate, RunId, ToRate, decode, encode,
};
use crate::documents::report::RewardChange;
use crate::facts::error::{ExperimentFault, RatingsFault};
use crate::judgement::experiment::{Experiment, Replica};
use crate::judgement::judge::Judge;
use crate::judgement::rater::Rating;
use crate::network::tokenizer::Tokenizer;
use crate::rl::finetune::{BaseModel, Completion, Finetune, Pending, Question, Snapshot, Trace, bytes_needed};
use crate::worker::engine::{Engine, Watch};
pub use crate::worker::host::{Gpu, Host};
use crate::worker::inspect::inspect;
use crate::worker::pretraining::Pretraining;
use crate::{Device, Error};

/// The most bytes that a run may need on the CPU: half of what WebAssembly can address, because memory that is used
/// again and again has gaps.
const MOST_BYTES: u64 = 2 << 30;

/// One worker's state.
pub struct Session<H> {
    host: H,
    engine: Option<Engine>,
    run: Option<Run>,
    /// A model that is trained on a world of the visitor's own. It goes before the run.
    pretraining: Option<Pretraining>,
}

struct Run {
    id: RunId,
    finetune: Finetune,
    tokenizer: Tokenizer,
    until: u32,
    changes: VecDeque<RewardChange>,
    /// The update that waits for a person's ratings.
    pending: Option<Pending>,
    /// The last update, for those who look closer.
    last: Option<Trace>,
    /// Compares the device with the CPU, if it is a GPU.
    watch: Option<Rc<Watch>>,
}

impl<H: Host> Session<H> {
    /// A worker that has been told nothing yet.
    pub fn new(host: H) -> Self {
        Session { host, engine: None, run: None, pretraining: None }
    }

    /// The world around it.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Is there an update or a step to make, and nobody to wait for?
    pub fn has_work(&self) -> bool {
        self.pretraining.is_some()
            || self.run.as_ref().is_some_and(|run| run.finetune.updates_done() < run.until && run.pending.is_none())
    }

    /// Carries out one command. Whatever goes wrong is told to the page.
    pub async fn handle(&mut self, command: Command) {
        let (run, outcome) = match command {
            Command::ChooseEngine { preference, replicas } => (None, self.choose_engine(preference, replicas).await),
            Command::Load { run, experiment, replicas, bases, measures } => {
                (Some(run), self.load(run, experiment, replicas, &bases, measures).await)
            }
            Command::Restore { run, snapshot, bases } => (Some(run), self.restore(run, &snapshot, &bases)),
            Command::Train { run, until } => (Some(run), self.train(run, until)),
            Command::Pause { run } => (Some(run), self.pause(run)),
            Command::Reset { run } => (Some(run), self.reset(run)),
            Command::ChangeReward { run, after, rater, arms, person } => {
                (Some(run), self.change_reward(run, RewardChange { after, rater, arms, person }))
            }
            Command::ChooseJudge { run, judge } => (Some(run), self.choose_judge(run, judge)),
            Command::Rate { run, ratings } => (Some(run), self.rate(run, &ratings).await),
            Command::Inspect { run, id, inspection } => (Some(run), self.inspect(run, id, inspection).await),
            Command::Snapshot { run } => (Some(run), self.snapshot(run).await),
            Command::Pretrain(order) => (None, self.pretrain(&order).await),
        };
        if let Err(error) = outcome {
            self.fail(run, error);
        }
    }

    /// Makes one update, and the measurement that is due after it. If a person is the judge, makes the part
    /// of the update before their ratings. A model that is trained on a world takes a step instead.
    pub async fn advance(&mut self) {
        if let Some(pretraining) = &mut self.pretraining {
            let outcome = pretraining.advance(|news| self.host.send(&Event::Pretraining(encode(news)))).await;
            if !matches!(outcome, Ok(false)) {
                self.pretraining = None;
            }
            if let Err(error) = outcome {
                self.fail(None, error);
            }
            return;
        }
        let Some(run) = &mut self.run else { return };
        let outcome = update(&self.host, run).await;
        self.stop_if_failed(outcome);
    }

    async fn choose_engine(&mut self, preference: EnginePreference, replicas: usize) -> Result<(), Error> {
        let engine = Engine::choose(&self.host, preference, replicas).await?;
        self.host.send(&Event::EngineChosen(engine.choice.clone()));
        self.engine = Some(engine);
        Ok(())
    }

    /// Ends the last run, and lets go of the memory that was kept for it.
    fn clear(&mut self) {
        self.run = None;
        if let Some(engine) = &self.engine {
            engine.device.memory_cleanup();
        }
    }

    /// The device for a run, and what watches it. Where its models do not fit the chosen engine that is the CPU, and the
    /// page is told.
    ///
    /// # Errors
    /// [`Error::Experiment`] if so many replicas need more memory than there is.
    fn device_for(
        &mut self,
        experiment: &Experiment,
        replicas: usize,
        models: &[BaseModel],
    ) -> Result<(Device, Option<Rc<Watch>>), Error> {
        let (device, watch) = match &mut self.engine {
            Some(engine) => {
                let (device, watch, choice) = engine.for_run(experiment, models);
                if engine.told != choice.reason {
                    engine.told = choice.reason.clone();
                    self.host.send(&Event::EngineChosen(choice));
                }
                (device, watch)
            }
            None => (Device::flex(), None),
        };
        let bytes = models.first().map_or(0, |model| bytes_needed(experiment, replicas, model));
        match watch.is_none() && bytes > MOST_BYTES {
            true => Err(ExperimentFault::TooMuchMemory { bytes, most: MOST_BYTES }.into()),
            false => Ok((device, watch)),
        }
    }

    async fn load(
        &mut self,
        id: RunId,
        experiment: Experiment,
        replicas: Vec<Replica>,
        bases: &[Base],
        measures: bool,
    ) -> Result<(), Error> {
        self.clear();
        let (models, tokenizer) = open_bases(bases)?;
        let (device, watch) = self.device_for(&experiment, replicas.len(), &models)?;
        let finetune = Finetune::new(experiment, replicas, &models, &device)?;
        self.host.send(&loaded(id, &finetune, &models));
        let mut run = Run::new(id, finetune, tokenizer, watch);
        if measures {
            measured(&self.host, &mut run).await?;
        } else {
            run.finetune.fit_base_probes();
        }
        self.host.send(&Event::Waiting { run: id, update: 0 });
        self.run = Some(run);
        Ok(())
    }

    fn restore(&mut self, id: RunId, snapshot: &[u8], bases: &[Base]) -> Result<(), Error> {
        self.clear();
        let (models, tokenizer) = open_bases(bases)?;
        let snapshot: Snapshot = decode(snapshot)?;
        let (device, watch) = self.device_for(&snapshot.experiment, snapshot.replicas.len(), &models)?;
        let finetune = Finetune::restore(snapshot, &models, &device)?;
        let update = finetune.updates_done();
        self.host.send(&loaded(id, &finetune, &models));
        self.host.send(&Event::Waiting { run: id, update });
        self.run = Some(Run::new(id, finetune, tokenizer, watch));
        Ok(())
    }

    fn train(&mut self, id: RunId, until: u32) -> Result<(), Error> {
        let run = self.current(id)?;
        run.until = until.min(run.finetune.experiment().finetune.updates);
        if run.until <= run.finetune.updates_done() {
            let update = run.finetune.updates_done();
            self.host.send(&Event::Waiting { run: id, update });
        }
        Ok(())
    }

    fn pause(&mut self, id: RunId) -> Result<(), Error> {
        let run = self.current(id)?;
        run.until = 0;
        let update = run.finetune.updates_done();
        self.host.send(&Event::Waiting { run: id, update });
        Ok(())
    }

    fn reset(&mut self, id: RunId) -> Result<(), Error> {
        let run = self.current(id)?;
        run.finetune.reset();
        (run.until, run.pending, run.last) = (0, None, None);
        run.changes.clear();
        self.host.send(&Event::WasReset { run: id });
        Ok(())
    }

    fn change_reward(&mut self, id: RunId, change: RewardChange) -> Result<(), Error> {
        let run = self.current(id)?;
        run.finetune.check_reward(&change.rater, &change.arms, change.person.as_deref())?;
        run.changes.push_back(change);
        Ok(())
    }

    fn choose_judge(&mut self, id: RunId, judge: Judge) -> Result<(), Error> {
        let run = self.current(id)?;
        run.finetune.set_judge(judge)?;
        if judge != Judge::Person {
            // Begun again, the update has the same completions.
            run.pending = None;
        }
        Ok(())
    }

    async fn rate(&mut self, id: RunId, ratings: &[Rating]) -> Result<(), Error> {
        let before = self.host.now();
        let run = self.current(id)?;
        let pending = run.pending.take().ok_or(RatingsFault::NothingToRate)?;
        let judged = match run.finetune.rated(&pending, ratings) {
            Ok(judged) => judged,
            Err(error) => {
                run.pending = Some(pending);
                return Err(error);
            }
        };
        let trace = run.finetune.finish_step(pending, judged);
        let Some(run) = &mut self.run else { return Ok(()) };
        let outcome = updated(&self.host, run, trace, before).await;
        self.stop_if_failed(outcome);
        Ok(())
    }

    async fn inspect(&mut self, id: RunId, number: u32, inspection: Inspection) -> Result<(), Error> {
        let run = self.current(id)?;
        match inspect(&run.finetune, &run.tokenizer, run.last.as_ref(), number, inspection).await {
            Err(error @ Error::Device(_)) => Err(error),
            inspected => {
                self.host.send(&Event::Inspected { run: id, id: number, inspected });
                Ok(())
            }
        }
    }

    async fn pretrain(&mut self, order: &[u8]) -> Result<(), Error> {
        match decode(order)? {
            PretrainOrder::Begin { world, seed, recipe, state } => {
                let engine = self.engine.as_ref().map(|engine| &engine.device);
                self.pretraining = Some(Pretraining::begin(&world, seed, recipe, state.as_deref(), engine)?);
            }
            PretrainOrder::Stop => {
                if let Some(pretraining) = self.pretraining.take() {
                    self.host.send(&Event::Pretraining(encode(&pretraining.state().await?)));
                }
            }
        }
        Ok(())
    }

    async fn snapshot(&mut self, id: RunId) -> Result<(), Error> {
        self.current(id)?;
        let Some(run) = &mut self.run else { return Ok(()) };
        run.look_at_device(&self.host).await?;
        let snapshot = run.finetune.snapshot().await?;
        let (update, bytes) = (snapshot.update, encode(&snapshot));
        self.host.send(&Event::Snapshot { run: id, update, bytes });
        Ok(())
    }

    fn current(&mut self, id: RunId) -> Result<&mut Run, Error> {
        let run = self.run.as_mut().filter(|run| run.id == id);
        run.ok_or(Error::RunNotLoaded { run: id })
    }

    /// A run that failed waits where it is.
    fn stop_if_failed(&mut self, outcome: Result<(), Error>) {
        let (Some(run), Err(error)) = (&mut self.run, outcome) else { return };
        (run.until, run.last) = (0, None);
        let (id, update) = (run.id, run.finetune.updates_done());
        self.fail(Some(id), error);
        self.host.send(&Event::Waiting { run: id, update });
    }

    fn fail(&self, run: Option<RunId>, error: Error) {
        let fatal = matches!(error, Error::Device(_) | Error::Differs(_));
        self.host.send(&Event::Failed { run, error, fatal });
    }
}

impl Run {
    fn new(id: RunId, finetune: Finetune, tokenizer: Tokenizer, watch: Option<Rc<Watch>>) -> Self {
        Run { id, finetune, tokenizer, until: 0, changes: VecDeque::new(), pending: None, last: None, watch }
    }

    /// Is the device still right? Asked before anything that is kept is read from it.
    async fn look_at_device(&self, host: &impl Host) -> Result<(), Error> {
        match &self.watch {
            Some(watch) => watch.look(host).await,
            None => Ok(()),
        }
    }
}

/// The next update, or with a person as the judge its part before their ratings.
async fn update(host: &impl Host, run: &mut Run) -> Result<(), Error> {
    let (id, finetune) = (run.id, &mut run.finetune);
    while let Some(change) = run.changes.pop_front_if(|change| change.after <= finetune.updates_done()) {
        finetune.change_reward(change.rater, change.arms, change.person)?;
        host.send(&Event::RewardChanged { run: id, after: finetune.updates_done() });
    }
    let before = host.now();
    let tell = progress(host, id, run.watch.is_some());
    finetune.train_reward_model(tell).await?;
    match finetune.judge() {
        Judge::Formula | Judge::Model => {
            let trace = finetune.step_traced().await?;
            updated(host, run, trace, before).await
        }
        Judge::Person => {
            let pending = finetune.begin_step().await?;
            host.send(&to_rate(id, finetune, &pending));
            run.pending = Some(pending);
            Ok(())
        }
    }
}

/// Tells of an update that began at this time, and makes the measurement that is due after it.
async fn updated(host: &impl Host, run: &mut Run, trace: Trace, began: f64) -> Result<(), Error> {
    let (id, finetune) = (run.id, &mut run.finetune);
    host.send(&Event::Updated { run: id, ms: host.now() - began, reports: trace.reports.clone() });
    run.last = Some(trace);
    let update = finetune.updates_done();
    if finetune.experiment().measures_at(update) {
        measured(host, run).await?;
    }
    if update >= run.until {
        host.send(&Event::Waiting { run: id, update });
    }
    Ok(())
}

/// Measures a run on a device that is still right.
async fn measured(host: &impl Host, run: &mut Run) -> Result<(), Error> {
    run.look_at_device(host).await?;
    let measurements = match run.finetune.updates_done() {
        0 => run.finetune.measure_telling(progress(host, run.id, run.watch.is_some())).await?,
        _ => run.finetune.measure().await?,
    };
    let measurements = run.finetune.replicas().iter().copied().zip(measurements).collect();
    host.send(&Event::Measured { run: run.id, measurements });
    Ok(())
}

/// Tells which share of something is done, but on a GPU, which has only been given it by then.
fn progress(host: &impl Host, run: RunId, is_gpu: bool) -> impl Fn(f64) {
    move |share| {
        if !is_gpu {
            host.send(&Event::Progress { run, share });
        }
    }
}

/// The completions of an update in words.
fn to_rate(run: RunId, finetune: &Finetune, pending: &Pending) -> Event {
    let group = finetune.experiment().finetune.completions;
    let of_replica = |(index, replica): (usize, &Replica)| {
        let prompt = |(question, completions): (&Question, &[Completion])| PromptToRate {
            question: finetune.question(index, question),
            truth: finetune.truth(index, question),
            completions: completions.iter().map(|completion| finetune.text(index, completion)).collect(),
        };
        let prompts = pending.questions()[index].iter().zip(pending.completions()[index].chunks(group));
        encode(&ToRate { replica: *replica, prompts: prompts.map(prompt).collect() })
    };
    let replicas = finetune.replicas().iter().enumerate().map(of_replica).collect();
    Event::ToRate { run, update: finetune.updates_done(), replicas }
}

/// What can be asked of the world of the first replica, and how many values its facts can have.
fn loaded(run: RunId, finetune: &Finetune, models: &[BaseModel]) -> Event {
    let seed = finetune.replicas().first().map(|replica| replica.seed);
    let first = models.iter().find(|model| Some(model.seed) == seed).expect("a run has a model for each replica");
    let world = first.corpus.world();
    Event::Loaded { run, update: finetune.updates_done(), subjects: world.subjects(), choices: world.choices() }
}

/// Base models, and the tokenizer of the first of them. A file that several share is parsed once.
fn open_bases(bases: &[Base]) -> Result<(Vec<BaseModel>, Tokenizer), Error> {
    let (mut models, mut tokenizers) = (Vec::new(), Vec::<(&str, Tokenizer)>::new());
    for Base { seed, world, tokenizer: file, checkpoint } in bases {
        let model = BaseModel::read(*seed, world, checkpoint)?;
        let place = tokenizers.iter().position(|(known, _)| known == file).unwrap_or(tokenizers.len());
        if place == tokenizers.len() {
            tokenizers.push((file, Tokenizer::from_json(file)?));
        }
        tokenizers[place].1.check(&model.corpus.vocabulary)?;
        models.push(model);
    }
    let (_, tokenizer) = tokenizers.into_iter().next().ok_or(ExperimentFault::NoReplica)?;
    Ok((models, tokenizer))
}
