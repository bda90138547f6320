//! What workers and downloads say, and who takes the place of a worker that is gone. Leaves out what
//! follows from it (`advance`) and what events mean for the run (`model::run`).

use hedgerow::Error;
use hedgerow::documents::protocol::{BUILD, Base, Command, EngineKind, Event};
use hedgerow::judgement::experiment::WorldId;

use super::Pool;
use super::messages::{Effect, EngineFile, Heard};
use super::slot::Slot;
use crate::model::notice::NoticeCode;
use crate::model::phase::{Crash, DownloadFault, Phase, StopReason};
use crate::model::run::run_of;
use crate::model::site_files::{FileFault, WhyNot};

/// Updates between two snapshots that are kept for a crash.
const SNAPSHOT_EVERY: u32 = 10;
/// Updates over which the pace is measured.
const PACE_WINDOW: usize = 20;
/// The most milliseconds that pass between two looks at the workers' silence.
const LONGEST_TICK: f64 = 2_000.0;
/// Milliseconds after which a worker that had nothing to do and stood has outlived its last crash.
const CALM: f64 = 60_000.0;

impl Pool {
    pub(super) fn hear(&mut self, now: f64, place: usize, heard: Heard) {
        match heard {
            Heard::Wants { kind, gpu_is_silent } => {
                self.slots[place].wants = Some(kind);
                if gpu_is_silent {
                    self.effects.push(Effect::Notify(NoticeCode::GpuSilent));
                }
            }
            Heard::Crashed(reason) if !self.slots[place].ready => self.not_started(place, reason),
            Heard::Crashed(reason) => self.replace(place, Crash::Browser(reason.unwrap_or_default())),
            Heard::Event(event) => self.take_event(now, place, *event),
        }
    }

    /// A worker that never spoke: one of the files that it begins with is wrong, or the browser allows none.
    fn not_started(&mut self, place: usize, reason: Option<String>) {
        let kind = self.slots[place].wants;
        self.give_up(StopReason::NoWorker(reason));
        self.effects.push(Effect::FindOut(kind));
    }

    pub(super) fn found_out(&mut self, fault: Option<FileFault>) {
        if let (Some(fault), Some(Phase::Stopped(StopReason::NoWorker(_)))) = (fault, &self.fault) {
            self.fault = Some(Phase::DownloadFailed(DownloadFault::Engine(fault)));
        }
    }

    pub(super) fn engine_fetched(&mut self, kind: EngineKind, outcome: Result<(), FileFault>) {
        self.fetching_engines.retain(|other| *other != kind);
        self.engine_progress = (0.0, 0.0);
        match outcome {
            Ok(()) => self.engines.push(kind),
            Err(fault) if kind == EngineKind::Gpu => {
                // A site may come without it.
                if fault.why != WhyNot::NotListed {
                    self.effects.push(Effect::Notify(NoticeCode::GpuNotFetched(fault)));
                }
                for slot in self.slots.iter_mut().filter(|slot| slot.wants == Some(kind) && !slot.handed) {
                    slot.wants = Some(EngineKind::Cpu);
                }
            }
            Err(fault) => self.fault = Some(Phase::DownloadFailed(DownloadFault::Engine(fault))),
        }
    }

    /// Lets the time pass for which workers may be silent. A machine that slept, or a browser that slows the timers
    /// of hidden pages, lets less of it pass.
    pub(super) fn tick(&mut self, now: f64) {
        let passed = (now - self.ticked).clamp(0.0, LONGEST_TICK);
        self.ticked = now;
        if self.fault.is_some() {
            return;
        }
        for place in 0..self.slots.len() {
            let replicas = self.assignment.get(place).map_or(1, Vec::len);
            let slot = &mut self.slots[place];
            (slot.silent, slot.calm) =
                if slot.owes_an_answer() { (slot.silent + passed, 0.0) } else { (0.0, slot.calm + passed) };
            if slot.calm > CALM {
                slot.crashes = 0;
            }
            if slot.silent <= slot.grace(self.preference, &self.experiment, replicas) {
                continue;
            }
            match slot {
                Slot { ready: false, .. } => return self.not_started(place, None),
                Slot { wants: Some(EngineKind::Gpu), choice: None, .. } => {
                    self.effects.push(Effect::Notify(NoticeCode::GpuSilent));
                    self.respawn(place, EngineFile::Cpu);
                }
                Slot { .. } => self.replace(place, Crash::Silent),
            }
            if self.fault.is_some() {
                return;
            }
        }
    }

    fn take_event(&mut self, now: f64, place: usize, event: Event) {
        let stale = run_of(&event).is_some_and(|run| run != self.run);
        let before_reset =
            self.slots[place].resetting && !matches!(event, Event::WasReset { .. } | Event::Failed { fatal: true, .. });
        if stale || before_reset {
            return;
        }
        let (first, slot) = (self.effects.len(), &mut self.slots[place]);
        match &event {
            Event::Ready { build } => {
                slot.ready = true;
                if build != BUILD {
                    self.effects.push(Effect::Notify(NoticeCode::OtherBuild));
                }
                self.build.clone_from(build);
            }
            Event::EngineChosen(choice) => {
                slot.choice = Some(choice.clone());
                // A worker that was started again tells nothing new, unless it had to change over.
                if place == 0 && self.engine != Some(choice.kind) {
                    self.engine = Some(choice.kind);
                    self.effects.push(Effect::SetEngine(Some(choice.clone())));
                }
            }
            Event::Loaded { update, .. } => {
                (slot.loaded, slot.done, slot.granted) = (true, *update, *update);
                let late: Vec<_> = self.changes.iter().filter(|change| change.after >= *update).cloned().collect();
                for change in late {
                    self.send_change(place, &change);
                }
            }
            Event::Updated { run, reports, ms } => {
                slot.slowest = slot.slowest.max(*ms);
                slot.done = reports.iter().map(|report| report.update).max().unwrap_or(slot.done);
                slot.reached = slot.reached.max(slot.done);
                slot.progress = 1.0;
                if slot.done > slot.crashed_at {
                    slot.crashes = 0;
                }
                if slot.done.is_multiple_of(SNAPSHOT_EVERY) || slot.done == self.experiment.finetune.updates {
                    self.effects.push(Effect::Post(slot.id, Command::Snapshot { run: *run }));
                }
                self.measure_pace(now);
            }
            Event::Progress { share, .. } => self.set_progress(place, *share),
            Event::Measured { .. } => {
                if !slot.measured {
                    slot.crashes = 0;
                }
                slot.measured = true;
                self.set_progress(place, 1.0);
            }
            Event::Waiting { update, .. } => (slot.granted, slot.waited) = (*update, *update),
            Event::WasReset { .. } => slot.resetting = false,
            Event::Snapshot { update, bytes, .. } => {
                slot.snapshot = Some((*update, bytes.clone()));
                let is_last = |slot: &Slot| slot.snapshot.as_ref().is_some_and(|(own, _)| own >= update);
                if self.slots.iter().all(is_last) {
                    self.effects.push(Effect::Keep);
                }
            }
            Event::Inspected { .. } => slot.looks = slot.looks.saturating_sub(1),
            // A state that the engine cannot read: the updates are made again from the first one on.
            Event::Failed { fatal: false, .. } if !slot.loaded && slot.snapshot.is_some() => {
                (slot.snapshot, slot.sent, slot.measured) = (None, false, false);
            }
            Event::Failed { error, fatal: true, .. } => self.replace(place, Crash::Engine(error.clone())),
            Event::Failed { error, fatal: false, .. } => {
                self.target = None;
                slot.looks = 0;
                if !slot.loaded {
                    slot.sent = false;
                }
                if matches!(error, Error::World(_) | Error::Tokenizer(_) | Error::OtherWords | Error::Checkpoint(_)) {
                    // What could not be used is fetched again.
                    self.bases.clear();
                }
                self.fault = Some(Phase::Stopped(StopReason::Failed(error.clone())));
            }
            Event::RewardChanged { .. } | Event::ToRate { .. } | Event::Pretraining(_) => {}
        }
        if self.begun {
            // Before all that follows from it.
            self.effects.insert(first, Effect::Apply(place, event));
        }
    }

    /// A new worker for one that crashed or does not answer, from its last snapshot. After two crashes without an
    /// update, a measurement or a calm minute between them the run stops.
    fn replace(&mut self, place: usize, why: Crash) {
        let slot = &mut self.slots[place];
        slot.crashes += 1;
        // Whatever crashes before it has chosen is started again without WebGPU.
        let kind = slot.choice.as_ref().map_or(EngineKind::Cpu, |choice| choice.kind);
        slot.file = match kind {
            EngineKind::Cpu => EngineFile::Cpu,
            EngineKind::Gpu => EngineFile::Gpu,
        };
        if slot.crashes >= 2 {
            return self.give_up(StopReason::CrashedTwice { why, kind });
        }
        slot.crashed_at = slot.reached;
        let again = slot.reached - slot.snapshot.as_ref().map_or(0, |(update, _)| *update);
        let file = slot.file;
        self.respawn(place, file);
        self.effects.push(Effect::Notify(NoticeCode::Restarted { why, again }));
    }

    pub(super) fn fetched(&mut self, world: Option<WorldId>, seed: u64, base: Result<Base, FileFault>) {
        if world != self.world {
            // The run that needed it is gone.
            return;
        }
        if let Some(fetching) = &mut self.fetching {
            fetching.seeds.retain(|other| *other != seed);
        }
        if self.fetching.as_ref().is_some_and(|fetching| fetching.seeds.is_empty()) || base.is_err() {
            self.fetching = None;
        }
        match base {
            Ok(base) => {
                self.bases.insert(seed, base);
            }
            Err(reason) if self.experiment.seeds.contains(&seed) => {
                self.fault = Some(Phase::DownloadFailed(DownloadFault::Base(reason)));
            }
            // The run that needed it is gone.
            Err(_) => {}
        }
    }

    /// Something begins of which workers tell how far they are.
    pub(super) fn begin_progress(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.progress = 0.0);
        self.effects.push(Effect::SetProgress(0.0));
    }

    /// What all workers have done on average.
    fn set_progress(&mut self, place: usize, share: f64) {
        self.slots[place].progress = share;
        let sum: f64 = self.slots.iter().map(|slot| slot.progress).sum();
        self.effects.push(Effect::SetProgress(sum / self.slots.len() as f64));
    }

    fn measure_pace(&mut self, now: f64) {
        let done = self.done();
        if self.target.is_none() || self.pace.last().is_some_and(|(_, last)| *last == done) {
            return;
        }
        self.pace.push((now, done));
        let surplus = self.pace.len().saturating_sub(PACE_WINDOW);
        self.pace.drain(..surplus);
        let pace = match (self.pace.first(), self.pace.len()) {
            (Some((then, earlier)), 3..) if now > *then => Some(f64::from(done - earlier) * 1000.0 / (now - then)),
            (Some(_) | None, _) => None,
        };
        self.effects.push(Effect::SetPace(pace));
    }
}
