//! The engine worker's session, driven as the page drives it, without a browser.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::cell::{Cell, RefCell};

use common::{small_bases, small_experiment};
use hedgerow::documents::metrics::Outcome;
use hedgerow::documents::own_world::{PretrainNews, PretrainOrder, Recipe};
use hedgerow::documents::protocol::{
    Base, Command, CreditedGroup, DealtCards, Encoded, EngineKind, EnginePreference, EngineReason, Event, FactOutcomes,
    FactStates, Inspected, Inspection, Relearned, ToRate, UnfoldedAnswer, decode, encode,
};
use hedgerow::documents::ratings::Trained;
use hedgerow::facts::error::{ExperimentFault, InspectionFault, RatingsFault};
use hedgerow::facts::world::{Askable, Choices, World};
use hedgerow::judgement::experiment::{Arm, Experiment, Replica, RewardHeads, RewardModelConfig};
use hedgerow::judgement::judge::Judge;
use hedgerow::judgement::person::{Person, Reasons, Thumb};
use hedgerow::judgement::rater::{RaterPreset, Rating};
use hedgerow::network::checkpoint::Checkpoint;
use hedgerow::network::tokenizer::Tokenizer;
use hedgerow::rl::finetune::{Finetune, Snapshot, bytes_needed};
use hedgerow::worker::session::{Gpu, Host, Session};
use hedgerow::{Device, Error};
use pollster::block_on;
use serde::de::DeserializeOwned;

/// A page that keeps what it is told. Its GPU, if it has one, is the CPU under another name.
#[derive(Default)]
struct Page {
    events: RefCell<Vec<Event>>,
    progress: RefCell<Vec<f64>>,
    gpu: Option<&'static str>,
    software: bool,
    errors: Cell<usize>,
    clock: Cell<f64>,
}

impl Host for Page {
    fn send(&self, event: &Event) {
        if let Event::Progress { share, .. } = event {
            self.progress.borrow_mut().push(*share);
        } else {
            self.events.borrow_mut().push(event.clone());
        }
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
        checkpoint: Checkpoint { config: model.config, seed: model.seed, steps: None, weights: model.weights.clone() }
            .to_bytes(),
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
    Command::Load { run, experiment: experiment(), replicas: experiment().replicas(), bases: bases(), measures: true }
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
        Event::Progress { .. } => "progress",
        Event::Measured { .. } => "measured",
        Event::Waiting { .. } => "waiting",
        Event::WasReset { .. } => "was reset",
        Event::RewardChanged { .. } => "reward changed",
        Event::ToRate { .. } => "to rate",
        Event::Inspected { .. } => "inspected",
        Event::Snapshot { .. } => "snapshot",
        Event::Pretraining(_) => "pretraining",
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

/// Once the page had nothing to say for as long as the first figures of many models took, and reward models.
#[test]
fn the_first_measurement_and_the_training_of_reward_models_tell_how_far_they_are() {
    let mut session = Session::new(Page::default());
    let mut experiment = experiment();
    experiment.reward_model = Some(RewardModelConfig { ratings: 500, heads: RewardHeads::Reasons });
    let replicas = experiment.replicas();
    let told = |session: &mut Session<Page>, command| {
        tell(session, [command]);
        session.host().progress.take()
    };
    let measured = told(&mut session, Command::Load { run: 1, experiment, replicas, bases: bases(), measures: true });
    assert!(
        measured.len() > 2 && measured.is_sorted() && measured.iter().all(|share| (0.0..1.0).contains(share)),
        "{measured:?}"
    );
    assert_eq!(told(&mut session, Command::Train { run: 1, until: 1 }), [0.25, 0.5]);
    assert_eq!(told(&mut session, Command::Train { run: 1, until: 2 }), [0.0; 0]);
}

/// Several workers of a page have models that come from one base model, and one of them measures it.
#[test]
fn a_worker_that_leaves_the_base_models_to_another_measures_the_same_later() {
    let trained = |measures| {
        let mut session = Session::new(Page::default());
        let (experiment, replicas) = (experiment(), experiment().replicas());
        let load = Command::Load { run: 1, experiment, replicas, bases: bases(), measures };
        let loaded = names(&tell(&mut session, [load]));
        (loaded, tell(&mut session, [Command::Train { run: 1, until: 4 }]))
    };
    let measurements = |events: Vec<Event>| {
        let of = |event| if let Event::Measured { measurements, .. } = event { Some(measurements) } else { None };
        events.into_iter().filter_map(of).collect::<Vec<_>>()
    };
    let ((own, events), (shared, others)) = (trained(true), trained(false));
    assert_eq!((own, shared), (vec!["loaded", "measured", "waiting"], vec!["loaded", "waiting"]));
    let (expected, found) = (measurements(events), measurements(others));
    assert!(expected.iter().flatten().any(|(_, measurement)| !measurement.probes.is_empty()), "with probes");
    assert_eq!(found, expected);
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
    let change = Command::ChangeReward { run: 1, after: 2, rater, arms: vec![Arm::Structured; 2], person: None };
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
    let [
        Event::Loaded { run: 7, update: 2, subjects, choices: Choices { values: 8, mixed: false } },
        Event::Waiting { run: 7, update: 2 },
    ] = events.as_slice()
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
    let change = Command::ChangeReward { run: 1, after: 0, rater, arms: vec![Arm::Scalar; 2], person: None };
    let refused = error(tell(&mut session, [change]));
    let (path, value) = ("rater.check_probability".into(), 7.0);
    assert_eq!(refused, ExperimentFault::OutOfRange { path, value, low: 0.0, high: 1.0 }.into());
    let rater = RaterPreset::TouchyTopic.config();
    let refused =
        error(tell(&mut session, [Command::ChangeReward { run: 1, after: 0, rater, arms: vec![], person: None }]));
    assert_eq!(refused, ExperimentFault::ArmCount { arms: 0, replicas: 2 }.into());
    assert_eq!(names(&tell(&mut session, [Command::Train { run: 1, until: 1 }])), ["updated", "waiting"]);

    let mut damaged = bases();
    damaged[0].checkpoint.truncate(1000);
    let load = Command::Load {
        run: 2,
        experiment: experiment(),
        replicas: experiment().replicas(),
        bases: damaged,
        measures: true,
    };
    assert!(matches!(error(tell(&mut session, [load])), Error::Checkpoint(_)));
}

#[test]
fn a_question_is_answered_by_every_replica_before_and_now() {
    let mut session = Session::new(Page::default());
    let events = tell(&mut session, [load(1)]);
    let Event::Loaded { subjects, .. } = &events[0] else { panic!("{:?}", names(&events)) };
    // Somebody with facts and somebody without: both can be asked about.
    let ends = [&subjects[0].attributes[0], &subjects[subjects.len() - 1].attributes[0]];
    for Askable { question, .. } in ends {
        let events = tell(&mut session, [ask(2, question)]);
        assert!(matches!(events[..], [Event::Inspected { inspected: Ok(_), .. }]), "{:?}", names(&events));
    }
    assert!(ends[0].truth.is_some() && ends[1].truth.is_none());

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
    assert!(kind == cpu && matches!(reason, EngineReason::Differs), "{reason:?}");
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

fn inspect(id: u32, inspection: Inspection) -> Command {
    Command::Inspect { run: 1, id, inspection }
}

/// What the session sees, or why it does not.
fn look(session: &mut Session<Page>, inspection: Inspection) -> Result<Inspected, Error> {
    look_as(session, 5, inspection)
}

fn look_as(session: &mut Session<Page>, number: u32, inspection: Inspection) -> Result<Inspected, Error> {
    let mut events = tell(session, [inspect(number, inspection)]);
    match events.pop() {
        Some(Event::Inspected { run: 1, id, inspected }) if id == number && events.is_empty() => inspected,
        _ => panic!("{:?}", names(&events)),
    }
}

fn decoded<T: DeserializeOwned>(parts: &[Encoded]) -> Vec<T> {
    parts.iter().map(|part| decode(part).unwrap()).collect()
}

fn trained(updates: u32) -> Session<Page> {
    let mut session = Session::new(Page::default());
    tell(&mut session, [load(1), Command::Train { run: 1, until: updates }]);
    session
}

/// The state that the run is in, to the bit.
fn snapshot(session: &mut Session<Page>) -> Vec<u8> {
    let events = tell(session, [Command::Snapshot { run: 1 }]);
    let [Event::Snapshot { bytes, .. }] = events.as_slice() else { panic!("{:?}", names(&events)) };
    bytes.clone()
}

#[test]
fn the_next_token_is_a_distribution_that_training_moves() {
    let mut session = trained(0);
    let question = small_bases()[0].corpus.world().subjects()[0].attributes[0].question.clone();
    let next = |session: &mut Session<Page>, begun: &str| {
        let inspection = Inspection::NextTokens { question: question.clone(), begun: begun.into() };
        match look(session, inspection) {
            Ok(Inspected::NextTokens(next)) => next,
            other => panic!("{other:?}"),
        }
    };
    let at_first = next(&mut session, "");
    for replica in &at_first {
        let sum: f32 = replica.tokens.iter().map(|token| token.before).sum();
        assert!(sum > 0.5 && sum < 1.0 + 1e-4, "{sum}");
        assert!(replica.tokens.iter().all(|token| token.before == token.now), "nothing has been learned");
        assert!(replica.tokens.windows(2).all(|pair| pair[0].before >= pair[1].before));
    }
    // After the first word of a phrase the model knows the second.
    let begun = next(&mut session, "frankly");
    assert_eq!(begun[0].tokens[0].word, ",", "{:?}", begun[0].tokens);
    tell(&mut session, [Command::Train { run: 1, until: 3 }]);
    let later = next(&mut session, "");
    assert!(
        later[0].tokens.iter().all(|token| at_first[0]
            .tokens
            .iter()
            .all(|first| first.word != token.word || first.before == token.before)),
        "the base model stays"
    );
    assert!(later[0].tokens != later[1].tokens && later[0].tokens.iter().any(|token| token.before != token.now));
    let long = Inspection::NextTokens { question, begun: "it ".repeat(40) };
    assert!(matches!(look(&mut session, long), Err(Error::TooLong { tokens: 40, .. })));
}

#[test]
fn the_credit_of_a_whole_group_is_that_of_the_last_update() {
    let mut session = trained(0);
    let credit = |session: &mut Session<Page>, prompt: usize| look(session, Inspection::Credit { prompt });
    assert_eq!(credit(&mut session, 0), Err(InspectionFault::NoUpdate.into()));
    let events = tell(&mut session, [Command::Train { run: 1, until: 2 }]);
    let reports = events.iter().rev().find_map(reports_of).unwrap();
    let credited = |session: &mut Session<Page>, prompt| match credit(session, prompt) {
        Ok(Inspected::Credit(groups)) => decoded::<CreditedGroup>(&groups),
        other => panic!("{other:?}"),
    };
    let groups: Vec<_> = (0..3).map(|prompt| credited(&mut session, prompt)).collect();
    for (replica, report) in reports.iter().enumerate() {
        let groups: Vec<_> = groups.iter().map(|groups| &groups[replica]).collect();
        assert!(groups.iter().all(|group| (group.replica, group.update, group.prompts) == (report.replica, 2, 3)));
        assert!(groups.iter().all(|group| group.answers.len() == 4));
        let answers = || groups.iter().flat_map(|group| &group.answers);
        assert!(
            report.examples.iter().all(|example| answers().any(|answer| answer == example)),
            "one of them is shown"
        );
        let framing = answers().map(|answer| answer.rating.framing).sum::<f32>() / 12.0;
        assert!((framing - report.rating.framing).abs() < 1e-5, "{framing} {}", report.rating.framing);
        // What an answer's first word is credited with is compared within its group.
        for group in &groups {
            let sum: f32 = group.answers.iter().map(|answer| answer.words[0].1).sum();
            assert!(sum.abs() < 1e-4, "{sum}");
        }
    }
    for group in groups.iter().flatten() {
        for (answer, unfolded) in group.answers.iter().zip(&group.unfolded) {
            // The default baseline is the group's mean: what a word is credited with is its reward less that.
            for (word, (_, advantage)) in answer.words.iter().enumerate() {
                let span = unfolded.spans.iter().find(|(span, _)| span.tokens.contains(&word));
                let expected = span.map_or(0.0, |(span, mean)| span.reward - mean);
                assert!((expected - advantage).abs() < 1e-5, "{expected} {advantage}");
            }
            assert_eq!((unfolded.before.len(), unfolded.now.len()), (answer.words.len(), answer.words.len()));
            assert!(unfolded.before.iter().chain(&unfolded.now).all(|log_prob| *log_prob <= 0.0));
            assert_eq!(unfolded.predicted, None);
        }
        if group.replica.arm == Arm::Scalar {
            let scalar = |answer: &UnfoldedAnswer| answer.spans[0].0.reward;
            let rated = group.answers.iter().map(|answer| answer.rating.scalar());
            assert!(group.unfolded.iter().map(scalar).zip(rated).all(|(reward, rated)| (reward - rated).abs() < 1e-5));
        }
    }
    // The update raises what it rewards and lowers what it does not: to first order the log-probabilities move along the
    // advantages.
    let moved = |group: &CreditedGroup| -> f32 {
        let answers = group.answers.iter().zip(&group.unfolded);
        let words = answers.flat_map(|(answer, own)| {
            let moves = own.now.iter().zip(&own.before).map(|(now, before)| now - before);
            answer.words.iter().map(|(_, advantage)| *advantage).zip(moves).collect::<Vec<_>>()
        });
        words.map(|(advantage, by)| advantage * by).sum()
    };
    assert!(groups.iter().flatten().map(moved).sum::<f32>() > 0.0);
    assert_eq!(credit(&mut session, 3), Err(InspectionFault::NoPrompt { prompt: 3, prompts: 3 }.into()));
    tell(&mut session, [Command::Reset { run: 1 }]);
    assert_eq!(credit(&mut session, 0), Err(InspectionFault::NoUpdate.into()));
}

#[test]
fn the_outcomes_of_all_facts_are_consistent_with_the_world() {
    let mut session = trained(2);
    let Ok(Inspected::Outcomes(encoded)) = look(&mut session, Inspection::Outcomes) else { panic!("no outcomes") };
    let outcomes: Vec<FactOutcomes> = decoded(&encoded);
    let corpus = &small_bases()[0].corpus;
    assert_eq!(outcomes.iter().map(|outcomes| outcomes.replica).collect::<Vec<_>>(), experiment().replicas());
    for replica in &outcomes {
        assert_eq!(replica.values, corpus.world().values);
        assert_eq!(replica.facts.len(), corpus.facts.len());
        for (outcome, fact) in replica.facts.iter().zip(&corpus.facts) {
            assert_eq!(outcome.truth, fact.value.map(|value| corpus.world().values[value].clone()));
            let sum: f32 = outcome.probabilities.iter().sum();
            let chosen = replica.values.iter().position(|value| *value == outcome.choice).unwrap();
            let highest = outcome.probabilities.iter().copied().fold(0.0, f32::max);
            assert!((sum - 1.0).abs() < 1e-4 && outcome.probabilities[chosen] == highest, "{outcome:?}");
            let says_truth = outcome.truth.as_ref().is_some_and(|truth| outcome.said.contains(truth.as_str()));
            assert!(outcome.outcome != Outcome::True || says_truth, "{outcome:?}");
            assert!(outcome.outcome != Outcome::False || !says_truth, "{outcome:?}");
            assert!(outcome.question.contains(&corpus.world().entities[fact.entity].word));
        }
    }
    assert!(outcomes[0].facts != outcomes[1].facts, "two models");
    // The mode of a model is not drawn: another number, the same answers.
    let events = tell(&mut session, [inspect(6, Inspection::Outcomes)]);
    let [Event::Inspected { inspected: Ok(Inspected::Outcomes(again)), .. }] = events.as_slice() else {
        panic!("{:?}", names(&events))
    };
    assert!(*again == encoded);
}

#[test]
fn the_states_of_the_embedding_are_the_prompts_and_training_moves_the_others() {
    let states = |session: &mut Session<Page>, layer: usize| match look(session, Inspection::States { layer }) {
        Ok(Inspected::States(states)) => decoded::<FactStates>(&states),
        other => panic!("{other:?}"),
    };
    let mut session = trained(0);
    let before = states(&mut session, 2);
    assert!(before[0].facts == before[1].facts, "one base model");
    assert_eq!((before[0].facts.len(), before[0].facts[0].now.stream.len()), (192, 32));
    assert!(before[0].facts.iter().all(|fact| fact.before == fact.now), "nothing was learned");
    assert_eq!((before[0].update, before[0].values.len()), (0, 8));
    // Before any block the last token is all there is, and it is the same for all facts.
    let embedded = states(&mut session, 0);
    let same = |states: &FactStates| states.facts.iter().all(|fact| fact.now.stream == states.facts[0].now.stream);
    assert!(same(&embedded[0]) && !same(&before[0]));
    let says = |states: &FactStates| states.facts.iter().map(|fact| fact.now.says).collect::<Vec<_>>();
    assert_eq!(says(&embedded[0]), says(&before[0]), "one model speaks, at whatever layer it is looked into");
    tell(&mut session, [Command::Train { run: 1, until: 2 }]);
    let after = states(&mut session, 2);
    assert!(after[0].facts != after[1].facts && after[0].facts != before[0].facts);
    let bases = |states: &[FactStates]| {
        states
            .iter()
            .map(|own| own.facts.iter().map(|fact| fact.before.clone()).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    assert!(bases(&after) == bases(&before) && after[0].update == 2, "the base model stays");
    let none = look(&mut session, Inspection::States { layer: 3 });
    assert_eq!(none, Err(InspectionFault::NoLayer { layer: 3, blocks: 2 }.into()));
}

#[test]
fn a_test_of_what_was_hidden_is_the_diagnosis_and_leaves_the_run_as_it_was() {
    let mut session = trained(2);
    let Ok(Inspected::Relearning(found)) = look(&mut session, Inspection::Relearning) else { panic!("no test") };
    let found: Vec<Relearned> = decoded(&found);
    let snapshot = |session: &mut Session<Page>| match tell(session, [Command::Snapshot { run: 1 }]).as_slice() {
        [Event::Snapshot { bytes, .. }] => decode::<Snapshot>(bytes).unwrap(),
        other => panic!("{:?}", names(other)),
    };
    let taken = snapshot(&mut session);
    let diagnoses = block_on(async {
        let finetune = Finetune::restore(taken, small_bases(), &Device::flex()).unwrap();
        finetune.diagnose().await.unwrap()
    });
    assert_eq!(found.len(), diagnoses.len());
    for (found, diagnosis) in found.iter().zip(&diagnoses) {
        assert_eq!((found.update, &found.after), (2, &diagnosis.relearning));
    }
    let mut untouched = trained(2);
    let go_on = Command::Train { run: 1, until: 3 };
    tell(&mut session, [go_on.clone()]);
    tell(&mut untouched, [go_on]);
    assert!(snapshot(&mut session) == snapshot(&mut untouched));
}

#[test]
fn a_deck_is_the_models_own_answers_and_every_third_is_false_and_says_so() {
    let deal = |session: &mut Session<Page>, number, count| match look_as(session, number, Inspection::Cards { count })
    {
        Ok(Inspected::Cards(dealt)) => decoded::<DealtCards>(&dealt),
        other => panic!("{other:?}"),
    };
    let mut session = trained(0);
    let dealt = deal(&mut session, 1, 24);
    assert_eq!(dealt.len(), 2);
    let cards = &dealt[0].before;
    assert!(*cards == dealt[1].before && *cards == dealt[0].now, "one base model, one deck");
    let written: Vec<_> = cards.iter().filter(|card| card.written).collect();
    assert_eq!((cards.len(), written.len()), (24, 8));
    assert!(written.iter().all(|card| card.situation.correct == Some(false)));
    let about = |sensitive: bool| cards.iter().filter(|card| card.situation.sensitive == sensitive).count();
    assert_eq!((about(true), about(false)), (18, 6));
    for card in cards {
        let says_truth = card.truth.as_ref().is_some_and(|truth| card.answer.split(' ').any(|word| word == truth));
        assert_eq!(card.situation.correct.unwrap_or(false), says_truth && card.reading.asserted.is_some(), "{card:?}");
    }
    assert!(deal(&mut session, 2, 24) == dealt, "whoever deals gets the same cards");
    assert_eq!(deal(&mut session, 1, usize::MAX)[0].before.len(), 100);

    // Later the trained models have decks of their own, which say so, and the base model's is the same as ever.
    let after = deal(&mut trained(2), 1, 24);
    for (dealt, arm) in after.iter().zip([Arm::Scalar, Arm::Structured]) {
        assert_eq!(dealt.before, *cards);
        let trained = Some(Trained { arm, updates: 2 });
        assert!(dealt.now.len() == 24 && dealt.now.iter().all(|card| card.trained == trained));
        assert!(dealt.now.iter().zip(cards).any(|(now, before)| now.question != before.question));
    }
}

#[test]
fn a_person_rates_in_the_raters_place() {
    let person = Person {
        thumb: Thumb { ways: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], ..Thumb::default() },
        reasons: Reasons { framing: [-0.6, -0.5, -0.4, -0.3, -0.2, -0.1], ..Reasons::default() },
    };
    let experiment = Experiment { person: Some(Box::new(person)), ..experiment() };
    let replicas = experiment.replicas();
    let load = Command::Load { run: 1, experiment: experiment.clone(), replicas, bases: bases(), measures: true };
    let mut session = Session::new(Page::default());
    tell(&mut session, [load, Command::Train { run: 1, until: 1 }]);
    let Ok(Inspected::Credit(groups)) = look(&mut session, Inspection::Credit { prompt: 0 }) else {
        panic!("an update was made")
    };
    for answer in decoded::<CreditedGroup>(&groups).iter().flat_map(|group| &group.answers) {
        let way = person.reasons.framing.iter().position(|weight| *weight == answer.rating.framing).unwrap();
        assert!((answer.rating.scalar() - person.thumb.ways[way]).abs() < 1e-6, "{answer:?}");
    }
    let model = RewardModelConfig { ratings: 50, heads: RewardHeads::Reasons };
    let both = Experiment { reward_model: Some(model), ..experiment };
    assert_eq!(both.validate(), Err(ExperimentFault::TwoJudges.into()));
}

/// What the answers to the first prompts of the last update were worth to a thumb.
fn scalars(session: &mut Session<Page>) -> Vec<f32> {
    let Ok(Inspected::Credit(groups)) = look(session, Inspection::Credit { prompt: 0 }) else {
        panic!("an update was made")
    };
    let groups = decoded::<CreditedGroup>(&groups);
    groups.iter().flat_map(|group| &group.answers).map(|answer| answer.rating.scalar()).collect()
}

#[test]
fn a_person_who_rates_on_the_way_is_heard_from_then_on_and_after_a_crash() {
    let person =
        |ways| Some(Box::new(Person { thumb: Thumb { ways: [ways; 6], ..Thumb::default() }, ..Person::default() }));
    let is =
        |scalars: Vec<f32>, worth: f32| !scalars.is_empty() && scalars.iter().all(|own| (own - worth).abs() < 1e-6);
    let experiment = Experiment { person: person(0.25), ..experiment() };
    let (rater, arms, replicas) = (experiment.rater, vec![Arm::Scalar, Arm::Structured], experiment.replicas());
    let load = Command::Load { run: 1, experiment, replicas, bases: bases(), measures: true };
    let mut session = Session::new(Page::default());
    tell(&mut session, [load, Command::Train { run: 1, until: 1 }]);
    assert!(is(scalars(&mut session), 0.25));
    let change = |person| Command::ChangeReward { run: 1, after: 1, rater, arms: arms.clone(), person };
    let told = tell(&mut session, [change(person(-0.5)), Command::Train { run: 1, until: 2 }]);
    assert_eq!(names(&told)[..2], ["reward changed", "updated"]);
    assert!(is(scalars(&mut session), -0.5));

    let bytes = snapshot(&mut session);
    let mut other = Session::new(Page::default());
    tell(
        &mut other,
        [Command::Restore { run: 1, snapshot: bytes, bases: bases() }, Command::Train { run: 1, until: 3 }],
    );
    assert!(is(scalars(&mut other), -0.5), "the state knows who rates");
    tell(&mut other, [Command::Reset { run: 1 }, Command::Train { run: 1, until: 1 }]);
    assert!(is(scalars(&mut other), 0.25), "the run begins anew with the person it began with");

    let too_large = change(person(1000.0));
    assert!(matches!(tell(&mut other, [too_large]).as_slice(), [Event::Failed { error: Error::Experiment(_), .. }]));
}

#[test]
fn looking_into_a_run_changes_nothing() {
    let mut session = trained(2);
    let before = snapshot(&mut session);
    let (question, begun) = ("what is the theft of varn ?".to_owned(), String::new());
    let looks = [
        Inspection::Ask { question: question.clone() },
        Inspection::NextTokens { question, begun },
        Inspection::Credit { prompt: 0 },
        Inspection::Outcomes,
        Inspection::States { layer: 1 },
        Inspection::Cards { count: 6 },
    ];
    for inspection in looks {
        assert!(look(&mut session, inspection.clone()).is_ok(), "{inspection:?}");
    }
    assert!(snapshot(&mut session) == before);
    let events = tell(&mut session, [Command::Train { run: 1, until: 3 }]);
    let undisturbed = tell(&mut trained(2), [Command::Train { run: 1, until: 3 }]);
    assert!(events.iter().find_map(reports_of) == undisturbed.iter().find_map(reports_of));
}

fn judged_by_a_person() -> Session<Page> {
    let mut session = trained(0);
    let judge = Command::ChooseJudge { run: 1, judge: Judge::Person };
    assert_eq!(names(&tell(&mut session, [judge])), [""; 0]);
    session
}

/// The ratings of the last update, in the order in which a person is asked for them.
fn last_ratings(session: &mut Session<Page>) -> Vec<Rating> {
    let groups: Vec<_> = (0..3)
        .map(|prompt| match look(session, Inspection::Credit { prompt }) {
            Ok(Inspected::Credit(groups)) => decoded::<CreditedGroup>(&groups),
            other => panic!("{other:?}"),
        })
        .collect();
    let of_replica = |replica: usize| groups.iter().flat_map(move |groups| &groups[replica].answers);
    (0..2).flat_map(of_replica).map(|answer| answer.rating).collect()
}

#[test]
fn a_person_who_rates_as_the_formula_does_trains_the_same_model_to_the_bit() {
    let mut by_formula = trained(1);
    let ratings = last_ratings(&mut by_formula);
    let mut by_person = judged_by_a_person();
    let events = tell(&mut by_person, [Command::Train { run: 1, until: 1 }]);
    let [Event::ToRate { run: 1, update: 0, replicas }] = events.as_slice() else { panic!("{:?}", names(&events)) };
    let replicas: Vec<ToRate> = replicas.iter().map(|replica| decode(replica).unwrap()).collect();
    assert_eq!(replicas.iter().map(|replica| replica.replica).collect::<Vec<_>>(), experiment().replicas());
    let asked = || replicas.iter().flat_map(|replica| &replica.prompts);
    assert!(asked().all(|prompt| prompt.completions.len() == 4) && asked().count() == 6);
    let rate = |ratings: &[Rating]| Command::Rate { run: 1, ratings: ratings.to_vec() };
    let events = tell(&mut by_person, [rate(&ratings)]);
    assert_eq!(names(&events), ["updated", "waiting"]);
    let steps = |session: &mut Session<Page>| tell(session, [Command::Train { run: 1, until: 2 }]);
    let expected = steps(&mut by_formula);
    tell(&mut by_person, [Command::ChooseJudge { run: 1, judge: Judge::Formula }]);
    assert!(snapshot(&mut by_person).len() > 1000);
    let same = steps(&mut by_person);
    assert!(same.iter().find_map(reports_of) == expected.iter().find_map(reports_of));
    assert!(snapshot(&mut by_person) == snapshot(&mut by_formula));

    // Somebody who likes the first completion of each prompt trains another one.
    let mut other = judged_by_a_person();
    tell(&mut other, [Command::Train { run: 1, until: 1 }]);
    let likes = |place: usize| if place.is_multiple_of(4) { 1.0 } else { 0.0 };
    let liked: Vec<Rating> = (0..24).map(|place| Rating { framing: likes(place), ..Rating::default() }).collect();
    let events = tell(&mut other, [rate(&liked)]);
    assert_eq!(events.iter().find_map(reports_of).unwrap()[0].rating.framing, 0.25);
    assert_eq!(last_ratings(&mut other), liked);
    tell(&mut other, [Command::ChooseJudge { run: 1, judge: Judge::Formula }]);
    steps(&mut other);
    assert!(snapshot(&mut other) != snapshot(&mut by_person));
}

#[test]
fn ratings_that_do_not_fit_are_refused_and_the_run_waits_on() {
    let mut session = judged_by_a_person();
    let rate = |ratings: Vec<Rating>| Command::Rate { run: 1, ratings };
    let refused = |events: Vec<Event>| match events.as_slice() {
        [Event::Failed { run: Some(1), error, fatal: false }] => error.clone(),
        _ => panic!("{:?}", names(&events)),
    };
    assert_eq!(refused(tell(&mut session, [rate(vec![])])), RatingsFault::NothingToRate.into());
    tell(&mut session, [Command::Train { run: 1, until: 4 }]);
    let few = refused(tell(&mut session, [rate(vec![Rating::default(); 23])]));
    assert_eq!(few, RatingsFault::Count { given: 23, completions: 24 }.into());
    for number in [f32::NAN, f32::INFINITY] {
        let mut ratings = vec![Rating::default(); 24];
        ratings[7].discomfort = number;
        assert_eq!(refused(tell(&mut session, [rate(ratings)])), RatingsFault::NotFinite { place: 7 }.into());
    }
    // Other commands are answered while it waits.
    let question = format!("what is the theft of {} ?", small_bases()[0].corpus.world().entities[0].word);
    assert_eq!(names(&tell(&mut session, [ask(1, &question)])), ["inspected"]);
    assert_eq!(names(&tell(&mut session, [rate(vec![Rating::default(); 24])])), ["updated", "to rate"]);
}

#[test]
fn a_run_that_waits_for_a_person_can_be_paused_saved_reset_and_replaced() {
    let waiting = || {
        let mut session = judged_by_a_person();
        let events = tell(&mut session, [Command::Train { run: 1, until: 4 }]);
        assert_eq!(names(&events), ["to rate"]);
        (session, events)
    };
    let rate = Command::Rate { run: 1, ratings: vec![Rating::default(); 24] };
    let train = |until: u32| Command::Train { run: 1, until };

    // Paused, the update that was begun is finished, and no other is begun.
    let (mut session, asked) = waiting();
    assert_eq!(tell(&mut session, [Command::Pause { run: 1 }]), [Event::Waiting { run: 1, update: 0 }]);
    assert_eq!(names(&tell(&mut session, [rate.clone()])), ["updated", "waiting"]);

    // A snapshot is of before the update; the run that goes on from it asks for the same ratings.
    let (mut session, _) = waiting();
    let bytes = snapshot(&mut session);
    let mut other = Session::new(Page::default());
    tell(&mut other, [Command::Restore { run: 1, snapshot: bytes, bases: bases() }]);
    assert!(tell(&mut other, [train(4)]) == asked);
    assert_eq!(names(&tell(&mut session, [rate.clone()])), ["updated", "to rate"]);

    // Reset, nothing waits, and the same person is asked the same again.
    let (mut session, asked) = waiting();
    assert_eq!(tell(&mut session, [Command::Reset { run: 1 }]), [Event::WasReset { run: 1 }]);
    assert_eq!(names(&tell(&mut session, [rate.clone()])), ["failed"]);
    assert!(tell(&mut session, [train(4)]) == asked);

    // The formula rates what waits, as if nobody had been asked.
    let (mut session, _) = waiting();
    let events = tell(&mut session, [Command::ChooseJudge { run: 1, judge: Judge::Formula }]);
    let expected = tell(&mut trained(0), [train(4)]);
    assert!(events.iter().filter_map(reports_of).eq(expected.iter().filter_map(reports_of)));

    // Another run knows nothing of it.
    let (mut session, _) = waiting();
    tell(&mut session, [load(2)]);
    let events = tell(&mut session, [rate]);
    assert!(
        matches!(events[..], [Event::Failed { error: Error::RunNotLoaded { run: 1 }, .. }]),
        "{:?}",
        names(&events)
    );
    let events = tell(&mut session, [Command::ChooseJudge { run: 2, judge: Judge::Model }]);
    let no_model = Error::from(ExperimentFault::NoRewardModel);
    assert!(matches!(&events[..], [Event::Failed { error, .. }] if *error == no_model), "{:?}", names(&events));
}

#[test]
fn a_run_that_does_not_fit_the_gpu_trains_on_the_cpu_and_the_next_one_does_not() {
    let mut session = Session::new(Page { gpu: Some("renderer"), software: true, ..Page::default() });
    tell(&mut session, [Command::ChooseEngine { preference: EnginePreference::Gpu, replicas: 2 }]);
    let engine = |events: &[Event]| {
        let Event::EngineChosen(choice) = &events[0] else { panic!("{:?}", names(events)) };
        (choice.kind, choice.reason.clone())
    };
    assert_eq!(names(&tell(&mut session, [load(1)])), ["loaded", "measured", "waiting"]);
    // 16,384 answers of more than 4 tokens are more rows than a grid has workgroups. The two arms need 0.7 GB.
    let mut large = experiment();
    (large.finetune.prompts, large.finetune.completions) = (256, 64);
    let replicas = large.replicas();
    let load_large = Command::Load { run: 2, experiment: large, replicas, bases: bases(), measures: true };
    let events = tell(&mut session, [load_large]);
    assert_eq!(names(&events), ["engine chosen", "loaded", "measured", "waiting"]);
    assert_eq!(engine(&events), (EngineKind::Cpu, EngineReason::TooLargeForGpu));
    let events = tell(&mut session, [load(3)]);
    assert_eq!(names(&events), ["engine chosen", "loaded", "measured", "waiting"]);
    assert_eq!(engine(&events), (EngineKind::Gpu, EngineReason::ChosenGpu));
}

/// Once a device was compared with the CPU before a run and never again.
#[test]
fn a_gpu_that_goes_wrong_in_the_middle_is_neither_measured_nor_kept() {
    let mut session = Session::new(Page { gpu: Some("renderer"), ..Page::default() });
    tell(&mut session, [Command::ChooseEngine { preference: EnginePreference::Gpu, replicas: 2 }]);
    tell(&mut session, [load(1)]);
    let every = experiment().measure.every;
    assert_eq!(names(&tell(&mut session, [Command::Snapshot { run: 1 }])), ["snapshot"]);
    session.host().errors.set(1);
    let differs = |event: &Event| {
        let error = Error::Differs("log".into());
        assert_eq!(*event, Event::Failed { run: Some(1), error, fatal: true });
    };
    let events = tell(&mut session, [Command::Snapshot { run: 1 }]);
    differs(&events[0]);
    let events = tell(&mut session, [Command::Train { run: 1, until: every }]);
    let (updates, after) = events.split_at(every as usize);
    assert!(updates.iter().all(|event| matches!(event, Event::Updated { .. })), "{:?}", names(&events));
    differs(&after[0]);
    assert!(!events.iter().any(|event| matches!(event, Event::Measured { .. })));
}

/// Once a run was measured at its beginning whatever had become of the device since it was chosen.
#[test]
fn a_gpu_that_goes_wrong_before_a_run_shows_no_first_number() {
    let mut session = Session::new(Page { gpu: Some("renderer"), ..Page::default() });
    tell(&mut session, [Command::ChooseEngine { preference: EnginePreference::Gpu, replicas: 2 }]);
    session.host().errors.set(1);
    let events = tell(&mut session, [load(1)]);
    assert_eq!(names(&events), ["loaded", "failed"]);
    let error = Error::Differs("log".into());
    assert_eq!(events[1], Event::Failed { run: Some(1), error, fatal: true });
}

/// Once such a run was begun, and the browser ended the worker in the middle of it without a reason.
#[test]
fn a_run_that_needs_more_memory_than_a_page_has_is_refused_before_it_is_loaded() {
    let mut large = experiment();
    (large.finetune.prompts, large.finetune.completions, large.seeds, large.arms) =
        (256, 64, vec![0, 1], Arm::ALL.to_vec());
    let refused = |replicas: Vec<Replica>| {
        let load = Command::Load { run: 1, experiment: large.clone(), replicas, bases: bases(), measures: true };
        let mut session = Session::new(Page::default());
        let events = tell(&mut session, [load]);
        let [Event::Failed { run: Some(1), error, fatal: false }] = &events[..] else { panic!("{:?}", names(&events)) };
        let Error::Experiment(ExperimentFault::TooMuchMemory { bytes, most }) = error else { panic!("{error}") };
        assert!(bytes > most);
        // The worker goes on with a run that fits.
        assert_eq!(names(&tell(&mut session, [self::load(2)])), ["loaded", "measured", "waiting"]);
        error.to_string()
    };
    let said = refused(large.replicas());
    assert!(said.contains(" GB of memory, and there are at most 2.1: take fewer seeds"), "{said}");
    // A worker's share is what counts.
    let model = &small_bases()[0];
    assert!(bytes_needed(&large, large.replicas().len(), model) > 2 << 30);
    assert!(bytes_needed(&large, large.replicas().len() / 4, model) < 2 << 30);
}

/// A model so small that its training takes a second; it does not learn enough to end before its last step.
fn begin(steps: u32, state: Option<Vec<u8>>) -> Command {
    let recipe = Recipe { steps, width: 8, layers: 1 };
    let world = World::generate(0).to_json();
    Command::Pretrain(encode(&PretrainOrder::Begin { world, seed: 5, recipe, state }))
}

fn news(events: &[Event]) -> Vec<PretrainNews> {
    let news = |event: &Event| {
        let Event::Pretraining(news) = event else { panic!("{:?}", names(events)) };
        decode(news).unwrap()
    };
    events.iter().map(news).collect()
}

fn stop() -> Command {
    Command::Pretrain(encode(&PretrainOrder::Stop))
}

#[test]
fn a_model_is_trained_on_a_world_and_can_be_stopped_and_gone_on_with_to_the_bit() {
    let mut session = Session::new(Page::default());
    let told = news(&tell(&mut session, [begin(120, None)]));
    let steps = |told: &[PretrainNews]| told.iter().filter(|news| matches!(news, PretrainNews::Step { .. })).count();
    assert_eq!(steps(&told), 12, "the loss of every tenth step");
    assert!(told.iter().any(|news| matches!(news, PretrainNews::State { step: 100, .. })));
    let Some(PretrainNews::Finished { steps: 120, exam, tokenizer, checkpoint }) = told.last() else {
        panic!("{told:?}")
    };
    assert!(!exam.is_passed() && exam.forced_choice < 0.9, "{exam:?}");
    let checkpoint = Checkpoint::from_bytes(checkpoint).unwrap();
    assert_eq!((checkpoint.seed, checkpoint.steps, checkpoint.config.width), (5, Some(120), 8));
    assert_eq!(Tokenizer::from_json(tokenizer).unwrap().to_json(), *tokenizer);
    assert!(!session.has_work());

    // Stopped after 30 steps, and gone on with in another session.
    let mut session = Session::new(Page::default());
    block_on(session.handle(begin(120, None)));
    (0..30).for_each(|_| block_on(session.advance()));
    let told = news(&tell(&mut session, [stop()]));
    let [PretrainNews::State { step: 30, bytes }] = told.as_slice() else { panic!("{told:?}") };
    let told = news(&tell(&mut Session::new(Page::default()), [begin(120, Some(bytes.clone()))]));
    assert_eq!(steps(&told), 9);
    let Some(PretrainNews::Finished { exam: other, checkpoint: bytes, .. }) = told.last() else { panic!("{told:?}") };
    // The order of a safetensors file's metadata is by chance.
    assert_eq!((other, Checkpoint::from_bytes(bytes).unwrap()), (exam, checkpoint));

    // Nothing goes on, and nothing is told of it.
    assert!(tell(&mut session, [stop()]).is_empty());
}

#[test]
fn a_training_that_cannot_begin_says_why_and_the_worker_listens_on() {
    let mut session = Session::new(Page::default());
    let order = |world: &str, width: usize, state: Option<Vec<u8>>| {
        let recipe = Recipe { steps: 20, width, layers: 1 };
        Command::Pretrain(encode(&PretrainOrder::Begin { world: world.into(), seed: 0, recipe, state }))
    };
    let world = World::generate(0).to_json();
    let trained = news(&tell(&mut session, [begin(20, None)]));
    assert!(matches!(trained.last(), Some(PretrainNews::Finished { .. })));
    block_on(session.handle(begin(20, None)));
    let told = news(&tell(&mut session, [stop()]));
    let [PretrainNews::State { bytes, .. }] = told.as_slice() else { panic!("{told:?}") };
    for (command, reason) in [
        (order("{}", 8, None), "missing field"),
        (order(&world, 9, None), "heads"),
        (order(&world, 8, Some(vec![1, 2, 3])), ""),
        // Of another seed.
        (order(&world, 8, Some(bytes.clone())), "fit"),
        (Command::Pretrain(vec![9; 4]), ""),
    ] {
        let events = tell(&mut session, [command]);
        let [Event::Failed { run: None, error, fatal: false }] = events.as_slice() else {
            panic!("{:?}", names(&events))
        };
        assert!(error.to_string().contains(reason), "{error}");
        assert!(!session.has_work());
    }
    assert_eq!(names(&tell(&mut session, [load(1)])), ["loaded", "measured", "waiting"]);
}
