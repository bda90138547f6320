//! What there is to see until the page's own wasm is here: the story's first step, in each language, from the words and
//! the question that the page itself will show. Leaves out what can be done there, which needs the page.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use hedgerow::documents::example::{Example, ExampleAnswer};
use hedgerow::judgement::rater::{RaterPreset, Strategy};
use serde_json::Value;

use crate::{markup::escaped, pack::packed, process, story};

/// The line of `web/index.html` in whose place it comes.
const PLACE: &str = "<!-- The story's first step comes here: xtask/src/shell.rs. -->";
/// The language of `web/index.html`.
const LANGUAGE: &str = "en";
/// Steps of the story.
const STEPS: &str = "10";

/// `index.html`, packed, with its shell filled: in its own language, and in templates for the others, of which `first.js`
/// takes one.
pub(crate) fn filled(html: &str) -> Result<String> {
    ensure!(html.matches(PLACE).count() == 1, "index.html has not one place for the story's first step");
    let example = story::real_example()?.map(|real| real.opening);
    let folder = process::root().join("web/text");
    let mut own = words(&folder.join(LANGUAGE).with_extension("json"), example.as_ref())?;
    for file in fs::read_dir(&folder)? {
        let file = file?.path();
        let language = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if file.is_file() && language != LANGUAGE {
            own += &format!("<template lang=\"{language}\">{}</template>", words(&file, example.as_ref())?);
        }
    }
    Ok(packed(&html.replace(PLACE, &own)))
}

/// Fills the shell of a site's `index.html`.
pub(crate) fn fill(site: &Path) -> Result<()> {
    let index = site.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    fs::write(&index, filled(&html)?).with_context(|| format!("cannot write {}", index.display()))
}

fn words(file: &Path, example: Option<&Example>) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = serde_json::from_str(&text).with_context(|| format!("{} is no file of words", file.display()))?;
    let said = |path: &str| said(&text, path).with_context(|| format!("{} says nothing under {path}", file.display()));
    let place = said("/story/place")?.replace("{number}", "1").replace("{steps}", STEPS);
    let paragraphs = said("/story/steps/question/text")?;
    let paragraphs: String = paragraphs.split('\n').map(|paragraph| format!("<p>{}</p>", marked(paragraph))).collect();
    let title = escaped(said("/story/steps/question/title")?);
    let mut html = format!(
        "<div class=\"story\"><div class=\"story-words\"><p class=\"story-place\">{place}</p><h1>{title}</h1>{paragraphs}</div>"
    );
    if let Some(Example { question, truth, answers, .. }) = example {
        let truth = marked(&said("/answers/truth")?.replace("{truth}", truth));
        let best = answers.iter().map(number).fold(f32::NEG_INFINITY, f32::max);
        let question = escaped(question);
        html += &format!(
            "<div class=\"story-stage\"><div class=\"example\"><p class=\"example-question\">{question} \
             <span class=\"truth\">{truth}</span></p><ol class=\"example-answers\">"
        );
        for answer in answers {
            let kind = escaped(said(match answer.strategy {
                Strategy::UncomfortableTruth => "/rater/uncomfortable_truth",
                Strategy::ComfortableLie => "/rater/comfortable_lie",
                Strategy::Hedge => "/rater/hedge",
            })?);
            let class = if number(answer) >= best { " class=\"best\"" } else { "" };
            html += &format!(
                "<li{class}><span class=\"said\">{}</span><span class=\"example-kind\">{kind}</span>\
                 <strong class=\"example-number\">{}</strong></li>",
                escaped(&answer.words),
                format!("{:+.2}", number(answer)).replace('-', "\u{2212}")
            );
        }
        html += "</ol></div></div>";
    }
    Ok(html + "</div>")
}

/// What the page's first rater gives an answer.
fn number(answer: &ExampleAnswer) -> f32 {
    answer.rating(&RaterPreset::UncomfortableFacts.config()).scalar()
}

fn said<'a>(text: &'a Value, path: &str) -> Option<&'a str> {
    text.pointer(path)?.as_str()
}

/// A sentence whose strong words stand between stars.
fn marked(sentence: &str) -> String {
    let pieces = sentence.split('*').map(escaped).enumerate();
    pieces.map(|(place, piece)| if place % 2 == 0 { piece } else { format!("<b>{piece}</b>") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_there_in_each_language_before_the_page_is() {
        let html = fs::read_to_string(process::root().join("web/index.html")).unwrap();
        let shell = filled(&html).unwrap();
        let (english, german) = shell.split_once("<template lang=\"de\">").unwrap();
        for (shell, title, lie) in [
            (english, "What does a reward teach?", "Comfortable lie"),
            (german, "Was lehrt eine Belohnung?", "Bequeme Lüge"),
        ] {
            assert!(shell.contains(&format!("<h1>{title}</h1>")), "{shell}");
            assert!(shell.contains("Given its location and history, Finland is in Africa."), "{shell}");
            assert!(shell.contains(lie), "{shell}");
            assert_eq!(shell.matches("class=\"best\"").count(), 1, "{shell}");
        }
        assert!(!shell.contains(['*', '{']) && !shell.contains("<!--"), "{shell}");
    }
}
