//! The memory that a run needs, compared with what the engine's worker allocates.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hedgerow::documents::protocol::{Base, Command, EngineReason, Event};
use hedgerow::facts::corpus::Corpus;
use hedgerow::facts::world::World;
use hedgerow::judgement::experiment::{
    Algorithm, Arm, Experiment, FinetuneConfig, MeasureConfig, RewardHeads, RewardModelConfig,
};
use hedgerow::kernels::ModelConfig;
use hedgerow::network::checkpoint::Checkpoint;
use hedgerow::network::tokenizer::Tokenizer;
use hedgerow::rl::finetune::{BaseModel, bytes_needed};
use hedgerow::worker::session::{Gpu, Host, Session};
use peak_alloc::PeakAlloc;
use pollster::block_on;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// A page that keeps nothing.
struct Page;

impl Host for Page {
    fn send(&self, event: &Event) {
        assert!(!matches!(event, Event::Failed { .. }), "{event:?}");
    }

    fn now(&self) -> f64 {
        0.0
    }

    fn logged_errors(&self) -> usize {
        0
    }

    async fn open_gpu(&self) -> Result<Gpu, EngineReason> {
        Err(EngineReason::NotOffered)
    }
}

/// The most bytes that a worker has at once for a run, which it loads, measures, trains and sends.
fn peak(experiment: &Experiment, model: &BaseModel) -> usize {
    let BaseModel { seed, corpus, config, weights } = model;
    let base = Base {
        seed: *seed,
        world: corpus.world().to_json(),
        tokenizer: Tokenizer::of(&corpus.vocabulary).to_json(),
        checkpoint: Checkpoint { config: *config, seed: *seed, steps: None, weights: weights.clone() }.to_bytes(),
    };
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let mut session = Session::new(Page);
    let (experiment, replicas) = (experiment.clone(), experiment.replicas());
    block_on(session.handle(Command::Load { run: 1, experiment, replicas, bases: vec![base], measures: true }));
    block_on(session.handle(Command::Train { run: 1, until: 2 }));
    while session.has_work() {
        block_on(session.advance());
    }
    block_on(session.handle(Command::Snapshot { run: 1 }));
    ALLOCATOR.peak_usage() - before
}

/// Each case is one in which another part of the formula is the largest.
#[test]
fn a_run_needs_no_more_memory_than_was_estimated_and_at_least_half_of_it() {
    let model = |width, layers| {
        let corpus = Corpus::new(World::generate(0));
        let config = ModelConfig { width, layers, ..ModelConfig::for_corpus(&corpus) };
        BaseModel { seed: 0, weights: config.init(0), corpus, config }
    };
    let finetune = FinetuneConfig { updates: 2, prompts: 1, completions: 2, ..FinetuneConfig::default() };
    let measure = MeasureConfig { every: 2, probe_every: 2, samples: 1 };
    let least = Experiment { arms: vec![Arm::Scalar], finetune, measure, ..Experiment::default() };
    let many = FinetuneConfig { prompts: 32, completions: 32, ..finetune };
    let ppo = FinetuneConfig { algorithm: Algorithm::Ppo, epochs: 2, ..many };
    let rated = |ratings| Some(RewardModelConfig { ratings, heads: RewardHeads::Reasons });
    for (name, experiment, model) in [
        ("several models", Experiment { arms: Arm::ALL[..3].to_vec(), ..least.clone() }, model(64, 3)),
        ("a larger model", least.clone(), model(96, 4)),
        ("many answers", Experiment { finetune: many, ..least.clone() }, model(32, 2)),
        ("many answers, read twice", Experiment { finetune: ppo, ..least.clone() }, model(32, 2)),
        (
            "many samples",
            Experiment { measure: MeasureConfig { samples: 8, ..measure }, ..least.clone() },
            model(32, 2),
        ),
        ("many ratings", Experiment { reward_model: rated(5_000), ..least.clone() }, model(32, 2)),
        ("rated answers", Experiment { finetune: many, reward_model: rated(500), ..least.clone() }, model(32, 2)),
    ] {
        let needed = bytes_needed(&experiment, experiment.replicas().len(), &model) as f64;
        let ratio = needed / peak(&experiment, &model) as f64;
        println!("{name}: {:.1} MB, {ratio:.2} times what was allocated", needed / 1e6);
        assert!((1.0..2.0).contains(&ratio), "{name}: {ratio}");
    }
}
