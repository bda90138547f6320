//! The data of a run on the page: a plain type with one writer, [`RunState::apply`].
//!
//! Everything the panels draw about a live run came in through `apply` as an event of a worker.
//! Every writer says which parts it changed, so that only what shows them is drawn again. Leaves
//! out the workers themselves (`engine`), what the user is about to change (`draft`) and
//! everything that depends on a browser.

use std::mem::discriminant;

use hedgerow::Error;
use hedgerow::documents::protocol::{
    AskedAnswer, Encoded, EngineChoice, EngineKind, EnginePreference, Event, Inspected, Inspection, NextTokens, RunId,
};
use hedgerow::documents::report::{ReplicaReport, RewardChange, RunReport};
use hedgerow::facts::world::Subject;
use hedgerow::judgement::experiment::{Arm, Experiment};

use super::phase::{Crash, StopReason};
use super::saved::{SavedRun, WorkerState};
use crate::link::DEFAULT_SEED;

/// A run as far as the page has heard of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunState {
    /// Events of other runs are ignored.
    pub run: RunId,
    /// What was measured so far.
    pub report: RunReport,
    /// What can be asked, of the world of the first replica; empty until it is loaded.
    pub subjects: Vec<Subject>,
    /// Questions that were asked, the latest last.
    pub questions: Vec<Question>,
    /// The answer that the user leads on word by word.
    pub continuation: Option<Continuation>,
    /// What was looked into: the latest look of each kind.
    pub looks: Vec<Look>,
    /// How often reports of a worker were taken back.
    pub rewinds: u32,
    /// For each worker the places of its replicas in the report.
    assignment: Vec<Vec<usize>>,
    /// Changes that were sent and not confirmed yet.
    pending: Vec<RewardChange>,
    /// Updates that it had done when it was last put on the shelf, if it was.
    shelved: Option<u32>,
    /// Did a GPU begin to give other results than the CPU? What it said since it was last compared is made again.
    gpu_differed: bool,
}

/// A question that the user asked, and who has answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Names it among the events.
    pub id: u32,
    /// In words.
    pub text: String,
    /// The true value, if the question is one of the world's.
    pub truth: Option<String>,
    /// Updates that were done when it was asked.
    pub update: u32,
    /// In the order of the replicas; `None` where nobody has answered yet.
    pub answers: Vec<Option<AskedAnswer>>,
    /// Why it has no answer.
    pub fault: Option<QuestionFault>,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum QuestionFault {
    /// The engine cannot ask it.
    Refused(Error),
    /// The engine was started again before it answered.
    Restarted,
}

/// A part of a run that panels look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Which run it is, with its settings.
    Frame,
    /// Reports of updates.
    Updates,
    /// Measurements.
    Measurements,
    /// Changed rewards, announced or confirmed.
    Changes,
    /// What can be asked.
    Subjects,
    /// What was asked.
    Questions,
    /// The answer that is led on.
    Continuation,
    /// What was looked into.
    Looks,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 8] = [
        Part::Frame,
        Part::Updates,
        Part::Measurements,
        Part::Changes,
        Part::Subjects,
        Part::Questions,
        Part::Continuation,
        Part::Looks,
    ];
}

/// An answer that was begun, and the words that may come next.
#[derive(Debug, Clone, PartialEq)]
pub struct Continuation {
    /// Names it among the events.
    pub id: u32,
    /// The question.
    pub question: String,
    /// The answer's words so far.
    pub begun: String,
    /// Updates that were done when it was asked.
    pub update: u32,
    /// In the order of the replicas; `None` where nothing has come yet.
    pub next: Vec<Option<NextTokens>>,
    /// Why nothing comes.
    pub fault: Option<QuestionFault>,
}

/// A look into the models whose finds are read by who shows them.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Names it among the events.
    pub id: u32,
    /// What is looked at.
    pub at: Inspection,
    /// In the order of the replicas; `None` where nothing has come yet.
    pub found: Vec<Option<Encoded>>,
    /// Why nothing comes.
    pub fault: Option<QuestionFault>,
}

impl RunState {
    /// A run of which nothing is known yet; `report` is an empty one.
    pub fn new(run: RunId, report: RunReport, assignment: Vec<Vec<usize>>) -> Self {
        RunState {
            run,
            report,
            subjects: Vec::new(),
            questions: Vec::new(),
            continuation: None,
            looks: Vec::new(),
            rewinds: 0,
            assignment,
            pending: Vec::new(),
            shelved: None,
            gpu_differed: false,
        }
    }

    /// A run that was kept.
    pub fn resumed_from(run: RunId, saved: SavedRun) -> Self {
        RunState {
            pending: saved.pending,
            shelved: saved.shelved,
            ..RunState::new(run, saved.report, saved.assignment)
        }
    }

    /// The run as it can be kept, with what its workers need to go on.
    pub fn saved(&self, preference: EnginePreference, states: Vec<Option<WorkerState>>, bases: String) -> SavedRun {
        let (report, assignment) = (self.report.clone(), self.assignment.clone());
        let (pending, shelved) = (self.pending.clone(), self.shelved);
        SavedRun { report, assignment, pending, preference, bases, states, shelved }
    }

    /// Takes in what a worker says. Returns the parts that changed: none if it was not about this run.
    pub fn apply(&mut self, worker: usize, event: &Event) -> &'static [Part] {
        if self.assignment.get(worker).is_none() || run_of(event).is_some_and(|run| run != self.run) {
            return &[];
        }
        match event {
            // A worker that was started again makes updates again. What was measured stays, unless a GPU went wrong.
            Event::Loaded { subjects, choices, .. } => {
                // The first worker has the first replica.
                if worker == 0 {
                    self.subjects = subjects.clone();
                    (self.report.values, self.report.mixed_values) = (choices.values, choices.mixed);
                }
                self.forget_questions(worker);
                &[Part::Subjects, Part::Questions, Part::Continuation, Part::Looks]
            }
            Event::Updated { reports, .. } => {
                for (replica, report) in self.replicas(worker).into_iter().zip(reports) {
                    let updates = &mut self.report.replicas[replica].updates;
                    self.rewinds += put(updates, report, |report| report.update, self.gpu_differed);
                    // Rated answers are kept of the last update, and where there is a measurement beside them.
                    if let [.., before, _] = &mut updates[..]
                        && !self.report.experiment.measures_at(before.update)
                    {
                        before.examples = Vec::new();
                    }
                }
                &[Part::Updates]
            }
            Event::Measured { measurements, .. } => {
                for (place, (own, measurement)) in self.replicas(worker).into_iter().zip(measurements) {
                    for (other, ReplicaReport { replica, measurements, .. }) in
                        self.report.replicas.iter_mut().enumerate()
                    {
                        // Before the first update models of one seed are one model, and one worker measures it.
                        let is_one = measurement.update == 0 && measurements.is_empty() && replica.seed == own.seed;
                        if other == place || is_one {
                            self.rewinds += put(measurements, measurement, |known| known.update, self.gpu_differed);
                        }
                    }
                }
                &[Part::Measurements]
            }
            Event::WasReset { .. } => {
                self.was_reset(worker);
                &[Part::Updates, Part::Measurements, Part::Changes, Part::Continuation, Part::Looks]
            }
            Event::RewardChanged { after, .. } => {
                self.reward_changed(*after);
                &[Part::Changes]
            }
            Event::Inspected { id, inspected, .. } => self.inspected(worker, *id, inspected),
            Event::EngineChosen(choice) => {
                self.computed_by(worker, choice);
                &[Part::Changes]
            }
            Event::Ready { .. }
            | Event::Progress { .. }
            | Event::Waiting { .. }
            | Event::ToRate { .. }
            | Event::Pretraining(_)
            | Event::Snapshot { .. } => &[],
            // Whether it ends the run is the pool's to say.
            Event::Failed { error, .. } => {
                self.gpu_differed |= matches!(error, Error::Differs(_));
                &[]
            }
        }
    }

    /// A question is on its way to the workers.
    pub fn asked(&mut self, id: u32, text: String, truth: Option<String>) -> &'static [Part] {
        let answers = vec![None; self.report.replicas.len()];
        let update = self.report.updates_done();
        self.questions.push(Question { id, text, truth, update, answers, fault: None });
        &[Part::Questions]
    }

    /// A look is on its way to the workers. It takes the place of the one before of its kind.
    pub fn looks_at(&mut self, id: u32, at: Inspection) -> &'static [Part] {
        self.looks.retain(|look| discriminant(&look.at) != discriminant(&at));
        self.looks.push(Look { id, at, found: vec![None; self.report.replicas.len()], fault: None });
        &[Part::Looks]
    }

    /// The latest look of a kind.
    pub fn look(&self, is_it: impl Fn(&Inspection) -> bool) -> Option<&Look> {
        self.looks.iter().find(|look| is_it(&look.at))
    }

    /// What comes next in an answer is on its way to the workers.
    pub fn leads_on(&mut self, id: u32, question: String, begun: String) -> &'static [Part] {
        let next = vec![None; self.report.replicas.len()];
        let update = self.report.updates_done();
        self.continuation = Some(Continuation { id, question, begun, update, next, fault: None });
        &[Part::Continuation]
    }

    /// A change of the reward is on its way to the workers.
    pub fn announced(&mut self, change: RewardChange) -> &'static [Part] {
        self.pending.push(change);
        &[Part::Changes]
    }

    /// The run cannot go on; its data stay.
    pub fn stopped(&mut self, reason: &StopReason) -> &'static [Part] {
        self.report.failure = Some(match reason {
            StopReason::Failed(error) | StopReason::CrashedTwice { why: Crash::Engine(error), .. } => error.to_string(),
            StopReason::CrashedTwice { why: Crash::Browser(reason), .. } => reason.clone(),
            StopReason::CrashedTwice { why: Crash::Silent, .. } => "the engine did not answer".to_owned(),
            StopReason::NoWorker(reason) => reason.clone().unwrap_or_else(|| "no worker was started".to_owned()),
        });
        &[]
    }

    /// The user tries again after a failure.
    pub fn resumed(&mut self) -> &'static [Part] {
        self.report.failure = None;
        &[]
    }

    /// A run was put on the shelf after so many updates. By now it may have been reset, or be another one.
    pub fn shelved(&mut self, run: RunId, done: u32) -> &'static [Part] {
        if run == self.run && done <= self.report.updates_done() {
            self.shelved = Some(done);
        }
        &[]
    }

    /// Was it put on the shelf as far as it is? Then it is not put there again, because its visitor may have deleted it.
    pub fn is_shelved(&self) -> bool {
        self.shelved.is_some_and(|shelved| self.report.updates_done() <= shelved)
    }

    /// Has an update been made?
    pub fn has_progress(&self) -> bool {
        self.report.replicas.iter().any(|replica| !replica.updates.is_empty())
    }

    /// Has every replica of the run been measured at least once?
    pub fn is_measured(&self) -> bool {
        self.report.replicas.iter().all(|replica| !replica.measurements.is_empty())
    }

    /// The reward that holds now or is on its way: the last change, or what the run began with.
    pub fn current(&self) -> Experiment {
        let mut experiment = self.report.experiment.clone();
        if let Some(change) = self.pending.last().or(self.report.changes.last()) {
            (experiment.rater, experiment.person) = (change.rater, change.person.clone());
            if experiment.seeds.len() * experiment.arms.len() == change.arms.len() {
                experiment.arms = change.arms[..experiment.arms.len()].to_vec();
            }
        }
        experiment
    }

    /// The first worker names the engine of all, and may change over in the middle of a run.
    fn computed_by(&mut self, worker: usize, choice: &EngineChoice) {
        let engine = engine(choice, self.assignment.len());
        if worker > 0 || self.report.engine.ends_with(&engine) {
            return;
        }
        self.report.engine =
            if self.has_progress() { format!("{}, then {engine}", self.report.engine) } else { engine };
    }

    fn replicas(&self, worker: usize) -> Vec<usize> {
        let replicas = self.assignment[worker].iter().copied();
        replicas.filter(|replica| *replica < self.report.replicas.len()).collect()
    }

    /// A worker that begins again has lost the questions that it had not answered.
    fn forget_questions(&mut self, worker: usize) {
        let places = self.replicas(worker);
        for question in &mut self.questions {
            if places.iter().any(|place| question.answers[*place].is_none()) {
                question.fault.get_or_insert(QuestionFault::Restarted);
            }
        }
        if let Some(continuation) = &mut self.continuation
            && places.iter().any(|place| continuation.next[*place].is_none())
        {
            continuation.fault.get_or_insert(QuestionFault::Restarted);
        }
        for look in &mut self.looks {
            if places.iter().any(|place| look.found[*place].is_none()) {
                look.fault.get_or_insert(QuestionFault::Restarted);
            }
        }
    }

    fn was_reset(&mut self, worker: usize) {
        self.rewinds += 1;
        for replica in self.replicas(worker) {
            let ReplicaReport { updates, measurements, .. } = &mut self.report.replicas[replica];
            updates.clear();
            measurements.retain(|measurement| measurement.update == 0);
        }
        (self.report.failure, self.continuation, self.shelved) = (None, None, None);
        self.looks.clear();
        self.pending.clear();
        self.report.changes.clear();
    }

    fn reward_changed(&mut self, after: u32) {
        if let Some(index) = self.pending.iter().position(|change| change.after <= after) {
            let change = self.pending.remove(index);
            self.report.changes.push(change);
        }
    }

    fn inspected(&mut self, worker: usize, id: u32, inspected: &Result<Inspected, Error>) -> &'static [Part] {
        let places = self.replicas(worker);
        if let Some(continuation) = self.continuation.as_mut().filter(|continuation| continuation.id == id) {
            match inspected {
                Ok(Inspected::NextTokens(next)) => {
                    for (place, next) in places.into_iter().zip(next) {
                        continuation.next[place] = Some(next.clone());
                    }
                }
                Ok(_) => {}
                Err(error) => continuation.fault = Some(QuestionFault::Refused(error.clone())),
            }
            return &[Part::Continuation];
        }
        if let Some(look) = self.looks.iter_mut().find(|look| look.id == id) {
            match inspected {
                Ok(
                    Inspected::Credit(found)
                    | Inspected::States(found)
                    | Inspected::Cards(found)
                    | Inspected::Relearning(found),
                ) => {
                    for (place, found) in places.into_iter().zip(found) {
                        look.found[place] = Some(found.clone());
                    }
                }
                Ok(_) => {}
                Err(error) => look.fault = Some(QuestionFault::Refused(error.clone())),
            }
            return &[Part::Looks];
        }
        let Some(question) = self.questions.iter_mut().find(|question| question.id == id) else { return &[] };
        match inspected {
            Ok(Inspected::Asked(answers)) => {
                for (place, answer) in places.into_iter().zip(answers) {
                    question.answers[place] = Some(answer.clone());
                }
            }
            // Who asks a question is told answers; the other views have ids of their own.
            Ok(_) => {}
            Err(error) => question.fault = Some(QuestionFault::Refused(error.clone())),
        }
        &[Part::Questions]
    }
}

/// Puts an item behind those of earlier updates, or if `anew` in the place of the one of its own. Returns how many gave way.
fn put<T: Clone>(items: &mut Vec<T>, item: &T, update: impl Fn(&T) -> u32, anew: bool) -> u32 {
    match items.iter_mut().rev().find(|other| update(other) <= update(item)) {
        Some(last) if update(last) == update(item) => {
            if anew {
                *last = item.clone();
            }
            u32::from(anew)
        }
        Some(_) | None => {
            items.push(item.clone());
            0
        }
    }
}

/// The arm that a replica began with, and the one that rewarded it last.
pub fn course(report: &RunReport, replica: usize, update: u32) -> [Arm; 2] {
    [report.replicas[replica].replica.arm, report.rewarding_arm(replica, update)]
}

/// What computes a run, for files: the engine, its adapter or the workers that it is shared among.
pub fn engine(choice: &EngineChoice, workers: usize) -> String {
    let adapter = choice.gpu.as_ref().map(|gpu| gpu.adapter.as_str()).filter(|adapter| !adapter.is_empty());
    match (choice.kind, workers) {
        (EngineKind::Gpu, _) => format!("{GPU} in a browser, {}", adapter.unwrap_or("unnamed adapter")),
        (EngineKind::Cpu, 1) => "CPU in a browser, 1 worker".to_owned(),
        (EngineKind::Cpu, workers) => format!("CPU in a browser, {workers} workers"),
    }
}

/// How the engine's words begin if it is WebGPU.
const GPU: &str = "WebGPU";

/// What computed a run, as its file says.
pub fn engine_kind(report: &RunReport) -> EngineKind {
    kind_of(&report.engine)
}

/// The kind of an engine, of its name in files.
pub fn kind_of(engine: &str) -> EngineKind {
    if engine.starts_with(GPU) { EngineKind::Gpu } else { EngineKind::Cpu }
}

/// The places of the replicas of one seed in the report, in the order of the arms.
pub fn places_of_seed(report: &RunReport, seed: u64) -> Vec<usize> {
    let replicas = report.replicas.iter().enumerate();
    replicas.filter(|(_, replica)| replica.replica.seed == seed).map(|(place, _)| place).collect()
}

/// The seeds of a run; none without a run.
pub fn seeds(report: Option<&RunReport>) -> Vec<u64> {
    report.map(|report| report.experiment.seeds.clone()).unwrap_or_default()
}

/// The wanted seed of a run, or else the page's own, or else the run's first.
pub fn chosen_seed(report: &RunReport, wanted: Option<u64>) -> Option<u64> {
    seed_among(&report.experiment.seeds, wanted)
}

/// As [`chosen_seed`], among these.
pub fn seed_among(seeds: &[u64], wanted: Option<u64>) -> Option<u64> {
    let is_there = |seed: &u64| seeds.contains(seed);
    wanted.filter(is_there).or(Some(DEFAULT_SEED).filter(is_there)).or(seeds.first().copied())
}

/// The run that an event is about, if it is about one.
pub fn run_of(event: &Event) -> Option<RunId> {
    match event {
        Event::Ready { .. } | Event::EngineChosen(_) | Event::Pretraining(_) => None,
        Event::Loaded { run, .. }
        | Event::Updated { run, .. }
        | Event::Measured { run, .. }
        | Event::Waiting { run, .. }
        | Event::Progress { run, .. }
        | Event::WasReset { run }
        | Event::RewardChanged { run, .. }
        | Event::ToRate { run, .. }
        | Event::Inspected { run, .. }
        | Event::Snapshot { run, .. } => Some(*run),
        Event::Failed { run, .. } => *run,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::{Measurement, UpdateReport};
    use hedgerow::documents::protocol::{EngineReason, GpuCheck, NextToken};
    use hedgerow::facts::world::Choices;
    use hedgerow::judgement::experiment::Replica;
    use hedgerow::judgement::rater::RaterPreset;

    use crate::model::credit::tests::answer;
    use crate::model::series::tests::updated as updated_once;

    const RUN: RunId = 7;
    const CHOICES: Choices = Choices { values: 8, mixed: false };

    /// Scalar on worker 0, structured on worker 1.
    fn two_workers() -> RunState {
        let report = RunReport::empty(Experiment::default(), "a test".into(), "1".into());
        RunState::new(RUN, report, vec![vec![0], vec![1]])
    }

    fn replica(worker: usize) -> Replica {
        Replica { arm: [Arm::Scalar, Arm::Structured][worker], seed: 0 }
    }

    fn updated(worker: usize, update: u32) -> Event {
        let report = UpdateReport { replica: replica(worker), ..updated_once(update, 0.25) };
        Event::Updated { run: RUN, ms: 10.0, reports: vec![report] }
    }

    fn report_of(event: Event) -> UpdateReport {
        let Event::Updated { reports, .. } = event else { panic!("{event:?}") };
        reports[0].clone()
    }

    fn measured(worker: usize, update: u32) -> Event {
        let measurement =
            Measurement { update, cells: Vec::new(), probes: Vec::new(), answers: Vec::new(), facts: Vec::new() };
        Event::Measured { run: RUN, measurements: vec![(replica(worker), measurement)] }
    }

    fn run(state: &mut RunState, worker: usize, updates: u32) {
        for update in 1..=updates {
            state.apply(worker, &updated(worker, update));
        }
    }

    #[test]
    fn events_of_another_run_or_of_an_unknown_worker_change_nothing() {
        let mut state = two_workers();
        let before = state.clone();
        assert!(state.apply(0, &Event::WasReset { run: RUN + 1 }).is_empty());
        assert!(state.apply(5, &updated(0, 1)).is_empty());
        let stale = Event::Failed { run: Some(RUN - 1), error: Error::Device("old".into()), fatal: false };
        assert!(state.apply(0, &stale).is_empty());
        assert_eq!(state, before);
    }

    #[test]
    fn a_writer_names_what_it_changed_and_nothing_else() {
        let mut state = two_workers();
        let snapshot = Event::Snapshot { run: RUN, update: 0, bytes: vec![] };
        for (event, expected) in [
            (updated(0, 1), &[Part::Updates][..]),
            (measured(0, 1), &[Part::Measurements]),
            (Event::RewardChanged { run: RUN, after: 1 }, &[Part::Changes]),
            (Event::Waiting { run: RUN, update: 1 }, &[]),
            (snapshot, &[]),
        ] {
            assert_eq!(state.apply(0, &event), expected, "{event:?}");
        }
    }

    #[test]
    fn two_workers_fill_one_report_and_the_slowest_says_how_far_it_is() {
        let mut state = two_workers();
        run(&mut state, 0, 3);
        run(&mut state, 1, 2);
        assert_eq!(state.report.replicas[0].updates.len(), 3);
        assert_eq!(state.report.updates_done(), 2);
        assert!(!state.is_measured());
        state.apply(0, &measured(0, 0));
        state.apply(1, &measured(1, 0));
        assert!(state.is_measured());
    }

    #[test]
    fn what_is_found_of_a_base_model_holds_for_all_its_arms_and_later_figures_for_one() {
        let mut state = two_workers();
        state.apply(0, &measured(0, 0));
        assert!(state.is_measured());
        state.apply(0, &measured(0, 10));
        let figures = state.report.replicas.iter().map(|replica| replica.measurements.len());
        assert_eq!(figures.collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn a_reset_keeps_the_base_measurement_and_nothing_else() {
        let mut state = two_workers();
        for worker in [0, 1] {
            state.apply(worker, &measured(worker, 0));
            run(&mut state, worker, 10);
            state.apply(worker, &measured(worker, 10));
        }
        // Worker 1 is still at its updates when worker 0 has been reset.
        state.apply(0, &Event::WasReset { run: RUN });
        state.apply(1, &updated(1, 11));
        state.apply(1, &Event::WasReset { run: RUN });
        for replica in &state.report.replicas {
            assert!(replica.updates.is_empty());
            assert_eq!(replica.measurements.iter().map(|m| m.update).collect::<Vec<_>>(), [0]);
        }
    }

    /// Else what its visitor has deleted there would be back as soon as the run is kept once more.
    #[test]
    fn a_run_is_put_on_the_shelf_again_with_new_updates_alone() {
        let mut state = two_workers();
        run(&mut state, 0, 10);
        run(&mut state, 1, 10);
        assert!(!state.is_shelved());
        state.shelved(RUN - 1, 10);
        assert!(!state.is_shelved(), "that was another run");
        state.shelved(RUN, 10);
        assert!(state.is_shelved());

        // Kept and gone on with, in this tab or in another.
        let saved = state.saved(EnginePreference::Auto, vec![None, None], String::new());
        assert_eq!(saved.shelved, Some(10));
        let mut state = RunState::resumed_from(RUN + 1, saved);
        assert!(state.is_shelved());
        let more = |state: &mut RunState, worker, run| {
            let reports = vec![report_of(updated(worker, 11))];
            state.apply(worker, &Event::Updated { run, ms: 1.0, reports });
        };
        more(&mut state, 0, RUN + 1);
        assert!(state.is_shelved(), "not every model has done the update");
        more(&mut state, 1, RUN + 1);
        assert!(!state.is_shelved());

        // Reset, it is another run with the same settings, also if it was on its way to the shelf.
        state.shelved(RUN + 1, 11);
        for worker in [0, 1] {
            state.apply(worker, &Event::WasReset { run: RUN + 1 });
        }
        assert!(!state.is_shelved());
        state.shelved(RUN + 1, 11);
        assert!(!state.is_shelved());
    }

    /// Once a run of 20,000 updates held all of them, and was slower to keep with each.
    #[test]
    fn rated_answers_are_kept_of_the_last_update_and_beside_measurements() {
        let mut state = two_workers();
        for update in 1..=12 {
            let report = UpdateReport { examples: vec![answer(None)], ..report_of(updated(0, update)) };
            state.apply(0, &Event::Updated { run: RUN, ms: 1.0, reports: vec![report] });
        }
        let updates = &state.report.replicas[0].updates;
        let with: Vec<u32> = updates.iter().filter(|own| !own.examples.is_empty()).map(|own| own.update).collect();
        assert_eq!(with, [10, 12]);
    }

    /// Once a restored worker took what it had measured since its snapshot away, and all of it without one.
    #[test]
    fn what_was_measured_stays_while_a_restored_worker_does_it_again() {
        let mut state = two_workers();
        state.apply(0, &measured(0, 0));
        run(&mut state, 0, 14);
        run(&mut state, 1, 14);
        state.apply(0, &measured(0, 14));
        let before = state.report.clone();
        for update in [10, 0] {
            state.apply(0, &Event::Loaded { run: RUN, update, subjects: vec![], choices: CHOICES });
            for again in update + 1..=14 {
                // On another device it may come out otherwise.
                let Event::Updated { run, ms, mut reports } = updated(0, again) else { panic!("an update") };
                reports[0].scalar += 0.5;
                state.apply(0, &Event::Updated { run, ms, reports });
                assert_eq!(state.report, before);
            }
            state.apply(0, &measured(0, 14));
        }
        assert_eq!(state.report, before);
        state.apply(0, &updated(0, 15));
        let updates: Vec<u32> = state.report.replicas[0].updates.iter().map(|report| report.update).collect();
        assert_eq!(updates, (1..=15).collect::<Vec<_>>());
    }

    /// Once whatever a GPU returned was believed that had been right at first.
    #[test]
    fn what_a_gpu_said_since_it_went_wrong_is_replaced() {
        let mut state = two_workers();
        state.apply(0, &measured(0, 0));
        run(&mut state, 0, 12);
        let rewinds = state.rewinds;
        state.apply(0, &Event::Failed { run: Some(RUN), error: Error::Differs("gradient".into()), fatal: true });
        state.apply(0, &Event::Loaded { run: RUN, update: 10, subjects: vec![], choices: CHOICES });
        for again in 11..=13 {
            let Event::Updated { run, ms, mut reports } = updated(0, again) else { panic!("an update") };
            reports[0].scalar += 0.5;
            state.apply(0, &Event::Updated { run, ms, reports });
        }
        assert!(state.rewinds > rewinds, "charts are drawn anew");
        let updates = &state.report.replicas[0].updates;
        assert_eq!(updates.iter().map(|report| report.update).collect::<Vec<_>>(), (1..=13).collect::<Vec<_>>());
        let of = |update: usize| updates[update - 1].scalar;
        assert_eq!((of(11), of(12), of(13)), (of(10) + 0.5, of(10) + 0.5, of(10) + 0.5));
    }

    #[test]
    fn a_run_that_stopped_keeps_its_data_and_its_file_says_why() {
        let error = Error::NotFinite { update: 5, arm: "scalar".into(), seed: 0 };
        let twice = |why| StopReason::CrashedTwice { why, kind: EngineKind::Gpu };
        for (reason, said) in [
            (StopReason::Failed(error.clone()), error.to_string()),
            (twice(Crash::Engine(Error::Device("lost".into()))), Error::Device("lost".into()).to_string()),
            (twice(Crash::Browser("out of memory".into())), "out of memory".into()),
            (twice(Crash::Silent), "the engine did not answer".into()),
        ] {
            let mut state = two_workers();
            run(&mut state, 0, 4);
            state.stopped(&reason);
            assert_eq!(state.report.failure, Some(said.clone()));
            assert!(state.report.to_csv().lines().skip(1).all(|row| row.contains(&said)));
            assert_eq!(state.report.replicas[0].updates.len(), 4);
            state.resumed();
            assert_eq!(state.report.failure, None);
        }
    }

    #[test]
    fn the_seed_that_is_shown_first_is_the_one_that_the_page_opens_with() {
        assert_eq!(seed_among(&[0, 1, DEFAULT_SEED], None), Some(DEFAULT_SEED));
        assert_eq!(seed_among(&[0, 1, DEFAULT_SEED], Some(1)), Some(1));
        assert_eq!(seed_among(&[8, 9], Some(1)), Some(8));
        assert_eq!(seed_among(&[], None), None);
    }

    #[test]
    fn a_run_names_every_engine_that_had_a_part_in_it() {
        let choice = |kind: EngineKind, adapter: &str| EngineChoice {
            kind,
            reason: EngineReason::ChosenGpu,
            cpu_ms: 1.0,
            cpu_model_ms: 1.0,
            gpu: Some(GpuCheck {
                adapter: adapter.into(),
                software: false,
                ms: 1.0,
                largest_difference: 0.0,
                correct: true,
            }),
        };
        let gpu = choice(EngineKind::Gpu, "ACME 9");
        let report = RunReport::empty(Experiment::default(), engine(&gpu, 1), "1".into());
        let mut state = RunState::new(RUN, report, vec![vec![0, 1]]);
        state.apply(0, &Event::EngineChosen(gpu.clone()));
        assert_eq!(state.report.engine, "WebGPU in a browser, ACME 9");
        assert_eq!(engine_kind(&state.report), EngineKind::Gpu);
        let both =
            Event::Updated { run: RUN, ms: 1.0, reports: [updated(0, 1), updated(1, 1)].map(report_of).to_vec() };
        state.apply(0, &both);
        state.apply(0, &Event::EngineChosen(choice(EngineKind::Cpu, "ACME 9")));
        assert_eq!(state.report.engine, "WebGPU in a browser, ACME 9, then CPU in a browser, 1 worker");
        assert_eq!(engine(&choice(EngineKind::Gpu, ""), 1), "WebGPU in a browser, unnamed adapter");
        assert_eq!(engine(&choice(EngineKind::Cpu, ""), 3), "CPU in a browser, 3 workers");
    }

    #[test]
    fn a_change_of_the_reward_is_recorded_once_however_many_workers_confirm_it() {
        let mut state = two_workers();
        let rater = RaterPreset::TouchyTopic.config();
        state.announced(RewardChange { after: 6, rater, arms: vec![Arm::Structured, Arm::Structured], person: None });
        for worker in [0, 1] {
            state.apply(worker, &Event::RewardChanged { run: RUN, after: 6 });
        }
        assert_eq!(state.report.changes.len(), 1);
        // The sixth update still had the old reward.
        let courses = [5, 6, 7].map(|update| course(&state.report, 0, update)[1]);
        assert_eq!(courses, [Arm::Scalar, Arm::Scalar, Arm::Structured]);
        assert_eq!(state.current().rater, rater);
        assert_eq!(state.current().arms, [Arm::Structured, Arm::Structured]);
        assert_eq!(state.report.experiment, Experiment::default());
    }

    #[test]
    fn answers_land_with_their_replica_and_an_unknown_word_with_its_question() {
        let mut state = two_workers();
        state.asked(1, "what is the theft of varn ?".into(), Some("high".into()));
        state.asked(2, "who is zorg ?".into(), None);
        let answer = AskedAnswer { replica: replica(1), before: vec!["it is high .".into()], now: Vec::new() };
        let inspected = Ok(Inspected::Asked(vec![answer.clone()]));
        state.apply(1, &Event::Inspected { run: RUN, id: 1, inspected });
        let error = Error::UnknownWords(vec!["zorg".into()]);
        state.apply(0, &Event::Inspected { run: RUN, id: 2, inspected: Err(error.clone()) });
        assert_eq!(state.questions[0].answers, [None, Some(answer)]);
        assert_eq!(state.questions[1].fault, Some(QuestionFault::Refused(error)));
        // Worker 0 never gets to answer the first one.
        state.apply(0, &Event::Loaded { run: RUN, update: 0, subjects: vec![], choices: CHOICES });
        assert_eq!(state.questions[0].fault, Some(QuestionFault::Restarted));
    }

    #[test]
    fn words_to_come_land_with_their_replica_and_those_of_an_earlier_beginning_are_ignored() {
        let mut state = two_workers();
        state.leads_on(1, "what is the theft of varn ?".into(), "it".into());
        state.leads_on(2, "what is the theft of varn ?".into(), "it is".into());
        let next =
            NextTokens { replica: replica(1), tokens: vec![NextToken { word: "high".into(), before: 0.9, now: 0.1 }] };
        let event = |id, next: &NextTokens| Event::Inspected {
            run: RUN,
            id,
            inspected: Ok(Inspected::NextTokens(vec![next.clone()])),
        };
        assert_eq!(state.apply(1, &event(1, &next)), &[]);
        assert_eq!(state.apply(1, &event(2, &next)), &[Part::Continuation]);
        assert_eq!(state.continuation.as_ref().map(|own| own.next.clone()), Some(vec![None, Some(next)]));
        // Worker 0 never gets to answer.
        state.apply(0, &Event::Loaded { run: RUN, update: 0, subjects: vec![], choices: CHOICES });
        let fault = state.continuation.as_ref().and_then(|own| own.fault.clone());
        assert_eq!(fault, Some(QuestionFault::Restarted));
        state.apply(1, &Event::WasReset { run: RUN });
        assert_eq!(state.continuation, None);
    }

    #[test]
    fn of_each_kind_of_look_the_latest_counts() {
        let mut state = two_workers();
        let credit = |prompt| Inspection::Credit { prompt };
        state.looks_at(2, Inspection::Cards { count: 6 });
        state.looks_at(3, credit(0));
        state.looks_at(4, credit(1));
        let event = |id, found| Event::Inspected { run: RUN, id, inspected: Ok(Inspected::Credit(vec![found])) };
        assert_eq!(state.apply(1, &event(3, vec![1])), &[]);
        assert_eq!(state.apply(1, &event(4, vec![16])), &[Part::Looks]);
        let look = state.look(|at| matches!(at, Inspection::Credit { .. })).cloned().unwrap();
        assert_eq!((look.at, look.found, look.fault), (credit(1), vec![None, Some(vec![16])], None));
        let cards = |state: &RunState| state.look(|at| matches!(at, Inspection::Cards { .. })).cloned().unwrap();
        assert_eq!(cards(&state).found, [None, None], "another kind of look stays");
        // Worker 0 never gets to answer.
        state.apply(0, &Event::Loaded { run: RUN, update: 0, subjects: vec![], choices: CHOICES });
        assert_eq!(cards(&state).fault, Some(QuestionFault::Restarted));
        state.apply(1, &Event::WasReset { run: RUN });
        assert_eq!(state.looks, []);
    }
}
