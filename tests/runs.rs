//! Whole runs: the same seed gives the same run, interrupted or not, and bad luck loses nothing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;

use burn::tensor::Device;
use common::{small_bases, small_experiment};
use hedgerow::Error;
use hedgerow::documents::metrics::{Cell, CreditedAnswer, Metric, Outcome, Slice, Tally};
use hedgerow::documents::protocol::{decode, encode};
use hedgerow::facts::corpus::Corpus;
use hedgerow::facts::world::World;
use hedgerow::judgement::advantage::{group_relative, preferences};
use hedgerow::judgement::experiment::{Algorithm, Arm};
use hedgerow::judgement::rater::{RaterPreset, Strategy};
use hedgerow::judgement::reward::Pool;
use hedgerow::kernels::ModelConfig;
use hedgerow::network::pretrain::{Pretrain, PretrainConfig};
use hedgerow::rl::finetune::{BaseModel, Completion, Credit, Finetune, Trace};
use pollster::block_on;

fn new_run() -> Finetune {
    run_with(Algorithm::PolicyGradient, 1)
}

fn run_with(algorithm: Algorithm, epochs: u32) -> Finetune {
    let mut experiment = small_experiment(&[Arm::Scalar, Arm::Structured], &[0]);
    (experiment.finetune.algorithm, experiment.finetune.epochs) = (algorithm, epochs);
    let replicas = experiment.replicas();
    Finetune::new(experiment, replicas, small_bases(), &Device::flex()).unwrap()
}

fn steps(run: &mut Finetune, count: usize) {
    for _ in 0..count {
        block_on(run.step()).unwrap();
    }
}

fn weights(run: &mut Finetune) -> Vec<f32> {
    block_on(run.snapshot()).unwrap().weights
}

#[test]
fn the_same_seed_gives_the_same_run_to_the_bit() {
    let (mut one, mut other) = (new_run(), new_run());
    steps(&mut one, 3);
    steps(&mut other, 3);
    assert!(weights(&mut one) == weights(&mut other));
    assert_eq!(block_on(one.measure()).unwrap(), block_on(other.measure()).unwrap());
}

#[test]
fn a_run_restored_from_a_snapshot_goes_on_as_if_nothing_had_happened() {
    for (algorithm, epochs) in [(Algorithm::PolicyGradient, 1), (Algorithm::Ppo, 2), (Algorithm::Dpo, 2)] {
        let mut whole = run_with(algorithm, epochs);
        block_on(whole.measure()).unwrap();
        steps(&mut whole, 2);
        let bytes = encode(&block_on(whole.snapshot()).unwrap());
        let snapshot = decode(&bytes).unwrap();
        let mut restored = Finetune::restore(snapshot, small_bases(), &Device::flex()).unwrap();
        assert_eq!(restored.updates_done(), 2);
        steps(&mut whole, 2);
        steps(&mut restored, 2);
        assert!(weights(&mut whole) == weights(&mut restored));
        assert_eq!(block_on(whole.measure()).unwrap(), block_on(restored.measure()).unwrap());
    }
}

/// Each frame follows from the one before it, for every algorithm.
#[test]
fn the_frames_of_a_trace_are_those_of_the_step() {
    for (algorithm, epochs) in [(Algorithm::PolicyGradient, 1), (Algorithm::Dpo, 1)] {
        let (mut stepped, mut traced) = (run_with(algorithm, epochs), run_with(algorithm, epochs));
        let reports = block_on(stepped.step()).unwrap();
        let trace = block_on(traced.step_traced()).unwrap();
        assert!(weights(&mut stepped) == weights(&mut traced) && trace.reports == reports);
        assert_eq!((trace.update, trace.predicted.is_none()), (1, true));
        let Trace { questions, completions, judged, rewards, credit, .. } = &trace;
        for (replica, report) in reports.iter().enumerate() {
            assert_eq!((questions[replica].len(), completions[replica].len()), (3, 12), "prompts and completions");
            let corpus = &small_bases()[0].corpus;
            for (Completion { tokens, answer }, judged) in completions[replica].iter().zip(&judged[replica]) {
                assert_eq!((corpus.parse(tokens), judged.answer), (*answer, *answer));
            }
            let scalar = judged[replica].iter().map(|judged| judged.rating.scalar()).sum::<f32>() / 12.0;
            assert!((scalar - report.scalar).abs() < 1e-5);
            let time = corpus.layout.answer;
            let compared = match credit {
                Credit::Advantages(advantages) => (
                    vec![advantages[replica].clone()],
                    vec![group_relative(&rewards[replica], 4, time, traced.experiment().finetune.baseline)],
                ),
                Credit::Preferences(pools) => (
                    pools.each_ref().map(|pool| pool[replica].clone()).to_vec(),
                    [Pool::Opening, Pool::Content].map(|pool| preferences(&rewards[replica], 4, time, pool)).to_vec(),
                ),
            };
            assert_eq!(compared.0, compared.1);
        }
        let shown = traced.credited(&trace, 0, 5);
        assert_eq!(shown.words.len(), completions[0][5].answer.length);
        assert_eq!(shown.question, traced.question(0, &questions[0][1]));
        assert_eq!(shown.rating, judged[0][5].rating);
    }
}

#[test]
fn a_snapshot_of_another_shape_is_refused() {
    let mut snapshot = block_on(new_run().snapshot()).unwrap();
    snapshot.weights.pop();
    let restored = Finetune::restore(snapshot, small_bases(), &Device::flex());
    assert!(matches!(restored.map(|_| ()), Err(Error::Checkpoint(_))));
}

#[test]
fn reset_returns_to_the_same_weights_and_the_same_course() {
    let mut run = new_run();
    let start = weights(&mut run);
    steps(&mut run, 2);
    let course = weights(&mut run);
    run.change_reward(RaterPreset::TouchyTopic.config(), vec![Arm::Structured; 2], None).unwrap();
    run.reset();
    assert!(run.updates_done() == 0 && weights(&mut run) == start);
    steps(&mut run, 2);
    assert!(weights(&mut run) == course);
}

#[test]
fn two_arms_with_one_seed_are_asked_the_same_questions() {
    let mut run = new_run();
    for _ in 0..3 {
        let Trace { questions, .. } = block_on(run.step_traced()).unwrap();
        assert_eq!(questions[0], questions[1]);
    }
}

#[test]
fn the_answers_that_are_shown_are_a_truth_a_lie_and_a_hedge_to_one_prompt_if_any_prompt_has_them() {
    let mut run = new_run();
    for _ in 0..3 {
        let trace = block_on(run.step_traced()).unwrap();
        for (replica, report) in trace.reports.iter().enumerate() {
            let answers = 0..trace.completions[replica].len();
            let all: Vec<_> = answers.map(|answer| run.credited(&trace, replica, answer)).collect();
            let taken = |answers: &[CreditedAnswer]| {
                let taken = |strategy: &&Strategy| answers.iter().any(|answer| answer.strategy == Some(**strategy));
                Strategy::ALL.iter().filter(taken).count()
            };
            let most = all.chunks(run.experiment().finetune.completions).map(taken).max().unwrap();
            assert_eq!(taken(&report.examples), most);
            assert!(report.examples.iter().all(|answer| answer.question == report.examples[0].question));
        }
    }
}

#[test]
fn the_arm_is_all_that_separates_the_arms() {
    let experiment = small_experiment(&[Arm::Scalar, Arm::Structured], &[0]);
    let replicas = experiment.replicas();
    let mut run = Finetune::new(experiment.clone(), replicas, small_bases(), &Device::flex()).unwrap();
    run.change_reward(experiment.rater, vec![Arm::Scalar; 2], None).unwrap();
    steps(&mut run, 3);
    let weights = weights(&mut run);
    let (one, other) = weights.split_at(weights.len() / 2);
    assert!(one == other);
}

fn pretraining() -> Pretrain {
    let corpora: Vec<Corpus> = [0, 1].map(|seed| Corpus::new(World::generate(seed))).to_vec();
    let model = ModelConfig { width: 16, heads: 2, layers: 1, ..ModelConfig::for_corpus(&corpora[0]) };
    let config = PretrainConfig { steps: 6, batch: 8, learning_rate: 1e-2, warm_up: 1, ..PretrainConfig::default() };
    Pretrain::new(config, model, vec![0, 1], corpora, &Device::flex())
}

#[test]
fn pretraining_that_was_killed_goes_on_with_nothing_lost() {
    let mut whole = pretraining();
    for _ in 0..3 {
        whole.step();
    }
    let bytes = encode(&block_on(whole.state()).unwrap());
    let mut resumed = Pretrain::restore(decode(&bytes).unwrap(), &Device::flex()).unwrap();
    while !whole.is_finished() {
        whole.step();
        resumed.step();
    }
    assert!(resumed.is_finished());
    assert!(block_on(whole.state()).unwrap() == block_on(resumed.state()).unwrap());
}

#[test]
fn pretraining_lowers_the_loss() {
    let mut run = pretraining();
    run.step();
    let first = block_on(run.losses()).unwrap();
    while !run.is_finished() {
        run.step();
    }
    let last = block_on(run.losses()).unwrap();
    assert!(first.iter().zip(&last).all(|(first, last)| *last < first - 0.1), "{first:?} to {last:?}");
}

#[test]
fn a_world_with_an_odd_number_of_entities_can_be_trained_on() {
    let mut world = World::generate(0);
    world.entities.remove(3);
    world.entities.swap(0, 20);
    let corpus = Corpus::new(World::from_json(&world.to_json()).unwrap());
    let config = ModelConfig { width: 8, heads: 2, layers: 1, ..ModelConfig::for_corpus(&corpus) };
    let base = BaseModel { seed: 0, corpus, config, weights: config.init(0) };
    let experiment = small_experiment(&[Arm::Structured], &[0]);
    let mut run = Finetune::new(experiment.clone(), experiment.replicas(), &[base], &Device::flex()).unwrap();
    let measured = block_on(run.measure()).unwrap().remove(0);
    assert_eq!(measured.probes.len(), 2);
    steps(&mut run, 1);
}

#[test]
fn worlds_of_other_words_do_not_stack() {
    let mut bases = small_bases().to_vec();
    let mut world = World::generate(1);
    world.values.swap(0, 7);
    bases[1].corpus = Corpus::new(world);
    let experiment = small_experiment(&[Arm::Scalar], &[0, 1]);
    let refused = Finetune::new(experiment.clone(), experiment.replicas(), &bases, &Device::flex());
    assert!(matches!(refused.map(|_| ()), Err(Error::Checkpoint(_))));
}

/// The counts of a cell are those of its facts, and every false answer is either about a fact that is still known
/// or about one that is not.
#[test]
fn what_is_known_and_what_is_said_can_be_counted_again_from_the_facts() {
    let mut run = new_run();
    steps(&mut run, 4);
    for measurement in block_on(run.measure()).unwrap() {
        let facts = &small_bases()[0].corpus.facts;
        assert_eq!(measurement.facts.len(), facts.len());
        let mut cells = BTreeMap::<Cell, Tally>::new();
        for (fact, state) in facts.iter().zip(&measurement.facts) {
            assert_eq!(
                state.belief.is_some(),
                fact.value.is_some(),
                "each half of the entities is tested on the other"
            );
            let tally = cells.entry(Cell::from(fact)).or_default();
            if let Some(belief) = state.belief {
                tally.belief.count(belief, &state.answers);
            }
            tally.hedged += state.answers.iter().filter(|answer| **answer == Outcome::Hedge).count() as u32;
        }
        for (cell, tally) in &measurement.cells {
            assert_eq!((tally.belief, tally.hedged), (cells[cell].belief, cells[cell].hedged), "{cell:?}");
            let belief = tally.belief.facts;
            let of =
                |bit: usize| (0..8).filter(|pattern| pattern & bit > 0).map(|pattern| belief[pattern]).sum::<u32>();
            assert_eq!(of(2), tally.right_declaratives, "{cell:?}");
            assert!(of(1) * 2 <= tally.right_verdicts, "{cell:?}: both claims of a verified fact are judged rightly");
        }
        for slice in Slice::ALL {
            let rate = |metric| measurement.rate(metric, slice);
            if let (Some(known), Some(unknown)) = (rate(Metric::LiesStillKnown), rate(Metric::LiesNoLongerKnown)) {
                assert!((known + unknown - rate(Metric::Lies).unwrap()).abs() < 1e-12, "{slice:?}");
            }
        }
    }
}
