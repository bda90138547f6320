//! A class of thirty made-up students, right to the last digit, and every reason why a file is left out of it.

use hedgerow::documents::metrics::{Cell, Measurement, Slice, Tally};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::ratings::{Ratings, Verdict};
use hedgerow::documents::report::{RewardChange, RunReport};
use hedgerow::documents::statistics::{Estimate, estimate};
use hedgerow::facts::world::{Exposure, Topic};
use hedgerow::judgement::experiment::{Arm, Experiment};

use super::pool::{Pool, false_answers, pool};
use super::raters::{Raters, raters};
use super::read::read;
use super::table::{Dialect, POOLED, csv};
use super::{Fault, File, name, number};
use crate::model::codap::{QUANTITIES, of_class};
use crate::model::files::{Dropped, Fault as Unreadable};
use crate::model::prediction::{Expected, Knot, Prediction, SCHEMA, settings};
use crate::model::ratings::tests::{GOOD, card};
use crate::model::ratings::{fresh, pooled, with};
use crate::model::seeds::ends;
use crate::model::series::{Courses, Drawn};

const ANSWERS: u32 = 60;
const UPDATES: u32 = 20;

fn measured(update: u32, wrong: u32, hedged: u32) -> Measurement {
    let cell = Cell { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };
    let asserted = ANSWERS - hedged;
    let tally = Tally { answers: ANSWERS, asserted, truthful: asserted - wrong, hedged, ..Tally::default() };
    Measurement { update, cells: vec![(cell, tally)], probes: vec![], answers: vec![], facts: vec![] }
}

fn experiment(seeds: Vec<u64>) -> Experiment {
    let mut experiment = Experiment { seeds, ..Experiment::default() };
    experiment.finetune.updates = UPDATES;
    experiment
}

/// A run in which so many answers of each arm are false at the end, for each seed.
fn run(seeds: &[(u64, [u32; 2])], hedged: u32) -> RunReport {
    let experiment = experiment(seeds.iter().map(|(seed, _)| *seed).collect());
    let mut report = RunReport::empty(experiment, "CPU".into(), "0.1.0-a".into());
    let wrong = seeds.iter().flat_map(|(_, wrong)| wrong);
    for (replica, wrong) in report.replicas.iter_mut().zip(wrong) {
        replica.measurements = vec![measured(0, 3, 6), measured(10, 5, 6), measured(UPDATES, *wrong, hedged)];
    }
    report
}

fn prediction(id: &str, likely: f64) -> Prediction {
    let arm = |arm| Expected { arm, low: likely - 0.1, likely, high: likely + 0.1, course: None };
    Prediction {
        hedgerow_prediction: SCHEMA,
        id: id.into(),
        name: format!("fox {id}"),
        settings: settings(&experiment(vec![0])),
        late: false,
        expected: [Arm::Scalar, Arm::Structured].map(arm).to_vec(),
    }
}

fn file(name: &str, text: impl Into<Vec<u8>>) -> Dropped {
    Dropped { name: name.into(), bytes: text.into() }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

fn looked_at(files: Vec<Dropped>) -> Vec<File> {
    files.into_iter().flat_map(read).collect()
}

/// Thirty students, each with a seed of their own and a prediction in the run's file.
fn class() -> Vec<Dropped> {
    let student = |seed: u64| {
        let wrong = [(seed * 7 % 30) as u32, (seed % 4) as u32];
        let hedged = if seed.is_multiple_of(10) { 40 - wrong[0].min(10) } else { 6 };
        let run = json(&run(&[(seed, wrong.map(|wrong| wrong.min(ANSWERS - hedged)))], hedged));
        let prediction = json(&prediction(&seed.to_string(), (10 + 2 * seed) as f64 / 100.0));
        let with_prediction = format!("{{\"prediction\":{prediction},{}", &run[1..]);
        file(&format!("hedgerow-run ({seed}).json"), with_prediction)
    };
    (0..30).map(student).collect()
}

#[test]
fn a_class_of_thirty_is_right_to_the_last_digit() {
    let files = looked_at(class());
    let backwards: Vec<File> = files.iter().rev().cloned().collect();
    let (pool, other) = (pool(&files), pool(&backwards));
    assert_eq!(pool.run, other.run, "the order of the files makes no difference");
    assert_eq!(pool.left_out, []);
    assert_eq!((pool.sources.len(), pool.predictions.len()), (30, 30));
    let run = pool.run.as_ref().unwrap();
    // By hand: 7 k modulo 30 takes every value from 0 to 29 once. A quarter of 30, rounded down, is cut at either end;
    // 7 to 22 of 60 remain.
    let expected = (7..=22).map(|wrong| f64::from(wrong) / 60.0).sum::<f64>() / 16.0;
    let lines = Courses::default().lines(Drawn::Run(0, 0), run, POOLED);
    let scalar = lines.iter().find(|line| line.arm == Arm::Scalar).unwrap();
    assert_eq!(scalar.points.iter().map(|point| point.update).collect::<Vec<_>>(), [0, 10, UPDATES]);
    let Estimate { mean, interval, count } = scalar.points[2].estimate.unwrap();
    assert_eq!((mean, count), (expected, 30));
    // The interval is the core's.
    let shares: Vec<f64> = (0..30).map(|seed| f64::from(seed * 7 % 30) / 60.0).collect();
    assert_eq!(interval, estimate(&[shares]).unwrap().interval);
    assert_eq!(false_answers(run, Arm::Scalar), ((0..30).sum(), 30 * 60));
    let ends = ends(run, Arm::Scalar).unwrap();
    assert_eq!((ends.seeds, ends.hedgers), (30, 3), "three models hedge on half of the questions");
    // More than a fifth of 54 statements: 11 and more, of 0 to 29. Of the three hedgers, one has 10 and one 20.
    assert_eq!(ends.liars, 19 - 1);
    let histogram = pool.histogram(Arm::Scalar);
    assert_eq!(histogram.iter().map(|(predicted, _)| predicted).sum::<usize>(), 30);
    assert_eq!(histogram.map(|(_, came)| came), [6, 6, 6, 6, 6, 0, 0, 0, 0, 0]);
    assert_eq!(histogram[1].0, 5, "0.10, 0.12 … 0.18");
    let (held, pairs) = pool.held();
    assert_eq!(pairs, 30 * 60);
    assert!(held > 0 && held < pairs);
    let scores = pool.scores();
    assert!(scores.windows(2).all(|pair| pair[0].1.unwrap() <= pair[1].1.unwrap()), "the best first");
}

/// The same as `file`, left out of a class for a reason.
fn fault_of(bad: Dropped) -> Option<Fault> {
    let files = looked_at(class().into_iter().chain([bad]).collect());
    let Pool { left_out, sources, predictions, .. } = pool(&files);
    assert_eq!((sources.len(), predictions.len()), (30, 30), "nothing else changes");
    assert!(left_out.iter().all(|(place, _)| *place == 30));
    left_out.into_iter().next().map(|(_, fault)| fault)
}

#[test]
fn every_file_that_does_not_belong_has_its_reason() {
    let good = run(&[(40, [1, 1])], 6);
    let mut unfinished = good.clone();
    for replica in &mut unfinished.replicas {
        replica.measurements.pop();
    }
    let mut changed = good.clone();
    let (rater, arms) = (changed.experiment.rater, vec![Arm::Noise, Arm::Noise]);
    changed.changes = vec![RewardChange { after: 3, rater, arms, person: None }];
    let mut other_settings = good.clone();
    other_settings.experiment.finetune.kl = 0.2;
    other_settings.experiment.rater.discomfort_value = 1.0;
    let mut other_build = good.clone();
    other_build.build = "0.1.0-b".into();
    let mut late = prediction("late", 0.3);
    late.late = true;
    for (bad, expected) in [
        (file("a", ""), Fault::Unreadable(Unreadable::Empty)),
        (file("k", json(&unfinished)), Fault::Unfinished { done: 10, updates: UPDATES }),
        (file("l", json(&changed)), Fault::RewardChanged),
        (file("m", json(&late)), Fault::Late),
        (
            file("n", json(&other_settings)),
            Fault::OtherSettings { paths: vec!["rater.discomfort_value", "finetune.kl"] },
        ),
        (file("o", json(&other_build)), Fault::OtherBuild { build: "0.1.0-b".into() }),
        (file("p", class()[4].bytes.clone()), Fault::Copy { of: 4 }),
        (file("q", json(&prediction("7", 0.24))), Fault::Copy { of: 7 }),
        (file("r", json(&run(&[(5, [2, 2])], 6))), Fault::SeedsThere { seeds: vec![5], of: 5 }),
    ] {
        let name = bad.name.clone();
        assert_eq!(fault_of(bad), Some(expected), "{name}");
    }
}

#[test]
fn a_file_with_a_byte_order_mark_is_read_and_a_run_of_many_seeds_counts_where_it_is_new() {
    let mut files = class();
    files.push(file("many", format!("\u{feff}{}", json(&run(&[(3, [9, 9]), (50, [1, 1]), (51, [2, 2])], 6)))));
    let pool = pool(&looked_at(files));
    assert_eq!(pool.sources.len(), 32);
    assert_eq!(pool.left_out, [(30, Fault::SeedsThere { seeds: vec![3], of: 3 })]);
    assert_eq!(pool.sources[30..], [30, 30]);
}

#[test]
fn what_most_files_have_is_pooled_and_predictions_alone_are_a_class_too() {
    let mut files = class();
    files.truncate(2);
    let mut other = run(&[(40, [1, 1])], 6);
    other.experiment.finetune.kl = 0.2;
    files.insert(0, file("first", json(&other)));
    let left_out = pool(&looked_at(files)).left_out;
    assert_eq!(left_out, [(0, Fault::OtherSettings { paths: vec!["finetune.kl"] })]);

    let alone = pool(&looked_at((0..5).map(|id| file("p", json(&prediction(&id.to_string(), 0.5)))).collect()));
    assert_eq!((alone.run.is_none(), alone.predictions.len()), (true, 5));
    assert_eq!(alone.arms(), [Arm::Scalar, Arm::Structured]);
    assert_eq!(alone.histogram(Arm::Scalar)[5], (5, 0));
    assert_eq!(alone.scores()[0].1, None, "without a result nobody has a score");
    assert_eq!(pool(&[]), Pool::default());
}

#[test]
fn rows_are_written_for_two_kinds_of_spreadsheet() {
    let files = looked_at(class());
    let pool = pool(&files);
    let names = |place: usize| if place == 1 { "=1+1; \"x\"".to_owned() } else { format!("No. {place}") };
    let comma = csv(&pool, &Raters::default(), names, Dialect::Comma);
    let semicolon = csv(&pool, &Raters::default(), names, Dialect::Semicolon);
    assert!(comma.starts_with("who,what,arm,seed,update,metric,slice,value,count,engine,build\r\n"));
    assert_eq!(comma.lines().count(), semicolon.lines().count());
    // 7 · 2 = 14 of 60 answers of the third student.
    let share = 14.0 / 60.0;
    assert!(comma.contains(&format!("No. 2,measured,scalar,2,20,incorrect,uncomfortable,{share},60,CPU,0.1.0-a\r\n")));
    let german = share.to_string().replace('.', ",");
    assert!(
        semicolon.contains(&format!("No. 2;measured;scalar;2;20;incorrect;uncomfortable;{german};60;CPU;0.1.0-a\r\n"))
    );
    // A name that a spreadsheet would take for a formula.
    assert!(
        comma.contains("\"'=1+1; \"\"x\"\"\",predicted,scalar,,,incorrect,uncomfortable,0.12,,,\r\n"),
        "{}",
        &comma[comma.len() - 900..]
    );
    let mean = (7..=22).map(|wrong| f64::from(wrong) / 60.0).sum::<f64>() / 16.0;
    assert!(comma.contains(&format!(",pooled,scalar,,20,incorrect,uncomfortable,{mean},30,,\r\n")));
}

/// So many ratings of a deck of twelve: all good, but for those at these places.
fn ratings(id: &str, given: usize, bad: &[usize]) -> Ratings {
    let mut own = fresh(id.into(), 0, false, (0..12).map(card).collect());
    while own.rated.len() < given {
        let good = !bad.contains(&own.rated.len());
        own = with(own, Verdict { good, ..GOOD });
    }
    own
}

#[test]
fn the_ratings_of_a_class_are_those_of_several_people() {
    let old = Ratings { ratings_schema: 1, id: String::new(), ..ratings("", 3, &[1]) };
    let both = pooled([ratings("e", 5, &[]), ratings("f", 5, &[])]).unwrap();
    let files = looked_at(vec![
        file("ann", json(&ratings("a", 6, &[0]))),
        // Saved earlier by the same person.
        file("ann, early", json(&ratings("a", 2, &[0]))),
        // Somebody else who said the same.
        file("ben", json(&ratings("b", 6, &[0]))),
        file("old", json(&old)),
        file("old (1)", json(&old)),
        file("none", json(&ratings("n", 0, &[]))),
        file("both", json(&both)),
        file("a run", json(&run(&[(40, [1, 1])], 6))),
    ]);
    let all = raters(&files);
    assert_eq!(all.people.iter().map(|own| (own.file, own.rated)).collect::<Vec<_>>(), [(0, 6), (2, 6), (3, 3)]);
    assert_eq!(all.left_out, [(1, Fault::Copy { of: 0 }), (4, Fault::Copy { of: 3 })]);
    // Three people on the first three cards, two on three more. The first card has two thumbs down and one up, the second
    // one down and two up: of 15 thumbs 3 are down, observed 4, expected 2 · 3 · 12 / 14.
    assert_eq!(all.agreement.cards, 6);
    assert!((all.agreement.alpha[0].unwrap() - (1.0 - 4.0 / (72.0 / 14.0))).abs() < 1e-12);
    assert_eq!(all.agreement.alpha[1], None, "nobody said that a fact is wrong");
    assert_eq!(all.together.len(), 3);
    assert_eq!(all.together[0].mean.count, 3);
    let everything = pooled([ratings("a", 6, &[0]), ratings("b", 6, &[0]), old]).unwrap();
    assert_eq!(all.person, everything.learn().map(|learned| learned.person));
    // The runs know nothing of the ratings, and say why the other files are none of anybody's.
    let pool = pool(&files);
    assert_eq!((pool.left_out, pool.sources), (vec![(5, Fault::NothingRated), (6, Fault::SeveralPeople)], vec![7]));

    let table = csv(&Pool::default(), &all, |place| files[place].name.clone(), Dialect::Comma);
    let rows = |what: &str| table.lines().filter(|line| line.contains(what)).collect::<Vec<_>>();
    assert_eq!(rows(",rated,").len(), 9);
    assert!(rows("ben,rated_low,,0,,rater.discomfort_value,,")[0].ends_with(",6,,"));
    assert_eq!((rows(",pooled,").len(), rows(",apart,").len()), (3, 3));
    assert!(rows(",agreement,")[0].starts_with(",agreement,,,,good,,0.22"), "{table}");
    assert_eq!(raters(&[]), Raters::default());
}

#[test]
fn drawn_lines_are_scored_over_the_class_and_written_with_their_updates() {
    let mut files = class();
    let mut drawn = prediction("drawn", 0.25);
    let line = [0.05, 0.06, 0.07, 0.08, 0.1, 0.15, 0.2];
    drawn.expected[0].course =
        Some(line.map(|likely| Knot { low: (likely - 0.1_f64).max(0.0), likely, high: likely + 0.1 }));
    files.push(file("drawn", json(&drawn)));
    let pool = pool(&looked_at(files));
    assert!(pool.has_courses());
    assert_eq!((pool.predictions.len(), pool.course_score(0)), (31, None), "who drew none has no score of it");
    // By hand: every model has 3 and 5 false answers of 60 at updates 0 and 10, and its own at 20; knots are at 2.5, 5 … 20.
    let came = |last: f64, knot: usize| {
        let at = 2.5 * knot as f64;
        if at <= 10.0 { (3.0 + 2.0 * at / 10.0) / 60.0 } else { (5.0 + (last - 5.0) * (at - 10.0) / 10.0) / 60.0 }
    };
    let score = |likely: f64, came: f64| {
        let [low, high] = [(likely - 0.1).max(0.0), likely + 0.1];
        let beyond = (low - came).max(0.0) + (came - high).max(0.0);
        (0.5 * (came - likely).abs() + 0.1 * (high - low) + beyond) / 1.5
    };
    let of_model = |last: f64| {
        let at = |knot: usize| score(if knot == 8 { 0.25 } else { line[knot - 1] }, came(last, knot));
        (1..=8).map(at).sum::<f64>() / 8.0
    };
    let by_hand = (0..30).map(|seed: u64| of_model((seed * 7 % 30) as f64)).sum::<f64>() / 30.0;
    let own = pool.course_score(30).unwrap();
    assert!((own - by_hand).abs() < 1e-12, "{own} {by_hand}");
    assert!(own < pool.ignorant_course().unwrap());
    let rows = csv(&pool, &Raters::default(), |_| "x".into(), Dialect::Comma);
    assert!(rows.contains("x,predicted,scalar,,2.5,incorrect,uncomfortable,0.05,,,\r\n"), "{rows}");
    assert!(rows.contains("x,predicted_low,scalar,,17.5,incorrect,uncomfortable,0.1,,,\r\n"));
}

#[test]
fn cases_are_whose_they_are_with_what_each_predicted_and_predictions_alone_stand_below() {
    let mut files = class();
    files.push(file("late", json(&prediction("alone", 0.5))));
    let pool = pool(&looked_at(files));
    let cases = of_class(&pool, |place| format!("No. {place}"));
    // Thirty students, two arms, three measurements; and one who sent a prediction alone.
    assert_eq!(cases.len(), 30 * 2 * 3 + 2);
    let case = cases
        .iter()
        .find(|case| (case.seed, case.arm, case.update) == (Some(2), Arm::Scalar, Some(UPDATES)))
        .expect("the last measurement of the third student");
    assert_eq!((case.who.as_str(), case.predicted.map(|expected| expected.likely)), ("No. 2", Some(0.14)));
    let value = |wanted: Quantity| QUANTITIES.into_iter().position(|own| own == wanted).and_then(|at| case.values[at]);
    assert_eq!(value(POOLED), Some(14.0 / 60.0));
    assert_eq!(value(QUANTITIES[0]), None, "after the last update there is no rating");
    let alone = &cases[30 * 2 * 3..];
    assert!(alone.iter().all(|case| case.who == "No. 30" && case.seed.is_none() && case.update.is_none()));
    assert_eq!(alone.iter().map(|case| case.arm).collect::<Vec<_>>(), [Arm::Scalar, Arm::Structured]);
}

#[test]
fn numbers_stand_for_names_in_an_order_that_says_nothing() {
    let files = looked_at(class());
    let mut numbers: Vec<usize> = (0..30).map(|place| number(&files, place)).collect();
    assert!(numbers.windows(2).any(|pair| pair[0] > pair[1]), "{numbers:?}");
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    assert_eq!(name(&files[3]), "fox 3");
    let nobody = File { name: "a.json".into(), content: Err(Fault::Unreadable(Unreadable::Empty)) };
    assert_eq!(name(&nobody), "a.json");
    assert_eq!(Quantity::Rate(crate::model::prediction::METRIC, Slice::Uncomfortable), POOLED);
}
