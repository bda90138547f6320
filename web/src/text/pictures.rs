//! From a run to the pictures of its charts, with all words.
//!
//! Its words come with the panels that load later. Leaves out how a picture is drawn (`model::picture`).

use hedgerow::documents::named_facts::{NamedFact, NamedFacts};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;

use super::later::later;
use super::runs::what;
use super::{language, numbers, outcomes, terms, text};
use crate::model::answers::Kind;
use crate::model::fact_cells::{Fates, blocks, fates};
use crate::model::figures::{Drawing, together};
use crate::model::look::look_in_run;
use crate::model::outcomes::stacks;
use crate::model::overlay::drawing;
use crate::model::own_world::WorldName;
use crate::model::picture::layers::StackDrawing;
use crate::model::picture::lines::Curve;
use crate::model::picture::{Picture, Plot, Sheet, layers, lines, squares};
use crate::model::run::chosen_seed;
use crate::model::series::{Courses, Drawn, Line, smoothing};
use crate::model::shelf;

/// A run and how it is looked at.
pub struct Shown<'run> {
    /// The run.
    pub report: &'run RunReport,
    /// One seed alone, where a chart can show one.
    pub seed: Option<u64>,
    /// The update whose labels are shown; the latest without one.
    pub at: Option<u32>,
    /// What the facts of the site's worlds are called.
    pub facts: &'run [NamedFacts],
    /// Where its settings open.
    pub link: String,
}

impl Shown<'_> {
    /// What the run is. A world of somebody's own has its name: nobody knows it by its number.
    pub fn what(&self) -> String {
        let name = self.facts.first().map(|own| own.world.clone());
        let world = self.report.experiment.own_world.zip(name);
        what(&shelf::line(self.report), world.as_slice())
    }
}

/// A chart as a picture; `None` if the run does not have it, or a fact has no name.
pub fn sheet(picture: Picture, shown: &Shown<'_>) -> Option<Sheet> {
    match picture {
        Picture::Outcomes => Some(great_figure(shown)),
        Picture::Chart(quantity) => Some(chart(quantity, shown)),
        Picture::Facts => facts(shown),
    }
}

/// The sheet without a chart. `seed` is the only one that is drawn.
fn empty(shown: &Shown<'_>, title: &str, seed: Option<u64>) -> Sheet {
    let (words, report) = (&later().pictures, shown.report);
    let seed = seed.filter(|_| report.experiment.seeds.len() > 1).map(|seed| words.seed(seed));
    let changes = (0..report.changes.len()).map(|place| terms::change(report, place));
    let mut made = vec![words.settings(shown.what())];
    made.extend(changes);
    made.extend(seed);
    made.extend([words.build(&report.build), words.link.to_owned()]);
    Sheet {
        language: language(),
        title: title.to_owned(),
        about: Vec::new(),
        plots: Vec::new(),
        caption: Vec::new(),
        made,
        links: vec![shown.link.clone()],
    }
}

fn great_figure(shown: &Shown<'_>) -> Sheet {
    let (words, report) = (&text().outcomes, shown.report);
    let seed = shown.seed.filter(|seed| report.experiment.seeds.contains(seed));
    let stacks = stacks(report, seed);
    let drawn =
        layers::Words { updates: words.updates, percent: numbers::percent, count: numbers::count, layer: terms::layer };
    let caption = outcomes::results(report, &stacks);
    let (updates, every) = (report.experiment.finetune.updates, report.experiment.measure.every);
    let changes = terms::changes(report);
    let plot = |stack: crate::model::outcomes::Stack| {
        let title = terms::course(stack.arms);
        layers::plot(title, &StackDrawing { stack, updates, every, changes: changes.clone() }, shown.at, drawn)
    };
    let labelled = shown.at.map(|update| later().pictures.after(numbers::count(update as usize)));
    Sheet {
        about: [Some(words.about.to_owned()), labelled].into_iter().flatten().collect(),
        plots: stacks.into_iter().map(plot).collect(),
        caption,
        ..empty(shown, words.title, seed)
    }
}

/// A chart's name with what it is about: tells it from those of the same title.
pub fn chart_title(quantity: Quantity, title: &str) -> String {
    let about = match quantity {
        Quantity::Rate(_, slice) => terms::slice(slice).name,
        Quantity::Probe(_, facts, _) => terms::probe_facts(facts),
        Quantity::Number(_) | Quantity::Diagnosis(_) => return title.to_owned(),
    };
    text().figures.about(title, about)
}

fn chart(quantity: Quantity, shown: &Shown<'_>) -> Sheet {
    let (words, report, entry) = (&text().figures, shown.report, terms::entry(quantity, shown.report.choices()));
    let lines = together(quantity)
        .into_iter()
        .flat_map(|own| Courses::default().lines(Drawn::Run(0, 0), report, own))
        .collect();
    let updates = report.experiment.finetune.updates;
    let mut drawing = Drawing::of(Some((report, lines)), updates, quantity, entry.chance_level);
    drawing.changes = terms::changes(report);
    let smoothed = smoothing(quantity, updates).map(|count| words.smoothed(count));
    // Where each arm ends, in numbers.
    let end = |line: &crate::model::series::Line| {
        let last = line.points.last()?;
        let value = last.estimate.map_or_else(numbers::nothing, |estimate| numbers::estimate(estimate, quantity));
        Some((last.update, words.value(terms::line(&drawing, line), value)))
    };
    let ends: Vec<_> = drawing.lines.iter().filter_map(end).collect();
    let last = ends.iter().map(|(update, _)| *update).max();
    let ends: Vec<String> = ends.into_iter().map(|(_, end)| end).collect();
    let ends = last.map(|update| format!("{}: {}.", words.at_update(update), ends.join("; ")));
    let [meaning, chance] = terms::meaning(quantity, report.choices());
    let layer = match quantity {
        Quantity::Probe(_, _, layer) => Some(words.layer_number(layer)),
        Quantity::Rate(..) | Quantity::Number(_) | Quantity::Diagnosis(_) => None,
    };
    Sheet {
        about: [Some(entry.text.formula.to_owned()), layer, smoothed].into_iter().flatten().collect(),
        plots: vec![lines::plot(&drawing, terms::line, of_lines())],
        caption: ends.into_iter().chain([meaning, chance]).collect(),
        ..empty(shown, &chart_title(quantity, entry.text.title), None)
    }
}

/// What is written into lines.
fn of_lines() -> lines::Words {
    let words = &text().figures;
    lines::Words {
        chance: words.chance,
        updates: words.updates,
        percent: numbers::percent,
        number: numbers::short,
        count: numbers::count,
    }
}

/// A run among others.
pub struct Compared<'run> {
    /// What it is called there.
    pub name: String,
    /// The run.
    pub report: &'run RunReport,
    /// Where its settings open.
    pub link: String,
}

/// The curves of runs over one another, and what they are curves of.
pub fn overlay(quantity: Quantity, runs: &[Compared<'_>]) -> (String, Plot) {
    let reports: Vec<&RunReport> = runs.iter().map(|run| run.report).collect();
    let entry = terms::entry(quantity, reports[0].choices());
    let (drawing, of) = drawing(&reports, quantity, entry.chance_level);
    let curve = |(line, run): (_, &usize)| {
        let line: &Line = line;
        let name = later().shelf.of_run(&runs[*run].name, terms::arm(line.arm).name);
        Curve { name, look: look_in_run(line.arm, *run), line }
    };
    let plot = lines::curves(&drawing, &drawing.lines.iter().zip(&of).map(curve).collect::<Vec<_>>(), of_lines());
    (chart_title(quantity, entry.text.title), plot)
}

/// The same as a picture. The settings and the build of each run are on it.
pub fn comparison(quantity: Quantity, runs: &[Compared<'_>], worlds: &[WorldName]) -> Sheet {
    let (words, entry) = (&later().pictures, terms::entry(quantity, runs[0].report.choices()));
    let (title, plot) = overlay(quantity, runs);
    let longest = runs.iter().map(|run| run.report.experiment.finetune.updates).max().unwrap_or(0);
    let smoothed = smoothing(quantity, longest).map(|count| text().figures.smoothed(count));
    let [meaning, _] = terms::meaning(quantity, runs[0].report.choices());
    let of_run = |run: &Compared<'_>| {
        let own = words.settings(what(&shelf::line(run.report), worlds));
        [later().shelf.of_run(&run.name, own), words.build(&run.report.build)].join(" ")
    };
    Sheet {
        language: language(),
        title,
        about: [Some(entry.text.formula.to_owned()), smoothed].into_iter().flatten().collect(),
        plots: vec![plot],
        caption: vec![later().shelf.curves_about.to_owned(), meaning],
        made: runs.iter().map(of_run).chain([words.links.to_owned()]).collect(),
        links: runs.iter().map(|run| run.link.clone()).collect(),
    }
}

fn facts(shown: &Shown<'_>) -> Option<Sheet> {
    let (words, report) = (&later().facts, shown.report);
    let seed = chosen_seed(report, shown.seed)?;
    let named: &[NamedFact] = &shown.facts.iter().find(|own| own.seed == seed)?.facts;
    let became = fates(report, named, Some(seed), shown.at);
    let last = became.iter().map(|own| own.update).max()?;
    let blocks: Vec<_> = blocks(named)
        .into_iter()
        .map(|(kind, places): (Kind, _)| (*text().answers.kinds.get(kind.id()), places))
        .collect();
    let squares = |own: &Fates| squares::plot(terms::course(own.arms), &blocks, &own.now);
    let heads: Vec<String> = became.iter().map(|own| terms::course(own.arms)).collect();
    let of = |before: usize, now: usize| later().pictures.before_now(numbers::count(before), numbers::count(now));
    let legend = squares::legend(&heads, &became, |fate| words.fates.get(fate.id()), of);
    Some(Sheet {
        about: vec![text().outcomes.at_update(numbers::count(last as usize))],
        plots: became.iter().map(squares).chain([legend]).collect(),
        caption: vec![words.about.to_owned(), words.rule.to_owned()],
        ..empty(shown, text().page.facts, Some(seed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use hedgerow::documents::metrics::{Metric, Number, Slice};
    use hedgerow::judgement::experiment::WorldId;

    fn recorded() -> RunReport {
        let gz = include_bytes!("../../../public/recorded/attribution.json.gz");
        serde_json::from_reader(GzDecoder::new(gz.as_slice())).expect("a run")
    }

    fn svg(picture: Picture, report: &RunReport, seed: Option<u64>) -> String {
        crate::text::speak_english();
        crate::text::later::speak_english();
        let link = "https://example.org/#s=4&seeds=0".to_owned();
        let shown = Shown { report, seed, at: None, facts: &[], link };
        sheet(picture, &shown).expect("a picture").svg().0
    }

    /// Every picture can be understood without the page: who is compared, with which seeds, by what, and where to run it again.
    #[test]
    fn a_picture_says_what_was_computed_and_how_it_ended() {
        let report = recorded();
        let lies = Quantity::Rate(Metric::Lies, Slice::Uncomfortable);
        for picture in [Picture::Outcomes, Picture::Chart(lies), Picture::Chart(Quantity::Number(Number::Scalar))] {
            let svg = svg(picture, &report, None);
            let flat = svg
                .replace("</text>", " ")
                .split('<')
                .filter_map(|part| part.split_once('>'))
                .map(|(_, words)| words)
                .collect::<Vec<_>>()
                .join(" ");
            for arm in &report.experiment.arms {
                assert!(flat.contains(terms::arm(*arm).name), "{picture:?}: {arm:?}");
            }
            for words in ["Seeds 0, 1", &report.build, "https://example.org/#s=4&amp;seeds=0", "Settings: "] {
                assert!(flat.contains(words), "{picture:?} lacks {words}: {flat}");
            }
            assert!(!svg.contains("var(") && !svg.contains("class="), "{picture:?} needs a style sheet");
        }
    }

    #[test]
    fn the_numbers_of_a_chart_are_those_of_its_lines() {
        let (report, lies) = (recorded(), Quantity::Rate(Metric::Lies, Slice::Uncomfortable));
        let svg = svg(Picture::Chart(lies), &report, None);
        let lines = Courses::default().lines(Drawn::Run(0, 0), &report, lies);
        for line in lines {
            let end = numbers::estimate(line.points.last().unwrap().estimate.unwrap(), lies);
            assert!(svg.contains(&end), "{end}");
        }
    }

    /// A comparison can be understood without the page as well: each run's curves, settings and link.
    #[test]
    fn a_picture_of_a_comparison_says_of_each_run_what_it_is() {
        crate::text::speak_english();
        crate::text::later::speak_english();
        let one = recorded();
        let mut other = one.clone();
        other.experiment.rater.check_probability = 0.9;
        other.build = "another".into();
        other.experiment.own_world = Some(WorldId::Own(7));
        let runs = [("1 first", &one), ("2 second", &other)].map(|(name, report)| Compared {
            name: name.into(),
            report,
            link: format!("https://example.org/#{}", &name[2..]),
        });
        let lies = Quantity::Rate(Metric::Lies, Slice::Uncomfortable);
        let sheet = comparison(lies, &runs, &[(WorldId::Own(7), "Weather and rocks".into())]);
        let (svg, _) = sheet.svg();
        for words in ["https://example.org/#first", "https://example.org/#second"] {
            assert!(svg.contains(&format!(r#"href="{words}""#)), "{words}");
        }
        assert!(
            sheet.made[1].starts_with("2 second: ") && sheet.made[1].contains("Checks facts 0.9"),
            "{:?}",
            sheet.made
        );
        assert!(sheet.made[1].contains("(Weather and rocks)"), "{:?}", sheet.made);
        assert!(sheet.made[1].contains("another") && !sheet.made[0].contains("another"));
        // As many curves as arms of both, none of them in the page's colours of now.
        assert_eq!(svg.matches(r#"stroke-width="2.5""#).count(), 2 * one.experiment.arms.len());
        assert!(!svg.contains("var("));
    }

    #[test]
    fn a_picture_of_one_seed_says_so() {
        let report = recorded();
        assert!(svg(Picture::Outcomes, &report, Some(1)).contains("Only seed 1 is drawn."));
        assert!(!svg(Picture::Outcomes, &report, None).contains("Only seed"));
    }
}
