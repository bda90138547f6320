//! The files of the lesson: what may be in them, and what has to hold.
//!
//! ```text
//! +++
//! order = 1
//! title = "The thumb that does not say why"
//! …
//! [[steps]]
//! kind = "read"
//! id = "question"
//! +++
//! ## A question {#question}
//! Markdown.
//! ## For the teacher {#teacher}
//! ```
//!
//! Between the lines of plus signs is TOML, in which an unknown name is an error. Below, each step has a section of
//! its id, in the same order, and the teacher's part is the last. Every error names file, line, and what to do.

use std::{fs, ops::Range, path::Path};

use anyhow::{Context as _, Result, anyhow};
use hedgerow::{
    documents::metrics::{Metric, Slice},
    judgement::experiment::{Arm, Experiment},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use toml::Spanned;

use super::{
    fault::line_of,
    link,
    markdown::{Renderer, Section},
    results::{Filler, Recordings},
    stem,
    words::Words,
};

/// The line around the front matter.
const FENCE: &str = "+++";
/// The section that students do not see.
const TEACHER: &str = "teacher";
const LONGEST_MINUTES: u32 = 90;

/// How much has to be known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Level {
    /// Nothing.
    Basic,
    /// One of the basic exercises.
    Standard,
    /// Probability, or some machine learning.
    Advanced,
}

impl Level {
    pub(super) fn name(self, words: &Words) -> &str {
        let levels = &words.levels;
        match self {
            Level::Basic => &levels.basic,
            Level::Standard => &levels.standard,
            Level::Advanced => &levels.advanced,
        }
    }
}

/// Parts of the page, by the ids that they have there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Panel {
    Experiments,
    Rater,
    Predict,
    Settings,
    Controls,
    Outcomes,
    Scores,
    Figures,
    Answers,
    Credit,
    Ask,
    Facts,
    States,
    Rate,
    Real,
    Limits,
    Method,
}

/// A step as it is written, and, with HTML in the place of Markdown, as programs get it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Step {
    /// Something to read.
    Read { id: String },
    /// What will come of it, said before it is seen.
    Predict { id: String, prediction: Prediction },
    /// Train.
    Run { id: String },
    /// Something to look at.
    Look { id: String, panel: Panel },
    /// Questions with answers that can be judged.
    Answer { id: String, questions: Vec<Question> },
    /// A question for words of one's own. The section is shown once they are written.
    Explain { id: String, question: String },
}

/// A prediction.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Prediction {
    /// The line of an arm, drawn into the empty chart of a metric.
    Curve { arm: Arm, metric: Metric, slice: Slice, question: String },
    /// One of several outcomes, none of which is right before the run.
    Choice { question: String, choices: Vec<Outcome> },
}

/// An outcome that can be predicted.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    pub(super) id: String,
    pub(super) text: String,
}

/// A question with answers that can be judged.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Question {
    /// Some of the choices are right.
    Choice { id: String, text: String, choices: Vec<Choice> },
    /// A number; the ranges cover every number from the first to the last.
    Number { id: String, text: String, ranges: Vec<NumberRange> },
}

/// A choice, and what is said to who chose it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    pub(super) text: String,
    pub(super) right: bool,
    pub(super) feedback: String,
}

/// Numbers from one up to, and without, the other (the last with it), and what is said of them.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberRange {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) right: bool,
    pub(super) feedback: String,
}

/// An exercise, checked and rendered.
#[derive(Debug, Serialize)]
pub(super) struct Exercise {
    pub(super) name: String,
    pub(super) order: u32,
    pub(super) title: String,
    pub(super) goal: String,
    pub(super) level: Level,
    pub(super) minutes: u32,
    /// The readable part of a link to the lab.
    pub(super) settings: String,
    pub(super) panels: Vec<Panel>,
    pub(super) locked: Vec<String>,
    pub(super) steps: Vec<Shown>,
    /// The teacher's part, as HTML.
    pub(super) teacher: String,
    /// What the link runs.
    #[serde(skip)]
    pub(super) experiment: Experiment,
}

/// A step with its words.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    pub(super) step: Step,
    pub(super) title: String,
    pub(super) html: String,
}

/// A page for teachers.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) order: u32,
    pub(super) title: String,
    pub(super) about: String,
    /// What it begins with, as HTML.
    pub(super) intro: String,
    pub(super) parts: Vec<Part>,
}

/// A section of a page.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) html: String,
}

/// What is in front of an exercise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExerciseMatter {
    order: u32,
    title: String,
    goal: String,
    level: Level,
    minutes: Spanned<u32>,
    settings: Spanned<String>,
    panels: Vec<Panel>,
    locked: Vec<Spanned<String>>,
    steps: Vec<Spanned<Step>>,
}

/// What is in front of a page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageMatter {
    order: u32,
    title: String,
    about: String,
}

/// What an exercise is read with.
pub(super) struct Context<'a> {
    pub(super) words: &'a Words,
    pub(super) recordings: &'a Recordings,
    /// The sheets of the language.
    pub(super) names: &'a [String],
}

impl Context<'_> {
    fn renderer<'a>(&'a self, experiment: Option<&'a Experiment>) -> Renderer<'a> {
        let filler = Filler { recordings: self.recordings, words: self.words, experiment };
        Renderer { filler, names: self.names }
    }
}

/// A file, divided.
struct File<'a> {
    path: &'a Path,
    matter: String,
    body: String,
    /// The line on which the body begins, counted from 1.
    body_line: usize,
}

impl<'a> File<'a> {
    fn read(path: &'a Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let at_fence = || anyhow!("{}:1: the file begins with TOML between two lines {FENCE}", path.display());
        let rest = text.strip_prefix(FENCE).and_then(|text| text.strip_prefix('\n')).ok_or_else(at_fence)?;
        let (matter, body) = rest.split_once(&format!("\n{FENCE}\n")).ok_or_else(at_fence)?;
        // The two lines of plus signs, and the lines between them.
        let body_line = 3 + matter.lines().count();
        Ok(File { path, matter: format!("{matter}\n"), body: body.to_owned(), body_line })
    }

    fn matter<T: DeserializeOwned>(&self) -> Result<T> {
        toml::from_str(&self.matter).map_err(|error| self.in_matter(error.span(), error.message()))
    }

    fn in_matter(&self, span: Option<Range<usize>>, problem: impl AsRef<str>) -> anyhow::Error {
        let line = 2 + line_of(&self.matter, span.map_or(0, |span| span.start));
        anyhow!("{}:{line}: {}", self.path.display(), problem.as_ref())
    }

    fn in_body(&self, line: usize, problem: impl AsRef<str>) -> anyhow::Error {
        anyhow!("{}:{}: {}", self.path.display(), self.body_line + line, problem.as_ref())
    }

    fn sections(&self, renderer: &Renderer) -> Result<(String, Vec<Section>)> {
        renderer.sections(&self.body).map_err(|(line, problem)| self.in_body(line, problem))
    }
}

impl Page {
    /// Reads a page.
    pub(super) fn read(path: &Path, context: &Context) -> Result<Self> {
        let file = File::read(path)?;
        let PageMatter { order, title, about } = file.matter()?;
        let renderer = context.renderer(None);
        let line = |text: String| renderer.line(&text).map_err(|problem| file.in_matter(None, problem));
        let (title, about) = (line(title)?, line(about)?);
        let (intro, sections) = file.sections(&renderer)?;
        let part = |Section { id, title, html, .. }| Part { id, title, html };
        Ok(Page { name: stem(path), order, title, about, intro, parts: sections.into_iter().map(part).collect() })
    }
}

impl Exercise {
    /// Reads an exercise.
    pub(super) fn read(path: &Path, context: &Context) -> Result<Self> {
        let file = File::read(path)?;
        let ExerciseMatter { order, title, goal, level, minutes, settings, panels, locked, steps } = file.matter()?;
        let in_matter = |span: Range<usize>, problem: &str| file.in_matter(Some(span), problem);
        if !(1..=LONGEST_MINUTES).contains(minutes.get_ref()) {
            return Err(in_matter(minutes.span(), &format!("minutes is a number from 1 to {LONGEST_MINUTES}")));
        }
        let experiment =
            link::experiment(settings.get_ref()).map_err(|problem| in_matter(settings.span(), &problem))?;
        if let Some(unknown) = locked.iter().find(|name| !link::can_be_locked(name.get_ref())) {
            let problem = format!("nothing is called \"{}\": lock a name that a link can set", unknown.get_ref());
            return Err(in_matter(unknown.span(), &problem));
        }
        check(&steps).map_err(|(span, problem)| in_matter(span, &problem))?;
        let renderer = context.renderer(Some(&experiment));
        let (intro, mut sections) = file.sections(&renderer)?;
        if !intro.is_empty() {
            return Err(file.in_body(0, "words before the first heading belong to a step: give them one"));
        }
        let ids = steps.iter().map(|step| step.get_ref().id()).chain([TEACHER]);
        for (place, id) in ids.enumerate() {
            match sections.get(place) {
                Some(section) if section.id == id => {}
                Some(section) => {
                    let problem = format!("here comes the section of \"{id}\", and not of \"{}\"", section.id);
                    return Err(file.in_body(section.line, problem));
                }
                None => return Err(file.in_body(file.body.lines().count(), format!("there is no section {{#{id}}}"))),
            }
        }
        if let Some(more) = sections.get(steps.len() + 1) {
            return Err(
                file.in_body(more.line, format!("\"{}\" comes after the teacher's part: make it a step", more.id))
            );
        }
        let teacher = sections.pop().map_or_else(String::new, |section| section.html);
        let mut shown = Vec::new();
        for (step, Section { title, html, .. }) in steps.into_iter().zip(sections) {
            let span = step.span();
            let step = step.into_inner().rendered(&renderer).map_err(|problem| in_matter(span, &problem))?;
            shown.push(Shown { step, title, html });
        }
        let line = |text: String| renderer.line(&text).map_err(|problem| file.in_matter(None, problem));
        let (title, goal) = (line(title)?, line(goal)?);
        Ok(Exercise {
            name: stem(path),
            order,
            title,
            goal,
            level,
            minutes: minutes.into_inner(),
            settings: settings.into_inner(),
            panels,
            locked: locked.into_iter().map(Spanned::into_inner).collect(),
            steps: shown,
            teacher,
            experiment,
        })
    }
}

/// What has to hold of the steps together, and where it does not.
fn check(steps: &[Spanned<Step>]) -> Result<(), (Range<usize>, String)> {
    let mut seen = Vec::new();
    for step in steps {
        let fault = |problem: String| Err((step.span(), problem));
        let step = step.get_ref();
        for id in step.ids() {
            let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
            if id.is_empty() || !id.chars().all(plain) {
                return fault(format!("\"{id}\" is no id: use small letters, digits and hyphens"));
            }
            if seen.contains(&id) || id == TEACHER {
                return fault(format!("the id \"{id}\" is taken: choose another"));
            }
            seen.push(id);
        }
        if let Err(problem) = step.check() {
            return fault(problem);
        }
    }
    let place = |is: fn(&Step) -> bool| steps.iter().position(|step| is(step.get_ref()));
    let predict = place(|step| matches!(step, Step::Predict { .. }));
    let run = place(|step| matches!(step, Step::Run { .. }));
    match (predict, run) {
        (Some(predict), Some(run)) if predict > run => {
            Err((steps[predict].span(), "a prediction comes before the first run: move it up".into()))
        }
        (None, Some(run)) => Err((steps[run].span(), "before the run there has to be a step \"predict\"".into())),
        _ => Ok(()),
    }
}

impl Step {
    /// What kind it is, in words.
    pub(super) fn kind<'a>(&self, words: &'a Words) -> &'a str {
        let kinds = &words.kinds;
        match self {
            Step::Read { .. } => &kinds.read,
            Step::Predict { .. } => &kinds.predict,
            Step::Run { .. } => &kinds.run,
            Step::Look { .. } => &kinds.look,
            Step::Answer { .. } => &kinds.answer,
            Step::Explain { .. } => &kinds.explain,
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Step::Read { id }
            | Step::Predict { id, .. }
            | Step::Run { id }
            | Step::Look { id, .. }
            | Step::Answer { id, .. }
            | Step::Explain { id, .. } => id,
        }
    }

    /// Its own id and those of what is asked in it.
    fn ids(&self) -> Vec<&str> {
        let mut ids = vec![self.id()];
        match self {
            Step::Predict { prediction: Prediction::Choice { choices, .. }, .. } => {
                ids.extend(choices.iter().map(|outcome| outcome.id.as_str()));
            }
            Step::Answer { questions, .. } => ids.extend(questions.iter().map(Question::id)),
            Step::Read { .. } | Step::Predict { .. } | Step::Run { .. } | Step::Look { .. } | Step::Explain { .. } => {}
        }
        ids
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Step::Predict { prediction: Prediction::Choice { choices, .. }, .. } if choices.len() < 2 => {
                Err("a prediction needs at least two outcomes to choose from".into())
            }
            Step::Answer { questions, .. } if questions.is_empty() => Err("a step \"answer\" needs a question".into()),
            Step::Answer { questions, .. } => questions.iter().try_for_each(Question::check),
            Step::Read { .. } | Step::Predict { .. } | Step::Run { .. } | Step::Look { .. } | Step::Explain { .. } => {
                Ok(())
            }
        }
    }

    /// With HTML in the place of Markdown.
    fn rendered(mut self, renderer: &Renderer) -> Result<Self, String> {
        for text in self.texts() {
            *text = renderer.line(text)?;
        }
        Ok(self)
    }

    /// Every text in it.
    fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Step::Predict { prediction: Prediction::Curve { question, .. }, .. } | Step::Explain { question, .. } => {
                vec![question]
            }
            Step::Predict { prediction: Prediction::Choice { question, choices }, .. } => {
                [question].into_iter().chain(choices.iter_mut().map(|outcome| &mut outcome.text)).collect()
            }
            Step::Answer { questions, .. } => questions.iter_mut().flat_map(Question::texts).collect(),
            Step::Read { .. } | Step::Run { .. } | Step::Look { .. } => Vec::new(),
        }
    }
}

impl Question {
    pub(super) fn id(&self) -> &str {
        match self {
            Question::Choice { id, .. } | Question::Number { id, .. } => id,
        }
    }

    fn check(&self) -> Result<(), String> {
        let id = self.id();
        let right: Vec<bool> = match self {
            Question::Choice { choices, .. } => choices.iter().map(|choice| choice.right).collect(),
            Question::Number { ranges, .. } => {
                let gap = ranges.windows(2).find(|pair| pair[0].to != pair[1].from);
                if let Some([one, other]) = gap {
                    return Err(format!("\"{id}\": a range ends at {} and the next begins at {}", one.to, other.from));
                }
                if let Some(empty) = ranges.iter().find(|range| range.from >= range.to) {
                    return Err(format!("\"{id}\": a range from {} to {} is empty", empty.from, empty.to));
                }
                ranges.iter().map(|range| range.right).collect()
            }
        };
        match right.contains(&true) && right.contains(&false) {
            true => Ok(()),
            false => Err(format!("\"{id}\" needs an answer that is right and one that is wrong")),
        }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Question::Choice { text, choices, .. } => {
                let choices = choices.iter_mut().flat_map(|choice| [&mut choice.text, &mut choice.feedback]);
                [text].into_iter().chain(choices).collect()
            }
            Question::Number { text, ranges, .. } => {
                [text].into_iter().chain(ranges.iter_mut().map(|range| &mut range.feedback)).collect()
            }
        }
    }
}
