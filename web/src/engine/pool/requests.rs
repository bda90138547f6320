//! What the user asks for. Leaves out what follows from it (`advance`).

use hedgerow::documents::protocol::{Command, EngineKind, EnginePreference, Inspection};
use hedgerow::documents::report::RewardChange;
use hedgerow::judgement::experiment::Experiment;

use super::Pool;
use super::messages::{Effect, EngineFile};
use crate::model::notice::NoticeCode;
use crate::model::phase::Phase;
use crate::model::run::RunState;
use crate::model::saved::{SavedRun, WorkerState};

impl Pool {
    pub(super) fn start(&mut self, draft: Experiment, preference: EnginePreference) {
        self.begin_without_workers(draft, preference);
        let slot = self.spawn(EngineFile::of(preference));
        self.slots.push(slot);
    }

    fn begin_without_workers(&mut self, experiment: Experiment, preference: EnginePreference) {
        self.end_workers(0);
        (self.fault, self.target, self.pausing) = (None, None, false);
        (self.experiment, self.preference) = (experiment, preference);
        self.begin();
        self.engine = None;
        self.effects.push(Effect::SetEngine(None));
    }

    /// Shows a run that was kept, and brings its models back to where they were.
    pub(super) fn resume(&mut self, saved: SavedRun) {
        self.begin_without_workers(saved.report.experiment.clone(), saved.preference);
        (self.planned, self.begun, self.changes) = (true, true, saved.changes());
        self.assignment.clone_from(&saved.assignment);
        // Several workers: it was the CPU.
        let file = if saved.assignment.len() > 1 { EngineFile::Cpu } else { EngineFile::of(saved.preference) };
        for (places, state) in saved.assignment.iter().zip(&saved.states) {
            let updates = places.iter().filter_map(|place| saved.report.replicas[*place].updates.last());
            let mut slot = self.spawn(file);
            slot.reached = updates.map(|report| report.update).max().unwrap_or(0);
            slot.snapshot = state.clone().map(|WorkerState { update, bytes }| (update, bytes));
            (slot.crashed_at, slot.measured) = (slot.reached, slot.snapshot.is_some());
            self.slots.push(slot);
        }
        self.effects.push(Effect::SetWorkers(self.assignment.len()));
        self.effects.push(Effect::Begin(Box::new(RunState::resumed_from(self.run, saved))));
        self.effects.push(Effect::Started);
    }

    /// Once more what has failed; the run stays as it is.
    pub(super) fn retry(&mut self) {
        if self.fault.take().is_some() {
            self.revive();
        }
    }

    /// Goes on with the engine that every browser has; the run stays as it is.
    pub(super) fn use_cpu(&mut self) {
        self.preference = EnginePreference::Cpu;
        for slot in &mut self.slots {
            slot.file = EngineFile::Cpu;
            if !slot.handed {
                slot.wants = slot.wants.and(Some(EngineKind::Cpu));
            }
        }
        self.retry();
    }

    pub(super) fn aim(&mut self, draft: Experiment, target: impl Fn(u32, u32) -> u32) {
        if self.is_untouched() && self.experiment != draft {
            self.experiment = draft;
            self.begin();
        }
        self.target = Some(target(self.done(), self.experiment.finetune.updates));
        self.pausing = false;
        self.pace.clear();
        if self.slots.iter().all(|slot| slot.measured) {
            self.begin_progress();
        }
        self.effects.push(Effect::Started);
        self.forgive();
    }

    pub(super) fn pause(&mut self) {
        if self.target.is_some() {
            self.target = Some(self.granted());
            self.pausing = true;
        }
    }

    pub(super) fn reset(&mut self, draft: Experiment, preference: EnginePreference) {
        self.effects.push(Effect::ClearNotices);
        if self.slots.iter().all(|slot| slot.gone) {
            return self.start(draft, preference);
        }
        self.target = None;
        let is_same = draft == self.experiment && self.changes.is_empty();
        if is_same && self.fault.is_none() && self.slots.iter().all(|slot| slot.loaded) {
            let run = self.run;
            for slot in &mut self.slots {
                self.effects.push(Effect::Post(slot.id, Command::Pause { run }));
                self.effects.push(Effect::Post(slot.id, Command::Reset { run }));
                (slot.done, slot.reached, slot.granted, slot.waited) = (0, 0, 0, 0);
                (slot.snapshot, slot.crashes, slot.crashed_at) = (None, 0, 0);
                slot.resetting = true;
            }
            self.let_go();
        } else {
            self.experiment = draft;
            self.begin();
        }
        self.forgive();
    }

    pub(super) fn change_reward(&mut self, Experiment { rater, arms, person, .. }: Experiment) {
        let after = self.granted();
        let arms = arms.repeat(self.experiment.seeds.len());
        let change = RewardChange { after, rater, arms, person };
        self.effects.push(Effect::Announce(change.clone()));
        for place in 0..self.slots.len() {
            self.send_change(place, &change);
        }
        self.changes.push(change);
        self.effects.push(Effect::Notify(NoticeCode::RewardHolds { from: after + 1 }));
    }

    pub(super) fn ask(&mut self, text: String, truth: Option<String>) {
        let id = self.inspect(&Inspection::Ask { question: text.clone() });
        self.effects.push(Effect::Asked { id, text, truth });
    }

    pub(super) fn lead_on(&mut self, question: String, begun: String) {
        let id = self.inspect(&Inspection::NextTokens { question: question.clone(), begun: begun.clone() });
        self.effects.push(Effect::LeadsOn { id, question, begun });
    }

    pub(super) fn look_at(&mut self, at: Inspection) {
        let id = self.inspect(&at);
        self.effects.push(Effect::LooksAt(id, at));
    }

    /// Asks every worker; returns what names the answers.
    fn inspect(&mut self, inspection: &Inspection) -> u32 {
        self.inspections += 1;
        let (run, id) = (self.run, self.inspections);
        for slot in self.slots.iter_mut().filter(|slot| slot.loaded) {
            slot.looks += 1;
            let inspection = inspection.clone();
            self.effects.push(Effect::Post(slot.id, Command::Inspect { run, id, inspection }));
        }
        id
    }

    /// A fault is over, unless something is still missing.
    fn forgive(&mut self) {
        if matches!(self.fault, Some(Phase::Stopped(_))) {
            self.retry();
        }
    }

    /// Was nothing trained or asked for yet?
    fn is_untouched(&self) -> bool {
        self.target.is_none() && self.slots.iter().all(|slot| slot.reached == 0 && slot.granted == 0)
    }
}
