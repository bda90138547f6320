//! A run in words: what it is, and what differs between two.
//!
//! Its words come with the panels that load later.

use hedgerow::documents::protocol::EngineKind;
use hedgerow::facts::world::Theme;
use hedgerow::judgement::experiment::{Arm, WorldId};
use hedgerow::judgement::rater::RaterPreset;

use super::later::later;
use super::{numbers, terms, text};
use crate::model::own_world::WorldName;
use crate::model::run::kind_of;
use crate::model::shelf::{Difference, Line, nearest};

/// Rater, arms, seeds, updates, engine, and what differs from the preset.
pub fn what(line: &Line, worlds: &[WorldName]) -> String {
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
    parts.extend(differences.iter().map(|own| difference(own, worlds, false)));
    if line.changed {
        parts.push(words.changed.to_owned());
    }
    parts.join(" · ")
}

/// What differs, with both values if `both`, or else with the second.
pub fn difference(difference: &Difference, worlds: &[WorldName], both: bool) -> String {
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
        Difference::World(one, other) => {
            (text().experiments.world.to_owned(), world(*one, worlds), world(*other, worlds))
        }
    };
    if both { words.from_to(name, first, second) } else { words.is(name, second) }
}

/// What the facts of a world are about.
fn world(world: Option<WorldId>, worlds: &[WorldName]) -> String {
    let words = &text().experiments;
    match WorldId::theme(world) {
        Ok(Theme::Groups) => words.groups.to_owned(),
        Ok(Theme::Everyday) => words.everyday.to_owned(),
        Err(own) => {
            let name = worlds.iter().find(|(id, _)| *id == own).map(|(_, name)| name.clone());
            // One that is not here is told apart by what a link calls it.
            format!("{} ({})", words.own_world, name.unwrap_or_else(|| own.to_string()))
        }
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
            what(&line(&RunReport::empty(experiment, "CPU".into(), "1".into())), &[])
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
    }

    /// Rows of the shelf and what differs between two runs named it by its number, and only pictures by its name.
    #[test]
    fn a_world_of_one_s_own_is_called_by_its_name_and_by_its_number_if_it_is_not_here() {
        crate::text::speak_english();
        crate::text::later::speak_english();
        let own_world = Some(WorldId::Own(7));
        let experiment = Experiment { own_world, ..Experiment::preset(RaterPreset::UncomfortableFacts) };
        let line = line(&RunReport::empty(experiment, "CPU".into(), "1".into()));
        let names = [(WorldId::Own(8), "Sheep".to_owned()), (WorldId::Own(7), "Weather and rocks".to_owned())];
        let from = Difference::World(Some(WorldId::Own(8)), own_world);
        for said in [what(&line, &names), difference(&from, &names, true)] {
            assert!(said.contains("(Weather and rocks)") && !said.contains("0007"), "{said}");
        }
        assert!(difference(&from, &names, true).contains("(Sheep)"));
        assert!(difference(&from, &names[..1], true).contains("(0000000000000007)"));
    }
}
