//! Recorded runs: one for each question of the page, and when it may stand beside the user's settings.
//!
//! Leaves out where they come from (`engine::fetch`).

use hedgerow::documents::questions::{Question, RecordedRun};
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::{Experiment, WorldId};

use super::site_files::FileFault;

/// What has become of a recording.
#[derive(Debug, Clone, PartialEq)]
pub enum Recording<Run = RunReport> {
    /// It is on its way.
    Loading,
    /// It is here.
    Here(Box<Run>),
    /// The site has none.
    Missing,
    /// It could not be fetched.
    Failed(FileFault),
}

impl<Run> From<Result<Option<Run>, FileFault>> for Recording<Run> {
    fn from(fetched: Result<Option<Run>, FileFault>) -> Self {
        match fetched {
            Ok(Some(run)) => Recording::Here(Box::new(run)),
            Ok(None) => Recording::Missing,
            Err(fault) => Recording::Failed(fault),
        }
    }
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The user's own run.
    Live,
    /// A run of the shelf.
    Opened,
    /// A recording.
    Recording(RecordedRun),
    /// Nothing yet: a recording with the user's settings is on its way.
    Loading,
    /// Nothing: it could not be fetched.
    Failed,
    /// Nothing: no run with these settings was recorded.
    Nothing,
}

/// Was this run made with these settings? Seeds may differ, and how often it was measured.
fn fits(recorded: &Experiment, draft: &Experiment) -> bool {
    let seeds_and_measurements = Experiment { seeds: draft.seeds.clone(), measure: draft.measure, ..recorded.clone() };
    seeds_and_measurements == *draft
}

/// The recorded run that could stand beside these settings.
pub fn wanted(draft: &Experiment) -> Option<RecordedRun> {
    let theme = WorldId::theme(draft.own_world).ok()?;
    let runs = Question::ALL.map(|question| RecordedRun { question, theme });
    runs.into_iter().find(|run| fits(&run.experiment(Vec::new()), draft))
}

/// What is drawn beside these settings, while there is no run of the user's own.
pub fn shown(draft: &Experiment, recordings: &[(RecordedRun, Recording)]) -> Shown {
    let Some(wanted) = wanted(draft) else { return Shown::Nothing };
    match recordings.iter().find(|(own, _)| *own == wanted).map(|(_, recording)| recording) {
        None | Some(Recording::Loading) => Shown::Loading,
        Some(Recording::Here(report)) if fits(&report.experiment, draft) => Shown::Recording(wanted),
        Some(Recording::Here(_) | Recording::Missing) => Shown::Nothing,
        Some(Recording::Failed(_)) => Shown::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::site_files::WhyNot;
    use hedgerow::facts::world::Theme;
    use hedgerow::judgement::experiment::{Arm, RewardHeads, RewardModelConfig};

    const fn about(question: Question) -> RecordedRun {
        RecordedRun { question, theme: Theme::Groups }
    }

    fn here(run: RecordedRun) -> Vec<(RecordedRun, Recording)> {
        let mut experiment = run.experiment((0..10).collect());
        experiment.measure.every = 20;
        let report = RunReport::empty(experiment, String::new(), String::new());
        vec![(run, Recording::Here(Box::new(report)))]
    }

    #[test]
    fn a_recording_stands_beside_its_own_settings_whatever_the_seeds() {
        for run in RecordedRun::all() {
            let mut draft = run.experiment(vec![3]);
            draft.measure.samples = 2;
            assert_eq!(shown(&draft, &here(run)), Shown::Recording(run));
        }
    }

    #[test]
    fn a_recording_stands_beside_no_other_settings() {
        let change = |change: fn(&mut Experiment)| {
            let mut draft = Question::Attribution.experiment(vec![0]);
            change(&mut draft);
            draft
        };
        for draft in [
            change(|draft| draft.rater.check_probability = 0.9),
            change(|draft| draft.rater.discomfort_any += 0.1),
            change(|draft| draft.arms = vec![Arm::Scalar]),
            change(|draft| draft.arms.push(Arm::Noise)),
            change(|draft| draft.arms.reverse()),
            change(|draft| draft.finetune.kl = 0.0),
            change(|draft| draft.finetune.updates = 50),
            change(|draft| draft.own_world = Some(WorldId::Own(7))),
            change(|draft| draft.reward_model = Some(RewardModelConfig { ratings: 9, heads: RewardHeads::Reasons })),
        ] {
            assert_eq!(shown(&draft, &here(about(Question::Attribution))), Shown::Nothing, "{draft:?}");
        }
        // Another question's file under this question's name.
        let wrong = vec![(about(Question::Retention), here(about(Question::Hedging)).remove(0).1)];
        assert_eq!(shown(&Question::Retention.experiment(vec![0]), &wrong), Shown::Nothing);
    }

    #[test]
    fn a_recording_that_is_not_here_is_not_shown() {
        let draft = Question::Retention.experiment(vec![0]);
        let with = |recording| shown(&draft, &[(about(Question::Retention), recording)]);
        assert_eq!(shown(&draft, &here(about(Question::Attribution))), Shown::Loading, "of another question");
        let elsewhere = RecordedRun { theme: Theme::Everyday, ..about(Question::Retention) };
        assert_eq!(shown(&draft, &here(elsewhere)), Shown::Loading, "of other worlds");
        assert_eq!(with(Recording::Loading), Shown::Loading);
        assert_eq!(with(Recording::Missing), Shown::Nothing);
        assert_eq!(with(Recording::Failed(FileFault { file: "a".into(), why: WhyNot::Status(404) })), Shown::Failed);
    }
}
