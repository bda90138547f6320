//! The pool against workers that answer at once, and what becomes of the run meanwhile.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hedgerow::Error;
use hedgerow::documents::metrics::{Measurement, UpdateReport};
use hedgerow::documents::protocol::{
    AskedAnswer, BUILD, Base, Command, CreditedGroup, EngineChoice, EngineKind, EnginePreference, EngineReason, Event,
    Inspected, Inspection, NextTokens, encode,
};
use hedgerow::documents::report::RunReport;
use hedgerow::facts::error::CheckpointFault;
use hedgerow::facts::world::Choices;
use hedgerow::judgement::experiment::{Arm, Experiment, Replica, WorldId};
use hedgerow::judgement::person::{Person, Thumb};
use hedgerow::judgement::rater::RaterPreset;

use super::{Effect, EngineFile, Heard, Input, Pool, WorkerId};
use crate::model::credit::groups;
use crate::model::notice::NoticeCode;
use crate::model::phase::{Crash, DownloadFault, Phase, StopReason};
use crate::model::run::RunState;
use crate::model::saved::SavedRun;
use crate::model::series::tests::updated as updated_once;
use crate::model::site_files::{FileFault, WhyNot};

const CHOICES: Choices = Choices { values: 8, mixed: false };

/// A page without a browser. Workers and downloads answer at once, unless they are held.
struct Page {
    pool: Pool,
    clock: f64,
    draft: Experiment,
    workers: BTreeMap<WorkerId, Worker>,
    /// Workers whose commands are kept and not answered.
    held: BTreeSet<WorkerId>,
    /// Workers whose file never comes.
    silent: BTreeSet<WorkerId>,
    /// Workers that read no snapshot.
    refuses: BTreeSet<WorkerId>,
    /// Workers that never start their engine.
    stuck: BTreeSet<WorkerId>,
    /// What the first worker of a page computes on.
    kind: EngineKind,
    build: String,
    /// What a download of a base model comes to, and one of an engine.
    download: Result<(), FileFault>,
    engine_download: Result<(), FileFault>,
    /// What is wrong with the files that a worker begins with.
    found: Option<FileFault>,
    run: RunState,
    phase: Phase,
    notices: Vec<NoticeCode>,
    progress: f64,
    keeps: usize,
    engines: Vec<Option<EngineKind>>,
    effects: Vec<Effect>,
}

#[derive(Default)]
struct Worker {
    replicas: Vec<Replica>,
    done: u32,
    unanswered: Vec<Command>,
}

impl Page {
    fn new(cores: usize) -> Self {
        let draft = short(20);
        let report = RunReport::empty(draft.clone(), String::new(), String::new());
        Page {
            pool: Pool::new(cores),
            clock: 0.0,
            draft,
            workers: BTreeMap::new(),
            held: BTreeSet::new(),
            silent: BTreeSet::new(),
            refuses: BTreeSet::new(),
            stuck: BTreeSet::new(),
            kind: EngineKind::Cpu,
            build: BUILD.into(),
            download: Ok(()),
            engine_download: Ok(()),
            found: None,
            run: RunState::new(0, report, Vec::new()),
            phase: Phase::Paused,
            notices: Vec::new(),
            progress: 0.0,
            keeps: 0,
            engines: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Ready to train.
    fn started(cores: usize) -> Self {
        let mut page = Page::new(cores);
        page.start(EnginePreference::Auto);
        assert_eq!(page.phase, Phase::Paused);
        page
    }

    fn start(&mut self, preference: EnginePreference) {
        self.take(Input::Start(self.draft.clone(), preference));
    }

    fn train(&mut self) {
        self.take(Input::Train(self.draft.clone()));
    }

    fn step(&mut self) {
        self.take(Input::Step(self.draft.clone(), 1));
    }

    fn reset(&mut self) {
        self.take(Input::Reset(self.draft.clone(), EnginePreference::Auto));
    }

    fn crash(&mut self, worker: WorkerId) {
        self.take(Input::Heard(worker, Heard::Crashed(Some("lost".into()))));
    }

    /// So many seconds pass, each with its tick.
    fn wait(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.clock += 1000.0;
            self.take(Input::Tick);
        }
    }

    fn says(&mut self, worker: WorkerId, event: Event) {
        self.take(Input::Heard(worker, Heard::Event(Box::new(event))));
    }

    fn saved(&self) -> SavedRun {
        let (preference, states) = self.pool.states(self.run.run).expect("a run");
        self.run.saved(preference, states, String::new())
    }

    /// The updates in the report of each replica.
    fn updates(&self) -> Vec<usize> {
        self.run.report.replicas.iter().map(|replica| replica.updates.len()).collect()
    }

    /// Lets a worker answer again, first what it was told meanwhile.
    fn release(&mut self, worker: WorkerId) {
        self.held.remove(&worker);
        let commands = std::mem::take(&mut self.workers.get_mut(&worker).unwrap().unanswered);
        let answers: Vec<Event> = commands.into_iter().flat_map(|command| self.answer(worker, command)).collect();
        self.take_all(answers.into_iter().map(|event| Input::Heard(worker, Heard::Event(Box::new(event)))).collect());
    }

    fn take(&mut self, input: Input) {
        self.take_all(VecDeque::from([input]));
    }

    /// Takes these in, in their order, and then what follows from them.
    fn take_all(&mut self, mut inputs: VecDeque<Input>) {
        while let Some(input) = inputs.pop_front() {
            self.clock += 100.0;
            for effect in self.pool.take(self.clock, input) {
                self.effects.push(effect.clone());
                inputs.extend(self.carry_out(effect));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Vec<Input> {
        let said = |worker, event| Input::Heard(worker, Heard::Event(Box::new(event)));
        match effect {
            Effect::Spawn(worker, file) => {
                self.workers.insert(worker, Worker::default());
                let kind = if file == EngineFile::Cpu { EngineKind::Cpu } else { self.kind };
                let wants = Input::Heard(worker, Heard::Wants { kind, gpu_is_silent: false });
                return if self.silent.contains(&worker) { Vec::new() } else { vec![wants] };
            }
            Effect::Post(worker, command) => {
                if self.held.contains(&worker) {
                    self.workers.get_mut(&worker).unwrap().unanswered.push(command);
                    return Vec::new();
                }
                return self.answer(worker, command).into_iter().map(|event| said(worker, event)).collect();
            }
            Effect::FetchEngine(kind) => return vec![Input::EngineFetched(kind, self.engine_download.clone())],
            Effect::HandOut(worker, _) if self.stuck.contains(&worker) => {}
            Effect::HandOut(worker, _) => return vec![said(worker, Event::Ready { build: self.build.clone() })],
            Effect::FindOut(_) => return vec![Input::FoundOut(self.found.clone())],
            Effect::Terminate(worker) => assert!(self.workers.remove(&worker).is_some(), "ended twice"),
            Effect::Fetch(world, seeds) => {
                let base = |seed| Base { seed, world: String::new(), tokenizer: String::new(), checkpoint: vec![] };
                let fetched = |seed| Input::Fetched(world, seed, self.download.clone().map(|()| base(seed)));
                let count = if self.download.is_ok() { seeds.len() } else { 1 };
                return seeds.into_iter().take(count).map(fetched).collect();
            }
            Effect::SetPhase(phase) => self.phase = phase,
            Effect::SetEngine(choice) => self.engines.push(choice.map(|choice| choice.kind)),
            Effect::SetWorkers(_) | Effect::SetPace(_) => {}
            Effect::SetProgress(share) => self.progress = share,
            Effect::Notify(code) => self.notices.push(code),
            Effect::ClearNotices => self.notices.clear(),
            Effect::Started => drop(self.run.resumed()),
            Effect::Keep => self.keeps += 1,
            Effect::Begin(run) => self.run = *run,
            Effect::Apply(place, event) => drop(self.run.apply(place, &event)),
            Effect::Announce(change) => drop(self.run.announced(change)),
            Effect::LooksAt(id, at) => drop(self.run.looks_at(id, at)),
            Effect::LeadsOn { id, question, begun } => drop(self.run.leads_on(id, question, begun)),
            Effect::Asked { id, text, truth } => drop(self.run.asked(id, text, truth)),
        }
        Vec::new()
    }

    fn answer(&mut self, id: WorkerId, command: Command) -> Vec<Event> {
        let Some(worker) = self.workers.get_mut(&id) else { return Vec::new() };
        let measured = |run: u32, replicas: &[Replica], update: u32| {
            let measurement = Measurement { update, cells: vec![], probes: vec![], answers: vec![], facts: vec![] };
            let measurements = replicas.iter().map(|replica| (*replica, measurement.clone())).collect();
            Event::Measured { run, measurements }
        };
        match command {
            Command::ChooseEngine { preference, .. } => {
                let kind = if preference == EnginePreference::Cpu { EngineKind::Cpu } else { self.kind };
                vec![Event::EngineChosen(EngineChoice {
                    kind,
                    reason: EngineReason::ChosenCpu,
                    cpu_ms: 1.0,
                    cpu_model_ms: 1.0,
                    gpu: None,
                })]
            }
            Command::Load { run, replicas, measures, .. } => {
                (worker.replicas, worker.done) = (replicas, 0);
                let loaded = Event::Loaded { run, update: 0, subjects: vec![], choices: CHOICES };
                let found = measures.then(|| measured(run, &worker.replicas, 0));
                [loaded].into_iter().chain(found).collect()
            }
            Command::Restore { run, .. } if self.refuses.contains(&id) => {
                let error = Error::Message("of another build".into());
                vec![Event::Failed { run: Some(run), error, fatal: false }]
            }
            Command::Restore { run, snapshot, .. } => {
                // A snapshot of these workers is the number of updates and of replicas.
                worker.done = u32::from(snapshot[0]);
                worker.replicas = vec![Replica { arm: Arm::Scalar, seed: 0 }; usize::from(snapshot[1])];
                let loaded = Event::Loaded { run, update: worker.done, subjects: vec![], choices: CHOICES };
                vec![loaded, Event::Waiting { run, update: worker.done }]
            }
            Command::Train { run, until } => {
                let mut events = Vec::new();
                while worker.done < until {
                    worker.done += 1;
                    events.push(updated(run, &worker.replicas, worker.done));
                    if worker.done == self.draft.finetune.updates {
                        events.push(measured(run, &worker.replicas, worker.done));
                    }
                }
                events.push(Event::Waiting { run, update: worker.done });
                events
            }
            Command::Pause { .. } | Command::ChooseJudge { .. } | Command::Rate { .. } | Command::Pretrain(_) => {
                Vec::new()
            }
            Command::Reset { run } => {
                worker.done = 0;
                vec![Event::WasReset { run }]
            }
            Command::ChangeReward { run, after, .. } => vec![Event::RewardChanged { run, after }],
            Command::Inspect { run, id, inspection: Inspection::Credit { .. } } => {
                let group = |replica: &Replica| CreditedGroup {
                    replica: *replica,
                    update: worker.done,
                    prompts: 16,
                    answers: Vec::new(),
                    unfolded: Vec::new(),
                };
                let groups = worker.replicas.iter().map(|replica| encode(&group(replica))).collect();
                vec![Event::Inspected { run, id, inspected: Ok(Inspected::Credit(groups)) }]
            }
            Command::Inspect { run, id, inspection: Inspection::NextTokens { .. } } => {
                let next = |replica: &Replica| NextTokens { replica: *replica, tokens: vec![] };
                let next = worker.replicas.iter().map(next).collect();
                vec![Event::Inspected { run, id, inspected: Ok(Inspected::NextTokens(next)) }]
            }
            Command::Inspect { run, id, .. } => {
                let answer = |replica: &Replica| AskedAnswer { replica: *replica, before: vec![], now: vec![] };
                let answers = worker.replicas.iter().map(answer).collect();
                vec![Event::Inspected { run, id, inspected: Ok(Inspected::Asked(answers)) }]
            }
            Command::Snapshot { run } => {
                let bytes = vec![worker.done as u8, worker.replicas.len() as u8];
                vec![Event::Snapshot { run, update: worker.done, bytes }]
            }
        }
    }

    fn posted(&self, wanted: impl Fn(&Command) -> bool) -> Vec<(WorkerId, Command)> {
        let post = |effect: &Effect| {
            let Effect::Post(worker, command) = effect else { return None };
            wanted(command).then(|| (*worker, command.clone()))
        };
        self.effects.iter().filter_map(post).collect()
    }
}

fn short(updates: u32) -> Experiment {
    let mut experiment = Experiment::default();
    experiment.finetune.updates = updates;
    experiment
}

fn updated(run: u32, replicas: &[Replica], update: u32) -> Event {
    let report = |replica: &Replica| UpdateReport { replica: *replica, ..updated_once(update, 0.0) };
    Event::Updated { run, ms: 1.0, reports: replicas.iter().map(report).collect() }
}

#[test]
fn a_page_starts_one_worker_for_each_replica_and_trains_to_the_end() {
    let mut page = Page::started(4);
    assert_eq!(page.workers.len(), 2);
    assert_eq!(page.engines, [None, Some(EngineKind::Cpu)]);
    page.train();
    assert_eq!(page.phase, Phase::Finished);
    assert_eq!(page.updates(), [20, 20]);
    assert_eq!(page.run.report.engine, "CPU in a browser, 2 workers");
}

/// Once each worker measured the base model that it shares with the others.
#[test]
fn a_base_model_is_checked_and_measured_by_one_worker() {
    let mut page = Page::new(4);
    page.draft.seeds = vec![0, 1];
    page.start(EnginePreference::Auto);
    assert_eq!(page.posted(|command| matches!(command, Command::ChooseEngine { .. })).len(), 1);
    let mut loads = Vec::new();
    for effect in &page.effects {
        if let Effect::Post(_, Command::Load { replicas, measures, .. }) = effect {
            loads.push((replicas[0].seed, *measures));
        }
    }
    assert_eq!(loads, [(0, true), (0, false), (1, true), (1, false)]);
    assert!(page.run.is_measured(), "each model has its figures");
    page.train();
    assert_eq!((page.updates(), &page.phase), (vec![20; 4], &Phase::Finished));
}

#[test]
fn a_crash_of_the_worker_that_measures_for_others_or_of_another_leaves_nobody_waiting() {
    let chosen = || {
        let choice = EngineChoice {
            kind: EngineKind::Cpu,
            reason: EngineReason::NotOffered,
            cpu_ms: 1.0,
            cpu_model_ms: 1.0,
            gpu: None,
        };
        let mut page = Page::new(2);
        page.held.insert(0);
        page.start(EnginePreference::Auto);
        page.says(0, Event::EngineChosen(choice));
        assert_eq!(page.phase, Phase::Measuring, "the second worker waits for what the first one finds");
        page
    };
    let mut page = chosen();
    page.crash(0);
    assert_eq!(page.phase, Phase::Paused);
    let mut page = chosen();
    page.crash(1);
    assert_eq!(page.phase, Phase::Measuring);
    page.wait(15);
    page.held.remove(&0);
    let commands = std::mem::take(&mut page.workers.get_mut(&0).unwrap().unanswered);
    let load = commands.into_iter().find(|command| matches!(command, Command::Load { .. })).unwrap();
    for event in page.answer(0, load) {
        page.says(0, event);
    }
    assert_eq!(page.phase, Phase::Paused);
    assert!(page.run.is_measured());
}

#[test]
fn no_more_workers_than_replicas_and_one_alone_on_a_gpu() {
    let mut page = Page::new(64);
    page.draft.seeds = vec![0, 1, 2];
    page.start(EnginePreference::Auto);
    assert_eq!(page.workers.len(), 4);
    page.draft.seeds = vec![0];
    page.draft.arms = vec![Arm::Scalar];
    page.reset();
    assert_eq!(page.workers.len(), 1, "the surplus ends with the run that needed it");
    page.kind = EngineKind::Gpu;
    page.draft.seeds = vec![0, 1, 2];
    page.start(EnginePreference::Gpu);
    assert_eq!(page.workers.len(), 1);
    page.train();
    assert_eq!(page.updates(), [20; 3]);
    assert_eq!(page.run.report.engine, "WebGPU in a browser, unnamed adapter");
}

/// On a slow machine the first tick once came before the start, and fetched a base model that nobody had asked for.
#[test]
fn a_tick_before_the_start_fetches_nothing_and_says_nothing() {
    let mut page = Page::new(1);
    page.take(Input::Tick);
    assert!(page.effects.is_empty(), "{:?}", page.effects);
    page.draft.seeds = vec![3];
    page.start(EnginePreference::Auto);
    let fetched: Vec<_> = page.effects.iter().filter(|effect| matches!(effect, Effect::Fetch(..))).collect();
    assert!(matches!(fetched.as_slice(), [Effect::Fetch(None, seeds)] if *seeds == [3]), "{fetched:?}");
}

#[test]
fn training_that_is_asked_for_while_the_engine_loads_begins_when_it_is_there() {
    let mut page = Page::new(1);
    page.held.insert(0);
    page.start(EnginePreference::Auto);
    assert_eq!(page.phase, Phase::CheckingEngine);
    page.train();
    page.draft.finetune.updates = 3;
    page.release(0);
    // The settings of the click count.
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
}

#[test]
fn a_run_that_has_not_begun_takes_the_settings_of_the_click() {
    let mut page = Page::started(1);
    page.draft = short(5);
    page.train();
    assert_eq!(page.updates(), [5, 5]);
    // One that has goes on with its own.
    page.draft = short(50);
    page.train();
    assert_eq!(page.updates(), [5, 5]);
}

#[test]
fn a_fast_worker_waits_for_a_slow_one_and_a_pause_ends_at_one_update() {
    let mut page = Page::started(2);
    page.held.insert(1);
    page.train();
    assert_eq!(page.updates(), [2, 0], "no more than two updates ahead");
    page.take(Input::Pause);
    assert_eq!(page.phase, Phase::Pausing);
    page.release(1);
    assert_eq!((page.updates(), &page.phase), (vec![2, 2], &Phase::Paused));
    page.train();
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
}

#[test]
fn a_step_is_one_update_of_all() {
    let mut page = Page::started(2);
    for update in 1..=3 {
        page.step();
        assert_eq!((page.updates(), &page.phase), (vec![update; 2], &Phase::Paused));
    }
}

#[test]
fn a_reset_in_the_middle_keeps_the_workers_and_their_models() {
    let mut page = Page::started(2);
    page.step();
    let loads = page.posted(|command| matches!(command, Command::Load { .. })).len();
    page.reset();
    assert_eq!((page.updates(), &page.phase), (vec![0, 0], &Phase::Paused));
    assert!(page.run.is_measured());
    assert_eq!(page.posted(|command| matches!(command, Command::Load { .. })).len(), loads);
    // Other settings need another run.
    page.draft = short(7);
    page.reset();
    assert_eq!(page.posted(|command| matches!(command, Command::Load { .. })).len(), loads + 2);
    page.train();
    assert_eq!(page.updates(), [7, 7]);
}

/// Once a snapshot that was asked for before a reset came after it, and a crash then restored it:
/// the run stood still at that update.
#[test]
fn what_was_on_its_way_before_a_reset_does_not_count_after_it() {
    let mut page = Page::started(1);
    page.step();
    page.held.insert(0);
    page.reset();
    let run = page.run.run;
    page.says(0, updated(run, &[Replica { arm: Arm::Scalar, seed: 0 }], 10));
    page.says(0, Event::Snapshot { run, update: 10, bytes: vec![10, 2] });
    page.release(0);
    page.crash(0);
    assert_eq!(page.posted(|command| matches!(command, Command::Restore { .. })), []);
    assert_eq!((page.updates(), &page.phase), (vec![0, 0], &Phase::Paused));
    page.train();
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
}

#[test]
fn a_crash_costs_no_measurement_and_the_updates_since_the_last_snapshot_are_made_again() {
    let mut page = Page::started(2);
    for _ in 0..13 {
        page.step();
    }
    page.crash(1);
    assert_eq!(page.updates(), [13, 13], "what was measured stays");
    let restored = page.posted(|command| matches!(command, Command::Restore { .. }));
    assert_eq!((restored.len(), restored[0].0), (1, 2));
    assert_eq!(page.workers[&2].done, 13, "and the weights are brought back to it");
    let why = Crash::Browser("lost".into());
    assert_eq!(page.notices, [NoticeCode::Restarted { why, again: 3 }]);
    page.train();
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
}

#[test]
fn two_crashes_in_a_row_stop_the_run_and_its_data_stay() {
    let mut page = Page::started(2);
    page.step();
    page.crash(1);
    page.crash(2);
    let why = Crash::Browser("lost".into());
    assert_eq!(page.phase, Phase::Stopped(StopReason::CrashedTwice { why, kind: EngineKind::Cpu }));
    assert_eq!(page.updates(), [1, 1]);
    assert!(page.run.is_measured());
    assert!(page.workers.is_empty(), "no worker is left behind");
    // Trying again restores the run,
    page.take(Input::Retry);
    assert_eq!((page.updates(), &page.phase), (vec![1, 1], &Phase::Paused));
    assert!(page.workers.values().all(|worker| worker.done == 1));
    let last = *page.workers.keys().last().unwrap();
    page.crash(last);
    let next = *page.workers.keys().last().unwrap();
    page.crash(next);
    // and starting over starts the engine, too.
    page.reset();
    assert_eq!(page.phase, Phase::Paused);
    page.train();
    assert_eq!(page.updates(), [20, 20]);
}

#[test]
fn two_crashes_with_an_update_between_them_are_two_accidents() {
    let mut page = Page::started(1);
    page.step();
    page.crash(0);
    page.step();
    page.step();
    page.crash(1);
    assert_eq!(page.phase, Phase::Paused);
}

/// Once a laptop that had lost its GPU in two nights found a run that had "stopped twice in a row".
#[test]
fn two_crashes_with_a_measurement_or_a_calm_minute_between_them_are_two_accidents() {
    let mut page = Page::new(1);
    page.held.insert(0);
    page.start(EnginePreference::Auto);
    page.crash(0);
    assert!(page.run.is_measured());
    page.crash(1);
    assert_eq!(page.phase, Phase::Paused, "measured in between");
    page.wait(70);
    page.crash(2);
    assert_eq!(page.phase, Phase::Paused, "a minute in between");
    page.wait(5);
    page.crash(3);
    assert!(matches!(page.phase, Phase::Stopped(StopReason::CrashedTwice { .. })), "{:?}", page.phase);
}

#[test]
fn a_crash_while_loading_starts_another_worker_on_the_cpu() {
    let mut page = Page::new(1);
    page.kind = EngineKind::Gpu;
    page.held.insert(0);
    page.start(EnginePreference::Gpu);
    page.crash(0);
    let spawned = |effect: &Effect| matches!(effect, Effect::Spawn(1, EngineFile::Cpu));
    assert!(page.effects.iter().any(spawned));
    assert_eq!(page.phase, Phase::Paused);
}

#[test]
fn a_crash_on_a_gpu_may_change_the_engine_and_the_page_is_told() {
    let mut page = Page::new(4);
    page.kind = EngineKind::Gpu;
    page.start(EnginePreference::Auto);
    for _ in 0..12 {
        page.step();
    }
    page.kind = EngineKind::Cpu;
    let error = Error::Device("lost".into());
    page.says(0, Event::Failed { run: None, error: error.clone(), fatal: true });
    assert_eq!(page.engines, [None, Some(EngineKind::Gpu), Some(EngineKind::Cpu)]);
    assert_eq!(page.notices, [NoticeCode::Restarted { why: Crash::Engine(error), again: 2 }]);
    page.train();
    assert_eq!(page.updates(), [20, 20]);
}

#[test]
fn another_engine_in_the_middle_of_a_run_begins_a_new_one() {
    let mut page = Page::started(2);
    page.step();
    let before = page.run.run;
    page.kind = EngineKind::Gpu;
    page.start(EnginePreference::Gpu);
    assert_ne!(page.run.run, before);
    assert_eq!((page.updates(), page.workers.len()), (vec![0, 0], 1));
    assert_eq!(page.phase, Phase::Paused, "it does not train on by itself");
}

/// Trying again once began a new run, although only a file of the next one was missing.
#[test]
fn a_failed_download_of_a_base_model_is_tried_again_and_nothing_is_started_anew() {
    let mut page = Page::new(2);
    page.download = Err(missing());
    page.start(EnginePreference::Auto);
    assert_eq!(page.phase, Phase::DownloadFailed(DownloadFault::Base(missing())));
    page.train();
    assert_eq!(page.phase, Phase::DownloadFailed(DownloadFault::Base(missing())), "training waits for it");
    page.download = Ok(());
    page.take(Input::Retry);
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
    assert_eq!(page.run.run, 1);
}

#[test]
fn a_failed_download_of_the_engine_is_tried_again_and_the_run_is_kept() {
    let mut page = Page::new(2);
    page.engine_download = Err(missing());
    page.start(EnginePreference::Auto);
    assert_eq!(page.phase, Phase::DownloadFailed(DownloadFault::Engine(missing())));
    page.engine_download = Ok(());
    page.take(Input::Retry);
    assert_eq!(page.phase, Phase::Paused);
    let fetches = page.effects.iter().filter(|effect| matches!(effect, Effect::FetchEngine(_))).count();
    assert_eq!(fetches, 2, "one engine is for all workers");
}

/// Once trying again, after the engine of a restarted worker failed to load, threw the run away.
#[test]
fn a_restarted_worker_that_does_not_start_costs_nothing() {
    let mut page = Page::started(2);
    for _ in 0..11 {
        page.step();
    }
    page.silent.insert(2);
    page.found = Some(missing());
    page.crash(1);
    page.take(Input::Heard(2, Heard::Crashed(None)));
    assert_eq!(page.phase, Phase::DownloadFailed(DownloadFault::Engine(missing())));
    page.take(Input::Retry);
    assert_eq!((page.run.run, page.updates(), &page.phase), (1, vec![11, 11], &Phase::Paused));
    assert!(page.workers.values().all(|worker| worker.done == 11));
}

/// Once a run was gone as soon as another was wanted, whose base model was missing.
#[test]
fn a_run_that_cannot_begin_does_not_cost_the_one_before() {
    let mut page = Page::started(1);
    page.train();
    let (before, phase) = (page.run.clone(), page.phase.clone());
    page.download = Err(missing());
    page.draft.seeds = vec![0, 7];
    page.reset();
    assert_eq!(page.phase, Phase::DownloadFailed(DownloadFault::Base(missing())));
    assert_eq!(page.run, before);
    // With a seed that is there, a run begins.
    page.draft.seeds = vec![0];
    page.reset();
    assert_ne!(page.run.run, before.run);
    assert_eq!((page.updates(), &page.phase, phase), (vec![0, 0], &Phase::Paused, Phase::Finished));
}

#[test]
fn a_site_without_the_webgpu_engine_uses_the_other_and_says_so_only_if_it_should_be_there() {
    for (why, notices) in [(WhyNot::NotListed, 0), (WhyNot::WebPage, 1)] {
        let mut page = Page::new(1);
        page.kind = EngineKind::Gpu;
        page.held.insert(0);
        page.take(Input::Start(page.draft.clone(), EnginePreference::Auto));
        assert_eq!(page.phase, Phase::CheckingEngine, "it has the engine");
        let mut page = Page { engine_download: Err(FileFault { file: "engine".into(), why }), ..Page::new(1) };
        page.kind = EngineKind::Gpu;
        page.start(EnginePreference::Auto);
        let wanted: Vec<_> = page.effects.iter().filter_map(fetched_engine).collect();
        assert_eq!((wanted, page.notices.len()), (vec![EngineKind::Gpu, EngineKind::Cpu], notices));
    }
}

fn fetched_engine(effect: &Effect) -> Option<EngineKind> {
    let Effect::FetchEngine(kind) = effect else { return None };
    Some(*kind)
}

fn missing() -> FileFault {
    FileFault { file: "a file".into(), why: WhyNot::Status(404) }
}

fn silenced(again: u32) -> NoticeCode {
    NoticeCode::Restarted { why: Crash::Silent, again }
}

/// A worker that is silent for too long, wherever it is in its life: what the page says then.
#[test]
fn a_worker_that_does_not_answer_is_replaced_and_the_run_goes_on() {
    type Hang = fn(&mut Page);
    let hangs: [(&str, Hang, NoticeCode); 5] = [
        ("in the check", |page| page.start(EnginePreference::Auto), silenced(0)),
        (
            "while it measures the base models",
            |page| {
                page.start(EnginePreference::Auto);
                let choice = EngineChoice {
                    kind: EngineKind::Cpu,
                    reason: EngineReason::ChosenCpu,
                    cpu_ms: 1.0,
                    cpu_model_ms: 1.0,
                    gpu: None,
                };
                page.workers.get_mut(&0).unwrap().unanswered.clear();
                page.says(0, Event::EngineChosen(choice));
            },
            silenced(0),
        ),
        (
            "in training",
            |page| {
                page.held.clear();
                page.start(EnginePreference::Auto);
                (0..12).for_each(|_| page.step());
                page.held.insert(0);
                page.step();
            },
            silenced(2),
        ),
        (
            "while the reward changes",
            |page| {
                page.held.clear();
                page.start(EnginePreference::Auto);
                (0..12).for_each(|_| page.step());
                page.held.insert(0);
                page.draft.rater = RaterPreset::TouchyTopic.config();
                page.take(Input::ChangeReward(page.draft.clone()));
                page.step();
            },
            silenced(2),
        ),
        (
            "asked, after the end",
            |page| {
                page.held.clear();
                page.start(EnginePreference::Auto);
                page.train();
                page.held.insert(0);
                page.take(Input::Ask { text: "what ?".into(), truth: None });
            },
            silenced(0),
        ),
    ];
    for (when, hang, notice) in hangs {
        let mut page = Page::new(1);
        page.held.insert(0);
        hang(&mut page);
        page.notices.retain(|notice| !matches!(notice, NoticeCode::RewardHolds { .. }));
        let before = page.updates();
        page.wait(2);
        assert_eq!(page.notices, [], "{when}: too early");
        page.wait(120);
        assert_eq!(page.notices, [notice], "{when}");
        assert!(page.updates().iter().zip(&before).all(|(now, before)| now >= before), "{when}: {before:?}");
        page.train();
        assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished), "{when}");
    }
}

#[test]
fn a_worker_that_hangs_in_a_reset_begins_anew() {
    let mut page = Page::started(2);
    page.step();
    page.held.insert(1);
    page.reset();
    page.wait(60);
    assert_eq!((&page.notices[..], page.updates(), &page.phase), (&[silenced(0)][..], vec![0, 0], &Phase::Paused));
    page.train();
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
}

/// Once a reset waited for 48 seconds while a reward model learned from 100,000 ratings.
#[test]
fn a_reset_does_not_wait_for_what_no_longer_counts() {
    let mut page = Page::started(1);
    page.held.insert(0);
    page.train();
    page.wait(3);
    page.reset();
    assert!(page.workers.contains_key(&0), "what is soon done is waited for");
    let mut page = Page::started(1);
    page.held.insert(0);
    page.train();
    page.wait(8);
    page.reset();
    assert_eq!(page.workers.keys().collect::<Vec<_>>(), [&1], "another one has begun");
    assert_eq!((&page.phase, &page.notices[..]), (&Phase::Paused, &[][..]));
    page.train();
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
}

#[test]
fn fewer_models_do_not_wait_for_the_measurement_of_many_and_the_same_ones_go_on_with_theirs() {
    let measuring = || {
        let mut page = Page::new(1);
        page.start(EnginePreference::Auto);
        page.held.insert(0);
        page.draft.seeds = (0..8).collect();
        page.train();
        let run = page.pool.run;
        page.says(0, Event::Loaded { run, update: 0, subjects: vec![], choices: CHOICES });
        page.wait(8);
        page.says(0, Event::Progress { run, share: 0.5 });
        assert_eq!((&page.phase, page.progress), (&Phase::Measuring, 0.5));
        page
    };
    let mut page = measuring();
    page.reset();
    assert_eq!(page.workers.keys().collect::<Vec<_>>(), [&0], "half a measurement is not thrown away");
    let mut page = measuring();
    page.draft.seeds = vec![0];
    page.reset();
    assert_eq!(page.workers.keys().collect::<Vec<_>>(), [&1]);
    assert_eq!(page.phase, Phase::Paused);
}

#[test]
fn a_worker_that_never_starts_is_looked_into_and_named() {
    for (found, expected) in [
        (None, Phase::Stopped(StopReason::NoWorker(None))),
        (Some(missing()), Phase::DownloadFailed(DownloadFault::Engine(missing()))),
    ] {
        for has_asked in [false, true] {
            let mut page = Page::new(1);
            page.found = found.clone();
            if has_asked {
                page.stuck.insert(0)
            } else {
                page.silent.insert(0)
            };
            page.start(EnginePreference::Auto);
            page.wait(30);
            assert_eq!(page.phase, expected);
            assert!(!page.phase.ways_out().is_empty() && page.workers.is_empty());
            page.take(Input::Retry);
            assert_eq!(page.phase, Phase::Paused);
        }
    }
}

#[test]
fn webgpu_that_does_not_answer_is_left_for_the_cpu() {
    for (preference, patience) in [(EnginePreference::Auto, 30), (EnginePreference::Gpu, 310)] {
        let mut page = Page::new(1);
        page.kind = EngineKind::Gpu;
        page.held.insert(0);
        page.start(preference);
        page.kind = EngineKind::Cpu;
        page.wait(patience);
        assert_eq!((&page.notices[..], &page.phase), (&[NoticeCode::GpuSilent][..], &Phase::Paused));
        page.train();
        assert_eq!(page.phase, Phase::Finished);
    }
}

#[test]
fn a_machine_that_slept_and_a_worker_that_owes_nothing_are_no_hang() {
    let mut page = Page::started(2);
    page.held.insert(1);
    page.train();
    page.clock += 3_600_000.0;
    page.take(Input::Tick);
    assert_eq!(page.notices, [], "an hour of sleep");
    page.release(1);
    page.wait(600);
    assert_eq!((&page.notices[..], &page.phase), (&[][..], &Phase::Finished));
}

#[test]
fn slow_work_may_take_long_if_the_check_was_slow_or_there_is_much_of_it() {
    for (cpu_ms, prompts, is_patient) in [(1.0, 16, false), (400.0, 16, true), (1.0, 256, false), (50.0, 256, true)] {
        let mut page = Page::new(1);
        page.draft.finetune.prompts = prompts;
        page.held.insert(0);
        page.start(EnginePreference::Auto);
        page.workers.get_mut(&0).unwrap().unanswered.clear();
        let choice = EngineChoice {
            kind: EngineKind::Cpu,
            reason: EngineReason::ChosenCpu,
            cpu_ms,
            cpu_model_ms: cpu_ms,
            gpu: None,
        };
        page.says(0, Event::EngineChosen(choice));
        page.wait(60);
        assert_eq!(page.notices.is_empty(), is_patient, "{cpu_ms} ms, {prompts} prompts");
    }
}

/// A software renderer needs minutes for a measurement, and was taken for a worker that hangs.
#[test]
fn webgpu_that_the_user_insists_on_may_be_slow_at_its_work() {
    for (preference, is_patient) in [(EnginePreference::Auto, false), (EnginePreference::Gpu, true)] {
        let mut page = Page::new(1);
        page.kind = EngineKind::Gpu;
        page.held.insert(0);
        page.start(preference);
        page.workers.get_mut(&0).unwrap().unanswered.clear();
        let choice = EngineChoice {
            kind: EngineKind::Gpu,
            reason: EngineReason::ChosenGpu,
            cpu_ms: 1.0,
            cpu_model_ms: 1.0,
            gpu: None,
        };
        page.says(0, Event::EngineChosen(choice));
        page.wait(250);
        assert_eq!(page.notices.is_empty(), is_patient, "{preference:?}");
        page.wait(120);
        assert!(!page.notices.is_empty(), "not for ever");
    }
}

#[test]
fn a_run_that_stopped_on_webgpu_goes_on_with_the_cpu() {
    let mut page = Page::new(2);
    page.kind = EngineKind::Gpu;
    page.start(EnginePreference::Auto);
    (0..12).for_each(|_| page.step());
    page.crash(0);
    page.crash(1);
    let why = Crash::Browser("lost".into());
    assert_eq!(page.phase, Phase::Stopped(StopReason::CrashedTwice { why, kind: EngineKind::Gpu }));
    page.kind = EngineKind::Cpu;
    page.take(Input::UseCpu);
    assert_eq!((page.run.run, page.updates(), &page.phase), (1, vec![12, 12], &Phase::Paused));
    assert!(page.run.report.engine.contains("then CPU"), "{}", page.run.report.engine);
    page.train();
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
}

/// Once a crash after the last update took the run back to its last snapshot, or to nothing.
#[test]
fn a_crash_after_the_end_leaves_the_run_finished() {
    for updates in [5, 20] {
        let mut page = Page::new(1);
        page.draft = short(updates);
        page.start(EnginePreference::Auto);
        page.train();
        let before = page.run.report.clone();
        page.crash(0);
        assert_eq!((&page.phase, &page.run.report), (&Phase::Finished, &before));
        assert_eq!(page.workers[&1].done, updates);
    }
}

#[test]
fn files_that_could_not_be_used_are_fetched_again() {
    let mut page = Page::started(1);
    let fetches = |page: &Page| page.effects.iter().filter(|effect| matches!(effect, Effect::Fetch(..))).count();
    assert_eq!(fetches(&page), 1);
    let error = Error::from(CheckpointFault::Damaged("header too large".into()));
    page.says(0, Event::Failed { run: Some(1), error: error.clone(), fatal: false });
    assert_eq!(page.phase, Phase::Stopped(StopReason::Failed(error)));
    page.reset();
    assert_eq!((fetches(&page), &page.phase), (2, &Phase::Paused));
}

#[test]
fn another_world_has_models_of_its_own() {
    let worlds = |page: &Page| {
        let world = |effect: &Effect| if let Effect::Fetch(world, _) = effect { Some(*world) } else { None };
        page.effects.iter().filter_map(world).collect::<Vec<_>>()
    };
    let mut page = Page::started(1);
    let own = Some(WorldId::Own(7));
    page.draft.own_world = own;
    page.reset();
    assert_eq!((worlds(&page), &page.phase), (vec![None, own], &Phase::Paused));
    page.reset();
    assert_eq!(worlds(&page), [None, own], "they are here");
    page.draft.own_world = None;
    page.reset();
    assert_eq!(worlds(&page), [None, own, None]);
    // What comes late from a world that was left is not taken for this one's.
    let before = page.effects.len();
    page.take(Input::Fetched(own, 0, Err(FileFault { file: "a world".into(), why: WhyNot::Stalled })));
    assert_eq!((page.effects.len(), &page.phase), (before, &Phase::Paused));
}

#[test]
fn a_changed_reward_begins_where_no_worker_has_been_yet() {
    let mut page = Page::started(2);
    page.step();
    page.held.insert(1);
    page.train();
    assert_eq!(page.updates(), [3, 1]);
    page.draft.rater = RaterPreset::TouchyTopic.config();
    page.take(Input::ChangeReward(page.draft.clone()));
    let changes = page.posted(|command| matches!(command, Command::ChangeReward { after: 3, .. }));
    assert_eq!(changes.len(), 2);
    assert_eq!(page.notices, [NoticeCode::RewardHolds { from: 4 }]);
    // A worker that is started again from before the change gets it as well.
    page.crash(1);
    assert_eq!(page.posted(|command| matches!(command, Command::ChangeReward { after: 3, .. })).last().unwrap().0, 2);
    assert_eq!((page.updates(), page.run.report.changes.len()), (vec![20, 20], 1));
}

#[test]
fn nothing_is_heard_of_an_old_run_or_of_a_worker_that_was_replaced() {
    let mut page = Page::started(1);
    page.step();
    page.draft = short(9);
    page.reset();
    let before = page.run.clone();
    let old = Error::NotFinite { update: 2, arm: "scalar".into(), seed: 0 };
    page.says(0, Event::Failed { run: Some(1), error: old.clone(), fatal: false });
    page.says(0, updated(1, &[Replica { arm: Arm::Scalar, seed: 0 }; 2], 2));
    page.says(0, Event::Waiting { run: 1, update: 9 });
    assert_eq!((&page.run, &page.phase), (&before, &Phase::Paused));
    page.crash(0);
    page.effects.clear();
    page.says(0, Event::Failed { run: None, error: old, fatal: true });
    assert_eq!(page.effects, []);
}

#[test]
fn an_engine_of_another_build_is_named_and_used() {
    let mut page = Page::new(1);
    page.build = "another".into();
    page.start(EnginePreference::Auto);
    assert_eq!((&page.notices[..], &page.phase), (&[NoticeCode::OtherBuild][..], &Phase::Paused));
    assert_eq!(page.run.report.build, "another");
}

#[test]
fn a_question_goes_to_every_worker_and_its_answers_to_their_replicas() {
    let mut page = Page::started(2);
    page.take(Input::Ask { text: "what ?".into(), truth: None });
    let answered: Vec<_> = page.run.questions[0].answers.iter().flatten().map(|answer| answer.replica.arm).collect();
    assert_eq!(answered, [Arm::Scalar, Arm::Structured]);
}

#[test]
fn an_answer_is_led_on_by_every_worker_and_a_later_word_replaces_the_earlier_one() {
    let mut page = Page::started(2);
    for begun in ["", "it"] {
        page.take(Input::LeadOn { question: "what ?".into(), begun: begun.into() });
    }
    let continuation = page.run.continuation.clone().expect("it was asked for");
    assert_eq!((continuation.question.as_str(), continuation.begun.as_str()), ("what ?", "it"));
    let arms: Vec<_> = continuation.next.iter().flatten().map(|next| next.replica.arm).collect();
    assert_eq!(arms, [Arm::Scalar, Arm::Structured]);
    assert!(page.run.questions.is_empty());
}

#[test]
fn a_prompt_of_the_last_update_is_looked_at_on_every_worker() {
    let mut page = Page::started(2);
    page.step();
    page.take(Input::LookAt(Inspection::Credit { prompt: 3 }));
    let groups = groups(&page.run, None);
    let seen: Vec<_> = groups.iter().map(|(_, group)| (group.replica.arm, group.update)).collect();
    assert_eq!(seen, [(Arm::Scalar, 1), (Arm::Structured, 1)]);
}

#[test]
fn a_browser_that_starts_no_worker_is_quoted() {
    let mut page = Page::new(1);
    page.held.insert(0);
    page.start(EnginePreference::Auto);
    page.take(Input::NotSpawned(0, "blocked".into()));
    assert_eq!(page.phase, Phase::Stopped(StopReason::NoWorker(Some("blocked".into()))));
}

#[test]
fn a_phase_is_told_when_it_changes_and_not_with_every_event() {
    let mut page = Page::started(2);
    page.train();
    let phases: Vec<_> = page.effects.iter().filter(|effect| matches!(effect, Effect::SetPhase(_))).collect();
    assert!(phases.windows(2).all(|pair| pair[0] != pair[1]), "{phases:?}");
    assert!(phases.len() < 12, "{phases:?}");
}

/// A run of two workers that was left at update 15, with snapshots of update 10.
fn left() -> SavedRun {
    let mut page = Page::started(2);
    (0..15).for_each(|_| page.step());
    assert!(page.keeps > 1);
    page.saved()
}

#[test]
fn a_run_that_was_kept_is_shown_at_once_and_goes_on_where_it_was() {
    let kept = left();
    // On a machine of other cores the replicas stay with the workers whose states were kept.
    for cores in [1, 2, 8] {
        let mut page = Page::new(cores);
        page.held.extend([0, 1]);
        page.take(Input::Resume(Box::new(kept.clone())));
        assert_eq!(page.run.report, kept.report, "before any engine is there");
        assert_eq!(page.phase, Phase::CheckingEngine);
        page.release(0);
        page.release(1);
        assert_eq!(page.phase, Phase::Paused);
        assert_eq!(page.posted(|command| matches!(command, Command::Restore { .. })).len(), 2);
        assert_eq!(page.run.report, kept.report);
        assert_eq!(page.saved().report, kept.report);
        page.train();
        assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished));
        for replica in &page.run.report.replicas {
            assert!(replica.updates.iter().map(|report| report.update).eq(1..=20));
        }
    }
}

/// Once the updates of the run before were kept without their models: after a reload they were all made again.
#[test]
fn a_run_that_goes_back_to_the_base_models_is_not_kept() {
    let mut page = Page::started(2);
    (0..12).for_each(|_| page.step());
    page.held.insert(1);
    page.reset();
    assert_eq!(page.updates(), [0, 12], "one worker has gone back");
    assert!(page.pool.states(page.run.run).is_none());
    page.release(1);
    assert!(page.saved().states.iter().all(Option::is_none));
}

#[test]
fn a_kept_state_that_the_engine_cannot_read_costs_time_and_nothing_else() {
    let kept = left();
    let mut page = Page::new(2);
    page.refuses.insert(0);
    page.take(Input::Resume(Box::new(kept.clone())));
    assert_eq!(page.posted(|command| matches!(command, Command::Load { .. })).len(), 1);
    assert_eq!((&page.phase, &page.run.report), (&Phase::Paused, &kept.report));
    page.train();
    assert_eq!(page.updates(), [20, 20]);
}

#[test]
fn training_waits_for_a_person_whom_a_crash_and_a_reload_do_not_forget() {
    let person =
        |worth| Some(Box::new(Person { thumb: Thumb { truth: worth, ..Thumb::default() }, ..Person::default() }));
    let mut page = Page::started(2);
    page.draft.person = person(0.5);
    page.take(Input::Step(page.draft.clone(), 8));
    assert_eq!((page.updates(), &page.phase), (vec![8, 8], &Phase::Paused), "it waits");
    page.wait(600);
    assert_eq!((page.updates(), &page.phase), (vec![8, 8], &Phase::Paused), "for as long as it takes");
    // A worker is lost while the person rates: it comes back to where it was, and waits again.
    page.crash(1);
    assert_eq!((page.updates(), &page.phase), (vec![8, 8], &Phase::Paused));
    page.draft.person = person(-0.5);
    page.take(Input::ChangeReward(page.draft.clone()));
    let is_new = |command: &Command| matches!(command, Command::ChangeReward { after: 8, person: own, .. } if *own == person(-0.5));
    assert_eq!(page.posted(is_new).len(), 2, "both workers hear who rates from now on");
    assert_eq!(page.run.current(), page.draft, "so nothing is left to be changed");
    // The tab is loaded again between the ratings and the training.
    let kept = page.saved();
    let draft = page.draft.clone();
    let mut page = Page::new(2);
    page.draft = draft.clone();
    page.take(Input::Resume(Box::new(kept)));
    assert_eq!(page.posted(is_new).len(), 2, "the workers are told again");
    page.take(Input::Step(draft.clone(), 8));
    assert_eq!((page.updates(), &page.phase), (vec![16, 16], &Phase::Paused));
    assert_eq!(page.run.report.changes.len(), 1);
    page.take(Input::Step(draft, 8));
    assert_eq!((page.updates(), &page.phase), (vec![20, 20], &Phase::Finished), "the last stretch is shorter");
}

#[test]
fn a_change_of_the_reward_outlasts_the_tab() {
    let mut page = Page::started(2);
    (0..12).for_each(|_| page.step());
    let (rater, arms) = (RaterPreset::TouchyTopic.config(), vec![Arm::Structured, Arm::Scalar]);
    page.take(Input::ChangeReward(Experiment { rater, arms, ..page.draft.clone() }));
    let kept = page.saved();
    let mut page = Page::new(2);
    page.take(Input::Resume(Box::new(kept)));
    let changes = page.posted(|command| matches!(command, Command::ChangeReward { after: 12, .. }));
    assert_eq!(changes.len(), 2, "the workers are told again");
    assert_eq!(page.run.current().rater, RaterPreset::TouchyTopic.config());
}
