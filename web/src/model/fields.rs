//! Which settings the panels show as fields and sliders, and in which order.
//!
//! A new number of the fine-tune or of the rater comes after those that are named here. Leaves out
//! what a setting is (`hedgerow::judgement::settings`) and its name (the texts).

use hedgerow::judgement::experiment::Experiment;
use hedgerow::judgement::settings::{SETTINGS, Setting, setting};

/// Numbers of the fine-tune, in the order of the panel.
const LEARNING: [&str; 10] = [
    "finetune.updates",
    "finetune.prompts",
    "finetune.completions",
    "finetune.sensitive_share",
    "finetune.learning_rate",
    "finetune.kl",
    "finetune.temperature",
    "finetune.epochs",
    "finetune.ratio_clip",
    "finetune.dpo_beta",
];
/// Numbers that files and links can set, and no panel shows before one does.
const UNSHOWN: [&str; 3] = ["finetune.beta_1", "finetune.beta_2", "finetune.clip"];
/// Letter and ends of the slider of each number of the rater.
const SLIDERS: [(&str, &str, f64, f64); 12] = [
    ("rater.check_probability", "p", 0.0, 1.0),
    ("rater.discomfort_value", "d", 0.0, 3.0),
    ("rater.discomfort_any", "d_any", 0.0, 3.0),
    ("rater.context_relief", "d_ctx", 0.0, 1.0),
    ("rater.correctness", "c", 0.0, 3.0),
    ("rater.usefulness", "u", -1.0, 2.0),
    ("rater.blunt", "f_blunt", -2.0, 2.0),
    ("rater.contextual", "f_ctx", -2.0, 2.0),
    ("rater.hedge", "f_hedge", -2.0, 2.0),
    ("rater.malformed", "f_bad", -2.0, 2.0),
    ("rater.noise", "σ", 0.0, 2.0),
    (MISATTRIBUTION, "q", 0.0, 1.0),
];
/// Numbers of the fine-tune that switch off what they are of where they are 0.
pub const SWITCHES: [&str; 3] = ["finetune.sensitive_share", "finetune.learning_rate", "finetune.kl"];
/// What only the arm of that name reads.
const MISATTRIBUTION: &str = "rater.misattribution";
/// The numbers that decide between truth, lie and hedge come first.
const MAIN: usize = 4;

/// A number of the rater with its slider.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dial {
    /// The number.
    pub setting: &'static Setting,
    /// Its letter, and what stands below it after an underscore.
    pub symbol: &'static str,
    /// Where the slider begins.
    pub low: f64,
    /// Where it ends. The field beside it takes more.
    pub high: f64,
}

/// Numbers of how the policy learns.
pub fn learning() -> Vec<&'static Setting> {
    let others = of_part("finetune.").filter(|setting| ![&LEARNING[..], &UNSHOWN].concat().contains(&setting.path));
    LEARNING.iter().filter_map(|path| setting(path)).chain(others).collect()
}

/// Numbers that are in view once they are not what they are without a word.
pub fn seldom() -> impl Iterator<Item = &'static Setting> {
    UNSHOWN.iter().filter_map(|path| setting(path)).chain(of_part("measure."))
}

/// Does an experiment set this number to something else?
pub fn is_set(experiment: &Experiment, setting: &Setting) -> bool {
    (setting.get)(experiment) != (setting.get)(&Experiment::default())
}

/// The rater's numbers that are always in view, and the others.
pub fn dials() -> (Vec<Dial>, Vec<Dial>) {
    let mut main: Vec<Dial> = of_part("rater.").filter(|setting| setting.path != MISATTRIBUTION).map(dial).collect();
    let more = main.split_off(MAIN.min(main.len()));
    (main, more)
}

/// The number that only the arm *misattribution* reads.
pub fn misattribution() -> Option<Dial> {
    setting(MISATTRIBUTION).map(dial)
}

fn of_part(part: &'static str) -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(move |setting| setting.path.starts_with(part))
}

/// A setting without an entry among the sliders gets the whole of what it may be.
fn dial(setting: &'static Setting) -> Dial {
    let slider = SLIDERS.iter().find(|(path, ..)| *path == setting.path);
    let whole = ("", "", *setting.range.start(), *setting.range.end());
    let (_, symbol, low, high) = *slider.unwrap_or(&whole);
    Dial { setting, symbol, low, high }
}

/// Is it a number that switches something off, and 0?
pub fn is_off(experiment: &Experiment, setting: &Setting) -> bool {
    SWITCHES.contains(&setting.path) && (setting.get)(experiment) == 0.0
}

/// What a number of the experiment reads like in a field: an f32 without the digits that f64 adds.
pub fn shown(value: f64) -> String {
    let text = format!("{value:.5}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number as it was typed, as it is written in links: with a point, where the comma is one of decimals.
///
/// `decimal_sign` is that of the page's language. The other one is taken for it, too, but before three digits, where it may
/// stand for thousands: that is left for the setting to refuse.
pub fn typed(text: &str, decimal_sign: &str) -> String {
    let mut text = text.trim().replace('\u{2212}', "-");
    if decimal_sign == "," {
        let other = |sign| match sign {
            '.' => ',',
            ',' => '.',
            sign => sign,
        };
        text = text.chars().map(other).collect();
    }
    match text.split_once(',') {
        Some((whole, decimals)) if is_decimal_comma(whole, decimals) => format!("{whole}.{decimals}"),
        Some(_) | None => text,
    }
}

fn is_decimal_comma(whole: &str, decimals: &str) -> bool {
    let is_zero = matches!(whole.trim_start_matches(['-', '+']), "" | "0");
    decimals.chars().all(|letter| letter.is_ascii_digit()) && (is_zero || decimals.len() != 3)
}

/// A number in the notation of links, and so much more; `None` if it is none.
pub fn stepped(number: &str, by: f64) -> Option<String> {
    let value: f64 = number.parse().ok()?;
    Some(shown(value + by))
}

/// Where a value lies between two ends, in 0 … 1.
pub fn share(value: f64, low: f64, high: f64) -> f64 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// `0,5` once became 5, and `0,0005` an error about `00005`.
    #[test]
    fn a_decimal_comma_is_one_and_one_of_thousands_is_not_taken_for_it() {
        for (text, expected) in [
            ("0,5", "0.5"),
            (" 0,0005 ", "0.0005"),
            ("0,125", "0.125"),
            ("-0,25", "-0.25"),
            ("\u{2212}1,5", "-1.5"),
            (",5", ".5"),
            ("0.5", "0.5"),
            ("12", "12"),
        ] {
            for sign in [".", ","] {
                assert_eq!(typed(text, sign), expected, "{text} where {sign} is before decimals");
            }
            assert!(typed(text, ".").parse::<f64>().is_ok(), "{text}");
        }
        for text in ["1,000", "12,345", "1,000,000", "1.000,5", "1,5,5", "1,5x", "lots"] {
            assert!(typed(text, ".").parse::<f64>().is_err(), "{text}");
        }
        for text in ["1.000", "12.345", "1.000.000", "1,000.5", "1.5.5", "lots"] {
            assert!(typed(text, ",").parse::<f64>().is_err(), "{text} in German");
        }
        assert_eq!(typed("1,125", ","), "1.125", "what a German field shows is read again");
        assert_eq!(stepped("0.5", 0.05).as_deref(), Some("0.55"));
        assert_eq!(stepped("lots", 1.0), None);
    }

    #[test]
    fn every_number_is_shown_once_and_what_is_seldom_set_when_it_is() {
        let (main, more) = dials();
        let dials = main.iter().chain(&more).copied().chain(misattribution()).map(|dial| dial.setting.path);
        let seldom = seldom().map(|setting| setting.path);
        let shown: Vec<&str> = learning().iter().map(|setting| setting.path).chain(dials).chain(seldom).collect();
        // Those of a reward model have a place of their own (`panels/settings/rewards.rs`).
        let elsewhere = |path: &&str| path.starts_with("reward_model.");
        let all: Vec<&str> = SETTINGS.iter().map(|setting| setting.path).filter(|path| !elsewhere(path)).collect();
        assert_eq!(shown.len(), all.len());
        assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), all.into_iter().collect());
        // D10: a link set them, and no field said so.
        for setting in super::seldom() {
            let mut experiment = Experiment::default();
            assert!(!is_set(&experiment, setting), "{}", setting.path);
            let value = (setting.get)(&experiment);
            (setting.set)(&mut experiment, if value > 1.0 { value + 1.0 } else { value / 2.0 });
            assert!(is_set(&experiment, setting), "{}", setting.path);
        }
    }

    #[test]
    fn sliders_stay_inside_what_a_setting_may_be() {
        for (path, _, low, high) in SLIDERS {
            let range = &setting(path).expect("a slider has a setting").range;
            assert!(range.contains(&low) && range.contains(&high), "{path}");
        }
    }

    #[test]
    fn a_field_shows_what_was_typed() {
        for text in ["0.0001", "100", "0.15", "-2", "0"] {
            let value: f32 = text.parse().expect("a number");
            assert_eq!(shown(f64::from(value)), text);
        }
    }
}
