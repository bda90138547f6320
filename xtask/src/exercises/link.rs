//! The settings of an exercise: the readable part of a link to the lab, `s=4&rater=touchy-topic&seeds=0,3`.
//!
//! The page forgives a bad link and opens what it can; an exercise's link has to be right. Names and values are
//! those of the core's tables, so that a setting that is renamed there is missed here. Leaves out links of old and
//! the parts that belong to a visitor: engine and place.

use hedgerow::judgement::{
    experiment::{Arm, Experiment, RewardHeads, RewardModelConfig},
    rater::RaterPreset,
    settings::{Change, choice, setting},
};

/// What a lock can name besides a setting.
const LISTS: [&str; 5] = ["rater", "arms", "seeds", "reward_model", "view"];

/// The experiment that the lab runs for the link.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub(super) fn experiment(link: &str) -> Result<Experiment, String> {
    let mut parts = Vec::new();
    for part in link.split('&') {
        let (name, value) = part.split_once('=').ok_or_else(|| format!("\"{part}\" is no name=value"))?;
        if parts.iter().any(|(other, _)| *other == name) {
            return Err(format!("{name} is said twice: leave one out"));
        }
        parts.push((name, value));
    }
    if parts.first() != Some(&("s", "4")) {
        return Err("a link begins with s=4".into());
    }
    let preset = match parts.iter().find(|(name, _)| *name == "rater") {
        None => RaterPreset::UncomfortableFacts,
        Some((_, id)) => RaterPreset::ALL.into_iter().find(|preset| preset.id() == *id).ok_or_else(|| {
            format!("rater is {}, and not \"{id}\"", RaterPreset::ALL.map(RaterPreset::id).join(" or "))
        })?,
    };
    let mut experiment = Experiment::preset(preset);
    for (name, value) in &parts[1..] {
        apply(&mut experiment, name, value)?;
    }
    experiment.validate().map_err(|fault| format!("{link} cannot be run: {fault}"))?;
    Ok(experiment)
}

fn apply(experiment: &mut Experiment, name: &str, value: &str) -> Result<(), String> {
    match name {
        "rater" => {}
        "view" if ["side-by-side", "single"].contains(&value) => {}
        "view" => return Err(format!("view is side-by-side or single, and not \"{value}\"")),
        "arms" => experiment.arms = members(name, value, Arm::from_id)?,
        "seeds" => experiment.seeds = members(name, value, |seed| seed.parse().ok())?,
        "reward_model" => {
            let heads = match value {
                "scalar" => RewardHeads::Scalar,
                "reasons" => RewardHeads::Reasons,
                _ => return Err(format!("reward_model is scalar or reasons, and not \"{value}\"")),
            };
            let ratings = setting("reward_model.ratings").map_or(0.0, |setting| (setting.get)(experiment));
            experiment.reward_model = Some(RewardModelConfig { ratings: ratings as u32, heads });
        }
        _ if !is_setting(name) => {
            return Err(format!("there is no setting \"{name}\": docs/SCHEMA.md has a table of all"));
        }
        _ => Change::parse(name, value).map_err(|fault| fault.to_string())?.apply(experiment),
    }
    Ok(())
}

fn members<T>(name: &str, value: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    let member = |text| read(text).ok_or_else(|| format!("\"{text}\" is none of the {name} that there are"));
    value.split(',').map(member).collect()
}

fn is_setting(name: &str) -> bool {
    setting(name).is_some() || choice(name).is_some()
}

/// Is it something that a link can set, and an exercise can lock?
pub(super) fn can_be_locked(name: &str) -> bool {
    LISTS.contains(&name) || is_setting(name)
}
