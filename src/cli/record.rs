//! The page's recordings, cut from the result files of the published conditions: what the page shows before anybody
//! trains is what RESULTS.md is made of.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};
use flate2::{Compression, write::GzEncoder};
use hedgerow::documents::conditions::conditions;
use hedgerow::documents::questions::RecordedRun;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Experiment;

use super::files::{read_report, write};

/// Writes one recording for each question in each theme.
pub(crate) fn record(from: &Path, out: &Path) -> anyhow::Result<()> {
    let all = conditions();
    for run in RecordedRun::all() {
        let condition = all.iter().find(|condition| condition.name == run.condition());
        let condition = condition.context("a question has a published condition")?;
        let folder = from.join(condition.group.name()).join(&condition.name);
        let mut reports = Vec::new();
        for seed in 0.. {
            let file = folder.join(format!("seed-{seed}.json"));
            if !file.is_file() {
                break;
            }
            reports.push(read_report(&file)?);
        }
        let (none, make) = (folder.display(), from.display());
        ensure!(
            !reports.is_empty(),
            "{none} holds no run of seed 0; `hedgerow experiment all --out {make}` makes them"
        );
        let recording = merged(run, &reports)?;
        write_recording(out, &run.name(), &recording)?;
    }
    Ok(())
}

/// Writes a recording under a name, and says so.
pub(super) fn write_recording(out: &Path, name: &str, recording: &RunReport) -> anyhow::Result<()> {
    let file = out.join(format!("{name}.json.gz"));
    let folder = file.parent().unwrap_or(out);
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&serde_json::to_vec(recording)?)?;
    write(&file, &packed.finish()?)?;
    eprintln!("{}: seeds {:?}", file.display(), recording.experiment.seeds);
    Ok(())
}

/// Its arms of runs of one seed each, as one run; there is at least one.
fn merged(run: RecordedRun, reports: &[RunReport]) -> anyhow::Result<RunReport> {
    let first = &reports[0];
    let seeds = reports.iter().flat_map(|report| report.experiment.seeds.clone()).collect();
    let experiment = Experiment { measure: first.experiment.measure, ..run.experiment(seeds) };
    ensure!(
        reports.iter().all(|report| report.experiment.own_world == experiment.own_world),
        "a run of {} is of other worlds",
        run.condition()
    );
    let mut recording = RunReport::empty(experiment, first.engine.clone(), first.build.clone());
    (recording.values, recording.mixed_values) = (first.values, first.mixed_values);
    for replica in &mut recording.replicas {
        let of_seed = reports.iter().flat_map(|report| &report.replicas).find(|other| other.replica == replica.replica);
        let found = of_seed.with_context(|| format!("no file holds {:?}", replica.replica))?;
        ensure!(found.measurements.len() > 1, "{:?} was not measured before and after", replica.replica);
        replica.clone_from(found);
        // The page shows the credit of the last update.
        let last = replica.updates.len() - 1;
        replica.updates[..last].iter_mut().for_each(|update| update.examples.clear());
    }
    recording.failure = reports.iter().find_map(|report| report.failure.clone());
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::Measurement;
    use hedgerow::documents::questions::Question;
    use hedgerow::facts::world::Theme;
    use hedgerow::judgement::arms::Arm;

    const RUN: RecordedRun = RecordedRun { question: Question::Attribution, theme: Theme::Everyday };

    /// A run of one seed, measured three times, with arms that the question does not ask about.
    fn report(seed: u64, arms: &[Arm]) -> RunReport {
        let experiment = Experiment { arms: arms.to_vec(), ..RUN.experiment(vec![seed]) };
        let mut report = RunReport::empty(experiment, "flex".into(), "1".into());
        let update = serde_json::from_str::<RunReport>(include_str!("../../tests/data/report.json")).unwrap();
        let update = update.replicas[0].updates[0].clone();
        for replica in &mut report.replicas {
            replica.updates = vec![update.clone()];
            let measured =
                |update| Measurement { update, cells: vec![], probes: vec![], answers: vec![], facts: vec![] };
            replica.measurements = [0, 10, 20].map(measured).to_vec();
        }
        report
    }

    #[test]
    fn a_recording_is_the_question_on_every_seed_that_was_run() {
        let arms = [Arm::Noise, Arm::Structured, Arm::Scalar];
        let recording = merged(RUN, &[report(0, &arms), report(1, &arms)]).unwrap();
        assert_eq!(recording.experiment, RUN.experiment(vec![0, 1]));
        let made: Vec<(Arm, u64)> =
            recording.replicas.iter().map(|replica| (replica.replica.arm, replica.replica.seed)).collect();
        assert_eq!(made, [(Arm::Scalar, 0), (Arm::Structured, 0), (Arm::Scalar, 1), (Arm::Structured, 1)]);
        assert!(recording.replicas.iter().all(|replica| replica.measurements.len() == 3));
    }

    #[test]
    fn a_file_without_an_arm_of_the_question_is_refused() {
        let error = merged(RUN, &[report(0, &[Arm::Scalar])]).unwrap_err();
        assert!(error.to_string().contains("Structured"), "{error}");
    }

    #[test]
    fn a_run_in_other_worlds_is_refused() {
        let other = RecordedRun { theme: Theme::Groups, ..RUN };
        let error = merged(other, &[report(0, &[Arm::Scalar, Arm::Structured])]).unwrap_err();
        assert!(error.to_string().contains("other worlds"), "{error}");
    }
}
