//! What trains, and what asks the models of the run.

use hedgerow::documents::protocol::{EnginePreference, Inspection};
use hedgerow::judgement::person::Person;
use leptos::prelude::*;

use super::Lab;
use crate::engine::pool::Input;
use crate::model::draft::{Question, choose_person, choose_question, mode_of};
use crate::model::run::RunState;
use crate::stores::Stores;

impl Lab {
    /// Trains to the end of the run.
    pub fn train(self) {
        self.stop_showing();
        self.take(Input::Train(self.stores.draft.experiment.get_untracked()));
    }

    /// Waits as soon as all workers have done the same updates.
    pub fn pause(self) {
        self.take(Input::Pause);
    }

    /// Trains on a person's ratings from the beginning, with all else as it is set: so many updates, or all.
    pub fn train_on(self, person: Person, updates: Option<u32>) {
        self.stores.draft.change(|draft| choose_person(draft, person));
        if self.stores.run.started.get_untracked() {
            self.reset();
        }
        match updates {
            Some(updates) => self.step(updates),
            None => self.train(),
        }
    }

    /// Has a run that waits go on with what a person says by now: so many updates, or all.
    pub fn go_on_with(self, person: Person, updates: Option<u32>) {
        self.undo();
        self.stores.draft.change(|draft| draft.person = Some(Box::new(person)));
        self.change_reward();
        match updates {
            Some(updates) => self.step(updates),
            None => self.train(),
        }
    }

    /// Makes so many updates.
    pub fn step(self, updates: u32) {
        self.stop_showing();
        self.take(Input::Step(self.stores.draft.experiment.get_untracked(), updates));
    }

    /// Back to the base models, with the settings as they are now.
    pub fn reset(self) {
        self.stop_showing();
        let Stores { draft, prefs, .. } = self.stores;
        let gives_way = self.put_aside();
        self.take(Input::Reset(draft.experiment.get_untracked(), prefs.engine.get_untracked()));
        self.tell_of(gives_way);
    }

    /// Tries again what has failed; the run stays.
    pub fn retry(self) {
        self.take(Input::Retry);
    }

    /// Goes on with the engine that every browser has; the run stays.
    pub fn use_cpu(self) {
        self.stores.prefs.engine.set(EnginePreference::Cpu);
        self.take(Input::UseCpu);
    }

    /// The draft's reward holds from the first update that no worker has been granted yet.
    pub fn change_reward(self) {
        self.take(Input::ChangeReward(self.stores.draft.experiment.get_untracked()));
    }

    /// Sets the draft to a question of the laboratory, on the seeds that it has.
    pub fn choose(self, question: Question) {
        self.stores.draft.change(|draft| choose_question(draft, question));
    }

    /// The draft is again what the run has.
    pub fn undo(self) {
        let current = untrack(|| self.stores.run.with(&[], RunState::current));
        self.stores.draft.mode.set(mode_of(&current.arms));
        self.stores.draft.experiment.set(current);
    }

    /// Asks every model a question in words; `truth` is its answer if the world has one.
    pub fn ask(self, text: String, truth: Option<String>) {
        self.take(Input::Ask { text, truth });
    }

    /// Asks every model what it would say next, after the words of an answer so far.
    pub fn lead_on(self, question: String, begun: String) {
        self.take(Input::LeadOn { question, begun });
    }

    /// Looks into every model. What is found is the run's ([`RunState::look`]).
    pub fn look_at(self, at: Inspection) {
        self.take(Input::LookAt(at));
    }

    /// Another engine; it begins a new run.
    pub fn choose_engine(self, preference: EnginePreference) {
        let gives_way = self.put_aside();
        self.stores.prefs.engine.set(preference);
        self.stores.run.started.set(false);
        self.start_engine();
        self.tell_of(gives_way);
    }
}
