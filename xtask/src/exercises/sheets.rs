//! The lesson as pages to read and to print: for each exercise a sheet for students and one for teachers, the
//! teachers' pages, and an overview. Plain HTML and one style sheet, without a script, so that it opens from a disk.

use hedgerow::judgement::experiment::Arm;

use super::{
    Language, STYLE,
    source::{Choice, Exercise, NumberRange, Page, Prediction, Question, Shown, Step},
    words::Words,
};
use crate::markup::escaped;

/// The name of the teacher's sheet of an exercise.
pub(super) fn for_teacher(name: &str) -> String {
    format!("{name}-teacher")
}

/// Who reads a sheet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Student,
    Teacher,
}

/// The page on which one chooses a language.
pub(super) fn languages(languages: &[Language]) -> String {
    let link = |language: &Language| {
        let Language { code, words, .. } = language;
        format!(
            "<li lang=\"{code}\"><a href=\"{code}/index.html\" hreflang=\"{code}\">{}: {}</a></li>\n",
            words.language, words.title
        )
    };
    let links: String = languages.iter().map(link).collect();
    let title = languages.iter().map(|language| language.words.title.as_str()).collect::<Vec<_>>().join(" · ");
    document("lang=\"en\"", "", &title, &format!("<h1>Hedgerow</h1>\n<ul>\n{links}</ul>\n"), "")
}

/// Every sheet of a language, by its name without `.html`.
pub(super) fn sheets(language: &Language, languages: &[Language]) -> Vec<(String, String)> {
    let mut sheets = vec![("index".to_owned(), overview(language))];
    for exercise in &language.exercises {
        for reader in [Reader::Student, Reader::Teacher] {
            sheets.push((sheet_name(exercise, reader), exercise_sheet(exercise, reader, &language.words)));
        }
    }
    sheets.extend(language.pages.iter().map(|page| (page.name.clone(), page_sheet(page))));
    let finish = |(name, (title, body)): (String, (String, String))| {
        let others = languages.iter().filter(|other| other.code != language.code);
        let other = |other: &Language| {
            let Language { code, words, .. } = other;
            format!(" · <a href=\"../{code}/{name}.html\" hreflang=\"{code}\" lang=\"{code}\">{}</a>", words.language)
        };
        let others: String = others.map(other).collect();
        let foot = format!("<a href=\"index.html\">{}</a>{others}", language.words.overview);
        // A sheet quotes the lab in its own language.
        let body = body.replace("../../index.html#", &format!("../../index.html?lang={}#", language.code));
        let body =
            body.replace("../../index.html?exercise", &format!("../../index.html?lang={}&amp;exercise", language.code));
        let direction = language.words.direction.as_ref().map(|direction| format!(" dir=\"{direction}\""));
        let spoken = format!("lang=\"{}\"{}", language.code, direction.unwrap_or_default());
        let html = document(&spoken, "../", &title, &body, &foot);
        (name, html)
    };
    sheets.into_iter().map(finish).collect()
}

/// A title and what the body holds.
type Sheet = (String, String);

fn sheet_name(exercise: &Exercise, reader: Reader) -> String {
    match reader {
        Reader::Student => exercise.name.clone(),
        Reader::Teacher => for_teacher(&exercise.name),
    }
}

fn overview(language: &Language) -> Sheet {
    let Language { words, exercises, pages, .. } = language;
    let mut body =
        format!("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<h2>{}</h2>\n<ol>\n", words.title, words.lead, words.exercises);
    for exercise in exercises {
        let Exercise { title, goal, .. } = exercise;
        let [student, teacher] = [Reader::Student, Reader::Teacher].map(|reader| sheet_name(exercise, reader));
        body += &format!(
            "<li><strong>{title}</strong> <span class=\"about\">{}</span><br>{} {goal}<br>\
             <a href=\"{student}.html\">{}</a> · <a href=\"{teacher}.html\">{}</a> · {}</li>\n",
            about(exercise, words),
            words.goal,
            words.student_sheet,
            words.teacher_sheet,
            lab_link(exercise, words)
        );
    }
    body += &format!("</ol>\n<h2>{}</h2>\n<ul>\n", words.for_teachers);
    for Page { name, title, about, .. } in pages {
        body += &format!("<li><a href=\"{name}.html\">{title}</a>. {about}</li>\n");
    }
    body += &format!("</ul>\n<p class=\"screen\">{}</p>\n", words.print);
    (words.title.clone(), body)
}

fn about(exercise: &Exercise, words: &Words) -> String {
    let minutes = words.minutes.replace("{count}", &exercise.minutes.to_string());
    format!("{}, {minutes}", exercise.level.name(words))
}

fn lab_link(exercise: &Exercise, words: &Words) -> String {
    let Exercise { name, settings, .. } = exercise;
    format!("<a href=\"../../index.html?exercise={name}#{}\">{}</a>", escaped(settings), words.open_lab)
}

fn exercise_sheet(exercise: &Exercise, reader: Reader, words: &Words) -> Sheet {
    let Exercise { name, title, goal, settings, locked, steps, teacher, experiment, .. } = exercise;
    let mut body = String::new();
    match reader {
        Reader::Student => body += &format!("<p class=\"name\">{}</p>\n<h1>{title}</h1>\n", words.name),
        Reader::Teacher => body += &format!("<p class=\"kicker\">{}</p>\n<h1>{title}</h1>\n", words.teacher_sheet),
    }
    body +=
        &format!("<p class=\"about\">{}</p>\n<p><strong>{}</strong> {goal}</p>\n", about(exercise, words), words.goal);
    // A line may break before each part.
    let address = format!("<code>?exercise={name}<wbr>#{}</code>", escaped(settings).replace("&amp;", "<wbr>&amp;"));
    body += &format!("<p class=\"lab\">{}. {} {address}</p>\n", lab_link(exercise, words), words.by_hand);
    if reader == Reader::Teacher {
        if !locked.is_empty() {
            let locked: Vec<String> = locked.iter().map(|name| format!("<code>{name}</code>")).collect();
            body += &format!("<p>{} {}</p>\n", words.locked, locked.join(", "));
        }
        body += &format!("<section class=\"teacher\">\n{teacher}</section>\n");
    }
    for (place, Shown { step, title, html }) in steps.iter().enumerate() {
        let kind = step.kind(words);
        let id = step.id();
        body += &format!(
            "<section class=\"step\" id=\"{id}\">\n<h2><span class=\"kind\">{}. {kind}</span> {title}</h2>\n",
            place + 1
        );
        // Beside the laboratory it is open already, so that the text of the step does not say it.
        if matches!(step, Step::Run { .. }) {
            body += &format!("<p class=\"lab\">{}.</p>\n", lab_link(exercise, words));
        }
        // What explains is read after one has thought.
        if reader == Reader::Teacher || !matches!(step, Step::Explain { .. }) {
            body += html;
        }
        body += &asked(step, reader, experiment.finetune.updates, words);
        body += "</section>\n";
    }
    (title.clone(), body)
}

fn asked(step: &Step, reader: Reader, updates: u32, words: &Words) -> String {
    match step {
        Step::Read { .. } | Step::Run { .. } | Step::Look { .. } => String::new(),
        Step::Predict { prediction: Prediction::Curve { arm, question, .. }, .. } => {
            format!("<p>{question}</p>\n{}", empty_chart(words, *arm, updates))
        }
        Step::Predict { prediction: Prediction::Choice { question, choices }, .. } => {
            let choices: String = choices.iter().map(|outcome| format!("<li>{}</li>\n", outcome.text)).collect();
            format!("<p>{question}</p>\n<ul class=\"boxes\">\n{choices}</ul>\n")
        }
        Step::Explain { question, .. } => match reader {
            Reader::Student => format!("<p>{question}</p>\n{}", lines(5)),
            Reader::Teacher => format!("<p><em>{question}</em></p>\n"),
        },
        Step::Answer { questions, .. } => questions.iter().map(|question| one_asked(question, reader, words)).collect(),
    }
}

fn one_asked(question: &Question, reader: Reader, words: &Words) -> String {
    let verdict = |right: bool| if right { &words.right } else { &words.wrong };
    match question {
        Question::Choice { text, choices, .. } => {
            let several = choices.iter().filter(|choice| choice.right).count() > 1;
            let note = if several { format!(" {}", words.choose_all) } else { String::new() };
            let item = |Choice { text, right, feedback }: &Choice| match reader {
                Reader::Student => format!("<li>{text}</li>\n"),
                Reader::Teacher => format!("<li>{text}<br><strong>{}</strong> {feedback}</li>\n", verdict(*right)),
            };
            let items: String = choices.iter().map(item).collect();
            format!("<p>{text}{note}</p>\n<ul class=\"boxes\">\n{items}</ul>\n")
        }
        Question::Number { text, ranges, .. } => match reader {
            Reader::Student => format!("<p>{text}</p>\n{}", lines(1)),
            Reader::Teacher => {
                let item = |NumberRange { from, to, right, feedback }: &NumberRange| {
                    let [from, to] = [from, to].map(|number| words.decimal(&number.to_string()));
                    let range = words.from_to.replace("{from}", &from).replace("{to}", &to);
                    format!("<li>{range}: <strong>{}</strong> {feedback}</li>\n", verdict(*right))
                };
                format!("<p>{text}</p>\n<ul>\n{}</ul>\n", ranges.iter().map(item).collect::<String>())
            }
        },
    }
}

/// Lines to write on.
fn lines(count: usize) -> String {
    format!("<div class=\"lines\" aria-hidden=\"true\">{}</div>\n", "<span></span>".repeat(count))
}

/// A chart without a line, to draw one into.
fn empty_chart(words: &Words, arm: Arm, updates: u32) -> String {
    let mut svg = String::new();
    for tick in 0..=4 {
        let (y, percent) = (170 - tick * 40, words.percent(f64::from(tick) / 4.0));
        svg += &format!(
            "<path class=\"tick\" d=\"M60 {y}H620\"/><text class=\"tick end\" x=\"52\" y=\"{}\">{percent}</text>",
            y + 5
        );
    }
    for tick in 0..=4 {
        let (x, update) = (60 + tick * 140, updates * tick / 4);
        svg += &format!("<text class=\"tick\" x=\"{x}\" y=\"190\">{update}</text>");
    }
    let (draw, name, when) = (&words.draw, words.arm(arm), &words.updates);
    format!(
        "<figure><svg viewBox=\"0 0 640 200\" role=\"img\" aria-label=\"{draw}\">{svg}</svg>\
         <figcaption>{draw} {name}, {when}</figcaption></figure>\n"
    )
}

fn page_sheet(page: &Page) -> Sheet {
    let Page { title, intro, parts, .. } = page;
    let mut body = format!("<h1>{title}</h1>\n{intro}");
    for part in parts {
        body += &format!("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", part.id, part.title, part.html);
    }
    (title.clone(), body)
}

/// A whole sheet. `spoken` is what the root says of its language.
fn document(spoken: &str, to_root: &str, title: &str, body: &str, foot: &str) -> String {
    format!(
        "<!doctype html>\n<html {spoken}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Hedgerow</title>\n\
         <link rel=\"stylesheet\" href=\"{to_root}{STYLE}\">\n</head>\n<body>\n<main>\n{body}</main>\n\
         <footer>{foot}</footer>\n</body>\n</html>\n"
    )
}
