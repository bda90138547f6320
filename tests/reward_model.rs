//! The reward model: it learns what can be learned from ratings, nothing from noise, and a run that
//! it rewards still reports what the rater thinks.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};
use common::{small_bases, small_experiment};
use hedgerow::documents::metrics::UpdateReport;
use hedgerow::facts::corpus::Corpus;
use hedgerow::facts::error::ExperimentFault;
use hedgerow::facts::random::{Purpose, stream};
use hedgerow::facts::world::Exposure;
use hedgerow::judgement::experiment::{Arm, Experiment, RewardHeads, RewardModelConfig};
use hedgerow::judgement::rater::{RaterConfig, RaterPreset, Rating};
use hedgerow::network::model::Policy;
use hedgerow::network::reward_model::{RatedAnswers, RewardModel, quiz, r_squared};
use hedgerow::network::stack::Stack;
use hedgerow::rl::finetune::{BaseModel, Finetune};
use pollster::block_on;
use rand::seq::SliceRandom;

/// A rater with little noise, who checks nothing: what is left to learn is in the formula.
fn rater() -> RaterConfig {
    RaterConfig { noise: 0.01, check_probability: 0.0, ..RaterPreset::UncomfortableFacts.config() }
}

fn policy(base: &BaseModel) -> Policy {
    let weights = TensorData::new(base.weights.clone(), [1, base.weights.len()]);
    Policy::new(base.config, &Tensor::from_data(weights, &Device::flex()))
}

/// The base model of seed 0 that ships, 5,000 of its answers, a model trained on them, and 500 answers
/// more.
struct Shipped {
    policy: Policy,
    corpora: [Corpus; 1],
    training: RatedAnswers,
    reasons: RewardModel,
    further: RatedAnswers,
}

impl Shipped {
    fn bases(&self) -> Stack<'_> {
        Stack { policy: &self.policy, corpora: &self.corpora, seeds: &[0] }
    }
}

fn shipped() -> &'static Shipped {
    static SHIPPED: OnceLock<Shipped> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/base");
        let world = std::fs::read_to_string(folder.join("world-0.json")).unwrap();
        let checkpoint = std::fs::read(folder.join("base-0.safetensors")).unwrap();
        let base = BaseModel::read(0, &world, &checkpoint).unwrap();
        let (policy, corpora) = (policy(&base), [base.corpus]);
        let bases = Stack { policy: &policy, corpora: &corpora, seeds: &[0] };
        let rated = block_on(RatedAnswers::sample(5500, &rater(), 0.5, bases, |_| ())).unwrap();
        let (training, further) = (rated.slice(0..5000), rated.slice(5000..5500));
        let reasons = RewardModel::fit(&training, RewardHeads::Reasons, bases);
        Shipped { policy, corpora, training, reasons, further }
    })
}

fn scalar_model(rated: &RatedAnswers) -> RewardModel {
    RewardModel::fit(rated, RewardHeads::Scalar, shipped().bases())
}

fn predict(model: &RewardModel, rated: &RatedAnswers) -> Vec<Rating> {
    block_on(model.predict(rated)).unwrap().remove(0)
}

fn channel(ratings: &[Rating], channel: fn(&Rating) -> f32) -> Vec<f32> {
    ratings.iter().map(channel).collect()
}

/// One answer in a hundred may be taken for its opposite, which costs the distance of a blunt from a
/// contextual answer squared; the rest of the framing's variance must be there.
#[test]
fn framing_is_predicted_for_prompts_that_were_never_rated() {
    let (model, (quiz, asked)) = (&shipped().reasons, quiz(&rater(), shipped().bases()));
    let facts = &shipped().corpora[0].facts;
    let seen = |(fact, _): &(usize, _)| facts[*fact].exposure == Exposure::Seen;
    let of_seen = |ratings: Vec<Rating>| -> Vec<f32> {
        let framing = ratings.iter().zip(&asked).filter(|(_, asked)| seen(asked));
        framing.map(|(rating, _)| rating.framing).collect()
    };
    let (predicted, expected) = (of_seen(predict(model, &quiz)), of_seen(quiz.expected(0)));
    let mean = expected.iter().sum::<f32>() / expected.len() as f32;
    let variance = expected.iter().map(|framing| (framing - mean).powi(2)).sum::<f32>() / expected.len() as f32;
    let opposite = rater().contextual - rater().blunt;
    let bound = 1.0 - 0.01 * opposite * opposite / variance;
    let reached = r_squared(&predicted, &expected);
    assert!(reached > bound, "R² {reached}, with one mistake in a hundred {bound}");
}

/// Of 500 answers a correlation of 0.14 is three standard deviations from none: R² below 0.02.
#[test]
fn ratings_of_other_answers_teach_nothing() {
    let mut shuffled = shipped().training.slice(0..1000);
    let mut ratings: Vec<Rating> = shuffled.judged[0].iter().map(|judged| judged.rating).collect();
    ratings.shuffle(&mut stream(0, 0, Purpose::Control));
    for (judged, rating) in shuffled.judged[0].iter_mut().zip(ratings) {
        judged.rating = rating;
    }
    let further = &shipped().further;
    let predicted = predict(&scalar_model(&shuffled), further);
    let reached = r_squared(
        &channel(&predicted, |rating| rating.scalar()),
        &channel(&further.expected(0), |rating| rating.scalar()),
    );
    assert!(reached < 0.02, "R² {reached}");
}

/// Both predict the mean of one number; what is left between them is what either fails to learn.
#[test]
fn the_reasons_add_up_to_the_one_number() {
    let further = &shipped().further;
    let [one, sum] = [&scalar_model(&shipped().training), &shipped().reasons].map(|model| predict(model, further));
    assert!(one.iter().all(|rating| rating.content == 0.0) && sum.iter().any(|rating| rating.content != 0.0));
    let [one, sum] = [one, sum].map(|ratings| channel(&ratings, |rating| rating.scalar()));
    let expected = channel(&further.expected(0), |rating| rating.scalar());
    assert!(r_squared(&one, &expected) > 0.9, "{}", r_squared(&one, &expected));
    assert!(r_squared(&sum, &one) > 0.9, "{}", r_squared(&sum, &one));
}

#[test]
fn one_seed_has_one_model_and_more_ratings_only_add() {
    let base = &small_bases()[0];
    let (policy, corpora) = (policy(base), [base.corpus.clone()]);
    let bases = Stack { policy: &policy, corpora: &corpora, seeds: &[0] };
    let sample = |count| block_on(RatedAnswers::sample(count, &rater(), 0.5, bases, |_| ())).unwrap();
    let (few, many) = (sample(60), sample(300));
    assert_eq!(few.judged[0], many.judged[0][..60]);
    let predicted =
        |rated: &RatedAnswers| block_on(RewardModel::fit(rated, RewardHeads::Reasons, bases).predict(&many)).unwrap();
    assert!(predicted(&few) == predicted(&sample(60)), "the same model to the bit");
    assert!(predicted(&few) != predicted(&many));
}

fn experiment(reward_model: Option<RewardModelConfig>) -> Experiment {
    Experiment { reward_model, ..small_experiment(&[Arm::Scalar, Arm::Structured], &[0]) }
}

const REASONS: Option<RewardModelConfig> = Some(RewardModelConfig { ratings: 100, heads: RewardHeads::Reasons });

fn new_run(reward_model: Option<RewardModelConfig>) -> Finetune {
    let experiment = experiment(reward_model);
    Finetune::new(experiment.clone(), experiment.replicas(), small_bases(), &Device::flex()).unwrap()
}

fn steps(run: &mut Finetune, count: usize) -> Vec<UpdateReport> {
    (0..count).flat_map(|_| block_on(run.step()).unwrap()).collect()
}

#[test]
fn a_run_with_a_reward_model_is_one_run_interrupted_or_not() {
    let (mut whole, mut other) = (new_run(REASONS), new_run(REASONS));
    let reports = steps(&mut whole, 4);
    assert!(steps(&mut other, 2) == reports[..4]);
    let mut restored = Finetune::restore(block_on(other.snapshot()).unwrap(), small_bases(), &Device::flex()).unwrap();
    assert!(steps(&mut restored, 2) == reports[4..]);
    whole.reset();
    assert!(steps(&mut whole, 4) == reports);
}

#[test]
fn the_model_rewards_and_the_reports_say_what_the_rater_thinks() {
    let (mut with, mut without) = (new_run(REASONS), new_run(None));
    let (predicted, rated) = (steps(&mut with, 1), steps(&mut without, 1));
    for (predicted, rated) in predicted.iter().zip(&rated) {
        assert_eq!((predicted.rating, predicted.scalar), (rated.rating, rated.scalar));
        let proxy = predicted.proxy.unwrap();
        assert!(proxy.is_finite() && proxy != predicted.scalar && rated.proxy.is_none());
        let credit = |report: &UpdateReport| report.examples[0].words.clone();
        assert!(credit(predicted) != credit(rated), "the same credit with and without the model");
    }
}

#[test]
fn another_rater_has_another_model() {
    let (mut changed, mut kept) = (new_run(REASONS), new_run(REASONS));
    changed.change_reward(RaterPreset::TouchyTopic.config(), vec![Arm::Scalar, Arm::Structured], None).unwrap();
    assert!(steps(&mut changed, 1)[0].proxy != steps(&mut kept, 1)[0].proxy);
    changed.reset();
    kept.reset();
    assert!(steps(&mut changed, 1) == steps(&mut kept, 1));
}

#[test]
fn one_number_serves_no_arm_that_credits_reasons() {
    let scalar = Some(RewardModelConfig { ratings: 100, heads: RewardHeads::Scalar });
    let refused = |arms: &[Arm]| {
        let experiment = Experiment { arms: arms.to_vec(), ..experiment(scalar) };
        Finetune::new(experiment.clone(), experiment.replicas(), small_bases(), &Device::flex()).map(|_| ())
    };
    assert_eq!(refused(&[Arm::Scalar]), Ok(()));
    for arm in [Arm::Structured, Arm::ScalarWithoutDiscomfort] {
        let error = refused(&[Arm::Scalar, arm]).unwrap_err();
        assert_eq!(error, ExperimentFault::ArmNeedsReasons(arm.id().into()).into());
    }
}
