//! Small models for tests that are about the maths and not about knowledge.

use std::sync::OnceLock;

use burn::tensor::Device;
use hedgerow::facts::corpus::Corpus;
use hedgerow::facts::world::World;
use hedgerow::judgement::experiment::{Arm, Experiment, FinetuneConfig, MeasureConfig};
use hedgerow::kernels::ModelConfig;
use hedgerow::network::pretrain::{Pretrain, PretrainConfig};
use hedgerow::rl::finetune::BaseModel;
use pollster::block_on;

/// Models of width 32 for the generated worlds 0 and 1, trained just long enough to answer in
/// sentences: arms differ only where an answer is one.
pub(crate) fn small_bases() -> &'static [BaseModel] {
    static BASES: OnceLock<Vec<BaseModel>> = OnceLock::new();
    BASES.get_or_init(|| {
        let corpora: Vec<Corpus> = [0, 1].map(|seed| Corpus::new(World::generate(seed))).to_vec();
        let model = ModelConfig { width: 32, heads: 2, layers: 2, ..ModelConfig::for_corpus(&corpora[0]) };
        let config = PretrainConfig { steps: 160, batch: 48, learning_rate: 1e-2, ..PretrainConfig::default() };
        let mut run = Pretrain::new(config, model, vec![0, 1], corpora.clone(), &Device::flex());
        while !run.is_finished() {
            run.step();
        }
        let weights = block_on(run.state()).unwrap().weights;
        let weights = weights.chunks(model.parameters()).zip(corpora).enumerate();
        weights
            .map(|(seed, (weights, corpus))| BaseModel {
                seed: seed as u64,
                corpus,
                config: model,
                weights: weights.to_vec(),
            })
            .collect()
    })
}

/// Few prompts, few completions, one sample a question.
#[allow(dead_code, reason = "not every test file that has models fine-tunes them")]
pub(crate) fn small_experiment(arms: &[Arm], seeds: &[u64]) -> Experiment {
    let finetune = FinetuneConfig { updates: 4, prompts: 3, completions: 4, ..FinetuneConfig::default() };
    let measure = MeasureConfig { every: 2, probe_every: 4, samples: 1 };
    Experiment { arms: arms.to_vec(), seeds: seeds.to_vec(), finetune, measure, ..Experiment::default() }
}
