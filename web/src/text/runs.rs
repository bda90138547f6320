//! A run in words: what it is, and what differs between two.
//!
//! Its words come with the panels that load later.

use hedgerow::documents::protocol::EngineKind;
use hedgerow::facts::world::Theme;
use hedgerow::judgement::experiment::{Arm, WorldId};
use hedgerow::judgement::rater::RaterPreset;

use super::later::later;
use super::{numbers, terms, text};
use crate::model::run::kind_of;
use crate::model::shelf::{Difference, Line, nearest};

/// Rater, arms, seeds, updates, engine, and what differs from the preset.
pub fn what(line: &Line) -> String {
    what_in(line, "")
}

/// The same, where the world of one's own has this name.
pub fn what_in(line: &Line, name: &str) -> String {
    let words = &later().shelf;
    let (preset, differences) = nearest(&line.experiment);
    let rater = match preset {
        RaterPreset::UncomfortableFacts => text().rater.uncomfortable_facts,
        RaterPreset::TouchyTopic => text().rater.touchy_topic,
    };
    let arms: Vec<String> = line.experiment.arms.iter().map(|arm| terms::arm(*arm).name.to_owned()).collect();
    let updates = words
        .updates(numbers::count(line.done as usize), words.of_updates.count(line.experiment.finetune.updates as usize));
    // Its name in files is for programs.
    let engine = match kind_of(&line.engine) {
        EngineKind::Cpu => text().engine.cpu,
        EngineKind::Gpu => text().engine.gpu,
    };
    let mut parts =
        vec![rater.to_owned(), arms.join(", "), terms::seeds(&line.experiment.seeds), updates, engine.to_owned()];
    parts.extend(differences.iter().map(|own| {
        let is_named = matches!(own, Difference::World(_, Some(WorldId::Own(_)))) && !name.is_empty();
        let world = || format!("{} ({name})", text().experiments.own_world);
        if is_named { words.is(text().experiments.world, world()) } else { difference(own, false) }
    }));
    if line.changed {
        parts.push(words.changed.to_owned());
    }
    parts.join(" · ")
}

/// What differs, with both values if `both`, or else with the second.
pub fn difference(difference: &Difference, both: bool) -> String {
    let words = &later().shelf;
    let arms = |arms: &[Arm]| arms.iter().map(|arm| terms::arm(*arm).name.to_owned()).collect::<Vec<_>>().join(", ");
    let (name, first, second) = match difference {
        Difference::Arms(one, other) => (words.arms.to_owned(), arms(one), arms(other)),
        Difference::Seeds(one, other) => {
            return words.from_to("", terms::seeds(one), terms::seeds(other)).trim().to_owned();
        }
        Difference::Number(path, one, other) => {
            ((*text().setting_names.get(path)).to_owned(), numbers::short(*one), numbers::short(*other))
        }
        Difference::Choice(path) => {
            return match *path {
                "finetune.algorithm" => text().settings.algorithm,
                "finetune.baseline" => text().settings.baseline,
                _ => words.reward_model,
            }
            .to_owned();
        }
        Difference::RewardModel => return words.reward_model.to_owned(),
        Difference::World(one, other) => (text().experiments.world.to_owned(), world(*one), world(*other)),
    };
    if both { words.from_to(name, first, second) } else { words.is(name, second) }
}

/// What the facts of a world are about.
fn world(world: Option<WorldId>) -> String {
    let words = &text().experiments;
    match WorldId::theme(world) {
        Ok(Theme::Groups) => words.groups.to_owned(),
        Ok(Theme::Everyday) => words.everyday.to_owned(),
        // Two of them are told apart by what a link calls them.
        Err(own) => format!("{} ({own})", words.own_world),
    }
}

#[cfg(test)]
mod tests {
    use hedgerow::documents::report::RunReport;
    use hedgerow::judgement::experiment::Experiment;

    use super::*;
    use crate::model::shelf::line;

    #[test]
    fn a_run_s_world_is_called_what_the_page_calls_it() {
        crate::text::speak_english();
        crate::text::later::speak_english();
        let said = |own_world| {
            let experiment = Experiment { own_world, ..Experiment::preset(RaterPreset::UncomfortableFacts) };
            what(&line(&RunReport::empty(experiment, "CPU".into(), "1".into())))
        };
        assert!(!said(None).contains("Facts about"), "{}", said(None));
        assert!(
            said(Some(WorldId::Everyday)).ends_with("Facts about everyday things"),
            "{}",
            said(Some(WorldId::Everyday))
        );
        assert!(
            said(Some(WorldId::Own(7))).contains("Facts about a world of your own"),
            "{}",
            said(Some(WorldId::Own(7)))
        );
        let experiment =
            Experiment { own_world: Some(WorldId::Own(7)), ..Experiment::preset(RaterPreset::UncomfortableFacts) };
        let said = what_in(&line(&RunReport::empty(experiment, "CPU".into(), "1".into())), "Weather and rocks");
        assert!(said.contains("(Weather and rocks)") && !said.contains("0007"), "{said}");
    }
}
