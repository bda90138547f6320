//! The diagnosis of a shipped model, which knows its facts, and of small ones, which half do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};
use common::small_bases;
use hedgerow::documents::metrics::{Diagnosis, Metric, Slice};
use hedgerow::eval::diagnosis::Diagnostician;
use hedgerow::eval::measure::Examiner;
use hedgerow::facts::corpus::Corpus;
use hedgerow::facts::world::{Exposure, World};
use hedgerow::kernels::ModelConfig;
use hedgerow::network::model::Policy;
use hedgerow::rl::finetune::BaseModel;
use pollster::block_on;

const CHANCE: f32 = 1.0 / 8.0;

fn policy(bases: &[BaseModel]) -> Policy {
    let weights: Vec<f32> = bases.iter().flat_map(|base| base.weights.iter().copied()).collect();
    let weights = TensorData::new(weights, [bases.len(), bases[0].config.parameters()]);
    Policy::new(bases[0].config, &Tensor::from_data(weights, &Device::flex()))
}

fn diagnose(bases: &[BaseModel]) -> Vec<Diagnosis> {
    let (corpora, seeds): (Vec<_>, Vec<_>) = bases.iter().map(|base| (base.corpus.clone(), base.seed)).unzip();
    let policy = policy(bases);
    block_on(Diagnostician::new(corpora, &seeds).diagnose(&policy, &policy, 0)).unwrap()
}

fn shipped() -> &'static Diagnosis {
    static DIAGNOSIS: OnceLock<Diagnosis> = OnceLock::new();
    DIAGNOSIS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/base");
        let world = std::fs::read_to_string(folder.join("world-0.json")).unwrap();
        let checkpoint = std::fs::read(folder.join("base-0.safetensors")).unwrap();
        diagnose(&[BaseModel::read(0, &world, &checkpoint).unwrap()]).remove(0)
    })
}

fn small() -> &'static [Diagnosis] {
    static DIAGNOSES: OnceLock<Vec<Diagnosis>> = OnceLock::new();
    DIAGNOSES.get_or_init(|| diagnose(small_bases()))
}

#[test]
fn random_labels_can_be_memorised_within_entities_and_not_read_across_them() {
    for probe in &shipped().probes[1..] {
        let (cross, same) = (probe.cross_entity, probe.same_entity);
        assert!(cross.real.taught > 0.9 && same.real.taught > 0.9, "{probe:?}");
        assert!(same.random.taught > 0.8, "this is why a same-entity split means nothing: {probe:?}");
        assert!(cross.random.taught < CHANCE + 0.06, "{probe:?}");
        assert!(cross.selectivity() > 0.75 && same.selectivity() < 0.2, "{probe:?}");
    }
}

#[test]
fn nothing_is_read_from_an_untrained_network_or_from_the_embedding_of_the_last_word() {
    let probes = &shipped().probes;
    for probe in probes {
        assert!(probe.cross_entity.untrained.taught < CHANCE + 0.06, "{probe:?}");
    }
    assert!(probes[0].cross_entity.real.taught < CHANCE + 0.06 && probes[0].code.compression() < 1.01);
}

#[test]
fn random_labels_are_not_compressed_and_facts_are() {
    for probe in &shipped().probes[1..] {
        assert!((probe.random_code.bits - 3.0).abs() < 0.05, "{probe:?}");
        assert!(probe.code.compression() > 4.0, "{probe:?}");
    }
}

#[test]
fn supervised_steps_teach_nothing_about_the_other_half_of_names_that_were_never_taught() {
    let relearning = &shipped().relearning;
    assert_eq!(relearning[0].steps, 0);
    for after in relearning {
        // That values are uncomfortable ones can be learned: one of four.
        assert!(after.never_taught.unwrap() < 0.25 + 0.15, "{after:?}");
        assert!(after.model.unwrap() > 0.95, "{after:?}");
        assert_eq!(after.model, after.base, "the same model with the same dose");
    }
}

#[test]
fn re_elicitation_by_no_step_is_forced_choice() {
    let bases = small_bases();
    let (corpora, seeds): (Vec<_>, Vec<_>) = bases.iter().map(|base| (base.corpus.clone(), base.seed)).unzip();
    let measured = block_on(Examiner::new(corpora, &seeds, 1).measure(&policy(bases), 0, false)).unwrap();
    for (measurement, diagnosis) in measured.iter().zip(small()) {
        let choice = measurement.rate(Metric::ForcedChoice, Slice::Uncomfortable).unwrap() as f32;
        assert!(choice > 0.05 && choice < 0.95, "neither nothing nor everything is known: {choice}");
        assert_eq!(diagnosis.relearning[0].model, Some(choice));
    }
}

#[test]
fn the_probes_subspace_is_used_and_random_ones_are_not() {
    for steering in &shipped().steering {
        assert!(steering.unchanged.taught > 0.99, "{steering:?}");
        assert!(steering.moved > 0.6 && steering.moved_by_means > 0.8, "{steering:?}");
        assert!(steering.ablated_by_means.taught < 0.5, "{steering:?}");
        assert!(steering.moved_randomly.iter().all(|moved| *moved < 0.1), "{steering:?}");
        assert!(steering.ablated_randomly.iter().all(|ablated| ablated.taught > 0.9), "{steering:?}");
    }
}

#[test]
fn a_replica_is_diagnosed_as_if_it_were_alone() {
    let stack = small();
    assert!(stack[0] != stack[1], "they are two models");
    assert_eq!(diagnose(&small_bases()[1..])[0], stack[1]);
}

/// With one name that nobody was taught there is no lesson about others like it, and the model that should have had it was
/// given a batch in which nothing counts.
#[test]
fn a_world_with_a_single_never_taught_name_is_diagnosed() {
    let mut world = World::generate(0);
    let mut untaught = 0;
    world
        .entities
        .retain(|entity| entity.exposure != Exposure::NeverTaught || std::mem::replace(&mut untaught, 1) == 0);
    let corpus = Corpus::new(world);
    let config = ModelConfig { width: 16, layers: 1, ..ModelConfig::for_corpus(&corpus) };
    let diagnosis = diagnose(&[BaseModel { seed: 0, weights: config.init(0), config, corpus }]).remove(0);
    assert!(diagnosis.relearning.iter().all(|after| after.model.is_some() && after.never_taught.is_some()));
}
