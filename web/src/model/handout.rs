//! Links that a teacher hands out: the settings as they are, each student with another seed, and the panels to be seen.
//!
//! A link is an ordinary one: seeds and settings behind the `#` (`link`), language, panels (`embed`) and an exercise
//! (`exercise`) before it. What is hidden or locked is no secret: whoever edits the address sees more. Leaves out the drawing of codes' squares.

use hedgerow::judgement::experiment::Experiment;
use qrcodegen::{QrCode, QrCodeEcc};

use super::draft::{differing_settings, mode_of};
use super::exercise::{Asked, Exercise, spelled};
use crate::link::{self, LinkState};

/// Panels that a teacher can leave out, by their places on the page, in its order.
pub const PANELS: [&str; 9] =
    ["experiments", "rater", "predict", "settings", "outcomes", "scores", "figures", "answers", "credit"];
/// What every student needs.
const ALWAYS: &str = "controls";
/// A list has no more students.
pub const MOST_STUDENTS: usize = 60;

/// What is handed out.
#[derive(Debug, Clone, PartialEq)]
pub struct Handout {
    /// The panels to be seen; all of [`PANELS`] is the whole page.
    pub panels: Vec<&'static str>,
    /// The page's language; `None` leaves it to the student's browser.
    pub language: Option<String>,
    /// The exercise, and what it is asked for with; its own panels are to be seen then.
    pub exercise: Option<(Exercise, Asked)>,
    /// Students with a seed of their own each, by number; `None` is one link for all, with the seeds as they are.
    pub students: Option<usize>,
}

impl Handout {
    /// The links, one a student. `page` is the page's address without what is behind `?` or `#`; `seeds` are those that
    /// the site has, which go round among the students.
    pub fn links(&self, page: &str, experiment: &Experiment, seeds: &[u64]) -> Vec<String> {
        let before = self.before();
        let link = |experiment: Experiment| {
            if let Some((exercise, _)) = &self.exercise {
                // An exercise brings its own settings: a link that names others alone is longer.
                let is_own = self.students.is_none() && experiment == exercise.experiment();
                return if is_own {
                    format!("{page}{before}")
                } else {
                    format!("{page}{before}#{}", spelled(&experiment))
                };
            }
            let mode = mode_of(&experiment.arms);
            let fragment = link::fragment(&LinkState { experiment, mode, ..LinkState::default() }, None);
            // An address without a fragment opens with the page's own seed, which is what it says.
            if fragment.is_empty() { format!("{page}{before}") } else { format!("{page}{before}#{fragment}") }
        };
        match self.students {
            Some(students) if !seeds.is_empty() => {
                let seeds = seeds.iter().cycle().take(students.min(MOST_STUDENTS));
                seeds.map(|seed| link(Experiment { seeds: vec![*seed], ..experiment.clone() })).collect()
            }
            Some(_) | None => vec![link(experiment.clone())],
        }
    }

    /// The part of the address from the question mark on, if there is any.
    fn before(&self) -> String {
        let language = self.language.as_ref().map(|language| format!("lang={language}"));
        if let Some((_, asked)) = &self.exercise {
            let parts: Vec<String> = language.into_iter().chain([asked.written()]).collect();
            return format!("?{}", parts.join("&"));
        }
        let is_all = PANELS.iter().all(|panel| self.panels.contains(panel));
        let panels = (!is_all).then(|| {
            let shown = PANELS.into_iter().filter(|panel| self.panels.contains(panel));
            format!("embed={}", [ALWAYS].into_iter().chain(shown).collect::<Vec<_>>().join(","))
        });
        let parts: Vec<String> = language.into_iter().chain(panels).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

/// The paths of what a teacher had set before an exercise brought its own settings, and what is not so in it.
pub fn replaced(before: &Experiment, exercise: &Experiment) -> Vec<&'static str> {
    let seeds = (before.seeds != exercise.seeds).then_some("seeds");
    let world = (before.own_world != exercise.own_world).then_some("own_world");
    world.into_iter().chain(seeds).chain(differing_settings(before, exercise)).collect()
}

/// A text as a QR code: squares on a side, and the dark ones as a path of unit squares. `None` if it is too long.
pub fn qr(text: &str) -> Option<(i32, String)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let places = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
    let dark = places.filter(|(x, y)| code.get_module(*x, *y)).map(|(x, y)| format!("M{x} {y}h1v1h-1z"));
    Some((size, dark.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::embed::Embed;

    const PAGE: &str = "https://a.example/lab/";

    fn all() -> Handout {
        Handout { panels: PANELS.to_vec(), language: None, exercise: None, students: None }
    }

    #[test]
    fn every_student_has_another_seed_and_the_same_settings() {
        let mut experiment = Experiment::default();
        experiment.finetune.kl = 0.1;
        let handout = Handout { students: Some(5), ..all() };
        let links = handout.links(PAGE, &experiment, &[0, 3, 7]);
        let opened: Vec<Experiment> = links
            .iter()
            .map(|link| link::open(link.split_once('#').unwrap().1).state.expect("settings").experiment)
            .collect();
        assert_eq!(opened.iter().map(|own| own.seeds[0]).collect::<Vec<_>>(), [0, 3, 7, 0, 3]);
        assert!(opened.iter().all(|own| own.finetune.kl == 0.1));
        assert_eq!(Handout { students: Some(1_000), ..all() }.links(PAGE, &experiment, &[1]).len(), MOST_STUDENTS);
        assert_eq!(handout.links(PAGE, &experiment, &[]).len(), 1, "a site without models has one link");
    }

    #[test]
    fn a_link_says_which_panels_and_which_language() {
        let default = LinkState::default().experiment;
        assert_eq!(all().links(PAGE, &default, &[3]), [PAGE]);
        let handout = Handout { panels: vec!["outcomes", "predict"], language: Some("de".into()), ..all() };
        let links = handout.links(PAGE, &default, &[3]);
        assert_eq!(links, ["https://a.example/lab/?lang=de&embed=controls,predict,outcomes"]);
        let embed = Embed::read(links[0].split_once('?').map(|(_, search)| search).unwrap()).unwrap();
        assert!(embed.shows("controls") && embed.shows("predict") && !embed.shows("scores"));
    }

    #[test]
    fn an_exercise_makes_a_link_short_and_names_what_differs_from_it() {
        let json = r#"{"name":"one-seed","title":"T","goal":"G","level":"basic","minutes":9,"settings":"s=4&seeds=0",
            "panels":[],"locked":["rater"],"teacher":"","steps":[]}"#;
        let exercise: Exercise = serde_json::from_str(json).unwrap();
        let own = exercise.experiment();
        let asked = Asked { name: exercise.name.clone(), ..Asked::default() };
        let handout = Handout { exercise: Some((exercise, asked)), ..all() };
        assert_eq!(handout.links(PAGE, &own, &[0]), ["https://a.example/lab/?exercise=one-seed"]);
        // The page's own settings are not the exercise's, and have to be said.
        let page = LinkState::default().experiment;
        assert_eq!(
            handout.links(PAGE, &page, &[0]),
            ["https://a.example/lab/?exercise=one-seed#s=4&seeds=3&world=everyday"]
        );
        let each = Handout { students: Some(2), ..handout }.links(PAGE, &own, &[0, 3]);
        let seeds: Vec<u64> = each
            .iter()
            .map(|link| link::open(link.split_once('#').unwrap().1).state.expect("settings").experiment.seeds[0])
            .collect();
        assert_eq!(seeds, [0, 3]);
    }

    #[test]
    fn what_an_exercise_takes_the_place_of_is_named() {
        let own = Experiment::default();
        assert!(replaced(&own, &own).is_empty());
        let mut before = Experiment { seeds: vec![1, 2], ..own.clone() };
        before.finetune.kl = 0.5;
        assert_eq!(replaced(&before, &own), ["seeds", "finetune.kl"]);
        let before = LinkState::default().experiment;
        assert!(replaced(&before, &own).contains(&"own_world"), "the page opens with everyday facts");
    }

    #[test]
    fn a_code_has_its_three_corners() {
        let (size, path) = qr(PAGE).unwrap();
        // Version 2, 25 squares a side, or a neighbour.
        assert!([21, 25, 29].contains(&size), "{size}");
        for (x, y) in [(0, 0), (size - 1, 0), (0, size - 1)] {
            assert!(path.contains(&format!("M{x} {y}h")), "{x} {y}");
        }
        assert!(!path.contains(&format!("M{} {}h", 1, 1)), "the ring around a corner is light");
        assert_eq!(qr(&"x".repeat(5_000)), None);
    }
}
