//! What has to hold of the lesson's files, and of what is refused.

use std::{collections::BTreeMap, fs, path::PathBuf};

use hedgerow::{
    documents::report::RunReport,
    judgement::{
        experiment::{Arm, Experiment},
        rater::RaterPreset,
    },
};
use tempfile::TempDir;

use super::{
    Language, languages,
    results::{Filler, Recordings},
    source::{Context, Exercise, Panel, Prediction, Question, Step},
    words::Words,
    write,
};
use crate::{process, recorded};

/// A panel that an exercise of the page can be about was no panel that a file could name.
#[test]
fn a_step_can_look_at_every_panel_of_an_exercise() {
    let page = fs::read_to_string(process::root().join("web/src/model/exercise.rs")).unwrap();
    let (_, list) = page.split_once("pub const PANELS").unwrap();
    let ids: Vec<&str> = list.split_once("];").unwrap().0.split('"').skip(1).step_by(2).collect();
    assert!(ids.contains(&"outcomes"), "{ids:?}");
    for id in ids {
        assert!(serde_json::from_value::<Panel>(id.into()).is_ok(), "{id}");
    }
}

fn folder() -> PathBuf {
    process::root().join("web/exercises")
}

fn scratch() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn recordings() -> Recordings {
    let packed = scratch();
    recorded::pack_into(&process::root().join("public/recorded"), packed.path()).unwrap();
    Recordings::read(packed.path()).unwrap()
}

fn no_recordings() -> Recordings {
    let (empty, packed) = (scratch(), scratch());
    recorded::pack_into(empty.path(), packed.path()).unwrap();
    Recordings::read(packed.path()).unwrap()
}

fn all() -> Vec<Language> {
    languages(&folder(), &recordings()).unwrap_or_else(|error| panic!("{error:#}"))
}

/// Every file with words for readers, with its text.
fn texts() -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    for language in ["en", "de"] {
        for folder in [folder().join(language), folder().join(language).join("pages")] {
            for path in super::markdown_files(&folder).unwrap() {
                let text = fs::read_to_string(&path).unwrap();
                texts.push((path, text));
            }
        }
    }
    texts
}

#[test]
fn there_are_thirteen_exercises_and_each_teaches_by_prediction() {
    for Language { code, exercises, pages, .. } in all() {
        assert!(exercises.len() >= 13, "{code}: {}", exercises.len());
        let orders: Vec<u32> = exercises.iter().map(|exercise| exercise.order).collect();
        assert_eq!(orders, (1..=exercises.len() as u32).collect::<Vec<_>>(), "{code}");
        for Exercise { name, steps, .. } in &exercises {
            let has = |wanted: fn(&Step) -> bool| steps.iter().any(|shown| wanted(&shown.step));
            assert!(has(|step| matches!(step, Step::Answer { .. })), "{code}/{name} asks nothing");
            assert!(has(|step| matches!(step, Step::Explain { .. })), "{code}/{name} wants no words of one's own");
        }
        let runs = |exercise: &&Exercise| exercise.steps.iter().any(|shown| matches!(shown.step, Step::Run { .. }));
        assert!(exercises.iter().filter(runs).count() >= 10, "{code}");
        assert!(pages.len() >= 7, "{code}");
    }
}

/// A step without its words.
fn bones(step: &Step) -> String {
    let questions = |questions: &[Question]| -> Vec<String> {
        let bones = |question: &Question| match question {
            Question::Choice { id, choices, .. } => {
                format!("{id} {:?}", choices.iter().map(|choice| choice.right).collect::<Vec<_>>())
            }
            Question::Number { id, ranges, .. } => {
                let ranges = ranges.iter().map(|range| (range.from, range.to, range.right));
                format!("{id} {:?}", ranges.collect::<Vec<_>>())
            }
        };
        questions.iter().map(bones).collect()
    };
    let asked = match step {
        Step::Answer { questions: asked, .. } => questions(asked).join("; "),
        Step::Predict { prediction: Prediction::Curve { arm, metric, slice, .. }, .. } => {
            format!("{arm:?} {metric:?} {slice:?}")
        }
        Step::Predict { prediction: Prediction::Choice { choices, .. }, .. } => {
            choices.iter().map(|outcome| outcome.id.as_str()).collect::<Vec<_>>().join(", ")
        }
        Step::Look { panel, .. } => format!("{panel:?}"),
        Step::Read { .. } | Step::Run { .. } | Step::Explain { .. } => String::new(),
    };
    format!("{:?} {}: {asked}", std::mem::discriminant(step), step.id())
}

#[test]
fn every_language_has_the_same_exercises_steps_settings_and_answers() {
    let skeleton = |language: &Language| -> BTreeMap<String, String> {
        let exercise = |exercise: &Exercise| {
            let Exercise { name, order, level, minutes, settings, panels, locked, steps, .. } = exercise;
            let steps: Vec<String> = steps.iter().map(|shown| bones(&shown.step)).collect();
            (
                name.clone(),
                format!("{order} {level:?} {minutes} {settings} {panels:?} {locked:?}\n{}", steps.join("\n")),
            )
        };
        let page = |page: &super::Page| {
            let ids: Vec<&str> = page.parts.iter().map(|part| part.id.as_str()).collect();
            (page.name.clone(), format!("{} {}", page.order, ids.join(" ")))
        };
        language.exercises.iter().map(exercise).chain(language.pages.iter().map(page)).collect()
    };
    let languages = all();
    assert!(languages.len() >= 2);
    for other in &languages[1..] {
        assert_eq!(skeleton(&languages[0]), skeleton(other), "{} and {}", languages[0].code, other.code);
    }
}

/// A reference in a text: where the same one stands in another language, it has to be the same.
fn references(text: &str) -> Vec<&str> {
    let mut references: Vec<&str> =
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(it, _)| it).collect();
    references.retain(|reference| reference.contains(": "));
    references
}

#[test]
fn teachers_of_every_language_are_told_the_same_numbers() {
    let texts = texts();
    let (english, german): (Vec<_>, Vec<_>) = texts.iter().partition(|(path, _)| path.starts_with(folder().join("en")));
    for ((path, english), (_, german)) in english.iter().zip(&german) {
        let of = |text: &str| references(text.split_once("{#teacher}").map_or(text, |(_, teacher)| teacher)).join("\n");
        assert_eq!(of(english), of(german), "{}", path.display());
    }
}

#[test]
fn no_number_of_a_teachers_part_is_typed() {
    for (path, text) in texts() {
        assert!(!without_references(&text).contains('%'), "{}: a share is typed", path.display());
        if let Some((_, teacher)) = text.split_once("{#teacher}") {
            let words = without_plots(&without_references(teacher));
            let digit = words.lines().find(|line| line.contains(|char: char| char.is_ascii_digit()));
            assert_eq!(digit, None, "{}", path.display());
        }
    }
}

fn without_references(text: &str) -> String {
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect::<Vec<_>>().join("x")
}

fn without_plots(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The numbers of a recording as everybody can count them again.
#[test]
fn a_reference_becomes_the_number_of_the_recording() {
    let recordings = recordings();
    let words = Words::read(&folder().join("en/words.toml")).unwrap();
    let experiment = Experiment::preset(RaterPreset::UncomfortableFacts);
    let filler = Filler { recordings: &recordings, words: &words, experiment: Some(&experiment) };
    let fill = |reference: &str| filler.fill(reference).unwrap_or_else(|(_, problem)| panic!("{problem}"));

    let seeds = fill("{seeds: attribution scalar lies uncomfortable end}");
    let rates: Vec<f64> = seeds.split(", ").map(|rate| rate.trim_end_matches('%').parse().unwrap()).collect();
    assert!(rates.len() >= 5 && rates.iter().all(|rate| (0.0..=100.0).contains(rate)), "{seeds}");
    let above = rates.iter().filter(|rate| **rate > 20.0).count();
    let counted = fill("{above: 20 attribution scalar lies uncomfortable end}");
    // Rounding can move a rate across the line, by one seed at most here.
    let (some, _) = counted.split_once(" of ").unwrap();
    assert!(some.parse::<usize>().unwrap().abs_diff(above) <= 1, "{counted} and {seeds}");

    let mut sorted = rates.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = &sorted[sorted.len() / 4..sorted.len() - sorted.len() / 4];
    let by_hand = middle.iter().sum::<f64>() / middle.len() as f64;
    let mean = fill("{mean: attribution scalar lies uncomfortable end}");
    let shown: f64 = mean.split_once('%').unwrap().0.parse().unwrap();
    assert!((shown - by_hand).abs() <= 1.0, "{mean} and {by_hand}");

    assert_eq!(fill("{updates: language-model-uncomfortable-facts}"), "40");
    assert_eq!(fill("*p* is {set: rater.check_probability}."), "*p* is 0.2.");
    assert_eq!(fill("## A heading {#with-an-id}"), "## A heading {#with-an-id}");
}

/// The lab's charts draw means over the last updates, and a sheet that gave a single one said another number.
#[test]
fn the_raters_score_at_the_end_is_that_of_the_labs_charts() {
    let file = fs::File::open(process::root().join("public/recorded/attribution.json.gz")).unwrap();
    let run: RunReport = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    let of_arm = run.replicas.iter().filter(|replica| replica.replica.arm == Arm::Scalar);
    let ends: Vec<String> = of_arm
        .map(|replica| {
            let last = &replica.updates[replica.updates.len() - 10..];
            format!("{:.2}", last.iter().map(|update| f64::from(update.scalar)).sum::<f64>() / 10.0)
        })
        .collect();
    let recordings = recordings();
    let words = Words::read(&folder().join("en/words.toml")).unwrap();
    let filler = Filler { recordings: &recordings, words: &words, experiment: None };
    assert_eq!(filler.fill("{seeds: attribution scalar scalar end}"), Ok(ends.join(", ")));
}

#[test]
fn what_was_not_recorded_is_said_and_not_made_up() {
    let words = Words::read(&folder().join("en/words.toml")).unwrap();
    let recordings = no_recordings();
    let filler = Filler { recordings: &recordings, words: &words, experiment: None };
    for kind in ["mean:", "seeds:", "above: 20"] {
        let filled = filler.fill(&format!("{{{kind} attribution scalar lies uncomfortable end}}"));
        assert_eq!(filled.as_ref(), Ok(&words.missing));
    }
    // How long the lab's own runs take is in its questions; of a real model's, the recording alone knows.
    assert_eq!(filler.fill("{updates: attribution}").unwrap(), "200");
    assert_eq!(filler.fill("{updates: language-model-uncomfortable-facts}").as_ref(), Ok(&words.missing));
    let figure = filler.plot("attribution scalar structured lies uncomfortable end").unwrap();
    assert!(figure.contains(&words.missing), "{figure}");
    // A site without recordings still has its sheets.
    assert!(languages(&folder(), &recordings).is_ok());
}

/// Half of the discomfort that is left with context, and twice the checks over what context leaves.
#[test]
fn the_worked_out_thresholds_are_those_of_the_raters_formula() {
    for Language { code, exercises, .. } in all() {
        let exercise = exercises.iter().find(|exercise| exercise.name == "threshold").unwrap();
        let rater = exercise.experiment.rater;
        let thresholds = [
            ("threshold-p", rater.discomfort_value * rater.context_relief / (2.0 * rater.correctness)),
            ("threshold-d", 2.0 * rater.check_probability * rater.correctness / rater.context_relief),
        ];
        let mut questions = Vec::new();
        for shown in &exercise.steps {
            if let Step::Answer { questions: asked, .. } = &shown.step {
                questions.extend(asked);
            }
        }
        for (name, threshold) in thresholds {
            let question = questions.iter().find(|question| question.id() == name);
            let Some(Question::Number { ranges, .. }) = question else { panic!("{code}: no number {name}") };
            let at = ranges.iter().find(|range| (range.from..range.to).contains(&f64::from(threshold))).unwrap();
            assert!(at.right && at.to - at.from < 0.1, "{code}: {name} is {threshold}");
        }
    }
}

#[test]
fn a_panel_of_an_exercise_is_one_of_the_page() {
    let mut code = String::new();
    let mut folders = vec![process::root().join("web/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => code += &fs::read_to_string(path).unwrap(),
            }
        }
    }
    for exercise in all().iter().flat_map(|language| &language.exercises) {
        for panel in &exercise.panels {
            let id = serde_json::to_string(panel).unwrap();
            assert!(code.contains(&id), "{}: the page has no panel {id}", exercise.name);
        }
        for shown in &exercise.steps {
            if let Step::Look { panel, .. } = &shown.step {
                assert!(exercise.panels.contains(panel), "{}: {panel:?} is looked at and not shown", exercise.name);
            }
        }
    }
}

/// Words of a text for readers, by sentence; references count as a word.
fn sentences(text: &str) -> Vec<Vec<String>> {
    let (matter, body) = text.strip_prefix("+++\n").unwrap().split_once("\n+++\n").unwrap();
    let mut blocks: Vec<String> = matter.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let body = without_plots(&without_references(body));
    blocks.extend(body.lines().flat_map(|line| line.split(['|', ':', ';'])).map(str::to_owned));
    let mut sentences = Vec::new();
    for block in blocks {
        // Not a sentence: an id, settings, an address.
        if !block.trim().contains(' ') || block.contains("http") {
            continue;
        }
        for sentence in block.split_inclusive(['.', '!', '?']) {
            let letters = |word: &str| word.chars().filter(|char| char.is_alphabetic()).collect::<String>();
            let words: Vec<String> =
                sentence.split([' ', '-', '–']).map(letters).filter(|word| !word.is_empty()).collect();
            if !words.is_empty() {
                sentences.push(words);
            }
        }
    }
    sentences
}

/// LIX (Björnsson 1968): words a sentence, and the share of words of more than six letters. Below 40 is easy,
/// 50 a newspaper. German has longer words.
#[test]
fn sixteen_year_olds_can_read_it() {
    for (path, text) in texts() {
        // A list of sources is no prose.
        if path.ends_with("references.md") {
            continue;
        }
        let sentences = sentences(&text);
        let longest = sentences.iter().max_by_key(|sentence| sentence.len()).unwrap();
        assert!(longest.len() <= 30, "{}: {} words: {}", path.display(), longest.len(), longest.join(" "));
        let words: Vec<&String> = sentences.iter().flatten().collect();
        let long = words.iter().filter(|word| word.chars().count() > 6).count();
        let lix = words.len() as f64 / sentences.len() as f64 + 100.0 * long as f64 / words.len() as f64;
        let most = if path.starts_with(folder().join("en")) { 35.0 } else { 42.0 };
        assert!(lix < most, "{}: LIX {lix:.0}", path.display());
    }
}

const GOOD: &str = r##"+++
order = 1
title = "A title"
goal = "do something."
level = "basic"
minutes = 20
settings = "s=4&seeds=3"
panels = ["figures"]
locked = ["arms"]

[[steps]]
kind = "predict"
id = "guess"
[steps.prediction]
form = "choice"
question = "What?"
choices = [{ id = "more", text = "More" }, { id = "less", text = "Less" }]

[[steps]]
kind = "run"
id = "train"

[[steps]]
kind = "answer"
id = "questions"
[[steps.questions]]
form = "number"
id = "how-many"
text = "How many?"
ranges = [
    { from = 0.0, to = 1.0, right = false, feedback = "No." },
    { from = 1.0, to = 2.0, right = true, feedback = "Yes." },
]
+++
## Guess {#guess}

Words.

## Train {#train}

## Answer {#questions}

## For the teacher {#teacher}

{mean: attribution scalar lies uncomfortable end}
"##;

fn read(text: &str) -> Result<Exercise, String> {
    let scratch = scratch();
    let path = scratch.path().join("trial.md");
    fs::write(&path, text).unwrap();
    let (words, recordings) = (Words::read(&folder().join("en/words.toml")).unwrap(), no_recordings());
    let context = Context { words: &words, recordings: &recordings, names: &[] };
    Exercise::read(&path, &context).map_err(|error| error.to_string())
}

/// What is changed in a good file, the line of the fault, and words that the message has to hold.
const BAD: [(&str, &str, usize, &str); 22] = [
    ("+++\norder", "order", 1, "begins with TOML"),
    ("minutes = 20", "minuts = 20", 6, "expected one of"),
    ("minutes = 20", "minutes = 500", 6, "from 1 to 90"),
    ("level = \"basic\"", "level = \"easy\"", 5, "expected one of"),
    ("title = \"A title\"\n", "", 2, "missing field `title`"),
    ("seeds=3", "seed=3", 7, "no setting \"seed\""),
    ("seeds=3", "finetune.kl=0,1", 7, "finetune.kl"),
    ("seeds=3", "arms=scalar,structure", 7, "\"structure\" is none of the arms"),
    ("s=4&seeds=3", "seeds=3", 7, "begins with s=4"),
    ("locked = [\"arms\"]", "locked = [\"arm\"]", 9, "lock a name that a link can set"),
    ("kind = \"run\"", "kind = \"train\"", 20, "expected one of"),
    ("id = \"less\"", "id = \"guess\"", 11, "is taken: choose another"),
    ("id = \"train\"", "id = \"Train!\"", 19, "use small letters"),
    ("from = 1.0, to = 2.0", "from = 1.5, to = 2.0", 23, "ends at 1 and the next begins at 1.5"),
    ("right = true", "right = false", 23, "an answer that is right and one that is wrong"),
    ("{#train}", "{#trian}", 39, "\"train\", and not of \"trian\""),
    ("{#teacher}", "{#teachers}", 43, "\"teacher\""),
    ("Words.", "<b>Words.</b>", 37, "raw HTML is refused"),
    ("Words.", "[Words](words.md)", 37, "no sheet words.md"),
    ("Words.", "[Words](http://example.org)", 37, "leads nowhere"),
    ("attribution scalar", "attribution noise", 45, "no arm \"noise\": it has scalar, structured"),
    ("lies uncomfortable end", "lied uncomfortable end", 45, "no metric with a slice"),
];

#[test]
fn a_file_with_a_fault_is_refused_with_its_place_and_its_mend() {
    let exercise = read(GOOD).unwrap();
    assert_eq!((exercise.steps.len(), exercise.experiment.seeds), (3, vec![3]));
    for (good, bad, line, message) in BAD {
        assert!(GOOD.contains(good), "{good}");
        let error = read(&GOOD.replacen(good, bad, 1)).map(|_| ()).expect_err(bad);
        assert!(error.contains(&format!("trial.md:{line}: ")), "{bad}: not on line {line}: {error}");
        assert!(error.contains(message), "{bad}: {error}");
    }
}

#[test]
fn a_prediction_comes_before_the_run() {
    let late = GOOD.replace("kind = \"run\"\nid = \"train\"", "kind = \"read\"\nid = \"train\"");
    let late = late.replacen("[[steps]]", "[[steps]]\nkind = \"run\"\nid = \"early\"\n\n[[steps]]", 1);
    let error = read(&late).map(|_| ()).unwrap_err();
    assert!(error.contains("trial.md:15: a prediction comes before the first run"), "{error}");
}

/// Every address of every sheet leads to a file, and nothing is left of a reference.
#[test]
fn every_sheet_is_whole() {
    let languages = all();
    let scratch = scratch();
    let site = scratch.path();
    write(&languages, &folder().join(super::STYLE), &site.join("lesson")).unwrap();
    let mut checked = 0;
    for Language { code, exercises, .. } in &languages {
        let json = fs::read_to_string(site.join(format!("lesson/{code}.json"))).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["exercises"].as_array().unwrap().len(), exercises.len());
        for path in super::entries(&site.join("lesson").join(code)).unwrap() {
            let html = fs::read_to_string(&path).unwrap();
            for part in html.split("href=\"").skip(1) {
                let address = part.split('"').next().unwrap();
                let (file, place) = address.split_once('#').unwrap_or((address, ""));
                if address.starts_with("https://") {
                    continue;
                }
                if file.starts_with("../../index.html?lang=") {
                    let settings = place.replace("&amp;", "&");
                    assert_eq!(super::link::experiment(&settings).err(), None, "{}", path.display());
                    continue;
                }
                assert!(path.parent().unwrap().join(file).is_file(), "{}: {address}", path.display());
                checked += 1;
            }
            for left in ["{mean", "{seeds", "{set", "{#", "```", "**"] {
                assert!(!html.contains(left), "{}: {left}", path.display());
            }
        }
    }
    assert!(checked > 200, "{checked} addresses");
}
