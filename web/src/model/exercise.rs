//! An exercise beside the laboratory: what the site's build made of its file, what a link asks for, and what somebody
//! has done of it so far.
//!
//! A link names the exercise before its `#`: `?exercise=thumb&lock=seeds&panels=rater,outcomes&seed=random&answers=hidden`.
//! All but the name is a teacher's choice, and without it the exercise's own holds. Locks and hidden panels are no
//! secret: whoever edits the address is free. Leaves out where progress is kept (`storage::exercises`).

use std::collections::BTreeMap;

use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::judgement::experiment::{Arm, Experiment};
use hedgerow::judgement::settings::{Setting, choice, setting};
use serde::{Deserialize, Serialize};

use super::draft::{mode_of, preset};
use super::prediction::{Expected, KNOTS, Knot};
use crate::link::{self, DEFAULT_SEED, LinkState};

/// The exercises of a language.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Lesson {
    /// In their order.
    pub exercises: Vec<Exercise>,
}

/// An exercise. Texts are HTML that the site's build has made from Markdown, in which raw HTML is refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Exercise {
    /// Names it in links.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What one can do afterwards: the end of a sentence.
    pub goal: String,
    /// How much has to be known.
    pub level: String,
    /// How long it takes.
    pub minutes: usize,
    /// The readable part of a link.
    pub settings: String,
    /// The panels that it is about.
    pub panels: Vec<String>,
    /// What is locked.
    pub locked: Vec<String>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The teacher's part.
    pub teacher: String,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Step {
    /// Names it among the steps.
    pub id: String,
    /// Heads it.
    pub title: String,
    /// What there is to read; at the end of an explanation of one's own, what it is compared with.
    pub html: String,
    /// What there is to do.
    #[serde(flatten)]
    pub task: Task,
}

/// What there is to do in a step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Task {
    /// Read.
    Read,
    /// Say what will come, before it is seen.
    Predict {
        /// In which form.
        prediction: Asks,
    },
    /// Train.
    Run,
    /// Look at a panel.
    Look {
        /// Its place on the page.
        panel: String,
    },
    /// Answer what can be judged.
    Answer {
        /// The questions.
        questions: Vec<Question>,
    },
    /// Explain in words of one's own.
    Explain {
        /// What.
        question: String,
    },
}

impl Task {
    /// Its name among the texts.
    pub fn id(&self) -> &'static str {
        match self {
            Task::Read => "read",
            Task::Predict { .. } => "predict",
            Task::Run => "run",
            Task::Look { .. } => "look",
            Task::Answer { .. } => "answer",
            Task::Explain { .. } => "explain",
        }
    }

    /// All names.
    pub const IDS: [&str; 6] = ["read", "predict", "run", "look", "answer", "explain"];
}

/// What a prediction asks for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Asks {
    /// Where a rate of an arm ends.
    Curve {
        /// Of which arm.
        arm: Arm,
        /// Which rate.
        metric: Metric,
        /// Of which questions.
        slice: Slice,
        /// In words.
        question: String,
    },
    /// One of several outcomes.
    Choice {
        /// In words.
        question: String,
        /// The outcomes.
        choices: Vec<Outcome>,
    },
}

impl Asks {
    /// In words.
    pub fn question(&self) -> &str {
        match self {
            Asks::Curve { question, .. } | Asks::Choice { question, .. } => question,
        }
    }
}

/// An outcome that can be predicted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Outcome {
    /// Names it.
    pub id: String,
    /// In words.
    pub text: String,
}

/// A question with answers that can be judged.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Question {
    /// Some of the choices are right.
    Choice {
        /// Names it.
        id: String,
        /// In words.
        text: String,
        /// The choices.
        choices: Vec<Choice>,
    },
    /// A number.
    Number {
        /// Names it.
        id: String,
        /// In words.
        text: String,
        /// What is said of which numbers.
        ranges: Vec<NumberRange>,
    },
}

/// A choice, and what is said to who chose it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Choice {
    /// In words.
    pub text: String,
    /// Is it right?
    pub right: bool,
    /// What is said to it.
    pub feedback: String,
}

/// Numbers from one up to, and without, the other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NumberRange {
    /// The first.
    pub from: f64,
    /// The last, in the last range.
    pub to: f64,
    /// Are they right?
    pub right: bool,
    /// What is said to them.
    pub feedback: String,
}

impl Question {
    /// Names it.
    pub fn id(&self) -> &str {
        match self {
            Question::Choice { id, .. } | Question::Number { id, .. } => id,
        }
    }

    /// In words.
    pub fn text(&self) -> &str {
        match self {
            Question::Choice { text, .. } | Question::Number { text, .. } => text,
        }
    }

    /// Can more than one choice be right?
    pub fn has_several(&self) -> bool {
        matches!(self, Question::Choice { choices, .. } if choices.iter().filter(|choice| choice.right).count() > 1)
    }

    /// What was answered, in words and with what is said to it; nothing if the answer fits no choice.
    pub fn judged<'a>(&'a self, given: &Given) -> Vec<(String, bool, &'a str)> {
        match (self, given) {
            (Question::Choice { choices, .. }, Given::Chosen(chosen)) => {
                let chosen = chosen.iter().filter_map(|place| choices.get(*place));
                chosen.map(|choice| (choice.text.clone(), choice.right, choice.feedback.as_str())).collect()
            }
            (Question::Number { ranges, .. }, Given::Number(number)) => {
                let last = ranges.last().filter(|range| range.to == *number);
                let range = ranges.iter().find(|range| range.from <= *number && *number < range.to).or(last);
                range.into_iter().map(|range| (String::new(), range.right, range.feedback.as_str())).collect()
            }
            (Question::Choice { .. }, Given::Number(_)) | (Question::Number { .. }, Given::Chosen(_)) => Vec::new(),
        }
    }

    /// Is an answer right, and nothing that is right left out of it?
    pub fn is_right(&self, given: &Given) -> bool {
        let judged = self.judged(given);
        let wanted = match self {
            Question::Choice { choices, .. } => choices.iter().filter(|choice| choice.right).count(),
            Question::Number { .. } => 1,
        };
        judged.len() == wanted && judged.iter().all(|(_, right, _)| *right)
    }

    /// The first and the last number that it takes.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        match self {
            Question::Choice { .. } => None,
            Question::Number { ranges, .. } => Some((ranges.first()?.from, ranges.last()?.to)),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Given {
    /// The places of what was chosen.
    Chosen(Vec<usize>),
    /// A number.
    Number(f64),
}

/// What a link asks for before its `#`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The exercise.
    pub name: String,
    /// What is locked; `None` leaves it to the exercise.
    pub locked: Option<Vec<String>>,
    /// The panels to be seen; `None` leaves it to the exercise.
    pub panels: Option<Vec<String>>,
    /// Is the seed drawn when it is first opened?
    pub draws_seed: bool,
    /// Is nothing said of answers, and is the teacher's part left out?
    pub hides_answers: bool,
}

impl Asked {
    /// Reads the part of an address from the question mark on; `None` if it names no exercise.
    pub fn read(search: &str) -> Option<Self> {
        let parameters = search.trim_start_matches('?').split('&').filter_map(|part| part.split_once('='));
        let value = |name| parameters.clone().find(|(found, _)| *found == name).map(|(_, value)| value);
        // Some programs write a comma as its code.
        let list = |name| {
            let names = value(name)?.replace("%2C", ",").replace("%2c", ",");
            Some(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
        };
        Some(Asked {
            name: value("exercise")?.to_owned(),
            locked: list("lock"),
            panels: list("panels"),
            draws_seed: value("seed") == Some("random"),
            hides_answers: value("answers") == Some("hidden"),
        })
    }

    /// The part of an address that asks for it, without the question mark.
    pub fn written(&self) -> String {
        let mut parts = vec![format!("exercise={}", self.name)];
        parts.extend(self.locked.as_ref().map(|names| format!("lock={}", names.join(","))));
        parts.extend(self.panels.as_ref().map(|names| format!("panels={}", names.join(","))));
        parts.extend(self.draws_seed.then(|| "seed=random".to_owned()));
        parts.extend(self.hides_answers.then(|| "answers=hidden".to_owned()));
        parts.join("&")
    }
}

/// What somebody has done of an exercise. Nothing in it says who.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The place of the step that is read.
    pub step: usize,
    /// The furthest place that was ever read.
    pub reached: usize,
    /// Steps that asked for a run and saw one finished.
    pub ran: Vec<String>,
    /// The settings of the runs that they saw.
    pub trained: Vec<String>,
    /// The settings as they were last, as a link.
    pub settings: String,
    /// What was predicted: the name of an outcome, or a share.
    pub prediction: Option<Predicted>,
    /// Answers by the names of their questions.
    pub answers: BTreeMap<String, Given>,
    /// One's own words, by the names of their steps.
    pub words: BTreeMap<String, String>,
    /// Steps whose explanation was looked at.
    pub explained: Vec<String>,
    /// A nickname or number, for the report alone.
    pub name: String,
}

/// What was predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Predicted {
    /// The name of an outcome.
    Outcome(String),
    /// Where a rate ends, 0 … 1.
    Share(f64),
    /// A rate at each knot of its line, 0 … 1.
    Line([f64; KNOTS]),
}

impl Predicted {
    /// A line that was drawn, or its end alone.
    pub fn of(expected: &Expected) -> Self {
        match expected.course {
            None => Predicted::Share(expected.likely),
            Some(_) => Predicted::Line(std::array::from_fn(|place| expected.at_knot(place + 1).likely)),
        }
    }

    /// The same as a line of an arm without an interval; `None` if it is no rate.
    pub fn line(&self, arm: Arm) -> Option<Expected> {
        let knot = |likely: f64| Knot { low: likely, likely, high: likely };
        let end = |likely: f64| Expected { arm, low: likely, likely, high: likely, course: None };
        match self {
            Predicted::Outcome(_) => None,
            Predicted::Share(share) => Some(end(*share)),
            Predicted::Line(line) => {
                let course = std::array::from_fn(|place| knot(line[place]));
                Some(Expected { course: Some(course), ..end(line[KNOTS - 1]) })
            }
        }
    }
}

impl Progress {
    /// Is there anything that a reset would take away?
    pub fn is_begun(&self) -> bool {
        self.step > 0
            || self.prediction.is_some()
            || !(self.answers.is_empty() && self.words.is_empty() && self.name.is_empty())
    }
}

/// How far somebody has come, as the report and a learning management system count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Steps that are done.
    pub done: usize,
    /// All steps.
    pub steps: usize,
    /// Questions that were answered rightly.
    pub right: usize,
    /// Questions that were answered.
    pub answered: usize,
    /// All questions.
    pub questions: usize,
}

impl Standing {
    /// Is every step done?
    pub fn is_complete(self) -> bool {
        self.done == self.steps
    }
}

impl Exercise {
    /// How far somebody has come. What there is to read or to look at is done when it was on the page, all else when
    /// something was made or said.
    pub fn standing(&self, progress: &Progress) -> Standing {
        let reached = progress.reached.max(progress.step);
        let given = |question: &Question| progress.answers.get(question.id());
        let is_answered = |question: &Question| given(question).is_some_and(|given| !question.judged(given).is_empty());
        let is_done = |(place, step): (usize, &Step)| match &step.task {
            Task::Read | Task::Look { .. } => place <= reached,
            Task::Predict { .. } => progress.prediction.is_some(),
            Task::Run => progress.ran.contains(&step.id),
            Task::Answer { questions } => questions.iter().all(is_answered),
            Task::Explain { .. } => progress.words.get(&step.id).is_some_and(|words| !words.trim().is_empty()),
        };
        let questions = || {
            self.steps.iter().flat_map(|step| match &step.task {
                Task::Answer { questions } => questions.as_slice(),
                Task::Read | Task::Predict { .. } | Task::Run | Task::Look { .. } | Task::Explain { .. } => &[],
            })
        };
        Standing {
            done: self.steps.iter().enumerate().filter(|step| is_done(*step)).count(),
            steps: self.steps.len(),
            right: questions().filter(|question| given(question).is_some_and(|given| question.is_right(given))).count(),
            answered: questions().filter(|question| is_answered(question)).count(),
            questions: questions().count(),
        }
    }

    /// The step at or before `place` that a finished run with these settings counts for. A run counts once: who is to change
    /// something and train again has to do both.
    pub fn counts_for(&self, place: usize, progress: &Progress, settings: &str) -> Option<&Step> {
        let step = self.steps[..=place].iter().rev().find(|step| matches!(step.task, Task::Run))?;
        let is_new = !progress.trained.iter().any(|own| own == settings);
        (is_new && !progress.ran.contains(&step.id)).then_some(step)
    }

    /// The experiment that it is about.
    pub fn experiment(&self) -> Experiment {
        link::open(&self.settings).state.unwrap_or_default().experiment
    }

    /// The settings to begin with: those of the link, or else those that were left, or else its own. If a seed is drawn,
    /// it is drawn once. A seed that the site does not have gives way.
    pub fn begun(
        &self,
        linked: Option<Experiment>,
        kept: Option<&Progress>,
        drawn: Option<u64>,
        site: &[u64],
    ) -> Experiment {
        let left = kept.and_then(|kept| link::open(&kept.settings).state).map(|state| state.experiment);
        let mut experiment = linked.or_else(|| left.clone()).unwrap_or_else(|| self.experiment());
        if let Some(seed) = drawn {
            experiment.seeds = left.map_or_else(|| vec![seed], |left| left.seeds);
        }
        link::keep_available_seeds(&mut experiment, site);
        experiment
    }

    /// What progress is kept under: the exercise and its locked settings, without seeds. What somebody may change on the
    /// way makes it no other exercise.
    pub fn key(&self, experiment: &Experiment, locked: &[String]) -> String {
        let mut own = self.experiment();
        hold(&mut own, experiment, locked);
        own.seeds = vec![DEFAULT_SEED];
        format!("{}#{}", self.name, spelled(&own))
    }

    /// The panels that are not to be seen, when a link leaves them to the exercise or names those that are.
    pub fn hidden(&self, shown: Option<&[String]>) -> Vec<&'static str> {
        let of_exercise = |panel: &str| {
            let predicts = panel == "predict" && self.prediction().is_some();
            predicts || self.panels.iter().any(|own| own == panel)
        };
        let is_shown = |panel: &str| match shown {
            Some(shown) => shown.iter().any(|own| own == panel),
            None => of_exercise(panel),
        };
        PANELS.into_iter().filter(|panel| !is_shown(panel)).collect()
    }

    /// Its first step that asks for a prediction.
    pub fn prediction(&self) -> Option<&Asks> {
        self.steps.iter().find_map(|step| match &step.task {
            Task::Predict { prediction } => Some(prediction),
            Task::Read | Task::Run | Task::Look { .. } | Task::Answer { .. } | Task::Explain { .. } => None,
        })
    }
}

/// Settings as a link that names them even where they are the page's own.
pub fn spelled(experiment: &Experiment) -> String {
    let (experiment, mode) = (experiment.clone(), mode_of(&experiment.arms));
    link::settings(&LinkState { experiment, mode, ..LinkState::default() })
}

/// The names of the levels.
pub const LEVELS: [&str; 3] = ["basic", "standard", "advanced"];
/// What a teacher can lock.
pub const LOCKS: [&str; 4] = ["rater", "arms", "seeds", LEARNING];
/// Panels that an exercise can do without, by their places on the page.
pub const PANELS: [&str; 14] = [
    "experiments",
    "rater",
    "predict",
    "settings",
    "outcomes",
    "scores",
    "figures",
    "facts",
    "states",
    "answers",
    "credit",
    "ask",
    "rate",
    "real",
];

/// A lock of everything that is neither rater nor arms nor seeds.
pub const LEARNING: &str = "learning";

/// Gives an experiment what another has of these settings. Returns whether that changed it.
pub fn hold(experiment: &mut Experiment, of: &Experiment, locked: &[String]) -> bool {
    let before = experiment.clone();
    for name in locked {
        match name.as_str() {
            "rater" => hold_rater(experiment, of),
            "arms" | "view" => experiment.arms.clone_from(&of.arms),
            "seeds" => experiment.seeds.clone_from(&of.seeds),
            "reward_model" => experiment.reward_model = of.reward_model,
            LEARNING => {
                experiment.finetune = of.finetune;
                experiment.measure = of.measure;
                experiment.reward_model = of.reward_model;
            }
            path => {
                if let Some(setting) = setting(path) {
                    (setting.set)(experiment, (setting.get)(of));
                }
                if let Some(choice) = choice(path) {
                    (choice.set)(experiment, (choice.get)(of));
                }
            }
        }
    }
    *experiment != before
}

/// The rater of another experiment. Topics and pace that came with the preset in its place go with it.
fn hold_rater(experiment: &mut Experiment, of: &Experiment) {
    if experiment.rater != of.rater
        && let Some(preset) = preset(&experiment.rater)
    {
        let came = Experiment::preset(preset).finetune;
        for path in ["finetune.updates", "finetune.sensitive_share", "finetune.learning_rate"] {
            let Some(Setting { get, set, .. }) = setting(path) else { continue };
            if get(experiment) == get(&Experiment { finetune: came, ..of.clone() }) {
                set(experiment, get(of));
            }
        }
    }
    (experiment.rater, experiment.person) = (of.rater, of.person.clone());
}

/// A sheet's HTML as the page shows it: links to other sheets lead into the lesson's folder, in a tab of their own, and
/// links to the laboratory change its settings.
pub fn on_the_page(html: &str, language: &str) -> String {
    let mut shown = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<a href=\"") {
        let (address, after) = after.split_once('"').unwrap_or((after, ""));
        shown += before;
        shown += &match address.strip_prefix("../../index.html") {
            Some(settings) => format!("<a href=\"{settings}\""),
            None if address.starts_with("https://") => {
                format!("<a href=\"{address}\" target=\"_blank\" rel=\"noopener\"")
            }
            None => format!("<a href=\"lesson/{language}/{address}\" target=\"_blank\" rel=\"noopener\""),
        };
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn exercise() -> Exercise {
        let json = r#"{"name":"thumb","order":1,"title":"T","goal":"G","level":"basic","minutes":20,
            "settings":"s=4&seeds=3","panels":["rater"],"locked":["rater"],"teacher":"<p>A</p>","steps":[
            {"kind":"read","id":"a","title":"A","html":"<p>a</p>"},
            {"kind":"predict","id":"b","title":"B","html":"","prediction":{"form":"curve","arm":"scalar",
             "metric":"hedging","slice":"far","question":"How often?"}},
            {"kind":"answer","id":"c","title":"C","html":"","questions":[
             {"form":"choice","id":"q","text":"Q","choices":[{"text":"x","right":true,"feedback":"yes"},
              {"text":"y","right":false,"feedback":"no"}]},
             {"form":"number","id":"n","text":"N","ranges":[{"from":0.0,"to":1.0,"right":false,"feedback":"low"},
              {"from":1.0,"to":2.0,"right":true,"feedback":"high"}]}]}]}"#;
        serde_json::from_str(json).expect("an exercise")
    }

    #[test]
    fn what_the_build_writes_is_read_step_by_step() {
        let exercise = exercise();
        assert_eq!(exercise.steps.iter().map(|step| step.task.id()).collect::<Vec<_>>(), ["read", "predict", "answer"]);
        assert_eq!(exercise.prediction().map(Asks::question), Some("How often?"));
        assert_eq!(exercise.experiment().seeds, [3]);
    }

    #[test]
    fn an_answer_gets_what_is_said_to_it_and_a_number_beyond_all_ranges_nothing() {
        let Task::Answer { questions } = &exercise().steps[2].task else { panic!("a step with questions") };
        let [choice, number] = &questions[..] else { panic!("two questions") };
        assert_eq!(choice.judged(&Given::Chosen(vec![1])), [("y".to_owned(), false, "no")]);
        assert_eq!(choice.judged(&Given::Chosen(vec![7])), [], "a choice that an older build had");
        let said = |value| number.judged(&Given::Number(value)).first().map(|(_, right, said)| (*right, *said));
        assert_eq!(said(0.0), Some((false, "low")));
        assert_eq!(said(1.0), Some((true, "high")));
        assert_eq!(said(2.0), Some((true, "high")), "the last number is in the last range");
        assert_eq!(said(2.1), None);
        assert_eq!(number.bounds(), Some((0.0, 2.0)));
        assert!(!choice.has_several());
    }

    #[test]
    fn a_question_is_right_when_all_that_is_right_was_chosen_and_nothing_else() {
        let Task::Answer { questions } = &exercise().steps[2].task else { panic!("a step with questions") };
        let Question::Choice { id, text, mut choices } = questions[0].clone() else { panic!("a choice") };
        choices.push(Choice { text: "z".into(), right: true, feedback: "yes".into() });
        let several = Question::Choice { id, text, choices };
        for (chosen, right) in
            [(vec![0, 2], true), (vec![2, 0], true), (vec![0], false), (vec![0, 1, 2], false), (vec![7], false)]
        {
            assert_eq!(several.is_right(&Given::Chosen(chosen.clone())), right, "{chosen:?}");
        }
        assert!(questions[1].is_right(&Given::Number(1.5)) && !questions[1].is_right(&Given::Number(0.5)));
        assert!(!questions[1].is_right(&Given::Number(9.0)), "beyond all ranges");
    }

    #[test]
    fn an_exercise_is_complete_when_every_step_asked_for_was_done_and_going_back_undoes_nothing() {
        let mut exercise = exercise();
        exercise.steps.push(Step { id: "d".into(), title: String::new(), html: String::new(), task: Task::Run });
        let task = Task::Explain { question: "Why?".into() };
        exercise.steps.push(Step { id: "e".into(), title: String::new(), html: String::new(), task });
        let done = |progress: &Progress| exercise.standing(progress).done;
        let mut progress = Progress::default();
        assert_eq!(exercise.standing(&progress), Standing { done: 1, steps: 5, right: 0, answered: 0, questions: 2 });
        (progress.step, progress.reached) = (0, 4);
        assert_eq!(done(&progress), 1, "walking through does nothing that was asked for");
        progress.prediction = Some(Predicted::Share(0.5));
        assert_eq!(done(&progress), 2);
        progress.answers.insert("q".into(), Given::Chosen(vec![1]));
        progress.answers.insert("n".into(), Given::Number(9.0));
        assert_eq!(done(&progress), 2, "a number that no answer holds");
        let standing = exercise.standing(&progress);
        assert_eq!((standing.right, standing.answered), (0, 1), "what was left open is not wrong");
        progress.answers.insert("n".into(), Given::Number(1.5));
        progress.ran.push("d".into());
        progress.words.insert("e".into(), "  ".into());
        assert_eq!(done(&progress), 4);
        progress.words.insert("e".into(), "Because.".into());
        let standing = exercise.standing(&progress);
        assert!(standing.is_complete());
        assert_eq!((standing.right, standing.questions), (1, 2), "a wrong answer is an answer");
    }

    #[test]
    fn a_run_counts_for_one_step_and_not_for_the_next_that_asks_for_another() {
        let mut exercise = exercise();
        let run = |id: &str| Step { id: id.into(), title: String::new(), html: String::new(), task: Task::Run };
        exercise.steps = vec![run("train"), exercise.steps.remove(0), run("again")];
        let counts = |place, progress: &Progress, settings| {
            exercise.counts_for(place, progress, settings).map(|step| step.id.clone())
        };
        let mut progress = Progress::default();
        assert_eq!(counts(1, &progress, "s=4").as_deref(), Some("train"), "read before");
        (progress.ran, progress.trained) = (vec!["train".into()], vec!["s=4".into()]);
        assert_eq!(counts(1, &progress, "s=4&q=1"), None, "it has been done");
        assert_eq!(counts(2, &progress, "s=4"), None, "the same run again");
        assert_eq!(counts(2, &progress, "s=4&q=1").as_deref(), Some("again"));
    }

    #[test]
    fn a_link_says_all_that_a_teacher_chose_and_nothing_else() {
        let plain = Asked { name: "thumb".into(), ..Asked::default() };
        assert_eq!(plain.written(), "exercise=thumb");
        let all = Asked {
            locked: Some(names(&["rater", "seeds"])),
            panels: Some(names(&["outcomes"])),
            draws_seed: true,
            hides_answers: true,
            ..plain.clone()
        };
        assert_eq!(Asked::read(&format!("?lang=de&{}", all.written())), Some(all));
        assert_eq!(Asked::read("?exercise=thumb&lock="), Some(Asked { locked: Some(vec![]), ..plain }));
        assert_eq!(Asked::read("?exercise=a&panels=b%2Cc").and_then(|asked| asked.panels), Some(names(&["b", "c"])));
        for search in ["", "?", "?embed", "?exercises=thumb"] {
            assert_eq!(Asked::read(search), None, "{search}");
        }
    }

    #[test]
    fn what_is_locked_goes_back_and_the_rest_stays() {
        let of = Experiment { seeds: vec![3], ..Experiment::default() };
        let mut now = Experiment { seeds: vec![5], ..of.clone() };
        now.rater.correctness = 0.9;
        now.finetune.kl = 0.1;
        now.finetune.updates = 7;
        let changed = now.clone();
        assert!(hold(&mut now, &of, &names(&["seeds", "finetune.kl"])));
        assert_eq!((now.seeds.clone(), now.finetune.kl), (of.seeds.clone(), of.finetune.kl));
        assert_eq!((now.rater, now.finetune.updates), (changed.rater, 7));
        assert!(!hold(&mut now, &of, &names(&["seeds", "finetune.kl", "nonsense"])), "a second time there is nothing");
        assert!(hold(&mut now, &of, &names(&["rater", "arms", LEARNING])));
        assert_eq!(now, of);
    }

    /// The other rater's learning rate and topics once stayed.
    #[test]
    fn a_link_of_another_rater_leaves_nothing_of_it_where_the_rater_is_fixed() {
        let of = Experiment { seeds: vec![3], ..Experiment::default() };
        let held = |link: &str| {
            let mut linked = link::open(link).state.expect("settings").experiment;
            assert!(hold(&mut linked, &of, &names(&["rater"])), "{link}");
            linked
        };
        assert_eq!(held("#s=4&rater=touchy-topic&seeds=3"), of);
        let own = held("#s=4&rater=touchy-topic&seeds=3&finetune.updates=40");
        assert_eq!(own.finetune.updates, 40, "what the link says by itself stays");
        assert_eq!((own.rater, own.finetune.learning_rate), (of.rater, of.finetune.learning_rate));
    }

    #[test]
    fn progress_belongs_to_the_exercise_and_to_what_is_locked_in_it() {
        let exercise = exercise();
        let key = |change: &dyn Fn(&mut Experiment)| {
            let mut experiment = exercise.experiment();
            change(&mut experiment);
            exercise.key(&experiment, &names(&["rater"]))
        };
        let own = key(&|_| ());
        assert_eq!(key(&|own| own.seeds = vec![7]), own, "another seed");
        assert_eq!(key(&|own| own.finetune.kl = 0.1), own, "what may be changed on the way");
        assert_ne!(key(&|own| own.rater.correctness = 0.9), own, "another link");
        let kept: Progress = serde_json::from_str(r#"{"step":2,"unknown":1}"#).expect("what another build has written");
        assert!(kept.is_begun() && !Progress::default().is_begun());
    }

    #[test]
    fn a_line_is_kept_point_by_point_and_a_share_of_before_there_were_lines_is_read() {
        let share: Predicted = serde_json::from_str(r#"{"Share":0.4}"#).expect("what another build has written");
        let end = share.line(Arm::Scalar).expect("a rate");
        assert_eq!((end.likely, end.course, Predicted::of(&end)), (0.4, None, share));
        let drawn = Predicted::of(&end.drawn(3, 0.9));
        let line = drawn.line(Arm::Scalar).expect("a rate");
        assert!((line.at_knot(3).likely - 0.9).abs() < 1e-12 && line.likely == 0.4, "{drawn:?}");
        let text = serde_json::to_string(&drawn).expect("plain data");
        assert_eq!(serde_json::from_str::<Predicted>(&text).ok(), Some(drawn));
        assert_eq!(Predicted::Outcome("a".into()).line(Arm::Scalar), None);
    }

    #[test]
    fn it_begins_where_the_link_says_or_where_it_was_left_and_a_seed_is_drawn_once() {
        let (exercise, site) = (exercise(), [3, 5, 7]);
        let of = |seed: u64| Experiment { seeds: vec![seed], ..exercise.experiment() };
        let kept = Progress { settings: spelled(&of(5)), ..Progress::default() };
        let begun = |linked, kept, drawn| exercise.begun(linked, kept, drawn, &site).seeds;
        assert_eq!(begun(None, None, None), [3]);
        assert_eq!(begun(None, Some(&kept), None), [5]);
        assert_eq!(begun(Some(of(7)), Some(&kept), None), [7]);
        assert_eq!(begun(Some(of(3)), None, Some(7)), [7], "the teacher's link names another");
        assert_eq!(begun(Some(of(3)), Some(&kept), Some(7)), [5], "not drawn a second time");
        assert_eq!(begun(Some(of(99)), None, None), [3], "a seed that the site does not have");
    }

    #[test]
    fn settings_are_spelled_out_even_if_they_are_the_pages_own() {
        for experiment in [LinkState::default().experiment, Experiment::default(), exercise().experiment()] {
            assert_eq!(link::open(&spelled(&experiment)).state.expect("settings").experiment, experiment);
        }
    }

    #[test]
    fn panels_are_those_of_the_link_or_else_of_the_exercise_and_its_predictions() {
        let hidden = |shown: Option<&[String]>| exercise().hidden(shown);
        assert!(!hidden(None).contains(&"rater") && !hidden(None).contains(&"predict"));
        assert!(hidden(None).contains(&"settings"));
        assert_eq!(hidden(Some(&names(&["settings"]))).len(), PANELS.len() - 1);
    }

    #[test]
    fn links_of_a_sheet_lead_where_they_led() {
        let html = r##"<p><a href="one-seed.html">A</a> <a href="../../index.html#s=4&amp;seeds=3">B</a> <a href="https://a.example">C</a></p>"##;
        let shown = on_the_page(html, "de");
        assert!(shown.contains(r#"href="lesson/de/one-seed.html" target="_blank""#), "{shown}");
        assert!(shown.contains(r##"<a href="#s=4&amp;seeds=3">B"##), "{shown}");
        assert!(shown.contains(r#"href="https://a.example" target="_blank""#), "{shown}");
        assert_eq!(on_the_page("<p>plain</p>", "en"), "<p>plain</p>");
    }
}
