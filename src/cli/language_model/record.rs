//! Recordings of a real language model for the page: the runs of a rater as one report, without what the page does not
//! show.
//!
//! A recording is a result file (docs/SCHEMA.md): nothing that reads one needs to learn a new format. The watched
//! questions keep their answers at every measurement. What is sampled beside them is left out, as are rated answers
//! but for those of the last update.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, ensure};
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::arms::Arm;

use super::{folder, raters};
use crate::cli::files::{read_report, write};

/// Writes one recording for each rater that has runs.
pub(super) fn record(from: &Path, out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("creating {}", out.display()))?;
    let mut recorded = false;
    for rater in raters() {
        let mut reports = Vec::new();
        for arm in Arm::ALL {
            let Ok(entries) = std::fs::read_dir(from.join(folder(&rater, arm))) else { continue };
            for entry in entries {
                let path = entry.with_context(|| format!("reading {}", from.display()))?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    reports.push(read_report(&path)?);
                }
            }
        }
        if let Some(recording) = merged(reports)? {
            let file = out.join(format!("language-model-{rater}.json"));
            write(&file, serde_json::to_string(&recording)?.as_bytes())?;
            eprintln!("{}: seeds {:?}", file.display(), recording.experiment.seeds);
            recorded = true;
        }
    }
    ensure!(recorded, "{} holds no run; `hedgerow language-model experiment` makes some", from.display());
    Ok(())
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

    #[test]
    fn runs_of_different_experiments_are_not_mixed() {
        let mut other = run(Arm::Structured, 1);
        other.experiment.finetune.kl = 0.9;
        assert!(merged(vec![run(Arm::Scalar, 1), other]).is_err());
    }
}
