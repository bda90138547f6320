//! Every parser of the core against files that are damaged, cut, doctored or made up: no panic, no endless work, no
//! allocation out of proportion, and what is accepted is what it says it is.
//!
//! The suite tries a few inputs of each kind. `PROPTEST_CASES=1000000 cargo test --release --test parsers` tries a
//! million of each. What the page itself reads is tried in `web/tests/parsers.rs`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/damage.rs"]
mod damage;

use std::sync::LazyLock;

use damage::{config, damaged, damages, text};

use hedgerow::documents::protocol::{Base, Command, Event, decode, encode};
use hedgerow::documents::report::RunReport;
use hedgerow::facts::world::World;
use hedgerow::judgement::experiment::Experiment;
use hedgerow::judgement::settings::Change;
use hedgerow::network::checkpoint::Checkpoint;
use hedgerow::network::pretrain::PretrainState;
use hedgerow::network::tokenizer::Tokenizer;
use hedgerow::rl::finetune::Snapshot;
use proptest::collection::vec;
use proptest::prelude::*;

static WORLD: LazyLock<String> = LazyLock::new(|| read("world-0.json"));
static TOKENIZER: LazyLock<String> = LazyLock::new(|| read("tokenizer.json"));
static CHECKPOINT: LazyLock<Vec<u8>> = LazyLock::new(|| std::fs::read(path("base-0.safetensors")).unwrap());
static REPORT: LazyLock<String> = LazyLock::new(|| std::fs::read_to_string("tests/data/report.json").unwrap());
static EXPERIMENT: LazyLock<String> = LazyLock::new(|| serde_json::to_string(&Experiment::default()).unwrap());

fn path(name: &str) -> String {
    format!("tests/data/small-world/{name}")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_world_is_refused_or_can_be_taught(damages in damages()) {
        let damaged = text(&WORLD, &damages);
        prop_assert_eq!(World::read(&damaged, &[]).ok(), World::from_json(&damaged).ok(), "{:?}", World::read(&damaged, &[]));
        if let Ok(world) = World::from_json(&damaged) {
            prop_assert_eq!(&World::from_json(&world.to_json()), &Ok(world.clone()));
            let corpus = hedgerow::facts::corpus::Corpus::new(world);
            for (fact, _) in corpus.facts.iter().enumerate() {
                let template = &corpus.world().language.held_out_prompts[0];
                prop_assert_eq!(corpus.prompt(fact, template).len(), corpus.layout.prompt);
            }
        }
    }

    #[test]
    fn a_tokenizer_is_refused_or_encodes(damages in damages(), question in "\\PC{0,40}") {
        if let Ok(tokenizer) = Tokenizer::from_json(&text(&TOKENIZER, &damages)) {
            drop(tokenizer.encode(&question));
            drop(tokenizer.encode("q : what is the theft of dalo ? a :"));
        }
    }

    #[test]
    fn a_checkpoint_is_refused_or_holds_as_many_weights_as_it_says(damages in damages()) {
        // Its header is the first few kilobytes.
        let header = u64::from_le_bytes(CHECKPOINT[..8].try_into().unwrap()) as usize + 8;
        for until in [8, header, usize::MAX] {
            if let Ok(checkpoint) = Checkpoint::from_bytes(&damaged(&CHECKPOINT, &damages, until)) {
                prop_assert_eq!(checkpoint.weights.len(), checkpoint.config.parameters());
            }
        }
    }

    #[test]
    fn an_experiment_is_refused_or_valid_or_named(damages in damages()) {
        if let Ok(experiment) = serde_json::from_str::<Experiment>(&text(&EXPERIMENT, &damages))
            && experiment.validate().is_ok()
        {
            prop_assert_eq!(experiment.replicas().len(), experiment.arms.len() * experiment.seeds.len());
        }
    }

    #[test]
    fn a_setting_is_refused_or_leaves_a_valid_number(path in "[a-z_.]{0,24}", value in "\\PC{0,12}") {
        for path in [path.as_str(), "finetune.updates", "rater.noise", "finetune.algorithm", "reward_model", "finetune"] {
            if let Ok(change) = Change::parse(path, &value) {
                let mut experiment = Experiment::default();
                change.apply(&mut experiment);
                drop(experiment.validate());
            }
        }
    }

    #[test]
    fn a_report_is_refused_or_can_be_written(damages in damages()) {
        if let Ok(report) = serde_json::from_str::<RunReport>(&text(&REPORT, &damages)) {
            drop((report.to_csv(), report.updates_done()));
        }
    }

    #[test]
    fn a_message_is_refused_or_is_one(bytes in vec(any::<u8>(), 0..256), damages in damages()) {
        let base = Base { seed: 0, world: WORLD.clone(), tokenizer: String::new(), checkpoint: vec![1, 2, 3] };
        let experiment = Experiment::default();
        let command = Command::Load { run: 1, replicas: experiment.replicas(), experiment, bases: vec![base], measures: true };
        let command = damaged(&encode(&command), &damages, 300);
        for bytes in [&bytes, &command] {
            drop((decode::<Command>(bytes), decode::<Event>(bytes)));
            drop((decode::<PretrainState>(bytes), decode::<Snapshot>(bytes), decode::<RunReport>(bytes)));
        }
    }

    #[test]
    fn anything_at_all_is_no_reason_to_panic(bytes in vec(any::<u8>(), 0..512)) {
        let text = String::from_utf8_lossy(&bytes);
        drop((World::from_json(&text), World::read(&text, &[]), Tokenizer::from_json(&text), Checkpoint::from_bytes(&bytes)));
        drop((serde_json::from_str::<Experiment>(&text), serde_json::from_str::<RunReport>(&text)));
    }
}
