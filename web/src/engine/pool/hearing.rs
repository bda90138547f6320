//! What workers and downloads say, and who takes the place of a worker that is gone. Leaves out what
//! follows from it (`advance`) and what events mean for the run (`model::run`).

use hedgerow::Error;
use hedgerow::documents::protocol::{BUILD, Base, Command, EngineKind, Event};

use super::Pool;
use super::messages::{Effect, EngineFile, Heard};
use crate::model::notice::NoticeCode;
use crate::model::phase::{Crash, DownloadFault, Phase, StopReason};
use crate::model::run::run_of;

/// Updates between two snapshots that are kept for a crash.
const SNAPSHOT_EVERY: u32 = 10;
/// Updates over which the pace is measured.
const PACE_WINDOW: usize = 20;

impl Pool {
    pub(super) fn hear(&mut self, now: f64, place: usize, heard: Heard) {
        match heard {
            Heard::Progress { loaded, total } => self.slots[place].progress = (loaded, total),
            Heard::DownloadFailed(reason) => {
                self.fault = Some(Phase::DownloadFailed(DownloadFault::Engine(reason)));
            }
            Heard::Crashed(reason) => self.replace(place, Crash::Browser(reason)),
            Heard::Event(event) => self.take_event(now, place, *event),
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
            Event::Updated { run, reports, .. } => {
                slot.done = reports.iter().map(|report| report.update).max().unwrap_or(slot.done);
                if slot.done > slot.crashed_at {
                    slot.crashes = 0;
                }
                if slot.done.is_multiple_of(SNAPSHOT_EVERY) {
                    self.effects.push(Effect::Post(slot.id, Command::Snapshot { run: *run }));
                }
                self.measure_pace(now);
            }
            Event::Measured { .. } => slot.measured = true,
            Event::Waiting { update, .. } => (slot.granted, slot.waited) = (*update, *update),
            Event::WasReset { .. } => slot.resetting = false,
            Event::Snapshot { bytes, .. } => slot.snapshot = Some(bytes.clone()),
            Event::Failed { error, fatal: true, .. } => self.replace(place, Crash::Engine(error.clone())),
            Event::Failed { error, fatal: false, .. } => {
                self.target = None;
                if matches!(error, Error::World(_) | Error::Tokenizer(_) | Error::Checkpoint(_)) {
                    // What could not be used is fetched again.
                    self.bases.clear();
                }
                self.fault = Some(Phase::Stopped(StopReason::Failed(error.clone())));
            }
            Event::RewardChanged { .. } | Event::Inspected { .. } | Event::ToRate { .. } => {}
        }
        // Before all that follows from it.
        self.effects.insert(first, Effect::Apply(place, event));
    }

    /// A new worker for one that crashed, from its last snapshot. After two crashes without an
    /// update between them the run stops and its data stay.
    fn replace(&mut self, place: usize, why: Crash) {
        let slot = &mut self.slots[place];
        slot.crashes += 1;
        // Whatever crashes before it has chosen is started again without WebGPU.
        let kind = slot.choice.as_ref().map_or(EngineKind::Cpu, |choice| choice.kind);
        if slot.crashes >= 2 {
            self.target = None;
            self.end_workers(0);
            self.fault = Some(Phase::Stopped(StopReason::CrashedTwice { why, kind }));
            return;
        }
        slot.crashed_at = slot.done;
        let from_snapshot = slot.snapshot.is_some();
        let file = match kind {
            EngineKind::Cpu => EngineFile::Cpu,
            EngineKind::Gpu => EngineFile::Gpu,
        };
        self.respawn(place, file);
        self.effects.push(Effect::Notify(NoticeCode::Restarted { why, from_snapshot }));
    }

    pub(super) fn fetched(&mut self, seed: u64, base: Result<Base, String>) {
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
