//! The next thing to do, from what is there: an engine, the spread of the replicas, their models, a grant.

use hedgerow::documents::protocol::{Command, EngineKind, EnginePreference};
use hedgerow::documents::report::RunReport;

use super::messages::{Effect, EngineFile};
use super::slot::Slot;
use super::{Fetching, Pool};
use crate::model::phase::Phase;
use crate::model::plan;
use crate::model::run::{RunState, engine};

impl Pool {
    /// Looks at what is there and does the next thing: nothing before the first worker.
    pub(super) fn advance(&mut self) {
        if self.slots.is_empty() {
            return;
        }
        if self.fault.is_none() {
            self.hand_out_engines();
            self.choose_engines();
            self.plan();
            self.load();
            self.share_measurements();
            self.grant();
        }
        let phase = self.phase();
        if self.shown.as_ref() != Some(&phase) {
            self.shown = Some(phase.clone());
            if phase.waits() || matches!(phase, Phase::Stopped(_)) {
                self.effects.push(Effect::Keep);
            }
            self.effects.push(Effect::SetPhase(phase));
        }
    }

    fn hand_out_engines(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| !slot.handed) {
            let Some(kind) = slot.wants else { continue };
            if self.engines.contains(&kind) {
                slot.handed = true;
                self.effects.push(Effect::HandOut(slot.id, kind));
            } else if !self.fetching_engines.contains(&kind) {
                self.fetching_engines.push(kind);
                self.effects.push(Effect::FetchEngine(kind));
            }
        }
    }

    fn choose_engines(&mut self) {
        let replicas = self.experiment.replicas().len();
        for place in 0..self.slots.len() {
            let slot = &mut self.slots[place];
            if !slot.ready || slot.asked || slot.choice.is_some() {
                continue;
            }
            if place == 0 {
                // Whatever crashed is checked anew.
                let preference = if slot.crashes == 0 { self.preference } else { EnginePreference::Auto };
                self.effects.push(Effect::Post(slot.id, Command::ChooseEngine { preference, replicas }));
                slot.asked = true;
            } else {
                // What the first one has checked is the same to the others.
                self.slots[place].choice = self.slots[0].choice.clone();
            }
        }
    }

    /// Spreads the replicas over workers, as many as the engine of the first one makes sensible.
    fn plan(&mut self) {
        let choice = self.slots.first().and_then(|slot| slot.choice.clone());
        let (Some(choice), false) = (choice, self.planned) else { return };
        let replicas = self.experiment.replicas().len();
        self.assignment = match choice.kind {
            EngineKind::Gpu => vec![(0..replicas).collect()],
            EngineKind::Cpu => plan::spread(replicas, self.cores),
        };
        let workers = self.assignment.len();
        self.end_workers(workers);
        while self.slots.len() < workers {
            let slot = self.spawn(EngineFile::Cpu);
            self.slots.push(slot);
        }
        self.planned = true;
        self.effects.push(Effect::SetWorkers(workers));
    }

    /// Sends the run to the workers that wait for it, once its base models are here.
    fn load(&mut self) {
        let seeds = self.experiment.seeds.iter().copied();
        let missing: Vec<u64> = seeds.filter(|seed| !self.bases.contains_key(seed)).collect();
        if !missing.is_empty() {
            if self.fetching.is_none() {
                self.fetching = Some(Fetching { seeds: missing.clone(), loaded: 0.0, total: 0.0 });
                self.effects.push(Effect::Fetch(self.world, missing));
            }
            return;
        }
        if !self.planned {
            return;
        }
        self.take_its_place();
        let (run, all) = (self.run, self.experiment.replicas());
        for (place, places) in self.assignment.iter().enumerate() {
            let slot = &self.slots[place];
            if slot.choice.is_none() || slot.sent {
                continue;
            }
            let replicas: Vec<_> = places.iter().map(|place| all[*place]).collect();
            let needs = |seed: &u64| replicas.iter().any(|replica| replica.seed == *seed);
            let seeds = self.experiment.seeds.iter().filter(|seed| needs(seed));
            // The worker before measures the model that all of these are.
            let before = places[0].checked_sub(1).map(|place| all[place].seed);
            let measures = !slot.measured && replicas.iter().any(|replica| Some(replica.seed) != before);
            let bases = seeds.filter_map(|seed| self.bases.get(seed)).cloned().collect();
            let command = match slot.snapshot.clone() {
                Some((_, snapshot)) => Command::Restore { run, snapshot, bases },
                None => Command::Load { run, experiment: self.experiment.clone(), replicas, bases, measures },
            };
            self.effects.push(Effect::Post(slot.id, command));
            let slot = &mut self.slots[place];
            slot.measures = measures && slot.snapshot.is_none();
            (slot.sent, slot.progress) = (true, if slot.measures { 0.0 } else { 1.0 });
        }
    }

    /// Workers that measured nothing have what the one before found of the same base model (`RunState::apply`).
    fn share_measurements(&mut self) {
        let mut before = false;
        for slot in &mut self.slots {
            slot.measured |= before && slot.sent && !slot.measures;
            before = slot.measured;
        }
    }

    /// Shows the run instead of the one before: not earlier than its models are here, because a run that cannot
    /// begin should not cost one that was made.
    fn take_its_place(&mut self) {
        let choice = self.slots.first().and_then(|slot| slot.choice.clone());
        let (Some(choice), false) = (choice, self.begun) else { return };
        self.begun = true;
        self.begin_progress();
        let engine = engine(&choice, self.assignment.len());
        let report = RunReport::empty(self.experiment.clone(), engine, self.build.clone());
        let state = RunState::new(self.run, report, self.assignment.clone());
        self.effects.push(Effect::Begin(Box::new(state)));
    }

    fn grant(&mut self) {
        if !self.slots.iter().all(|slot| slot.loaded && slot.measured) {
            return;
        }
        let run = self.run;
        if self.slots.iter().any(|slot| slot.missing() > 0) {
            for slot in self.slots.iter_mut().filter(|slot| slot.granted < slot.reached) {
                slot.granted = slot.reached;
                self.effects.push(Effect::Post(slot.id, Command::Train { run, until: slot.reached }));
            }
            return;
        }
        let (Some(target), done) = (self.target, self.done()) else { return };
        if done >= target {
            // The last measurement comes after the last update, and the wait after both.
            if self.slots.iter().all(|slot| slot.waited >= target) {
                (self.target, self.pausing) = (None, false);
            }
            return;
        }
        let until = plan::grant(done, target);
        for slot in self.slots.iter_mut().filter(|slot| slot.granted < until) {
            slot.granted = until;
            self.effects.push(Effect::Post(slot.id, Command::Train { run, until }));
        }
    }

    fn phase(&self) -> Phase {
        if let Some(fault) = &self.fault {
            return fault.clone();
        }
        if self.slots.iter().any(|slot| !slot.ready) {
            let (loaded, total) = self.engine_progress;
            return Phase::LoadingEngine { loaded, total };
        }
        if self.slots.iter().any(|slot| slot.choice.is_none()) {
            return Phase::CheckingEngine;
        }
        if let Some(Fetching { loaded, total, .. }) = self.fetching {
            return Phase::LoadingModels { loaded, total };
        }
        if !self.slots.iter().all(|slot| slot.loaded && slot.measured) {
            return Phase::Measuring;
        }
        let missing: u32 = self.slots.iter().map(Slot::missing).max().unwrap_or(0);
        if missing > 0 {
            let of = self.slots.iter().map(|slot| slot.reached).max().unwrap_or(0);
            return Phase::Restoring { done: of.saturating_sub(missing), of };
        }
        match (self.target, self.pausing) {
            (Some(_), true) => Phase::Pausing,
            (Some(_), false) => Phase::Training,
            (None, _) if self.done() >= self.experiment.finetune.updates => Phase::Finished,
            (None, _) => Phase::Paused,
        }
    }
}
