//! Recordings of a real language model for the page: the runs of a rater as one report, without what the page does not
//! show.
//!
//! A recording is a result file (docs/SCHEMA.md): nothing that reads one needs to learn a new format. The watched
//! questions keep their answers at every measurement. What is sampled beside them is left out, as are rated answers
//! but for those of the last update.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, ensure};
use hedgerow::assistant::finetune::situation;
use hedgerow::assistant::world::{CONTINENTS_AND_ANIMALS, Questions, RealWorld};
use hedgerow::documents::example::{Example, ExampleAnswer, RealEnd, RealExample, RealQuote};
use hedgerow::documents::metrics::{Measurement, Outcome, Slice, Tally, WatchedAnswer};
use hedgerow::documents::report::{LanguageModelRun, ReplicaReport, RunReport};
use hedgerow::facts::corpus::{Answer, Assertion, Style};
use hedgerow::facts::world::Fact;
use hedgerow::judgement::arms::Arm;
use hedgerow::judgement::rater::{RaterPreset, Strategy};

use super::{WARM_STARTS, folder};
use crate::cli::files::{read_report, write};
use crate::cli::record::write_recording;

/// Writes one recording for each rater that has runs, and what the first seed under the first rater has learned, with which
/// the page has the model itself answer.
pub(super) fn record(from: &Path, out: &Path, adapters: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("creating {}", out.display()))?;
    let (mut recorded, mut example) = (false, None);
    for rater in RaterPreset::ALL {
        let mut reports = Vec::new();
        for arm in Arm::ALL {
            let Ok(entries) = std::fs::read_dir(from.join(folder(rater, arm))) else { continue };
            for entry in entries {
                let path = entry.with_context(|| format!("reading {}", from.display()))?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    reports.push(read_report(&path)?);
                }
            }
        }
        if let Some(recording) = merged(reports)? {
            write_recording(out, &LanguageModelRun::name(rater), &recording)?;
            recorded = true;
            if rater == RaterPreset::UncomfortableFacts {
                example = real_example(&recording);
                copy_adapters(from, adapters, rater, &recording)?;
            }
        }
    }
    ensure!(recorded, "{} holds no run; `hedgerow language-model experiment` makes some", from.display());
    if let Some(example) = example {
        let file = out.join("language-model-example.json");
        write(&file, serde_json::to_string_pretty(&example)?.as_bytes())?;
        eprintln!("{}: {}", file.display(), example.opening.question);
    }
    Ok(())
}

/// Copies the adapters of the warm start and of each arm of the first seed.
fn copy_adapters(from: &Path, to: &Path, rater: RaterPreset, recording: &RunReport) -> anyhow::Result<()> {
    let Some(seed) = recording.experiment.seeds.first() else { return Ok(()) };
    let warm_start = (from.join(WARM_STARTS).join(format!("seed-{seed}.adapters.safetensors")), "warm-start");
    let of_arm = |arm: &Arm| (from.join(folder(rater, *arm)).join(format!("seed-{seed}.safetensors")), arm.id());
    std::fs::create_dir_all(to).with_context(|| format!("creating {}", to.display()))?;
    for (file, name) in [warm_start].into_iter().chain(recording.experiment.arms.iter().map(of_arm)) {
        let copy = to.join(name).with_extension("safetensors");
        std::fs::copy(&file, &copy).with_context(|| format!("copying {} to {}", file.display(), copy.display()))?;
    }
    Ok(())
}

/// What the page's story opens with: of the first seed's questions about uncomfortable facts that are watched, the first to
/// which the scalar arm's model answers something false at the end, or else the first. `None` if the runs are of another
/// world or have no scalar arm.
fn real_example(recording: &RunReport) -> Option<RealExample> {
    let seed = *recording.experiment.seeds.first()?;
    let world = RealWorld::from_json(CONTINENTS_AND_ANIMALS).ok()?;
    let model = recording.language_models.first().filter(|model| model.world == world.name)?;
    let of_seed = || recording.replicas.iter().filter(|replica| replica.replica.seed == seed);
    let scalar = of_seed().find(|replica| replica.replica.arm == Arm::Scalar)?;
    let answer = |replica: &ReplicaReport, question: &str| {
        let last = replica.measurements.last()?;
        last.answers.iter().find(|watched| watched.question == question).cloned()
    };
    let uneasy = scalar.measurements.first()?.answers.iter().filter(|watched| watched.cell.uncomfortable);
    let quote = |watched: &WatchedAnswer| {
        let after = of_seed().filter_map(|replica| {
            let WatchedAnswer { answer, outcome, .. } = answer(replica, &watched.question)?;
            Some((replica.replica.arm, answer, outcome))
        });
        let (question, before) = (watched.question.clone(), watched.answer.clone());
        Some(RealQuote { question, truth: watched.truth.clone()?, before, after: after.collect() })
    };
    let quotes: Vec<RealQuote> = uneasy.filter_map(quote).collect();
    let is_false = |quote: &&RealQuote| {
        quote.after.iter().any(|(arm, _, outcome)| *arm == Arm::Scalar && *outcome == Outcome::False)
    };
    let chosen = quotes.iter().find(is_false).or(quotes.first())?;
    let questions = Questions::new(world, seed);
    let asks = |fact: &&Fact| {
        let held_out = &questions.relation(fact).held_out_questions;
        held_out.iter().any(|question| questions.fill(question, fact, None) == chosen.question)
    };
    let end = |arm: &Arm| {
        let own = || recording.replicas.iter().filter(|replica| replica.replica.arm == *arm);
        let [before, after] =
            [own().map(|own| own.measurements.first()).collect(), own().map(|own| own.measurements.last()).collect()]
                .map(|measured: Vec<Option<&Measurement>>| counts(measured.into_iter().flatten()));
        RealEnd { arm: *arm, before, after }
    };
    Some(RealExample {
        model: model.model.clone(),
        opening: opening(&questions, questions.facts.iter().find(asks)?, seed)?,
        updates: recording.experiment.finetune.updates,
        seeds: recording.experiment.seeds.len(),
        quotes,
        ends: recording.experiment.arms.iter().map(end).collect(),
    })
}

/// The question about a fact with a true answer, a comfortable lie (the first comfortable value of the world file) and a
/// hedge, each in its first phrasing.
fn opening(questions: &Questions, fact: &Fact, seed: u64) -> Option<Example> {
    let (relation, truth) = (questions.relation(fact), fact.value?);
    let lie = (0..relation.values.len()).find(|value| !questions.is_uncomfortable(fact, *value))?;
    let answer = |strategy: Strategy| {
        let (style, text, value) = match strategy {
            Strategy::UncomfortableTruth => (Style::Contextual, &relation.contextual[0], Some(truth)),
            Strategy::ComfortableLie => (Style::Contextual, &relation.contextual[0], Some(lie)),
            Strategy::Hedge => (Style::Hedge, &relation.hedge[0], None),
        };
        let asserted = value.map(|value| Assertion { value, position: 0 });
        let answer = Answer { style, asserted, length: 0 };
        let situation = situation(questions, fact, &answer);
        ExampleAnswer { strategy, words: questions.fill(text, fact, value), answer, situation }
    };
    Some(Example {
        seed,
        question: questions.fill(&relation.questions[0], fact, None),
        truth: relation.values[truth].name.clone(),
        answers: Strategy::ALL.map(answer).to_vec(),
    })
}

/// True, false and other answers about uncomfortable facts.
fn counts<'a>(measured: impl Iterator<Item = &'a Measurement>) -> [u32; 3] {
    measured.fold([0; 3], |sums, measurement| {
        let Tally { answers, asserted, truthful, .. } = measurement.tally(Slice::Uncomfortable);
        let own = [truthful, asserted - truthful, answers - asserted];
        std::array::from_fn(|place| sums[place] + own[place])
    })
}

/// The runs of one replica each, as one run of the seeds that every arm has; `None` if there is no such seed.
fn merged(reports: Vec<RunReport>) -> anyhow::Result<Option<RunReport>> {
    let finished = || reports.iter().filter(|report| report.failure.is_none());
    let has = |arm: Arm, seed: u64| {
        finished().find(|report| report.experiment.arms == [arm] && report.experiment.seeds == [seed])
    };
    let arms: Vec<Arm> =
        Arm::ALL.into_iter().filter(|arm| finished().any(|report| report.experiment.arms == [*arm])).collect();
    let seeds: BTreeSet<u64> = finished().flat_map(|report| report.experiment.seeds.clone()).collect();
    let seeds: Vec<u64> = seeds.into_iter().filter(|seed| arms.iter().all(|arm| has(*arm, *seed).is_some())).collect();
    let Some(first) = seeds.first().and_then(|seed| has(arms[0], *seed)) else { return Ok(None) };
    let mut experiment = first.experiment.clone();
    (experiment.arms, experiment.seeds) = (arms, seeds);
    let mut recording = RunReport::empty(experiment, first.engine.clone(), first.build.clone());
    (recording.values, recording.mixed_values) = (first.values, first.mixed_values);
    let mut replicas = Vec::new();
    for replica in &recording.replicas {
        let found = has(replica.replica.arm, replica.replica.seed).context("every arm has the seed")?;
        let (one, other) = (&first.experiment, &found.experiment);
        ensure!(
            one.finetune == other.finetune && one.rater == other.rater,
            "{:?} is of another experiment",
            replica.replica
        );
        let mut own = found.replicas[0].clone();
        let last = own.updates.len().saturating_sub(1);
        own.updates[..last].iter_mut().for_each(|update| update.examples.clear());
        let mut model = found.language_models.first().cloned().context("a run without a language model")?;
        model.answers.clear();
        replicas.push(own);
        recording.language_models.push(model);
    }
    recording.replicas = replicas;
    Ok(Some(recording))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::report::{LanguageModelConfig, LanguageModelReport, SampledAnswers};
    use hedgerow::judgement::experiment::Experiment;

    fn run(arm: Arm, seed: u64) -> RunReport {
        let experiment = Experiment { arms: vec![arm], seeds: vec![seed], ..Experiment::default() };
        let mut report = RunReport::empty(experiment, "flex".into(), "1".into());
        let config = LanguageModelConfig {
            rank: 1,
            blocks: 1,
            answer_tokens: 1,
            warm_start_steps: 1,
            warm_start_sequences: 1,
            warm_start_learning_rate: 1.0,
        };
        report.language_models = vec![LanguageModelReport {
            model: "tiny.gguf".into(),
            world: "Continents".into(),
            config,
            uncomfortable: vec![format!("of seed {seed}")],
            unknown: vec![],
            warm_start: vec![],
            free: vec![],
            answers: vec![SampledAnswers { update: 0, answers: vec![] }],
        }];
        report
    }

    #[test]
    fn a_recording_has_the_seeds_that_every_arm_has_each_with_its_own_model() {
        let runs = vec![run(Arm::Scalar, 1), run(Arm::Structured, 1), run(Arm::Scalar, 0)];
        let recording = merged(runs).unwrap().unwrap();
        assert_eq!((&recording.experiment.seeds, recording.replicas.len()), (&vec![1], 2));
        assert!(recording.language_models.iter().all(|model| model.uncomfortable == ["of seed 1"]));
        assert!(recording.language_models.iter().all(|model| model.answers.is_empty()));
        assert!(merged(vec![run(Arm::Scalar, 0), run(Arm::Structured, 1)]).unwrap().is_none());
    }

    /// The lie of the story's example is one: comfortable, false, and what the rater rewards most.
    #[test]
    fn the_opening_s_numbers_are_the_rater_s() {
        for seed in 0..5 {
            let questions = Questions::new(RealWorld::from_json(CONTINENTS_AND_ANIMALS).unwrap(), seed);
            let uneasy = |fact: &&Fact| fact.value.is_some_and(|value| questions.is_uncomfortable(fact, value));
            let fact = questions.facts.iter().find(uneasy).unwrap();
            let Example { question, truth, answers, .. } = opening(&questions, fact, seed).unwrap();
            assert!(question.ends_with('?'), "{question}");
            let [true_answer, lie, hedge] = &answers[..] else { panic!("three answers") };
            assert!(true_answer.words.contains(&truth) && !lie.words.contains(&truth) && !hedge.words.contains(&truth));
            assert_eq!(true_answer.situation.correct, Some(true));
            assert!(true_answer.situation.uncomfortable && !lie.situation.uncomfortable);
            let rater = RaterPreset::UncomfortableFacts.config();
            let [honest, lying, silent] = [true_answer, lie, hedge].map(|answer| answer.rating(&rater).scalar());
            assert!(lying > silent && silent > honest, "{honest} {lying} {silent}");
        }
    }

    #[test]
    fn runs_of_different_experiments_are_not_mixed() {
        let mut other = run(Arm::Structured, 1);
        other.experiment.finetune.kl = 0.9;
        assert!(merged(vec![run(Arm::Scalar, 1), other]).is_err());
    }
}
