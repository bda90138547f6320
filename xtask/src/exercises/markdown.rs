//! Markdown to HTML. Raw HTML, images and first-level headings are refused; a link leads to another sheet
//! (`thumb.md`), to the lab with settings (`lab:s=4&seeds=5`) or to an address with https. A fenced block with the
//! language `plot` becomes a figure.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::{
    fault::{Fault, line_of},
    link,
    results::Filler,
};

/// A part of a text, under a second-level heading.
#[derive(Debug, PartialEq)]
pub(super) struct Section {
    /// What its heading says in braces: `## The rater {#rater}`.
    pub(super) id: String,
    /// The heading, as HTML.
    pub(super) title: String,
    /// What follows, as HTML.
    pub(super) html: String,
    /// The line of the heading in the text, counted from 0.
    pub(super) line: usize,
}

/// What is needed to render.
pub(super) struct Renderer<'a> {
    /// Fills in the references to results.
    pub(super) filler: Filler<'a>,
    /// The sheets that there are.
    pub(super) names: &'a [String],
}

#[allow(clippy::wildcard_enum_match_arm, reason = "Markdown has many events, and the others stay as they are")]
impl Renderer<'_> {
    /// A line of words, without the paragraph around it.
    pub(super) fn line(&self, text: &str) -> Result<String, String> {
        let text = self.filler.fill(text).map_err(|(_, problem)| problem)?;
        let html = written(self.events(&text).map_err(|(_, problem)| problem)?);
        let html = html.trim();
        let inner = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>"));
        match inner {
            Some(inner) if !inner.contains("<p>") => Ok(inner.to_owned()),
            _ => Err("it has to be one paragraph".into()),
        }
    }

    /// What is before the first second-level heading, and the sections.
    pub(super) fn sections(&self, text: &str) -> Result<(String, Vec<Section>), Fault> {
        let mut sections: Vec<Section> = Vec::new();
        let text = self.filler.fill(text)?;
        let (mut events, mut intro, mut heading) = (Vec::new(), String::new(), None);
        let mut close = |events: &mut Vec<_>, sections: &mut Vec<Section>| {
            let html = written(std::mem::take(events));
            match sections.last_mut() {
                Some(section) => section.html = html,
                None => intro = html,
            }
        };
        for (event, line) in self.events(&text)? {
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H2, id, .. }) => {
                    close(&mut events, &mut sections);
                    let id = id.ok_or((line, "a heading needs an id: ## Title {#id}".to_owned()))?;
                    heading = Some((id.into_string(), line));
                }
                Event::End(TagEnd::Heading(HeadingLevel::H2)) => {
                    let (id, line) = heading.take().unwrap_or_default();
                    let title = written(std::mem::take(&mut events));
                    sections.push(Section { id, title, html: String::new(), line });
                }
                event => events.push((event, line)),
            }
        }
        close(&mut events, &mut sections);
        Ok((intro, sections))
    }

    /// The text's events with their lines, and with links as they lead on the site.
    fn events<'t>(&self, text: &'t str) -> Result<Vec<(Event<'t>, usize)>, Fault> {
        let options = Options::ENABLE_HEADING_ATTRIBUTES | Options::ENABLE_TABLES;
        let mut events = Vec::new();
        let mut plot = false;
        for (event, Range { start, .. }) in Parser::new_ext(text, options).into_offset_iter() {
            let line = line_of(text, start);
            let refused = |problem: &str| Err((line, problem.to_owned()));
            let event = match event {
                Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock) => {
                    return refused("raw HTML is refused: say it in Markdown");
                }
                Event::Start(Tag::Image { .. }) => return refused("images are refused: use a block ```plot"),
                Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
                    return refused("the title is in the front matter: begin with a heading of two #");
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    let dest_url = self.address(&dest_url).map_err(|problem| (line, problem))?;
                    Event::Start(Tag::Link { link_type, dest_url, title, id })
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &*language == "plot" => {
                    plot = true;
                    continue;
                }
                Event::Text(words) if plot => {
                    Event::Html(self.filler.plot(&words).map_err(|problem| (line, problem))?.into())
                }
                Event::End(TagEnd::CodeBlock) if plot => {
                    plot = false;
                    continue;
                }
                event => event,
            };
            events.push((event, line));
        }
        Ok(events)
    }

    fn address(&self, to: &str) -> Result<CowStr<'static>, String> {
        if let Some(settings) = to.strip_prefix("lab:") {
            link::experiment(settings)?;
            return Ok(format!("../../index.html#{settings}").into());
        }
        if let Some(path) = to.strip_suffix(".md") {
            let name = path.rsplit('/').next().unwrap_or(path);
            return match self.names.iter().any(|known| known == name) {
                true => Ok(format!("{name}.html").into()),
                false => Err(format!("there is no sheet {name}.md in this language")),
            };
        }
        match to.starts_with("https://") {
            true => Ok(to.to_owned().into()),
            false => Err(format!("\"{to}\" leads nowhere: a link is NAME.md, lab:SETTINGS or https://")),
        }
    }
}

fn written<'t>(events: impl IntoIterator<Item = (Event<'t>, usize)>) -> String {
    let mut text = String::new();
    html::push_html(&mut text, events.into_iter().map(|(event, _)| event));
    text
}
