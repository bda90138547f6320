//! The engine worker's session, driven as the page drives it, without a browser.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::cell::{Cell, RefCell};

use common::{small_bases, small_experiment};
use hedgerow::documents::protocol::{
    Base, Command, EngineKind, EnginePreference, EngineReason, Event, Inspected, Inspection,
};
use hedgerow::facts::error::ExperimentFault;
use hedgerow::facts::world::Subject;
use hedgerow::judgement::experiment::{Arm, Experiment};
use hedgerow::judgement::rater::RaterPreset;
use hedgerow::network::checkpoint::Checkpoint;
use hedgerow::network::tokenizer::Tokenizer;
use hedgerow::worker::session::{Gpu, Host, Session};
use hedgerow::{Device, Error};
use pollster::block_on;

/// A page that keeps what it is told. Its GPU, if it has one, is the CPU under another name.
#[derive(Default)]
struct Page {
    events: RefCell<Vec<Event>>,
    gpu: Option<&'static str>,
    software: bool,
    errors: Cell<usize>,
    clock: Cell<f64>,
}

impl Host for Page {
    fn send(&self, event: &Event) {
        self.events.borrow_mut().push(event.clone());
    }

    fn now(&self) -> f64 {
        self.clock.set(self.clock.get() + 1.0);
        self.clock.get()
    }

    fn logged_errors(&self) -> usize {
        // A GPU that fails to compile a kernel logs an error each time it is used.
        if self.gpu == Some("broken") {
            self.errors.set(self.errors.get() + 1);
        }
        self.errors.get()
    }

    async fn open_gpu(&self) -> Result<Gpu, EngineReason> {
        let open = |adapter: &str| Gpu { device: Device::flex(), adapter: adapter.into(), software: self.software };
        self.gpu.map(open).ok_or(EngineReason::NotOffered)
    }
}

fn bases() -> Vec<Base> {
    let base = |model: &hedgerow::rl::finetune::BaseModel| Base {
        seed: model.seed,
        world: model.corpus.world().to_json(),
        tokenizer: Tokenizer::of(&model.corpus.vocabulary).to_json(),
        checkpoint: Checkpoint { config: model.config, seed: model.seed, weights: model.weights.clone() }.to_bytes(),
    };
    small_bases().iter().map(base).collect()
}

/// Does what the message loop does: commands first, then updates until there is nothing to do.
fn tell(session: &mut Session<Page>, commands: impl IntoIterator<Item = Command>) -> Vec<Event> {
    session.host().events.borrow_mut().clear();
    for command in commands {
        block_on(session.handle(command));
    }
    while session.has_work() {
        block_on(session.advance());
    }
    session.host().events.borrow().clone()
}

fn experiment() -> Experiment {
    small_experiment(&[Arm::Scalar, Arm::Structured], &[0])
}

fn load(run: u32) -> Command {
    Command::Load { run, experiment: experiment(), replicas: experiment().replicas(), bases: bases() }
}

fn ask(id: u32, question: &str) -> Command {
    Command::Inspect { run: 1, id, inspection: Inspection::Ask { question: question.into() } }
}

fn names(events: &[Event]) -> Vec<&'static str> {
    let name = |event: &Event| match event {
        Event::Ready { .. } => "ready",
        Event::EngineChosen(_) => "engine chosen",
        Event::Loaded { .. } => "loaded",
        Event::Updated { .. } => "updated",
        Event::Measured { .. } => "measured",
        Event::Waiting { .. } => "waiting",
        Event::WasReset { .. } => "was reset",
        Event::RewardChanged { .. } => "reward changed",
        Event::Inspected { .. } => "inspected",
        Event::Snapshot { .. } => "snapshot",
        Event::Failed { .. } => "failed",
    };
    events.iter().map(name).collect()
}

#[test]
fn a_grant_is_trained_and_not_more() {
    let mut session = Session::new(Page::default());
    assert_eq!(names(&tell(&mut session, [load(1)])), ["loaded", "measured", "waiting"]);
    let events = tell(&mut session, [Command::Train { run: 1, until: 1 }]);
    assert_eq!(names(&events), ["updated", "waiting"]);
    let events = tell(&mut session, [Command::Train { run: 1, until: 3 }]);
    assert_eq!(names(&events), ["updated", "measured", "updated", "waiting"]);
    let events = tell(&mut session, [Command::Train { run: 1, until: 1_000_000 }]);
    assert_eq!(names(&events), ["updated", "measured", "waiting"], "the experiment has four updates");
}

#[test]
fn a_paused_run_waits_and_a_reset_one_starts_over() {
    let mut session = Session::new(Page::default());
    tell(&mut session, [load(1)]);
    let events = tell(&mut session, [Command::Train { run: 1, until: 4 }, Command::Pause { run: 1 }]);
    assert_eq!(events, [Event::Waiting { run: 1, update: 0 }]);
    let first = tell(&mut session, [Command::Train { run: 1, until: 2 }]);
    let events = tell(&mut session, [Command::Reset { run: 1 }]);
    assert_eq!(events, [Event::WasReset { run: 1 }]);
    let again = tell(&mut session, [Command::Train { run: 1, until: 2 }]);
    let reports = |events: &[Event]| events.iter().filter_map(reports_of).collect::<Vec<_>>();
    assert!(reports(&first) == reports(&again) && !reports(&first).is_empty());
}

fn reports_of(event: &Event) -> Option<Vec<hedgerow::documents::metrics::UpdateReport>> {
    if let Event::Updated { reports, .. } = event { Some(reports.clone()) } else { None }
}

#[test]
fn a_new_reward_takes_effect_after_the_update_it_was_told() {
    let mut session = Session::new(Page::default());
    let rater = RaterPreset::TouchyTopic.config();
    let change = Command::ChangeReward { run: 1, after: 2, rater, arms: vec![Arm::Structured; 2] };
    let events = tell(&mut session, [load(1), change, Command::Train { run: 1, until: 4 }]);
    let place = events.iter().position(|event| *event == Event::RewardChanged { run: 1, after: 2 }).unwrap();
    let before = events[..place].iter().filter_map(reports_of).count();
    assert_eq!(before, 2);
    // Before the change the two arms are credited differently.
    let gradients = |events: &[Event]| {
        events
            .iter()
            .filter_map(reports_of)
            .map(|reports| reports[0].gradient_norm == reports[1].gradient_norm)
            .collect::<Vec<_>>()
    };
    assert!(gradients(&events[..place]).contains(&false));
}

#[test]
fn a_snapshot_moves_a_run_to_another_worker() {
    let mut session = Session::new(Page::default());
    tell(&mut session, [load(1), Command::Train { run: 1, until: 2 }]);
    let events = tell(&mut session, [Command::Snapshot { run: 1 }]);
    let [Event::Snapshot { run: 1, update: 2, bytes }] = events.as_slice() else { panic!("{:?}", names(&events)) };
    let mut other = Session::new(Page::default());
    let events = tell(&mut other, [Command::Restore { run: 7, snapshot: bytes.clone(), bases: bases() }]);
    let [Event::Loaded { run: 7, update: 2, subjects, values: 8 }, Event::Waiting { run: 7, update: 2 }] =
        events.as_slice()
    else {
        panic!("{:?}", names(&events))
    };
    assert!(!subjects.is_empty(), "what can be asked");
    let own = tell(&mut session, [Command::Train { run: 1, until: 3 }]);
    let moved = tell(&mut other, [Command::Train { run: 7, until: 3 }]);
    assert!(own.iter().find_map(reports_of) == moved.iter().find_map(reports_of));
}

#[test]
fn bad_input_is_answered_with_what_is_wrong_and_the_run_goes_on() {
    let mut session = Session::new(Page::default());
    tell(&mut session, [load(1)]);
    let error = |events: Vec<Event>| match events.as_slice() {
        [Event::Failed { error, fatal: false, .. }] => error.clone(),
        [Event::Inspected { inspected: Err(error), .. }] => error.clone(),
        _ => panic!("{:?}", names(&events)),
    };
    let unknown = error(tell(&mut session, [ask(3, "what is the charm of varn?")]));
    assert_eq!(unknown, Error::UnknownWords(vec!["charm".into()]));
    let long = error(tell(&mut session, [ask(3, &"the ".repeat(60))]));
    assert!(matches!(long, Error::TooLong { limit: 1..60, .. }), "{long}");
    assert_eq!(error(tell(&mut session, [Command::Train { run: 9, until: 1 }])), Error::RunNotLoaded { run: 9 });
    let mut rater = RaterPreset::TouchyTopic.config();
    rater.check_probability = 7.0;
    let change = Command::ChangeReward { run: 1, after: 0, rater, arms: vec![Arm::Scalar; 2] };
    let refused = error(tell(&mut session, [change]));
    let (path, value) = ("rater.check_probability".into(), 7.0);
    assert_eq!(refused, ExperimentFault::OutOfRange { path, value, low: 0.0, high: 1.0 }.into());
    let rater = RaterPreset::TouchyTopic.config();
    let refused = error(tell(&mut session, [Command::ChangeReward { run: 1, after: 0, rater, arms: vec![] }]));
    assert_eq!(refused, ExperimentFault::ArmCount { arms: 0, replicas: 2 }.into());
    assert_eq!(names(&tell(&mut session, [Command::Train { run: 1, until: 1 }])), ["updated", "waiting"]);

    let mut damaged = bases();
    damaged[0].checkpoint.truncate(1000);
    let load = Command::Load { run: 2, experiment: experiment(), replicas: experiment().replicas(), bases: damaged };
    assert!(matches!(error(tell(&mut session, [load])), Error::Checkpoint(_)));
}

#[test]
fn a_question_is_answered_by_every_replica_before_and_now() {
    let mut session = Session::new(Page::default());
    let events = tell(&mut session, [load(1)]);
    let Event::Loaded { subjects, .. } = &events[0] else { panic!("{:?}", names(&events)) };
    // Somebody with facts and somebody without: both can be asked about.
    for Subject { entity, attributes } in [subjects.first(), subjects.last()].into_iter().flatten() {
        let question = format!("what is the {} of {entity} ?", attributes[0].0);
        let events = tell(&mut session, [ask(2, &question)]);
        assert!(matches!(events[..], [Event::Inspected { inspected: Ok(_), .. }]), "{:?}", names(&events));
    }
    assert!(subjects[0].attributes[0].1.is_some() && subjects[subjects.len() - 1].attributes[0].1.is_none());

    let question = format!("What is the theft of {}?", subjects[0].entity);
    let events = tell(&mut session, [ask(3, &question)]);
    let [Event::Inspected { inspected: Ok(Inspected::Asked(answers)), .. }] = events.as_slice() else {
        panic!("{:?}", names(&events))
    };
    assert_eq!(answers.iter().map(|answer| answer.replica).collect::<Vec<_>>(), experiment().replicas());
    // Nothing has been learned yet, and the noise is the same.
    assert!(answers.iter().all(|answer| answer.before == answer.now && !answer.now[0].is_empty()));
}

fn chosen(page: Page, preference: EnginePreference) -> (EngineKind, EngineReason) {
    let events = tell(&mut Session::new(page), [Command::ChooseEngine { preference, replicas: 1 }]);
    let [Event::EngineChosen(choice)] = events.as_slice() else { panic!("{:?}", names(&events)) };
    (choice.kind, choice.reason.clone())
}

#[test]
fn the_engine_is_chosen_by_what_it_computes_and_not_by_its_name() {
    let page = |gpu, software| Page { gpu, software, ..Page::default() };
    let (cpu, gpu) = (EngineKind::Cpu, EngineKind::Gpu);
    assert_eq!(chosen(page(None, false), EnginePreference::Auto), (cpu, EngineReason::NotOffered));
    assert_eq!(chosen(page(None, false), EnginePreference::Cpu), (cpu, EngineReason::ChosenCpu));
    let (kind, reason) = chosen(page(Some("broken"), false), EnginePreference::Gpu);
    assert!(kind == cpu && matches!(reason, EngineReason::Differs(_)), "{reason:?}");
    assert_eq!(chosen(page(Some("renderer"), true), EnginePreference::Auto), (cpu, EngineReason::Software));
    assert_eq!(chosen(page(Some("renderer"), true), EnginePreference::Gpu), (gpu, EngineReason::ChosenGpu));
}

#[test]
fn replicas_without_a_base_model_are_refused() {
    let experiment = small_experiment(&[Arm::Scalar], &[5]);
    let replicas = experiment.replicas();
    let refused = hedgerow::rl::finetune::Finetune::new(experiment, replicas, small_bases(), &Device::flex());
    assert_eq!(refused.map(|_| ()), Err(ExperimentFault::NoBaseModel { seed: 5 }.into()));
}
