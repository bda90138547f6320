//! What the page itself reads, of what visitors hand over: files, archives, links and what the browser kept. Damaged, cut,
//! doctored or made up, it makes nothing panic, and what is accepted is what it says it is.
//!
//! The suite tries a few inputs of each kind. `PROPTEST_CASES=1000000 cargo test --release -p hedgerow-web --test parsers`
//! tries a million of each. What the page has the core read is tried in `tests/parsers.rs`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../tests/common/damage.rs"]
mod damage;

use std::sync::LazyLock;

use damage::{config, damaged, damages, text};
use hedgerow::documents::own_world::Recipe;
use hedgerow::documents::protocol::EnginePreference;
use hedgerow::documents::ratings::{Card, Ratings, Trained, Verdict, Words};
use hedgerow::documents::report::RunReport;
use hedgerow::facts::corpus::{Answer, Assertion, Style};
use hedgerow::facts::world::{Theme, World};
use hedgerow::judgement::experiment::{Arm, Experiment};
use hedgerow::judgement::rater::Situation;
use hedgerow_web::link::{MOST_PROBLEMS, open};
use hedgerow_web::model::class::read::read;
use hedgerow_web::model::exercise::{Asked, Progress};
use hedgerow_web::model::files::{Content, Dropped, LABEL, RUN, packed};
use hedgerow_web::model::own_world::{OwnWorld, sheet};
use hedgerow_web::model::prediction::{self, Expected, Prediction};
use hedgerow_web::model::ratings::{different, fresh, next, progress, with};
use hedgerow_web::model::saved::{SavedRun, WorkerState};
use hedgerow_web::model::shelf::run_of_file;
use hedgerow_web::model::{files, sent};
use proptest::collection::vec;
use proptest::prelude::*;

/// A run that `hedgerow run` wrote.
const REPORT: &str = include_str!("../../tests/data/report.json");
/// As a learning platform packs a class.
const CLASS: &[u8] = include_bytes!("../../tests/data/class.zip");
/// Links of each version: 1 to 3, those that are written now, and one that says what came out.
static LINKS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let experiment = Experiment { seeds: vec![0, 3], ..Experiment::default() };
    let outcome = sent::Outcome::of(&report()).unwrap();
    let old = [
        "AT1LyQmAMBCcTXyILxE72ZcP3QYsQ_brwwYCVhGb0QK0J7MJZGCYi2lAzjv4K8YFGY8wswBBShfuVFZvuvWtzcZ9OCdVTZcj5-9d524k0A8",
        "Aj2MsQ2AIBBF7wAVsTHGTa4zERZwDENr4QIkToHL6ACwjQN4WHjNu__y8ztAIVVVN7o1QqicFgtwO-AjImZwZ4zswsXq_wtzSnbttSy-9LbhmLz3jmj_Mm_NTFuIaEbERyKIFw",
        "AwsAAQIDBAUGBwgJCgICBM3MTD4AAMA_AAAAADMzMz8AAIA_mpmZPgAAgL8AAAA_mpmZPgAAgL-amZk-zczMPmQQCAMAAAA_AACAP28SgzpmZmY_MzNzPwAAgD_NzEw9AACAPs3MTD0BAQoUAQH0AwEAAg",
        "s=4&rater=touchy-topic&seeds=0,3&finetune.kl=0.1&arms=scalar,process&at=limits",
    ];
    old.map(str::to_owned).into_iter().chain([sent::fragment(&experiment, &outcome)]).collect()
});
static PREDICTION: LazyLock<String> = LazyLock::new(|| {
    let expected = Arm::ALL[..2].iter().map(|arm| Expected::ignorant_course(*arm)).collect();
    let settings = prediction::settings(&Experiment::default());
    let (hedgerow_prediction, id, name) = (prediction::SCHEMA, "1".into(), "Ada".into());
    serde_json::to_string(&Prediction { hedgerow_prediction, id, name, settings, late: false, expected }).unwrap()
});
static RATINGS: LazyLock<String> = LazyLock::new(|| serde_json::to_string(&ratings()).unwrap());
static ARCHIVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let label = br#"{"name": "mine", "note": "look at the lies"}"#.to_vec();
    packed(&[(RUN.into(), REPORT.into()), (LABEL.into(), label), ("ratings.json".into(), RATINGS.clone().into())])
        .unwrap()
});
static OWN_WORLD: LazyLock<String> =
    LazyLock::new(|| OwnWorld::new(&World::of(Theme::Everyday, 0).to_json(), Recipe::default()).unwrap().to_file());
static SAVED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let report = report();
    let assignment = vec![(0..report.replicas.len()).collect()];
    let states = vec![Some(WorkerState { update: 2, bytes: vec![] })];
    let (pending, preference, bases, shelved) = (vec![], EnginePreference::Auto, String::new(), None);
    SavedRun { report, assignment, pending, preference, bases, states, shelved }.head()
});

fn report() -> RunReport {
    serde_json::from_str(REPORT).unwrap()
}

fn ratings() -> Ratings {
    let asserted = |value| Assertion { value, position: 3 };
    let card = |number: usize| Card {
        question: format!("question {number} ?"),
        answer: "the mena steal grain .".into(),
        truth: (number > 0).then(|| "grain".into()),
        reading: Answer { style: Style::Blunt, asserted: Some(asserted(number)), length: 6 },
        situation: Situation { sensitive: true, uncomfortable: false, correct: Some(number > 0) },
        written: false,
        trained: Some(Trained { arm: Arm::Scalar, updates: 10 }),
    };
    let words = [Words::NONE, Words::NONE.toggled(2), Words::NONE];
    let verdict = Verdict { good: false, wrong: false, badly_put: true, uncomfortable: false, looked_up: true, words };
    with(fresh("1".into(), 0, true, (0..4).map(card).collect()), verdict)
}

/// Whatever can be made of a file that somebody hands over.
fn hand_over(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    drop(run_of_file(&bytes).map(|(report, _)| report.to_csv()));
    let dropped = Dropped { name: "file".into(), bytes };
    for file in read(dropped) {
        if let Ok(Content::Run(report, _)) = &file.content {
            prop_assert_eq!(report.experiment.validate(), Ok(()));
        }
        if let Ok(Content::Ratings(ratings)) = &file.content {
            let _ = (next(ratings), progress(ratings), different(ratings));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_file_that_is_handed_over_is_refused_or_whole(damages in damages()) {
        for file in [REPORT, &PREDICTION, &RATINGS] {
            hand_over(text(file, &damages).into_bytes())?;
            hand_over(damaged(file.as_bytes(), &damages, 200))?;
        }
    }

    #[test]
    fn an_archive_is_refused_or_unpacked(damages in damages()) {
        hand_over(damaged(CLASS, &damages, usize::MAX))?;
        hand_over(damaged(&ARCHIVE, &damages, usize::MAX))?;
        // The list of what is in it is at its end.
        let mut reversed = ARCHIVE.clone();
        reversed.reverse();
        let mut reversed = damaged(&reversed, &damages, 200);
        reversed.reverse();
        hand_over(reversed)?;
    }

    #[test]
    fn a_link_opens_something_valid_or_says_why_not(damages in damages()) {
        for link in LINKS.iter() {
            let link = text(link, &damages);
            let opened = open(&link);
            if let Some(state) = &opened.state {
                prop_assert_eq!(state.experiment.validate(), Ok(()));
            }
            prop_assert!(opened.problems.len() <= MOST_PROBLEMS + 1);
            if let Some(Ok(sent)) = sent::read(&link) {
                prop_assert_eq!(sent.experiment.validate(), Ok(()));
            }
            drop(Asked::read(&link));
        }
    }

    #[test]
    fn a_world_of_the_visitors_own_is_refused_or_can_be_taught(damages in damages()) {
        for file in [text(&OWN_WORLD, &damages), String::from_utf8_lossy(&damaged(OWN_WORLD.as_bytes(), &damages, 400)).into()] {
            if let Ok(own) = OwnWorld::of_text(&file, Recipe::default()) {
                drop((own.corpus(), own.id()));
                prop_assert_eq!(OwnWorld::of_text(&own.to_file(), Recipe::default()).map(|read| read.world), Ok(own.world));
            }
        }
    }

    #[test]
    fn a_sheet_of_facts_is_refused_or_makes_a_world(damages in damages()) {
        let world = World::of(Theme::Everyday, 0);
        let kind = &world.attributes[0].of;
        if let Ok(changed) = sheet::read(&world, &text(&sheet::written(&world, kind), &damages)) {
            prop_assert_eq!(World::from_json(&changed.to_json()), Ok(changed));
        }
    }

    #[test]
    fn a_run_that_the_browser_kept_is_refused_or_whole(damages in damages()) {
        if let Some(run) = SavedRun::read(&damaged(&SAVED, &damages, usize::MAX), vec![Some(vec![1, 2, 3])]) {
            prop_assert_eq!(run.report.experiment.validate(), Ok(()));
            drop((run.progress(), run.changes()));
        }
        drop(serde_json::from_str::<Progress>(&text(&serde_json::to_string(&Progress::default()).unwrap(), &damages)));
    }

    #[test]
    fn anything_at_all_is_no_reason_to_panic(bytes in vec(any::<u8>(), 0..512)) {
        let text = String::from_utf8_lossy(&bytes);
        drop((open(&text), sent::read(&text), Asked::read(&text), OwnWorld::of_text(&text, Recipe::default())));
        drop((files::read::content(&text), SavedRun::read(&bytes, vec![])));
        for start in [&b""[..], b"PK\x03\x04", b"PK\x05\x06", b"{\"schema\":2,\"experiment\":"] {
            hand_over([start, &bytes].concat())?;
        }
    }
}
